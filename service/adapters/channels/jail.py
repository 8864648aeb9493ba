"""Where messages are sent: in processes of their own, one for each send, that can be killed."""

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from typing import Any

from service.adapters.channels import frames
from service.adapters.channels.zygote import DEADLINE

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
    """No child has begun: nothing was sent."""


class CutOff(Exception):
    """The child began and gave no answer: the message may have been sent."""


class Jail:
    """Hands requests to children of one zygote, which is started when it is first needed and whenever it has died.

    Many threads may send at once. After a fork of this process each side has a zygote of its own.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._zygote: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._owner = 0

    @property
    def pid(self) -> int | None:
        """The zygote's, None before the first send."""
        return self._zygote.pid if self._zygote else None

    def run(self, request: Mapping[str, Any], within: float) -> Mapping[str, Any]:
        """A child's answer to a request. Raises NotStarted or CutOff."""
        start_by = time.monotonic() + START_WITHIN
        for _ in range(STARTS):
            try:
                return self._run(dict(request), within, start_by)
            except OSError:
                self._await_end()
        raise NotStarted

    def _run(self, request: dict[str, Any], within: float, start_by: float) -> Mapping[str, Any]:
        """Raises OSError while nothing has been sent, CutOff afterwards."""
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                self._hand_over(theirs, within)
            ours.settimeout(max(SHORTEST, start_by - time.monotonic()))
            frames.write(ours, request)
            if frames.read(ours) is None:
                raise ConnectionResetError("the zygote or its child died before it began")
            ours.settimeout(within + GRACE)
            try:
                said = frames.read(ours)
            except TimeoutError:
                self.close()
                raise CutOff from None
            except OSError:
                raise CutOff from None
        if said is None:
            raise CutOff
        return said

    def _hand_over(self, end: socket.socket, within: float) -> None:
        with self._lock:
            socket.send_fds(self._ready(), [DEADLINE.pack(within)], [end.fileno()])

    def _ready(self) -> socket.socket:
        """The way to a zygote that is ours and lives."""
        is_ours = self._owner == os.getpid()
        if is_ours and self._control and self._zygote and self._zygote.poll() is None:
            return self._control
        if is_ours:
            self._end()
        elif self._control:
            self._control.close()
        self._control = self._start()
        return self._control

    def _await_end(self) -> None:
        """After a failed start: a zygote that is dying has died when the next one is asked for."""
        zygote = self._zygote
        if zygote and self._owner == os.getpid():
            with contextlib.suppress(subprocess.TimeoutExpired):
                zygote.wait(DYING)

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._zygote = subprocess.Popen(
                [sys.executable, "-P", "-m", "service.adapters.channels.zygote"],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env=_environment(),
                start_new_session=True,  # a signal to the worker's group is the worker's to heed
            )
        self._owner = os.getpid()
        return ours

    def close(self) -> None:
        """End the zygote and what it is sending."""
        with self._lock:
            if self._owner == os.getpid():
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
