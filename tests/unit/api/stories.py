"""Alerts with a past, for what is read of them over HTTP."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from service.domain.alerting.alert import Alert, Quote, Transition
from service.domain.alerting.rule import Memory, Severity, State
from service.ports import Units
from tests.fakes import NOON

HOUR = timedelta(hours=1)
EVIL = '<b>&amp; ]]> \x00\x08\x1b\x7f\ufffe\ud800 “Iran” – "; & a,b\r\n</alert><!-- ' + "x" * 400
"""What a feed may hold and XML may not."""
QUOTES = (
    Quote("Wire & <Co>\x0b", "https://wire.example/1?a=1&b=2", EVIL, "a1"),
    Quote("", "javascript:alert(1)", "Second.", "a2"),
    Quote("Third", "https://third.example/\x00x y", "Third.", "a3"),
)


def alert(subject: str = "dyad:IRN-PAK", kind: str = "LEVEL", rule: str = "level", **labels: str) -> Alert:
    """A firing alert."""
    said = {**labels, "kind": kind, "subject": subject}
    return Alert(rule, subject, said, State.FIRING, Severity.HIGH, "level", NOON, Memory(State.FIRING, 1, NOON))


def change(
    of: Alert, hour: float, before: State, after: State, severity: Severity = Severity.INFO, *, confirmed: bool = True
) -> Transition:
    """A transition so many hours after noon."""
    return Transition(
        of.id, NOON + hour * HOUR, before, after, severity, 63.125, 10.5, f"level 63.1 at {hour}", QUOTES, 2, confirmed
    )


DYAD = alert(team="gulf desk")
FIRED = replace(change(DYAD, 0, State.PENDING, State.FIRING, confirmed=False), owner_groups=1)
LOUDER = change(DYAD, 1, State.FIRING, State.FIRING, Severity.HIGH)
LOUDEST = change(DYAD, 2, State.FIRING, State.FIRING, Severity.CRITICAL)
OVER = change(DYAD, 3, State.FIRING, State.RESOLVED)
AGAIN = change(DYAD, 4, State.RESOLVED, State.FIRING, Severity.WARNING)
STORY = (FIRED, LOUDER, LOUDEST, OVER, AGAIN)


def tell(units: Units, *alerts: Alert, changes: Sequence[Transition] = STORY) -> None:
    """Store alerts and their changes, each in a transaction of its own."""
    with units() as unit:
        for one in alerts or (DYAD,):
            unit.alerts.save(one)
    for one in changes:
        with units() as unit:
            unit.alerts.add_transition(one)
