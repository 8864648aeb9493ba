"""How often a feed is asked."""

import doctest
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.news import pace
from service.domain.news.pace import LONGEST_WAIT, SPREAD, Bounds, Pace, back_off, next_pace, spread

QUARTER, HOUR = timedelta(minutes=15), timedelta(hours=1)
BOUNDS = Bounds(QUARTER, timedelta(minutes=5), HOUR)


def test_its_examples_hold() -> None:
    assert doctest.testmod(pace).failed == 0


def after(new_an_hour: float, hours: int, start: Pace | None = None) -> Pace:
    """The pace of a feed that has had so many articles an hour for so long."""
    now, left = start or Pace(QUARTER), timedelta(hours=hours)
    owed = 0.0
    while left > timedelta(0):
        owed += new_an_hour * (now.interval / HOUR)
        new, owed = int(owed), owed % 1
        left -= now.interval
        now = next_pace(now, new, now.interval, BOUNDS)
    return now


@pytest.mark.parametrize(("rate", "minutes"), [(30, 5), (6, 10), (2, 30), (0.2, 60), (0, 60)])
def test_in_the_end_a_feed_is_asked_about_once_for_each_article(rate: float, minutes: int) -> None:
    assert after(rate, 72).interval == pytest.approx(timedelta(minutes=minutes), rel=0.15)


def test_a_feed_that_wakes_up_is_followed_within_hours() -> None:
    asleep = after(0, 48)
    assert asleep.interval == HOUR
    assert after(12, 4, asleep).interval < QUARTER


def test_who_asks_for_a_short_first_wait_gets_short_ones() -> None:
    quick = Bounds(timedelta(seconds=1), timedelta(minutes=5), HOUR)
    assert next_pace(None, 0, timedelta(0), quick).interval == timedelta(seconds=1)
    assert quick.fit(timedelta(0)) == timedelta(seconds=1)


@given(
    st.none() | st.builds(Pace, st.timedeltas(timedelta(seconds=1), HOUR), st.none() | st.floats(0, 1e6)),
    st.integers(0, 500),
    st.timedeltas(timedelta(days=-3), timedelta(days=400)),
)
def test_whatever_comes_the_wait_is_within_its_bounds(last: Pace | None, new: int, elapsed: timedelta) -> None:
    found = next_pace(last, new, elapsed, BOUNDS)
    assert found is last or BOUNDS.least <= found.interval <= BOUNDS.most
    assert found.rate is None or found.rate >= 0


def test_failures_double_the_wait_up_to_six_hours() -> None:
    assert back_off(QUARTER, 1) == QUARTER * 2
    assert back_off(QUARTER, 10_000) == LONGEST_WAIT
    assert back_off(timedelta(days=1), 1) == timedelta(days=1), "who is asked rarely is not asked more often"


@given(st.text())
def test_waits_differ_from_feed_to_feed_by_a_tenth_at_most(key: str) -> None:
    assert abs(spread(HOUR, key) - HOUR) <= HOUR * SPREAD
    assert spread(HOUR, key) == spread(HOUR, key)
