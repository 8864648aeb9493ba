"""How subscribers stand among those who can be told."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from service.domain.alerting.directory import Directory
from service.domain.alerting.interval import is_inside
from service.domain.alerting.labels import make_labels
from service.domain.alerting.route import Receiver, Route
from service.domain.alerting.rule import RuleKind, Severity
from service.domain.alerting.subscriber import (
    ChannelState,
    DigestEvery,
    QuietHours,
    Subscriber,
    SubscriberChannel,
    SubscriberState,
)
from service.domain.alerting.subscription import joined, quiet_interval, receiver_of
from service.domain.risk.subject import Subject

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
"""A Monday."""
DAY = timedelta(days=1)
SOMEBODY = Subscriber(
    "00ff00ff00ff00ff",
    "Reader",
    NOON,
    SubscriberState.ACTIVE,
    subjects=("country:IRN",),
    channels=(SubscriberChannel("mail", "mailtos", ChannelState.CONFIRMED, NOON),),
)


def reaches(
    subscriber: Subscriber, subject: str = "dyad:IRN-PAK", kind: str = "LEVEL", severity: str = "warning"
) -> bool:
    parsed = Subject.parse(subject)
    labels = make_labels(rule="r", kind=RuleKind(kind), subject=parsed, severity=Severity(severity))
    directory = joined(Directory(), [subscriber], {"watch:gulf": ("dyad:IRN-IRQ",)})
    return [route.receiver for route in directory.find(labels)] == [subscriber.receiver]


@pytest.mark.parametrize(
    ("changes", "asked", "expected"),
    [
        ({}, {}, True),
        ({}, {"subject": "country:PAK"}, False),
        ({"with_dyads": False}, {}, False),
        ({"subjects": ()}, {}, False),
        ({"subjects": ("watch:gulf",)}, {"subject": "dyad:IRN-IRQ"}, True),
        ({"subjects": ("watch:gone",)}, {"subject": "dyad:IRN-IRQ"}, False),
        ({"least": Severity.HIGH}, {}, False),
        ({"least": Severity.HIGH}, {"severity": "critical"}, True),
        ({"least": Severity.HIGH}, {"kind": "DEESC", "severity": "info"}, True),
        ({"least": Severity.HIGH}, {"kind": "ALLCLEAR", "severity": "info"}, True),
        ({"kinds": ("SURGE",)}, {}, False),
        ({}, {"kind": "SILENCE"}, False),
        ({"kinds": ("SILENCE",)}, {"kind": "SILENCE"}, True),
        ({"state": SubscriberState.PAUSED}, {}, False),
        ({"state": SubscriberState.PENDING}, {}, False),
        ({"channels": (SubscriberChannel("mail", "mailtos"),)}, {}, False),
        ({"channels": (SubscriberChannel("mail", "mailtos", ChannelState.UNSUBSCRIBED),)}, {}, False),
    ],
)
def test_who_hears_of_what(changes: dict[str, Any], asked: dict[str, str], expected: bool) -> None:
    assert reaches(replace(SOMEBODY, **changes), **asked) is expected


def test_only_channels_that_agreed_are_sent_to() -> None:
    more = (*SOMEBODY.channels, SubscriberChannel("chat", "ntfys"))
    assert receiver_of(replace(SOMEBODY, channels=more)).channels == ("mail",)


def test_budget_and_digest_are_the_subscribers_own() -> None:
    receiver = receiver_of(SOMEBODY)
    assert receiver.budget is not None
    assert (receiver.budget.per_day, receiver.budget.per_week) == (5, 0)
    assert receiver.digest is not None
    assert receiver.digest.least is Severity.INFO, "without a digest nothing is kept back for its severity"
    weekly = receiver_of(
        replace(SOMEBODY, digest=DigestEvery.WEEKLY, digest_on=4, digest_at=time(18), zone="Asia/Karachi")
    ).digest
    assert weekly is not None
    assert (weekly.every, weekly.weekday, weekly.at, weekly.zone) == ("weekly", 4, time(18), "Asia/Karachi")
    assert weekly.least is SOMEBODY.at_once


@pytest.mark.parametrize(
    ("quiet", "at", "expected"),
    [
        (QuietHours(time(22), time(7)), "2026-03-02T21:30+00:00", True),
        (QuietHours(time(22), time(7)), "2026-03-03T05:59+00:00", True),
        (QuietHours(time(22), time(7)), "2026-03-03T06:00+00:00", False),
        (QuietHours(time(22), time(7), weekdays=(0,)), "2026-03-03T03:00+00:00", True),
        (QuietHours(time(22), time(7), weekdays=(0,)), "2026-03-02T03:00+00:00", False),
        (QuietHours(time(9), time(9), weekdays=(6,)), "2026-03-08T10:00+00:00", True),
        (QuietHours(time(9), time(9), weekdays=(6,)), "2026-03-09T07:30+00:00", True),
        (QuietHours(time(9), time(9), weekdays=(6,)), "2026-03-09T08:30+00:00", False),
        (QuietHours(time(0), time(0), weekdays=(6,)), "2026-03-08T22:30+00:00", True),
        (QuietHours(time(0), time(0), weekdays=(6,)), "2026-03-08T23:30+00:00", False),
    ],
)
def test_quiet_hours_follow_the_clock_where_somebody_lives(quiet: QuietHours, at: str, expected: bool) -> None:
    interval = quiet_interval(replace(SOMEBODY, quiet=(quiet,), zone="Europe/Berlin"))
    assert is_inside(interval, datetime.fromisoformat(at)) is expected


def test_quiet_hours_mute_the_way_to_their_subscriber_only() -> None:
    quiet = replace(SOMEBODY, quiet=(QuietHours(time(22), time(7)),))
    desk = Receiver("desk", ("chat",))
    directory = joined(Directory(Route("route", "desk"), {"desk": desk}), [quiet], {})
    night = NOON + timedelta(hours=12)
    assert directory.muted_until(quiet.receiver, None, night) == NOON + timedelta(hours=19)
    assert directory.muted_until("desk", None, night) is None


def test_a_subscriber_is_told_why() -> None:
    directory = joined(Directory(), [SOMEBODY], {})
    (subscription,) = directory.subscriptions
    assert directory.in_words(subscription.route) == "your subscription to country:IRN, from warning on"
    assert directory.in_words(Route("route.routes[0]", "desk")) == "route.routes[0]"
