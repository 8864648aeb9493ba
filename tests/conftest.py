"""What most tests need: a migrated database, and a pipeline on it with fakes outside."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from service.adapters.nlp.gazetteer import CompiledGazetteer
from service.adapters.storage import migrate
from service.adapters.storage.database import SqlUnits, make_engine, sqlite_url
from tests.fakes import MovedUnits, World
from tests.postgres import cluster  # noqa: F401  a fixture


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy."""
    folder = tmp_path_factory.mktemp("migrated")
    engine = make_engine(sqlite_url(folder))
    migrate.upgrade(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return folder / "detente.db"


@pytest.fixture
def engine(migrated: Path, tmp_path: Path) -> Iterator[Engine]:
    """An empty database of this test's own."""
    shutil.copy(migrated, tmp_path / "detente.db")
    engine = make_engine(sqlite_url(tmp_path))
    yield engine
    engine.dispose()


@pytest.fixture
def units(engine: Engine) -> SqlUnits:
    """Transactions on the test's database."""
    return SqlUnits(engine)


@pytest.fixture(scope="session")
def shipped_gazetteer() -> CompiledGazetteer:
    """The real names; loading them takes a moment."""
    return CompiledGazetteer.load()


@pytest.fixture
def world(engine: Engine, shipped_gazetteer: CompiledGazetteer) -> World:
    """The pipeline with fakes outside."""
    return World(engine, shipped_gazetteer)


@pytest.fixture
def moved(world: World) -> MovedUnits:
    """The time of the world's database, to be moved."""
    moved = MovedUnits(world.units)
    world.units = moved  # type: ignore[assignment]
    return moved
