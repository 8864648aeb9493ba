"""An article's document cut into passages: the sentences of its events, and in them the words and names that count."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from service.domain.events.event import Event
from service.domain.events.signal import MentionRole
from service.pipeline.attribute import named
from service.ports import CodedArticle


@dataclass(frozen=True, slots=True)
class Name:
    """A name in the document: `start` and `end` are its offsets, `code` what it stands for."""

    start: int
    end: int
    code: str
    role: MentionRole


@dataclass(frozen=True, slots=True)
class Piece:
    """Text that is all of one kind. `weight` is 0 but in a deciding word, minus where that spoke against the signal."""

    text: str
    weight: float
    name: Name | None


@dataclass(frozen=True, slots=True)
class Passage:
    """The sentence of an event, or what stands between two. `event` is the event's index, None between."""

    start: int
    end: int
    event: int | None
    pieces: tuple[Piece, ...]


def names_in(coded: CodedArticle) -> list[Name]:
    """All names of a coded article, with their likeliest roles and their offsets in its document."""
    found = named(coded)
    return [
        Name(s.start + n.mention.start, s.start + n.mention.end, n.mention.code, n.role)
        for s in coded.sentences
        for n in found[s.index]
    ]


def passages(
    document: str, start: int, end: int, events: Sequence[Event], names: Sequence[Name]
) -> tuple[Passage, ...]:
    """The document from `start` to `end`, complete and in order. Of events that overlap the first keeps its text."""
    return tuple(_passages(document, start, end, events, names))


def _passages(document: str, start: int, end: int, events: Sequence[Event], names: Sequence[Name]) -> Iterator[Passage]:
    at = start
    for index in sorted(range(len(events)), key=lambda i: (events[i].start, i)):
        event = events[index]
        begins, ends = max(at, event.start), min(end, event.end)
        if begins < ends:
            if at < begins:
                yield Passage(at, begins, None, _pieces(document, at, begins, (), names))
            yield Passage(begins, ends, index, _pieces(document, begins, ends, event.words, names))
            at = ends
    if at < end:
        yield Passage(at, end, None, _pieces(document, at, end, (), names))


def _pieces(
    document: str, start: int, end: int, words: Sequence[tuple[int, int, float]], names: Sequence[Name]
) -> tuple[Piece, ...]:
    inside = [n for n in names if n.start < end and n.end > start]
    edges = {*_edges((a, b) for a, b, _ in words), *_edges((n.start, n.end) for n in inside)}
    cuts = [start, *sorted(edge for edge in edges if start < edge < end), end]
    return tuple(
        Piece(
            text=document[a:b],
            weight=next((weight for begin, stop, weight in words if begin <= a < stop), 0.0),
            name=next((n for n in inside if n.start <= a < n.end), None),
        )
        for a, b in pairwise(cuts)
    )


def _edges(spans: Iterable[tuple[int, int]]) -> set[int]:
    return {edge for span in spans for edge in span}
