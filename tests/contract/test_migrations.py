"""Migrations lead to the tables of the schema, from nothing and back."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect

from service.adapters.nlp.gazetteer import CompiledGazetteer
from service.adapters.storage import migrate, revision
from service.adapters.storage.database import SqlUnits
from service.adapters.storage.schema import metadata
from service.flow import Kind, RowState, Task
from service.operations.rebuild import MARK, rebuild
from service.pipeline.score import enter
from tests.contract.test_alerts import ALERT, TRANSITION
from tests.contract.test_articles import an_event
from tests.contract.test_ledger import books, report
from tests.contract.test_outbox import outgoing
from tests.fakes import LEASE, NOON, article, dump, row


def differences(engine: Engine) -> list[Any]:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, metadata))


def go(engine: Engine, where: Callable[[Config, str], None], revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(migrate.FOLDER))
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        config.attributes["connection"] = connection
        where(config, revision)


@pytest.fixture
def upgraded(bare: Engine) -> Iterator[Engine]:
    assert not revision.is_at_head(bare)
    migrate.upgrade(bare)
    return bare  # type: ignore[return-value]


def test_an_empty_database_becomes_the_schema(upgraded: Engine) -> None:
    assert revision.is_at_head(upgraded)
    assert differences(upgraded) == []


def test_the_newest_revision_is_the_head_and_the_only_one(upgraded: Engine) -> None:
    config = Config()
    config.set_main_option("script_location", str(migrate.FOLDER))
    assert ScriptDirectory.from_config(config).get_heads() == [revision.newest()]
    assert revision.current(upgraded) == revision.newest()
    go(upgraded, command.downgrade, "0001")
    assert (revision.current(upgraded), revision.is_at_head(upgraded)) == ("0001", False)


def test_the_comparison_sees_what_is_missing(bare: Engine) -> None:
    assert differences(bare), "a check that finds no difference in an empty database checks nothing"


def test_upgrading_twice_is_harmless(upgraded: Engine) -> None:
    units = SqlUnits(upgraded)
    with units() as unit:
        unit.articles.add(article("a1"), "test", "h")
    before = dump(upgraded)
    migrate.upgrade(upgraded)
    assert dump(upgraded) == before
    assert differences(upgraded) == []


def test_down_and_up_again(upgraded: Engine) -> None:
    go(upgraded, command.downgrade, "base")
    assert not revision.is_at_head(upgraded)
    assert set(inspect(upgraded).get_table_names()) <= {"alembic_version"}
    migrate.upgrade(upgraded)
    assert differences(upgraded) == []


def test_articles_and_what_hangs_on_them_outlast_the_change_of_tables(upgraded: Engine) -> None:
    units = SqlUnits(upgraded)
    with units() as unit:
        unit.articles.add(article("a1"), "test", "h")
        unit.articles.set_bands("a1", [1, 2])
        unit.articles.set_unread("a1", "fr")
    before = dump(upgraded)
    go(upgraded, command.downgrade, "0001")
    go(upgraded, command.upgrade, "head")
    after = dump(upgraded)
    assert after["article_band"] == before["article_band"]
    with units(read_only=True) as unit:
        assert unit.articles.get(["a1"]) == {"a1": article("a1")}
        assert unit.articles.unread() == {}


def test_reports_outlast_the_change_of_the_books_which_are_written_anew(
    upgraded: Engine, shipped_gazetteer: CompiledGazetteer
) -> None:
    units, geography = SqlUnits(upgraded), shipped_gazetteer.geography
    with units() as unit:
        for n in range(3):
            unit.articles.add(article(f"a{n}"), "test", f"h{n}")
            unit.articles.save_events(f"a{n}", [an_event(f"a{n}", at=NOON - timedelta(minutes=n))])
    with units(serial=True) as unit:
        enter([report(n) for n in range(3)], unit, geography, NOON)
        before = books(unit)
    go(upgraded, command.downgrade, "0002")
    go(upgraded, command.upgrade, "head")
    with units(serial=True) as unit:
        assert books(unit) == []
        unit.marks.set(MARK, "score of another day")
    assert rebuild(units, lambda: geography, NOON) == 3
    with units(serial=True) as unit:
        assert books(unit) == before != []


def test_messages_outlast_the_change_of_the_outbox_sent_or_not(upgraded: Engine) -> None:
    units = SqlUnits(upgraded)
    with units() as unit:
        unit.alerts.save(ALERT)
        unit.alerts.add_transition(TRANSITION)
        waits, sent = unit.outbox.write([outgoing(channels=("mail", "chat"))])
        unit.works.finish(unit.works.claim(Task.DELIVER, [sent], LEASE), RowState.SENT)
    go(upgraded, command.downgrade, "0004")
    go(upgraded, command.upgrade, "head")
    assert differences(upgraded) == []
    with units() as unit:
        assert {i: row(upgraded, Kind.NOTIFICATION, i)["state"] for i in (waits, sent)} == {
            waits: RowState.PENDING,
            sent: RowState.SENT,
        }
        delivery = unit.outbox.notifications([waits])[waits]
        assert (delivery.receiver, delivery.channel) == ("desk", "mail")
        message = unit.outbox.messages([delivery.message_id])[delivery.message_id]
        assert message.note.startswith("↑ high"), "its words are kept, though not what they were made of"
        assert unit.outbox.told(["desk"], [ALERT.subject]) == {"desk": {ALERT.subject}}
        assert [claim.id for claim in unit.works.claim(Task.DELIVER, [waits, sent], LEASE)] == [waits]
