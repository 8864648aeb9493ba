"""What a subject looks like at a moment, for a message."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from service.domain.alerting.writing import Portrait
from service.domain.risk.score import HORIZON, score
from service.domain.risk.subject import Subject
from service.operations.scores import read
from service.pipeline.books import Gauge, entries_of
from service.ports import UnitOfWork

SHOWN = timedelta(days=14)
POINTS = 43
"""Levels of the curve, eight hours apart."""


def portrait(
    subject: str,
    at: datetime,
    unit: UnitOfWork,
    gauge: Gauge,
    versions: Mapping[str, str],
    name_of: Callable[[Subject], str],
) -> Portrait:
    """Name, interval, confidence, and the level of the two weeks before."""
    reading = read(subject, unit, at, gauge, versions)
    entries = entries_of(subject, unit, at - SHOWN - HORIZON, at, gauge.watchlists)
    floods = unit.ledger.floods(at - SHOWN - HORIZON)
    moments = [at - SHOWN + SHOWN * n / (POINTS - 1) for n in range(POINTS)]
    return Portrait(
        name=name_of(Subject.parse(subject)),
        low=reading.score.low,
        high=reading.score.high,
        confidence=reading.confidence,
        curve=tuple((moment, score(entries, moment, gauge.scale, floods).level) for moment in moments),
    )
