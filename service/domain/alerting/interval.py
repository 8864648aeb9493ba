"""Times of the week and the year, in the zone where somebody lives: quiet hours, office hours.

Whether a moment lies inside is asked of the clock on the wall there, so that both changes of day-light saving are right
by themselves: an hour that does not exist is skipped, one that comes twice counts twice.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from service.domain.alerting.route import Route

MIDNIGHT = 24 * 60
"""Minutes of a day; as an end of a span it is the midnight after."""
HORIZON = timedelta(days=1100)
"""How far ahead is looked: what lasts or keeps away for three years is said to do so for ever."""
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers from `first` to `last`, both included."""

    first: int
    last: int

    def __contains__(self, number: int) -> bool:
        return self.first <= number <= self.last


@dataclass(frozen=True, slots=True)
class Hours:
    """Minutes of the day from `start` to before `end`; where `end` is smaller the span ends on the next day.

    What lies after midnight then belongs to the day on which the span began.
    """

    start: int
    end: int

    @property
    def crosses(self) -> bool:
        """Whether it goes over midnight."""
        return self.end < self.start


@dataclass(frozen=True, slots=True)
class Span:
    """Days of a zone and hours of those days; what is empty is not asked for.

    `weekdays` count from 0 for Monday, `months` from 1; negative `days_of_month` count from the end, -1 is the last.
    """

    times: tuple[Hours, ...] = ()
    weekdays: tuple[Range, ...] = ()
    days_of_month: tuple[Range, ...] = ()
    months: tuple[Range, ...] = ()
    years: tuple[Range, ...] = ()
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class TimeInterval:
    """A named set of spans: inside one of them is inside."""

    name: str
    spans: tuple[Span, ...]


@lru_cache(maxsize=256)
def zone_named(name: str) -> ZoneInfo:
    """The IANA time zone. Raises ValueError where there is none of that name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} is no time zone; write one as Europe/Berlin or UTC") from None


def is_inside(interval: TimeInterval, at: datetime) -> bool:
    """Whether a moment lies in the interval."""
    return any(_holds(span, at) for span in interval.spans)


def ends_at(interval: TimeInterval, at: datetime) -> datetime | None:
    """The first moment from `at` on that is not inside, in UTC: `at` itself where that is not inside.

    None for an interval that goes on for three years or for ever.
    """
    return _first([interval], at, inside=False)


def begins_at(intervals: Sequence[TimeInterval], at: datetime) -> datetime | None:
    """The first moment from `at` on that is inside one of them, in UTC; None where none comes within three years."""
    return _first(intervals, at, inside=True)


def muted_until(route: Route, intervals: Mapping[str, TimeInterval], at: datetime) -> datetime | None:
    """Until when nothing is sent on this node, in UTC: the first moment outside all `mute` and inside an `active` one.

    None where it is not muted now. What is muted for ever is muted until the horizon, when one may look again.
    """
    mute, active = [intervals[name] for name in route.mute], [intervals[name] for name in route.active]
    now = until = at.astimezone(UTC)
    while until < now + HORIZON:
        after = _past(mute, active, until)
        if after == until:
            return until if until > now else None
        until = after
    return now + HORIZON


def muted_by(route: Route, intervals: Mapping[str, TimeInterval], at: datetime) -> str:
    """The name of an interval that mutes the node at a moment: one it is inside of, or the active ones it is not in."""
    inside = [name for name in route.mute if is_inside(intervals[name], at)]
    if inside:
        return inside[0]
    is_active = any(is_inside(intervals[name], at) for name in route.active)
    return "" if is_active or not route.active else f"not {', '.join(route.active)}"


def _past(mute: Sequence[TimeInterval], active: Sequence[TimeInterval], at: datetime) -> datetime:
    """One step nearer to the end of muting; `at` itself where nothing mutes."""
    for interval in mute:
        if is_inside(interval, at):
            return ends_at(interval, at) or at + HORIZON
    return (begins_at(active, at) or at + HORIZON) if active else at


def _first(intervals: Sequence[TimeInterval], at: datetime, *, inside: bool) -> datetime | None:
    """The first moment at which one is inside or not. Nothing changes but at the candidates."""

    def found(moment: datetime) -> bool:
        return any(is_inside(interval, moment) for interval in intervals) is inside

    at = at.astimezone(UTC)
    if found(at):
        return at
    spans = tuple(span for interval in intervals for span in interval.spans)
    return next((moment for moment in _candidates(spans, at) if found(moment)), None)


def _candidates(spans: Sequence[Span], at: datetime) -> Iterator[datetime]:
    """Moments after `at` where a span may begin or end, in order, up to the horizon."""
    minutes: dict[str, set[int]] = {}
    for span in spans:
        edges = {edge for hours in span.times for edge in (hours.start, hours.end)}
        minutes.setdefault(span.zone, {0}).update(edges - {MIDNIGHT})
    day = at
    while day < at + HORIZON:
        within = {moment for zone, edges in minutes.items() for moment in _edges(zone, edges, day)}
        yield from sorted(moment for moment in within if day < moment <= day + _DAY)
        day += _DAY


def _edges(zone: str, minutes: set[int], start: datetime) -> Iterator[datetime]:
    """Moments of the day after `start` at which the clock there shows one of these minutes, or is changed."""
    where = zone_named(zone)
    end = start + _DAY
    first, last = start.astimezone(where), end.astimezone(where)
    if first.utcoffset() != last.utcoffset():
        yield _change(where, start, end)
    days = {first.date() + _DAY * n for n in range((last.date() - first.date()).days + 1)}
    for day in days:
        for minute in minutes:
            shown = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=where)
            yield shown.astimezone(UTC)
            yield shown.replace(fold=1).astimezone(UTC)


def _change(where: ZoneInfo, start: datetime, end: datetime) -> datetime:
    """The second at which the zone's distance from UTC changes."""
    before = start.astimezone(where).utcoffset()
    start, end = start.replace(microsecond=0), end.replace(microsecond=0) + _SECOND
    while end - start > _SECOND:
        middle = start + timedelta(seconds=int((end - start).total_seconds()) // 2)
        start, end = (middle, end) if middle.astimezone(where).utcoffset() == before else (start, middle)
    return end


def _holds(span: Span, at: datetime) -> bool:
    shown = at.astimezone(zone_named(span.zone))
    today = shown.date()
    if not span.times:
        return _is_day(span, today)
    minute = shown.hour * 60 + shown.minute
    return any(_in_hours(span, hours, today, minute) for hours in span.times)


def _in_hours(span: Span, hours: Hours, today: date, minute: int) -> bool:
    if not hours.crosses:
        return hours.start <= minute < hours.end and _is_day(span, today)
    if minute >= hours.start:
        return _is_day(span, today)
    return minute < hours.end and _is_day(span, today - _DAY)


def _is_day(span: Span, day: date) -> bool:
    return (
        _among(span.weekdays, day.weekday())
        and _among(span.months, day.month)
        and _among(span.years, day.year)
        and (not span.days_of_month or any(_in_month(days, day) for days in span.days_of_month))
    )


def _among(ranges: Sequence[Range], number: int) -> bool:
    return not ranges or any(number in one for one in ranges)


def _in_month(days: Range, day: date) -> bool:
    length = ((day.replace(day=1) + timedelta(days=31)).replace(day=1) - _DAY).day
    first, last = (n if n > 0 else length + 1 + n for n in (days.first, days.last))
    return first <= day.day <= last
