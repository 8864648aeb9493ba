"""The schema by migrations, the same way everywhere."""

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine

from service.adapters.storage.revision import FOLDER, answering


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the database to a revision. Running it again changes nothing. Raises StorageUnavailable."""
    with answering(), engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["quiet"] = True
    return config
