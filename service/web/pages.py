"""Pages as complete HTML documents: no script, no request to anywhere, style inside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from service.domain.events.event import Event
from service.domain.events.signal import MentionRole, Signal
from service.domain.news.article import TITLE_BREAK
from service.operations import present
from service.operations.highlight import Piece, names_in, passages
from service.operations.preview import Preview
from service.web.rendering import environment

STRENGTHS = 3
"""Steps by which heavier words stand out more."""
SIGNS: Mapping[Signal, str] = {Signal.ESCALATION: "▲", Signal.DE_ESCALATION: "▼", Signal.NEUTRAL: "●"}
"""What tells the directions apart beside their colours."""
ROLES: Mapping[MentionRole, str] = {
    MentionRole.ACTOR: "does it",
    MentionRole.RECIPIENT: "to whom it is done",
    MentionRole.BOTH: "both does it and has it done",
    MentionRole.PLACE: "where it happens",
    MentionRole.THIRD: "third party",
    MentionRole.MENTION: "only mentioned",
}


@dataclass(frozen=True, slots=True)
class _Mark:
    """A piece of text as it is shown: `css` class names and `hint` are empty for plain text."""

    text: str
    css: str
    hint: str


@dataclass(frozen=True, slots=True)
class _Passage:
    start: int
    end: int
    event: int | None
    marks: tuple[_Mark, ...]


def explain_page(shown: Preview, versions: Mapping[str, str]) -> str:
    """What one article says: its label, its events as a table, and its text with sentences and words marked.

    Everything that comes from the article is escaped; signs that would forbid or disturb the page are shown as U+FFFD.
    """
    article, events = shown.article, shown.coded.events
    text_at = len(article.title) + len(TITLE_BREAK) if article.title else 0
    return _ENVIRONMENT.get_template("explain.html").render(
        article=article,
        label=shown.label,
        lead=shown.lead_signal,
        ignored=shown.coded.ignored,
        events=events,
        signs=SIGNS,
        who=_who,
        source=present.source,
        harmed=present.casualties,
        deciding=lambda event: _deciding(article.document, event),
        title=_marked(shown, 0, len(article.title)),
        text=_marked(shown, text_at, len(article.document)),
        versions=versions,
    )


def _marked(shown: Preview, start: int, end: int) -> Sequence[_Passage]:
    events = shown.coded.events
    names = names_in(shown.coded.answer)
    return [
        _Passage(p.start, p.end, p.event, tuple(_mark(piece, _heaviest(events, p.event)) for piece in p.pieces))
        for p in passages(shown.article.document, start, end, events, names)
    ]


def _heaviest(events: Sequence[Event], index: int | None) -> float:
    return max((abs(weight) for _, _, weight in events[index].words), default=0.0) if index is not None else 0.0


def _mark(piece: Piece, heaviest: float) -> _Mark:
    """Words stand out by their share of the heaviest in the sentence, 1 to `STRENGTHS`."""
    css, hint = [], []
    if piece.name is not None:
        css.append("name")
        hint.append(f"{piece.name.code}: {ROLES[piece.name.role]}")
    if piece.weight:
        strength = max(1, ceil(round(STRENGTHS * abs(piece.weight) / heaviest, 6)))
        css.append(f"word {'for' if piece.weight > 0 else 'against'} w{strength}")
        hint.append(f"weight {piece.weight:+.2f}")
    return _Mark(piece.text, " ".join(css), "; ".join(hint))


def _who(event: Event) -> str:
    actors, recipients = "+".join(event.actors), "+".join(event.recipients)
    return f"{actors} → {recipients}" if recipients else actors


def _deciding(document: str, event: Event) -> str:
    ordered = sorted(event.words, key=lambda word: -abs(word[2]))
    return ", ".join(f"{document[start:end]} {weight:+.2f}" for start, end, weight in ordered)


_ENVIRONMENT = environment()
