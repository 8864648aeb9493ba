"""Saving a threshold and taking it back: only what was proved, only once, and nothing else of the file."""

import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from service.bootstrap import Detente
from service.bootstrap.workshop import book_of
from service.config import reading
from service.config.rulebook import FileRuleBook
from service.errors import ConfigError, Conflict, NotFound
from tests.unit.web.tuning import end, prove, put_together

WHO = "account:desk"


@pytest.fixture
def detente(migrated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Detente]:
    monkeypatch.setattr(reading, "SETTLE", 0.001)
    found = put_together(tmp_path, migrated)
    yield found
    end(found)


def text(detente: Detente) -> str:
    return detente.rules_file.read_text(encoding="utf-8")


def record(detente: Detente) -> list[tuple[str, str, Any, Any]]:
    with detente.units(read_only=True) as unit:
        return [(e.actor, e.subject, e.before, e.after) for e in unit.audit.entries() if e.action == "rule.change"]


def test_a_proved_threshold_is_saved_and_all_else_stays(detente: Detente) -> None:
    before = text(detente)
    detente.rules_file.chmod(0o640)
    detente.tuner.save("level", 45.0, prove(detente, 45.0), WHO)
    first = "{enter: 40, leave: 28, severity: warning}"
    assert text(detente) == before.replace(first, "{enter: 45, leave: 31.5, severity: warning}")
    assert detente.rules_file.stat().st_mode & 0o777 == 0o640
    assert detente.tuner.one("level").tunable.now == 45.0
    [(actor, subject, was, now)] = record(detente)
    assert (actor, subject) == (WHO, "rule:level")
    assert (was["steps"][0]["enter"], now["steps"][0]["enter"]) == (40.0, 45.0)
    assert [step["enter"] for step in now["steps"]] == [45.0, 60.0, 80.0]


def test_it_is_taken_back_to_the_last_sign_one_step_after_the_other(detente: Detente) -> None:
    at_first = text(detente)
    detente.tuner.save("level", 70.0, prove(detente, 70.0), WHO)
    after = text(detente)
    detente.tuner.save("surge", 8.0, prove(detente, 8.0, "surge"), WHO)
    assert detente.tuner.one("level").before is None
    surge = detente.tuner.one("surge").before
    assert surge is not None
    assert surge.threshold == 3.7
    detente.tuner.undo("surge", surge.after, WHO)
    assert text(detente) == after
    level = detente.tuner.one("level").before
    assert level is not None
    detente.tuner.undo("level", level.after, WHO)
    assert text(detente) == at_first
    assert detente.tuner.one("level").before is None
    assert [(subject, len(now.get("steps", ()))) for _, subject, _, now in record(detente)] == [
        ("rule:level", 2),
        ("rule:surge", 0),
        ("rule:surge", 0),
        ("rule:level", 3),
    ]


def test_nothing_is_taken_back_once_somebody_else_changed_the_file(detente: Detente) -> None:
    detente.tuner.save("level", 45.0, prove(detente, 45.0), WHO)
    before = detente.tuner.one("level").before
    assert before is not None
    theirs = text(detente) + "# by hand\n"
    detente.rules_file.write_text(theirs, encoding="utf-8")
    assert detente.tuner.one("level").before is None
    with pytest.raises(Conflict, match="changed since"):
        detente.tuner.undo("level", before.after, WHO)
    assert text(detente) == theirs


def test_only_a_good_dry_run_of_this_very_value_counts(detente: Detente) -> None:
    before = text(detente)
    proof = prove(detente, 45.0)
    for rule, threshold, given in (("level", 47.5, proof), ("level", 45.0, "0" * 64), ("surge", 45.0, proof)):
        with pytest.raises(Conflict, match="no good dry run"):
            detente.tuner.save(rule, threshold, given, WHO)
    failed = prove(detente, 45.0, failures=["strike.yaml:3: expected firing"])
    with pytest.raises(Conflict, match="no good dry run"):
        detente.tuner.save("level", 45.0, failed, WHO)
    with pytest.raises(NotFound):
        detente.tuner.save("all-clear", 45.0, proof, WHO)
    assert (text(detente), record(detente)) == (before, [])


