"""Leases: who holds a row, what becomes of it, and what a late writer may still do (nothing)."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from service.adapters.storage.database import SqlUnits
from service.flow import ArticleState, Kind, RowState, Task
from service.ports import Claim, Feed
from tests.fakes import LAPSED, LEASE, article, dump, pass_time, row, set_row

QUIET = timedelta(seconds=30)


@pytest.fixture
def units(engine: Engine) -> SqlUnits:
    units = SqlUnits(engine)
    with units() as unit:
        for article_id in ("a1", "a2", "a3"):
            unit.articles.add(article(article_id), "test", f"hash {article_id}")
    return units


def claim(units: SqlUnits, *ids: str, lease: timedelta = LEASE, task: Task = Task.ANALYSE) -> list[Claim]:
    with units() as unit:
        return unit.works.claim(task, ids, lease)


def test_a_claimed_row_is_nobody_elses(units: SqlUnits) -> None:
    first, second = claim(units, "a1", "a2"), claim(units, "a1", "a2", "a3")
    assert sorted(c.id for c in first) == ["a1", "a2"]
    assert [c.id for c in second] == ["a3"]
    assert {c.token for c in first} != {c.token for c in second}


def test_only_rows_in_a_state_of_the_task_are_given_out(units: SqlUnits) -> None:
    assert claim(units, "a1", task=Task.ASSESS) == []
    assert claim(units, "nobody") == []
    assert claim(units) == []


def test_attempts_count_when_claimed_and_begin_anew_after_success(units: SqlUnits) -> None:
    assert claim(units, "a1", lease=LAPSED)[0].attempt == 1
    second = claim(units, "a1")
    assert second[0].attempt == 2
    with units() as unit:
        unit.works.finish(second, ArticleState.ATTRIBUTED)
    assert claim(units, "a1", task=Task.ASSESS)[0].attempt == 1


def test_a_lapsed_lease_frees_the_row_and_the_late_holder_changes_nothing(units: SqlUnits, engine: Engine) -> None:
    late = claim(units, "a1", lease=LAPSED)
    current = claim(units, "a1")
    before = dump(engine)
    with units() as unit:
        assert unit.works.move(late, ArticleState.CLASSIFIED) == []
        assert unit.works.finish(late, ArticleState.ATTRIBUTED) == []
        assert unit.works.fail(late[0], "too late", timedelta(0)) is False
        assert unit.works.fail(late[0], "too late", None) is False
    assert dump(engine) == before
    with units() as unit:
        assert [c.id for c in unit.works.finish(current, ArticleState.ATTRIBUTED)] == ["a1"]


def test_a_claim_is_void_once_its_row_went_on(units: SqlUnits, engine: Engine) -> None:
    first = claim(units, "a1")
    with units() as unit:
        moved = unit.works.move(first, ArticleState.DEDUPLICATED)
    before = dump(engine)
    with units() as unit:
        assert unit.works.move(first, ArticleState.DEDUPLICATED) == []
        assert unit.works.finish(first, ArticleState.IGNORED, "no") == []
    assert dump(engine) == before
    assert [c.state for c in moved] == [ArticleState.DEDUPLICATED]


def test_move_keeps_the_lease(units: SqlUnits) -> None:
    with units() as unit:
        unit.works.move(unit.works.claim(Task.ANALYSE, ["a1"], LEASE), ArticleState.DEDUPLICATED)
    assert claim(units, "a1") == []


def test_a_failure_waits_then_comes_back(units: SqlUnits, engine: Engine) -> None:
    held = claim(units, "a1")
    with units() as unit:
        assert unit.works.fail(held[0], "ValueError: no", timedelta(seconds=20))
    assert claim(units, "a1") == []
    pass_time(engine, timedelta(seconds=21))
    assert claim(units, "a1")[0].attempt == 2
    assert row(engine, Kind.ARTICLE, "a1")["last_error"] == "ValueError: no"


def test_a_failure_without_retry_is_the_end(units: SqlUnits, engine: Engine) -> None:
    held = claim(units, "a1")
    with units() as unit:
        assert unit.works.fail(held[0], "it is hopeless", None)
        assert unit.articles.state("a1") == (ArticleState.DEAD, "it is hopeless")
    pass_time(engine, timedelta(days=9))
    assert claim(units, "a1") == []


def test_a_failure_that_was_reported_never_counts_as_a_lost_worker(units: SqlUnits, engine: Engine) -> None:
    for attempt in range(1, 8):
        held = claim(units, "a1")
        assert held[0].attempt == attempt
        with units() as unit:
            unit.works.fail(held[0], "the channel did not take it", timedelta(0))
    claim(units, "a1", lease=LAPSED)
    with units() as unit:
        assert unit.works.bury_exhausted(Task.ANALYSE, 3) == []
    assert claim(units, "a1"), "one lost worker after seven polite failures is no reason to give up"


def test_rows_that_cost_their_worker_three_times_are_buried(units: SqlUnits, engine: Engine) -> None:
    for _ in range(2):
        assert claim(units, "a1", lease=LAPSED)
        with units() as unit:
            assert unit.works.bury_exhausted(Task.ANALYSE, 3) == []
    assert claim(units, "a1", lease=LEASE)
    with units() as unit:
        assert unit.works.bury_exhausted(Task.ANALYSE, 3) == [], "it is still being worked on"
    pass_time(engine, LEASE + timedelta(seconds=1))
    with units() as unit:
        assert unit.works.bury_exhausted(Task.ANALYSE, 3) == ["a1"]
        assert unit.articles.state("a1") == (ArticleState.DEAD, "its worker died or ran out of time 3 times")
        assert unit.articles.state("a2")[0] == ArticleState.RECEIVED
        assert unit.works.bury_exhausted(Task.ANALYSE, 3) == []


def test_due_names_each_row_once_in_a_quiet_period(units: SqlUnits, engine: Engine) -> None:
    with units() as unit:
        assert unit.works.due(Task.ANALYSE, 2, QUIET) == [("a1", 0), ("a2", 0)]
    with units() as unit:
        assert unit.works.due(Task.ANALYSE, 9, QUIET) == [("a3", 0)]
        assert unit.works.due(Task.ANALYSE, 9, QUIET) == []
    pass_time(engine, QUIET + timedelta(seconds=1))
    with units() as unit:
        assert [i for i, _ in unit.works.due(Task.ANALYSE, 9, QUIET)] == ["a1", "a2", "a3"]


def test_due_leaves_out_what_is_held_waits_or_is_of_a_newer_version(units: SqlUnits, engine: Engine) -> None:
    held = claim(units, "a1", "a2")
    with units() as unit:
        unit.works.fail(next(c for c in held if c.id == "a2"), "later", timedelta(hours=1))
    set_row(engine, Kind.ARTICLE, "a3", payload_version=99)
    with units() as unit:
        assert unit.works.due(Task.ANALYSE, 9, QUIET) == []
    assert claim(units, "a3") == []


def test_due_tells_how_often_a_row_failed_and_the_oldest_first(units: SqlUnits, engine: Engine) -> None:
    held = claim(units, "a1")
    with units() as unit:
        unit.works.fail(held[0], "no", timedelta(seconds=5))
    pass_time(engine, timedelta(seconds=6))
    with units() as unit:
        found = unit.works.due(Task.ANALYSE, 9, QUIET)
    assert found[-1] == ("a1", 1)
    assert [i for i, _ in found] == ["a2", "a3", "a1"]


def test_a_postponed_row_waits_its_turn(engine: Engine) -> None:
    units = SqlUnits(engine)
    with units() as unit:
        unit.feeds.sync([Feed("wire", "https://wire.example/rss", "Wire")])
    held = claim(units, "wire", task=Task.FETCH)
    with units() as unit:
        unit.works.postpone(unit.works.finish(held, RowState.PENDING), timedelta(minutes=15))
    assert claim(units, "wire", task=Task.FETCH) == []
    pass_time(engine, timedelta(minutes=16))
    assert claim(units, "wire", task=Task.FETCH)[0].attempt == 1


def test_counts_and_the_oldest_due_row(units: SqlUnits, engine: Engine) -> None:
    held = claim(units, "a1")
    with units() as unit:
        unit.works.finish(held, ArticleState.IGNORED, "no event")
    pass_time(engine, timedelta(hours=1))
    with units(read_only=True) as unit:
        assert unit.works.counts()[Kind.ARTICLE] == {"received": 2, "ignored": 1}
        age = unit.marks.now() - (unit.works.oldest_due() or unit.marks.now())
        assert timedelta(hours=1) <= age < timedelta(hours=1, minutes=1)


def test_the_next_row_is_the_one_that_waited_longest_and_each_is_given_once(units: SqlUnits, engine: Engine) -> None:
    for n, row_id in enumerate(("a1", "a2", "a3")):
        set_row(engine, Kind.ARTICLE, row_id, due_at=row(engine, Kind.ARTICLE, row_id)["due_at"] - timedelta(hours=n))
    taken = []
    for _ in range(4):
        with units() as unit:
            taken += [(c.id, c.attempt) for c in unit.works.claim_next(Task.ANALYSE, LEASE)]
    assert taken == [("a3", 1), ("a2", 1), ("a1", 1)]


def test_eight_threads_that_ask_for_the_next_row_never_hold_the_same(engine: Engine) -> None:
    units = SqlUnits(engine)
    with units() as unit:
        for n in range(40):
            unit.articles.add(article(f"t{n}"), "test", f"h{n}")

    def take(_: int) -> list[str]:
        found = []
        while True:
            with units() as unit:
                claims = unit.works.claim_next(Task.ANALYSE, LEASE)
            if not claims:
                return found
            found += [c.id for c in claims]

    with ThreadPoolExecutor(8) as pool:
        taken = [row_id for ids in pool.map(take, range(8)) for row_id in ids]
    assert Counter(taken) == Counter({f"t{n}": 1 for n in range(40)})


def test_eight_threads_never_hold_the_same_row(engine: Engine) -> None:
    units = SqlUnits(engine)
    ids = [f"t{n:03}" for n in range(60)]
    with units() as unit:
        for article_id in ids:
            unit.articles.add(article(article_id), "test", article_id)
    start = threading.Barrier(8)

    def grab(_: int) -> list[str]:
        start.wait()
        return [c.id for at in range(0, len(ids), 6) for c in claim(units, *ids[at : at + 6])]

    with ThreadPoolExecutor(8) as pool:
        taken = Counter(i for found in pool.map(grab, range(8)) for i in found)
    assert taken == Counter(ids)


def test_a_row_that_was_given_up_can_begin_anew(units: SqlUnits, engine: Engine) -> None:
    (held,) = claim(units, "a2")
    with units() as unit:
        assert unit.works.fail(held, "broken", None)
        (dead,) = unit.works.dead()
        assert (dead.kind, dead.id, dead.error) == (Kind.ARTICLE, "a2", "broken")
        assert not unit.works.revive(Kind.ARTICLE, "a1", as_new=False), "it was not dead"
        assert unit.works.revive(Kind.ARTICLE, "a2", as_new=False)
        assert unit.works.dead() == []
    stored = row(engine, Kind.ARTICLE, "a2")
    assert (stored["state"], stored["attempt"], stored["created_at"]) == (ArticleState.RECEIVED, 0, dead.created_at)
    assert [c.id for c in claim(units, "a2")] == ["a2"]


def test_a_row_may_begin_as_if_it_had_just_been_made(units: SqlUnits, engine: Engine) -> None:
    pass_time(engine, timedelta(days=2))
    set_row(engine, Kind.ARTICLE, "a2", state=RowState.DEAD)
    before = row(engine, Kind.ARTICLE, "a2")["created_at"]
    with units() as unit:
        assert unit.works.revive(Kind.ARTICLE, "a2", as_new=True)
    assert row(engine, Kind.ARTICLE, "a2")["created_at"] > before + timedelta(days=1)
