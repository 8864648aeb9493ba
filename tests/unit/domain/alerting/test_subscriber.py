"""What a subscriber is told of, what they may ask for, and when they may be sent anything."""

from dataclasses import replace
from datetime import UTC, datetime, time
from fnmatch import fnmatchcase
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.alerting.route import Timing
from service.domain.alerting.rule import Severity
from service.domain.alerting.subscriber import (
    LONGEST_NAME,
    MOST_SUBJECTS,
    WISHES,
    ChannelState,
    DigestEvery,
    QuietHours,
    Subscriber,
    SubscriberChannel,
    SubscriberState,
    covers,
    faults,
    loud_minutes,
    patterns_of,
    send_problem,
    wants_kind,
    wishes,
    with_wishes,
)
from service.domain.alerting.subscription import subscription_of

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MAIL = SubscriberChannel("mail", "mailtos", ChannelState.CONFIRMED, NOW)
EMBASSY = Subscriber("00112233445566aa", "Embassy", NOW, SubscriberState.ACTIVE, ("country:IRN",), channels=(MAIL,))
MEMBERS = {"watch:gulf": ("dyad:IRN-SAU", "country:QAT")}


@pytest.mark.parametrize(
    ("patterns", "subject", "covered"),
    [
        ((), "country:IRN", False),
        (("country:IRN",), "country:IRN", True),
        (("country:IRN",), "dyad:IRN-PAK", True),
        (("country:IRN",), "dyad:AFG-IRN", True),
        (("country:IRN",), "dyad:AFG-PAK", False),
        (("country:IR*",), "dyad:AFG-IRQ", True),
        (("dyad:IRN-PAK",), "country:IRN", False),
        (("region:balochistan",), "region:balochistan", True),
        (("region:balochistan",), "country:PAK", False),
        (("watch:gulf",), "watch:gulf", True),
        (("watch:gulf",), "dyad:IRN-SAU", True),
        (("watch:gulf",), "dyad:QAT-SAU", False),
        (("watch:gone",), "dyad:IRN-SAU", False),
        (("*",), "m49:034", True),
        (("country:irn",), "country:IRN", False),
    ],
)
def test_only_what_is_named_is_covered(patterns: tuple[str, ...], subject: str, covered: bool) -> None:
    assert covers(replace(EMBASSY, subjects=patterns), subject, MEMBERS) is covered


def test_a_country_alone_can_be_had_without_its_dyads() -> None:
    alone = replace(EMBASSY, with_dyads=False)
    assert covers(alone, "country:IRN")
    assert not covers(alone, "dyad:IRN-PAK")


def test_what_is_on_a_watchlist_counts_only_where_the_watchlists_are_given() -> None:
    watcher = replace(EMBASSY, subjects=("watch:gulf", "watch:gulf"))
    assert patterns_of(watcher) == ("watch:gulf",)
    assert patterns_of(watcher, MEMBERS) == ("watch:gulf", "dyad:IRN-SAU", "country:QAT")


@given(
    st.lists(
        st.sampled_from(["country:IRN", "country:I*", "dyad:*", "dyad:IRN-PAK", "watch:gulf", "region:*"]), max_size=4
    ),
    st.booleans(),
)
def test_what_is_covered_is_what_the_patterns_say(patterns: list[str], dyads: bool) -> None:
    some = replace(EMBASSY, subjects=tuple(patterns), with_dyads=dyads)
    for subject in ("country:IRN", "dyad:IRN-PAK", "dyad:AFG-PAK", "watch:gulf", "country:QAT", "region:x", "m49:034"):
        assert covers(some, subject, MEMBERS) == any(fnmatchcase(subject, p) for p in patterns_of(some, MEMBERS))


def test_loudness_and_kind_must_fit_too() -> None:
    some = replace(EMBASSY, least=Severity.HIGH, kinds=("LEVEL", "SURGE"))
    for subject, severity, kind, fits in (
        ("dyad:IRN-PAK", Severity.CRITICAL, "LEVEL", True),
        ("dyad:IRN-PAK", Severity.HIGH, "SURGE", True),
        ("dyad:IRN-PAK", Severity.WARNING, "LEVEL", False),
        ("dyad:IRN-PAK", Severity.HIGH, "DEESC", False),
        ("dyad:AFG-PAK", Severity.HIGH, "LEVEL", False),
    ):
        labels = {"subject": subject, "severity": str(severity), "kind": kind}
        assert subscription_of(some, MEMBERS, Timing()).covers(labels) is fits


