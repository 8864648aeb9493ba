from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from service.domain.alerting.interval import (
    HORIZON,
    MIDNIGHT,
    Hours,
    Range,
    Span,
    TimeInterval,
    begins_at,
    ends_at,
    is_inside,
    muted_by,
    muted_until,
    zone_named,
)
from service.domain.alerting.route import Route

MINUTE = timedelta(minutes=1)
BERLIN = "Europe/Berlin"
NIGHT = TimeInterval("night", (Span(times=(Hours(22 * 60 + 30, 7 * 60),), zone=BERLIN),))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(text: str, zone: str = BERLIN, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


def interval(*spans: Span) -> TimeInterval:
    return TimeInterval("one", spans)


@pytest.mark.parametrize(
    ("at", "inside", "until"),
    [
        pytest.param(local("2026-07-01 22:29:59"), False, local("2026-07-01 22:29:59"), id="before"),
        pytest.param(local("2026-07-01 22:30"), True, local("2026-07-02 07:00"), id="its first minute"),
        pytest.param(local("2026-07-02 06:59:59"), True, local("2026-07-02 07:00"), id="its last second"),
        pytest.param(local("2026-07-02 07:00"), False, local("2026-07-02 07:00"), id="its end"),
        pytest.param(utc("2026-03-28 22:00"), True, utc("2026-03-29 05:00"), id="the night the clock is put forward"),
        pytest.param(utc("2026-10-24 21:00"), True, utc("2026-10-25 06:00"), id="the night it is put back"),
    ],
)
def test_a_night_goes_over_midnight_and_over_the_changes_of_the_clock(
    at: datetime, inside: bool, until: datetime
) -> None:
    assert is_inside(NIGHT, at) is inside
    assert ends_at(NIGHT, at) == until


def test_a_night_is_an_hour_shorter_in_spring_and_longer_in_autumn() -> None:
    def length(evening: str) -> timedelta:
        began = begins_at([NIGHT], local(f"{evening} 12:00"))
        assert began
        ended = ends_at(NIGHT, began)
        assert ended
        return ended - began

    assert [length(day) for day in ("2026-07-01", "2026-03-28", "2026-10-24")] == [
        timedelta(hours=8.5),
        timedelta(hours=7.5),
        timedelta(hours=9.5),
    ]


def test_an_edge_that_does_not_exist_is_where_the_clock_is_put_forward() -> None:
    gap = interval(Span(times=(Hours(150, 240),), zone=BERLIN))  # 02:30 to 04:00; there is no 02:30 that night
    assert begins_at([gap], utc("2026-03-29 00:00")) == utc("2026-03-29 01:00")
    assert ends_at(gap, utc("2026-03-29 01:00")) == local("2026-03-29 04:00")
    until = interval(Span(times=(Hours(60, 150),), zone=BERLIN))  # 01:00 to 02:30
    assert ends_at(until, utc("2026-03-29 00:30")) == utc("2026-03-29 01:00")


def test_an_hour_that_comes_twice_counts_twice() -> None:
    twice = interval(Span(times=(Hours(120, 150),), zone=BERLIN))  # 02:00 to 02:30
    first, second = utc("2026-10-25 00:00"), utc("2026-10-25 01:00")
    assert [is_inside(twice, at) for at in (first, first + 30 * MINUTE, second, second + 30 * MINUTE)] == [
        True,
        False,
        True,
        False,
    ]
    assert ends_at(twice, first) == first + 30 * MINUTE
    assert begins_at([twice], first + 30 * MINUTE) == second
    assert ends_at(twice, second) == second + 30 * MINUTE


def test_what_lies_after_midnight_belongs_to_the_day_it_began_on() -> None:
    friday = interval(Span(times=(Hours(22 * 60, 6 * 60),), weekdays=(Range(4, 4),)))
    assert not is_inside(friday, utc("2026-03-06 05:00"))  # a Friday morning, of Thursday's night
    assert is_inside(friday, utc("2026-03-06 23:00"))
    assert is_inside(friday, utc("2026-03-07 05:59"))
    assert not is_inside(friday, utc("2026-03-07 22:30"))


@pytest.mark.parametrize(
    ("span", "inside", "outside"),
    [
        (Span(weekdays=(Range(0, 4),)), "2026-03-06 23:59", "2026-03-07 00:00"),
        (Span(months=(Range(1, 3), Range(12, 12))), "2026-03-31 23:59", "2026-04-01 00:00"),
        (Span(years=(Range(2026, 2026),)), "2026-12-31 23:59", "2027-01-01 00:00"),
        (Span(days_of_month=(Range(1, 3),)), "2026-03-03 12:00", "2026-03-04 00:00"),
        (Span(days_of_month=(Range(-1, -1),)), "2028-02-29 12:00", "2028-02-28 12:00"),
        (Span(days_of_month=(Range(-1, -1),)), "2026-02-28 12:00", "2026-02-27 12:00"),
        (Span(days_of_month=(Range(-3, -2),)), "2026-04-28 12:00", "2026-04-30 12:00"),
        (Span(days_of_month=(Range(29, -1),)), "2026-03-29 12:00", "2026-02-28 12:00"),
        (Span(times=(Hours(0, MIDNIGHT),), weekdays=(Range(6, 6),)), "2026-03-08 23:59", "2026-03-09 00:00"),
        (Span(zone="Asia/Tehran", weekdays=(Range(4, 4),)), "2026-03-05 20:30", "2026-03-05 20:29"),
        (Span(times=(Hours(480, 720), Hours(780, 1020))), "2026-03-05 13:00", "2026-03-05 12:30"),
    ],
)
def test_days_and_hours_that_are_asked_for(span: Span, inside: str, outside: str) -> None:
    assert is_inside(interval(span), utc(inside))
    assert not is_inside(interval(span), utc(outside))


def test_inside_of_one_span_is_inside_and_spans_that_meet_are_one() -> None:
    week = Span(weekdays=(Range(0, 4),))
    end = Span(weekdays=(Range(5, 5),), zone="UTC")
    assert ends_at(interval(week, end), utc("2026-03-02 08:00")) == utc("2026-03-08 00:00")


def test_what_lasts_for_ever_has_no_end_and_what_is_over_no_beginning() -> None:
    assert ends_at(interval(Span()), utc("2026-03-01 00:00")) is None
    halves = interval(Span(times=(Hours(0, 720), Hours(720, MIDNIGHT))))
    assert ends_at(halves, utc("2026-03-01 00:00")) is None
    assert begins_at([interval(Span(years=(Range(2020, 2021),)))], utc("2026-03-01 00:00")) is None


def test_a_zone_that_does_not_exist_is_named() -> None:
    with pytest.raises(ValueError, match="'Europe/Atlantis' is no time zone"):
        zone_named("Europe/Atlantis")
    with pytest.raises(ValueError, match="is no time zone"):
        zone_named("../../etc/passwd")


# Properties, with the minute-by-minute walk as the judge.

SLOWLY = settings(deadline=None)

RANGES = {
    "weekdays": st.integers(0, 6).flatmap(lambda a: st.integers(a, 6).map(lambda b: Range(a, b))),
    "days_of_month": st.sampled_from([Range(1, 10), Range(-7, -1), Range(15, -1), Range(31, 31)]),
    "months": st.integers(1, 12).flatmap(lambda a: st.integers(a, 12).map(lambda b: Range(a, b))),
}
HOURS = (
    st.tuples(st.integers(0, 1439), st.integers(1, 1440))
    .filter(lambda pair: pair[0] != pair[1])
    .map(lambda p: Hours(*p))
)
ZONES = st.sampled_from(["UTC", BERLIN, "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia"])
SPANS = st.builds(
    Span,
    times=st.lists(HOURS, max_size=2).map(tuple),
    weekdays=st.lists(RANGES["weekdays"], max_size=2).map(tuple),
    days_of_month=st.lists(RANGES["days_of_month"], max_size=1).map(tuple),
    months=st.lists(RANGES["months"], max_size=1).map(tuple),
    zone=ZONES,
)
INTERVALS = st.lists(SPANS, min_size=1, max_size=2).map(lambda spans: TimeInterval("any", tuple(spans)))
CHANGES = [
    utc(t) for t in ("2026-03-29 00:00", "2026-10-25 00:00", "2026-03-08 06:00", "2026-04-04 14:00", "2028-02-29")
]
MOMENTS = st.builds(
    lambda near, minutes: near + timedelta(minutes=minutes), st.sampled_from(CHANGES), st.integers(-3000, 3000)
)


@SLOWLY
@given(INTERVALS, MOMENTS)
@example(NIGHT, utc("2026-03-28 23:00"))
def test_the_end_is_the_first_moment_outside(one: TimeInterval, at: datetime) -> None:
    end = ends_at(one, at)
    if end is None:
        assert all(is_inside(one, at + timedelta(days=n)) for n in range(0, 1000, 37))
        return
    assert end >= at
    assert not is_inside(one, end)
    if end > at:
        assert is_inside(one, end - timedelta(seconds=1))
    steps = min(int((end - at) / MINUTE), 4000)
    assert all(is_inside(one, at + n * MINUTE) for n in range(0, steps, 7))


@SLOWLY
@given(INTERVALS, MOMENTS, st.integers(0, 3000))
def test_a_later_moment_has_no_earlier_end(one: TimeInterval, at: datetime, later: int) -> None:
    first, second = ends_at(one, at), ends_at(one, at + later * MINUTE)
    if first and second:
        assert first <= second


@SLOWLY
@given(st.lists(INTERVALS, min_size=1, max_size=2), MOMENTS)
def test_the_beginning_is_the_first_moment_inside(several: Sequence[TimeInterval], at: datetime) -> None:
    began = begins_at(several, at)
    if began is None:
        return
    assert any(is_inside(one, began) for one in several)
    if began > at:
        assert not any(is_inside(one, began - timedelta(seconds=1)) for one in several)
    steps = min(int((began - at) / MINUTE), 4000)
    assert not any(is_inside(one, at + n * MINUTE) for n in range(0, steps, 7) for one in several)


# On a node.

OFFICE = TimeInterval("office", (Span(times=(Hours(9 * 60, 17 * 60),), weekdays=(Range(0, 4),), zone=BERLIN),))
WEEKEND = TimeInterval("weekend", (Span(weekdays=(Range(5, 6),), zone=BERLIN),))
KNOWN = {one.name: one for one in (NIGHT, OFFICE, WEEKEND)}


@pytest.mark.parametrize(
    ("mute", "active", "at", "until", "by"),
    [
        ((), (), "2026-07-01 23:00", None, ""),
        (("night",), (), "2026-07-01 12:00", None, ""),
        (("night",), (), "2026-07-01 23:00", "2026-07-02 07:00", "night"),
        (("night", "weekend"), (), "2026-07-03 23:00", "2026-07-06 07:00", "night"),
        ((), ("office",), "2026-07-03 12:00", None, ""),
        ((), ("office",), "2026-07-03 17:00", "2026-07-06 09:00", "not office"),
        ((), ("office", "weekend"), "2026-07-03 17:00", "2026-07-04 00:00", "not office, weekend"),
        (("weekend",), ("office", "weekend"), "2026-07-03 17:00", "2026-07-06 09:00", "not office, weekend"),
    ],
)
def test_a_node_is_muted_until_nothing_mutes_it(
    mute: tuple[str, ...], active: tuple[str, ...], at: str, until: str | None, by: str
) -> None:
    node = Route("route", "desk", mute=mute, active=active)
    assert muted_until(node, KNOWN, local(at)) == (local(until) if until else None)
    assert muted_by(node, KNOWN, local(at)) == by


def test_what_is_muted_for_ever_is_looked_at_again_at_the_horizon() -> None:
    node = Route("route", "desk", active=("over",))
    over = {"over": interval(Span(years=(Range(2020, 2021),)))}
    at = utc("2026-03-01 00:00")
    assert muted_until(node, over, at) == at + HORIZON
    office_at_night = Route("route", "desk", mute=("all",))
    assert muted_until(office_at_night, {"all": interval(Span())}, at) == at + HORIZON


@SLOWLY
@given(MOMENTS)
def test_muting_ends_where_it_says(at: datetime) -> None:
    node = Route("route", "desk", mute=("night",), active=("office",))
    until = muted_until(node, KNOWN, at)
    assert (until is None) is (not muted_by(node, KNOWN, at))
    if until:
        assert until > at
        assert muted_until(node, KNOWN, until) is None
        assert muted_until(node, KNOWN, until - timedelta(seconds=1)) == until
