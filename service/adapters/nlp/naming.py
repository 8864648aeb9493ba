"""Names, the rules that go with them, and how they are written in a text."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from typing import Any

from service.domain.events.place import MentionKind

WORD = re.compile(r"[^\W_]+")
WEB_TAIL = re.compile(r"\.(?:com|org|net|gov|info|co|[a-z]{2})\b(?![. ])|/\w")
MASK = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """When a name with look-alikes is meant; see `config/places/rules.yaml` for what each key does."""

    given: bool = False
    surname: str = ""
    caps: bool = True
    exact: bool = False
    state: bool = False
    after_not: re.Pattern[str] | None = None
    before_not: re.Pattern[str] | None = None
    after: re.Pattern[str] | None = None
    before: re.Pattern[str] | None = None
    unless_near: re.Pattern[str] | None = None
    if_near: re.Pattern[str] | None = None
    need_near: re.Pattern[str] | None = None
    otherwise: str | None = None
    senses: tuple[tuple[str, re.Pattern[str]], ...] = ()


@dataclass(frozen=True, slots=True)
class Period:
    """What a name stood for before a day (not included); no code, nothing."""

    until: date
    code: str


@dataclass(frozen=True, slots=True)
class Name:
    """A surface form and what it stands for; `code` is empty for a mask."""

    surface: str
    code: str
    kind: MentionKind
    countries: tuple[str, ...] = ()
    rule: Rule | None = None
    periods: tuple[Period, ...] = ()


@dataclass(frozen=True, slots=True)
class Loose:
    """A name that says little alone: the codes it may stand for. `doubtful` ones need country and word of kind."""

    surface: str
    codes: tuple[str, ...]
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """A name found at a place in the folded text."""

    start: int
    end: int
    name: Name
    code: str = ""


def casing_fits(surface: str, written: str) -> bool:
    """Whether a name is written as a name: as listed, in ALL CAPS, or with small words in Title Case."""
    if surface == written:
        return True
    pairs = zip(WORD.findall(surface), WORD.findall(written), strict=False)
    return all(
        listed == seen or seen == listed.upper() or (listed.islower() and seen == listed.capitalize())
        for listed, seen in pairs
    )


def rule_of(entry: Mapping[str, Any]) -> Rule:
    """A rule as compiled from `config/places/rules.yaml`."""

    def cue(key: str) -> re.Pattern[str] | None:
        words = entry.get(key)
        return _any_of(words) if words else None

    def pattern(key: str, tail: str = "") -> re.Pattern[str] | None:
        return re.compile(entry[key] + tail) if key in entry else None

    return Rule(
        given=entry.get("given", False),
        surname=entry.get("surname", ""),
        caps=entry.get("caps", True),
        exact=entry.get("exact", False),
        state=entry.get("state", False),
        after_not=pattern("after_not"),
        before_not=pattern("before_not", "$"),
        after=pattern("after"),
        before=pattern("before", "$"),
        unless_near=cue("unless_near"),
        if_near=cue("if_near"),
        need_near=cue("need_near"),
        otherwise=entry.get("otherwise"),
        senses=tuple((sense["code"], _any_of(sense["near"])) for sense in entry.get("senses", ())),
    )


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile(r"(?<!\w)(?:" + "|".join(re.escape(word) for word in words) + r")(?!\w)", re.IGNORECASE)


def put(by_form: dict[str, list[Name]], name: Name) -> None:
    """Keep a name under its lower-case form, unless it stands there already."""
    known = by_form.setdefault(name.surface.lower(), [])
    if all(other.surface != name.surface for other in known):
        known.append(name)


def automaton_of(names: Mapping[str, Sequence[Name | Loose]]) -> Any:
    """An Aho-Corasick automaton that gives the names of each lower-case form."""
    automaton = import_module("ahocorasick").Automaton()
    for form, meanings in names.items():
        automaton.add_word(form, meanings)
    automaton.make_automaton()
    return automaton


def is_bounded(text: str, start: int, end: int) -> bool:
    """Whether a name stands as a word of its own: not inside a word, an address or a handle."""
    if start and (text[start - 1].isalnum() or text[start - 1] in "_@/"):
        return text[start - 1] == "/" and "//" not in text[max(0, start - 12) : start] and not WEB_TAIL.match(text, end)
    if end < len(text) and (text[end].isalnum() or text[end] == "_"):
        return False
    return not (end < len(text) and text[end] in "./" and WEB_TAIL.match(text, end) and text[end] == ".")


def kind_of(code: str, listed: MentionKind) -> MentionKind:
    """The kind of another sense of a name, read off its code."""
    if code.startswith("region:"):
        return MentionKind.REGION
    if code.startswith("city:"):
        return MentionKind.CITY
    if ":" in code:
        return MentionKind.GROUP
    country_like = (MentionKind.COUNTRY, MentionKind.DEMONYM, MentionKind.CAPITAL)
    return listed if listed in country_like and len(code) == 3 else MentionKind.IGO


def leftmost_longest(candidates: Iterable[Candidate]) -> Iterator[Candidate]:
    """Non-overlapping candidates: the leftmost first, of those the longest."""
    reached = 0
    for found in sorted(candidates, key=lambda one: (one.start, -one.end)):
        if found.start >= reached:
            reached = found.end
            yield found
