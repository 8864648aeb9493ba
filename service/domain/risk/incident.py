"""Events of several articles that are one happening."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from math import log2, prod

from service.domain.events.dyad import dyads, helped_dyads, is_third_party
from service.domain.events.event import Event, states_of
from service.domain.events.geography import Geography
from service.domain.events.ontology import mass
from service.domain.events.signal import ArticleRole, Modality, Signal
from service.domain.news.owner import QUARANTINE
from service.domain.risk import grouping
from service.domain.risk.grouping import Telling

GRADES = {"A": 0.95, "B": 0.80, "C": 0.60, "D": 0.35, "E": 0.10, "F": 0.50}
"""How likely a publisher of this grade is right about an event; F is an unknown publisher."""

STIR_TRUST = {**dict.fromkeys(GRADES, 0.8), "E": GRADES["E"]}
"""As `GRADES`, for news that is compared with what is usual."""
STIR_EXPONENT, OF_RELEASE, WITH_GROUP, ONE_OF_SEVERAL = 0.6, 0.25, 0.5, 0.5
"""How much news stirs; chosen on episodes of 2003 to 2014 (docs/evaluation/backtest.md)."""
LOCATION, RECIPIENT, RECIPROCAL, ACTOR, THIRD_PARTY, REGION_OF_ACCORD = 1.0, 1.0, 1.0, 0.6, 0.5, 0.5


@dataclass(frozen=True, slots=True)
class Report:
    """One publisher's telling of an event. `id` does not depend on the order of arrival; `owner` is the owner group."""

    id: str
    article_id: str
    owner: str
    grade: str
    event: Event

    @property
    def credibility(self) -> float:
        """Its q = grade × modality × role, 0 … 1."""
        return GRADES[self.grade] * self.event.weight

    @property
    def is_denial(self) -> bool:
        """Whether it tells of the event only to deny it."""
        return self.event.modality is Modality.DENIED

    @property
    def key(self) -> str:
        """What reports of one incident share: direction, type group, who to whom; the place where there is no dyad."""
        event = self.event
        who = (states_of(event.actors), states_of(event.recipients))
        where = () if dyads(event) else (event.places, event.regions)
        return repr((str(event.signal), event.group, who, where))


@dataclass(frozen=True, slots=True)
class Incident:
    """Reports of one happening, ordered by time and id; never empty."""

    reports: tuple[Report, ...]

    @property
    def id(self) -> str:
        """Sixteen hexadecimal digits that depend on the first report only."""
        first = self.reports[0]
        return sha256(f"{first.key}|{first.id}".encode()).hexdigest()[:16]

    @property
    def started_at(self) -> datetime:
        """Time of its first report's event."""
        return self.reports[0].event.at

    @property
    def window_at(self) -> datetime | None:
        """When its window of news began, None where it is only recalled."""
        return None if telling(self.reports[0]).is_background else self.started_at

    @property
    def best_by_owner(self) -> tuple[Report, ...]:
        """The most credible report of each owner group: an echo inside one adds nothing.

        Neither do quarantined publishers to what known ones tell.
        """
        best: dict[str, Report] = {}
        for report in self.reports:
            if report.owner not in best or report.credibility > best[report.owner].credibility:
                best[report.owner] = report
        known = sorted(best.keys() - {QUARANTINE}) or sorted(best)
        return tuple(best[owner] for owner in known)

    @property
    def owners(self) -> int:
        """How many independent owner groups tell of it."""
        return len(self.best_by_owner)

    @property
    def sole_owner(self) -> str:
        """The owner group that alone tells of it, empty where several do."""
        owners = [r.owner for r in self.best_by_owner]
        return owners[0] if len(owners) == 1 else ""

    @property
    def certainty(self) -> float:
        """Its p = 1 − Π(1 − q) over owner groups, 0 … 1."""
        return 1.0 - prod(1.0 - r.credibility for r in self.best_by_owner)

    @property
    def intensity(self) -> float:
        """Σ qI / Σ q over owner groups, −10 … +10; 0 when nothing counts."""
        reports = self.best_by_owner
        total = sum(r.credibility for r in reports)
        return sum(r.credibility * r.event.intensity for r in reports) / total if total else 0.0

    @property
    def salience(self) -> float:
        """Its s = min(2, 1 + .15·log2 n) for n owner groups."""
        return min(2.0, 1.0 + 0.15 * log2(self.owners))

    @property
    def weight(self) -> float:
        """Its w = m(I)·p·s, 0 … 2."""
        return mass(self.intensity) * self.certainty * self.salience

    @property
    def stir(self) -> float:
        """How much it stirs as news, 0 … 2; 0 where it is only recalled.

        (|I|/10)^.6 of danger and I/10 of peace, a quarter where persons are let go, times p·s, with p as for the weight
        but every grade better than E taken alike. Unlike the weight it hardly asks how grave an act is, or who says so:
        it is compared with what is usual. Chosen on episodes of 2003 to 2014 (docs/evaluation/backtest.md).
        """
        if self.window_at is None:
            return 0.0
        strength = abs(self.intensity) / 10.0
        if self.signal is Signal.ESCALATION:
            strength = float(strength**STIR_EXPONENT)
        elif all(r.event.mode == "release" for r in self.best_by_owner):
            strength *= OF_RELEASE
        heard = 1.0 - prod(1.0 - STIR_TRUST[r.grade] * r.event.weight for r in self.best_by_owner)
        return strength * heard * self.salience

    @property
    def signal(self) -> Signal:
        """The direction all its reports share."""
        return self.reports[0].event.signal

    @property
    def is_lead(self) -> bool:
        """Whether any article reports it as its news; that it is denied is no news of it."""
        return any(r.event.role is ArticleRole.LEAD and r.credibility > 0 and not r.is_denial for r in self.reports)


