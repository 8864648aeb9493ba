"""Finds countries, groups, organisations, regions and cities in English news text.

An Aho-Corasick automaton over lower-cased names proposes, three checks dispose: word boundaries, casing (a name must be
written as a name; ALL CAPS and Title Case headlines count) and, for names with look-alikes, a rule from
`config/places/rules.yaml`. Masks are phrases that hold a name without meaning it; they win by length and say nothing.
Everything is compiled into `service/data/gazetteer.json` by `tools/compile_gazetteer.py`.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any

from service.domain.events.geography import Geography, Place
from service.domain.events.place import Mention, MentionKind

WINDOW = 200
"""How many characters to either side count as near."""
MASK = ""
PUNCTUATION = {
    **dict.fromkeys(map(ord, "\u2018\u2019\u02bc\u02bb`\u00b4\u2032"), "'"),
    **dict.fromkeys(range(0x2010, 0x2015), "-"),
}
LETTERS = {"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i", "ð": "d", "ħ": "h", "Ħ": "H"}
WORD = re.compile(r"[^\W_]+")
NEXT_WORD = re.compile(r"\s?(?:[A-Z]\. )?([^\W\d_][\w'-]*)")
LAST_WORD = re.compile(r"([^\W\d_][\w'-]*)(?: [A-Z]\.)? $")
OFFICE_OF = re.compile(
    r"\b(?:president|king|queen|minister|governor|leader|ruler|republic|kingdom) of $", re.IGNORECASE
)
LINE_BREAK = re.compile(r"[.!?:;] |\n")
WEB_TAIL = re.compile(r"\.(?:com|org|net|gov|info|co|[a-z]{2})\b(?![. ])|/\w")


@dataclass(frozen=True, slots=True)
class Folded:
    """A text made comparable, with the way back: `origin[i]` is where character `i` of `text` stood (None: at `i`)."""

    text: str
    lower: str
    origin: Sequence[int] | None
    original: str
    said: dict[re.Pattern[str], bool] = field(default_factory=dict)

    def says(self, cue: re.Pattern[str]) -> bool:
        """Whether a cue stands anywhere in the text; looked up once."""
        if cue not in self.said:
            self.said[cue] = bool(cue.search(self.text))
        return self.said[cue]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Offsets into the original text; characters dropped at the end of a name stay outside it."""
        if self.origin is None:
            return start, end
        return self.origin[start], self.origin[end - 1] + 1

    def is_accented(self, start: int, end: int) -> bool:
        """Whether diacritics were folded away between two places."""
        first, last = self.span(start, end)
        return not self.original[first:last].isascii()


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
class Name:
    """A surface form and what it stands for; `code` is empty for a mask."""

    surface: str
    code: str
    kind: MentionKind
    countries: tuple[str, ...] = ()
    rule: Rule | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A name found at a place in the folded text."""

    start: int
    end: int
    name: Name
    code: str = ""


def fold(text: str) -> Folded:
    """Straight quotes and hyphens, no diacritics or invisible characters, single blanks; all with offsets kept.

    Between paragraphs a line break stays.
    """
    if text.isascii() and "  " not in text and not any(mark in text for mark in "\t\n\r"):
        return Folded(text, text.lower(), None, text)
    kept: list[str] = []
    origin: list[int] = []
    in_blanks, line_ends = False, 0
    for place, char in enumerate(text):
        blank = char.isspace()
        if blank:
            line_ends = line_ends * in_blanks + (char == "\n")
            if in_blanks:
                kept[-1] = "\n" if line_ends > 1 else " "
                continue
        folded = " " if blank else char if char.isascii() else _plain(char)
        if folded:
            kept.append(folded)
            origin.append(place)
            in_blanks = blank
    joined = "".join(kept)
    return Folded(joined, "".join(map(_lower, kept)), origin, text)


def _lower(char: str) -> str:
    """Lower case of one character where that is one character too."""
    low = char.lower()
    return low if len(low) == 1 else char


@lru_cache(maxsize=4096)
def _plain(char: str) -> str:
    """One character made comparable: one character, or none when it is to be dropped."""
    if unicodedata.category(char) in ("Mn", "Cf"):
        return ""
    char = LETTERS.get(char, char).translate(PUNCTUATION)
    base = unicodedata.normalize("NFKD", char)[0]
    return base if base.isalnum() or not char.isalnum() else char


def casing_fits(surface: str, written: str) -> bool:
    """Whether a name is written as a name: as listed, in ALL CAPS, or with small words in Title Case."""
    if surface == written:
        return True
    pairs = zip(WORD.findall(surface), WORD.findall(written), strict=False)
    return all(
        listed == seen or seen == listed.upper() or (listed.islower() and seen == listed.capitalize())
        for listed, seen in pairs
    )


class CompiledGazetteer:
    """The gazetteer of `service/data/gazetteer.json`: `mentions(text)` and look-ups over its codes."""

    def __init__(self, compiled: Mapping[str, Any]) -> None:
        """Build the automaton; use `load` unless you have the compiled content at hand."""
        self.version: str = compiled["version"]
        self.geography = _geography(compiled)
        words = compiled.get("words", {})
        self._given_names = frozenset(words.get("given_names", ()))
        self._headwords = frozenset(words.get("headwords", ()))
        self._states = re.compile(r",? ?(?:" + "|".join(words.get("us_states", ["$^"])) + r")(?![\w])")
        self._names = dict(_names(compiled, self.geography))
        self._automaton = _automaton(self._names)

    @classmethod
    def load(cls, path: Path | None = None) -> "CompiledGazetteer":
        """Read the compiled gazetteer: the packaged one, or the file at `path`."""
        source = path or files("service.data") / "gazetteer.json"
        return cls(json.loads(source.read_text(encoding="utf-8")))

    @cached_property
    def country_codes(self) -> frozenset[str]:
        """All alpha-3 codes it knows, XKX for Kosovo included."""
        return frozenset(self.geography.countries)

    def name(self, code: str) -> str:
        """The display name of a code ("IRN" → "Iran", "PSE:HAMAS" → "Hamas")."""
        return self.geography.name(code)

    def m49(self, code: str) -> str | None:
        """The UN M49 sub-region of a country ("IRN" → "034")."""
        return self.geography.m49(code)

    def m49_name(self, code: str) -> str | None:
        """The name of a UN M49 sub-region ("034" → "Southern Asia")."""
        return self.geography.m49_name(code)

    def countries_of(self, code: str) -> tuple[str, ...]:
        """The countries a code stands for, lies in or belongs to."""
        return self.geography.countries_of(code)

    def regions_of(self, country: str) -> frozenset[str]:
        """The named regions (`region:slug`) lying in a country."""
        return self.geography.regions_of(country)

    def mentions(self, text: str) -> list[Mention]:
        """The names in a text, sorted by place, none overlapping; offsets are into `text` as given."""
        folded = fold(text)
        chosen = _leftmost_longest(self._candidates(folded))
        return [self._mention(text, folded, found) for found in chosen if found.code]

    def _mention(self, text: str, folded: Folded, found: Candidate) -> Mention:
        start, end = folded.span(found.start, found.end)
        same = found.code == found.name.code
        kind = found.name.kind if same else _kind(found.code, found.name.kind)
        countries = found.name.countries if same else self.countries_of(found.code)
        return Mention(start, end, text[start:end], found.code, kind, countries)

    def _candidates(self, folded: Folded) -> Iterator[Candidate]:
        text = folded.text
        for last, names in self._automaton.iter(folded.lower):
            end = last + 1
            for name in names:
                start = end - len(name.surface)
                if not _bounded(text, start, end) or not casing_fits(name.surface, text[start:end]):
                    continue
                code = self._meaning(folded, start, end, name)
                if code is not None:
                    yield Candidate(start, end, name, code)

    def _meaning(self, folded: Folded, start: int, end: int, name: Name) -> str | None:
        """The code meant here; None when the name is only a look-alike."""
        rule, text = name.rule, folded.text
        placed = name.kind in (MentionKind.CAPITAL, MentionKind.CITY)
        if (placed or (rule and rule.state)) and self._states.match(text, end):
            return rule.otherwise if rule else None
        if rule is None:
            return name.code
        before, after = text[max(0, start - 60) : start], text[end : end + 60]
        if not self._is_written_out(rule, folded, start, end) or self._is_person(rule, text, start, end):
            return None
        if _refused(rule, before, after):
            return rule.otherwise
        near = text[max(0, start - WINDOW) : start] + " | " + text[end : end + WINDOW]
        for code, cue in rule.senses:
            if cue.search(near):
                return code
        return name.code if _near_allows(rule, near, folded) else rule.otherwise

    def _is_person(self, rule: Rule, text: str, start: int, end: int) -> bool:
        """Whether the name is part of somebody's name, as far as its rule asks."""
        if rule.given and self._is_given_name(text, start, end):
            return True
        return bool(rule.surname) and self._is_surname(text, start, end, loose=rule.surname == "any")

    @staticmethod
    def _is_written_out(rule: Rule, folded: Folded, start: int, end: int) -> bool:
        """Whether the letters are as the rule wants them: with their diacritics, not inside an ALL CAPS line."""
        if not rule.caps and _all_caps(folded.text, start, end):
            return False
        return not rule.exact or folded.is_accented(start, end)

    def _is_given_name(self, text: str, start: int, end: int) -> bool:
        """Whether a surname follows: a capitalised word that is no title, country or word of a headline."""
        match = NEXT_WORD.match(text, end)
        if not match or text[end : end + 1] != " " or OFFICE_OF.search(text[max(0, start - 24) : start]):
            return False
        word = match.group(1).removesuffix("'s")
        if not word[0].isupper() or word.isupper() or word in self._headwords or word.lower() in self._names:
            return False
        return not _title_case(text, start, end)

    def _is_surname(self, text: str, start: int, end: int, *, loose: bool) -> bool:
        """Whether a given name precedes; `loose` also takes any capitalised word in mid-sentence for one."""
        match = LAST_WORD.search(text[max(0, start - 40) : start])
        if not match:
            return False
        word = match.group(1)
        if word.capitalize() in self._given_names and word[0].isupper():
            return True
        if not loose or not word[0].isupper() or word.isupper():
            return False
        if word in self._headwords or word.lower() in self._names:
            return False
        first = max(0, start - 40) + match.start() if start > 40 else match.start()
        opening = text[:first].rstrip(" \"'“”(")
        if not opening or opening[-1] in ".!?:;\n":
            return False
        return not _title_case(text, start, end)


