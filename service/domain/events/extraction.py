"""From what the model says of each sentence to what happened."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

from service.domain.events import casualty_reader, frame, modes, speech, when, wording
from service.domain.events.casualties import Casualty, deaths, with_deaths
from service.domain.events.clause import Link
from service.domain.events.coding import Coding
from service.domain.events.event import Event
from service.domain.events.ontology import ROOTS_BY_SIGNAL, TYPES, EventType
from service.domain.events.signal import ArticleRole, Modality, Signal
from service.domain.news.language import ENGLISH
from service.domain.news.text import word_count

LEAD_SENTENCES = 2
SHORTEST_LEAD = 4
"""Words below which a line is a by-line or slug, not one of the first two sentences."""
LEAST_HISTORICAL = 0.04
"""Below this probability of history a date in the text dates something else than the act ("the 2015 nuclear deal")."""
SURE_OF_TYPE = 0.85
_DIRECTION = {
    "ACCUSE": (Signal.ESCALATION, 0.3),
    "REJECT": (Signal.ESCALATION, 0.3),
    "SANCTION": (Signal.ESCALATION, 0.3),
    "SUPPORT": (Signal.DE_ESCALATION, 0.3),
    "REQUEST": (Signal.DE_ESCALATION, 0.5),
}
"""The direction such acts have in a quarrel, and the probability of it that suffices once the root is sure.

A request can be a demand, so for it more likely than not. Of the texts of the development sets below the usual
threshold that reach these, all 4 have that direction.
"""
_FORCEFUL = frozenset({"ASSAULT", "MOBILIZE", "COERCE"})
_PROMISES = frozenset({"AGREE", "REQUEST"})
"""Peaceful acts that are done by being announced."""
_UNREAL = frozenset({Modality.HISTORICAL, Modality.FIGURATIVE, Modality.NEGATED})
_DONE = frozenset({Modality.ACTUAL, Modality.ALLEGED})
RECAP_AGE = timedelta(hours=24)
"""How long before its article a background event is taken to have happened when nothing says it better."""
DAYS_OF_NEWS = 1
"""What happened this many days before its article is as new as the article; publication dates it well enough."""

_EARLIER = re.compile(
    r"\b(earlier (this|in the) (week|month)|last (week|month)|(days?|weeks?) (ago|earlier)|previous(ly)?|"
    r"(the )?recent|followed|in response to|came after|had (earlier|already))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence or clause. `start` and `end` are offsets in the document.

    `lead` marks title and first sentences, `paragraph` counts from 0. `link` says how a clause hangs on the one before
    it, `subject` who did what it tells where only that one says so. `language` is the article's.
    """

    index: int
    start: int
    end: int
    text: str
    lead: bool
    paragraph: int = 0
    link: Link = Link.NONE
    subject: str = ""
    language: str = ENGLISH

    @property
    def passage(self) -> str:
        """What the model is given to read: the text with its subject before it."""
        return f"{self.subject} {self.text}" if self.subject else self.text


@dataclass(frozen=True, slots=True)
class Band:
    """Where the model abstains, 0 ≤ low ≤ high ≤ 1.

    A direction that is the first choice makes an event from a probability of `high` on; from `low` up to `high` it is
    undecided, which is shown and counts nothing; below, the text is neutral.
    """

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Undecided:
    """A sentence the model leans on but does not decide. `start` and `end` are offsets in the document."""

    start: int
    end: int
    text: str
    signal: Signal
    confidence: float


def undecided(sentences: Sequence[Sentence], codings: Sequence[Coding], band: Band) -> list[Undecided]:
    """The sentences whose first choice is a direction inside the band, in order."""
    found = []
    for sentence, coding in zip(sentences, codings, strict=True):
        signal, share = _first_choice(coding)
        is_open = band.low <= share < band.high and not _seconded(sentence, coding)
        if signal is not Signal.NEUTRAL and is_open and _type(sentence, coding, signal):
            found.append(Undecided(sentence.start, sentence.end, sentence.text, signal, share))
    return found


def _first_choice(coding: Coding) -> tuple[Signal, float]:
    signal = Signal(max(coding.signal, key=coding.signal.__getitem__))
    return signal, coding.signal[signal]


def _likeliest_type(coding: Coding) -> str:
    return max(coding.event_type, key=coding.event_type.__getitem__)


