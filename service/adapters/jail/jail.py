"""Hands requests to jailed processes: one for each, which can be killed, forked by a zygote that holds no secrets."""

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

from service.adapters.jail import frames
from service.adapters.jail.zygote import DEADLINE

START_WITHIN = 10.0
"""Seconds in which a child must have read its request, all starts of a zygote included."""
GRACE = 2.0
"""Seconds the zygote has to kill a child whose time is up, before we take the zygote for broken."""
SHORTEST = 0.01
STARTS = 2
DYING = 0.5
"""Seconds in which a process that has been killed is gone."""
_KEPT = ("PATH", "LD_LIBRARY_PATH", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE")
"""What the zygote gets of our environment: nothing that holds a secret or names a proxy."""


class NotStarted(Exception):
    """No child has begun: nothing was done."""


class Busy(NotStarted):
    """Others had all the turns for as long as the caller would wait."""


class CutOff(Exception):
    """The child began and gave no answer: what it did is not known. `after` is seconds since it was asked for."""

    def __init__(self, after: float) -> None:
        super().__init__(f"no answer after {after:.1f} s")
        self.after = after


class Jail:
    """Many threads may hand over requests at once; `at_once` of them are worked on, the others wait for their turn.

    The zygote is started when it is first needed and whenever it has died. After a fork of this process each side has
    a zygote of its own.
    """

    def __init__(self, work: str, at_once: int = sys.maxsize) -> None:
        self.work, self.at_once = work, at_once
        self._sides: dict[int, _Side] = {}

    @property
    def pid(self) -> int | None:
        """The zygote's, None before the first request."""
        return self._side().pid

    def run(
        self, request: Mapping[str, Any], body: bytes, within: float, patience: float = START_WITHIN
    ) -> Mapping[str, Any]:
        """A child's answer, which is not to be trusted. Raises NotStarted, Busy or CutOff."""
        side = self._side()
        with side.turn(patience):
            start_by = time.monotonic() + START_WITHIN
            for _ in range(STARTS):
                try:
                    return side.run(request, body, within, start_by)
                except OSError:
                    side.await_end()
        raise NotStarted

    def close(self) -> None:
        """End the zygote and what it is doing."""
        self._side().close()

    def _side(self) -> "_Side":
        """This process's own; one that was inherited by a fork is let go."""
        pid = os.getpid()
        if pid not in self._sides:
            self._sides.setdefault(pid, _Side(self.work, self.at_once))
            for other in self._sides.keys() - {pid}:
                if inherited := self._sides.pop(other, None):
                    inherited.leave()
        return self._sides[pid]


class _Side:
    """One process's zygote and the way to it."""

    def __init__(self, work: str, at_once: int) -> None:
        self._work = work
        self._lock = threading.Lock()
        self._turns = threading.BoundedSemaphore(at_once)
        self._zygote: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    @property
    def pid(self) -> int | None:
        """The zygote's."""
        return self._zygote.pid if self._zygote else None

    @contextlib.contextmanager
    def turn(self, patience: float) -> Iterator[None]:
        """Raises Busy."""
        if not self._turns.acquire(timeout=patience):
            raise Busy
        try:
            yield
        finally:
            self._turns.release()

    def run(self, request: Mapping[str, Any], body: bytes, within: float, start_by: float) -> Mapping[str, Any]:
        """Raises OSError while nothing has begun, CutOff afterwards."""
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                asked = self._hand_over(theirs, within)
            ours.settimeout(max(SHORTEST, start_by - time.monotonic()))
            frames.write(ours, request)
            frames.write_bytes(ours, body)
            if frames.read(ours) is None:
                raise ConnectionResetError("the zygote or its child died before it began")
            ours.settimeout(within + GRACE)
            try:
                said = frames.read(ours)
            except TimeoutError:
                self.close()
                said = None
            except OSError:
                said = None
        if said is None:
            raise CutOff(time.monotonic() - asked)
        return said

    def _hand_over(self, end: socket.socket, within: float) -> float:
        """When it was asked for, by the monotonic clock."""
        with self._lock:
            control = self._ready()
            asked = time.monotonic()
            socket.send_fds(control, [DEADLINE.pack(within)], [end.fileno()])
        return asked

    def _ready(self) -> socket.socket:
        """The way to a zygote that lives."""
        if self._control and self._zygote and self._zygote.poll() is None:
            return self._control
        self._end()
        self._control = self._start()
        return self._control

    def await_end(self) -> None:
        """After a failed start: a zygote that is dying has died when the next one is asked for."""
        if zygote := self._zygote:
            with contextlib.suppress(subprocess.TimeoutExpired):
                zygote.wait(DYING)

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._zygote = subprocess.Popen(  # noqa: S603  the name of the work is one of ours
                [sys.executable, "-P", "-m", "service.adapters.jail.zygote", self._work],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env=_environment(),
                start_new_session=True,  # a signal to the worker's group is the worker's to heed
            )
        return ours

    def leave(self) -> None:
        """Let go of a zygote that is another process's."""
        if self._control:
            self._control.close()
        if self._zygote:
            self._zygote.returncode = 0  # it is not ours to wait for
        self._zygote = self._control = None

    def close(self) -> None:
        """End the zygote, whose children end with it."""
        with self._lock:
            self._end()

    def _end(self) -> None:
        if self._control:
            self._control.close()
        if self._zygote:
            ends = time.monotonic() + GRACE
            while self._zygote.poll() is None and time.monotonic() < ends:
                time.sleep(0.005)
            self._zygote.kill()
            self._zygote.wait()
        self._zygote = self._control = None


def _environment() -> dict[str, str]:
    kept = {name: value for name in _KEPT if (value := os.getenv(name))}  # noqa: TID251  no settings of ours
    modules = os.pathsep.join(path for path in sys.path if path)
    return kept | {"PYTHONPATH": modules, "LANG": "C.UTF-8", "HOME": "/nonexistent", "NETRC": os.devnull}
