"""The shape of `routes.yaml`: receivers, the routing tree, intervals and inhibition."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Literal, Self, get_args

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator

from service.config.schema import Duration, Name, Strict, no_twins
from service.domain.alerting.inhibit import InhibitRule
from service.domain.alerting.interval import MIDNIGHT, Hours, Range, Span, TimeInterval, begins_at, ends_at, zone_named
from service.domain.alerting.matcher import Matcher, parse_matchers
from service.domain.alerting.route import NOBODY, Budget, DigestPlan, Escalation, Flood, Receiver, Route, Timing
from service.domain.alerting.rule import Severity

ALL_LABELS = "..."
"""In `group_by`: group by every label there is."""
MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|(24):(00)")
_LONGEST_MONTH = 31
YEARS = range(2000, 2200)
_LEAP_YEAR = 2024
"""From its first day on all dates there are come within the horizon."""


def _minute(value: object) -> int:
    """Minutes since midnight of `HH:MM`, up to 24:00."""
    if match := _CLOCK.fullmatch(str(value)):
        hours, minutes = (int(part) for part in match.groups() if part)
        return hours * 60 + minutes
    raise ValueError("must be a time of day between 00:00 and 24:00, such as 07:30")


def _time_of_day(value: object) -> time:
    minute = _minute(value)
    if minute == MIDNIGHT:
        raise ValueError("must be before 24:00; midnight is 00:00")
    return time(minute // 60, minute % 60)


def _range(value: object, names: Sequence[str], first: int, what: str) -> Range:
    """`monday:friday` or `monday`, also by number where `first` is above 0."""
    numbers = {name: n for n, name in enumerate(names, first)}
    if first:
        numbers |= {str(n): n for n in numbers.values()}
    ends = [numbers.get(part.strip().lower()) for part in str(value).split(":")]
    begin, end = ends[0], ends[-1]
    if len(ends) > 2 or begin is None or end is None:  # noqa: PLR2004  two ends of a range
        raise ValueError(f"must be {what}")
    if begin > end:
        raise ValueError("ends before it begins; write it as two")
    return Range(begin, end)


def _weekdays(value: object) -> Range:
    return _range(value, DAYS, 0, "a weekday or a range of them, such as saturday or monday:friday")


def _months(value: object) -> Range:
    return _range(value, MONTHS, 1, "a month or a range of them, such as may, 5 or june:august")


def _numbers(value: object, what: str) -> Range:
    try:
        ends = [int(part) for part in str(value).split(":")]
    except ValueError:
        ends = []
    if len(ends) not in {1, 2}:
        raise ValueError(f"must be {what}")
    return Range(ends[0], ends[-1])


def _years(value: object) -> Range:
    found = _numbers(value, "a year or a range of them, such as 2026 or 2026:2028")
    if found.first not in YEARS or found.last not in YEARS:
        raise ValueError(f"years lie between {YEARS[0]} and {YEARS[-1]}")
    if found.last < found.first:
        raise ValueError("ends before it begins")
    return found


def _days_of_month(value: object) -> Range:
    found = _numbers(value, "a day or a range of days, such as 1, 1:5 or -3:-1 (-1 is the last day)")
    if not all(1 <= abs(day) <= _LONGEST_MONTH for day in (found.first, found.last)):
        raise ValueError(f"days are 1 to {_LONGEST_MONTH}, or -1 to -{_LONGEST_MONTH} counted from the end")
    same_side = (found.first < 0) is (found.last < 0)
    if found.first < 0 < found.last or (same_side and found.first > found.last):
        raise ValueError("ends before it begins")
    return found


def _zone(name: str) -> str:
    return zone_named(name).key


def _matchers(value: object) -> tuple[Matcher, ...]:
    if isinstance(value, str):
        return parse_matchers(value)
    raise ValueError('must be a text such as severity="high"')


ClockTime = Annotated[time, BeforeValidator(_time_of_day)]
Minute = Annotated[int, BeforeValidator(_minute)]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
DAYS: tuple[str, ...] = get_args(Weekday)
Zone = Annotated[str, AfterValidator(_zone)]
Weekdays = Annotated[Range, BeforeValidator(_weekdays)]
Months = Annotated[Range, BeforeValidator(_months)]
Years = Annotated[Range, BeforeValidator(_years)]
DaysOfMonth = Annotated[Range, BeforeValidator(_days_of_month)]
Asked = Annotated[tuple[Matcher, ...], BeforeValidator(_matchers)]
"""What one text of a list of matchers says; it may hold several."""
Label = Annotated[str, Field(min_length=1, max_length=200)]
Several = Annotated[tuple[Asked, ...], Field(min_length=1)]


def _flat(asked: Sequence[tuple[Matcher, ...]]) -> tuple[Matcher, ...]:
    return tuple(matcher for one in asked for matcher in one)


class ChannelEntry(Strict):
    """A channel: an Apprise address, written here or in a file that holds nothing else."""

    name: Name
    url: SecretStr | None = None
    url_file: Path | None = None

    @model_validator(mode="after")
    def _one_address(self) -> Self:
        if (self.url is None) == (self.url_file is None):
            raise ValueError("give either url or url_file")
        return self


class BudgetEntry(Strict):
    """How many messages at most; 0 is no limit."""

    per_day: Annotated[int, Field(ge=0, le=10_000)] = 0
    per_week: Annotated[int, Field(ge=0, le=70_000)] = 0


class FloodEntry(Strict):
    """How many messages within how long are a flood; the rest of it comes in one digest."""

    messages: Annotated[int, Field(ge=1, le=10_000)] = 10
    within: Annotated[Duration, Field(gt=timedelta(0))] = timedelta(minutes=10)


class DigestEntry(Strict):
    """When what was held back comes together."""

    every: Literal["daily", "weekly"] = "daily"
    at: ClockTime = time(8)
    weekday: Weekday | None = None
    zone: Zone = "UTC"
    least: Severity = Severity.INFO

    @model_validator(mode="after")
    def _day_of_week(self) -> Self:
        if self.weekday and self.every == "daily":
            raise ValueError("weekday belongs to a digest that comes weekly")
        return self

    def plan(self) -> DigestPlan:
        """The plan as the domain knows it."""
        return DigestPlan(self.every, self.at, DAYS.index(self.weekday or DAYS[0]), self.zone, self.least)


class EscalationEntry(Strict):
    """To whom it goes when nobody acknowledges it."""

    after: Annotated[Duration, Field(gt=timedelta(0))]
    to: str


class ReceiverEntry(Strict):
    """A named list of channels."""

    name: Name
    channels: tuple[ChannelEntry, ...] = ()
    budget: BudgetEntry | None = None
    digest: DigestEntry | None = None
    escalation: EscalationEntry | None = None
    flood: FloodEntry | Literal["never"] = FloodEntry()

    @model_validator(mode="after")
    def _unique(self) -> Self:
        no_twins("channels", [channel.name for channel in self.channels])
        return self

    def receiver(self) -> Receiver:
        """The receiver as the domain knows it."""
        return Receiver(
            self.name,
            tuple(channel.name for channel in self.channels),
            Budget(self.budget.per_day, self.budget.per_week) if self.budget else None,
            self.digest.plan() if self.digest else None,
            Escalation(self.escalation.after, self.escalation.to) if self.escalation else None,
            None if self.flood == "never" else Flood(self.flood.messages, self.flood.within),
        )


class RouteEntry(Strict):
    """A node of the routing tree; what it does not say is as its parent has it."""

    receiver: str | None = None
    matchers: tuple[Asked, ...] = ()
    group_by: tuple[Label, ...] | None = None
    group_wait: Annotated[Duration, Field(ge=timedelta(0))] | None = None
    group_interval: Annotated[Duration, Field(gt=timedelta(0))] | None = None
    repeat_interval: Annotated[Duration, Field(gt=timedelta(0))] | None = None
    mute_time_intervals: tuple[str, ...] = ()
    active_time_intervals: tuple[str, ...] = ()
    goes_on: bool = Field(default=False, alias="continue")
    routes: tuple["RouteEntry", ...] = ()

    @model_validator(mode="after")
    def _grouped(self) -> Self:
        no_twins("group_by", list(self.group_by or ()))
        if self.group_by and ALL_LABELS in self.group_by and len(self.group_by) > 1:
            raise ValueError(f"group_by: {ALL_LABELS!r} stands for all labels; no other may stand beside it")
        return self

    def node(self, parent: Route, path: str) -> Route:
        """The node as the domain knows it: receiver, grouping and timing are inherited, intervals are not."""
        by = parent.group_by
        if self.group_by is not None:
            by = None if ALL_LABELS in self.group_by else self.group_by
        node = Route(
            path=path,
            receiver=self.receiver or parent.receiver,
            matchers=_flat(self.matchers),
            group_by=by,
            timing=Timing(
                _first(self.group_wait, parent.timing.group_wait),
                _first(self.group_interval, parent.timing.group_interval),
                _first(self.repeat_interval, parent.timing.repeat_interval),
            ),
            mute=self.mute_time_intervals,
            active=self.active_time_intervals,
            continues=self.goes_on,
        )
        children = tuple(child.node(node, f"{path}.routes[{n}]") for n, child in enumerate(self.routes))
        return replace(node, routes=children)


def _first(own: timedelta | None, inherited: timedelta) -> timedelta:
    return inherited if own is None else own


class HoursEntry(Strict):
    """Hours of a day; where the end is before the start it is that of the next day."""

    start_time: Minute
    end_time: Minute

    @model_validator(mode="after")
    def _some_time(self) -> Self:
        if self.start_time == self.end_time:
            raise ValueError("start_time and end_time are the same; the whole day is 00:00 to 24:00")
        if self.start_time == MIDNIGHT:
            raise ValueError("start_time must be before 24:00")
        return self


class SpanEntry(Strict):
    """Days and hours; what is not said is not asked for."""

    times: tuple[HoursEntry, ...] = ()
    weekdays: tuple[Weekdays, ...] = ()
    days_of_month: tuple[DaysOfMonth, ...] = ()
    months: tuple[Months, ...] = ()
    years: tuple[Years, ...] = ()
    location: Zone = "UTC"

    def span(self) -> Span:
        """The span as the domain knows it."""
        times = tuple(Hours(hours.start_time, hours.end_time) for hours in self.times)
        return Span(times, self.weekdays, self.days_of_month, self.months, self.years, self.location)


class IntervalEntry(Strict):
    """A named interval."""

    name: Name
    time_intervals: Annotated[tuple[SpanEntry, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _comes_and_goes(self) -> Self:
        interval = self.interval()
        firsts = {_LEAP_YEAR, *(years.first for span in interval.spans for years in span.years)}
        begins = [at for year in firsts if (at := begins_at([interval], datetime(year, 1, 1, tzinfo=UTC)))]
        if not begins:
            raise ValueError("no such time ever comes")
        if any(ends_at(interval, at) is None for at in begins):
            raise ValueError("it goes on for three years or for ever; an interval must end")
        return self

    def interval(self) -> TimeInterval:
        """The interval as the domain knows it."""
        return TimeInterval(self.name, tuple(entry.span() for entry in self.time_intervals))


class InhibitEntry(Strict):
    """Which firing alerts speak for which others."""

    source_matchers: Several
    target_matchers: Several
    equal: tuple[Label, ...] = ()

    def rule(self) -> InhibitRule:
        """The rule as the domain knows it."""
        return InhibitRule(_flat(self.source_matchers), _flat(self.target_matchers), self.equal)


class RoutesFile(Strict):
    """`routes.yaml`."""

    receivers: tuple[ReceiverEntry, ...] = ()
    route: RouteEntry | None = None
    time_intervals: tuple[IntervalEntry, ...] = ()
    inhibit_rules: tuple[InhibitEntry, ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> Self:
        no_twins("receivers", [receiver.name for receiver in self.receivers])
        no_twins("time_intervals", [interval.name for interval in self.time_intervals])
        if self.receivers and not self.route:
            raise ValueError("receivers are given but no route leads to one: add route.receiver")
        return self

    def tree(self) -> Route:
        """The routing tree; without a route nobody is told."""
        return self.route.node(NOBODY, NOBODY.path) if self.route else NOBODY
