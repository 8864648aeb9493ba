"""Somebody who wants to hear of some subjects, how, and when. No address stands here."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from service.domain.alerting.rule import Severity
from service.domain.risk.subject import SubjectKind

OPERATORS_KINDS = frozenset({"SILENCE"})
"""Kinds of rules that tell of the service's own health: they reach only subscribers who name them."""
LANGUAGES = frozenset({"en", "de"})
"""Languages that messages are written in, as ISO 639-1 codes."""
CONFIRM_FOR = timedelta(days=7)
"""How long the link of a confirmation message is good."""
STRANGER_WAIT = timedelta(days=1)
"""How long an address that has not agreed is left alone after one message, whoever asks."""
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LONGEST_NAME = 120
MOST_SUBJECTS = 100
WEEK_MINUTES = 7 * 24 * 60
DAY_MINUTES = 24 * 60

Members = Mapping[str, Collection[str]]
"""Written watchlist → the written subjects on it."""


class SubscriberState(StrEnum):
    """Pending until a channel is confirmed; only an active one is sent anything."""

    PENDING = "pending"
    ACTIVE = "active"
    PAUSED = "paused"


class ChannelState(StrEnum):
    """Whether the person at the other end has agreed."""

    UNCONFIRMED = "unconfirmed"
    CONFIRMED = "confirmed"
    UNSUBSCRIBED = "unsubscribed"


class DigestEvery(StrEnum):
    """How often what did not come at once is summed up."""

    NONE = "none"
    DAILY = "daily"
    WEEKLY = "weekly"


@dataclass(frozen=True, slots=True)
class QuietHours:
    """A span of the subscriber's own day in which messages wait for its end.

    `weekdays` are those on which it begins, Monday is 0; empty means every day. It ends on the next day where `end` is
    not after `start`.
    """

    start: time
    end: time
    weekdays: tuple[int, ...] = ()

    @property
    def crosses_midnight(self) -> bool:
        """Whether it ends on the day after it began."""
        return self.end <= self.start

    def minutes(self) -> Iterator[int]:
        """The minutes of the week it covers, counted from Monday 00:00."""
        first, last = _minute(self.start), _minute(self.end)
        length = last - first + (DAY_MINUTES if self.crosses_midnight else 0)
        for day in self.weekdays or range(7):
            begin = day * DAY_MINUTES + first
            yield from (minute % WEEK_MINUTES for minute in range(begin, begin + length))


@dataclass(frozen=True, slots=True)
class SubscriberChannel:
    """A way to a subscriber. `schema` is that of its address, such as `mailtos`; the address is kept elsewhere."""

    name: str
    schema: str
    state: ChannelState = ChannelState.UNCONFIRMED
    confirmed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Subscriber:
    """What somebody subscribed to.

    `id` is sixteen hexadecimal digits. `subjects` are shell patterns over written subjects, as in rules; without one
    nothing is covered. A pattern for a country covers its dyads too where `with_dyads` is true. `least` is the lowest
    severity that is sent; `kinds` are kinds of rules, empty for all but those that are for operators. Budgets count
    messages, None has no limit. With a digest, what is below `at_once` comes in the digest only; it is sent at
    `digest_at` in `zone`, a weekly one on the weekday `digest_on` (Monday is 0).
    """

    id: str
    name: str
    created_at: datetime
    state: SubscriberState = SubscriberState.PENDING
    subjects: tuple[str, ...] = ()
    with_dyads: bool = True
    least: Severity = Severity.WARNING
    kinds: tuple[str, ...] = ()
    zone: str = "UTC"
    language: str = "en"
    quiet: tuple[QuietHours, ...] = ()
    budget_per_day: int | None = 5
    budget_per_week: int | None = None
    digest: DigestEvery = DigestEvery.NONE
    digest_at: time = time(8)
    digest_on: int = 0
    at_once: Severity = Severity.HIGH
    channels: tuple[SubscriberChannel, ...] = ()

    @property
    def receiver(self) -> str:
        """The name under which messages are made for them."""
        return f"@{self.id}"

    @property
    def reachable(self) -> tuple[SubscriberChannel, ...]:
        """The channels that may be sent to now."""
        if self.state is not SubscriberState.ACTIVE:
            return ()
        return tuple(channel for channel in self.channels if channel.state is ChannelState.CONFIRMED)

    def channel(self, name: str) -> SubscriberChannel | None:
        """The channel of this name."""
        return next((channel for channel in self.channels if channel.name == name), None)


