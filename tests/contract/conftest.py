"""The databases the contract is held against: SQLite in a file, and a PostgreSQL server of our own."""

import shutil
import socket
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from service.adapters.storage import migrate
from service.adapters.storage.database import make_engine, sqlite_url
from service.adapters.storage.schema import metadata
from tests.postgres import Cluster


@pytest.fixture(scope="session")
def migrated_postgres(cluster: Cluster) -> Iterator[Engine]:
    """One migrated database for all tests; each finds it emptied."""
    engine = cluster.create("contract")
    migrate.upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A migrated, empty database of either kind."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("migrated"), tmp_path / "detente.db")
        engine = make_engine(sqlite_url(tmp_path))
        yield engine
        engine.dispose()
        return
    engine = request.getfixturevalue("migrated_postgres")
    with engine.begin() as connection:
        names = ", ".join(f'"{table.name}"' for table in metadata.sorted_tables)
        connection.execute(text(f"TRUNCATE {names} CASCADE"))
    yield engine
    assert engine.pool.checkedout() == 0, "a connection was not given back"  # type: ignore[attr-defined]


_numbers = count()


@pytest.fixture(params=["sqlite", "postgresql"])
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database without any table."""
    if request.param == "sqlite":
        engine = make_engine(sqlite_url(tmp_path))
    else:
        engine = request.getfixturevalue("cluster").create(f"bare{next(_numbers)}")
    yield engine
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def away(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database that does not answer."""
    if request.param == "sqlite":
        engine = make_engine(sqlite_url(tmp_path / "no such folder"))
    else:
        pytest.importorskip("psycopg")
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            port = taken.getsockname()[1]
        engine = make_engine(f"postgresql://detente:CANARY@127.0.0.1:{port}/detente")
    yield engine
    engine.dispose()
