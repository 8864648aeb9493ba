"""Work for a jail that does what no work should. Loaded by the process that forks, which is not a test's own."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from typing import Any

from service.adapters.feeds.parsers import Reader
from service.adapters.jail.work import Limits

SPACE = 2**29


def _failure(attempt: Callable[[], Any]) -> str:
    """What kind of error it ends in, "" if in none."""
    try:
        attempt()
    except Exception as error:  # noqa: BLE001  whatever it is
        return f"{type(error).__name__} {getattr(error, 'errno', '')}".strip()
    return ""


def _open_descriptors() -> list[int]:
    found = []
    for number in range(1024):
        with contextlib.suppress(OSError):
            os.fstat(number)
            found.append(number)
    return found


class Unruly:
    """Implements `jail.work.Work`: does what it is asked to do."""

    limits = Limits(memory=SPACE, files=0)

    def do(self, request: Mapping[str, Any], body: bytes, /) -> dict[str, Any]:
        """The answer has what came of it under `said`."""
        return {"said": getattr(self, request["act"])(body)}

    def failed(self, error: BaseException, /) -> dict[str, Any]:
        """Its kind."""
        return {"failed": type(error).__name__}

    def length(self, body: bytes) -> int:
        """How much came."""
        return len(body)

    def text(self, body: bytes) -> str:
        """What came."""
        return body.decode("utf-8", "surrogatepass")

    def hang(self, body: bytes) -> None:
        """In C, where no signal handler of Python's runs."""
        re.match(r"(a+)+$", "a" * 60 + "b")

    def nap(self, body: bytes) -> str:
        """For as many seconds as it is told."""
        time.sleep(float(body))
        return "rested"

    def crash(self, body: bytes) -> None:
        """As a fault in a library would."""
        os.kill(os.getpid(), signal.SIGSEGV)

    def swell(self, body: bytes) -> int:
        """Ask for more than there is."""
        return len(bytes(4 * SPACE))

    def babble(self, body: bytes) -> str:
        """More than fits into a message."""
        return "x" * (17 * 2**20)

    def stray(self, body: bytes) -> None:
        """Leave the group that is killed."""
        os.setpgid(0, os.getppid())
        time.sleep(600)

    def touch(self, body: bytes) -> dict[str, str]:
        """How each way out of the jail ends."""
        return {
            "open": _failure(lambda: open("/etc/passwd")),  # noqa: PTH123
            "socket": _failure(socket.socket),
            "pair": _failure(socket.socketpair),
            "pipe": _failure(os.pipe),
            "folder": _failure(lambda: os.listdir("/")),  # noqa: PTH208
            "process": _failure(lambda: subprocess.run(["/bin/true"], check=True)),
            "module": _failure(lambda: __import__("this")),
            "name": _failure(lambda: socket.getaddrinfo("localhost", 80)),
        }

    def descriptors(self, body: bytes) -> list[int]:
        """Those that are open."""
        return _open_descriptors()

    def environment(self, body: bytes) -> list[str]:
        """The names in it."""
        return sorted(os.environ)


class Attacked(Reader):
    """A reader whose parsers have been taken over: they do what `Unruly` does, or answer what they were given."""

    def __init__(self) -> None:
        pass

    def do(self, request: Mapping[str, Any], content: bytes, /) -> dict[str, Any]:
        """By the kind that is asked for."""
        if request["kind"] == "feed":
            said: dict[str, Any] = json.loads(content)
            return said
        return {"read": {"said": getattr(Unruly(), request["kind"])(content)}}


class Sinking:
    """A kind of work that cannot even be made."""

    def __init__(self) -> None:
        os._exit(3)