def patterns_of(subscriber: Subscriber, members: Members | None = None) -> tuple[str, ...]:
    """All patterns over written subjects that the subscriber is told of, each once.

    A watchlist that is named stands for itself and, where `members` has it, for what is on it. One that is gone from
    the configuration stands for nothing else: what is covered only ever shrinks.
    """
    found: dict[str, None] = {}
    for pattern in subscriber.subjects:
        found[pattern] = None
        found |= dict.fromkeys(_dyads_of(pattern) if subscriber.with_dyads else ())
        found |= dict.fromkeys((members or {}).get(pattern, ()))
    return tuple(found)


def _dyads_of(pattern: str) -> tuple[str, ...]:
    kind, _, name = pattern.partition(":")
    return (f"{SubjectKind.DYAD}:{name}-*", f"{SubjectKind.DYAD}:*-{name}") if kind == SubjectKind.COUNTRY else ()


def covers(subscriber: Subscriber, subject: str, members: Members | None = None) -> bool:
    """Whether the subscriber wants to hear of a written subject. Nobody who names no subject hears of any.

    The same as matching all of `patterns_of`, without making a pattern of every name: thousands may subscribe.
    """
    return any(
        _fits(pattern, subject, with_dyads=subscriber.with_dyads) or subject in (members or {}).get(pattern, ())
        for pattern in subscriber.subjects
    )


def _fits(pattern: str, subject: str, *, with_dyads: bool) -> bool:
    if any(sign in pattern for sign in "*?["):
        return any(fnmatchcase(subject, one) for one in (pattern, *(_dyads_of(pattern) if with_dyads else ())))
    kind, _, name = pattern.partition(":")
    other, _, countries = subject.partition(":")
    is_dyad_of_it = with_dyads and kind == SubjectKind.COUNTRY and other == SubjectKind.DYAD
    return pattern == subject or (is_dyad_of_it and name in countries.split("-"))


def wants_kind(subscriber: Subscriber, kind: str) -> bool:
    """Whether the subscriber wants to hear of rules of this kind."""
    return kind in subscriber.kinds if subscriber.kinds else kind not in OPERATORS_KINDS


def send_problem(subscriber: Subscriber | None, channel: str, *, asks: bool = False) -> str | None:
    """Why nothing may be sent to a subscriber through a channel now, None when it may.

    `asks` is for the one message that may go through an unconfirmed channel, whatever the subscriber's state: the one
    that asks for consent.
    """
    if subscriber is None:
        return "the subscriber is gone"
    if not asks and subscriber.state is not SubscriberState.ACTIVE:
        return f"the subscriber is {subscriber.state}"
    found = subscriber.channel(channel)
    if found is None:
        return "the subscriber has no such channel any more"
    fit = ChannelState.UNCONFIRMED if asks else ChannelState.CONFIRMED
    return None if found.state is fit else f"the channel is {found.state}"


