"""What one article says, and what it alone would do."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from service.domain.alerting.act import Act
from service.domain.alerting.decide import decide
from service.domain.alerting.rule import Evidence, Facts, Memory, Rule, State
from service.domain.events.attribution import lead_event
from service.domain.events.event import Event
from service.domain.events.extraction import Band, Sentence, Undecided, extract, undecided, uneventful
from service.domain.events.geography import Geography
from service.domain.events.pairs import PairReader, revised
from service.domain.events.parties import name_roles, with_parties
from service.domain.events.place import Mention
from service.domain.events.signal import ArticleRole, Signal
from service.domain.news.article import Article
from service.domain.news.owner import QUARANTINE
from service.domain.risk.caps import Flood
from service.domain.risk.grouping import REACH, settled
from service.domain.risk.incident import GRADES, Incident, Report, group
from service.domain.risk.ledger import Channel, Entry, postings
from service.domain.risk.score import HORIZON, Scale
from service.domain.risk.score import score as score_of
from service.domain.risk.surge import stir
from service.pipeline.attest import acts_of
from service.pipeline.attribute import told as with_sides
from service.pipeline.classify import code_articles, language_of, names_in, unread
from service.pipeline.score import OwnerOf
from service.ports import Classifier, CodedArticle, Gazetteer, Recogniser, Splitter, UnitOfWork, Units

AFTER = timedelta(hours=1)
"""How long after publication its effect is shown."""
MIXED = 0.35
"""Share of the major side's mass from which the minor one makes an article mixed."""


@dataclass(frozen=True, slots=True)
class Coded:
    """An article's events, the sentences left undecided, and what the model said of all.

    `uneventful` is what the first sentence tells when it is taken for no event: who and where, counting nothing. Where
    no model reads its `language`, `ignored` says so, and all there is are the names in the document.
    """

    events: tuple[Event, ...]
    undecided: tuple[Undecided, ...]
    uneventful: Event | None
    answer: CodedArticle
    language: str
    ignored: str = ""
    names: tuple[Mention, ...] = ()


@dataclass(frozen=True, slots=True)
class Movement:
    """How the article alone moves a subject.

    `direction`, "up" or "down", is where its news pushes, even when the recap beside it weighs more in an empty system.
    """

    subject: str
    level_before: float
    level_after: float
    direction: str


@dataclass(frozen=True, slots=True)
class Prospect:
    """An alert the article alone would start or hold."""

    rule: str
    subject: str
    state: State
    severity: str
    reason: str


@dataclass(frozen=True, slots=True)
class Preview:
    """An article's events, its label, and what it would move."""

    article: Article
    coded: Coded
    label: str
    lead_signal: Signal
    movements: Sequence[Movement]
    prospects: Sequence[Prospect]


@dataclass(frozen=True, slots=True)
class Desk:
    """All that is needed to read an article. Without `pairs` the sides are those by the rules alone."""

    classifier: Classifier
    gazetteer: Gazetteer
    splitter: Splitter
    recogniser: Recogniser
    band: Band
    pairs: PairReader | None = None

    def read(self, articles: Sequence[Article]) -> list[Coded]:
        """The articles' events with their parties, and what the model said, in order."""
        told = [(article, language_of(article, self.recogniser)) for article in articles]
        readable = [one for one in told if one[1] in self.classifier.languages]
        coded = iter(code_articles(readable, self.classifier, self.gazetteer, self.splitter))
        return [
            self._events(article, language, next(coded))
            if language in self.classifier.languages
            else self._unread(article, language)
            for article, language in told
        ]

    def _events(self, article: Article, language: str, coded: CodedArticle) -> Coded:
        found = extract(coded.sentences, coded.codings, article.published_at, self.band.high)
        left = undecided(coded.sentences, coded.codings, self.band)
        plain = uneventful(coded.sentences[0], coded.codings[0], article.published_at)
        names = name_roles(coded.mentions[0], coded.codings[0].roles)
        pairs = self.pairs if len(coded.sentences) == 1 else None
        first = revised(with_parties(plain, names), names, pairs)
        return Coded(tuple(with_sides(found, coded, self.pairs)), tuple(left), first, coded, language)

    def _unread(self, article: Article, language: str) -> Coded:
        document = article.document
        whole = Sentence(0, 0, len(document), document, lead=True, language=language)
        nothing = CodedArticle((), (), (), self.classifier.version, self.gazetteer.version)
        return Coded((), (), None, nothing, language, unread(language), names_in(whole, self.gazetteer, article))