@pytest.mark.parametrize("name", ["rules.yaml", "watchlists.yaml", "tests/new.yaml", "episodes.csv"])
def test_what_changed_since_the_dry_run_needs_another(detente: Detente, name: str) -> None:
    proof = prove(detente, 45.0)
    path = detente.config_dir / name
    path.parent.mkdir(exist_ok=True)
    with path.open("a") as file:
        file.write("\n# more\n")
    before = text(detente)
    assert not detente.tuner.one("level").may_save(45.0)
    with pytest.raises(Conflict, match="changed since the dry run"):
        detente.tuner.save("level", 45.0, proof, WHO)
    assert text(detente) == before


def test_of_two_who_save_at_once_one_is_refused(detente: Detente) -> None:
    proof, other = prove(detente, 45.0), prove(detente, 8.0, "surge")
    said: list[str] = []
    gate = threading.Barrier(2)

    def save(rule: str, threshold: float, given: str) -> None:
        gate.wait()
        try:
            detente.tuner.save(rule, threshold, given, WHO)
        except Conflict as error:
            said.append(str(error))

    each = [threading.Thread(target=save, args=args) for args in (("level", 45.0, proof), ("surge", 8.0, other))]
    for thread in each:
        thread.start()
    for thread in each:
        thread.join()
    assert len(said) == 1
    assert "changed since the dry run" in said[0]
    assert len(record(detente)) == 1
    assert ("enter: 45" in text(detente)) != ("enter: 8 " in text(detente))


def test_a_record_that_cannot_be_kept_leaves_the_file_as_it_was(detente: Detente) -> None:
    before, proof = text(detente), prove(detente, 45.0)

    class Torn(FileRuleBook):
        """Its file is written, and then the transaction is lost."""

        def write(self, new: str) -> None:
            super().write(new)
            if new != before:
                raise OSError("the database is away")

    book = Torn(detente.rules_file, Path("/nowhere"))
    with pytest.raises(OSError, match="away"):
        replace(detente.tuner, book=book).save("level", 45.0, proof, WHO)
    assert (text(detente), record(detente)) == (before, [])


def test_a_file_of_the_program_or_of_others_is_not_written(detente: Detente, tmp_path: Path) -> None:
    proof = prove(detente, 45.0)
    theirs = FileRuleBook(detente.rules_file, detente.config_dir.parent)
    assert "came with the program" in theirs.fault()
    with pytest.raises(Conflict, match="copy the folder"):
        replace(detente.tuner, book=theirs).save("level", 45.0, proof, WHO)
    inside = tmp_path / "lib" / "site-packages" / "config"
    inside.mkdir(parents=True)
    (inside / "rules.yaml").write_text(text(detente))
    assert "came with the program" in FileRuleBook(inside / "rules.yaml", Path("/nowhere")).fault()
    assert book_of(detente).fault() == ""


def test_a_file_that_cannot_be_written_is_told_before(detente: Detente, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write everywhere
    assert "cannot be written by the service" in detente.tuner.one("level").fault
    assert "no such" not in FileRuleBook(detente.config_dir / "none.yaml", Path("/nowhere")).fault()


def test_what_is_not_there_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        FileRuleBook(tmp_path / "rules.yaml", Path("/nowhere")).text()


@pytest.mark.parametrize("content", [b"", b"not packed", b"\x1f\x8b broken"])
def test_a_paper_that_cannot_be_read_counts_as_absent(detente: Detente, content: bytes) -> None:
    proof = prove(detente, 45.0)
    folder = detente.data_dir / "tuning"
    for paper in folder.glob("*.gz"):
        paper.write_bytes(content)
    (folder / "work.json").write_bytes(content)
    standing = detente.tuner.one("level")
    assert (standing.dry_run, standing.sheet, standing.before, standing.work) == (None, None, None, None)
    with pytest.raises(Conflict):
        detente.tuner.save("level", 45.0, proof, WHO)


def test_a_threshold_that_is_not_on_the_ladder_cannot_be_tried(detente: Detente) -> None:
    with pytest.raises(NotFound, match="41 is none"):
        detente.tuner.try_dry("level", 41.0, WHO)
    with pytest.raises(NotFound):
        detente.tuner.try_dry("../rules", 45.0, WHO)
    assert detente.tuner.work() is None
