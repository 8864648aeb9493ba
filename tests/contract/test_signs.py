"""What signs of life ask of the storage, and how old ones go."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, select

from service.adapters.storage.database import SqlUnits
from service.adapters.storage.schema import metadata
from service.domain.alerting import canary as own
from service.domain.alerting.alert import Alert, Transition
from service.domain.alerting.group import Group, GroupKind
from service.domain.alerting.message import Message, MessageReason
from service.domain.alerting.notification import Outgoing
from service.domain.alerting.rule import Memory, Severity, State
from service.domain.news.article import content_hash
from service.domain.news.canary import DYAD, ORIGIN
from service.domain.news.canary import article as canary
from service.flow import RowState, Task
from service.ports import Arrival
from tests.contract.test_alerts import ALERT, TRANSITION
from tests.fakes import LEASE, NOON, article

DAY = timedelta(days=1)
GROUP = Group("c" * 32, GroupKind.ALERTS, "desk", own.PATH)
BIRD = Alert(own.RULE.name, DYAD, {"kind": "DEESC", "subject": DYAD}, State.FIRING, Severity.INFO, "so", NOON, Memory())
FLOWN = Transition(BIRD.id, NOON, State.INACTIVE, State.FIRING, Severity.INFO, 0.0, 0.0, "so", (), 1, confirmed=False)


@pytest.fixture
def units(engine: Engine) -> SqlUnits:
    return SqlUnits(engine)


def write(units: SqlUnits, name: str, reason: MessageReason = MessageReason.HEARTBEAT, receiver: str = "desk") -> None:
    with units() as unit:
        message = Message(reason, receiver, NOON, "thread")
        ids = unit.outbox.write([Outgoing(name, message, "alive", ("mail", "chat"))])
        sent = [i for i, n in unit.outbox.notifications(ids).items() if n.channel == "mail" and receiver == "desk"]
        unit.works.finish(unit.works.claim(Task.DELIVER, sent, LEASE), RowState.SENT)


def rows(engine: Engine, table: str) -> int:
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(metadata.tables[table])).scalar_one()


def test_when_a_channel_last_took_a_message_of_a_kind(units: SqlUnits) -> None:
    with units(read_only=True) as unit:
        assert unit.outbox.deliveries("desk", MessageReason.HEARTBEAT) == {}
        began = unit.marks.now()
    for name in ("one", "two"):
        write(units, name)
    write(units, "other", receiver="chief")
    write(units, "test", MessageReason.TEST)
    with units(read_only=True) as unit:
        found = unit.outbox.deliveries("desk", MessageReason.HEARTBEAT)
        now = unit.marks.now()
    first, last = found["mail"]
    assert last is not None
    assert began <= first < last <= now
    assert found["chat"] == (first, None)
    assert set(found) == {"mail", "chat"}


def test_articles_and_alerts_of_a_day_without_canaries(units: SqlUnits) -> None:
    with units() as unit:
        assert unit.articles.arrivals(unit.marks.now() - DAY) == (0, None)
        for one, origin in ((article("a"), "api"), (canary(NOON, NOON), ORIGIN)):
            unit.articles.add(one, origin, content_hash(one.title, one.text))
        for alert, change in ((ALERT, TRANSITION), (BIRD, FLOWN)):
            unit.alerts.save(alert)
            unit.alerts.add_transition(change)
    with units(read_only=True) as unit:
        now = unit.marks.now()
        number, last = unit.articles.arrivals(now - DAY)
        assert number == 1
        assert last is not None
        assert now - DAY < last <= now
        assert unit.articles.arrivals(now + DAY) == (0, last)
        assert unit.outbox.begun(now - DAY) == 1
        assert unit.outbox.begun(now + DAY) == 0
        assert [found.alert.id for found in unit.alerts.published(10)] == [ALERT.id]


def test_what_is_forgotten_takes_nothing_else_with_it(units: SqlUnits, engine: Engine) -> None:
    with units() as unit:
        now = unit.marks.now()
        for one, origin in ((article("a"), "api"), (canary(NOON, NOON), ORIGIN)):
            unit.articles.add(one, origin, content_hash(one.title, one.text))
        for alert, change in ((ALERT, TRANSITION), (BIRD, FLOWN)):
            unit.alerts.save(alert)
            unit.alerts.add_transition(change)
        unit.outbox.enter([Arrival(GROUP, FLOWN.id, now)])
        message = Message(MessageReason.TEST, "desk", NOON, "thread")
        unit.outbox.write([Outgoing("bird", message, "test", ("mail",), [(FLOWN.id, BIRD.id)], GROUP.id)])
    write(units, "alive")

    def forget(before: timedelta) -> None:
        with units() as unit:
            at = unit.marks.now() + before
            unit.articles.forget(ORIGIN, at)
            unit.outbox.forget(BIRD.id, at)

    tables = ("article", "transition", "message", "notification", "message_alert", "alert_group", "group_entry")
    forget(-DAY)
    assert [rows(engine, table) for table in tables] == [2, 2, 2, 3, 1, 1, 1]
    forget(DAY)
    assert [rows(engine, table) for table in tables] == [1, 1, 1, 2, 0, 0, 0]
