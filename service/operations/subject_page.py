"""What is shown of one subject: why it stands where it does, who says so, what lies around it, and its alerts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.domain.alerting.alert import Alert, Transition
from service.domain.events.event import Event
from service.domain.events.geography import Geography
from service.domain.events.signal import Signal
from service.domain.news.article import Article
from service.domain.risk.baseline import MEMORY
from service.domain.risk.caps import Flood
from service.domain.risk.explanation import Contribution
from service.domain.risk.incident import Incident, Report
from service.domain.risk.score import HORIZON, Band, band
from service.domain.risk.subject import Subject, SubjectKind
from service.domain.risk.watchlist import Watchlists
from service.operations.bulk import booked_of, heard_of, readings_of, strip_of
from service.operations.mirror import Copy, Mirror
from service.operations.reasons import Rest, reasons
from service.operations.scores import Reading
from service.operations.strip import Names, of_entries, strips
from service.operations.weighing import Weighing
from service.operations.world import Trend, trend_of
from service.pipeline.books import Gauge
from service.ports import Booked, UnitOfWork, Units

MOST_INCIDENTS, MOST_SOURCES, MOST_SAYINGS, MOST_NEIGHBOURS, MOST_CHANGES = 30, 5, 3, 40, 200
"""What is shown at most: incidents, of each its sources and what the best say, neighbours, changes of alerts."""
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Source:
    """An article, without its text."""

    article_id: str
    title: str
    publisher: str
    url: str
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Saying:
    """A sentence that tells of an incident. `words` are its deciding ones: (start, end, weight), counted in `text`."""

    article_id: str
    text: str
    words: Sequence[tuple[int, int, float]]


@dataclass(frozen=True, slots=True)
class Told:
    """An incident: what it adds, what it is, and who tells of it.

    The sayings are those of the most credible owner groups. `articles` counts all that tell of it, of which `sources`
    are the most credible.
    """

    contribution: Contribution
    began_at: datetime
    signal: Signal
    type: str
    intensity: float
    owners: int
    sayings: Sequence[Saying]
    sources: Sequence[Source]
    articles: int


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A subject that has to do with the one shown, and where it stands."""

    subject: str
    level: float
    band: Band
    trend: Trend


@dataclass(frozen=True, slots=True)
class SubjectPage:
    """One subject; `before` is its level 24 hours before.

    The shares of `incidents` and of the `rest` sum to e − d, their points to the displayed level. Neighbours come by
    level, alerts by rule with the latest of their changes.
    """

    reading: Reading
    before: float
    incidents: Sequence[Told]
    rest: Rest
    neighbours: Sequence[Neighbour]
    alerts: Sequence[tuple[Alert, Sequence[Transition]]]

    @property
    def trend(self) -> Trend:
        """Where it has gone within a day."""
        return trend_of(self.reading.score.level - self.before)


@dataclass(frozen=True, slots=True)
class Held:
    """What is read of a subject at a moment: its sums of a year, weighed, and what incidents booked in 90 days.

    `copy` is what a mirror holds of all subjects, None where none is up to date.
    """

    subject: Subject
    at: datetime
    floods: Collection[Flood]
    weighing: Weighing
    booked: Booked
    copy: Copy | None = None


def held(unit: UnitOfWork, subject: Subject, at: datetime, gauge: Gauge, mirror: Mirror | None = None) -> Held:
    """Read it, from a mirror where that is up to date. Raises NotFound for an unknown watchlist."""
    written, floods = str(subject), unit.ledger.floods(at - MEMORY)
    booked = booked_of(written, unit, at - HORIZON, at, gauge.watchlists)
    copy = mirror.standing(unit, at, gauge.watchlists) if mirror else None
    if copy:
        weighing = copy.weighed.get(written) or Weighing(of_entries((), Names()))
    else:
        weighing = Weighing(strip_of(written, unit, at - MEMORY, at, gauge.watchlists), floods)
    return Held(subject, at, floods, weighing, booked, copy)


def subject_page(
    units: Units, subject: Subject, at: datetime, gauge: Gauge, versions: Mapping[str, str], geography: Geography
) -> SubjectPage:
    """All that is shown of a subject at a moment; alerts are as they are now. Raises NotFound for an unknown watchlist.

    A subject nobody reported on has level 0 and no incidents.
    """
    with units(read_only=True) as unit:
        return page_of(held(unit, subject, at, gauge), unit, gauge, versions, geography)


