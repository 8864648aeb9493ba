"""Alerts that were just decided on, brought in where the rules would bring them: all that follows is the service's."""

import re
from collections.abc import Sequence
from datetime import timedelta
from itertools import combinations, islice

from service.bootstrap import Detente
from service.domain.alerting.alert import Alert, Quote, Transition
from service.domain.alerting.rule import Memory, RuleKind, Severity, State
from service.flow import Task

RULE = "drill"
"""No configured rule, so that nothing but the seed changes these alerts."""
_MARKER = re.compile(r"drill-\d{5}")


def seed(detente: Detente, number: int, *, first: int = 0, nudged: bool = True) -> list[str]:
    """Store so many alerts that begin to fire, each with a marker of its own; returns the markers.

    They stand as the step `evaluate` leaves them, in one commit. Without `nudged` only the sweeper can find them.
    """
    codes = sorted(detente.gazetteer.country_codes)
    pairs = list(islice(combinations(codes, 2), first, first + number))
    assert len(pairs) == number, "there are not so many pairs of countries"
    markers = [f"drill-{n:05d}" for n in range(first, first + number)]
    with detente.units() as unit:
        now, ids = unit.marks.now(), []
        for (one, other), marker in zip(pairs, markers, strict=True):
            quote = Quote("Drill Agency", "", f"{marker} says so.", marker)
            alert = Alert(
                rule=RULE,
                subject=f"dyad:{one}-{other}",
                labels={"kind": str(RuleKind.DEESC)},
                state=State.FIRING,
                severity=Severity.CRITICAL,
                reason=f"{marker} began",
                since=now,
                memory=Memory(State.FIRING, fired_at=now),
                evidence=(quote,),
                owner_groups=2,
            )
            unit.alerts.save(alert)
            change = Transition(
                alert_id=alert.id,
                at=now - timedelta(minutes=1),
                from_state=State.INACTIVE,
                to_state=State.FIRING,
                severity=Severity.CRITICAL,
                level=50.0,
                level_before=10.0,
                reason=f"{marker} began",
                evidence=(quote,),
                owner_groups=2,
                confirmed=True,
            )
            unit.alerts.add_transition(change)
            ids.append(change.id)
        for batch in _batches(ids, 16) if nudged else ():
            unit.after_commit(lambda some=batch: detente.queue.nudge(Task.DISPATCH, some))  # type: ignore[misc]
    return markers


def markers_in(text: str) -> set[str]:
    """The alerts a message tells of."""
    return set(_MARKER.findall(text))


def _batches(ids: Sequence[str], size: int) -> list[Sequence[str]]:
    return [ids[i : i + size] for i in range(0, len(ids), size)]
