"""Sentences that tell of several acts, cut where one ends and the next begins."""

import re

FEWEST_WORDS = 4
"""Words a part must have to stand by itself."""
_LED_TO = "prompting|triggering|provoking|drawing|leading|forcing"
_CUT = re.compile(rf";\s+|,\s+(?:{_LED_TO}|while|whereas|but)\s+", re.IGNORECASE)
_OUTCOME = re.compile(rf",\s+(?:{_LED_TO})\s+$", re.IGNORECASE)


def clauses(text: str) -> list[tuple[int, int]]:
    """(start, end) offsets of the parts of a sentence, without joining words; of the whole if it tells of one act."""
    spans, start = [], 0
    for cut in _CUT.finditer(text):
        if _stands(text[start : cut.start()]) and _stands(text[cut.end() :]):
            spans.append((start, cut.start()))
            start = cut.end()
    return [*spans, (start, len(text))]


def is_outcome(text: str, start: int) -> bool:
    """Whether the part that begins at `start` says what the part before led to: "…, prompting X to answer"."""
    return bool(_OUTCOME.search(text[:start]))


def _stands(part: str) -> bool:
    return len(part.split()) >= FEWEST_WORDS
