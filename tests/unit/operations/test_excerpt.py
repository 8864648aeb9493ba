"""No more of a text is shown than may be, and what is shown holds what counts."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from service.domain.events.event import Event
from service.operations.excerpt import MOST, OPENING, Span, excerpt
from tests.unit.domain.build import event

TITLE = "Title"
TEXT = "Nothing much. They met before. Iran attacked. It rained. All slept. They spoke. Pakistan answered."
DOCUMENT = f"{TITLE}\n\n{TEXT}"
START = len(TITLE) + 2


def sentences(document: str, start: int = START) -> list[Span]:
    found, at = [(0, len(TITLE))], start
    for part in document[start:].split(". "):
        found.append((at, min(len(document), at + len(part) + 1)))
        at += len(part) + 2
    return found


def telling(words: str, document: str = DOCUMENT, intensity: float = -9.0) -> Event:
    start = document.index(words)
    return replace(event(), start=start, end=start + len(words), text=words, intensity=intensity)


def parts(document: str, spans: list[Span]) -> list[str]:
    return [document[a:b] for a, b in spans]


def test_sentences_of_events_are_shown_with_the_one_before() -> None:
    events = [telling("Iran attacked"), telling("Pakistan answered")]
    shown = parts(DOCUMENT, excerpt(DOCUMENT, START, sentences(DOCUMENT), events))
    assert shown == ["They met before. Iran attacked.", "They spoke. Pakistan answered."]


def test_what_weighs_most_comes_first_where_there_is_little_room() -> None:
    events = [telling("Iran attacked", intensity=-3), telling("Pakistan answered", intensity=-9)]
    shown = parts(DOCUMENT, excerpt(DOCUMENT, START, sentences(DOCUMENT), events, most=18))
    assert shown == ["Pakistan answered."]
    assert parts(DOCUMENT, excerpt(DOCUMENT, START, sentences(DOCUMENT), events, most=8)) == ["Pakistan"]


def test_an_event_of_the_title_shows_nothing_of_the_text_but_its_beginning() -> None:
    shown = excerpt(DOCUMENT, START, sentences(DOCUMENT), [telling(TITLE)])
    assert shown == [(START, len(DOCUMENT))]


def test_without_an_event_only_the_beginning_is_shown() -> None:
    long = TITLE + "\n\n" + "word " * 1000
    assert excerpt(long, START, sentences(long), []) == [(START, START + OPENING)]
    assert excerpt(TITLE + "\n\n", START, [], []) == []


@given(st.lists(st.integers(1, 900), min_size=1, max_size=30), st.data())
def test_it_is_never_more_than_may_be_shown(lengths: list[int], data: st.DataObject) -> None:
    document = TITLE + "\n\n" + " ".join("x" * length for length in lengths)
    spans, at = [(0, len(TITLE))], START
    for length in lengths:
        spans.append((at, at + length))
        at += length + 1
    chosen = data.draw(st.lists(st.sampled_from(spans), max_size=8))
    events = [replace(event(), start=a, end=b, text=document[a:b]) for a, b in chosen]
    shown = excerpt(document, START, spans, events)
    assert sum(b - a for a, b in shown) <= MOST + len(shown) + len(lengths)
    assert all(START <= a < b <= len(document) for a, b in shown)
    assert all(before[1] < after[0] for before, after in pairwise(shown))
