"""Small builders for values of the domain: every argument has a plain default, so a test names only what it is about."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from service.domain.alerting.act import Act
from service.domain.alerting.condition import parse
from service.domain.alerting.rule import Evidence, Facts, Memory, Rule, RuleKind, Severity, State, Step
from service.domain.events.coding import Coding
from service.domain.events.event import Event
from service.domain.events.extraction import Sentence
from service.domain.events.geography import Geography, Place
from service.domain.events.ontology import ROOTS, TYPES
from service.domain.events.signal import ArticleRole, MentionRole, Modality, Signal
from service.domain.risk.incident import Report
from service.domain.risk.ledger import MICRO, Channel, Entry, hour_of
from service.domain.risk.score import Score

NOW = datetime(2024, 1, 19, 18, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

GEOGRAPHY = Geography(
    countries={
        "AFG": "Afghanistan",
        "CHN": "China",
        "IND": "India",
        "IRN": "Iran",
        "ISR": "Israel",
        "PAK": "Pakistan",
        "PSE": "Palestine",
        "USA": "United States",
    },
    subregions={
        "AFG": "034",
        "IND": "034",
        "IRN": "034",
        "PAK": "034",
        "CHN": "030",
        "ISR": "145",
        "PSE": "145",
        "USA": "021",
    },
    subregion_names={"021": "Northern America", "030": "Eastern Asia", "034": "Southern Asia", "145": "Western Asia"},
    places={
        "UN": Place("United Nations"),
        "PAK:BLA": Place("Balochistan Liberation Army", ("PAK",)),
        "region:balochistan": Place("Balochistan", ("PAK", "IRN")),
        "region:kashmir": Place("Kashmir", ("IND", "PAK")),
        "region:hindu-kush": Place("Hindu Kush", ("AFG", "PAK", "IND")),
    },
    sponsors={"YEM:HOUTHIS": ("IRN",)},
)


def event(
    kind: str = "ASSAULT.aerial",
    actors: Sequence[str] = ("IRN",),
    recipients: Sequence[str] = ("PAK",),
    *,
    role: ArticleRole = ArticleRole.LEAD,
    modality: Modality = Modality.ACTUAL,
    at: datetime = NOW,
    intensity: float | None = None,
    signal: Signal | None = None,
    places: Sequence[str] = (),
    regions: Sequence[str] = (),
    text: str = "",
    sentence: int = 0,
) -> Event:
    """An event of a type of the table (`ROOT.mode`), with the table's intensity unless another is given."""
    row = TYPES[kind]
    weight = row.intensity if intensity is None else intensity
    return Event(
        start=0,
        end=len(text),
        text=text,
        sentence=sentence,
        signal=signal or (Signal.ESCALATION if weight < 0 else Signal.DE_ESCALATION),
        type=row.root,
        mode=row.mode,
        actors=tuple(actors),
        recipients=tuple(recipients),
        places=tuple(places),
        regions=tuple(regions),
        place_name="",
        modality=modality,
        role=role,
        level=4,
        intensity=weight,
        confidence=0.9,
        at=at,
    )


def report(name: str, told: Event, owner: str = "", grade: str = "B") -> Report:
    """One publisher's telling; an owner of its own unless one is named."""
    return Report(id=f"{name}#0", article_id=name, owner=owner or f"owner of {name}", grade=grade, event=told)


def entry(mass: float, age: timedelta = HOUR, channel: Channel = Channel.ESCALATION, now: datetime = NOW) -> Entry:
    """A ledger entry of this mass, so long before now."""
    return Entry(hour_of(now - age), channel, round(mass * MICRO))


def sentence(text: str, index: int = 2, *, lead: bool = False, start: int = 0) -> Sentence:
    """A sentence of an article; by default of its body."""
    return Sentence(index, start, start + len(text), text, lead)


