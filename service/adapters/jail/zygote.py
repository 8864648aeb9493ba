"""The process that forks a child for every request of one kind of work, named on its command line as `module:Class`.

It has read nothing but code: no settings, no credentials, an environment of its own. It lives as long as the worker
that started it, and its children no longer than their deadline or itself.
"""

import contextlib
import ctypes
import gc
import importlib
import os
import select
import signal
import socket
import struct
import sys
import time

from service.adapters.jail import frames
from service.adapters.jail.work import Work, confine

DEADLINE = struct.Struct("!d")
LOOK_EVERY = 1.0
"""Seconds between looks whether the worker still lives."""
_DIE_WITH_PARENT = 1
"""PR_SET_PDEATHSIG."""


class Nursery:
    """The children that are working, and when each must have ended by the monotonic clock."""

    def __init__(self) -> None:
        self.ends: dict[int, float] = {}

    def reap(self) -> None:
        """Forget those that have ended."""
        while self.ends:
            pid, _ = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            self.ends.pop(pid, None)

    def kill(self, now: float) -> None:
        """End those whose time is up."""
        for pid, end in self.ends.items():
            if end <= now:
                os.kill(pid, signal.SIGKILL)
                with contextlib.suppress(ProcessLookupError):  # it may have left its group
                    os.killpg(pid, signal.SIGKILL)

    def wait(self, now: float) -> float:
        """Seconds until somebody's time is up, at most until the next look."""
        return min([LOOK_EVERY, *(max(0.0, end - now) for end in self.ends.values())])


def serve(control: socket.socket, work: Work, worker: int) -> None:
    """Fork a child for every socket that comes over `control`, until the worker is gone."""
    libc, nursery = ctypes.CDLL(None), Nursery()
    ended = _wake_on_child()
    gc.collect()
    gc.freeze()
    gc.disable()
    while os.getppid() == worker:
        ready, _, _ = select.select([control.fileno(), ended], [], [], nursery.wait(time.monotonic()))
        if ended in ready:
            os.read(ended, 4096)
        if control.fileno() in ready:
            message, descriptors, _, _ = socket.recv_fds(control, DEADLINE.size, 1)
            if not message:
                break
            (within,) = DEADLINE.unpack(message)
            pid = _fork(descriptors[0], within, work, libc, control)
            nursery.ends[pid] = time.monotonic() + within
        nursery.reap()
        nursery.kill(time.monotonic())
    nursery.kill(float("inf"))


def _wake_on_child() -> int:
    """A descriptor that can be read when a child has ended."""
    end, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    return end


def _fork(descriptor: int, within: float, work: Work, libc: ctypes.CDLL, control: socket.socket) -> int:
    zygote = os.getpid()
    if pid := os.fork():
        with contextlib.suppress(OSError):  # it may have ended
            os.setpgid(pid, pid)
        os.close(descriptor)
        return pid
    try:
        os.setpgid(0, 0)
        libc.prctl(_DIE_WITH_PARENT, signal.SIGKILL)
        if os.getppid() == zygote:
            control.close()
            confine(work.limits, within, descriptor)
            _answer(socket.socket(fileno=descriptor), work)
    finally:
        os._exit(0)


def _answer(end: socket.socket, work: Work) -> None:
    """Read a request, say that work begins, work, answer."""
    request = frames.read(end)
    body = frames.read_bytes(end)
    if request is None or body is None:
        return
    frames.write(end, {"begun": True})
    try:
        said = work.do(request, body)
    except BaseException as error:  # noqa: BLE001  an answer must go out
        said = work.failed(error)
    try:
        frames.write(end, said)
    except (frames.TooLong, MemoryError) as error:
        frames.write(end, work.failed(error))


def main() -> None:
    """Serve on the socket that is our standard input."""
    worker = os.getppid()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # the worker ends its work in order, and with it we end
    module, _, name = sys.argv[1].partition(":")
    work: Work = getattr(importlib.import_module(module), name)()
    serve(socket.socket(fileno=sys.stdin.fileno()), work, worker)


if __name__ == "__main__":
    main()
