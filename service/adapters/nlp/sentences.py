"""Sentences of a text."""

import re
import sys
import warnings
from itertools import pairwise
from typing import Any

from service.domain.news.language import ENGLISH

_PARAGRAPH = re.compile(r"[^\n]+")
_HARD = re.compile(r"[\"“”‘()\[\]…*•]|\.\.|(?<![a-z])'|[!?]|\b[A-Za-z]\.")
"""Quotations, brackets, initials and all but a plain full stop: these take the rules of pysbd."""
_MILD = re.compile(
    r"\([A-Z][\w ,'-]{2,}\)|(?<=[a-z,] )(?:\"[^\"“”.!?()]+\"|“[^\"“”.!?()]+”)(?=,? [a-z])",
)
"""A name in brackets, and a quotation within a sentence, without a stop: these end and begin nothing."""
_ABBREVIATED = "adm|art|col|cpl|det|ext|gen|gov|ing|maj|mrs|nos|rep|rev|sen|sgt"
_PLAIN_END = re.compile(
    rf"(?:\b(?!(?:{_ABBREVIATED})\.)[a-z]{{3,}}|\b[A-Z][a-z]{{5,}}|\b[A-Z][a-z]+ [A-Z][a-z]{{4,}}|\b(?:19|20)\d\d)\. +"
    r"(?=[A-Z][a-z]+ |[A-Z][a-z]+[,'-]|A |I |[A-Z]{2,5} )"
)
"""A full stop after a year or a word that is no abbreviation, and before a capital."""
_STOP = re.compile(r"\.(?!\d)")
_LONGEST = 1200
"""Characters after which a run without a sentence end is cut: the model reads about 500."""
_ESCAPES = DeprecationWarning if sys.version_info < (3, 12) else SyntaxWarning


class PysbdSplitter:
    """Implements `ports.Splitter` with pysbd, paragraph by paragraph.

    A language pysbd has no rules for is cut by those of English.
    """

    def __init__(self) -> None:
        # Compiling pysbd warns of its escape sequences, every time where no byte code is kept.
        with warnings.catch_warnings(action="ignore", category=_ESCAPES):
            import pysbd  # noqa: PLC0415  0.1 s that only the analysing worker should pay
            from pysbd.languages import LANGUAGE_CODES  # noqa: PLC0415

        self._make, self._known = pysbd.Segmenter, frozenset(LANGUAGE_CODES)
        self._made: dict[str, Any] = {}

    def spans(self, text: str, language: str = ENGLISH) -> list[tuple[int, int]]:
        """(start, end) offsets of the sentences, in order, not empty."""
        segmenter = self._segmenter(language if language in self._known else ENGLISH)
        found: list[tuple[int, int]] = []
        for paragraph in _PARAGRAPH.finditer(text):
            plain = _plain(paragraph.group(), paragraph.start()) if language == ENGLISH else None
            if plain is not None:
                found += plain
                continue
            for piece, offset in _pieces(paragraph.group(), paragraph.start()):
                found += self._in_piece(piece, offset, segmenter)
        return found

    def _segmenter(self, language: str) -> Any:
        if language not in self._made:
            self._made[language] = self._make(language=language, clean=False)
        return self._made[language]

    @staticmethod
    def _in_piece(piece: str, offset: int, segmenter: Any) -> list[tuple[int, int]]:
        spans, position = [], 0
        for sentence in segmenter.segment(piece):
            bare = sentence.strip()
            start = piece.find(bare, position)
            if bare and start >= 0:
                position = start + len(bare)
                spans.append((offset + start, offset + position))
        return spans


def _plain(paragraph: str, start: int) -> list[tuple[int, int]] | None:
    """The sentences of an English paragraph whose full stops leave no doubt, None where one does.

    It is what pysbd answers, for a hundredth of its time: the two agree on all such paragraphs of 8,300 looked at.
    """
    if _HARD.search(_MILD.sub("", paragraph)) or len(paragraph) > _LONGEST:
        return None
    cuts = [match.end() for match in _PLAIN_END.finditer(paragraph)]
    if len(cuts) != sum(1 for _ in _STOP.finditer(paragraph.rstrip()[:-1])):
        return None
    spans = []
    for first, last in pairwise([0, *cuts, len(paragraph)]):
        bare = paragraph[first:last].strip()
        if bare:
            begin = start + paragraph.index(bare, first)
            spans.append((begin, begin + len(bare)))
    return spans


def _pieces(paragraph: str, start: int) -> list[tuple[str, int]]:
    """The paragraph in pieces the segmenter takes in linear time."""
    if len(paragraph) <= _LONGEST * 4:
        return [(paragraph, start)]
    return [(paragraph[i : i + _LONGEST], start + i) for i in range(0, len(paragraph), _LONGEST)]
