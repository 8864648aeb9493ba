"""Transactions: all or nothing, one after the other where it matters, and messages only after the commit."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Engine, event, insert, text
from sqlalchemy.exc import IntegrityError, StatementError

from service.adapters.storage import migrate, revision
from service.adapters.storage.database import SqlUnits
from service.adapters.storage.schema import mark
from service.errors import StorageFull, StorageUnavailable
from tests.fakes import NOON, article, dump


@pytest.fixture
def units(engine: Engine) -> SqlUnits:
    return SqlUnits(engine)


def test_an_error_takes_everything_back_and_no_message_leaves(units: SqlUnits, engine: Engine) -> None:
    done: list[str] = []
    with pytest.raises(KeyError, match="on purpose"), units() as unit:
        unit.articles.add(article("a1"), "test", "h")
        unit.marks.set("swept")
        unit.after_commit(lambda: done.append("told"))
        raise KeyError("on purpose")
    assert done == []
    with units(read_only=True) as unit:
        assert unit.articles.get(["a1"]) == {}
        assert unit.marks.get("swept") is None


def test_messages_leave_after_the_commit_in_order(units: SqlUnits) -> None:
    seen: list[object] = []

    def others_see() -> None:
        with units(read_only=True) as other:
            seen.append(sorted(other.articles.get(["a1"])))

    with units() as unit:
        unit.articles.add(article("a1"), "test", "h")
        unit.after_commit(others_see)
        unit.after_commit(lambda: seen.append("second"))
        assert seen == []
    assert seen == [["a1"], "second"]


def test_a_message_that_fails_harms_neither_the_rows_nor_the_next_message(units: SqlUnits) -> None:
    seen: list[str] = []

    def fail() -> None:
        raise RuntimeError("the broker broke in an unheard-of way")

    with units() as unit:
        unit.articles.add(article("a1"), "test", "h")
        unit.after_commit(fail)
        unit.after_commit(lambda: seen.append("second"))
    assert seen == ["second"]
    with units(read_only=True) as unit:
        assert list(unit.articles.get(["a1"])) == ["a1"]


def test_serial_transactions_exclude_one_another(units: SqlUnits) -> None:
    inside, most, start = [0], [0], threading.Barrier(4)

    def work(n: int) -> None:
        start.wait()
        with units(serial=True) as unit:
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            before = unit.marks.get("sum")
            time.sleep(0.03)
            unit.marks.set("sum", f"{before[1] if before else ''}{n}")
            inside[0] -= 1

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert most[0] == 1
    with units(read_only=True) as unit:
        found = unit.marks.get("sum")
    assert found is not None
    assert sorted(found[1]) == ["0", "1", "2", "3"], "an update was lost"


def test_readers_do_not_wait_for_a_writer(units: SqlUnits) -> None:
    with units(serial=True) as unit:
        unit.marks.set("swept")
        began = time.monotonic()
        with units(read_only=True) as reader:
            assert reader.marks.get("swept") is None
        assert time.monotonic() - began < 2


def test_a_time_without_a_zone_is_refused(engine: Engine) -> None:
    units = SqlUnits(engine)
    naive = article("a1", at=datetime(2026, 3, 1, 12))
    with pytest.raises(StatementError, match="without a zone"), units() as unit:
        unit.articles.add(naive, "test", "h")
    assert dump(engine)["article"] == []


def test_times_come_back_as_the_same_moment_in_utc(engine: Engine) -> None:
    elsewhere = NOON.astimezone(timezone(timedelta(hours=5)))
    units = SqlUnits(engine)
    with units() as unit:
        unit.articles.add(article("a1", at=elsewhere), "test", "h")
    with units(read_only=True) as unit:
        found = unit.articles.get(["a1"])["a1"].published_at
        now = unit.marks.now()
    assert found == NOON
    assert found.tzinfo is UTC
    assert now.tzinfo is UTC
    assert abs(now - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_database_that_is_away_says_so(away: Engine) -> None:
    with pytest.raises(StorageUnavailable, match="does not answer") as caught, SqlUnits(away)() as unit:
        unit.works.counts()
    assert "CANARY" not in str(caught.value)
    assert caught.value.retryable


def test_a_database_that_is_away_says_so_to_migrations_too(away: Engine) -> None:
    with pytest.raises(StorageUnavailable):
        revision.is_at_head(away)
    with pytest.raises(StorageUnavailable):
        migrate.upgrade(away)


def test_a_connection_lost_half_way_is_an_outage_and_the_next_one_works(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        pytest.skip("a file has no connection to lose")
    units, done = SqlUnits(engine), []
    with pytest.raises(StorageUnavailable), units() as unit:
        unit.articles.add(article("a1"), "test", "h")
        unit.after_commit(lambda: done.append("told"))
        with engine.connect() as other:
            others = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
            other.execute(others.execution_options(autocommit=True))
        unit.works.counts()
    assert done == []
    with units(read_only=True) as unit:
        assert unit.articles.get(["a1"]) == {}


def test_a_full_disk_is_an_outage(engine: Engine) -> None:
    if engine.dialect.name != "sqlite":
        pytest.skip("a server's disk cannot be filled by a test")

    def small(connection: object, _record: object) -> None:
        connection.execute("PRAGMA max_page_count=1")  # type: ignore[attr-defined]

    event.listen(engine, "connect", small)
    engine.dispose()
    units = SqlUnits(engine)
    with pytest.raises(StorageFull, match="full"), units() as unit:
        for n in range(200):
            unit.articles.add(article(f"a{n}"), "test", f"h{n}")
    event.remove(engine, "connect", small)
    engine.dispose()
    with units() as unit:
        assert unit.articles.add(article("a1"), "test", "h1") == "new"


def test_a_mistake_of_ours_is_no_outage(units: SqlUnits, engine: Engine) -> None:
    with pytest.raises(IntegrityError), units(), engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            pytest.skip("a second writer would wait for the first")
        connection.execute(insert(mark).values(name="twin", at=NOON, value=""))
        connection.execute(insert(mark).values(name="twin", at=NOON, value=""))
