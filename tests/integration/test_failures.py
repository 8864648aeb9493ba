"""What happens when a step fails: nothing is lost, nobody else is held up, and a late writer changes nothing."""

from datetime import timedelta

import pytest

from service.errors import ModelError, Unavailable
from service.flow import ArticleState, Kind, Task
from service.operations.sweep import MOST_WAITING, sweep
from service.ports import Feed
from tests.fakes import LAPSED, LEASE, FakeClassifier, World, article, dump, pass_time, row, set_row

TICK = timedelta(seconds=5)
ATTEMPTS = 3
LIMITS = {**dict.fromkeys(Task, ATTEMPTS), Task.FETCH: None}


def a_tick_later(world: World, span: timedelta = timedelta(seconds=60)) -> int:
    """Time passes, the sweeper comes by."""
    pass_time(world.engine, span)
    return sweep(world.units, world.queue, LIMITS, TICK)


def drain_bravely(world: World, task: Task) -> list[Exception]:
    """Work off the nudges as workers do, whom an error does not stop."""
    mine = world.queue.of(task)
    world.queue.nudges = [nudge for nudge in world.queue.nudges if nudge[0] is not task]
    errors: list[Exception] = []
    for ids in mine:
        try:
            world.carry(task, *ids)
        except Exception as error:  # noqa: BLE001  as the base of the tasks does
            errors.append(error)
    return errors


def test_one_poison_article_does_not_hold_up_fifteen_others(world: World) -> None:
    good = [f"a{n:02}" for n in range(15)]
    world.ingest(*(article(i) for i in good), article("bad", "Iran attacked Pakistan with POISON."))
    assert [len(ids) for ids in world.queue.of(Task.ANALYSE)] == [16]
    assert len(drain_bravely(world, Task.ANALYSE)) == 1
    assert {world.state(Kind.ARTICLE, i) for i in good} == {ArticleState.DEDUPLICATED}
    for _ in range(ATTEMPTS - 1):
        a_tick_later(world)
        assert all(len(ids) == 1 for ids in world.queue.of(Task.ANALYSE)), "what failed is tried again by itself"
        drain_bravely(world, Task.ANALYSE)
    assert {world.state(Kind.ARTICLE, i) for i in good} == {ArticleState.ATTRIBUTED}
    bad = row(world.engine, Kind.ARTICLE, "bad")
    assert (bad["state"], bad["last_error"]) == (ArticleState.DEAD, "ValueError: the model choked")
    assert bad["attempt"] == ATTEMPTS
    a_tick_later(world, timedelta(days=1))
    assert world.queue.of(Task.ANALYSE) == [], "what is dead is left in peace"


def test_an_outage_is_waited_out_however_long(world: World) -> None:
    world.classifier = FakeClassifier(error=lambda: Unavailable("the model server does not answer"))
    world.ingest(article("a1", "Iran attacked Pakistan with POISON."))
    for _ in range(12):
        assert len(drain_bravely(world, Task.ANALYSE)) == 1
        assert world.state(Kind.ARTICLE, "a1") == ArticleState.DEDUPLICATED
        a_tick_later(world)
    world.classifier = FakeClassifier(poison="nothing is poison now")
    assert drain_bravely(world, Task.ANALYSE) == []
    assert world.state(Kind.ARTICLE, "a1") == ArticleState.ATTRIBUTED


def test_an_error_that_cannot_be_cured_counts_as_an_attempt_too(world: World) -> None:
    world.classifier = FakeClassifier(error=lambda: ModelError("an answer of NaN"))
    world.ingest(article("a1", "POISON and more words."))
    for _ in range(ATTEMPTS):
        drain_bravely(world, Task.ANALYSE)
        a_tick_later(world)
    with world.units(read_only=True) as unit:
        assert unit.articles.state("a1") == (ArticleState.DEAD, "ModelError: an answer of NaN")


