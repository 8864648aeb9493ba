"""Which dyad's alert says what that of a country would."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from service.domain.alerting.inhibit import inhibited_by
from service.domain.risk.ledger import Channel
from service.ports import Books

MONTH = timedelta(days=30)


def speaker(subject: str, firing: Sequence[str], now: datetime, unit: Books) -> str | None:
    """Which of these firing dyads speaks for a subject by what is booked, None where none does."""
    return inhibited_by(subject, firing, {s: _escalation(s, now, unit) for s in (subject, *firing)})


def _escalation(subject: str, now: datetime, unit: Books) -> dict[str, int]:
    postings = unit.ledger.postings(subject, now - MONTH, now)
    return {i: entry.micro for i, entry in postings.items() if entry.channel is Channel.ESCALATION}
