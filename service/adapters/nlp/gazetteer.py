"""Finds countries, groups, organisations, regions and cities in news text.

An Aho-Corasick automaton over lower-cased names proposes, three checks dispose: word boundaries, casing (a name must
be written as a name; ALL CAPS and Title Case headlines count) and, for names with look-alikes, a rule from
`config/places/rules.yaml`. Masks are phrases that hold a name without meaning it; they win by length and say nothing.
A loose name, one of the many regions whose names say little alone, counts only where its country is named near or a
word of its kind follows. Everything is compiled into `service/data/gazetteer.json` by `tools/compile_gazetteer.py`;
names in other languages stand beside it and are read when first asked for.
"""

import json
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

from service.adapters.nlp.folding import Folded, fold
from service.adapters.nlp.naming import (
    MASK,
    WORD,
    Candidate,
    Loose,
    Name,
    Period,
    Rule,
    automaton_of,
    casing_fits,
    is_bounded,
    kind_of,
    leftmost_longest,
    put,
    rule_of,
)
from service.adapters.nlp.tongues import Tongue
from service.domain.events.geography import Geography, Place
from service.domain.events.place import Mention, MentionKind
from service.domain.news.language import ENGLISH

WINDOW = 200
"""How many characters to either side count as near."""
ANCHORS = frozenset({MentionKind.COUNTRY, MentionKind.DEMONYM, MentionKind.CAPITAL, MentionKind.CITY})
"""Kinds of names that say which country a loose name near them lies in."""
SHARED = frozenset({MentionKind.CAPITAL, MentionKind.CITY, MentionKind.GROUP})
"""Kinds of English names looked for in every language; those without look-alikes alone."""
SHORTEST_SHARED = 4
NAMESAKE = Rule(surname="given")
"""What holds for every city without a rule of its own: people are named after it."""
NOTHING: Mapping[str, Any] = {}
OF_ITS_KIND = re.compile(
    r"[ -](?:[Pp]rovinces?|[Rr]egions?|[Ss]tates?|[Oo]blasts?|[Kk]rai|[Gg]overnorates?|[Pp]refectures?|[Vv]oivodeships?"
    r"|[Cc]antons?)\b(?! (?:of the [Uu]nion|[Dd]epartment|[Uu]niversity))"
)
OF_ANY_KIND = re.compile(
    r"[ -](?:[Pp]rovinces?|[Rr]egions?|[Ss]tates?|[Oo]blasts?|[Kk]rai|[Gg]overnorates?|[Pp]refectures?|[Vv]oivodeships?"
    r"|[Cc]antons?|[Dd]epartments?|[Dd]istricts?|[Cc]ount(?:y|ies)|[Dd]ivisions?|[Tt]erritory|[Rr]epublic|[Ee]mirate)\b"
)
KIND_OF = re.compile(
    r"\b(?:[Pp]rovinces?|[Rr]egions?|[Ss]tates?|[Gg]overnorates?|[Pp]refectures?|[Dd]epartments?|[Dd]istricts?) of $"
)
NEXT_WORD = re.compile(r"\s?(?:[A-Z]\. )?([^\W\d_][\w'-]*)")
LAST_WORD = re.compile(r"([^\W\d_][\w'-]*)(?: [A-Z]\.)? $")
OFFICE_OF = re.compile(
    r"\b(?:president|king|queen|minister|governor|leader|ruler|republic|kingdom) of $", re.IGNORECASE
)
LINE_BREAK = re.compile(r"[.!?:;] |\n")