def preview(
    article: Article,
    desk: Desk,
    owner_of: OwnerOf,
    geography: Geography,
    rules: Sequence[Rule],
    scale: Scale,
    units: Units | None,
    now: datetime,
) -> Preview:
    """Code the article and compare the scores with and without it."""
    return weighed(article, desk.read([article])[0], owner_of, geography, rules, scale, units, now)


def weighed(
    article: Article,
    coded: Coded,
    owner_of: OwnerOf,
    geography: Geography,
    rules: Sequence[Rule],
    scale: Scale,
    units: Units | None,
    now: datetime,
) -> Preview:
    """Compare the scores with and without a coded article, on top of what `units` holds (None: of nothing).

    Nothing is stored, and the answer is the same when the article is stored already.
    """
    owner = owner_of(article.publisher, article.url, article.credit)
    reports = [
        Report(f"{article.id}#{n}", article.id, owner.group, owner.grade, e)
        for n, e in enumerate(coded.events)
        if e.is_somebodys
    ]
    at = min(now, article.published_at + AFTER)
    news = _pushes([r for r in reports if r.event.role is not ArticleRole.BACKGROUND], geography)
    pushes = {**_pushes(reports, geography), **news}
    with units(read_only=True) if units else nullcontext() as unit:
        changes = _changes(reports, unit, geography)
        floods = unit.ledger.floods(at - HORIZON) if unit else set()
        moved = [
            _movement(s, pushes, _stored(s, unit, at), change, at, scale, floods)
            for s, change in sorted(changes.items())
            if pushes.get(s)
        ]
    lead = lead_event(coded.events)
    return Preview(
        article=article,
        coded=coded,
        label=label(coded.events),
        lead_signal=lead.signal if lead else Signal.NEUTRAL,
        movements=moved,
        prospects=_prospects(moved, changes, reports, rules, at, scale, _acts(reports, geography)),
    )


def _stored(subject: str, unit: UnitOfWork | None, at: datetime) -> list[Entry]:
    return unit.ledger.entries(subject, at - HORIZON, at) if unit else []


def _pushes(reports: Sequence[Report], geography: Geography) -> dict[str, int]:
    """Subject → what these reports alone book on it, escalation minus de-escalation, in micro units."""
    pushes: dict[str, int] = {}
    for subject, change in _changes(reports, None, geography).items():
        pushes[subject] = sum(e.micro if e.channel is Channel.ESCALATION else -e.micro for e in change.after)
    return pushes


def label(events: Sequence[Event]) -> str:
    """ESCALATION, DE-ESCALATION, MIXED or NONE by the mass on either side of its news. For display only.

    Background, and what says neither who nor where, count only where there is nothing else.
    """
    told = [e for e in events if e.role is not ArticleRole.BACKGROUND and e.mass and e.is_somebodys] or events
    e = sum(event.mass for event in told if event.signal is Signal.ESCALATION)
    d = sum(event.mass for event in told if event.signal is Signal.DE_ESCALATION)
    if e == d == 0:
        return "NONE"
    if min(e, d) >= MIXED * max(e, d):
        return "MIXED"
    return "ESCALATION" if e > d else "DE-ESCALATION"


@dataclass(frozen=True, slots=True)
class _Change:
    """A subject's entries of the touched incidents: as they are booked, and grouped without and with the article."""

    booked: list[Entry] = field(default_factory=list)
    before: list[Entry] = field(default_factory=list)
    after: list[Entry] = field(default_factory=list)


