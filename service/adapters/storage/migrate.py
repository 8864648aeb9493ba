"""The schema by migrations, the same way everywhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from service.adapters.storage.database import is_outage, unavailable

FOLDER = Path(__file__).parent / "migrations"


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the database to a revision. Running it again changes nothing. Raises StorageUnavailable."""
    with _answering(), engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def is_at_head(engine: Engine) -> bool:
    """Whether every migration has been run. Raises StorageUnavailable."""
    with _answering(), engine.connect() as connection:
        heads = set(ScriptDirectory.from_config(_config()).get_heads())
        return set(MigrationContext.configure(connection).get_current_heads()) == heads


def revision(engine: Engine) -> str | None:
    """The migration the database is at, None before the first. Raises StorageUnavailable."""
    with _answering(), engine.connect() as connection:
        found: str | None = MigrationContext.configure(connection).get_current_revision()
        return found


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        if not is_outage(error):
            raise
        raise unavailable(error) from error


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["quiet"] = True
    return config
