"""A PostgreSQL server of the tests' own."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from service.adapters.storage.database import make_engine

SERVANT = "nobody"
"""Whom the server runs as when we are root, whom PostgreSQL refuses."""


@dataclass(frozen=True)
class Cluster:
    """A running PostgreSQL server that listens on a unix socket in its own folder only."""

    socket_folder: Path
    user: str

    def url(self, database: str) -> str:
        return f"postgresql://{self.user}@/{database}?host={self.socket_folder}"

    def create(self, database: str) -> Engine:
        """A new, empty database."""
        engine = make_engine(self.url("postgres"))
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f'CREATE DATABASE "{database}"'))
        engine.dispose()
        return make_engine(self.url(database))


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
    initdb, pg_ctl = _binary("initdb"), _binary("pg_ctl")
    if not (initdb and pg_ctl):
        pytest.skip("PostgreSQL's initdb and pg_ctl are not on this machine")
    as_root = os.geteuid() == 0
    if as_root and not shutil.which("setpriv"):
        pytest.skip("PostgreSQL does not run as root, and setpriv is not here to become somebody else")
    folder = Path(tempfile.mkdtemp(prefix="detente-pg-", dir="/tmp"))
    if as_root:
        shutil.chown(folder, SERVANT)
    data, user = folder / "data", "detente"
    try:
        _run(
            as_root, initdb, "-D", str(data), "-U", user, "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"
        )
        options = f"-k {folder} -c listen_addresses= -c fsync=off -c shared_buffers=16MB -c timezone=Asia/Karachi"
        _run(as_root, pg_ctl, "-D", str(data), "-w", "-t", "30", "-l", str(folder / "log"), "-o", options, "start")
        try:
            yield Cluster(folder, user)
        finally:
            _run(as_root, pg_ctl, "-D", str(data), "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