def coding(
    signal: Signal = Signal.ESCALATION,
    root: str = "ASSAULT",
    *,
    level: int = 4,
    modality: Modality = Modality.ACTUAL,
    sure: float = 0.9,
    words: Sequence[tuple[int, int, float]] = (),
) -> Coding:
    """What a model that is this sure says; the rest of the probability is spread evenly."""
    return Coding(
        signal=_peak(signal, list(Signal), sure),
        event_type=_peak(root, [*ROOTS, "NONE"], sure),
        level=_peak(str(level), list("01234"), sure),
        modality=_peak(modality, [*Modality, "none"], sure),
        words=tuple(words),
    )


def _peak(best: str, labels: Sequence[str], sure: float) -> dict[str, float]:
    rest = (1 - sure) / (len(labels) - 1)
    return {str(label): sure if label == best else rest for label in labels}


def roles(best: MentionRole, sure: float = 0.9) -> dict[str, float]:
    """Probabilities of a mention's roles."""
    return _peak(best, list(MentionRole), sure)


def score_at(level: float, *, e_24h: float = 0.1, e_30d: float = 0.1) -> Score:
    """A score as rules see it: its level, and what is new in it."""
    return Score(level=level, e=0.1, d=0.0, e_24h=e_24h, e_30d=e_30d, d_24h=0.0, d_30d=0.0)


LEVEL = Rule(
    name="level",
    kind=RuleKind.LEVEL,
    hold=timedelta(minutes=15),
    keep=timedelta(hours=72),
    steps=(Step(40, 28, Severity.WARNING), Step(60, 45, Severity.HIGH), Step(80, 65, Severity.CRITICAL)),
)
SURGE = Rule(
    name="surge",
    kind=RuleKind.SURGE,
    keep=timedelta(hours=72),
    enter=3.7,
    leave=1.85,
    severity=Severity.WARNING,
)
DEESC = Rule(name="deescalation", kind=RuleKind.DEESC, keep=timedelta(hours=24))
ALLCLEAR = Rule(name="all-clear", kind=RuleKind.ALLCLEAR)

NOVEL = Rule("novel", RuleKind.NOVEL, within=timedelta(days=180))
RISE = Rule("rise", RuleKind.RISE, enter=15, leave=7.5, within=timedelta(days=7), severity=Severity.WARNING)
SILENCE = Rule("silence", RuleKind.SILENCE, hold=timedelta(minutes=30), severity=Severity.WARNING)


def custom(*when: str, leave_when: Sequence[str] = (), **more: object) -> Rule:
    """A rule of these conditions."""
    clauses = {"when": tuple(map(parse, when)), "leave_when": tuple(map(parse, leave_when))}
    return Rule("custom", RuleKind.CUSTOM, severity=Severity.HIGH, **clauses, **more)  # type: ignore[arg-type]


def act(kind: str = "ASSAULT.aerial", at: datetime = NOW, owners: int = 2, *, sure: bool = True) -> Act:
    """A lead incident of a type of the table."""
    row = TYPES[kind]
    return Act(f"incident {kind}", at, (kind,), row.intensity, row.rung, owners, is_done=True, is_confirmed=sure)


CONFIRMED = Evidence(owners=2, certainty=0.96, best_grade="B", has_lead=True)
UNCONFIRMED = Evidence(owners=1, certainty=0.8, best_grade="B", has_lead=True)


def facts(level: float, at: datetime = NOW, evidence: Evidence = CONFIRMED, **more: object) -> Facts:
    """Facts about one dyad whose level is this, with confirmed news unless said otherwise."""
    given: Mapping[str, object] = {"score": score_at(level), **more}
    return Facts(subject="dyad:IRN-PAK", now=at, evidence=evidence, **given)  # type: ignore[arg-type]


def firing(rung: int = 1, *, told: str = "warning", since: datetime = NOW, confirmed: bool = True) -> Memory:
    """The memory of a LEVEL rule that fires on this step."""
    return Memory(State.FIRING, rung, since, since, since, told, confirmed)