def group(reports: Iterable[Report]) -> list[Incident]:
    """All reports of one key as incidents, see `grouping.group`; what is said not to have happened is left out."""
    by_id = {r.id: r for r in reports if r.credibility > 0}
    groups = grouping.group(telling(r) for r in by_id.values())
    return [Incident(tuple(by_id[t.id] for t in members)) for members in groups]


def telling(report: Report) -> Telling:
    """What grouping needs of a report."""
    return Telling(report.event.at, report.id, report.event.role is ArticleRole.BACKGROUND)


def country_shares(incident: Incident) -> dict[str, float]:
    """Country → λ, the largest over its parts in the event: location or recipient or equal side 1, actor .6.

    A third party's help counts half for those it helps and nothing for the helper.
    """
    shares: dict[str, float] = {}
    for report in incident.reports:
        if report.credibility > 0:
            for code, share in _country_shares(report.event):
                shares[code] = max(shares.get(code, 0.0), share)
    return shares


def _country_shares(event: Event) -> Sequence[tuple[str, float]]:
    if is_third_party(event):
        return [(code, THIRD_PARTY) for code in states_of(event.recipients)]
    reciprocal = not event.recipients and len(states_of(event.actors)) > 1
    return [
        *((code, RECIPROCAL if reciprocal else ACTOR) for code in states_of(event.actors)),
        *((code, RECIPIENT) for code in states_of(event.recipients)),
        *((code, LOCATION) for code in event.places),
    ]


def dyad_shares(incident: Incident) -> dict[tuple[str, str], float]:
    """Dyad → λ: 1 between the parties, .5 where a third party helps two others."""
    shares: dict[tuple[str, str], float] = {}
    for report in incident.reports:
        if report.credibility > 0:
            for pair in dyads(report.event) if not is_third_party(report.event) else ():
                shares[pair] = 1.0
            for pair in helped_dyads(report.event):
                shares.setdefault(pair, THIRD_PARTY)
    return shares


def dyad_stirs(incident: Incident, geography: Geography) -> dict[tuple[str, str], float]:
    """Dyad → how far the incident stirs it, 0 … 1, from its news alone.

    Half where an armed group is a side, and half where the event has several dyads: so it foretells best
    (docs/evaluation/backtest.md). An act in another country that names no target stirs the dyad of the two, and an
    accord of a state with an armed group that of the state with the group's sponsors.
    """
    stirs: dict[tuple[str, str], float] = {}
    for report in incident.reports:
        event = report.event
        if event.role is ArticleRole.BACKGROUND or is_third_party(event):
            continue
        pairs = dyads(event) or _scenes(event) or _sponsored(event, geography)
        part = (WITH_GROUP if _has_group(event) else 1.0) * (1.0 if len(pairs) == 1 else ONE_OF_SEVERAL)
        for pair in pairs:
            stirs[pair] = max(stirs.get(pair, 0.0), part)
    return stirs


def _scenes(event: Event) -> tuple[tuple[str, str], ...]:
    """Who acts in whose country, where nobody is named as the target."""
    if event.signal is not Signal.ESCALATION or event.recipients:
        return ()
    pairs = {(min(a, p), max(a, p)) for a in states_of(event.actors) for p in event.places if a != p}
    return tuple(sorted(pairs))


def _sponsored(event: Event, geography: Geography) -> tuple[tuple[str, str], ...]:
    """The state that makes peace at home and the sponsors of whom it makes it with."""
    if event.signal is not Signal.DE_ESCALATION:
        return ()
    parties = (*event.actors, *event.recipients)
    sponsors = {sponsor for party in parties for sponsor in geography.sponsors_of(party)}
    return tuple(sorted({(min(s, t), max(s, t)) for s in sponsors for t in states_of(parties) if s != t}))


def _has_group(event: Event) -> bool:
    """Whether an armed group takes part in hostilities."""
    parties = (*event.actors, *event.recipients)
    return event.signal is Signal.ESCALATION and any(":" in p and not p.endswith(":CIV") for p in parties)


def region_shares(incident: Incident, geography: Geography) -> dict[str, float]:
    """Named region (slug) → λ: 1 for what happens there, .5 for an accord in the news between the two that share it."""
    shares: dict[str, float] = {}
    for report in incident.reports:
        if report.credibility > 0:
            for pair in dyads(report.event) if _is_accord(report.event) else ():
                for name in geography.shared_regions(*pair):
                    shares.setdefault(name, REGION_OF_ACCORD)
            shares |= dict.fromkeys(report.event.regions, LOCATION)
    return shares


def _is_accord(event: Event) -> bool:
    return event.signal is Signal.DE_ESCALATION and event.role is ArticleRole.LEAD and not is_third_party(event)
