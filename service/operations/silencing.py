"""What people ask not to hear of, and what they have taken on."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any

from service.domain.alerting.alert import Alert
from service.domain.alerting.labels import labels_of
from service.domain.alerting.matcher import Matcher, matches
from service.domain.alerting.rule import State, span
from service.domain.alerting.silence import Silence, is_active
from service.errors import NotFound
from service.flow import Task
from service.operations.present import moment
from service.operations.why import identify
from service.ports import Choice, Clock, Queue, UnitOfWork, Units

LONGEST = timedelta(days=366)
"""A silence that nobody remembers is worse than none."""
MOST_KEPT_QUIET = 2000
"""Firing alerts that are held against the silences, the newest first: nobody reads more."""
LONGEST_ACTOR = 120
FIRING = Choice(states=(State.FIRING,))


def add(
    units: Units,
    clock: Clock,
    matchers: Sequence[Matcher],
    lasts: timedelta,
    author: str,
    comment: str,
    starts_at: datetime | None = None,
    *,
    actor: str = "",
) -> Silence:
    """A new silence from now or from a moment on. Raises ValueError for one that is too long, or would hold for all.

    `actor` stands in the record of changes, where it is another than the author.
    """
    if lasts > LONGEST:
        raise ValueError(f"a silence lasts {span(LONGEST)} at most")
    now = clock.now()
    begins = starts_at or now
    silence = Silence(token_hex(8), tuple(matchers), begins, begins + lasts, author, comment, now)
    with units() as unit:
        unit.silences.add(silence)
        _note(unit, actor or author, "silence.add", silence.id, _written(silence))
    return silence


def expire(units: Units, clock: Clock, queue: Queue, silence_id: str, actor: str) -> Silence:
    """End a silence now, and let what waited for its end go on. Raises NotFound."""
    with units(serial=True) as unit:
        found = unit.silences.get(silence_id)
        if found is None:
            known = ", ".join(s.id for s in unit.silences.not_over(clock.now())[:5])
            raise NotFound(f"there is no silence {silence_id!r}" + (f" (in force: {known})" if known else ""))
        if found.expired_at is None and found.ends_at > clock.now():
            found = replace(found, expired_at=clock.now())
            unit.silences.add(found)
            waiting = unit.outbox.hurry(unit.marks.now())
            unit.after_commit(lambda: queue.nudge(Task.GATHER, waiting) if waiting else None)
            _note(unit, actor, "silence.expire", found.id, _written(found))
    return found


def listed(units: Units, clock: Clock, *, all_of_them: bool = False) -> list[tuple[Silence, str, list[Alert]]]:
    """Silences with their state ("active", "pending", "expired") and the firing alerts they keep quiet."""
    now = clock.now()
    with units(read_only=True) as unit:
        silences = unit.silences.all() if all_of_them else unit.silences.not_over(now)
        heads = unit.listings.heads(MOST_KEPT_QUIET, choice=FIRING) if silences else []
        firing = [head.alert for head in heads]
        return [(s, state_of(s, now), _kept_quiet(s, firing, now)) for s in silences]


def state_of(silence: Silence, now: datetime) -> str:
    """In a word."""
    if is_active(silence, now):
        return "active"
    return "pending" if now < silence.starts_at and silence.expired_at is None else "expired"


def _kept_quiet(silence: Silence, firing: Sequence[Alert], now: datetime) -> list[Alert]:
    return [a for a in firing if is_active(silence, now) and matches(silence.matchers, labels_of(a))]


def acknowledge(units: Units, clock: Clock, name: str, author: str, comment: str, *, actor: str = "") -> Alert:
    """Take a firing alert on: it is not repeated and goes no further. Raises NotFound; ValueError where it is over."""
    with units() as unit:
        alert_id = identify(name, unit.alerts)
        alert = unit.outbox.course(alert_id).alert
        if alert.state is not State.FIRING:
            raise ValueError(f"{alert.rule}/{alert.subject} is {alert.state}: only what fires can be acknowledged")
        unit.alerts.acknowledge(alert_id, clock.now(), author, comment)
        _note(unit, actor or author, "alert.acknowledge", alert_id, {"author": author, "comment": comment})
        return alert


def _note(unit: UnitOfWork, actor: str, action: str, what: str, after: Mapping[str, Any]) -> None:
    unit.audit.add(actor[:LONGEST_ACTOR], action, f"{action.partition('.')[0]}:{what}", None, after)


def _written(silence: Silence) -> dict[str, Any]:
    return {
        "matchers": list(map(str, silence.matchers)),
        "starts_at": moment(silence.starts_at),
        "ends_at": moment(silence.expired_at or silence.ends_at),
        "author": silence.author,
        "comment": silence.comment,
    }
