"""Files that change while the service runs: taken as a whole once they stand still and are good, or not at all."""

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from service.config import reading
from service.config.reading import Readings, Renewal, configured
from service.config.schema import RulesFile, WatchlistsFile
from service.errors import ConfigError

RULE = "rules:\n  - {name: NAME, kind: DEESC, subjects: ['dyad:*']}\n"


class Service:
    """What reads rules and, if there are any, watchlists."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.readings, self.made = folder, Readings(folder), 0

    @property
    def reading(self) -> reading.Reading:
        return self.readings.active

    @configured
    def names(self) -> list[str]:
        """The names of the rules."""
        self.made += 1
        return [rule.name for rule in self.reading.load("rules.yaml", RulesFile)[0].rules]

    @configured
    def lists(self) -> int:
        there = (self.folder / "watchlists.yaml").exists()
        return len(self.reading.load("watchlists.yaml", WatchlistsFile)[0].watchlists) if there else 0

    def check(self) -> None:
        assert self.names is not None
        assert self.lists >= 0

    def renew(self) -> Renewal | None:
        return self.readings.renew(self.check, at_once=True)


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "SETTLE", 0.01)


@pytest.fixture
def service(tmp_path: Path) -> Service:
    write(tmp_path, "one")
    return Service(tmp_path)


def write(folder: Path, name: str) -> None:
    (folder / "rules.yaml").write_text(RULE.replace("NAME", name), encoding="utf-8")


def test_the_first_look_checks_what_is_there(service: Service) -> None:
    assert service.renew() == Renewal(None)
    assert service.renew() is None
    assert service.names == ["one"]


def test_a_change_is_taken_once(service: Service) -> None:
    service.renew()
    before = service.reading
    write(service.folder, "two")
    assert service.names == ["one"], "until somebody looks"
    assert service.renew() == Renewal(before)
    assert service.names == ["two"]
    assert service.renew() is None
    assert service.made == 2


def test_a_change_before_the_first_look_is_taken(service: Service) -> None:
    assert service.names == ["one"]
    write(service.folder, "two")
    renewal = service.renew()
    assert renewal is not None
    assert (renewal.refused, service.names) == ((), ["two"])


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda p: p.write_text("rules:\n  - {name: two, kind: DE", encoding="utf-8"), ":2: not valid YAML"),
        (lambda p: p.write_text("", encoding="utf-8"), ":1: rules: Field required"),
        (lambda p: p.write_text(RULE.replace("DEESC", "PEACE"), encoding="utf-8"), ":2: rules.0.kind: "),
        (lambda p: p.write_bytes(b"\xff\xfe\x00"), ": not UTF-8 text"),
        (lambda p: p.unlink(), ": no such file any more"),
        (lambda p: (p.unlink(), p.mkdir()), ": cannot be read: Is a directory"),
    ],
)
def test_what_is_wrong_is_refused_once_and_the_old_set_goes_on(
    service: Service, spoil: Callable[[Path], object], says: str
) -> None:
    service.renew()
    path = service.folder / "rules.yaml"
    spoil(path)
    refused = service.renew()
    assert refused is not None
    assert refused.refused[0].startswith(f"{path}{says}")
    assert service.renew() is None, "said once"
    assert service.names == ["one"]
    if path.is_dir():
        path.rmdir()
    write(service.folder, "three")
    mended = service.renew()
    assert mended is not None
    assert (mended.refused, service.names) == ((), ["three"])


def test_all_of_it_or_nothing(service: Service) -> None:
    """A good file does not go ahead of a bad one."""
    service.renew()
    write(service.folder, "two")
    lists = service.folder / "watchlists.yaml"
    lists.write_text("watchlists: [{name: a, subjects: [", encoding="utf-8")
    refused = service.renew()
    assert refused is not None
    assert refused.refused
    assert (service.names, service.lists) == (["one"], 0)
    lists.write_text("watchlists: [{name: a, subjects: ['country:IRN']}]\n", encoding="utf-8")
    service.renew()
    assert (service.names, service.lists) == (["two"], 1)


def test_a_file_that_may_be_missing_may_not_vanish(service: Service) -> None:
    lists = service.folder / "watchlists.yaml"
    lists.write_text("watchlists: [{name: a, subjects: ['country:IRN']}]\n", encoding="utf-8")
    service.renew()
    lists.unlink()
    refused = service.renew()
    assert refused is not None
    assert refused.refused == (f"{lists}: no such file any more; leave an empty one if that is meant",)
    assert service.lists == 1
    lists.write_text("", encoding="utf-8")
    service.renew()
    assert service.lists == 0


def test_what_did_not_change_is_not_parsed_again(service: Service) -> None:
    (service.folder / "watchlists.yaml").write_text("watchlists: []\n", encoding="utf-8")
    service.renew()
    lists = service.reading.parsed["watchlists.yaml"]
    write(service.folder, "two")
    service.renew()
    assert service.reading.parsed["watchlists.yaml"] is lists
    assert service.names == ["two"]


def test_a_file_that_is_moved_into_place_is_noticed_though_it_is_old(service: Service) -> None:
    service.renew()
    new = service.folder / "new"
    new.write_text(RULE.replace("NAME", "two"), encoding="utf-8")
    old = (service.folder / "rules.yaml").stat()
    os.utime(new, ns=(old.st_atime_ns, old.st_mtime_ns))
    new.replace(service.folder / "rules.yaml")
    service.renew()
    assert service.names == ["two"]


def test_a_file_that_is_being_written_is_waited_for(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    service.renew()
    path = service.folder / "rules.yaml"
    write(service.folder, "half")
    slept = []

    def write_on(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) < 3:
            write(service.folder, f"part{len(slept)}" * len(slept))

    monkeypatch.setattr(reading.time, "sleep", write_on)
    service.renew()
    assert (len(slept), service.names) == (3, ["part2part2"])
    monkeypatch.setattr(reading.time, "sleep", lambda _: path.write_text(path.read_text() + "#", encoding="utf-8"))
    write(service.folder, "busy")
    assert service.renew() is None, "it never stands still, so the next look decides"
    assert service.names == ["part2part2"]


def test_a_file_that_changes_while_it_is_checked_is_left_to_the_next_look(service: Service) -> None:
    service.renew()
    write(service.folder, "two")

    def change() -> None:
        service.check()
        write(service.folder, "three")

    assert service.readings.renew(change, at_once=True) is None
    assert service.names == ["one"]
    service.renew()
    assert service.names == ["three"]


def test_it_looks_once_a_second_and_one_thread_at_a_time(service: Service) -> None:
    service.renew()
    write(service.folder, "two")
    assert service.readings.renew(service.check) is None, "less than a second ago"
    service.readings._looked_at -= 2
    with service.readings._busy:
        assert service.readings.renew(service.check) is None, "another thread is at it"
    assert service.readings.renew(service.check) is not None


def test_who_holds_on_to_a_reading_sees_nothing_else_and_other_threads_do(service: Service) -> None:
    service.renew()
    seen = []
    with service.readings.holding():
        write(service.folder, "two")
        other = threading.Thread(target=lambda: (service.renew(), seen.append(service.names)))
        other.start()
        other.join()
        seen.append(service.names)
    seen.append(service.names)
    assert seen == [["two"], ["one"], ["two"]]


def test_a_check_that_is_refused_leaves_nothing_behind(service: Service) -> None:
    service.renew()
    write(service.folder, "two")

    def refuse() -> None:
        assert service.names == ["two"], "what is checked is the new set"
        raise ConfigError("first\nsecond")

    refused = service.readings.renew(refuse, at_once=True)
    assert refused is not None
    assert refused.refused == ("first", "second")
    assert service.names == ["one"]


def test_a_value_tells_what_it_is() -> None:
    assert Service.names.__doc__ == "The names of the rules."
