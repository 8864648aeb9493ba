"""Processes that do not outlive whoever started them."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

_LIBC: Any = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
"""Loaded beforehand: between fork and exec there is no safe moment for it."""
_SET_DEATH_SIGNAL = 1
"""PR_SET_PDEATHSIG."""


def start(command: Sequence[str], **options: Any) -> "subprocess.Popen[bytes]":
    """Start a process that the kernel kills when this one dies, however it dies.

    Call it from a thread that lives as long as this process: the kernel watches the thread, not the process. Where
    there is no such kernel (Linux has it), the process is merely started. `options` are those of `Popen`.
    """
    parent = os.getpid()

    def die_with_parent() -> None:
        _LIBC.prctl(_SET_DEATH_SIGNAL, signal.SIGKILL)
        if os.getppid() != parent:  # it died before it could be watched
            os._exit(1)

    before = die_with_parent if _LIBC else None
    return subprocess.Popen(command, preexec_fn=before, **options)  # noqa: S603, PLW1509  our own commands; one call
