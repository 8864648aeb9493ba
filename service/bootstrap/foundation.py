"""What all else stands on: settings, database, broker, clock."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from service.adapters.clock import FileClock, SystemClock
from service.adapters.storage import revision
from service.adapters.storage.database import SqlUnits, make_engine, sqlite_url
from service.bootstrap.folders import make_folder, shipped
from service.config import calibration
from service.config.reading import Reading, Readings
from service.config.settings import Settings, default_config_dir, load_settings
from service.domain.risk.score import Scale
from service.errors import ConfigError
from service.flow import Task
from service.pipeline.line import Patience
from service.ports import Clock, Queue, Units

if TYPE_CHECKING:
    from celery import Celery


DRAIN = 20.0
"""Seconds a worker goes on with what it finds, before it looks at its queue again."""
PATIENCE: Mapping[Task, Patience] = {
    **dict.fromkeys(Task, Patience()),
    Task.FETCH: Patience(max_attempts=None),  # a failing feed is asked again, later and later, never dropped
}
EMBEDDED_SOCKET = Path("broker") / "redis.sock"


class Foundation:
    """What all else stands on: settings, database, broker, clock."""

    def __init__(
        self, config_dir: Path | None = None, overrides: Mapping[str, Any] | None = None, *, cores: int = 1
    ) -> None:
        self.config_dir = config_dir or default_config_dir() or shipped("config")
        if not self.config_dir.is_dir():
            raise ConfigError(f"{self.config_dir}: no such folder of configuration files")
        self.settings: Settings = load_settings(self.config_dir, overrides)
        self.data_dir = self.settings.data_dir.absolute()
        self.cores = cores
        self._overrides = dict(overrides or {})
        self._building = Lock()
        self._readings = Readings(self.config_dir)
        self._refused, self._told = "", True

    @property
    def reading(self) -> Reading:
        """The files that may change, as this thread sees them."""
        return self._readings.active

    @cached_property
    def broker_url(self) -> str:
        """Where messages go: as configured, to the embedded server's socket, or without any server through files."""
        if self.settings.broker_url:
            return self.settings.broker_url.get_secret_value()
        from service.adapters.queue.embedded import find_server

        if find_server() is None:
            return f"filesystem://{self.data_dir / 'broker'}"
        return f"redis+socket://{self.data_dir / EMBEDDED_SOCKET}"

    @cached_property
    def database_url(self) -> str:
        """Where rows are: as configured, or in the data folder."""
        if self.settings.database_url:
            return self.settings.database_url.get_secret_value()
        return sqlite_url(self.data_dir)

    @cached_property
    def units(self) -> Units:
        """Transactions on the database."""
        if not self.settings.database_url:
            make_folder(self.data_dir)
        return SqlUnits(self._engine)

    @cached_property
    def _engine(self) -> Any:
        return make_engine(self.database_url)

    def revision(self) -> str | None:
        """The migration the database is at, None before the first. Raises StorageUnavailable."""
        return revision.current(self._engine)

    def close(self) -> None:
        """Give the database connections back."""
        if "_engine" in self.__dict__:
            self._engine.dispose()

    def is_prepared(self) -> bool:
        """Whether the database exists with all its tables."""
        if not self.settings.database_url and not (self.data_dir / "detente.db").exists():
            return False
        return revision.is_at_head(self._engine)

    @cached_property
    def celery(self) -> "Celery":
        """The Celery application."""
        from service.adapters.queue.celery_queue import make_app

        return make_app(self.broker_url, max(p.time_limit for p in PATIENCE.values()))

    @cached_property
    def queue(self) -> Queue:
        """Nudges to the workers."""
        from service.adapters.queue.celery_queue import CeleryQueue

        return CeleryQueue(self.celery)

    @cached_property
    def clock(self) -> Clock:
        """The time scores and alerts are about."""
        return FileClock(self.settings.clock_file) if self.settings.clock_file else SystemClock()

    @property
    def scale(self) -> Scale:
        """Where levels begin and reach 100."""
        return Scale(self.settings.scale.c, self.settings.scale.r_max)

    @property
    def calibration(self) -> str:
        """The name of the calibration that the scale comes from, empty where settings go before it or there is none."""
        fitted = calibration.read(self.config_dir)
        return fitted.name if fitted and fitted.scale == self.settings.scale.model_dump() else ""
