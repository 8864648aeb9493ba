"""The process that computes a sheet or a dry run: started by `adapters.bench`, told what to do on its standard input.

It has limits of its own, gives way to everything else, and ends with whoever started it.
"""

import gc
import json
import os
import resource
import signal
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

from service.adapters.bench import Reporter, Stopped, job_of
from service.bootstrap import Detente
from service.bootstrap.workshop import book_of, listed_in, papers_of, stamps_of
from service.config.route_tests import is_route_test
from service.config.rule_tests import FOLDER, files_in, load_test
from service.config.thresholds import rules_of
from service.domain.alerting.rule import Rule
from service.errors import ConfigError, Conflict, DetenteError
from service.operations.sheets import (
    Checked,
    DryRun,
    checked,
    digest,
    dry_run_to_json,
    pages_of,
    sheet_to_json,
    sheets,
    span_of,
)
from service.operations.tune import History, stored
from service.operations.tuner import dry_run_name, sheet_name
from service.ports import Job, JobKind, Work

LONGEST = 3600
"""Seconds for a job."""
MEMORY = 4 * 2**30
"""Bytes of data of the process."""
MOST = 50_000
"""Articles of a history, the last that came."""
NICE = 10
NO_HISTORY = "There is no history yet: no article that counts."
CHANGED = "The configuration changed while this was computed: compute it again."
LATE = f"It took longer than {LONGEST // 60} minutes. `detente tune` on the machine has no such limit."
LARGE = f"It needs more than {MEMORY // 2**30} GB of memory. `detente tune` on the machine has no such limit."


class LateError(Exception):
    """The time is over."""


def main() -> int:
    """Do the job, and leave word of how it ended; 1 when it ended without a result."""
    given = json.loads(sys.stdin.buffer.read())
    job, at = job_of(given["job"]), datetime.fromisoformat(given["at"])
    reporter = Reporter(Path(given["folder"]), Work(job, at, is_running=True), given["parent"])
    error = _ended(job, at, given, reporter)
    reporter.end(error)
    return 1 if error else 0


def _ended(job: Job, at: datetime, given: Mapping[str, Any], reporter: Reporter) -> str:
    """Why there is no result, empty where there is one."""
    try:
        _limit()
        detente = Detente(Path(given["config_dir"]), given["overrides"])
        try:
            do(detente, job, at, reporter)
        finally:
            detente.close()
    except Stopped:
        return "It was stopped."
    except LateError:
        return LATE
    except MemoryError:
        return LARGE
    except DetenteError as error:
        return str(error)
    return ""


def _limit() -> None:
    os.nice(NICE)
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    most = MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (most, hard))
    signal.signal(signal.SIGALRM, _late)
    signal.alarm(LONGEST)
    gc.disable()  # what a replay makes stays until its end, and looking it through takes long


def _late(*_: object) -> NoReturn:
    raise LateError


def do(detente: Detente, job: Job, at: datetime, reporter: Reporter) -> None:
    """Do a job and keep its result. Raises DetenteError, or Stopped."""
    reporter.phase("reading the history", 0)
    history = stored(detente.units, MOST) if detente.is_prepared() else None
    if history is None:
        raise Conflict(NO_HISTORY)
    if job.kind is JobKind.SHEET:
        _make_sheets(detente, history, at, reporter)
    else:
        _run_dry(detente, history, job, at, reporter)


def _make_sheets(detente: Detente, history: History, at: datetime, reporter: Reporter) -> None:
    """The sheets of all rules; nothing where they are there, of this history and this configuration."""
    span, figures, papers = span_of(history), stamps_of(detente).figures, papers_of(detente)
    kept = [papers.get(sheet_name(one.name)) for one in detente.tunables]
    if all(paper and paper["figures"] == figures and paper["span"]["stamp"] == span.stamp for paper in kept):
        return
    reporter.phase("replaying the history", len(history.articles))
    made = sheets(
        history,
        detente.tunables,
        detente.rules_in(None),
        listed_in(detente),
        detente.replay_own,
        reporter,
        span=span,
        at=at,
        figures=figures,
    )
    if stamps_of(detente).figures != figures:
        raise Conflict(CHANGED)
    for sheet in made:
        papers.put(sheet_name(sheet.rule), sheet_to_json(sheet))


def _run_dry(detente: Detente, history: History, job: Job, at: datetime, reporter: Reporter) -> None:
    stamps, book = stamps_of(detente), book_of(detente)
    text = book.text()
    new = book.retuned(text, job.rule, job.threshold)
    changed = [entry.rule() for entry in rules_of(new, detente.rules_file.name).rules]
    tests = _tests(detente, changed, reporter)
    present = _pages(detente, history, detente.rules_in(None), "replaying the history as it was", reporter)
    pages = _pages(detente, history, changed, f"replaying it with {job.threshold:g}", reporter)
    if stamps_of(detente) != stamps:
        raise Conflict(CHANGED)
    run = DryRun(
        rule=job.rule,
        threshold=job.threshold,
        by=job.by,
        made_at=at,
        stamps=stamps,
        before=digest(text),
        after=digest(new),
        span=span_of(history),
        pages=pages,
        present=present,
        tests=tests,
    )
    papers_of(detente).put(dry_run_name(job.rule), dry_run_to_json(run))


def _pages(detente: Detente, history: History, rules: Sequence[Rule], phase: str, reporter: Reporter) -> dict[str, int]:
    reporter.phase(phase, len(history.articles))
    return pages_of(history, rules, detente.replay_own, reporter)


def _tests(detente: Detente, rules: Sequence[Rule], reporter: Reporter) -> list[Checked]:
    """The operator's tests of rules, with these in the place of those configured. Routes know no threshold."""
    folder = detente.config_dir / FOLDER
    files = files_in(folder) if any(folder.glob("*.y*ml")) else []
    reporter.phase("rule tests", len(files))
    return [_test(detente, rules, file, reporter) for file in files if not is_route_test(file)]


def _test(detente: Detente, rules: Sequence[Rule], file: Path, reporter: Reporter) -> Checked:
    known = (detente.gazetteer.geography, detente.watchlists)
    try:
        found = checked(detente.prove(load_test(file, rules, detente.rules_in, known)))
    except ConfigError as error:
        found = Checked(file.stem, str(error).splitlines())
    reporter(1)
    return found


if __name__ == "__main__":
    ended = main()
    sys.stderr.flush()
    os._exit(ended)  # the next job may begin at once: large memory is not taken down piece by piece