def test_the_silence_of_feeds_is_for_those_who_ask_for_it() -> None:
    assert wants_kind(EMBASSY, "DEESC")
    assert not wants_kind(EMBASSY, "SILENCE")
    assert wants_kind(replace(EMBASSY, kinds=("SILENCE",)), "SILENCE")


@pytest.mark.parametrize(
    ("subscriber", "channel", "why"),
    [
        (EMBASSY, "mail", None),
        (None, "mail", "the subscriber is gone"),
        (replace(EMBASSY, state=SubscriberState.PAUSED), "mail", "the subscriber is paused"),
        (replace(EMBASSY, state=SubscriberState.PENDING), "mail", "the subscriber is pending"),
        (EMBASSY, "chat", "the subscriber has no such channel any more"),
        (
            replace(EMBASSY, channels=(replace(MAIL, state=ChannelState.UNCONFIRMED),)),
            "mail",
            "the channel is unconfirmed",
        ),
        (
            replace(EMBASSY, channels=(replace(MAIL, state=ChannelState.UNSUBSCRIBED),)),
            "mail",
            "the channel is unsubscribed",
        ),
    ],
)
def test_only_the_confirmed_channel_of_an_active_subscriber_is_sent_to(
    subscriber: Subscriber | None, channel: str, why: str | None
) -> None:
    assert send_problem(subscriber, channel) == why
    if subscriber:
        assert (channel in [c.name for c in subscriber.reachable]) is (why is None)


# --- what may be asked for


def test_the_example_is_faultless() -> None:
    assert faults(EMBASSY) == []


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"name": ""}, "name"),
        ({"name": "  "}, "name"),
        ({"name": "x" * (LONGEST_NAME + 1)}, "name"),
        ({"name": "two\nlines"}, "name"),
        ({"name": "turned\u202e"}, "name"),
        ({"subjects": ("country:IRN",) * (MOST_SUBJECTS + 1)}, "subjects"),
        ({"zone": "Mars/Base"}, "zone"),
        ({"zone": "../../etc/passwd"}, "zone"),
        ({"zone": ""}, "zone"),
        ({"zone": "Europe"}, "zone"),
        ({"language": "tlh"}, "language"),
        ({"budget_per_day": 0}, "budget_per_day"),
        ({"budget_per_week": -1}, "budget_per_week"),
        ({"digest_on": 7}, "digest_on"),
        ({"quiet": (QuietHours(time(8), time(8)),)}, "quiet"),
        ({"quiet": (QuietHours(time(8), time(20)), QuietHours(time(20), time(8)))}, "quiet"),
        ({"quiet": (QuietHours(time(0), time(12), (2,)), QuietHours(time(12), time(0), (2,)))}, "quiet"),
        ({"quiet": (QuietHours(time(6), time(0), (6,)), QuietHours(time(23), time(6), (5,)))}, "quiet"),
    ],
)
def test_a_wish_that_cannot_be_is_named_by_its_key(change: dict[str, Any], key: str) -> None:
    found = faults(replace(EMBASSY, **change))
    assert [line.partition(":")[0] for line in found] == [key]


@pytest.mark.parametrize(
    "quiet",
    [
        (QuietHours(time(22, 30), time(7)),),
        (QuietHours(time(8), time(7, 59)),),
        (QuietHours(time(0), time(23, 59), (5, 6)),),
    ],
)
def test_quiet_hours_that_leave_some_of_every_day_are_fine(quiet: tuple[QuietHours, ...]) -> None:
    assert faults(replace(EMBASSY, quiet=quiet)) == []


def test_a_span_over_midnight_takes_from_both_days() -> None:
    night = QuietHours(time(22, 30), time(7), (6,))
    assert night.crosses_midnight
    assert loud_minutes([night]) == {**dict.fromkeys(range(1, 6), 1440), 6: 1440 - 90, 0: 1440 - 420}


def test_wishes_come_back_from_json_and_leave_the_rest_alone() -> None:
    rich = replace(
        EMBASSY,
        quiet=(QuietHours(time(22, 30), time(7), (0, 6)),),
        digest=DigestEvery.WEEKLY,
        digest_on=6,
        digest_at=time(7, 5),
        budget_per_week=2,
    )
    bare = Subscriber(EMBASSY.id, "", NOW, SubscriberState.ACTIVE, channels=(MAIL,))
    assert with_wishes(bare, wishes(rich)) == rich
    assert set(wishes(rich)) == WISHES
    assert with_wishes(rich, {"zone": "Asia/Tehran", "new_key": 1}) == replace(rich, zone="Asia/Tehran")
