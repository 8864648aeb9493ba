"""SILENCE: feeds that are dark are told of, and never taken for calm."""

from datetime import datetime, timedelta

import pytest

from service.domain.alerting.decide import decide
from service.domain.alerting.rule import Ears, Evidence, Facts, Memory, ReasonKind, Severity, State
from tests.unit.domain.build import HOUR, NOW, SILENCE, facts

QUARTER = timedelta(minutes=15)
TOO_DARK = (
    "all feeds that usually tell of it (bbc, dawn) have had no good poll for 6 h or longer:"
    " what looks calm may only be unheard"
)


def seen(dark_for: timedelta | None, *feeds: str, at: datetime = NOW) -> Facts:
    return facts(3, at, Evidence(), ears=Ears(feeds, dark_for))


@pytest.mark.parametrize(
    ("given", "state", "kind", "reason"),
    [
        (facts(3), State.INACTIVE, ReasonKind.NO_FEED, "no feed that is polled told of it in 30 d"),
        (seen(None), State.INACTIVE, ReasonKind.NO_FEED, "no feed that is polled told of it in 30 d"),
        (
            seen(HOUR, "bbc"),
            State.INACTIVE,
            ReasonKind.HEARD,
            "its feeds are heard: the last good poll was 1 h ago, less than 6 h",
        ),
        (seen(6 * HOUR, "bbc", "dawn"), State.PENDING, ReasonKind.WAITS, TOO_DARK),
        (seen(None, "bbc", "dawn"), State.PENDING, ReasonKind.WAITS, TOO_DARK),
        (
            seen(None, "bbc"),
            State.PENDING,
            ReasonKind.WAITS,
            "the feed that usually tells of it (bbc) has had no good poll for 6 h or longer",
        ),
        (seen(None, *"abcdefg"), State.PENDING, ReasonKind.WAITS, "of it (a, b, c, d, e and 2 more) have"),
    ],
)
def test_when_feeds_are_dark(given: Facts, state: State, kind: ReasonKind, reason: str) -> None:
    decision = decide(SILENCE, Memory(), given)
    assert (decision.memory.state, decision.kind) == (state, kind)
    assert reason in decision.reason


def test_it_fires_after_a_while_as_loud_as_its_rule_and_is_over_when_a_feed_answers() -> None:
    memory, made = Memory(), []
    for dark, later in [(6 * HOUR, 0), (6 * HOUR + QUARTER, 1), (7 * HOUR, 2), (timedelta(0), 3)]:
        made.append(decide(SILENCE, memory, seen(dark, "bbc", at=NOW + later * QUARTER)))
        memory = made[-1].memory
    assert [str(d.kind) for d in made] == ["waits-for", "waits-for", "firing", "resolved"]
    assert [d.notify for d in made] == [False, False, True, True]
    assert made[2].severity is Severity.WARNING, "nobody need confirm that our own feeds are dark"
    assert made[2].memory.confirmed
