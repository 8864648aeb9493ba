"""`detente test`: the shipped tests hold, a test that cannot hold says why, a bad file is named with line and key."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from service.bootstrap import Detente, shipped
from service.cli.testing import run_tests
from service.config.rule_tests import files_in, load_test
from service.domain.events.event import Event
from service.domain.news.article import Article
from service.errors import ConfigError
from service.operations.rule_tests import Outcome, run
from tests.unit.domain.build import event

CONFIG = shipped("config")
STRIKES = """
articles:
  - {at: 2026-03-01T12:00:00Z, publisher: Reuters, actors: [IRN], recipients: [PAK], type: ASSAULT, mode: aerial}
  - {at: 2026-03-01T12:05:00Z, publisher: Associated Press, actors: [IRN], recipients: [PAK], type: ASSAULT.aerial}
"""


@pytest.fixture(scope="module")
def detente() -> Detente:
    return Detente(CONFIG)


def outcome(detente: Detente, path: Path, texts: Sequence[Sequence[Event]] = ()) -> Outcome:
    known = (detente.gazetteer.geography, detente.watchlists)
    loaded = load_test(path, detente.rules, detente.rules_in, known)

    def read(articles: Sequence[Article]) -> Sequence[Sequence[Event]]:
        assert len(articles) == len(texts)
        return texts

    return run(loaded, replace(detente.replay(loaded.rules), owner_of=detente.owner_of), read)


def of(detente: Detente, folder: Path, text: str, texts: Sequence[Sequence[Event]] = ()) -> Outcome:
    path = folder / "mine.yaml"
    path.write_text(text)
    return outcome(detente, path, texts)


@pytest.mark.parametrize("path", files_in(CONFIG / "tests"), ids=lambda path: path.stem)
def test_the_shipped_tests_hold(detente: Detente, path: Path) -> None:
    assert outcome(detente, path).failures == []


def test_the_shipped_tests_can_fail(detente: Detente, tmp_path: Path) -> None:
    """Each of them asks something that another rule book would not give."""
    (tmp_path / "deaf.yaml").write_text(
        "rules:\n"
        "  - {name: level, kind: LEVEL, subjects: ['*'], for: 2h, steps: [{enter: 99, leave: 98, severity: high}]}\n"
        "  - {name: surge, kind: SURGE, subjects: ['*'], enter: 99}\n"
        "  - {name: deescalation, kind: DEESC, subjects: ['*'], intensity: 9}\n"
        "  - {name: all-clear, kind: ALLCLEAR, subjects: ['*']}\n"
    )
    for path in files_in(CONFIG / "tests"):
        text = path.read_text()
        if "expect_none" not in text:
            assert of(detente, tmp_path, f"rules: deaf.yaml\n{text}").failures, path.stem


def test_a_failure_says_what_was_found_and_why(detente: Detente, tmp_path: Path) -> None:
    asked = '  - {at: 2026-03-01T12:10:00Z, rule: level, subject: "dyad:IRN-PAK", state: firing, severity: high}'
    found = of(detente, tmp_path, f"{STRIKES}expect:\n{asked}\n")
    (failure,) = found.failures
    assert failure.where == f"{tmp_path / 'mine.yaml'}:6"
    assert failure.expected == "level/dyad:IRN-PAK firing, high at 2026-03-01 12:10Z"
    assert failure.found.startswith("pending, ")
    assert "waits until it has held for 15 min" in failure.reason


@pytest.mark.parametrize(
    ("wish", "holds"),
    [
        ("state: firing", True),
        ("state: firing, severity: info", False),
        ("state: firing, confirmed: true", True),
        ("state: firing, confirmed: false", False),
        ("state: resolved", False),
        ("state: inactive", False),
    ],
)
def test_every_part_of_a_wish_counts(detente: Detente, tmp_path: Path, wish: str, holds: bool) -> None:
    asked = f'  - {{at: 2026-03-01T12:20:00Z, rule: level, subject: "dyad:PAK-IRN", {wish}}}'
    assert (of(detente, tmp_path, f"{STRIKES}expect:\n{asked}\n").failures == []) is holds


def test_a_subject_nobody_reported_on_is_inactive(detente: Detente, tmp_path: Path) -> None:
    asked = '  - {at: 2026-03-01T12:20:00Z, rule: level, subject: "dyad:FRA-ITA", state: %s}'
    assert of(detente, tmp_path, f"{STRIKES}expect:\n{asked % 'inactive'}\n").failures == []
    (failure,) = of(detente, tmp_path, f"{STRIKES}expect:\n{asked % 'firing'}\n").failures
    assert (failure.found, "nothing was reported" in failure.reason) == ("inactive", True)


def test_nothing_means_nothing(detente: Detente, tmp_path: Path) -> None:
    found = of(detente, tmp_path, f"{STRIKES}expect_none: true\n")
    assert found.failures[0].where == f"{tmp_path / 'mine.yaml'}:5"
    assert {failure.found.split("/")[0] for failure in found.failures} >= {"level", "surge"}
    assert len(found.failures) == len(found.changes)
    assert of(detente, tmp_path, "articles: []\nexpect_none: true\n").failures == []


KINDS = """rules:
  - {name: novel, kind: NOVEL, subjects: ["dyad:*"], within: 30d}
  - {name: rise, kind: RISE, subjects: ["dyad:*"], rise: 15, severity: high}
  - {name: dark, kind: SILENCE, subjects: ["dyad:*"], for: 30m, severity: warning}
  - name: own
    kind: CUSTOM
    subjects: ["dyad:*"]
    when: ["level >= 20", "event_type in [ASSAULT.aerial]", "owner_groups >= 2"]
    severity: critical
