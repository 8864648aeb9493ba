"""The process that forks a child for every send.

It has read nothing but code: no settings, no credentials, an environment of its own. It lives as long as the worker
that started it, and its children no longer than their deadline or itself.
"""

import ctypes
import gc
import os
import resource
import select
import signal
import socket
import struct
import sys
import time

from service.adapters.channels import frames
from service.adapters.channels.verdict import answer

DEADLINE = struct.Struct("!d")
MOST_MEMORY = 2**30
"""Bytes of address space a child may have."""
MOST_FILES = 64
LOOK_EVERY = 1.0
"""Seconds between looks whether the worker still lives."""
_DIE_WITH_PARENT = 1
"""PR_SET_PDEATHSIG."""


class Nursery:
    """The children that are sending, and when each must have ended by the monotonic clock."""

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
                os.killpg(pid, signal.SIGKILL)

    def wait(self, now: float) -> float:
        """Seconds until somebody's time is up, at most until the next look."""
        return min([LOOK_EVERY, *(max(0.0, end - now) for end in self.ends.values())])


def serve(control: socket.socket) -> None:
    """Fork a child for every socket that comes over `control`, until the worker is gone."""
    from service.adapters.channels.child import Sender  # noqa: PLC0415  children of a test need it not

    sender, libc, worker, nursery = Sender(), ctypes.CDLL(None), os.getppid(), Nursery()
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
            pid = _fork(descriptors[0], within, sender, libc, control)
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


def _fork(descriptor: int, within: float, sender: object, libc: ctypes.CDLL, control: socket.socket) -> int:
    zygote = os.getpid()
    if pid := os.fork():
        os.close(descriptor)
        return pid
    try:
        os.setpgid(0, 0)
        libc.prctl(_DIE_WITH_PARENT, signal.SIGKILL)
        if os.getppid() == zygote:
            control.close()
            _confine(within)
            _answer(socket.socket(fileno=descriptor), sender)
    finally:
        os._exit(0)


def _confine(within: float) -> None:
    """Limits that the kernel keeps: memory, files, no dump, no writing, and time on the processor."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    seconds = int(within) + 1
    limits = {
        resource.RLIMIT_AS: MOST_MEMORY,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: MOST_FILES,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CPU: seconds,
    }
    for limit, most in limits.items():
        resource.setrlimit(limit, (most, most))


def _answer(end: socket.socket, sender: object) -> None:
    """Read a request, say that sending begins, send, answer. What goes wrong is told by its kind alone."""
    request = frames.read(end)
    if request is None:
        return
    frames.write(end, {"begun": True})
    try:
        said = sender.send(request)  # type: ignore[attr-defined]
    except BaseException as error:  # noqa: BLE001  an answer must go out, and the message may hold the address
        said = answer(f"the send failed inside ({type(error).__name__})", unknown=True)
    frames.write(end, said)


def main() -> None:
    """Serve on the socket that is our standard input."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # the worker ends its sends in order, and with it we end
    serve(socket.socket(fileno=sys.stdin.fileno()))


if __name__ == "__main__":
    main()
