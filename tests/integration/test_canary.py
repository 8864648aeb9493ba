"""A canary goes the whole way past all that holds others, moves nothing else, and is missed when it does not arrive."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from service.adapters.messages.compose import Composer
from service.adapters.storage.schema import alert, event, message, metadata, posting, transition
from service.domain.alerting import canary as own
from service.domain.alerting.directory import Directory
from service.domain.alerting.interval import Hours, Span, TimeInterval
from service.domain.alerting.matcher import parse_matchers
from service.domain.alerting.message import MessageReason
from service.domain.alerting.notification import Notification
from service.domain.alerting.route import Budget, DigestPlan, Receiver, Route
from service.domain.alerting.rule import Rule, RuleKind, Severity, State, Step
from service.domain.news.canary import DYAD, PREFIX, article
from service.flow import Kind, Task
from service.operations import scores, silencing
from service.operations.canary import KEPT, Canary, Whereabouts, last_flight, look_after, missing
from service.operations.correction import correct
from service.operations.status import Signs, status
from service.pipeline.books import Gauge
from service.ports import Delivery, Recipient
from tests import fakes
from tests.fakes import AT_ONCE, DESK, LEVEL, NOON, MovedUnits, World

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
EVERYTHING = Rule("everything", RuleKind.LEVEL, ("*",), steps=(Step(0.001, 0.0005, Severity.HIGH),))
PLAN = Canary(Receiver("desk", ("mail", "chat")), DAY, 15 * MINUTE)


@pytest.fixture
def world(world: World) -> World:
    world.rules = (LEVEL, EVERYTHING, own.RULE)
    world.directory = replace(DESK, canary="desk")
    return world


def look(world: World) -> None:
    geography = world.gazetteer.geography
    look_after(PLAN, world.units, world.queue, lambda: geography, world.clock)


def carry(world: World) -> None:
    """Everything that waits goes on as far as it can."""
    world.drain(Task.ANALYSE)
    world.drain(Task.ASSESS)
    world.evaluate()
    for task in (Task.DISPATCH, Task.GATHER, Task.DELIVER):
        world.drain(task)


def where(world: World) -> Whereabouts | None:
    with world.units(read_only=True) as unit:
        flight = last_flight(unit)
        return flight.whereabouts if flight else None


def flying(world: World) -> str:
    """Its article."""
    with world.units(read_only=True) as unit:
        flight = last_flight(unit)
    assert flight is not None
    return flight.article_id


def complaints(world: World) -> list[str]:
    with world.units(read_only=True) as unit:
        return missing(PLAN, unit)


def fly(world: World) -> None:
    """One canary, there and back."""
    look(world)
    carry(world)
    look(world)
    world.evaluate()


def rows(world: World, table: str) -> int:
    with world.engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(metadata.tables[table])).scalar_one()


def test_it_goes_the_whole_way_and_is_taken_back(world: World) -> None:
    look(world)
    assert where(world) is Whereabouts.OUT
    look(world)
    assert rows(world, "article") == 1, "one at a time"
    carry(world)
    assert sorted(p.channel for p in world.notifier.sent) == ["chat", "mail"]
    assert {p.text for p in world.notifier.sent} == {str(MessageReason.TEST)}
    look(world)
    assert where(world) is Whereabouts.ARRIVED
    shown = status(world.units, world.queue, lambda: True, Signs(canary=PLAN)).canary
    assert shown is not None
    assert shown.seconds is not None
    assert 0 <= shown.seconds < 60
    assert complaints(world) == []
    assert rows(world, "posting") == 0, "nothing of it is left in the books"


def test_its_message_says_what_it_is_and_of_no_silence(world: World) -> None:
    look(world)
    carry(world)
    with world.engine.connect() as connection:
        name = connection.execute(select(message.c.id)).scalar_one()
    with world.units(read_only=True) as unit:
        told = unit.outbox.messages([name])[name]
    row = Notification(name, "desk", "mail", NOON)
    text = Composer()(row, told, Recipient("json://example.org"), None).text
    assert own.NOTE in text
    assert "Canaria Prima and Canaria Secunda" in text
    assert "detente silence" not in text
    assert f"detente why {own.ALERT}" in text


def test_each_day_another_one_comes(world: World, moved: MovedUnits) -> None:
    for day in range(3):
        moved.by = world.clock.moment - NOON
        fly(world)
        assert len(world.notifier.sent) == 2 * (day + 1)
        for _ in range(3):
            look(world)
            carry(world)
        assert len(world.notifier.sent) == 2 * (day + 1), "and no repetition"
        world.clock.moment += DAY
    with world.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(message)).scalar_one() == 3


def test_nobody_sees_it_but_its_receiver(world: World) -> None:
    look(world)
    carry(world)
    with world.engine.connect() as connection:
        assert connection.execute(select(alert.c.subject, alert.c.rule)).all() == [(DYAD, "canary")]
        assert {s for (s,) in connection.execute(select(posting.c.subject))} == {DYAD, "country:QQA", "country:QQB"}
        labels = connection.execute(select(alert.c.labels)).scalar_one()
        assert labels["canary"] == "true"
    assert scores.readings(world.units, NOON, Gauge(), {}, 0.0) == []
    with world.units(read_only=True) as unit:
        assert unit.outbox.history() == []
        assert unit.ledger.subjects() == []
        assert unit.alerts.published(10) == unit.alerts.published_after(None, 10) == []
        assert unit.articles.told(None, 10) == []
        assert list(unit.articles.origins()) == []
        assert unit.articles.arrivals(unit.marks.now() - DAY) == (0, None)
        assert unit.outbox.begun(unit.marks.now() - DAY) == 0
        assert unit.outbox.sent(["desk"], NOON - DAY) == {"desk": []}, "it counts in no budget"


def test_nothing_holds_it(world: World) -> None:
    closed = TimeInterval("closed", (Span(times=(Hours(0, 24 * 60),)),))
    tight = Receiver("desk", ("mail", "chat"), Budget(per_day=1), DigestPlan(least=Severity.CRITICAL))
    tree = Route("route", "desk", timing=AT_ONCE, mute=("closed",))
    world.directory = Directory(tree, {"desk": tight}, {"closed": closed}, canary="desk")
    matchers = parse_matchers('subject=~".+"')
    silencing.add(world.units, world.clock, matchers, DAY, "desk", "all of it")
    fly(world)
    assert len(world.notifier.sent) == 2
    assert where(world) is Whereabouts.ARRIVED


def test_real_news_beside_it_is_told_by_itself(world: World) -> None:
    world.rules = (LEVEL, own.RULE)
    world.firing()
    look(world)
    carry(world)
    told = sorted({p.title for p in world.notifier.sent})
    assert [title for title in told if "QQA" in title] == ["test: QQA–QQB"]
    assert all("QQA" not in title for title in told if not title.startswith("test:"))
    assert len(told) > 1
    assert len({p.thread for p in world.notifier.sent}) == len(told)


def test_who_writes_of_the_invented_countries_moves_nothing(world: World) -> None:
    text = article(NOON, NOON)
    stranger = replace(text, id="stranger", publisher="Reuters")
    pretender = replace(text, id=f"{PREFIX}x", publisher="Reuters")
    assert world.ingest(stranger, pretender).outcomes == ("new", "conflict")
    look(world)
    geography = world.gazetteer.geography
    changed = fakes.article(flying(world))
    assert correct([changed], "api", world.units, world.queue, geography, world.clock) == ["conflict"]
    world.drain(Task.ANALYSE)
    world.drain(Task.ASSESS)
    with world.engine.connect() as connection:
        told_by = {row.article_id for row in connection.execute(select(event)) if row.body["actors"]}
    assert told_by == {flying(world)}


def test_one_that_does_not_come_is_missed_until_another_does(world: World, moved: MovedUnits) -> None:
    world.notifier.answers = [Delivery(ok=False, error="down", permanent=True)]
    fly(world)
    assert where(world) is Whereabouts.OUT, "one channel of two is not all"
    assert complaints(world) == []
    moved.by = 16 * MINUTE
    assert complaints(world)[0].endswith(" has not come to desk within 15 min")
    moved.by = DAY
    world.clock.moment += DAY
    look(world)
    assert where(world) is Whereabouts.LOST
    assert complaints(world)[0].endswith("has not come to desk")
    look(world)
    assert where(world) is Whereabouts.LOST, "not before the rules have looked"
    world.evaluate()
    fly(world)
    assert where(world) is Whereabouts.ARRIVED
    assert complaints(world) == []
    moved.by = 3 * DAY + MINUTE
    assert complaints(world)[0].startswith("no canary article has been sent since")


def test_one_that_was_slow_is_told_of(world: World, moved: MovedUnits) -> None:
    look(world)
    moved.by = 20 * MINUTE
    carry(world)
    look(world)
    assert where(world) is Whereabouts.ARRIVED
    assert complaints(world)[0].endswith(" s to come to desk, more than 15 min")


def test_a_clock_that_jumps_makes_no_storm(world: World, moved: MovedUnits) -> None:
    for days in (0, 3, 0, 3, 0):
        moved.by = days * DAY
        for _ in range(3):
            fly(world)
    assert rows(world, "article") <= 5


def test_rows_of_old_canaries_go_away(world: World, moved: MovedUnits) -> None:
    fly(world)
    world.firing()
    carry(world)
    others = {name: rows(world, name) for name in ("article", "transition", "message", "alert_group")}
    moved.by = KEPT + MINUTE
    world.clock.moment += KEPT + MINUTE
    look(world)
    assert rows(world, "article") == others["article"], "an old one went, a new one came"
    with world.engine.connect() as connection:
        mine = select(func.count()).where(transition.c.alert_id == own.ALERT)
        assert connection.execute(mine).scalar_one() == 0
    assert rows(world, "message") == others["message"] - 1
    assert rows(world, "transition") == others["transition"] - 1
    carry(world)
    look(world)
    assert where(world) is Whereabouts.ARRIVED
    with world.units(read_only=True) as unit:
        assert [a.state for a in unit.alerts.for_subjects([DYAD])] == [State.FIRING], "until the rules look again"


def test_without_a_receiver_nobody_is_told(world: World) -> None:
    look(world)
    world.directory = DESK
    carry(world)
    assert world.notifier.sent == []
    assert world.state(Kind.ARTICLE, flying(world)) == "scored"