"""
LONG_AGO = "  - {at: 2026-01-01T12:00:00Z, publisher: Reuters, actors: [IRN], recipients: [PAK], type: ACCUSE.allege}\n"
DARK = "dark:\n  - {publisher: Reuters, since: 2026-03-01T13:00:00Z, until: 2026-03-02T12:00:00Z}\n"


@pytest.mark.parametrize(
    ("at", "wish", "holds"),
    [
        ("2026-03-01T11:59:00Z", "rule: novel, state: inactive", True),
        ("2026-03-01T12:10:00Z", "rule: novel, state: firing, severity: info", True),
        ("2026-03-02T13:00:00Z", "rule: novel, state: resolved", True),
        ("2026-03-01T12:10:00Z", "rule: rise, state: firing, severity: high, confirmed: true", True),
        ("2026-03-01T12:01:00Z", "rule: rise, state: firing, confirmed: true", True),
        ("2026-03-20T12:00:00Z", "rule: rise, state: resolved", True),
        ("2026-03-01T12:02:00Z", "rule: own, state: inactive", True),
        ("2026-03-01T12:10:00Z", "rule: own, state: firing, severity: critical, confirmed: true", True),
        ("2026-03-01T18:59:00Z", "rule: dark, state: inactive", True),
        ("2026-03-01T19:10:00Z", "rule: dark, state: pending", True),
        ("2026-03-01T19:30:00Z", "rule: dark, state: firing, severity: warning", True),
        ("2026-03-02T12:00:00Z", "rule: dark, state: resolved", True),
        ("2026-03-01T12:10:00Z", "rule: dark, state: firing", False),
    ],
)
def test_every_kind_can_be_tried(detente: Detente, tmp_path: Path, at: str, wish: str, holds: bool) -> None:
    (tmp_path / "kinds.yaml").write_text(KINDS)
    asked = f'  - {{at: {at}, subject: "dyad:IRN-PAK", {wish}}}'
    text = f"rules: kinds.yaml\n{STRIKES}{LONG_AGO}{DARK}expect:\n{asked}\n"
    assert (of(detente, tmp_path, text).failures == []) is holds


def test_only_feeds_that_get_dark_are_missed(detente: Detente, tmp_path: Path) -> None:
    (tmp_path / "kinds.yaml").write_text(KINDS)
    asked = '  - {at: 2026-03-03T12:00:00Z, subject: "dyad:IRN-PAK", rule: dark, state: firing}'
    for dark, reason in ((DARK.replace("Reuters", "nobody knows"), "no feed"), ("", "no feed")):
        (failure,) = of(detente, tmp_path, f"rules: kinds.yaml\n{STRIKES}{dark}expect:\n{asked}\n").failures
        assert reason in failure.reason


def test_texts_are_read_and_what_repeats_another_counts_once(detente: Detente, tmp_path: Path) -> None:
    text = "Iranian warplanes bombed bases inside Pakistan overnight, and the army answered with artillery along the border."
    told = [("12:00", "The Guardian"), ("12:01", "Dawn")]
    articles = "".join(f'  - {{at: 2026-03-01T{at}:00Z, publisher: {who}, text: "{text}"}}\n' for at, who in told)
    asked = '  - {at: 2026-03-01T12:20:00Z, rule: level, subject: "dyad:IRN-PAK", state: %s}'
    read = event(at=datetime(2026, 3, 1, 12, tzinfo=UTC))
    found = of(detente, tmp_path, f"articles:\n{articles}expect:\n{asked % 'firing, confirmed: false'}\n", [[read]])
    assert found.failures == []


GOOD = 'expect:\n  - {at: 2026-03-01T12:20:00Z, rule: level, subject: "dyad:IRN-PAK", state: firing}\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("articles: []\n", ":1: expects nothing: give expect, or expect_none: true"),
        ("article: []\nexpect_none: true\n", ":1: article: unknown key"),
        ("articles:\n  - {at: soon, text: x}\nexpect_none: true\n", ":2: articles.0.at: "),
        ("articles:\n  - {at: 1066-10-14, text: x}\nexpect_none: true\n", "must lie between 1980 and 2199"),
        ("articles:\n  - {at: 2026-03-01, text: x, type: ASSAULT}\nexpect_none: true\n", ":2: articles.0: give either"),
        ("articles:\n  - {at: 2026-03-01, text: x, role: body}\nexpect_none: true\n", "role: of a text these are read"),
        ("articles:\n  - {at: 2026-03-01, type: ASSAULT.aerial}\nexpect_none: true\n", "an event needs actors"),
        (
            "articles:\n  - {at: 2026-03-01, type: ASSAULT, actors: [IRN]}\nexpect_none: true\n",
            "ASSAULT needs one of these modes: abduct, ",
        ),
        (
            "articles:\n  - {at: 2026-03-01, type: ASAULT, actors: [IRN]}\nexpect_none: true\n",
            "'ASAULT' is no type of event; did you mean ASSAULT",
        ),
        (
            "articles:\n  - {at: 2026-03-01, type: ASSAULT.aerial, actors: [IRM]}\nexpect_none: true\n",
            ":2: articles.0.actors: 'IRM' is no country code; did you mean ",
        ),
        (GOOD.replace("rule: level", "rule: levle"), ":2: expect.0.rule: there is no rule 'levle'; did you mean level"),
        (GOOD.replace("IRN-PAK", "IRN-PKA"), ":2: expect.0.subject: dyad:IRN-PKA: 'PKA' is no country code"),
        (GOOD.replace("dyad:IRN-PAK", "m49:034"), ":2: expect.0.subject: rule level watches dyad:*, country:* only"),
        (
            GOOD.replace("level", "deescalation").replace("firing", "firing, confirmed: true"),
            "of kind LEVEL, SURGE, RISE or CUSTOM only",
        ),
        (GOOD.replace("firing", "burning"), ":2: expect.0.state: "),
        (f"{DARK.replace('03-02', '02-02')}{GOOD}", ":2: dark.0: until must come after since"),
        (f"rules: nowhere.yaml\n{GOOD}", "nowhere.yaml: no such file"),
    ],
)
def test_a_bad_file_is_named_with_its_line(detente: Detente, tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        of(detente, tmp_path, text)
    assert said in str(caught.value)
    assert str(tmp_path) in str(caught.value)


def test_the_command_counts_and_ends_with_1(
    detente: Detente, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.yaml").write_text(STRIKES + GOOD)
    (tmp_path / "b.yaml").write_text(STRIKES + GOOD.replace("firing", "resolved"))
    assert run_tests(detente, tmp_path / "a.yaml", as_json=False) == 0
    assert run_tests(detente, tmp_path, as_json=True) == 1
    lines = capsys.readouterr().out.split("\n", 2)
    assert lines[0] == "ok     a"
    shown = json.loads(lines[2])
    assert (shown["ok"], shown["tests"], shown["failures"]) == (False, 2, 1)
    assert [(case["name"], case["ok"]) for case in shown["cases"]] == [("a", True), ("b", False)]
    assert set(shown["cases"][1]) == {"name", "file", "about", "ok", "seconds", "failures", "fired"}
    assert run_tests(detente, tmp_path, as_json=False) == 1
    text = capsys.readouterr().out
    assert "FAILED b" in text
    assert "found firing" in text
    assert "what people would have heard:" in text


def test_all_bad_files_are_named_at_once(detente: Detente, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text("articles: []\n")
    with pytest.raises(ConfigError) as caught:
        run_tests(detente, tmp_path, as_json=False)
    assert [line.partition(":")[0] for line in str(caught.value).splitlines()] == [
        str(tmp_path / "a.yaml"),
        str(tmp_path / "b.yaml"),
    ]


def test_without_tests_it_says_so(detente: Detente, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no test in it"):
        run_tests(detente, tmp_path, as_json=False)
    with pytest.raises(ConfigError, match="no such folder of tests"):
        run_tests(detente, tmp_path / "none", as_json=False)