def test_an_outage_uses_up_no_attempt(world: World) -> None:
    errors = iter([*(Unavailable("away") for _ in range(ATTEMPTS * 2)), ValueError("once")])
    world.classifier = FakeClassifier(error=lambda: next(errors))
    world.ingest(article("a1", "Iran attacked Pakistan with POISON."))
    for _ in range(ATTEMPTS * 2 + 1):
        assert len(drain_bravely(world, Task.ANALYSE)) == 1
        a_tick_later(world)
    assert world.state(Kind.ARTICLE, "a1") == ArticleState.DEDUPLICATED, "an ordinary error after it is the first"


def test_an_article_goes_on_where_its_worker_died(world: World) -> None:
    world.ingest(article("a1"))
    world.deduplicate(world.claim(Task.ANALYSE, "a1", lease=LAPSED))
    assert world.carry(Task.ANALYSE, "a1") == 1
    assert world.state(Kind.ARTICLE, "a1") == ArticleState.ATTRIBUTED
    assert world.classifier.calls == [1]


@pytest.mark.parametrize("step", ["deduplicate", "classify", "extract", "attribute"])
def test_a_step_that_outlived_its_lease_changes_nothing(world: World, step: str) -> None:
    world.ingest(article("a1"))
    claims = world.claim(Task.ANALYSE, "a1")
    for earlier in ["deduplicate", "classify", "extract", "attribute"]:
        if earlier == step:
            break
        claims = getattr(world, earlier)(claims)
    pass_time(world.engine, LEASE + timedelta(seconds=1))
    assert world.claim(Task.ANALYSE, "a1"), "another worker takes the row over"
    before = dump(world.engine)
    assert getattr(world, step)(claims) == []
    assert dump(world.engine) == before


def test_a_result_that_comes_after_another_worker_took_over_is_refused(world: World) -> None:
    """The model hangs for longer than the lease; meanwhile another worker does the article."""
    world.ingest(article("a1"))
    other = World(world.engine, world.gazetteer, queue=world.queue)

    def hang() -> None:
        pass_time(world.engine, LEASE + timedelta(seconds=1))
        assert other.carry(Task.ANALYSE, "a1") == 1
        assert other.carry(Task.ASSESS, "a1") == 1

    world.classifier = FakeClassifier(on_call=hang)
    assert world.carry(Task.ANALYSE, "a1") == 0
    assert world.state(Kind.ARTICLE, "a1") == ArticleState.SCORED
    with world.units(read_only=True) as unit:
        assert unit.ledger.subjects()


def test_a_late_failure_does_not_take_the_row_from_its_new_holder(world: World) -> None:
    world.ingest(article("a1", "Iran attacked Pakistan with POISON."))

    def hang() -> None:
        pass_time(world.engine, LEASE + timedelta(seconds=1))
        world.claim(Task.ANALYSE, "a1")

    world.classifier = FakeClassifier(on_call=hang)
    with pytest.raises(ValueError, match="choked"):
        world.carry(Task.ANALYSE, "a1")
    assert row(world.engine, Kind.ARTICLE, "a1")["lease_owner"], "the new holder still holds it"


def test_nothing_is_lost_while_the_broker_is_away(world: World) -> None:
    world.queue.away = True
    world.ingest(*(article(f"a{n}") for n in range(20)))
    assert world.queue.nudges == []
    world.queue.away = False
    assert a_tick_later(world) == 20
    assert sorted(len(ids) for ids in world.queue.of(Task.ANALYSE)) == [4, 16]
    assert drain_bravely(world, Task.ANALYSE) == []
    assert world.state(Kind.ARTICLE, "a19") == ArticleState.ATTRIBUTED


def test_a_broker_that_is_away_is_asked_once_in_a_sweep(world: World) -> None:
    world.ingest(*(article(f"a{n:02}") for n in range(40)))
    with world.units() as unit:
        unit.feeds.sync([Feed(name, f"https://{name}.example/rss", "Wire") for name in ("one", "two")])
    assert world.claim(Task.ANALYSE, "a00", lease=LAPSED)
    set_row(world.engine, Kind.ARTICLE, "a00", losses=ATTEMPTS)
    world.queue.away, world.queue.asked = True, 0
    assert a_tick_later(world) == 0, "what was dropped was not nudged"
    assert world.queue.asked == 1
    assert world.state(Kind.ARTICLE, "a00") == ArticleState.DEAD, "burying needs no broker"
    world.queue.away = False
    world.queue.nudges.clear()
    assert a_tick_later(world) == 41


