"""One job at a time in a process of its own.

A lock on a file says whether one is being done: the process holds it from its birth to its end, however it ends.
"""

import fcntl
import json
import os
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from service.adapters.papers import replace_file
from service.errors import Conflict, StorageUnavailable
from service.ports import Job, JobKind, Work

LOCK, STATE, STOP, LOG = "work.lock", "work.json", "work.stop", "work.log"
EVERY = 0.5
"""Seconds between two looks of a process at whether it should stop, and two notes of how far it is."""
TRIES, WAIT = 5, 0.05
"""How often the lock is asked for: somebody may just be looking whether it is held."""
SILENT = "It ended without a word: it was killed, perhaps for want of memory."
BUSY = "something is being computed already; wait for it, or stop it"


class Stopped(Exception):
    """Somebody asked for the end, or there is nobody any more who would want the result."""


class ChildBench:
    """Implements `ports.Bench`. `command` is started with the job and `given` as JSON on its standard input."""

    def __init__(self, command: Sequence[str], folder: Path, given: Mapping[str, Any]) -> None:
        self._command, self._folder, self._given = command, folder, given
        self._child: subprocess.Popen[bytes] | None = None

    def start(self, job: Job, at: datetime) -> None:
        """Begin a job. Raises Conflict while another is being done, StorageUnavailable where nothing can be written."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with _locked(self._folder / LOCK, TRIES) as lock:
                if lock is None:
                    raise Conflict(BUSY)
                self._begin(job, at, lock)
        except OSError as error:
            raise StorageUnavailable(f"{self._folder}: {error.strerror}") from None

    def _begin(self, job: Job, at: datetime, lock: int) -> None:
        (self._folder / STOP).unlink(missing_ok=True)
        note(self._folder, Work(job, at, is_running=True))
        given = {**self._given, "folder": str(self._folder), "parent": os.getpid(), "job": asdict(job)}
        if self._child:
            self._child.wait()  # it has let go of the lock, so it is over
        with (self._folder / LOG).open("wb") as log:
            self._child = subprocess.Popen(  # noqa: S603  our own command
                self._command, stdin=subprocess.PIPE, stdout=log, stderr=log, pass_fds=[lock]
            )
        assert self._child.stdin is not None, "it was asked for"
        with self._child.stdin as pipe:
            pipe.write(json.dumps({**given, "at": at.isoformat()}, default=str).encode())

    def work(self) -> Work | None:
        """The last job, as its process left word of it."""
        self._reap()
        found = noted(self._folder)
        if found is None or not found.is_running:
            return found
        with _locked(self._folder / LOCK, 1) as lock:
            is_over = lock is not None
        if not is_over:
            return found
        last = noted(self._folder) or found  # it may have ended between the two looks
        return replace(last, is_running=False, error=last.error or SILENT) if last.is_running else last

    def stop(self) -> None:
        """Let the process end at its next look; asked a second time, kill it if it is ours."""
        stop = self._folder / STOP
        if stop.exists() and self._child and self._child.poll() is None:
            self._child.kill()
        elif self._folder.is_dir():
            stop.touch()

    def _reap(self) -> None:
        if self._child and self._child.poll() is not None:
            self._child = None


class Reporter:
    """What the process itself says of how it stands. It is called with how much more is done."""

    def __init__(self, folder: Path, work: Work, parent: int) -> None:
        self._folder, self._work, self._parent = folder, work, parent
        self._looked_at = 0.0

    def phase(self, name: str, total: int) -> None:
        """Another part of the job begins."""
        self._work = replace(self._work, phase=name, done=0, total=total)
        self._look()

    def __call__(self, more: int = 0) -> None:
        """Raises Stopped once nobody wants the result."""
        self._work = replace(self._work, done=self._work.done + more)
        if time.monotonic() - self._looked_at >= EVERY:
            self._look()

    def _look(self) -> None:
        self._looked_at = time.monotonic()
        if (self._folder / STOP).exists() or os.getppid() != self._parent:
            raise Stopped
        note(self._folder, self._work)

    def end(self, error: str = "") -> None:
        """The last word."""
        note(self._folder, replace(self._work, is_running=False, error=error))


def note(folder: Path, work: Work) -> None:
    """Write down how a job stands."""
    written = {**asdict(work), "began": work.began.isoformat()}
    replace_file(folder / STATE, json.dumps(written).encode())


def noted(folder: Path) -> Work | None:
    """What was written down; None where it cannot be read."""
    try:
        found = json.loads((folder / STATE).read_bytes())
        began = datetime.fromisoformat(found["began"])
        return Work(**{**found, "job": job_of(found["job"]), "began": began})
    except (OSError, ValueError, KeyError, TypeError):
        return None


def job_of(found: Mapping[str, Any]) -> Job:
    """A job as it was written down. Raises ValueError, KeyError or TypeError."""
    return Job(**{**found, "kind": JobKind(found["kind"])})


@contextmanager
def _locked(path: Path, tries: int) -> Iterator[int | None]:
    """The lock, None where another process has it. A child that is given it keeps it."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield handle if _taken(handle, tries) else None
    finally:
        os.close(handle)


def _taken(handle: int, tries: int) -> bool:
    for n in range(tries):
        if n:
            time.sleep(WAIT)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        return True
    return False
