"""The course of a level as a page shows it: read in one transaction, at a cost that has an end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import nlargest

import numpy as np

from service.domain.events.geography import Geography
from service.domain.risk.baseline import MEMORY
from service.domain.risk.ledger import MICRO, Channel, hour_of
from service.domain.risk.score import HORIZON
from service.domain.risk.subject import Subject
from service.operations.bulk import booked_of
from service.operations.chronicle import SIDES, Firing, Mark, Moment, firings_in, levels_at, times_of, weighed_at
from service.operations.mirror import Mirror
from service.operations.subject_page import Held, SubjectPage, held, page_of
from service.pipeline.books import Gauge
from service.ports import Booked, UnitOfWork, Units

FEWEST, MOST, MOST_MARKS = 91, 181, 60
"""Levels that are worked out, one a day in between, and incidents that are marked."""


@dataclass(frozen=True, slots=True)
class Course:
    """Levels evenly spread, the heaviest incidents in order of time, and when alerts were on.

    Before the books began, at `began_at`, nothing was known.
    """

    moments: Sequence[Moment]
    marks: Sequence[Mark]
    firings: Sequence[Firing]
    began_at: datetime | None


def course(units: Units, subject: Subject, since: datetime, until: datetime, gauge: Gauge) -> Course:
    """What became of a subject. Raises ValueError for no time or too long a time, NotFound for an unknown watchlist."""
    with units(read_only=True) as unit:
        return course_of(None, unit, subject, since, until, gauge)


def course_of(
    read: Held | None, unit: UnitOfWork, subject: Subject, since: datetime, until: datetime, gauge: Gauge
) -> Course:
    """The same within an open transaction; what is read of the subject already is not read again."""
    written, times = str(subject), times_of(since, until, _points(until - since), None)
    told = read if read and until <= read.at else None
    return Course(
        moments=(
            weighed_at(times, told.weighing, gauge)
            if told and since - HORIZON >= told.at - MEMORY
            else levels_at(written, unit, times, gauge)
        ),
        marks=_heaviest(
            told.booked
            if told and since >= told.at - HORIZON
            else booked_of(written, unit, since, until, gauge.watchlists),
            unit,
            since,
            until,
        ),
        firings=firings_in(written, unit, since, until),
        began_at=unit.ledger.began_at(),
    )


def page_and_course(
    units: Units,
    subject: Subject,
    at: datetime,
    since: datetime,
    until: datetime,
    gauge: Gauge,
    versions: Mapping[str, str],
    geography: Geography,
    mirror: Mirror | None = None,
) -> tuple[SubjectPage, Course]:
    """All that is shown of a subject at a moment, and its course, from a mirror where that is up to date.

    Raises what `subject_page` and `course` raise.
    """
    with units(read_only=True) as unit:
        read = held(unit, subject, at, gauge, mirror)
        page = page_of(read, unit, gauge, versions, geography)
        return page, course_of(read, unit, subject, since, until, gauge)


def _points(span: timedelta) -> int:
    return min(MOST, max(FEWEST, span.days + 1))


def _heaviest(booked: Booked, unit: UnitOfWork, since: datetime, until: datetime) -> list[Mark]:
    ids, columns = booked
    hours, micro = np.asarray(columns.hours), np.asarray(columns.micro)
    inside = np.flatnonzero((micro > 0) & (hours >= hour_of(since)) & (hours <= hour_of(until)))
    least = np.partition(micro[inside], -MOST_MARKS)[-MOST_MARKS] if len(inside) > MOST_MARKS else 0
    heavy = inside[micro[inside] >= least].tolist()
    heaviest = nlargest(MOST_MARKS, heavy, key=lambda n: (columns.micro[n], ids[n]))
    began = unit.ledger.began([ids[n] for n in heaviest])
    sides = (SIDES[Channel.DE_ESCALATION if columns.eases[n] else Channel.ESCALATION] for n in heaviest)
    marks = (Mark(began[ids[n]], side, columns.micro[n] / MICRO) for n, side in zip(heaviest, sides, strict=True))
    return sorted(marks, key=lambda mark: (mark.at, mark.signal, mark.mass))
