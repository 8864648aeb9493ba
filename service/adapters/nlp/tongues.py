"""Names of countries, and a few bodies and seats of power, in other languages than English.

Languages in Latin or Cyrillic letters are matched as English is: whole words, written as names. Arabic joins "and",
"in", "to" and "by" to the word that follows; Chinese has no gaps between words, so masks guard against names inside
others.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from service.adapters.nlp.folding import Folded, fold
from service.adapters.nlp.naming import MASK, Candidate, Name, Rule, automaton_of, casing_fits, is_bounded, put
from service.domain.events.geography import Geography
from service.domain.events.place import MentionKind

SURNAME = re.compile(r" [A-Z][a-z]")
ARABIC_LETTER = re.compile(r"[\u0620-\u064a\u066e-\u06d3]")
ARABIC_PREFIX = re.compile(r"(?<![\u0620-\u064a\u066e-\u06d3])[\u0648\u0641]?[\u0628\u0644\u0643]?$")
"""Wa- and fa-, then bi-, li- or ka-, with nothing but a gap before them."""


class Tongue:
    """The names of one language."""

    def __init__(self, content: Mapping[str, Any], geography: Geography) -> None:
        """`content` has `names` (form → code, kind), `masks`, and what asks for care.

        `exact` forms are found with their diacritics alone, `persons` not where a capitalised word follows.
        """
        exact, persons = frozenset(content["exact"]), frozenset(content["persons"])
        by_form: dict[str, list[Name]] = {}
        for form, (code, kind) in content["names"].items():
            rule = Rule(given=form in persons, exact=form in exact)
            put(by_form, Name(fold(form).text, code, MentionKind(kind), geography.countries_of(code), rule))
        for form in content["masks"]:
            put(by_form, Name(fold(form).text, MASK, MentionKind.REGION))
        self._automaton = automaton_of(by_form)
        self._stands = BOUNDARIES[content["script"]]

    def candidates(self, folded: Folded) -> Iterator[Candidate]:
        """Names that stand as words of their own, masks among them."""
        text = folded.text
        for last, names in self._automaton.iter(folded.lower):
            end = last + 1
            for name in names:
                start = end - len(name.surface)
                if not self._stands(text, start, end) or not casing_fits(name.surface, text[start:end]):
                    continue
                if not name.rule or _is_meant(name.rule, folded, start, end):
                    yield Candidate(start, end, name, name.code)


def _is_meant(rule: Rule, folded: Folded, start: int, end: int) -> bool:
    """Whether a name is spelt as it must be, and nobody's given name."""
    if rule.exact and not folded.is_accented(start, end):
        return False
    return not (rule.given and SURNAME.match(folded.text, end))


def _stands_in_arabic(text: str, start: int, end: int) -> bool:
    """Whether a name begins a word or follows the small words Arabic joins to it, and ends one."""
    if end < len(text) and ARABIC_LETTER.match(text[end]):
        return False
    return bool(ARABIC_PREFIX.search(text[max(0, start - 3) : start]))


def _stands_anywhere(text: str, start: int, end: int) -> bool:
    """Chinese is written without gaps."""
    return 0 <= start < end <= len(text)


BOUNDARIES: Mapping[str, Callable[[str, int, int], bool]] = {
    "words": is_bounded,
    "arabic": _stands_in_arabic,
    "gapless": _stands_anywhere,
}
