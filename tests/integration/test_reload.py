"""A service that runs takes changed files as they are, keeps what it had when they are wrong, and says so."""

import os
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from service.bootstrap import Detente, shipped
from service.config import reading
from service.daemon import Daemon
from service.domain.alerting.rule import State
from service.operations import present
from service.operations.status import problems, status
from service.pipeline.score import enter
from tests.contract.test_articles import an_event
from tests.contract.test_ledger import report
from tests.fakes import FakeQueue, article
from workers import base

DYAD = "dyad:IRN-PAK"
RULES = """rules:
  - name: level
    kind: LEVEL
    subjects: ["dyad:*"]
    steps: [{enter: ENTER, leave: 1, severity: warning}]
    annotations: {summary: "{{ name }} at {{ level }}"}
"""


def rules(enter: float) -> str:
    return RULES.replace("ENTER", str(enter))


@pytest.fixture
def detente(tmp_path: Path, migrated: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Detente]:
    """A service on files of its own, with one incident booked."""
    monkeypatch.setattr(reading, "SETTLE", 0.01)
    config = tmp_path / "config"
    config.mkdir()
    for name in ("detente.yaml", "routes.yaml"):
        shutil.copy(shipped("config") / name, config)
    (config / "sources.yaml").write_text("publishers: []\nfeeds: []\n", encoding="utf-8")
    (config / "rules.yaml").write_text(rules(99), encoding="utf-8")
    (tmp_path / "data").mkdir()
    shutil.copy(migrated, tmp_path / "data" / "detente.db")
    made = Detente(config, {"data_dir": tmp_path / "data"})
    made.queue = FakeQueue()  # type: ignore[misc]
    yield made
    made.close()


def bring(detente: Detente) -> None:
    now = detente.clock.now()
    with detente.units(serial=True) as unit:
        for n in range(3):
            unit.articles.add(article(f"a{n}", at=now), "test", f"h{n}")
            unit.articles.save_events(f"a{n}", [an_event(f"a{n}", at=now)])
        enter([report(n) for n in range(3)], unit, detente.gazetteer.geography, now)


def alerts(detente: Detente) -> dict[str, Any]:
    with detente.units(read_only=True) as unit:
        return {alert.rule: alert for alert in unit.alerts.for_subjects([DYAD])}


def warnings(detente: Detente) -> list[str]:
    found = status(detente.units, detente.queue, lambda: True)
    assert not any("configuration" in problem for problem in problems(detente.units, detente.queue, lambda: True))
    assert present.status(found, {})["warnings"] == found.warnings
    return found.warnings


def write(detente: Detente, text: str, name: str = "rules.yaml") -> None:
    (detente.config_dir / name).write_text(text, encoding="utf-8")


def test_a_changed_rule_decides_at_the_next_evaluation(detente: Detente) -> None:
    bring(detente)
    detente.renew(at_once=True)
    detente.evaluate()
    assert alerts(detente) == {}
    write(detente, rules(5))
    bring_again(detente)
    detente.evaluate()
    assert alerts(detente) == {}, "nobody looked at the files"
    detente.renew(at_once=True)
    bring_again(detente)
    detente.evaluate()
    found = alerts(detente)["level"]
    assert found.state is State.FIRING
    assert found.annotations == {"summary": f"Iran–Pakistan at {round(levels(detente), 1)}"}


def bring_again(detente: Detente) -> None:
    with detente.units() as unit:
        unit.ledger.mark_changed([DYAD], detente.clock.now())


def levels(detente: Detente) -> float:
    with detente.units(read_only=True) as unit:
        (transition,) = unit.outbox.course(alerts(detente)["level"].id).transitions
        return float(transition.level)


@pytest.mark.parametrize(
    ("name", "spoil", "says"),
    [
        ("rules.yaml", "rules:\n  - {name: level, ki", ":2: not valid YAML"),
        (
            "rules.yaml",
            RULES.replace("ENTER", "5").replace("dyad:*", "watch:gone"),
            ":4: rules.0.subjects.0: rule level:",
        ),
        (
            "rules.yaml",
            RULES.replace("ENTER", "5").replace("{{ name", "{{ nam"),
            ":6: rules.0.annotations.summary: rule",
        ),
        ("sources.yaml", "feeds: [{name: a}]\n", ":1: feeds.0: needs a url"),
        ("publishers.yaml", "publishers: 5\n", ":1: publishers: Input should be"),
        ("feeds.yaml", "feeds: [{name: x}]\n", ":1: feeds.0: needs a url"),
        (
            "watchlists.yaml",
            "watchlists: [{name: a, subjects: ['m49:999']}]\n",
            ":1: watchlists.0.subjects.0: watchlist a:",
        ),
        ("routes.yaml", "receivers: [{name: desk}]\n", ":1: receivers are given but no route"),
        ("rules.yaml", None, ": no such file any more"),
    ],
)
def test_what_is_wrong_is_shown_until_it_is_mended_and_the_old_set_goes_on(
    detente: Detente, name: str, spoil: str | None, says: str
) -> None:
    detente.renew(at_once=True)
    path = detente.config_dir / name
    good = path.read_text(encoding="utf-8") if path.exists() else ""
    assert warnings(detente) == []
    with capture_logs() as logs:
        if spoil is None:
            path.unlink()
        else:
            path.write_text(spoil, encoding="utf-8")
        detente.renew(at_once=True)
        detente.renew(at_once=True)
    (logged,) = (one for one in logs if one["log_level"] == "error")
    assert logged["mistakes"][0].startswith(f"{path}{says}")
    assert warnings(detente)[0].startswith(f"the changed configuration is not taken: {path}{says}")
    assert [rule.name for rule in detente.rules] == ["level"]
    assert detente.rules[0].steps[0].enter == 99
    detente.evaluate()
    path.write_text(good, encoding="utf-8")
    detente.renew(at_once=True)
    assert warnings(detente) == []


