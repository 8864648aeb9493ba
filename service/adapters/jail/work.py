"""What a jailed process does, and the limits the kernel keeps it in."""

import ctypes
import os
import resource
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

MEMORY = 2**30
_NO_NEW_PRIVILEGES = 38
"""PR_SET_NO_NEW_PRIVS."""
_SOME_MORE = 1024
"""Descriptors that are closed where any might have been inherited."""


@dataclass(frozen=True, slots=True)
class Limits:
    """`memory` is bytes of address space, `files` how many descriptors a process may hold.

    With `files` 0 no file, socket or pipe can be opened, no process begun and no code loaded: what the work needs must
    have been loaded before it is forked.
    """

    memory: int = MEMORY
    files: int = 64


class Work(Protocol):
    """A kind of work. It is made once, in the process that forks, which is the time to load all that it needs."""

    limits: Limits

    def do(self, request: Mapping[str, Any], body: bytes, /) -> dict[str, Any]:
        """The answer, of JSON values only."""
        ...

    def failed(self, error: BaseException, /) -> dict[str, Any]:
        """The answer when `do` raised something, or answered more than fits into a message."""
        ...


def confine(limits: Limits, within: float, kept: int) -> None:
    """Bound this process for good. Of its descriptors only the standard ones and `kept` stay open."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    os.closerange(sys.stderr.fileno() + 1, kept)
    os.closerange(kept + 1, _SOME_MORE)
    most = {
        resource.RLIMIT_AS: limits.memory,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: limits.files,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CPU: int(within) + 1,
    }
    if not limits.files:
        _seal(most)
    for limit, value in most.items():
        resource.setrlimit(limit, (value, value))


def _seal(most: dict[int, int]) -> None:
    """No process, no more rights, and no look for modules: it would only find that nothing can be opened."""
    most[resource.RLIMIT_NPROC] = 0
    ctypes.CDLL(None).prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    sys.meta_path.clear()
