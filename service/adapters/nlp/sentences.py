"""Sentences of a text."""

import re
import sys
import warnings

_PARAGRAPH = re.compile(r"[^\n]+")
_LONGEST = 1200
"""Characters after which a run without a sentence end is cut: the model reads about 500."""
_ESCAPES = DeprecationWarning if sys.version_info < (3, 12) else SyntaxWarning


class PysbdSplitter:
    """Implements `ports.Splitter` with pysbd, paragraph by paragraph."""

    def __init__(self) -> None:
        # Compiling pysbd warns of its escape sequences, every time where no byte code is kept.
        with warnings.catch_warnings(action="ignore", category=_ESCAPES):
            import pysbd  # noqa: PLC0415  0.1 s that only the analysing worker should pay

        self._segmenter = pysbd.Segmenter(language="en", clean=False)

    def spans(self, text: str) -> list[tuple[int, int]]:
        """(start, end) offsets of the sentences, in order, not empty."""
        found: list[tuple[int, int]] = []
        for paragraph in _PARAGRAPH.finditer(text):
            for piece, offset in _pieces(paragraph.group(), paragraph.start()):
                found += self._in_piece(piece, offset)
        return found

    def _in_piece(self, piece: str, offset: int) -> list[tuple[int, int]]:
        spans, position = [], 0
        for sentence in self._segmenter.segment(piece):
            bare = sentence.strip()
            start = piece.find(bare, position)
            if bare and start >= 0:
                position = start + len(bare)
                spans.append((offset + start, offset + position))
        return spans


def _pieces(paragraph: str, start: int) -> list[tuple[str, int]]:
    """The paragraph in pieces the segmenter takes in linear time."""
    if len(paragraph) <= _LONGEST * 4:
        return [(paragraph, start)]
    return [(paragraph[i : i + _LONGEST], start + i) for i in range(0, len(paragraph), _LONGEST)]