def _kind(code: str, listed: MentionKind) -> MentionKind:
    """The kind of another sense of a name, read off its code."""
    if code.startswith("region:"):
        return MentionKind.REGION
    if code.startswith("city:"):
        return MentionKind.CITY
    if ":" in code:
        return MentionKind.GROUP
    country_like = (MentionKind.COUNTRY, MentionKind.DEMONYM, MentionKind.CAPITAL)
    return listed if listed in country_like and len(code) == 3 else MentionKind.IGO


def _geography(compiled: Mapping[str, Any]) -> Geography:
    countries: Mapping[str, Mapping[str, str]] = compiled["countries"]
    return Geography(
        countries={code: entry["name"] for code, entry in countries.items()},
        subregions={code: entry["m49"] for code, entry in countries.items() if "m49" in entry},
        subregion_names=compiled["m49"],
        places={code: Place(entry["name"], tuple(entry["countries"])) for code, entry in compiled["places"].items()},
    )


def _names(compiled: Mapping[str, Any], geography: Geography) -> Iterator[tuple[str, list[Name]]]:
    """Names by their lower-case form: several may differ in casing only."""
    rules = {surface: _rule(entry) for surface, entry in compiled["rules"].items()}
    by_form: dict[str, list[Name]] = {}
    for surface, (code, kind) in compiled["names"].items():
        plain = fold(surface).text
        name = Name(plain, code, MentionKind(kind), geography.countries_of(code), rules.get(surface))
        _put(by_form, name)
    for surface in compiled["masks"]:
        _put(by_form, Name(fold(surface).text, MASK, MentionKind.REGION))
    yield from by_form.items()