def test_the_sweeper_adds_nothing_to_a_full_queue(world: World) -> None:
    world.ingest(*(article(f"a{n}") for n in range(40)))
    world.queue.nudges.clear()
    world.queue.waiting = {Task.ANALYSE: MOST_WAITING}
    assert a_tick_later(world) == 0
    world.queue.waiting = {Task.ANALYSE: MOST_WAITING - 2}
    assert a_tick_later(world) == 32, "two messages of sixteen find room"
    world.queue.waiting = {}
    assert a_tick_later(world, TICK) == 8, "the rest; those just nudged are left alone"


def test_messages_about_failed_rows_are_capped_too(world: World) -> None:
    ids = [f"a{n:02}" for n in range(40)]
    world.ingest(*(article(i) for i in ids))
    for i in ids:
        set_row(world.engine, Kind.ARTICLE, i, attempt=1)
    world.queue.nudges.clear()
    world.queue.waiting = {Task.ANALYSE: MOST_WAITING - 2}
    a_tick_later(world)
    assert len(world.queue.of(Task.ANALYSE)) <= 2


def test_a_second_sweeper_within_the_tick_does_nothing(world: World) -> None:
    world.ingest(article("a1"))
    assert sweep(world.units, world.queue, LIMITS, TICK) == 1
    world.ingest(article("a2"))
    assert sweep(world.units, world.queue, LIMITS, TICK) == 0
    pass_time(world.engine, TICK)
    assert sweep(world.units, world.queue, LIMITS, TICK) == 1


def test_the_sweeper_finds_work_of_every_kind(world: World) -> None:
    transition = world.firing()
    world.ingest(article("b1", publisher="AP"))
    with world.units() as unit:
        unit.feeds.sync([Feed("wire", "https://wire.example/rss", "Wire")])
        unit.articles.add(article("b2"), "feed:wire", "hash", ArticleState.ANNOUNCED)
    country = next(i for ids in world.queue.of(Task.DISPATCH) for i in ids if i != transition)
    world.carry(Task.DISPATCH, transition)
    world.drain(Task.GATHER)
    world.carry(Task.DISPATCH, country)
    world.queue.nudges.clear()
    a_tick_later(world)
    assert {task for task, _ in world.queue.nudges} == set(Task) - {Task.ASSESS}
    assert all(len(ids) == 1 for task, ids in world.queue.nudges if task in {Task.FETCH, Task.COMPLETE, Task.DELIVER})


def test_the_sweeper_buries_what_kills_its_worker_every_time(world: World) -> None:
    world.ingest(article("a1"), article("a2", publisher="BBC"))
    for _ in range(ATTEMPTS):
        assert world.claim(Task.ANALYSE, "a1", lease=LAPSED)
        a_tick_later(world)
    assert world.state(Kind.ARTICLE, "a1") == ArticleState.DEAD
    assert world.state(Kind.ARTICLE, "a2") == ArticleState.RECEIVED


def test_a_feed_that_failed_often_survives_the_death_of_a_worker(world: World) -> None:
    with world.units() as unit:
        unit.feeds.sync([Feed("wire", "https://wire.example/rss", "Wire")])
    for _ in range(5):
        (claim,) = world.claim(Task.FETCH, "wire")
        with world.units() as unit:
            unit.works.fail(claim, "the server answered 503", timedelta(0))
    world.claim(Task.FETCH, "wire", lease=LAPSED)
    a_tick_later(world)
    assert world.state(Kind.FEED, "wire") == "pending"
    assert world.queue.of(Task.FETCH) == [("wire",)]