def mark_leads(spans: Sequence[tuple[int, int]], document: str, title: str, language: str = ENGLISH) -> list[Sentence]:
    """Sentences from their spans, with the title and the first two full sentences marked as lead.

    A line that repeats the title, or is too short to say anything, does not use up a place.
    """
    sentences, left, paragraph, before = [], LEAD_SENTENCES, 0, 0
    for index, (start, end) in enumerate(spans):
        text = document[start:end]
        is_title = bool(title) and end <= len(title)
        counts = not is_title and word_count(text) >= SHORTEST_LEAD and text.strip(" .") != title.strip(" .")
        paragraph += "\n" in document[before:start]
        sentences.append(Sentence(index, start, end, text, is_title or left > 0, paragraph, language=language))
        left, before = left - counts, end
    return sentences


def extract(
    sentences: Sequence[Sentence], codings: Sequence[Coding], published_at: datetime, threshold: float
) -> list[Event]:
    """The events the sentences state, without their parties, in order.

    A sentence states an event when escalation or de-escalation is the model's first choice with at least
    `threshold` (0 … 1) probability. What is history, a game, untrue or an onlooker's opinion is kept as a neutral
    event, to be shown.
    """
    possible = [coding.modality[Modality.HISTORICAL] >= LEAST_HISTORICAL for coding in codings]
    is_play = frame.is_match(sentences) or frame.is_blaze(sentences)
    past = frame.past(sentences, possible, published_at)
    times = when.said([sentence.text for sentence in sentences], published_at)
    onlookers, quoted = frame.by_onlookers(sentences), speech.quoted(sentences)
    found = []
    for sentence, coding, is_past, is_onlookers, is_quoted, said in zip(
        sentences, codings, past, onlookers, quoted, times, strict=True
    ):
        view = None
        if is_past:
            view = Modality.HISTORICAL
        elif is_play and not frame.is_bloody(sentence.text):
            view = Modality.FIGURATIVE
        elif is_onlookers and frame.is_opinion(sentence.text, _likeliest_type(coding)):
            view = Modality.HYPOTHETICAL
        if (event := _event(sentence, coding, published_at, threshold, view, said)) is not None:
            found.append(replace(event, quoted=True) if is_quoted else event)
    return found


def uneventful(sentence: Sentence, coding: Coding, published_at: datetime) -> Event:
    """What a sentence without a direction tells, for showing who and where: an event that counts nothing.

    Its type is the model's first choice, `NONE` included.
    """
    return Event(
        start=sentence.start,
        end=sentence.end,
        text=sentence.text,
        sentence=sentence.index,
        signal=Signal.NEUTRAL,
        type=_likeliest_type(coding),
        mode="",
        actors=(),
        recipients=(),
        places=(),
        regions=(),
        place_name="",
        modality=Modality.ACTUAL,
        role=ArticleRole.BODY,
        level=0,
        intensity=0.0,
        confidence=coding.signal[Signal.NEUTRAL],
        at=published_at,
    )


def _event(
    sentence: Sentence,
    coding: Coding,
    published_at: datetime,
    threshold: float,
    view: Modality | None,
    said: when.Said | None,
) -> Event | None:
    seconded = _seconded(sentence, coding)
    signal, share = seconded or _first_choice(coding)
    if signal is Signal.NEUTRAL or (share < threshold and not seconded):
        return None
    root, level, event_type = _root(sentence, coding, signal), _level(coding), _type(sentence, coding, signal)
    if event_type is None:
        return None
    has_words = not _is_body(sentence) or wording.may_be(root, sentence.text)
    modality = view or _modality(coding, sentence, root)
    if _is_threat(root, modality, signal):
        event_type = TYPES["THREATEN.force" if root in _FORCEFUL else "THREATEN.nonforce"]
        root = event_type.root
    elif modality is Modality.THREATENED and signal is Signal.DE_ESCALATION:
        modality = Modality.ACTUAL if root in _PROMISES else Modality.PLANNED
    role = _role(sentence, published_at, said)
    counts = view is None and modality not in _UNREAL and not _is_idle(sentence, root, modality)
    if counts and not has_words:
        return None
    harmed = casualty_reader.read(sentence.text, sentence.start)
    return Event(
        start=sentence.start,
        end=sentence.end,
        text=sentence.text,
        sentence=sentence.index,
        signal=signal if counts else Signal.NEUTRAL,
        type=root,
        mode=event_type.mode,
        actors=(),
        recipients=(),
        places=(),
        regions=(),
        place_name="",
        modality=modality,
        role=role,
        level=level if counts else 0,
        intensity=_intensity(event_type, modality, harmed) if counts else 0.0,
        confidence=share,
        at=event_time(role, modality, said, published_at),
        words=tuple((sentence.start + a, sentence.start + b, weight) for a, b, weight in coding.words),
        casualties=harmed,
    )


