"""A sheet and a dry run, computed by a process of their own."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.bootstrap import Detente
from service.cli.tune import as_data
from service.config.episodes import read_known
from service.domain.evaluation.tuning import Budget
from service.errors import Conflict
from service.operations.tune import Aim, stored, tune
from service.ports import JobKind
from tests.unit.web.tuning import EPISODES, configured, end, put_together, wait


@pytest.fixture
def detente(migrated: Path, tmp_path: Path) -> Iterator[Detente]:
    config = configured(tmp_path)
    (config / "episodes.csv").write_text(EPISODES + "E5,soon,soon,escalation,IRN,PAK,x\n", encoding="utf-8")
    found = put_together(tmp_path, migrated)
    yield found
    end(found)


def test_a_sheet_says_what_tune_says(detente: Detente) -> None:
    tuner = detente.tuner
    assert tuner.one("level").sheet is None
    tuner.compute("cli:test")
    with pytest.raises(Conflict, match="already"):
        tuner.compute("cli:other")
    running = tuner.work()
    assert running is not None
    assert (running.is_running, running.job.kind, running.job.by) == (True, JobKind.SHEET, "cli:test")
    assert wait(detente).error == ""

    history = stored(detente.units)
    assert history is not None
    known, _ = read_known(detente.config_dir / "episodes.csv", detente.gazetteer.country_codes)
    aim = Aim(Budget.parse("9/day"), episodes=known)
    found = tune(history, detente.tunables, detente.rules, aim, detente.replay_own, lambda _: None)
    shown = as_data(found, aim.budget)
    for advice in shown["rules"]:
        standing = tuner.one(advice["rule"])
        sheet = standing.sheet
        assert sheet is not None
        assert standing.is_current
        assert sheet.now == advice["now"]
        assert [
            {
                "threshold": one.threshold,
                "pages_per_week": sheet.span.weekly(len(one.pages)),
                "unconfirmed_per_week": sheet.span.weekly(sum(not page.confirmed for page in one.pages)),
                "refired": round(one.refired, 4),
                "caught": len(one.caught),
                "lost": len(one.lost),
            }
            for one in sheet.tried
        ] == [{key: value for key, value in one.items() if key != "named"} for one in advice["tried"]]
        assert list(sheet.out_of_reach) == [one["id"] for one in advice["out_of_reach"]]
    level = tuner.one("level").sheet
    assert level is not None
    assert (level.has_list, list(level.left_out), len(level.mistakes)) == (True, ["E4"], 1)
    assert {len(one.pages) for one in level.tried} >= {10, 5, 0}
    assert list(level.out_of_reach) == ["E3"]


def test_the_same_history_is_not_replayed_again(detente: Detente) -> None:
    detente.tuner.compute("cli:test")
    wait(detente)
    first = detente.tuner.one("level").sheet
    detente.tuner.compute("cli:test")
    work = wait(detente)
    assert (work.error, work.phase) == ("", "reading the history")
    assert detente.tuner.one("level").sheet == first


def test_a_dry_run_counts_both_ways_and_names_the_tests_that_fail(detente: Detente) -> None:
    tests = detente.config_dir / "tests"
    tests.mkdir()
    told = "[{at: 2024-01-02T12:00Z, type: ASSAULT, mode: aerial, actors: [IRN], recipients: [PAK], publisher: BBC}]"
    asked = "{at: 2024-01-02T13:00Z, rule: level, subject: 'dyad:IRN-PAK', state: firing}"
    (tests / "strike.yaml").write_text(f"articles: {told}\nexpect: [{asked}]\n", encoding="utf-8")
    (tests / "wrong.yaml").write_text("expect: []\n", encoding="utf-8")
    before = detente.rules_file.read_bytes()
    detente.tuner.try_dry("level", 45.0, "cli:test")
    assert wait(detente).error == ""
    standing = detente.tuner.one("level")
    run = standing.dry_run
    assert run is not None
    assert (run.threshold, run.by, run.present["level"], run.pages["level"]) == (45.0, "cli:test", 10, 5)
    assert {test.name: bool(test.failures) for test in run.tests} == {"strike": False, "wrong": True}
    assert not run.is_good
    assert not standing.may_save(45.0)
    with pytest.raises(Conflict, match="no good dry run"):
        detente.tuner.save("level", 45.0, run.after, "cli:test")
    assert detente.rules_file.read_bytes() == before
    (tests / "wrong.yaml").unlink()
    detente.tuner.try_dry("level", 90.0, "cli:test")
    wait(detente)
    failed = detente.tuner.one("level").dry_run
    assert failed is not None
    assert "expected level/dyad:IRN-PAK firing" in failed.tests[0].failures[0]


def test_a_job_can_be_stopped_and_another_begun(detente: Detente) -> None:
    detente.tuner.compute("cli:test")
    detente.tuner.stop()
    assert wait(detente).error == "It was stopped."
    detente.tuner.compute("cli:test")
    assert detente.tuner.work().is_running  # type: ignore[union-attr]


def test_a_process_that_dies_is_told_of(detente: Detente) -> None:
    detente.tuner.compute("cli:test")
    child = detente.tuner.bench._child  # type: ignore[attr-defined]
    child.kill()
    assert "killed" in wait(detente).error


def test_without_a_history_it_says_so(migrated: Path, tmp_path: Path) -> None:
    found = put_together(tmp_path, migrated)
    with found.units.engine.begin() as connection:  # type: ignore[attr-defined]
        connection.exec_driver_sql("UPDATE article SET state = 'new'")
    found.tuner.compute("cli:test")
    assert "no history yet" in wait(found).error
    assert json.loads((found.data_dir / "tuning" / "work.json").read_text())["is_running"] is False
    end(found)
