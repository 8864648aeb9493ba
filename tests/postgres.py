"""A PostgreSQL server of the tests' own."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from service.adapters.storage.database import make_engine

SERVANT = "nobody"
"""Whom the server runs as when we are root, whom PostgreSQL refuses."""


@dataclass(frozen=True)
class Cluster:
    """A PostgreSQL server that listens on a unix socket in its own folder only."""

    folder: Path
    user: str
    control: str
    as_root: bool

    def url(self, database: str) -> str:
        return f"postgresql://{self.user}@/{database}?host={self.folder}"

    def create(self, database: str) -> Engine:
        """A new, empty database."""
        engine = make_engine(self.url("postgres"))
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f'CREATE DATABASE "{database}"'))
        engine.dispose()
        return make_engine(self.url(database))

    def start(self) -> None:
        options = f"-k {self.folder} -c listen_addresses= -c fsync=off -c shared_buffers=16MB -c timezone=Asia/Karachi"
        self._control("-w", "-t", "30", "-l", str(self.folder / "log"), "-o", options, "start")

    def crash(self) -> None:
        """Stop at once, as in a crash: connections break, and the next start has to recover."""
        self._control("-m", "immediate", "stop")

    def _control(self, *arguments: str) -> None:
        _run(self.as_root, self.control, "-D", str(self.folder / "data"), *arguments)


def _binary(name: str) -> str | None:
    newest = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda p: int(p.parts[4].partition(".")[0]))
    return str(newest[-1]) if newest else shutil.which(name)


def _run(as_root: bool, *command: str) -> None:
    become = ["setpriv", f"--reuid={SERVANT}", "--regid=nogroup", "--clear-groups"] if as_root else []
    done = subprocess.run([*become, *command], capture_output=True, text=True, timeout=60, check=False, cwd="/tmp")
    assert done.returncode == 0, f"{command[0]}: {done.stdout} {done.stderr}"


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A server for this run; without the server's programs the tests that need it are skipped."""
    if why := missing():
        pytest.skip(why)
    with running_cluster() as cluster:
        yield cluster


def missing() -> str | None:
    """Why there can be no server on this machine."""
    if not (_binary("initdb") and _binary("pg_ctl")):
        return "PostgreSQL's initdb and pg_ctl are not on this machine"
    if os.geteuid() == 0 and not shutil.which("setpriv"):
        return "PostgreSQL does not run as root, and setpriv is not here to become somebody else"
    return None


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """A server in a folder of its own, gone when the block ends."""
    initdb, pg_ctl, as_root = _binary("initdb"), _binary("pg_ctl"), os.geteuid() == 0
    assert initdb
    assert pg_ctl
    folder = Path(tempfile.mkdtemp(prefix="detente-pg-", dir="/tmp"))
    if as_root:
        shutil.chown(folder, SERVANT)
    cluster = Cluster(folder, "detente", pg_ctl, as_root)
    data = str(folder / "data")
    try:
        _run(
            as_root,
            initdb,
            "-D",
            data,
            "-U",
            cluster.user,
            "--auth=trust",
            "--encoding=UTF8",
            "--no-locale",
            "--no-sync",
        )
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.crash()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