def _is_body(sentence: Sentence) -> bool:
    """Whether rules for the English of the body apply: in the lead the model alone decides what is news."""
    return not sentence.lead and sentence.language == ENGLISH


def _seconded(sentence: Sentence, coding: Coding) -> tuple[Signal, float] | None:
    """The direction of an act of speech the model is sure of, where it hesitates only whether that matters.

    In the body of an article about a quarrel it does.
    """
    root = _likeliest_type(coding)
    if root not in _DIRECTION or not _is_body(sentence) or coding.event_type[root] < SURE_OF_TYPE:
        return None
    signal, least = _DIRECTION[root]
    share = coding.signal[signal]
    return (signal, share) if share >= least else None


def _is_idle(sentence: Sentence, root: str, modality: Modality) -> bool:
    """Whether the body tells what is no news by the annotation guide: what might be, and the protest of a few.

    In the lead either can be what the article is about.
    """
    if not _is_body(sentence):
        return False
    is_fancy = modality is Modality.HYPOTHETICAL and not frame.is_real_all_the_same(sentence.text)
    return is_fancy or (root == "PROTEST" and frame.is_small_protest(sentence.text))


def _intensity(event_type: EventType, modality: Modality, harmed: Sequence[Casualty]) -> float:
    """That of the type; deaths add to it where they are told as done or claimed, not as meant or denied."""
    return with_deaths(event_type.intensity, deaths(harmed)) if modality in _DONE else event_type.intensity


def _root(sentence: Sentence, coding: Coding, signal: Signal) -> str:
    known = ROOTS_BY_SIGNAL[signal] - ({"THREATEN"} if sentence.link is Link.OUTCOME else set())
    return max(known, key=lambda name: (coding.event_type[name], name))


def _level(coding: Coding) -> int:
    return int(max(("1", "2", "3", "4"), key=coding.level.__getitem__))


def _type(sentence: Sentence, coding: Coding, signal: Signal) -> EventType | None:
    """The lexicon of modes is English: in another language its words, such as "sanction", may mean something else."""
    words = sentence.text if sentence.language == ENGLISH else ""
    return modes.decide(_root(sentence, coding, signal), signal, _level(coding), words)


def event_time(role: ArticleRole, modality: Modality, said: when.Said | None, published_at: datetime) -> datetime:
    """When the event happened, as far as scores can use it.

    News is dated at publication: so are the reports it is compared with, and so nothing it says can make it too old
    for an alert or move the beginning of an incident. Background is dated at the end of the day, week or month that
    is said of it, which is at least a day before publication; a day before where none is. A date further back than
    `frame.FRESH` is believed only of history.
    """
    if role is not ArticleRole.BACKGROUND:
        return published_at
    usual = published_at - RECAP_AGE
    if said is None:
        return usual
    end = datetime.combine(said.last, time(23, 59), UTC)
    may_be = modality is Modality.HISTORICAL or published_at - end <= frame.FRESH
    return min(usual, end) if may_be else usual


def _modality(coding: Coding, sentence: Sentence, root: str) -> Modality:
    if (unreal := frame.unreal(sentence.text, root)) is not None:
        return unreal
    ruled_out = {"none", Modality.THREATENED} if sentence.link is Link.OUTCOME else {"none"}
    known = {label: p for label, p in coding.modality.items() if label not in ruled_out}
    return Modality(max(known, key=known.__getitem__))


def _is_threat(root: str, modality: Modality, signal: Signal) -> bool:
    """A threatened hostile act is a THREATEN event, never the act itself."""
    return modality is Modality.THREATENED and signal is Signal.ESCALATION and root != "THREATEN"


def _role(sentence: Sentence, published_at: datetime, said: when.Said | None) -> ArticleRole:
    """What the news came after is background even where it stands in the lead."""
    if sentence.link in {Link.EARLIER, Link.BEFOREHAND}:
        return ArticleRole.BACKGROUND
    return ArticleRole.LEAD if sentence.lead else _role_in_body(sentence.text, published_at, said)


def _role_in_body(text: str, published_at: datetime, said: when.Said | None) -> ArticleRole:
    """What is dated before the news, or put in words that look back, is background."""
    is_old = said is not None and (published_at.date() - said.last).days > DAYS_OF_NEWS
    return ArticleRole.BACKGROUND if is_old or _EARLIER.search(text) else ArticleRole.BODY
