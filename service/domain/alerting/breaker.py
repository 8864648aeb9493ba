"""When a channel that fails is left alone, and when it is tried again."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

PATIENCE = 3
"""Failures in a row that open a breaker."""
FIRST_REST, LONGEST_REST = timedelta(seconds=30), timedelta(minutes=10)
"""How long a breaker stays open: doubling from the first to the longest."""
PROBE = timedelta(seconds=60)
"""How long one probe may take before another is let through: longer than any send."""
PROBE_WAIT = timedelta(seconds=5)
"""How long others wait while a probe is under way, before they look again."""


@dataclass(frozen=True, slots=True)
class Breaker:
    """What is remembered of a channel's failures; a channel that is well has a new one.

    `failures` in a row; `rests` in a row, each longer than the last; no message goes out before `closed_at`, and then a
    single one, the probe, which nobody else follows until it is answered or `probe_at` has come.
    """

    failures: int = 0
    rests: int = 0
    closed_at: datetime | None = None
    probe_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether the channel is being left alone, or tried with one message."""
        return self.closed_at is not None


@dataclass(frozen=True, slots=True)
class Entry:
    """May a message go out? Yes when `wait_until` is None; then `breaker` is what stands from now on."""

    breaker: Breaker
    wait_until: datetime | None = None


def enter(breaker: Breaker, now: datetime) -> Entry:
    """Whether a message may go out now; who gets through an open breaker is the probe."""
    if breaker.closed_at is None:
        return Entry(breaker)
    if now < breaker.closed_at:
        return Entry(breaker, breaker.closed_at)
    if breaker.probe_at and now < breaker.probe_at:
        return Entry(breaker, min(breaker.probe_at, now + PROBE_WAIT))
    return Entry(replace(breaker, probe_at=now + PROBE))


def answered() -> Breaker:
    """The channel took a message, or refused one for good: it is there, and all is forgotten."""
    return Breaker()


def failed(breaker: Breaker, now: datetime, wish: timedelta | None = None) -> Breaker:
    """A send failed in a way that may pass. `wish` is how long the channel asked to be left alone: heeded at once.

    What fails while the channel rests was sent before: it does not make the rest longer.
    """
    if breaker.closed_at and now < breaker.closed_at:
        return breaker
    failures = breaker.failures + 1
    if not breaker.is_open and failures < PATIENCE and wish is None:
        return Breaker(failures)
    rest = max(rest_after(breaker.rests), min(wish or timedelta(0), LONGEST_REST))
    return Breaker(failures, breaker.rests + 1, now + rest)


def rest_after(rests: int) -> timedelta:
    """How long the next rest lasts, after so many."""
    return min(FIRST_REST * (1 << min(rests, 10)), LONGEST_REST)