class CompiledGazetteer:
    """The gazetteer of `service/data/gazetteer.json`: `mentions(text)` and look-ups over its codes."""

    def __init__(
        self, compiled: Mapping[str, Any], languages: Callable[[], Mapping[str, Any]] = lambda: NOTHING
    ) -> None:
        """Build the automaton; use `load` unless you have the compiled content at hand.

        `languages` gives the names in other languages; it is asked once, when a text in one of them is read.
        """
        self.version: str = compiled["version"]
        self.geography = _geography(compiled)
        words = compiled.get("words", {})
        self._given_names = frozenset(fold(name).text for name in words.get("given_names", ()))
        self._headwords = frozenset(words.get("headwords", ()))
        self._states = re.compile(r",? ?(?:" + "|".join(words.get("us_states", ["$^"])) + r")(?![\w])")
        self._names = dict(_names(compiled, self.geography))
        self._automaton = automaton_of(_with_loose(self._names, compiled))
        self._languages = languages
        self._tongues: dict[str, Tongue | None] = {}

    @classmethod
    def load(cls, path: Path | None = None) -> "CompiledGazetteer":
        """Read the compiled gazetteer: the packaged one, or the file at `path`; other languages as packaged."""
        source = path or files("service.data") / "gazetteer.json"
        languages = files("service.data") / "gazetteer_languages.json"
        return cls(
            json.loads(source.read_text(encoding="utf-8")), lambda: json.loads(languages.read_text(encoding="utf-8"))
        )

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

    def claimants_of(self, code: str) -> tuple[str, ...]:
        """The states that claim a disputed country or region, the holder among them; none if undisputed."""
        return self.geography.claimants_of(code)

    def sponsors_of(self, code: str) -> tuple[str, ...]:
        """The states commonly reported to arm, pay or host a group."""
        return self.geography.sponsors_of(code)

    def mentions(self, text: str, language: str = ENGLISH, at: date | None = None) -> list[Mention]:
        """The names in a text, sorted by place, none overlapping; offsets are into `text` as given.

        `language` is a two-letter code, with or without a country: English has all names; es, fr, pt, ru, ar and zh
        have those of countries and what is spelt as in English; any other has only the latter. `at` is the day of the
        text, for names that meant something else then; without it a text is read as of now.
        """
        folded = fold(text)
        tongue = language.partition("-")[0].lower()
        found = self._english(folded) if tongue == ENGLISH else self._foreign(folded, tongue)
        chosen = leftmost_longest(found)
        mentions = (self._mention(text, folded, one, _code_at(one, at)) for one in chosen if one.code)
        return [mention for mention in mentions if mention.code]

    def _mention(self, text: str, folded: Folded, found: Candidate, code: str) -> Mention:
        start, end = folded.span(found.start, found.end)
        same = code == found.name.code
        kind = found.name.kind if same else kind_of(code, found.name.kind)
        countries = found.name.countries if same else self.countries_of(code)
        return Mention(start, end, text[start:end], code, kind, countries, folded.is_disguised(start, end))

    def _english(self, folded: Folded) -> list[Candidate]:
        """Names that are sure where they stand, and loose ones those around speak for."""
        firm: list[Candidate] = []
        loose: list[tuple[int, int, Loose]] = []
        for start, end, name in self._written(folded):
            if isinstance(name, Loose):
                loose.append((start, end, name))
                continue
            code = self._meaning(folded, start, end, name)
            if code is not None:
                firm.append(Candidate(start, end, name, code))
        if not loose:
            return firm
        anchors = [found for found in leftmost_longest(firm) if found.code and found.name.kind in ANCHORS]
        spoken_for = ((s, e, name, self._loose_code(folded, s, e, name, anchors)) for s, e, name in loose)
        return firm + [Candidate(s, e, self._region(name, code), code) for s, e, name, code in spoken_for if code]

    def _region(self, name: Loose, code: str) -> Name:
        return Name(name.surface, code, MentionKind.REGION, self.countries_of(code))

    def _foreign(self, folded: Folded, language: str) -> list[Candidate]:
        """What a text in another language holds: its own names of countries, and English ones it shares."""
        if language not in self._tongues:
            content = self._languages().get(language)
            self._tongues[language] = Tongue(content, self.geography) if content else None
        tongue = self._tongues[language]
        kinds = SHARED if tongue else SHARED | {MentionKind.COUNTRY}
        own = list(tongue.candidates(folded)) if tongue else []
        return own + [
            Candidate(start, end, name, name.code)
            for start, end, name in self._written(folded)
            if isinstance(name, Name)
            and (
                not name.code
                or (name.kind in kinds and name.rule in {None, NAMESAKE} and end - start >= SHORTEST_SHARED)
            )
        ]

    def _written(self, folded: Folded) -> Iterator[tuple[int, int, Name | Loose]]:
        """Where a known name is written as one."""
        text = folded.text
        for last, names in self._automaton.iter(folded.lower):
            end = last + 1
            for name in names:
                start = end - len(name.surface)
                if is_bounded(text, start, end) and casing_fits(name.surface, text[start:end]):
                    yield start, end, name

    def _loose_code(
        self, folded: Folded, start: int, end: int, name: Loose, anchors: Sequence[Candidate]
    ) -> str | None:
        """The region a loose name means here: that of the nearest country, or the only one with a word of kind."""
        text = folded.text
        if self._states.match(text, end):
            return None
        codes = [
            code
            for found in _around(anchors, start, end)
            for code in name.codes
            if set(found.name.countries).intersection(self.countries_of(code))
        ]
        typed = bool(OF_ANY_KIND.match(text, end) or KIND_OF.search(text[max(0, start - 20) : start]))
        if name.doubtful:
            return codes[0] if codes and typed else None
        if not codes and len(name.codes) == 1 and OF_ITS_KIND.match(text, end):
            return name.codes[0]
        if not typed and (self._is_given_name(text, start, end) or self._is_surname(text, start, end, loose=True)):
            return None
        return codes[0] if codes else None

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
        if rule.before_not and rule.before_not.search(before):
            return None
        near = text[max(0, start - WINDOW) : start] + " | " + text[end : end + WINDOW]
        if _refused(rule, before, after):
            return rule.otherwise
        usual = name.code if _near_allows(rule, near, folded) else rule.otherwise
        return next((code for code, cue in rule.senses if cue.search(near)), usual)

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
        return word in self._given_names or not _title_case(text, start, end)

    def _is_surname(self, text: str, start: int, end: int, *, loose: bool) -> bool:
        """Whether a given name precedes; `loose` also takes any capitalised word in mid-sentence for one."""
        match = LAST_WORD.search(text[max(0, start - 40) : start])
        if not match or match.group(1).endswith("'s"):
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


