"""Makes texts comparable: straight quotes, no diacritics, single blanks, look-alike letters read as what they imitate.

Every character keeps its way back to the text as given. Where letters were written to look like others (a Cyrillic
"а" in "Iran", full-width letters, characters without width inside a word) the place is remembered as disguised.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from service.domain.news.lookalike import AS_CYRILLIC, AS_LATIN, CYRILLIC, GREEK, LATIN

PUNCTUATION = {
    **dict.fromkeys(map(ord, "\u2018\u2019\u02bc\u02bb`\u00b4\u2032"), "'"),
    **dict.fromkeys(range(0x2010, 0x2015), "-"),
}
LETTERS = {"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i", "ð": "d", "ħ": "h", "Ħ": "H"}
LETTERS |= {"ə": "a", "Ə": "A"}
NO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff"
"""Characters without width that have no business inside a Latin word; soft hyphens and marks of direction have."""
OTHER = GREEK + CYRILLIC
MIXED = re.compile(rf"[{LATIN}][{NO_WIDTH}]*[{OTHER}]|[{OTHER}][{NO_WIDTH}]*[{LATIN}]")
LATIN_LETTER, CYRILLIC_LETTER = re.compile(rf"[{LATIN}]"), re.compile(r"[\u0400-\u052f]")
WRITTEN_WORD = re.compile(rf"[^\W\d_](?:[{NO_WIDTH}]*[^\W\d_])*")
STYLED = ("<wide>", "<font>", "<circle>")
"""Kinds of Unicode letters that are another letter in fancy dress."""


@dataclass(frozen=True, slots=True)
class Folded:
    """A text made comparable, with the way back: `origin[i]` is where character `i` of `text` stood (None: at `i`).

    `disguises` are the places, sorted, in the text as given whose characters imitate others or hide inside a word.
    """

    text: str
    lower: str
    origin: Sequence[int] | None
    original: str
    disguises: Sequence[int] = ()
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

    def is_disguised(self, first: int, last: int) -> bool:
        """Whether letters between two places of the original text imitate others."""
        found = bisect_left(self.disguises, first)
        return found < len(self.disguises) and self.disguises[found] < last


def fold(text: str) -> Folded:
    """Straight quotes and hyphens, no diacritics or invisible characters, single blanks; all with offsets kept.

    Between paragraphs a line break stays.
    """
    if text.isascii() and "  " not in text and not any(mark in text for mark in "\t\n\r"):
        return Folded(text, text.lower(), None, text)
    imitations = _imitations(text)
    kept: list[str] = []
    origin: list[int] = []
    disguises = list(imitations)
    in_blanks, line_ends = False, 0
    for place, char in enumerate(text):
        blank = char.isspace()
        if blank:
            line_ends = line_ends * in_blanks + (char == "\n")
            if in_blanks:
                kept[-1] = "\n" if line_ends > 1 else " "
                continue
        folded = " " if blank else char if char.isascii() else _plain(char)
        if not char.isascii() and _is_dressed(char):
            disguises.append(place)
        folded = imitations.get(place, folded)
        if folded:
            kept.append(folded)
            origin.append(place)
            in_blanks = blank
    return Folded("".join(kept), "".join(map(_lower, kept)), origin, text, tuple(sorted(disguises)))


def _imitations(text: str) -> Mapping[int, str]:
    """Letters of another script inside words of mixed script, by place, with the letter of the word's own script."""
    if text.isascii() or not MIXED.search(text):
        return {}
    read: dict[int, str] = {}
    for word in WRITTEN_WORD.finditer(text):
        if MIXED.search(word.group()):
            read |= _unmixed(word.group(), word.start())
    return read


def _unmixed(word: str, start: int) -> Mapping[int, str]:
    """The letters to read otherwise: the script with more letters in the word is its own, Latin where they are even."""
    latin, cyrillic = len(LATIN_LETTER.findall(word)), len(CYRILLIC_LETTER.findall(word))
    own_latin = sum(char in AS_LATIN for char in word)
    table = AS_CYRILLIC if cyrillic > latin and own_latin < cyrillic else AS_LATIN
    return {start + index: table[char] for index, char in enumerate(word) if char in table}


@lru_cache(maxsize=4096)
def _is_dressed(char: str) -> bool:
    """Whether a character is hidden or a plain letter in other clothes."""
    return char in NO_WIDTH or (char.isalnum() and unicodedata.decomposition(char).startswith(STYLED))


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
