"""Numbers as news writes them: digits, words, ranges and vague amounts."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from itertools import islice
from types import MappingProxyType
from typing import NamedTuple


class Bound(StrEnum):
    """How a figure relates to the true number."""

    EXACT = "exact"
    ABOUT = "about"
    AT_LEAST = "at least"
    AT_MOST = "at most"


class Token(NamedTuple):
    """A word, number or sign. `start` and `end` are offsets in its text; `low` is its text in lower case.

    A tuple, because there are many: a frozen data class takes three times as long to make.
    """

    start: int
    end: int
    text: str
    low: str

    @property
    def is_word(self) -> bool:
        """Whether it begins like a word."""
        return self.text[0].isalpha()

    @property
    def is_capitalised(self) -> bool:
        """Whether it begins with a capital letter."""
        return self.text[0].isupper()


@dataclass(frozen=True, slots=True)
class Number:
    """A figure. `begin` and `end` (exclusive) are token indices; a range goes from `count` to `upper`."""

    begin: int
    end: int
    count: int
    upper: int
    bound: Bound


_TOKEN = re.compile(
    r"(?:[A-Z]\.){2,}|[A-Z]\.[A-Z]\b|\d+(?:,\d{3})*(?:\.\d+)?(?:st|nd|rd|th|s|m|bn|k)?(?:-[^\W\d_][\w-]*)?|\w+(?:['’-]\w+)*|[^\w\s]"
)
_PLAIN = re.compile(r"\d{1,3}(?:,\d{3})+|\d+")
_DECIMAL = re.compile(r"\d+(?:\.\d+)?")

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_ROUND = "twenty thirty forty fifty sixty seventy eighty ninety"
_SMALL: Mapping[str, int] = MappingProxyType(
    {
        **{word: value for value, word in enumerate(_ONES.split())},
        **{word: 10 * n for n, word in enumerate(_ROUND.split(), 2)},
    }
)
_TENS = frozenset({word for word, value in _SMALL.items() if value >= 20})  # noqa: PLR2004  twenty and above take units
_TIMES: Mapping[str, int] = MappingProxyType({"dozen": 12, "hundred": 100, "thousand": 1000, "million": 1_000_000})
_VAGUE: Mapping[str, int] = MappingProxyType(
    {
        "tens of thousands": 20_000,
        "hundreds of thousands": 200_000,
        "several dozen": 24,
        "several hundred": 200,
        "several thousand": 2000,
        "a few dozen": 24,
        "a few hundred": 200,
        "a few thousand": 2000,
        "a couple of dozen": 24,
        "a couple of": 2,
        "a handful of": 3,
        "a few": 3,
        "half a dozen": 6,
        "dozens": 24,
        "scores": 40,
        "hundreds": 200,
        "thousands": 2000,
        "millions": 2_000_000,
        "several": 3,
    }
)
"""Cautious lower bounds: two of a plural, three of "several"."""
_VAGUE_STARTS = frozenset(words.split()[0] for words in _VAGUE)
_STARTS = frozenset({*_VAGUE_STARTS, *_SMALL, "a", "and"})
_BEFORE: Mapping[str, Bound] = MappingProxyType(
    {
        "at least": Bound.AT_LEAST,
        "more than": Bound.AT_LEAST,
        "no fewer than": Bound.AT_LEAST,
        "no less than": Bound.AT_LEAST,
        "not less than": Bound.AT_LEAST,
        "upwards of": Bound.AT_LEAST,
        "over": Bound.AT_LEAST,
        "above": Bound.AT_LEAST,
        "up to": Bound.AT_MOST,
        "as many as": Bound.AT_MOST,
        "fewer than": Bound.AT_MOST,
        "less than": Bound.AT_MOST,
        "at most": Bound.AT_MOST,
        "about": Bound.ABOUT,
        "around": Bound.ABOUT,
        "some": Bound.ABOUT,
        "roughly": Bound.ABOUT,
        "approximately": Bound.ABOUT,
        "nearly": Bound.ABOUT,
        "almost": Bound.ABOUT,
        "close to": Bound.ABOUT,
        "an estimated": Bound.ABOUT,
        "all": Bound.EXACT,
        "all of": Bound.EXACT,
        "exactly": Bound.EXACT,
        "another": Bound.EXACT,
        "a further": Bound.EXACT,
        "an additional": Bound.EXACT,
        "the other": Bound.EXACT,
        "the": Bound.EXACT,
        "his": Bound.EXACT,
        "her": Bound.EXACT,
        "its": Bound.EXACT,
        "their": Bound.EXACT,
    }
)
"""Words before a number that belong to it, with what they make of it."""
_DASHES = frozenset({"-", "–", "—"})
_LONGEST = 3


def tokens(text: str) -> list[Token]:
    """The words, numbers and signs of a text; an age ("12-year-old") and an ordinal ("7th") are one each."""
    return [Token(m.start(), m.end(), m.group(), m.group().lower()) for m in _TOKEN.finditer(text)]


def words_at(told: Sequence[Token], at: int, words: str) -> bool:
    """Whether these words, joined by single spaces, stand at the index."""
    parts = _split(words)
    if not 0 <= at <= len(told) - len(parts) or told[at].low != parts[0]:
        return False
    return all(token.low == part for token, part in zip(islice(told, at, None), parts, strict=False))


@cache
def _split(words: str) -> tuple[str, ...]:
    return tuple(words.split())


def numbers(told: Sequence[Token]) -> Iterator[Number]:
    """The figures of a text from left to right, each with the words that bound it."""
    at = 0
    while at < len(told):
        found = _ranged(told, at) if _may_begin(told[at].low) else None
        if found is None:
            at += 1
        else:
            yield _bounded(told, found)
            at = found.end


def _may_begin(word: str) -> bool:
    """Whether a figure can begin with the word; hardly any word can, and each would be tried in three ways."""
    return word.partition("-")[0] in _STARTS or word[0].isdecimal()


def _ranged(told: Sequence[Token], at: int) -> Number | None:
    first = _number(told, at)
    if first is None:
        return None
    link = told[first.end].low if first.end < len(told) else ""
    between = at > 0 and told[at - 1].low == "between" and link == "and"
    if between or link in {"to", "or"} or link in _DASHES:
        last = _number(told, first.end + 1)
        if last is not None and last.count > first.count:
            begin = first.begin - between
            return Number(begin, last.end, first.count, last.count, Bound.AT_LEAST)
    return first


def _number(told: Sequence[Token], at: int) -> Number | None:
    return _vague(told, at) or _digits(told, at) or _spelled(told, at)


def _vague(told: Sequence[Token], at: int) -> Number | None:
    if at >= len(told) or told[at].low not in _VAGUE_STARTS:
        return None
    for words, least in _VAGUE.items():
        if words_at(told, at, words):
            end = at + len(words.split())
            end += end < len(told) and told[end].low == "of"
            bound = Bound.EXACT if words == "half a dozen" else Bound.AT_LEAST
            return Number(at, end, least, least, bound)
    return None


def _digits(told: Sequence[Token], at: int) -> Number | None:
    if at >= len(told):
        return None
    times = _TIMES.get(told[at + 1].low, 1) if at + 1 < len(told) else 1
    text = told[at].text
    if _PLAIN.fullmatch(text):
        count = int(text.replace(",", "")) * times
    elif _DECIMAL.fullmatch(text) and times > 1:
        count = round(float(text) * times)
    else:
        return None
    return Number(at, at + 1 + (times > 1), count, count, Bound.EXACT)


def _spelled(told: Sequence[Token], at: int) -> Number | None:
    """Words up to a thousand and round thousands and millions: "two hundred and fifty", "a dozen", "one million"."""
    total, end = 0, at
    while end < len(told):
        word = told[end].low
        if (value := _below_hundred(word)) is not None and (end == at or _takes(told[end - 1].low, value)):
            total += value
        elif word in _TIMES and end > at:
            total *= _TIMES[word]
        elif word == "a" and end == at and end + 1 < len(told) and told[end + 1].low in _TIMES:
            total = 1
        elif not (word == "and" and _goes_on(told, end)):
            break
        end += 1
    return Number(at, end, total, total, Bound.EXACT) if end > at else None


def _below_hundred(word: str) -> int | None:
    tens, dash, unit = word.partition("-")
    if not dash:
        return _SMALL.get(word)
    return _SMALL[tens] + _SMALL[unit] if tens in _TENS and unit in _SMALL else None


def _takes(before: str, value: int) -> bool:
    """Whether a number below a hundred may follow the word: "hundred (and) five", "twenty five"."""
    return before in {"hundred", "and"} or (before in _TENS and 0 < value < 10)  # noqa: PLR2004


def _goes_on(told: Sequence[Token], at: int) -> bool:
    follows = told[at + 1].low if at + 1 < len(told) else ""
    return at > 0 and told[at - 1].low == "hundred" and _below_hundred(follows) is not None


def _bounded(told: Sequence[Token], found: Number) -> Number:
    """With the words before and after that bound it taken in."""
    while (words := _qualifier(told, found.begin)) is not None:
        bound = found.bound if _BEFORE[words] is Bound.EXACT else _BEFORE[words]
        found = replace(found, begin=found.begin - len(words.split()), bound=bound)
    for words in ("or more", "or so", "+"):
        if words_at(told, found.end, words):
            bound = Bound.ABOUT if words == "or so" else Bound.AT_LEAST
            return replace(found, end=found.end + len(words.split()), bound=bound)
    return found


def _qualifier(told: Sequence[Token], before: int) -> str | None:
    for length in range(min(_LONGEST, before), 0, -1):
        words = " ".join(t.low for t in islice(told, before - length, before))
        if words in _BEFORE:
            return words
    return None
