"""One job at a time, whoever looks: the lock tells, and the process ends when nobody wants the result."""

import os
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from service.adapters.bench import ChildBench, Reporter, Stopped, noted
from service.errors import Conflict
from service.ports import Job, JobKind, Work

AT = datetime(2026, 3, 1, tzinfo=UTC)
JOB = Job(JobKind.DRY_RUN, "account:desk", "level", 45.0)
SLEEP = (sys.executable, "-S", "-c", "import sys, time; sys.stdin.read(); time.sleep(60)")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[ChildBench]:
    found = ChildBench(SLEEP, tmp_path / "tuning", {})
    yield found
    if found._child:
        found._child.kill()
        found._child.wait()


def until_over(bench: ChildBench) -> Work:
    for _ in range(100):
        if (work := bench.work()) and not work.is_running:
            return work
        time.sleep(0.02)
    raise AssertionError("it goes on")


def test_another_process_sees_the_job_and_cannot_begin_one(bench: ChildBench, tmp_path: Path) -> None:
    assert bench.work() is None
    bench.stop()  # there is nothing to stop, and nowhere
    bench.start(JOB, AT)
    other = ChildBench(SLEEP, tmp_path / "tuning", {})
    work = other.work()
    assert work is not None
    assert (work.job, work.began, work.is_running) == (JOB, AT, True)
    with pytest.raises(Conflict, match="wait for it, or stop it"):
        other.start(JOB, AT)
    assert other.work() == work


def test_one_that_does_not_listen_is_ended_at_the_second_word(bench: ChildBench) -> None:
    bench.start(JOB, AT)
    bench.stop()
    assert bench.work().is_running  # type: ignore[union-attr]
    bench.stop()
    assert "without a word" in until_over(bench).error
    bench.start(JOB, AT)
    assert bench.work().is_running  # type: ignore[union-attr]


def test_how_far_it_is_is_noted_and_a_word_ends_it(tmp_path: Path) -> None:
    reporter = Reporter(tmp_path, Work(JOB, AT, is_running=True), os.getppid())
    reporter.phase("replaying", 10)
    reporter._looked_at = 0.0
    reporter(3)
    found = noted(tmp_path)
    assert found is not None
    assert (found.phase, found.done, found.total, found.is_running) == ("replaying", 3, 10, True)
    (tmp_path / "work.stop").touch()
    with pytest.raises(Stopped):
        reporter.phase("more", 1)
    reporter.end("It was stopped.")
    assert noted(tmp_path) == Work(JOB, AT, is_running=False, phase="more", total=1, error="It was stopped.")


def test_it_ends_with_whoever_began_it(tmp_path: Path) -> None:
    reporter = Reporter(tmp_path, Work(JOB, AT, is_running=True), os.getppid() + 1)
    with pytest.raises(Stopped):
        reporter(1)
