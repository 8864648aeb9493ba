"""Counts over the tables, on either database."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, insert

from service.adapters.clock import SystemClock
from service.adapters.storage import schema
from service.adapters.storage.database import SqlUnits
from service.domain.alerting import canary
from service.domain.alerting.alert import Alert
from service.domain.alerting.rule import Memory, Severity, State
from service.domain.risk.ledger import hour_of
from service.flow import Kind, Task
from service.ports import AlertTally
from tests.fakes import NOON, article, set_row

NOW = SystemClock().now()
WORK = {"due_at": NOW, "attempt": 0, "created_at": NOW, "updated_at": NOW}
LEASE = timedelta(minutes=5)


@pytest.fixture
def units(engine: Engine) -> SqlUnits:
    return SqlUnits(engine)


def alert(rule: str, subject: str, state: State, severity: Severity = Severity.HIGH) -> Alert:
    return Alert(rule, subject, {}, state, severity, "", NOON, Memory(state, 1, NOON))


def test_alerts_are_counted_by_rule_severity_and_state_but_for_inactive_ones_and_canaries(units: SqlUnits) -> None:
    with units() as unit:
        unit.alerts.save(alert("level", "country:IRN", State.FIRING))
        unit.alerts.save(alert("level", "country:PAK", State.FIRING))
        unit.alerts.save(alert("level", "country:IRQ", State.FIRING, Severity.CRITICAL))
        unit.alerts.save(alert("surge", "country:IRN", State.PENDING))
        unit.alerts.save(alert("surge", "country:PAK", State.INACTIVE))
        unit.alerts.save(alert(canary.RULE.name, "dyad:QQA-QQB", State.FIRING))
    with units(read_only=True) as unit:
        assert unit.tallies.alerts() == [
            AlertTally("level", Severity.CRITICAL, State.FIRING, 1),
            AlertTally("level", Severity.HIGH, State.FIRING, 2),
            AlertTally("surge", Severity.HIGH, State.PENDING, 1),
        ]


def send(engine: Engine, number: int, receiver: str, state: str, channel: str = "mail") -> None:
    said = {"reason": "fired", "severity": "high", "title": "", "content": {}, "created_at": NOW}
    row = {"id": f"n{number}", "idem": f"{number}", "message_id": f"m{number}", "channel": channel, "state": state}
    with engine.begin() as connection:
        connection.execute(insert(schema.message).values(id=f"m{number}", receiver=receiver, **said))
        connection.execute(insert(schema.notification).values(receiver=receiver, **row, **WORK))


def enrol(engine: Engine, subscriber_id: str, form: str, state: str = "active") -> None:
    person = {"id": subscriber_id, "name": subscriber_id, "state": state, "wishes": {}, "created_at": NOW}
    sealed = {"schema": form, "serial": "1", "sealed": "", "fingerprint": "", "state": "active", "created_at": NOW}
    with engine.begin() as connection:
        connection.execute(insert(schema.subscriber).values(**person))
        own = insert(schema.subscriber_channel)
        connection.execute(own.values(subscriber_id=subscriber_id, name="mail", **sealed))


def test_messages_to_configured_receivers_are_counted_by_channel_and_state(engine: Engine, units: SqlUnits) -> None:
    for number, (receiver, state) in enumerate([("desk", "sent"), ("desk", "sent"), ("desk", "dead"), ("ops", "sent")]):
        send(engine, number, receiver, state)
    send(engine, 9, "@ada", "sent")
    with units(read_only=True) as unit:
        found = unit.tallies.notifications()
    assert found == {("desk", "mail"): {"sent": 2, "dead": 1}, ("ops", "mail"): {"sent": 1}}


def test_messages_to_subscribers_are_counted_by_the_schema_of_their_channels(engine: Engine, units: SqlUnits) -> None:
    enrol(engine, "ada", "mailtos")
    enrol(engine, "bob", "mailtos")
    enrol(engine, "eve", "ntfy")
    told = [("@ada", "sent"), ("@ada", "sent"), ("@bob", "sent"), ("@bob", "dead"), ("@eve", "pending")]
    for number, (receiver, state) in enumerate([*told, ("@gone", "sent"), ("desk", "sent")]):
        send(engine, number, receiver, state)
    send(engine, 20, "@ada", "sent", channel="another")
    with units(read_only=True) as unit:
        found = unit.tallies.personal()
    assert found == {"mailtos": {"sent": 3, "dead": 1}, "ntfy": {"pending": 1}, "": {"sent": 2}}


def test_subscribers_are_counted_by_state(engine: Engine, units: SqlUnits) -> None:
    enrol(engine, "ada", "mailtos")
    enrol(engine, "bob", "mailtos", "paused")
    enrol(engine, "eve", "mailtos", "paused")
    with units(read_only=True) as unit:
        assert unit.tallies.subscribers() == {"active": 1, "paused": 2}


def test_what_ended_is_counted_from_a_moment_on(engine: Engine, units: SqlUnits) -> None:
    with units() as unit:
        for n in range(4):
            unit.articles.add(article(f"a{n}"), "test", f"hash {n}")
        claims = unit.works.claim(Task.ANALYSE, [f"a{n}" for n in range(3)], LEASE)
        unit.works.finish(claims[:2], "scored")
        unit.works.finish(claims[2:], "ignored")
        assert unit.tallies.last_scored() is not None
    set_row(engine, Kind.ARTICLE, claims[0].id, due_at=NOW - timedelta(hours=2))
    send(engine, 1, "desk", "sent")
    with units(read_only=True) as unit:
        assert unit.tallies.ended(NOW - timedelta(hours=1)) == {
            (Kind.ARTICLE, "scored"): 1,
            (Kind.ARTICLE, "ignored"): 1,
            (Kind.NOTIFICATION, "sent"): 1,
            (Kind.NOTIFICATION, "cancelled"): 0,
        }


def test_nothing_was_ever_scored(units: SqlUnits) -> None:
    with units(read_only=True) as unit:
        assert unit.tallies.last_scored() is None


def test_the_busiest_are_those_with_most_escalation_of_late(engine: Engine, units: SqlUnits) -> None:
    def book(subject: str, micro: int, days: int = 0, channel: str = "E") -> None:
        row = {"subject": subject, "hour": hour_of(NOW - timedelta(days=days)), "channel": channel, "owner": ""}
        with engine.begin() as connection:
            connection.execute(insert(schema.bucket).values(**row, micro=micro, variance=0, stir=0))

    book("country:IRN", 5)
    book("country:IRN", 5, days=1)
    book("country:PAK", 7)
    book("country:IRQ", 7)
    book("country:OMN", 99, channel="D")
    book("country:YEM", 99, days=40)
    book("dyad:QQA-QQB", 99)
    with units(read_only=True) as unit:
        since = NOW - timedelta(days=30)
        assert unit.tallies.busiest(since, 10) == ["country:IRN", "country:IRQ", "country:PAK"]
        assert unit.tallies.busiest(since, 2) == ["country:IRN", "country:IRQ"]
