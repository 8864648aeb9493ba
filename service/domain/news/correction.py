"""When a text says of itself that it corrects what it said before."""

import re

_HEAD = 400
_MARK = re.compile(
    r"(?:CORRECT(?:ED|ION|S)|Correct(?:ed|ion|s)|RETRACT(?:ED|ION)|Retract(?:ed|ion)|WITHDRAWN|Withdrawn)"
    r"(?: to (?:this|a|an earlier) (?:story|article|version))?\s*[:(\-–—]"
)
_REMARK = re.compile(
    r"\((?:[Cc]orrects?\b|[Rr]efiles? to correct\b"
    r"|[Tt]his (?:story|article|version|report) (?:corrects|has been corrected))"
)
_LINE = re.compile(r"^(?:Correction|CORRECTION)\b[^\n]{0,60}:", re.MULTILINE)


def is_correction(title: str, text: str) -> bool:
    """Whether title or text carries such a mark: at its head, in brackets near it, or as a line of its own.

    >>> is_correction("CORRECTED: Two hurt in Herat", ""), is_correction("Court corrects border map", "It is wrong.")
    (True, False)
    """
    if _MARK.match(title) or _MARK.match(text):
        return True
    return bool(_REMARK.search(text[:_HEAD]) or _LINE.search(text))
