"""What people say of alerts: right or wrong, and perhaps why."""

from collections.abc import Mapping
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

from service.domain.alerting.feedback import Feedback, Verdict
from service.domain.alerting.rule import State
from service.operations.why import identify
from service.ports import Clock, Cursor, UnitOfWork, Units


@dataclass(frozen=True, slots=True)
class Word:
    """What somebody says. `author` is as it stands in the record of changes."""

    verdict: Verdict
    author: str
    comment: str = ""


def say(units: Units, clock: Clock, name: str, word: Word) -> Feedback:
    """Keep a word on the alert of this id, beginning of an id, or RULE/SUBJECT. Raises NotFound.

    It is about the alert's last firing. Whoever has said something of the alert before takes that back with it.
    """
    with units(serial=True) as unit:
        alert_id = identify(name, unit.alerts)
        old = unit.feedback.of(alert_id, word.author)
        key = old.id if old else token_hex(8)
        about = _last_firing(unit, alert_id)
        new = Feedback(key, alert_id, about, word.verdict, word.author, word.comment, clock.now())
        unit.feedback.save(new)
        unit.audit.add(word.author, "feedback.say", f"alert:{alert_id}", _snapshot(old), _snapshot(new))
    return new


def _last_firing(unit: UnitOfWork, alert_id: str) -> str:
    changes = unit.outbox.course(alert_id).transitions
    return next((change.id for change in reversed(changes) if change.to_state is State.FIRING), "")


def said(units: Units, limit: int, name: str = "", before: Cursor | None = None) -> list[Feedback]:
    """What was said, the newest first: of all alerts or of one, from before a place on. Raises NotFound."""
    with units(read_only=True) as unit:
        alert_id = identify(name, unit.alerts) if name else ""
        return unit.feedback.page(limit, alert_id, before)


def _snapshot(one: Feedback | None) -> Mapping[str, Any] | None:
    return {"verdict": str(one.verdict), "comment": one.comment} if one else None