def _changes(reports: Sequence[Report], unit: UnitOfWork | None, geography: Geography) -> dict[str, _Change]:
    """Subject → how it changes. What the article itself has booked already is left out before and after."""
    changes: defaultdict[str, _Change] = defaultdict(_Change)
    own = {r.article_id for r in reports}
    for key in sorted({r.key for r in reports} | _stored_keys(own, unit)):
        stored = _around(key, [r.event.at for r in reports], unit) if unit else []
        others = [r for r in stored if r.article_id not in own]
        for subject, entry in _entries(group(stored), geography):
            changes[subject].booked.append(entry)
        for subject, entry in _entries(group(others), geography):
            changes[subject].before.append(entry)
        for subject, entry in _entries(group([*others, *(r for r in reports if r.key == key)]), geography):
            changes[subject].after.append(entry)
    return changes


def _around(key: str, times: Sequence[datetime], unit: UnitOfWork) -> list[Report]:
    """The stored reports of a key that may share an incident with reports of these times."""
    timeline = unit.ledger.timeline(key)
    near = timeline.between(settled(min(times), timeline), max(times) + REACH)
    return list(unit.ledger.reports([t.id for t in near]).values())


def _stored_keys(article_ids: set[str], unit: UnitOfWork | None) -> set[str]:
    """Keys of the articles' stored events, which may differ from those of today's coding."""
    if unit is None:
        return set()
    events = unit.articles.events(sorted(article_ids))
    return {Report("", i, "", "F", e).key for i, found in events.items() for e in found}


def _entries(incidents: Sequence[Incident], geography: Geography) -> Iterator[tuple[str, Entry]]:
    return ((str(p.subject), p.entry) for incident in incidents for p in postings(incident, geography))


def _movement(
    subject: str,
    pushes: Mapping[str, int],
    stored: list[Entry],
    change: _Change,
    at: datetime,
    scale: Scale,
    floods: Collection[Flood],
) -> Movement:
    """The direction is that of the article's news; background, which mostly is known already, decides only without."""
    rest = [*stored, *(e._replace(micro=-e.micro, variance=-e.variance) for e in change.booked)]
    without = score_of([*rest, *change.before], at, scale, floods)
    with_it = score_of([*rest, *change.after], at, scale, floods)
    return Movement(subject, without.level, with_it.level, "up" if pushes[subject] > 0 else "down")


def _prospects(
    moved: Sequence[Movement],
    changes: dict[str, _Change],
    reports: Sequence[Report],
    rules: Sequence[Rule],
    at: datetime,
    scale: Scale,
    acts: Mapping[str, Sequence[Act]],
) -> list[Prospect]:
    leads = [r for r in reports if r.event.role == "lead" and r.event.signal is Signal.ESCALATION and r.credibility > 0]
    evidence = _evidence(max(leads, key=lambda r: GRADES[r.grade], default=None))
    found = []
    for movement in moved:
        entries = changes[movement.subject].after
        score, stirred = score_of(entries, at, scale), stir(entries, at)
        for rule in rules:
            if rule.covers(movement.subject):
                facts = Facts(movement.subject, at, score, stirred, evidence, acts=tuple(acts[movement.subject]))
                decision = decide(rule, Memory(), facts)
                if decision.memory.state is not State.INACTIVE:
                    found.append(
                        Prospect(
                            rule.name, movement.subject, decision.memory.state, str(decision.severity), decision.reason
                        )
                    )
    return found


def _acts(reports: Sequence[Report], geography: Geography) -> Mapping[str, Sequence[Act]]:
    """Subject → what the article alone tells of, as acts."""
    found: defaultdict[str, list[Act]] = defaultdict(list)
    for key in sorted({r.key for r in reports}):
        for incident in group(r for r in reports if r.key == key):
            for posting in postings(incident, geography):
                found[str(posting.subject)] += acts_of([incident])
    return found


def _evidence(best: Report | None) -> Evidence:
    """How well one article attests its news; from quarantine nothing is attested."""
    if best is None:
        return Evidence()
    if best.owner == QUARANTINE:
        return Evidence(has_lead=True)
    return Evidence(1, best.credibility, best.grade, has_lead=True)