def _put(by_form: dict[str, list[Name]], name: Name) -> None:
    known = by_form.setdefault(name.surface.lower(), [])
    if all(other.surface != name.surface for other in known):
        known.append(name)


def _automaton(names: Mapping[str, list[Name]]) -> Any:
    automaton = import_module("ahocorasick").Automaton()
    for form, meanings in names.items():
        automaton.add_word(form, meanings)
    automaton.make_automaton()
    return automaton


def _rule(entry: Mapping[str, Any]) -> Rule:
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


def _refused(rule: Rule, before: str, after: str) -> bool:
    """Whether the words right before or after say that something else is meant."""
    if rule.after_not and rule.after_not.match(after):
        return True
    if rule.before_not and rule.before_not.search(before):
        return True
    wanted = [bool(rule.after.match(after))] if rule.after else []
    wanted += [bool(rule.before.search(before))] if rule.before else []
    return bool(wanted) and not any(wanted)


def _near_allows(rule: Rule, near: str, folded: Folded) -> bool:
    """Whether the cues around allow the name: its own win over its look-alike's, near ones over far ones."""
    if rule.if_near and rule.if_near.search(near):
        return True
    if rule.unless_near and rule.unless_near.search(near):
        return False
    if rule.if_near and folded.says(rule.if_near):
        return True
    if rule.unless_near and folded.says(rule.unless_near):
        return False
    return not rule.need_near or bool(rule.need_near.search(near))


