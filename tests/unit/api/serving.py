"""A real server in a process of its own, started as the daemon does it."""

import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from service.bootstrap import Detente, shipped
from service.config.settings import child_environment
from service.daemon import api_command

TOKEN = "CANARY-token-of-a-test"


@dataclass(frozen=True)
class Served:
    """Where it listens, and what it has written."""

    port: int
    log: Path

    def ask(self, sent: bytes) -> bytes:
        """Send bytes as they are; returns all that comes back until the server closes or says no more."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            connection.sendall(sent)
            found = b""
            try:
                while part := connection.recv(65536):
                    found += part
                    if _is_whole(found):
                        break
            except (TimeoutError, ConnectionResetError):
                pass
            return found

    def status(self, sent: bytes) -> int:
        """The status that is answered to bytes, 0 where the server only closes the connection."""
        first = self.ask(sent).partition(b"\r\n")[0]
        return int(first.split()[1]) if first else 0


def _is_whole(found: bytes) -> bool:
    head, _, body = found.partition(b"\r\n\r\n")
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return len(body) >= int(value)
    return False


@contextmanager
def served(folder: Path, settings: Mapping[str, str] = {}) -> Iterator[Served]:
    """The interface on the data in this folder, which has tables."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    detente = Detente(shipped("config"), {"data_dir": str(folder), "api": {"port": port}})
    log = folder / "log.txt"
    variables = {"DETENTE_DATA_DIR": str(folder), "DETENTE_LOG_LEVEL": "DEBUG", **settings}
    with log.open("wb") as written:
        server = subprocess.Popen(
            api_command(detente), env=child_environment(variables), stdout=written, stderr=written
        )
    try:
        found = Served(port, log)
        _await(found)
        yield found
    finally:
        server.terminate()
        server.wait(30)


def _await(found: Served) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            if found.status(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n") == 200:
                return
        except ConnectionRefusedError:
            time.sleep(0.05)
    pytest.fail(f"the server does not come up: {found.log.read_text()[-500:]}")