def test_a_configuration_that_is_wrong_from_the_start_is_shown_and_mended(detente: Detente) -> None:
    write(detente, "rules: [")
    detente.renew(at_once=True)
    assert "not valid YAML" in warnings(detente)[0]
    write(detente, rules(5))
    detente.renew(at_once=True)
    assert warnings(detente) == []
    assert detente.rules[0].steps[0].enter == 5


def test_what_an_earlier_process_noted_is_gone_when_all_is_well(detente: Detente) -> None:
    write(detente, "rules: [")
    detente.renew(at_once=True)
    write(detente, rules(5))
    later = Detente(detente.config_dir, {"data_dir": detente.data_dir})
    later.renew(at_once=True)
    assert warnings(detente) == []
    later.close()


def test_a_warning_is_noted_as_soon_as_the_database_is_back(detente: Detente) -> None:
    database = detente.data_dir / "detente.db"
    detente.renew(at_once=True)
    detente.close()
    database.rename(detente.data_dir / "away.db")
    write(detente, "rules: [")
    with capture_logs() as logs:
        detente.renew(at_once=True)
    assert [one["log_level"] for one in logs] == ["error", "warning"]
    for left in detente.data_dir.glob("detente.db*"):
        left.unlink()
    detente.close()
    (detente.data_dir / "away.db").rename(database)
    detente.renew(at_once=True)
    assert len(warnings(detente)) == 1


def test_feeds_that_are_added_are_polled(detente: Detente) -> None:
    detente.prepare_database()
    detente.renew(at_once=True)
    write(detente, "feeds: [{name: bbc, url: 'https://bbc.example/rss', publisher: BBC}]\n", "sources.yaml")
    detente.renew(at_once=True)
    with detente.units(read_only=True) as unit:
        assert [feed["id"] for feed in unit.feeds.health()] == ["bbc"]
    assert not detente.owner_of("BBC", "").is_quarantined
    write(detente, rules(5))
    detente.renew(at_once=True)
    with detente.units(read_only=True) as unit:
        assert [feed["id"] for feed in unit.feeds.health()] == ["bbc"]


def test_own_feeds_are_followed_while_the_service_runs(detente: Detente) -> None:
    def asked() -> dict[str, str]:
        with detente.units(read_only=True) as unit:
            return {feed["id"]: feed["url"] for feed in unit.feeds.health()}

    detente.prepare_database()
    listed = "feeds: [{name: a, url: 'https://a.example'}, {name: b, url: 'https://b.example'}]\n"
    write(detente, listed, "sources.yaml")
    write(detente, "feeds: [{name: c, url: 'https://c.example'}, {name: b, disabled: true}]\n", "feeds.yaml")
    detente.renew(at_once=True)
    assert asked() == {"a": "https://a.example", "c": "https://c.example"}
    write(detente, "feeds: [{name: a, url: 'https://new.example'}]\n", "feeds.yaml")
    detente.renew(at_once=True)
    assert asked() == {"a": "https://new.example", "b": "https://b.example"}
    write(detente, "feeds: [{name: a}]\n", "feeds.yaml")
    detente.renew(at_once=True)
    assert asked() == {"a": "https://new.example", "b": "https://b.example"}, "what is wrong is not taken"


def test_steps_go_by_the_configuration_of_now(detente: Detente) -> None:
    """Lines are put together once for each reading, not once for ever."""
    detente.renew(at_once=True)
    first = detente._lines
    detente._lines["x"] = []  # type: ignore[index]
    assert detente._lines is first
    write(detente, rules(5))
    detente.renew(at_once=True)
    assert detente._lines == {}


def test_an_evaluation_goes_by_one_reading(detente: Detente, monkeypatch: pytest.MonkeyPatch) -> None:
    bring(detente)
    detente.renew(at_once=True)
    seen = []

    def look(units: Any, rules: Any, *_: Any, **__: Any) -> list[str]:
        write(detente, RULES.replace("ENTER", "5"))
        other = threading.Thread(target=lambda: detente.renew(at_once=True))
        other.start()
        other.join()
        seen.append((rules[0].steps[0].enter, detente.rules[0].steps[0].enter))
        return []

    monkeypatch.setattr("service.bootstrap.evaluate", look)
    detente.evaluate()
    assert seen == [(99, 99)]
    assert detente.rules[0].steps[0].enter == 5


def test_every_task_looks_at_the_files_first(detente: Detente, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "detente", lambda: detente)
    write(detente, rules(7))
    found = []

    class Task(base.NudgedTask):
        name = "test"

        def run(self) -> None:
            found.append(detente.rules[0].steps[0].enter)

    assert detente.rules[0].steps[0].enter == 7
    write(detente, rules(8))
    Task()()
    assert found == [8]


def test_hang_up_makes_it_look_at_once_and_does_not_end_it(detente: Detente) -> None:
    daemon = Daemon(detente, api=False)
    detente.renew(at_once=True)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)}
    seen = []

    def hang_up() -> None:
        time.sleep(0.3)
        write(detente, rules(6))
        os.kill(os.getpid(), signal.SIGHUP)
        deadline = time.monotonic() + 20
        while not detente.queue.nudges and time.monotonic() < deadline:  # type: ignore[attr-defined]
            time.sleep(0.05)
        seen.append((detente.rules[0].steps[0].enter, detente.queue.nudges))  # type: ignore[attr-defined]
        daemon.stopping.set()

    other = threading.Thread(target=hang_up)
    other.start()
    try:
        daemon.run()
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    other.join()
    assert seen == [(6, [("assess", ())])]