def _bounded(text: str, start: int, end: int) -> bool:
    """Whether a name stands as a word of its own: not inside a word, an address or a handle."""
    if start and (text[start - 1].isalnum() or text[start - 1] in "_@/"):
        return text[start - 1] == "/" and "//" not in text[max(0, start - 12) : start] and not WEB_TAIL.match(text, end)
    if end < len(text) and (text[end].isalnum() or text[end] == "_"):
        return False
    return not (end < len(text) and text[end] in "./" and WEB_TAIL.match(text, end) and text[end] == ".")


def _line(text: str, start: int, end: int) -> str:
    """The sentence or headline around a name, as far as it is near."""
    first = max(0, start - WINDOW)
    opening = max((match.end() for match in LINE_BREAK.finditer(text, first, start)), default=first)
    closing = LINE_BREAK.search(text, end, end + WINDOW)
    return text[opening : closing.start() if closing else end + WINDOW]


def _all_caps(text: str, start: int, end: int) -> bool:
    """Whether the line around a name is in ALL CAPS."""
    others = [word for word in WORD.findall(_line(text, start, end)) if len(word) > 2 and word.isalpha()]
    return len(others) > 2 and sum(word.isupper() for word in others) > 0.7 * len(others)


def _title_case(text: str, start: int, end: int) -> bool:
    """Whether the line around a name is a Title Case or ALL CAPS headline."""
    words = [word for word in WORD.findall(_line(text, start, end)) if len(word) > 3 and word.isalpha()]
    return len(words) > 3 and all(word[0].isupper() for word in words)


def _leftmost_longest(candidates: Iterable[Candidate]) -> Iterator[Candidate]:
    """Non-overlapping candidates: the leftmost first, of those the longest."""
    reached = 0
    for found in sorted(candidates, key=lambda one: (one.start, -one.end)):
        if found.start >= reached:
            reached = found.end
            yield found
