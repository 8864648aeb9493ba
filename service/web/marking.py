"""A text with what was read in it: sentences of events, the words that decided, names and their parts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil

from service.domain.events.event import Event
from service.domain.events.signal import MentionRole, Signal
from service.operations import present
from service.operations.highlight import Name, Piece, passages

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
class Mark:
    """A piece of text as it is shown: `css` class names and `hint` are empty for plain text."""

    text: str
    css: str
    hint: str


def deciding(word: str, weight: float, heaviest: float) -> Mark:
    """A word that decided, the more striking the nearer its weight is to the heaviest of the sentence."""
    strength = max(1, ceil(round(STRENGTHS * abs(weight) / heaviest, 6)))
    return Mark(word, f"word {'for' if weight > 0 else 'against'} w{strength}", f"weight {weight:+.2f}")


def sentence(text: str, words: Sequence[tuple[int, int, float]]) -> list[Mark]:
    """A sentence on its own, complete and in order; `words` are those that decided, with their places in it."""
    found, at = [], 0
    heaviest = max((abs(weight) for _, _, weight in words), default=0.0)
    for start, end, weight in sorted(words):
        if weight and at <= start < end:
            found += [Mark(text[at:start], "", ""), deciding(text[start:end], weight, heaviest)]
            at = end
    return [mark for mark in (*found, Mark(text[at:], "", "")) if mark.text]


@dataclass(frozen=True, slots=True)
class Marked:
    """The sentence of an event, given by its index, or what stands between two. Offsets are in the document."""

    start: int
    end: int
    event: int | None
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Marking:
    """A document, its events and its names, as `marked.html` shows them."""

    document: str
    events: Sequence[Event]
    names: Sequence[Name] = ()
    signs: Mapping[Signal, str] = field(default_factory=lambda: SIGNS)

    def between(self, start: int, end: int) -> list[Marked]:
        """A part of the document, complete and in order."""
        found = passages(self.document, start, end, self.events, self.names)
        return [Marked(p.start, p.end, p.event, tuple(self._mark(piece, p.event) for piece in p.pieces)) for p in found]

    def _mark(self, piece: Piece, event: int | None) -> Mark:
        """Words stand out by their share of the heaviest in the sentence, 1 to `STRENGTHS`."""
        css, hint = [], []
        if piece.name is not None:
            css.append("name")
            hint.append(f"{piece.name.code}: {ROLES[piece.name.role]}")
        if piece.weight:
            word = deciding(piece.text, piece.weight, self._heaviest(event))
            css.append(word.css)
            hint.append(word.hint)
        return Mark(piece.text, " ".join(css), "; ".join(hint))

    def _heaviest(self, index: int | None) -> float:
        return (
            max((abs(weight) for _, _, weight in self.events[index].words), default=0.0) if index is not None else 0.0
        )

    @staticmethod
    def who(event: Event) -> str:
        """Who does it to whom."""
        actors, recipients = "+".join(event.actors), "+".join(event.recipients)
        return f"{actors} → {recipients}" if recipients else actors

    @staticmethod
    def source(event: Event) -> str:
        """Who says it."""
        return present.source(event)

    @staticmethod
    def harmed(event: Event) -> str:
        """Its figures."""
        return present.casualties(event)

    def deciding(self, event: Event) -> str:
        """The words that decided, the heaviest first."""
        ordered = sorted(event.words, key=lambda word: -abs(word[2]))
        return ", ".join(f"{self.document[start:end]} {weight:+.2f}" for start, end, weight in ordered)
