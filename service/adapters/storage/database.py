"""Connections and transactions."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import structlog
from sqlalchemy import Connection, Engine, create_engine, event, func, make_url, select, text
from sqlalchemy.exc import DatabaseError, DBAPIError, NoSuchModuleError, OperationalError

from service.adapters.clock import SystemClock
from service.adapters.storage.accounts import SqlAccounts
from service.adapters.storage.alerts import SqlAlerts
from service.adapters.storage.answers import SqlAnswers
from service.adapters.storage.articles import SqlArticles
from service.adapters.storage.audit import SqlAudit
from service.adapters.storage.channels import SqlChannels
from service.adapters.storage.decisions import SqlDecisions
from service.adapters.storage.desk import SqlDesk
from service.adapters.storage.feedback import SqlFeedbacks
from service.adapters.storage.feeds import SqlFeeds, SqlHosts
from service.adapters.storage.ledger import SqlLedger
from service.adapters.storage.listings import SqlListings
from service.adapters.storage.marks import SqlMarks
from service.adapters.storage.outbox import SqlOutbox
from service.adapters.storage.silences import SqlSilences
from service.adapters.storage.subscribers import SqlSubscribers
from service.adapters.storage.tallies import SqlTallies
from service.adapters.storage.works import SqlWorks
from service.errors import ConfigError, StorageFull, StorageUnavailable
from service.ports import (
    Accounts,
    Alerts,
    Answers,
    Articles,
    Audit,
    Channels,
    Decisions,
    Desk,
    Feedbacks,
    Feeds,
    Hosts,
    Ledger,
    Listings,
    Marks,
    Outbox,
    Silences,
    Subscribers,
    Tallies,
    UnitOfWork,
    Works,
)

log = structlog.get_logger()
LEDGER_LOCK = 0x0DE7E47E
"""Number of the PostgreSQL advisory lock under which serial transactions run."""
BUSY_TIMEOUT_MS = 20_000
"""How long SQLite waits for another writer: below the shortest lease."""


def sqlite_url(data_dir: Path) -> str:
    """The address of the embedded database."""
    return f"sqlite:///{data_dir / 'detente.db'}"


def make_engine(url: str) -> Engine:
    """An engine for SQLite or PostgreSQL.

    SQLite runs in WAL mode and begins its transactions itself, so that writers queue up instead of failing half way.
    Raises ConfigError when the driver is not installed.
    """
    if make_url(url).get_backend_name() != "sqlite":
        return _make_postgresql_engine(_with_driver(url))
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False})
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _make_postgresql_engine(url: str) -> Engine:
    try:
        return create_engine(url, pool_pre_ping=True, pool_size=4, connect_args={"connect_timeout": 5})
    except (ImportError, NoSuchModuleError):
        driver = make_url(url).drivername.partition("+")[2]
        raise ConfigError(
            f"database_url: the driver {driver} is not installed: install the extra postgres, which has psycopg"
        ) from None


def _with_driver(url: str) -> str:
    parsed = make_url(url)
    if parsed.drivername in {"postgres", "postgresql"}:
        parsed = parsed.set(drivername="postgresql+psycopg")
    return parsed.render_as_string(hide_password=False)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", f"busy_timeout={BUSY_TIMEOUT_MS}", "foreign_keys=ON", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")


class SqlUnitOfWork:
    """One transaction on one connection."""

    def __init__(self, connection: Connection) -> None:
        now = database_clock(connection)
        self.works: Works = SqlWorks(connection, now)
        self.accounts: Accounts = SqlAccounts(connection)
        self.answers: Answers = SqlAnswers(connection)
        self.articles: Articles = SqlArticles(connection, now)
        self.ledger: Ledger = SqlLedger(connection, now)
        self.alerts: Alerts = SqlAlerts(connection, now)
        self.decisions: Decisions = SqlDecisions(connection)
        self.channels: Channels = SqlChannels(connection, now)
        self.desk: Desk = SqlDesk(connection)
        self.feedback: Feedbacks = SqlFeedbacks(connection)
        self.feeds: Feeds = SqlFeeds(connection, now)
        self.hosts: Hosts = SqlHosts(connection, now)
        self.listings: Listings = SqlListings(connection)
        self.outbox: Outbox = SqlOutbox(connection, now)
        self.silences: Silences = SqlSilences(connection)
        self.marks: Marks = SqlMarks(connection, now)
        self.subscribers: Subscribers = SqlSubscribers(connection)
        self.audit: Audit = SqlAudit(connection, now)
        self.tallies: Tallies = SqlTallies(connection)
        self.actions: list[Callable[[], object]] = []

    def after_commit(self, action: Callable[[], object]) -> None:
        """Run this once the transaction is safe."""
        self.actions.append(action)


def database_clock(connection: Connection) -> Callable[[], datetime]:
    """The clock leases follow: the server's with PostgreSQL, so that all hosts agree; this machine's with SQLite."""
    if connection.dialect.name == "sqlite":
        return SystemClock().now
    return _ServersClock(connection).now


class _ServersClock:
    """Asks the server once in a transaction, and counts on from there: a round trip costs more than a statement."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.asked: tuple[datetime, float] | None = None

    def now(self) -> datetime:
        """The server's time."""
        if self.asked is None:
            said: datetime = self.connection.execute(select(func.clock_timestamp())).scalar_one()
            self.asked = said.astimezone(UTC), monotonic()
        began, mark = self.asked
        return began + timedelta(seconds=monotonic() - mark)


class SqlUnits:
    """Opens transactions on an engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @contextmanager
    def __call__(self, *, serial: bool = False, read_only: bool = False) -> Iterator[UnitOfWork]:
        """A transaction. Raises StorageUnavailable when the database does not answer or is full."""
        try:
            with self.engine.connect() as connection, _begun(connection, serial=serial, read_only=read_only):
                unit = SqlUnitOfWork(connection)
                yield unit
        except (OperationalError, DBAPIError) as error:
            if not is_outage(error):
                raise
            raise unavailable(error) from error
        for action in unit.actions:
            _run_quietly(action)


def _run_quietly(action: Callable[[], object]) -> None:
    """The rows are safe, and the sweeper repeats what is lost here: no failure may look like one of the transaction."""
    try:
        action()
    except Exception:
        log.exception("action after commit failed")


def is_outage(error: DBAPIError) -> bool:
    """Whether the error tells of the database's state rather than of our statement.

    SQLite raises a bare DatabaseError for a file that is no database or is damaged.
    """
    return isinstance(error, OperationalError) or type(error) is DatabaseError or error.connection_invalidated


def unavailable(error: DBAPIError) -> StorageUnavailable:
    """The error in our terms, with the first line of what the database said."""
    said = str(error.orig).strip().partition("\n")[0]
    if is_full(error):
        return StorageFull(f"the database is full: {said}")
    what = "cannot be read" if type(error) is DatabaseError else "does not answer"
    return StorageUnavailable(f"the database {what}: {said}")


def is_full(error: DBAPIError) -> bool:
    """Whether the disk had no room: SQLite's SQLITE_FULL, PostgreSQL's disk_full."""
    names = (getattr(error.orig, "sqlite_errorname", ""), getattr(error.orig, "sqlstate", ""))
    return names[0] == "SQLITE_FULL" or names[1] == "53100"


@contextmanager
def _begun(connection: Connection, *, serial: bool, read_only: bool) -> Iterator[None]:
    with connection.begin():
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN DEFERRED" if read_only else "BEGIN IMMEDIATE")
        elif serial:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LEDGER_LOCK})
        yield
