"""Sentences that tell of several acts, cut where one ends and the next begins."""

import re

FEWEST_WORDS = 4
"""Words a part must have to stand by itself."""
_CUT = re.compile(
    r";\s+|,\s+(?:prompting|triggering|provoking|drawing|leading|forcing|while|whereas|but)\s+", re.IGNORECASE
)


def clauses(text: str) -> list[tuple[int, int]]:
    """(start, end) offsets of the parts of a sentence, without joining words; of the whole if it tells of one act."""
    spans, start = [], 0
    for cut in _CUT.finditer(text):
        if _stands(text[start : cut.start()]) and _stands(text[cut.end() :]):
            spans.append((start, cut.start()))
            start = cut.end()
    return [*spans, (start, len(text))]


def _stands(part: str) -> bool:
    return len(part.split()) >= FEWEST_WORDS
