"""When a sign of life is due, whatever the clock does."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.operations.heartbeat import is_due
from tests.fakes import NOON

DAY = timedelta(days=1)
JUMPS = st.lists(st.sampled_from([-3 * DAY, 3 * DAY, timedelta(seconds=5), timedelta(hours=6)]), max_size=40)


@pytest.mark.parametrize(
    ("last", "due"),
    [
        (None, True),
        (NOON, False),
        (NOON - DAY + timedelta(seconds=1), False),
        (NOON - DAY, True),
        (NOON - 30 * DAY, True),
        (NOON + timedelta(seconds=1), True),
    ],
)
def test_due_for_the_first_time_after_an_interval_and_when_the_clock_was_put_back(
    last: datetime | None, due: bool
) -> None:
    assert is_due(last, NOON, DAY) is due


@given(JUMPS)
def test_no_clock_makes_a_storm(steps: list[timedelta]) -> None:
    """One sign for each day that went by and for each jump, at most, however often it is asked."""
    now, last, written = NOON, None, 0
    for step in steps:
        now += step
        for _ in range(5):
            if is_due(last, now, DAY):
                last, written = now, written + 1
    jumps = sum(abs(step) > DAY for step in steps)
    assert written <= 1 + jumps + sum((s for s in steps if abs(s) < DAY), timedelta(0)) // DAY


@given(st.integers(0, 10**6))
def test_a_standing_mark_never_keeps_it_silent_for_longer_than_an_interval(seconds: int) -> None:
    assert is_due(NOON + timedelta(seconds=seconds), NOON + timedelta(seconds=seconds) + DAY, DAY)
