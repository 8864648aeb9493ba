"""How somebody who subscribed stands among those who can be told: a receiver, a route, an interval."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import time

from service.domain.alerting.directory import Directory, Labels, Subscription
from service.domain.alerting.interval import MIDNIGHT, Hours, Range, Span, TimeInterval
from service.domain.alerting.route import Budget, DigestPlan, Receiver, Route, Timing
from service.domain.alerting.rule import RuleKind, Severity
from service.domain.alerting.subscriber import DigestEvery, Members, QuietHours, Subscriber, covers, wants_kind

PATH = "subscription"
"""Where the groups of a subscriber stand: what is subscribed to may change, and they stay."""
PEACEFUL = frozenset({RuleKind.DEESC, RuleKind.ALLCLEAR})
"""Kinds whose news is good: nobody asks for them by severity."""
_WEEK = 7


def receiver_of(subscriber: Subscriber) -> Receiver:
    """The subscriber as a receiver. What is held back comes at the time of their digest, also where they have none."""
    has_digest = subscriber.digest is not DigestEvery.NONE
    return Receiver(
        name=subscriber.receiver,
        channels=tuple(channel.name for channel in subscriber.reachable),
        budget=Budget(subscriber.budget_per_day or 0, subscriber.budget_per_week or 0),
        digest=DigestPlan(
            every="weekly" if subscriber.digest is DigestEvery.WEEKLY else "daily",
            at=subscriber.digest_at,
            weekday=subscriber.digest_on,
            zone=subscriber.zone,
            least=subscriber.at_once if has_digest else Severity.INFO,
        ),
    )


def subscription_of(subscriber: Subscriber, members: Members, timing: Timing) -> Subscription:
    """What the subscriber is told of: their subjects and kinds of rules, alarms from a severity on, peace always."""
    mute = (quiet_name(subscriber),) if subscriber.quiet else ()

    def wanted(labels: Labels) -> bool:
        return (
            wants_kind(subscriber, labels["kind"])
            and (labels["kind"] in PEACEFUL or _order(labels["severity"]) >= _order(subscriber.least))
            and covers(subscriber, labels["subject"], members)
        )

    says = f"your subscription to {', '.join(subscriber.subjects)}, from {subscriber.least} on"
    return Subscription(Route(PATH, subscriber.receiver, timing=timing, mute=mute), wanted, says)


def quiet_interval(subscriber: Subscriber) -> TimeInterval:
    """The subscriber's quiet hours, by the clock where they live."""
    spans = (span for quiet in subscriber.quiet for span in _spans(quiet, subscriber.zone))
    return TimeInterval(quiet_name(subscriber), tuple(spans))


def quiet_name(subscriber: Subscriber) -> str:
    """What their quiet hours are called."""
    return f"quiet hours of {subscriber.receiver}"


def _spans(quiet: QuietHours, zone: str) -> Iterable[Span]:
    """One span; two where the hours begin and end at the same time of day, which is a whole day."""
    first, last = _minute(quiet.start), _minute(quiet.end)
    days = tuple(Range(day, day) for day in quiet.weekdays)
    if first != last:
        yield Span(times=(Hours(first, last),), weekdays=days, zone=zone)
        return
    yield Span(times=(Hours(first, MIDNIGHT),), weekdays=days, zone=zone)
    if first:
        after = tuple(Range((day + 1) % _WEEK, (day + 1) % _WEEK) for day in quiet.weekdays)
        yield Span(times=(Hours(0, first),), weekdays=after, zone=zone)


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute


def _order(severity: str) -> int:
    return list(Severity).index(Severity(severity))


def joined(directory: Directory, subscribers: Iterable[Subscriber], members: Members) -> Directory:
    """The directory with these subscribers beside the configured receivers; they wait as long as the root does."""
    present = [subscriber for subscriber in subscribers if subscriber.reachable]
    intervals = {quiet_name(subscriber): quiet_interval(subscriber) for subscriber in present if subscriber.quiet}
    return replace(
        directory,
        receivers={**directory.receivers, **{s.receiver: receiver_of(s) for s in present}},
        intervals={**directory.intervals, **intervals},
        subscriptions=[subscription_of(subscriber, members, directory.tree.timing) for subscriber in present],
    )
