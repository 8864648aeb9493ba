"""Subscribers, their channels, and the chain of who changed what, as stored."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import time, timedelta

import pytest
from sqlalchemy import Engine, text

from service.adapters.storage.database import SqlUnits
from service.adapters.vault import Vault
from service.domain.alerting.message import Message, MessageReason
from service.domain.alerting.notification import Outgoing
from service.domain.alerting.rule import Severity
from service.domain.alerting.subscriber import (
    ChannelState,
    DigestEvery,
    QuietHours,
    Subscriber,
    SubscriberChannel,
    SubscriberState,
)
from service.domain.audit import BEGINNING, chained, verify
from service.errors import Conflict
from service.operations.subscribers import Registry
from service.ports import Destination, Enrolled, OpenBooks
from tests.contract.conftest import Store
from tests.fakes import NOON, FakeClock

DAY = timedelta(days=1)
EMBASSY = Subscriber(
    "00112233445566aa", "Embassy", NOON, SubscriberState.ACTIVE, ("country:IRN", "watch:gulf"), with_dyads=False,
    least=Severity.HIGH, kinds=("LEVEL",), zone="Europe/Berlin",
    quiet=(QuietHours(time(22, 30), time(7), (0, 4)), QuietHours(time(12), time(13))), budget_per_day=None,
    budget_per_week=3, digest=DigestEvery.WEEKLY, digest_at=time(9, 15), digest_on=4, at_once=Severity.CRITICAL,
)  # fmt: skip
NEWSROOM = Subscriber("00112233445566bb", "Newsroom", NOON)
MAIL = Enrolled(EMBASSY.id, SubscriberChannel("mail", "mailtos"), "s1", "sealed…", "print1", NOON)


@pytest.fixture
def units(store: Store) -> OpenBooks:
    return store.units


def test_a_subscriber_comes_back_as_they_were_with_their_channels_by_name(units: OpenBooks) -> None:
    chat = replace(MAIL, channel=SubscriberChannel("chat", "ntfys", ChannelState.CONFIRMED, NOON + DAY), serial="s2")
    with units() as unit:
        unit.subscribers.save(NEWSROOM)
        unit.subscribers.save(EMBASSY)
        unit.subscribers.put(MAIL)
        unit.subscribers.put(chat)
        whole = replace(EMBASSY, channels=(chat.channel, MAIL.channel))
        assert unit.subscribers.get(EMBASSY.id) == whole
        assert unit.subscribers.all() == [whole, NEWSROOM]
        assert unit.subscribers.active() == unit.subscribers.active([whole.id]) == [whole]
        assert unit.subscribers.active(["ffffffffffffffff"]) == []
        assert unit.subscribers.get("0000000000000000") is None
        assert unit.subscribers.enrolled(EMBASSY.id) == [chat, MAIL] == unit.subscribers.enrolled()
        assert unit.subscribers.enrolled(NEWSROOM.id) == []


def test_saving_again_changes_the_subscriber_and_not_their_channels(units: OpenBooks) -> None:
    asked = replace(
        MAIL, channel=replace(MAIL.channel, state=ChannelState.UNSUBSCRIBED), asked_at=NOON + DAY, unsubscribed_at=NOON
    )
    paused = replace(EMBASSY, state=SubscriberState.PAUSED, name="Consulate", quiet=())
    with units() as unit:
        unit.subscribers.save(EMBASSY)
        unit.subscribers.put(MAIL)
        unit.subscribers.save(paused)
        unit.subscribers.put(asked)
        assert unit.subscribers.all() == [replace(paused, channels=(asked.channel,))]
        assert unit.subscribers.enrolled() == [asked]
        assert unit.subscribers.active() == []


def test_deleting_leaves_nothing_of_them(store: Store) -> None:
    with store.units() as unit:
        unit.subscribers.save(NEWSROOM)
    before = store.dump()
    with store.units() as unit:
        unit.subscribers.save(EMBASSY)
        unit.subscribers.put(MAIL)
        assert unit.subscribers.delete(EMBASSY.id)
        assert not unit.subscribers.delete(EMBASSY.id)
    assert store.dump() == before


def test_a_channel_is_removed_alone(units: OpenBooks) -> None:
    with units() as unit:
        unit.subscribers.save(EMBASSY)
        unit.subscribers.put(MAIL)
        assert not unit.subscribers.remove(EMBASSY.id, "chat")
        assert not unit.subscribers.remove(NEWSROOM.id, "mail")
        assert unit.subscribers.remove(EMBASSY.id, "mail")
        assert unit.subscribers.get(EMBASSY.id) == EMBASSY


def test_an_address_has_the_time_it_was_last_written_to(units: OpenBooks) -> None:
    with units() as unit:
        unit.subscribers.set_contacted("one", NOON)
        unit.subscribers.set_contacted("one", NOON + DAY)
        unit.subscribers.set_contacted("two", NOON)
        assert unit.subscribers.contacted_at(["one"]) == NOON + DAY
        assert unit.subscribers.contacted_at(["two", "one", "three"]) == NOON + DAY
        assert unit.subscribers.contacted_at(["three"]) is None
        unit.subscribers.forget_contacts(NOON + DAY)
        assert unit.subscribers.contacted_at(["two"]) is None
        assert unit.subscribers.contacted_at(["one"]) == NOON + DAY


def test_what_was_written_to_somebody_is_found(engine: Engine) -> None:
    message = Message(MessageReason.CONFIRM, EMBASSY.receiver, NOON, "t1")
    with SqlUnits(engine)() as unit:
        unit.outbox.write([Outgoing("m1", message, "Do you agree?", ["mail"])])
        (found,) = unit.outbox.written_to(EMBASSY.receiver)
        assert (found["channel"], found["reason"], found["title"], found["state"]) == (
            "mail", "confirm", "Do you agree?", "pending",
        )  # fmt: skip
        assert (found["created_at"], found["sent_at"], found["content"]["thread"]) == (NOON, None, "t1")
        assert unit.outbox.written_to(NEWSROOM.receiver) == []


# --- the chain


def fill(units: OpenBooks) -> None:
    for n in range(4):
        with units() as unit:
            unit.audit.add(
                "cli:ops", "change", f"subscriber:{n % 2}", {"n": n, "x": [1.5, None]}, {"ä": "€"} if n else None
            )


def test_entries_count_up_and_each_holds_the_hash_of_the_one_before(units: OpenBooks) -> None:
    fill(units)
    with units() as unit:
        entries = unit.audit.entries()
        assert [e.number for e in entries] == [1, 2, 3, 4]
        assert [e.previous for e in entries] == [BEGINNING, *(e.hashed for e in entries[:-1])]
        assert (entries[0].after, entries[3].before, entries[3].after) == (None, {"n": 3, "x": [1.5, None]}, {"ä": "€"})
        assert [e.number for e in unit.audit.entries("subscriber:1")] == [2, 4]
        assert [e.number for e in unit.audit.entries(last=2)] == [3, 4]
        assert [e.number for e in unit.audit.entries("subscriber:0", last=1)] == [3]
        assert (verify(entries).broken, verify(entries).head) == (None, entries[-1].hashed)


def test_a_chain_that_is_empty_is_whole(units: OpenBooks) -> None:
    with units() as unit:
        assert (verify(unit.audit.entries()).broken, verify([]).head) == (None, BEGINNING)


@pytest.mark.parametrize(
    ("tampering", "first"),
    [
        ("UPDATE audit SET actor = 'somebody' WHERE number = 2", 2),
        ("UPDATE audit SET before = '{\"n\": 7}' WHERE number = 3", 3),
        ("UPDATE audit SET after = NULL WHERE number = 4", 4),
        ("UPDATE audit SET at = '2026-01-01 00:00:00' WHERE number = 1", 1),
        ("UPDATE audit SET hashed = '00' WHERE number = 4", 4),
        ("DELETE FROM audit WHERE number = 2", 2),
    ],
)
def test_a_changed_row_is_found(engine: Engine, tampering: str, first: int) -> None:
    units = SqlUnits(engine)
    fill(units)
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        connection.execute(text(tampering.replace(":", r"\:")))
    with units(read_only=True) as unit:
        assert verify(unit.audit.entries()).broken == first


def test_a_row_that_is_put_in_between_with_a_hash_of_its_own_is_found(engine: Engine) -> None:
    """Who recomputes one row must recompute all that follow."""
    units = SqlUnits(engine)
    fill(units)
    with units() as unit:
        second = unit.audit.entries()[1]
    forged = chained(
        2, second.at, "nobody", second.action, second.subject, second.before, second.after, second.previous
    )
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        values = {"actor": forged.actor, "hashed": forged.hashed}
        connection.execute(text("UPDATE audit SET actor = :actor, hashed = :hashed WHERE number = 2"), values)
    with units(read_only=True) as unit:
        assert verify(unit.audit.entries()).broken == 3


def test_two_writers_at_once_make_one_chain(engine: Engine) -> None:
    units = SqlUnits(engine)

    def write(n: int) -> None:
        with units() as unit:
            unit.audit.add("cli", "change", f"s{n}", None, {"n": n})

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(24)))
    with units(read_only=True) as unit:
        entries = unit.audit.entries()
    assert (len(entries), verify(entries).broken) == (24, None)
    assert json.dumps(sorted(e.after["n"] for e in entries if e.after)) == json.dumps(list(range(24)))


def test_of_many_who_ask_one_address_at_once_one_is_heard(engine: Engine) -> None:
    """The day's only question is counted across all processes."""
    units, sent = SqlUnits(engine), []
    registry = Registry(
        units,
        lambda: Vault(["k" * 40]),
        FakeClock(),
        lambda address: Destination("mailtos", address, is_personal=True),
        str,
        lambda _: None,
        lambda unit, asked: unit.after_commit(lambda: sent.append(asked)),
        lambda _, __: [],
    )
    everybody = [registry.add({"name": f"Newsroom {n}"}, "cli:ops") for n in range(6)]
    for one in everybody:
        registry.add_channel(one.id, "mail", "newsroom@example.org", "cli:ops")

    def ask(one: Subscriber) -> bool:
        try:
            registry.ask(one.id, "mail", "cli:ops")
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        asked = list(pool.map(ask, everybody))
    assert (sum(asked), len(sent)) == (1, 1)
    with units(read_only=True) as unit:
        entries = unit.audit.entries()
    assert (len(entries), verify(entries).broken) == (6 + 6 + 1, None)
