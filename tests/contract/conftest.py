"""What the contract is held against: SQLite in a file, a PostgreSQL server of our own, and books in memory."""

import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from service.adapters.storage import migrate
from service.adapters.storage.database import SqlUnits, make_engine, sqlite_url
from service.adapters.storage.memory import MemoryUnits
from service.adapters.storage.schema import metadata
from service.ports import OpenBooks
from tests.fakes import NOON, dump
from tests.postgres import Cluster


@pytest.fixture(scope="session")
def migrated_postgres(cluster: Cluster) -> Iterator[Engine]:
    """One migrated database for all tests; each finds it emptied."""
    engine = cluster.create("contract")
    migrate.upgrade(engine)
    yield engine
    engine.dispose()


@contextmanager
def opened(kind: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[Engine]:
    """A migrated, empty database of this kind."""
    if kind == "sqlite":
        shutil.copy(request.getfixturevalue("migrated"), folder / "detente.db")
        engine = make_engine(sqlite_url(folder))
        yield engine
        engine.dispose()
        return
    engine = request.getfixturevalue("migrated_postgres")
    with engine.begin() as connection:
        names = ", ".join(f'"{table.name}"' for table in metadata.sorted_tables)
        connection.execute(text(f"TRUNCATE {names} CASCADE"))
    yield engine
    assert engine.pool.checkedout() == 0, "a connection was not given back"  # type: ignore[attr-defined]


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A migrated, empty database of either kind."""
    with opened(request.param, request, tmp_path) as engine:
        yield engine


@dataclass(frozen=True)
class Store:
    """Empty books, and a way to see all that is in them."""

    units: OpenBooks
    dump: Callable[[], object]


@pytest.fixture(params=["sqlite", "postgresql", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Books of every kind: in either database, and in memory."""
    if request.param == "memory":
        units = MemoryUnits(lambda: NOON)
        yield Store(units, lambda: plain(units))
        return
    with opened(request.param, request, tmp_path) as engine:
        yield Store(SqlUnits(engine), lambda: dump(engine))


def plain(value: object) -> object:
    """What an object in memory holds, as values that can be compared."""
    if isinstance(value, dict):
        return sorted((repr(key), plain(inner)) for key, inner in value.items())
    if isinstance(value, list | set):
        return sorted(map(repr, value))
    held = getattr(value, "__dict__", None)
    return plain(held) if isinstance(held, dict) and "Memory" in type(value).__name__ else repr(value)


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