def loud_minutes(quiet: Sequence[QuietHours]) -> Mapping[int, int]:
    """Weekday → minutes of it outside all quiet hours."""
    taken = {minute for span in quiet for minute in span.minutes()}
    return {day: DAY_MINUTES - sum(1 for m in taken if m // DAY_MINUTES == day) for day in range(7)}


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute


def faults(subscriber: Subscriber) -> list[str]:
    """What is wrong with what somebody wants, each as "key: what would be right"; empty when all is well."""
    found = [
        (not 1 <= len(subscriber.name.strip()) <= LONGEST_NAME, f"name: must have 1 to {LONGEST_NAME} characters"),
        (not subscriber.name.isprintable(), "name: must be one line of printable characters"),
        (len(subscriber.subjects) > MOST_SUBJECTS, f"subjects: at most {MOST_SUBJECTS}"),
        (not _is_zone(subscriber.zone), f"zone: {subscriber.zone!r} is no time zone; write one as Europe/Berlin"),
        (
            subscriber.language not in LANGUAGES,
            f"language: messages are written in {', '.join(sorted(LANGUAGES))} only, not in {subscriber.language!r}",
        ),
        (_is_less_than_one(subscriber.budget_per_day), "budget_per_day: must be 1 or more, or none"),
        (_is_less_than_one(subscriber.budget_per_week), "budget_per_week: must be 1 or more, or none"),
        (subscriber.digest_on not in range(7), "digest_on: must be a weekday"),
        *((span.start == span.end, f"quiet: {_said(span)} begins and ends at once") for span in subscriber.quiet),
    ]
    wrong = [message for is_wrong, message in found if is_wrong]
    return wrong or _quiet_faults(subscriber.quiet)


def _quiet_faults(quiet: Sequence[QuietHours]) -> list[str]:
    silent = [WEEKDAYS[day] for day, minutes in loud_minutes(quiet).items() if not minutes]
    return (
        [f"quiet: nothing is left of {', '.join(silent)}; leave some minutes of every day, or pause"] if silent else []
    )


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _is_less_than_one(budget: int | None) -> bool:
    return budget is not None and budget < 1


def _said(span: QuietHours) -> str:
    return f"{span.start:%H:%M}-{span.end:%H:%M}"


def wishes(subscriber: Subscriber) -> dict[str, Any]:
    """All but id, state, time and channels as plain JSON."""
    return {
        **{name: getattr(subscriber, name) for name in _PLAIN},
        **{name: str(getattr(subscriber, name)) for name in ("least", "digest", "at_once")},
        **{name: list(getattr(subscriber, name)) for name in ("subjects", "kinds")},
        "digest_at": f"{subscriber.digest_at:%H:%M}",
        "digest_on": WEEKDAYS[subscriber.digest_on],
        "quiet": [
            {"from": f"{s.start:%H:%M}", "until": f"{s.end:%H:%M}", "weekdays": [WEEKDAYS[day] for day in s.weekdays]}
            for s in subscriber.quiet
        ],
    }


def with_wishes(subscriber: Subscriber, changes: Mapping[str, Any]) -> Subscriber:
    """The subscriber with changes in the form of `wishes`; what is not given stays, unknown keys are ignored."""
    known = {key: value for key, value in changes.items() if key in WISHES}
    return replace(subscriber, **{key: _READ.get(key, _as_is)(value) for key, value in known.items()})


def _quiet(spans: Sequence[Mapping[str, Any]]) -> tuple[QuietHours, ...]:
    return tuple(
        QuietHours(
            time.fromisoformat(span["from"]),
            time.fromisoformat(span["until"]),
            tuple(sorted({WEEKDAYS.index(day) for day in span.get("weekdays", ())})),
        )
        for span in spans
    )


def _as_is(value: Any) -> Any:
    return value


_PLAIN = ("name", "with_dyads", "zone", "language", "budget_per_day", "budget_per_week")
_READ: Mapping[str, Any] = {
    "subjects": tuple,
    "kinds": tuple,
    "least": Severity,
    "at_once": Severity,
    "digest": DigestEvery,
    "digest_at": time.fromisoformat,
    "digest_on": WEEKDAYS.index,
    "quiet": _quiet,
}
WISHES = frozenset({*_PLAIN, *_READ})
"""The keys of `wishes`."""
