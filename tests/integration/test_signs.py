"""Signs of life: written once for each period, told by the ordinary way, and missed when they do not come."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from time import monotonic

import pytest
from pytest_httpserver import HTTPServer
from sqlalchemy import select
from werkzeug import Request, Response

from service.adapters.pinger import call
from service.adapters.storage.schema import message
from service.domain.alerting.message import Message, MessageReason
from service.domain.alerting.route import Receiver
from service.domain.news.pace import Pace
from service.errors import FetchFailed
from service.flow import Kind, RowState, Task
from service.operations.heartbeat import Heartbeat, beat, unheard
from service.operations.ping import ping
from service.operations.status import Signs, problems
from service.ports import Delivery, Feed, Reply
from tests.fakes import MovedUnits, World, article, set_row

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
DESK = Receiver("desk", ("mail", "chat"))
BEAT = Heartbeat(DESK, DAY, lambda one: str(one.reason), lambda: {"detente": "1.2.3", "model": "fake"})


def written(world: World) -> list[Message]:
    with world.engine.connect() as connection:
        ids = connection.execute(select(message.c.id)).scalars().all()
    with world.units(read_only=True) as unit:
        return list(unit.outbox.messages(ids).values())


def again(world: World) -> int:
    return len(beat(BEAT, world.units, world.queue, world.clock))


def test_a_heartbeat_goes_to_every_channel_once_a_period(world: World, moved: MovedUnits) -> None:
    assert again(world) == 2
    assert [again(world) for _ in range(5)] == [0] * 5
    world.drain(Task.DELIVER)
    assert sorted(parcel.channel for parcel in world.notifier.sent) == ["chat", "mail"]
    moved.by = DAY - MINUTE
    assert again(world) == 0
    moved.by = DAY
    assert again(world) == 2


def test_what_was_missed_is_made_up_for_once(world: World, moved: MovedUnits) -> None:
    assert again(world) == 2
    moved.by = 10 * DAY
    assert [again(world) for _ in range(3)] == [2, 0, 0]


def test_a_clock_that_jumps_makes_no_storm(world: World, moved: MovedUnits) -> None:
    again(world)
    made = []
    for days in (-3, 0, 3, 0, -3, 3, 0):
        moved.by = days * DAY
        made.append([again(world) for _ in range(3)])
    assert made == [[2, 0, 0], [0, 0, 0], [2, 0, 0], *[[0, 0, 0]] * 4]
    assert len(written(world)) == 3, "a period that had its heartbeat gets no other"


def test_many_schedulers_write_one(world: World) -> None:
    made: list[Sequence[str]] = []
    gate = threading.Barrier(4)

    def scheduler() -> None:
        gate.wait()
        made.append(beat(BEAT, world.units, world.queue, world.clock))

    threads = [threading.Thread(target=scheduler) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(len, made)) == [0, 0, 0, 2]


def test_it_says_how_the_service_is_doing(world: World) -> None:
    with world.units() as unit:
        unit.feeds.sync([Feed("good", "https://a.example/rss", "A"), Feed("bad", "https://b.example/rss", "B")])
        unit.feeds.record("good", Reply((), "", "", not_modified=True), Pace(timedelta(minutes=15)), 0)
    world.ingest(article("broken"), article("waiting"))
    set_row(world.engine, Kind.ARTICLE, "broken", state=RowState.DEAD)
    again(world)
    beats = [m for m in written(world) if m.reason is MessageReason.HEARTBEAT]
    assert len(beats) == 1
    assert beats[0].receiver == "desk"
    for part in (
        "In the last day: articles 2, alerts 0.",
        "Feeds that answer: 1; that do not: 1 (bad).",
        "Dead rows: 1.",
        "Oldest row that waits: 20",
        "detente 1.2.3; model fake.",
    ):
        assert part in beats[0].note, beats[0].note
    assert "Last article: none" not in beats[0].note


def test_it_is_missed_after_two_intervals_and_found_again(world: World, moved: MovedUnits) -> None:
    again(world)
    world.notifier.answers = [Delivery(ok=False, error="down", permanent=True)]
    world.drain(Task.DELIVER)
    reached = world.notifier.sent[0].channel
    lost = ({"mail", "chat"} - {reached}).pop()

    def silent() -> list[str]:
        with world.units(read_only=True) as unit:
            return unheard(BEAT, unit)

    assert silent() == []
    moved.by = 2 * DAY + MINUTE
    assert [line.partition(" 20")[0] for line in silent() if reached in line] == ["the heartbeat last reached it"]
    assert [line for line in silent() if lost in line] == [f"the heartbeat never reached it: channel desk/{lost}"]
    with world.units(read_only=True) as unit:
        assert len(unheard(replace(BEAT, receiver=Receiver("desk", (reached,))), unit)) == 1, "a channel that is gone"
    assert silent()[0] in problems(world.units, world.queue, lambda: True, Signs(heartbeat=BEAT))
    again(world)
    world.drain(Task.DELIVER)
    assert silent() == []
    moved.by += 2 * DAY + MINUTE
    assert [line[:32] for line in silent()] == ["the heartbeat last reached it 20"] * 2


@pytest.fixture
def calls() -> list[str]:
    return []


def pinged(world: World, calls: list[str], wrong: Sequence[str] = ()) -> bool:
    return ping(world.units, 5 * MINUTE, lambda: wrong, lambda: calls.append("!"))


def test_somebody_outside_is_called_while_all_is_well_and_not_otherwise(
    world: World, moved: MovedUnits, calls: list[str]
) -> None:
    assert pinged(world, calls)
    assert not pinged(world, calls), "once an interval"
    moved.by = 5 * MINUTE
    assert not pinged(world, calls, ["the database is away"])
    assert calls == ["!"]
    assert pinged(world, calls), "as soon as all is well again"
    moved.by = -3 * DAY
    assert [pinged(world, calls) for _ in range(3)] == [True, False, False], "a clock put back"


def test_a_call_that_fails_waits_for_the_next_time(world: World, calls: list[str]) -> None:
    def fail() -> None:
        calls.append("!")
        raise FetchFailed("away")

    with pytest.raises(FetchFailed):
        ping(world.units, 5 * MINUTE, list, fail)
    assert not ping(world.units, 5 * MINUTE, list, fail)
    assert calls == ["!"]


def test_the_call_is_a_get_through_the_guard_and_its_failure_says_nothing_of_the_address(
    httpserver: HTTPServer,
) -> None:
    httpserver.expect_request("/SECRET", method="GET").respond_with_data("ok")
    httpserver.expect_request("/SECRET/500").respond_with_data("no", status=500)
    call(httpserver.url_for("/SECRET"), allow_private=True)
    assert len(httpserver.log) == 1
    for path, allowed in (("/SECRET", False), ("/SECRET/500", True)):
        with pytest.raises(FetchFailed) as failed:
            call(httpserver.url_for(path), allow_private=allowed)
        assert "SECRET" not in str(failed.value)
        assert failed.value.__cause__ is None
    with pytest.raises(FetchFailed) as failed:
        call("http://secret.invalid/SECRET", allow_private=True)
    assert "secret" not in str(failed.value).lower()
    assert len(httpserver.log) == 2, "an address of this machine is not called"


def test_a_call_that_hangs_is_given_up(httpserver: HTTPServer) -> None:
    hanging = threading.Event()

    def hang(_request: Request) -> Response:
        hanging.wait(10)
        return Response("ok")

    httpserver.expect_request("/slow").respond_with_handler(hang)
    began = monotonic()
    try:
        with pytest.raises(FetchFailed):
            call(httpserver.url_for("/slow"), allow_private=True, within=0.3)
        assert monotonic() - began < 5
    finally:
        hanging.set()


def test_heartbeats_are_no_news_of_a_budget(world: World) -> None:
    again(world)
    with world.units(read_only=True) as unit:
        assert unit.outbox.sent(["desk"], world.clock.now() - DAY) == {"desk": []}


def test_arrivals_are_counted_by_the_day(world: World) -> None:
    world.ingest(article("a"), article("b"))
    with world.units(read_only=True) as unit:
        now = unit.marks.now()
        number, last = unit.articles.arrivals(now - DAY)
        assert number == 2
        assert last is not None
        assert now - last < MINUTE
        assert unit.articles.arrivals(now + DAY) == (0, last)
