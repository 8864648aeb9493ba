"""The part of a text that may be shown of it: the sentences of its events with what stands before each, and no more."""

from collections.abc import Iterator, Sequence

from service.domain.events.event import Event

MOST = 1500
"""Characters of a text that are shown, besides its title."""
OPENING = 300
"""Characters that are shown of the beginning of a text in which no event was found."""
Span = tuple[int, int]
"""(start, end) in the document."""


def excerpt(
    document: str, start: int, sentences: Sequence[Span], events: Sequence[Event], most: int = MOST
) -> list[Span]:
    """Parts of the document from `start` on, in order and apart, of at most `most` characters together.

    What weighs most comes first where there is not room for all; without an event it is the beginning.
    """
    chosen = list(_wanted(start, sentences, events)) or [(start, min(len(document), start + OPENING))]
    kept: list[Span] = []
    for begin, end in dict.fromkeys(chosen):
        left = most - sum(b - a for a, b in kept)
        if left > 0 and begin < end:
            kept.append((begin, min(end, begin + left)))
    return _joined(document, sorted(kept))


def _wanted(start: int, sentences: Sequence[Span], events: Sequence[Event]) -> Iterator[Span]:
    """The sentences of each event, the heaviest first, then the one before them."""
    body = [(max(begin, start), end) for begin, end in sentences if end > start]
    for event in sorted(events, key=lambda e: (-e.mass, e.start)):
        mine = [n for n, (begin, end) in enumerate(body) if begin < event.end and event.start < end]
        yield from (body[n] for n in mine)
        yield from (body[mine[0] - 1] for _ in mine[:1] if mine[0])


def _joined(document: str, spans: Sequence[Span]) -> list[Span]:
    """Spans with nothing but blanks between them become one."""
    found: list[Span] = []
    for begin, end in spans:
        if found and not document[found[-1][1] : begin].strip():
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((begin, end))
    return found
