"""One picture of the service, in numbers."""

import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from service.domain.alerting.breaker import Breaker
from service.domain.alerting.route import Receiver
from service.domain.news.pace import Pace
from service.errors import StorageUnavailable
from service.flow import Kind, RowState, Task
from service.operations.canary import OUT, Canary
from service.operations.feed_health import FeedState
from service.operations.measures import LEAST_LEVEL, Picture, View, measure
from service.operations.scores import readings
from service.operations.status import CONFIGURATION, Signs
from service.pipeline.books import Gauge
from service.ports import BrokerTrouble, Feed, Reply
from tests.fakes import MovedUnits, World, article, set_row

KINDS = {("desk", "mail"): "mailtos", ("desk", "chat"): "ntfy"}
PLAN = Canary(Receiver("desk", ("mail",)), timedelta(hours=1), timedelta(minutes=5))


def look(world: World, view: View | None = None, is_prepared: Callable[[], bool] = lambda: True) -> Picture:
    return measure(world.units, world.queue, is_prepared, view or View(kinds=KINDS), world.clock.now())


def test_rows_are_counted_with_zeros_where_there_are_none(world: World) -> None:
    world.ingest(article("a1"), article("a2"))
    rows = look(world).rows
    assert rows[Kind.ARTICLE]["received"] == 2
    assert {rows[kind]["dead"] for kind in (Kind.ARTICLE, Kind.TRANSITION, Kind.GROUP, Kind.NOTIFICATION)} == {0}
    set_row(world.engine, Kind.ARTICLE, "a1", state="dead")
    assert look(world).rows[Kind.ARTICLE] == {**rows[Kind.ARTICLE], "received": 1, "dead": 1}


def test_it_says_what_status_says(world: World) -> None:
    world.queue.waiting = {Task.ANALYSE: 7}
    found = look(world).status
    assert found.queued["analyse"] == 7
    assert ["no worker has looked" in problem for problem in found.problems] == [True]
    with world.units() as unit:
        unit.marks.set("swept")
    assert look(world).status.problems == []


def test_a_broker_that_is_away_is_a_problem_and_no_obstacle(world: World) -> None:
    world.queue.away = True
    found = look(world)
    assert found.broker is BrokerTrouble.AWAY
    assert str(BrokerTrouble.AWAY) in found.status.problems


def test_ages_go_by_the_clock_of_work(world: World, moved: MovedUnits) -> None:
    with world.units() as unit:
        unit.marks.set("swept")
    moved.by = timedelta(minutes=2)
    found = look(world)
    assert found.age(found.status.last_sweep_at) == pytest.approx(120, abs=5)
    assert found.age(found.status.last_evaluation_at) is None
    moved.by = timedelta(minutes=-2)
    found = look(world)
    assert found.age(found.status.last_sweep_at) == 0, "a clock that was put back makes no negative age"


def test_what_is_told_is_counted_by_kind_of_channel(world: World) -> None:
    world.outbox()
    assert {kind: mine["pending"] for kind, mine in look(world).messages.items()} == {"mailtos": 1, "ntfy": 1}
    world.tell()
    found = look(world)
    assert {kind: mine["sent"] for kind, mine in found.messages.items()} == {"mailtos": 1, "ntfy": 1}
    assert found.ended[Kind.NOTIFICATION, "sent"] == 2
    assert look(world, View()).messages["gone"]["sent"] == 2, "no channel of routes.yaml has these names any more"


def test_kinds_nothing_was_sent_to_are_there_too(world: World) -> None:
    assert look(world).messages["ntfy"] == {"pending": 0, "sent": 0, "cancelled": 0, "dead": 0}


def test_alerts_are_counted(world: World) -> None:
    world.firing()
    assert {(tally.rule, str(tally.state)): tally.number for tally in look(world).alerts} == {("level", "firing"): 3}


def test_a_resting_channel_is_named_and_a_subscribers_counted(world: World) -> None:
    with world.units() as unit:
        for receiver in ("desk", "@ada", "@bob"):
            unit.channels.keep(receiver, "mail", Breaker(3, 1, unit.marks.now()))
    found = look(world)
    assert found.resting == {("desk", "mail", "mailtos"): True, ("desk", "chat", "ntfy"): False}
    assert found.personal_resting == 2


def test_feeds_say_since_when_they_are_dark(world: World, moved: MovedUnits) -> None:
    with world.units() as unit:
        unit.feeds.sync([Feed("good", "https://a.example/f", "A"), Feed("never", "https://b.example/f", "B")])
        unit.feeds.record(
            "good", Reply((), "", "", not_modified=False), Pace(timedelta(minutes=15)), 3, "not taken: 2 × no_text"
        )
    set_row(world.engine, Kind.FEED, "never", attempt=3)
    good, never = look(world).feeds
    assert (good.name, good.state, good.is_noted, good.failures) == ("good", FeedState.ANSWERING, True, 0)
    assert good.ok_age == pytest.approx(0, abs=5)
    assert good.last_ok == good.last_new == pytest.approx(time.time(), abs=5)
    assert (good.interval, good.articles) == (900, 3)
    assert (never.name, never.ok_age, never.state, never.is_noted) == ("never", None, FeedState.DARK, False)
    assert (never.failures, never.last_ok, never.last_new, never.interval) == (3, None, None, None)
    assert look(world).freshness == 0.5
    moved.by = timedelta(hours=7)
    assert [feed.state for feed in look(world).feeds] == [FeedState.DARK, FeedState.DARK]
    assert look(world).freshness == 0
    set_row(world.engine, Kind.FEED, "never", state=RowState.GONE)
    picture = look(world)
    assert [feed.state for feed in picture.feeds] == [FeedState.DARK, FeedState.GONE]
    assert {state: n for state, n in picture.feed_states.items() if n} == {FeedState.DARK: 1, FeedState.GONE: 1}
    assert set(picture.feed_states) == set(FeedState)


def test_levels_are_those_of_readings(world: World) -> None:
    world.firing()
    gauge = Gauge(watchlists={"watch:gulf": ("country:IRN", "country:PAK"), "watch:calm": ("country:OMN",)})
    found = look(world, View(gauge=gauge)).levels
    shown = readings(world.units, world.clock.now(), gauge, {}, LEAST_LEVEL)
    assert list(found.items()) == [(r.subject, r.score.level) for r in shown]
    assert {"dyad:IRN-PAK", "watch:gulf"} <= set(found)
    assert "watch:calm" not in found


def test_a_configuration_that_is_not_taken_is_said(world: World) -> None:
    assert not look(world).is_refused
    assert look(world, View(is_broken=True)).is_refused
    with world.units() as unit:
        unit.marks.set(CONFIGURATION, "rules.yaml:3: no such kind")
    assert look(world).is_refused
    with world.units() as unit:
        unit.marks.set(CONFIGURATION, "")
    assert not look(world).is_refused


def test_a_canary_that_is_late_is_missing(world: World, moved: MovedUnits) -> None:
    view = View(signs=Signs(canary=PLAN))
    assert look(world).canary is None, "none is configured"
    with world.units() as unit:
        unit.marks.set(OUT, "canary:1")
    found = look(world, view).canary
    assert found is not None
    assert not found.is_missing
    moved.by = timedelta(minutes=6)
    found = look(world, view).canary
    assert found is not None
    assert found.is_missing


def test_before_the_first_migration_there_is_nothing_to_count(world: World) -> None:
    with pytest.raises(StorageUnavailable, match="migrated"):
        look(world, is_prepared=lambda: False)