def page_of(
    read: Held, unit: UnitOfWork, gauge: Gauge, versions: Mapping[str, str], geography: Geography
) -> SubjectPage:
    """The same of what is read already."""
    written, at = str(read.subject), read.at
    found = reasons(read.booked, at, gauge.scale, read.floods, MOST_INCIDENTS)
    heard = read.copy.heard if read.copy else heard_of(unit, at, [written], gauge.watchlists)
    (reading,) = readings_of({written: read.weighing}, heard, unit, at, gauge, versions, unit.ledger.began_at())
    return SubjectPage(
        reading=reading,
        before=read.weighing.quick_score(at - DAY, gauge.scale).level,
        incidents=_told(unit, found.largest),
        rest=found.rest,
        neighbours=_neighbours(unit, read, gauge, geography),
        alerts=unit.alerts.of_subject(written, MOST_CHANGES),
    )


def _told(unit: UnitOfWork, contributions: Sequence[Contribution]) -> list[Told]:
    incidents = unit.ledger.incidents([c.incident_id for c in contributions])
    shown = {i: _by_credibility(incident.reports) for i, incident in incidents.items()}
    articles = unit.articles.get(sorted({r.article_id for reports in shown.values() for r in reports[:MOST_SOURCES]}))
    return [
        _one(c, incidents[c.incident_id], shown[c.incident_id], articles)
        for c in contributions
        if c.incident_id in incidents
    ]


def _by_credibility(reports: Sequence[Report]) -> list[Report]:
    """The most credible of each article, the most credible first."""
    ranked = sorted(reports, key=lambda r: (-r.credibility, r.event.at, r.id))
    first: dict[str, Report] = {}
    for report in ranked:
        first.setdefault(report.article_id, report)
    return list(first.values())


def _one(c: Contribution, incident: Incident, reports: Sequence[Report], articles: Mapping[str, Article]) -> Told:
    best = _by_credibility(incident.best_by_owner)
    return Told(
        contribution=c,
        began_at=incident.started_at,
        signal=incident.signal,
        type=best[0].event.type,
        intensity=incident.intensity,
        owners=incident.owners,
        sayings=[saying(r.article_id, r.event) for r in best[:MOST_SAYINGS]],
        sources=[_source(articles[r.article_id]) for r in reports[:MOST_SOURCES] if r.article_id in articles],
        articles=len(reports),
    )


def saying(article_id: str, event: Event) -> Saying:
    """An event's own words."""
    inside = (w for w in event.words if event.start <= w[0] < w[1] <= event.end)
    return Saying(article_id, event.text, [(a - event.start, b - event.start, weight) for a, b, weight in inside])


def _source(a: Article) -> Source:
    return Source(a.id, a.title, a.publisher, a.url, a.published_at)


def _neighbours(unit: UnitOfWork, read: Held, gauge: Gauge, geography: Geography) -> list[Neighbour]:
    at, found = read.at, []
    near = kin(read.subject, unit.ledger.subjects(), geography, gauge.watchlists)
    for name, weighing in _weighed(unit, read, near).items():
        now, before = (weighing.quick_score(moment, gauge.scale).level for moment in (at, at - DAY))
        found.append(Neighbour(name, now, band(now), trend_of(now - before)))
    return sorted(found, key=lambda n: (-n.level, n.subject))[:MOST_NEIGHBOURS]


def _weighed(unit: UnitOfWork, read: Held, subjects: Sequence[str]) -> dict[str, Weighing]:
    """Those of these subjects on which anything is booked."""
    if read.copy:
        return {name: read.copy.weighed[name] for name in subjects if name in read.copy.weighed}
    told = strips(unit.ledger.sums(read.at - HORIZON - DAY, read.at, subjects), Names())
    return {name: Weighing(strip, read.floods) for name, strip in told.items()}


def kin(subject: Subject, known: Sequence[str], geography: Geography, watchlists: Watchlists) -> list[str]:
    """Those of the known subjects that have to do with one.

    Of a country its dyads and the regions it lies in, of a dyad both countries, their other dyads and the regions they
    share, of a region the countries it lies in, of a watchlist what is on it.
    """
    mine = set(subject.countries)
    match subject.kind:
        case SubjectKind.COUNTRY:
            wanted = {f"m49:{geography.m49(subject.name)}", *geography.regions_of(subject.name)}
        case SubjectKind.DYAD:
            one, other = subject.countries
            shared = {f"region:{name}" for name in geography.shared_regions(one, other)}
            wanted = {str(Subject.country(code)) for code in mine} | shared
        case SubjectKind.M49:
            wanted = {str(Subject.country(code)) for code in geography.members(subject.name)}
        case SubjectKind.REGION:
            wanted = {str(Subject.country(code)) for code in geography.countries_of(str(subject))}
        case SubjectKind.WATCH:
            wanted = set(watchlists.get(str(subject), ()))
    dyads = (Subject.parse(name) for name in known if name.startswith(f"{SubjectKind.DYAD}:"))
    wanted |= {str(dyad) for dyad in dyads if not mine.isdisjoint(dyad.countries)}
    return sorted(wanted.intersection(known) - {str(subject)})
