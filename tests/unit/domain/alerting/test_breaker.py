"""Breakers: a channel that fails is left alone, longer each time, tried with one message, and forgiven at once."""

from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from service.domain.alerting.breaker import (
    FIRST_REST,
    LONGEST_REST,
    PATIENCE,
    PROBE,
    PROBE_WAIT,
    Breaker,
    answered,
    enter,
    failed,
    rest_after,
)
from tests.fakes import NOON


def opened(now: datetime = NOON) -> Breaker:
    breaker = Breaker()
    for _ in range(PATIENCE):
        breaker = failed(breaker, now)
    return breaker


def test_a_channel_is_left_alone_after_three_failures_in_a_row() -> None:
    assert enter(failed(failed(Breaker(), NOON), NOON), NOON).wait_until is None
    assert enter(opened(), NOON).wait_until == NOON + FIRST_REST


def test_an_answer_in_between_begins_the_count_anew() -> None:
    twice = failed(failed(Breaker(), NOON), NOON)
    assert twice.failures == 2
    assert failed(answered(), NOON).failures == 1


def test_after_the_rest_one_message_goes_and_the_others_wait_for_its_answer() -> None:
    after = NOON + FIRST_REST
    probe = enter(opened(), after)
    assert probe.wait_until is None
    assert enter(probe.breaker, after).wait_until == after + PROBE_WAIT
    assert enter(probe.breaker, after + PROBE).wait_until is None, "a probe that never answers is not waited for"
    assert enter(answered(), after).wait_until is None


def test_a_probe_that_fails_makes_the_next_rest_longer() -> None:
    after = NOON + FIRST_REST
    again = failed(enter(opened(), after).breaker, after)
    assert again.closed_at == after + 2 * FIRST_REST
    assert again.probe_at is None


def test_what_was_sent_before_the_rest_and_fails_in_it_changes_nothing() -> None:
    assert failed(opened(), NOON + timedelta(seconds=1)) == opened()


def test_a_wish_to_be_left_alone_is_heeded_at_once_and_within_bounds() -> None:
    assert failed(Breaker(), NOON, timedelta(minutes=2)).closed_at == NOON + timedelta(minutes=2)
    assert failed(Breaker(), NOON, timedelta(days=9)).closed_at == NOON + LONGEST_REST
    assert failed(Breaker(), NOON, timedelta(0)).closed_at == NOON + FIRST_REST


@given(st.integers(0, 10_000))
def test_rests_grow_and_stay_within_bounds(rests: int) -> None:
    assert FIRST_REST <= rest_after(rests) <= rest_after(rests + 1) <= LONGEST_REST


class Channel(RuleBasedStateMachine):
    """Messages that come at any time to a channel that takes or fails them at any time."""

    def __init__(self) -> None:
        super().__init__()
        self.now, self.breaker = NOON, Breaker()
        self.on_the_way: list[tuple[datetime, bool]] = []
        self.failures = 0

    @rule(seconds=st.integers(0, 1500))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule()
    def come(self) -> None:
        entry, was_open = enter(self.breaker, self.now), self.breaker.is_open
        if entry.wait_until:
            assert self.now < entry.wait_until <= self.now + LONGEST_REST
            assert entry.breaker == self.breaker
            return
        if was_open:
            probes = [at for at, is_probe in self.on_the_way if is_probe and self.now < at + PROBE]
            assert not probes, "one probe at a time"
            assert self.breaker.closed_at is not None
            assert self.breaker.closed_at <= self.now
        self.breaker = entry.breaker
        self.on_the_way.append((self.now, was_open))

    @precondition(lambda self: self.on_the_way)
    @rule(data=st.data())
    def fail(self, data: st.DataObject) -> None:
        self._end(data)
        self.breaker = failed(self.breaker, self.now)
        self.failures += 1

    @precondition(lambda self: self.on_the_way)
    @rule(data=st.data())
    def succeed(self, data: st.DataObject) -> None:
        self._end(data)
        self.breaker, self.failures = answered(), 0
        self.on_the_way = [(at, False) for at, _ in self.on_the_way]

    def _end(self, data: st.DataObject) -> None:
        self.on_the_way.remove(data.draw(st.sampled_from(self.on_the_way)))
        if self.breaker.closed_at is None or self.now >= self.breaker.closed_at:
            self.on_the_way = [(at, False) for at, _ in self.on_the_way]

    @invariant()
    def it_rests_only_after_failures_and_never_for_ever(self) -> None:
        assert not self.breaker.is_open or self.failures >= PATIENCE
        if self.breaker.closed_at:
            latest = max(self.breaker.closed_at, self.breaker.probe_at or self.breaker.closed_at)
            assert enter(self.breaker, latest).wait_until is None
            assert latest <= self.now + LONGEST_REST


TestChannel = Channel.TestCase
TestChannel.settings = settings(max_examples=150, stateful_step_count=40, deadline=None, database=None)
