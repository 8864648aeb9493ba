"""Which migration a database is at, asked without loading what runs migrations."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import DBAPIError

from service.adapters.storage.database import is_outage, unavailable

FOLDER = Path(__file__).parent / "migrations"
TABLE = "alembic_version"


def current(engine: Engine) -> str | None:
    """The migration the database is at, None before the first. Raises StorageUnavailable."""
    with answering(), engine.connect() as connection:
        if not inspect(connection).has_table(TABLE):
            return None
        found: str | None = connection.execute(text(f"SELECT version_num FROM {TABLE}")).scalar()  # noqa: S608  a constant
        return found


def is_at_head(engine: Engine) -> bool:
    """Whether every migration has been run. Raises StorageUnavailable."""
    return current(engine) == newest()


def newest() -> str:
    """The last migration there is: files are named `vNNNN_what.py` by their number."""
    return max(path.name[1:5] for path in (FOLDER / "versions").glob("v[0-9]*.py"))


@contextmanager
def answering() -> Iterator[None]:
    """Errors that tell of the database's state become StorageUnavailable."""
    try:
        yield
    except DBAPIError as error:
        if not is_outage(error):
            raise
        raise unavailable(error) from error