def _code_at(found: Candidate, at: date | None) -> str:
    """What a name stood for on a day; its usual sense alone changes."""
    if at is None or found.code != found.name.code:
        return found.code
    return next((period.code for period in found.name.periods if at < period.until), found.code)


def _around(anchors: Sequence[Candidate], start: int, end: int) -> Sequence[Candidate]:
    """The anchors within reach of a place, nearest first; what overlaps it says nothing about it."""
    first = bisect_left(anchors, start - WINDOW, key=lambda found: found.start)
    last = bisect_left(anchors, end + WINDOW, key=lambda found: found.start)
    apart = [found for found in anchors[first:last] if found.end <= start or found.start >= end]
    return sorted(apart, key=lambda found: max(start - found.end, found.start - end))


def _geography(compiled: Mapping[str, Any]) -> Geography:
    countries: Mapping[str, Mapping[str, Any]] = compiled["countries"]
    coded: Mapping[str, Mapping[str, Any]] = {**countries, **compiled["places"]}
    return Geography(
        countries={code: entry["name"] for code, entry in countries.items()},
        subregions={code: entry["m49"] for code, entry in countries.items() if "m49" in entry},
        subregion_names=compiled["m49"],
        places={code: Place(entry["name"], tuple(entry["countries"])) for code, entry in compiled["places"].items()},
        claimants={code: tuple(entry["claimants"]) for code, entry in coded.items() if "claimants" in entry},
        sponsors={code: tuple(entry["sponsors"]) for code, entry in coded.items() if "sponsors" in entry},
    )


def _names(compiled: Mapping[str, Any], geography: Geography) -> Iterator[tuple[str, list[Name]]]:
    """Names by their lower-case form: several may differ in casing only."""
    rules = {surface: rule_of(entry) for surface, entry in compiled["rules"].items()}
    periods = {surface: _periods(entries) for surface, entries in compiled.get("periods", {}).items()}
    by_form: dict[str, list[Name]] = {}
    for surface, (code, kind) in compiled["names"].items():
        plain, countries = fold(surface).text, geography.countries_of(code)
        rule = rules.get(surface, NAMESAKE if kind == MentionKind.CITY else None)
        name = Name(plain, code, MentionKind(kind), countries, rule, periods.get(surface, ()))
        put(by_form, name)
    for surface in compiled["masks"]:
        put(by_form, Name(fold(surface).text, MASK, MentionKind.REGION))
    yield from by_form.items()


def _periods(entries: Iterable[tuple[str, str]]) -> tuple[Period, ...]:
    """Earlier senses of a name, the oldest first."""
    return tuple(Period(date.fromisoformat(until), code) for until, code in sorted(entries))


def _with_loose(
    firm: Mapping[str, Sequence[Name]], compiled: Mapping[str, Any]
) -> Mapping[str, Sequence[Name | Loose]]:
    """The names of the automaton: those known for sure, and the loose ones."""
    doubtful = frozenset(compiled.get("doubtful", ()))
    together: dict[str, list[Name | Loose]] = {form: list(names) for form, names in firm.items()}
    for surface, codes in compiled.get("loose", {}).items():
        plain = fold(surface).text
        together.setdefault(plain.lower(), []).append(Loose(plain, tuple(codes), surface in doubtful))
    return together


def _refused(rule: Rule, before: str, after: str) -> bool:
    """Whether the words right after say that something else is meant, or those wanted on either side lack."""
    if rule.after_not and rule.after_not.match(after):
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
