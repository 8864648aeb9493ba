"""What stands around an act in a text and takes its reality away: another time, a question, a game or a show.

The model reads a sentence at a time and knows no date; these are rules over words and dates, not its judgement.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from service.domain.events.signal import Modality

_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_YEAR = re.compile(
    rf"\b(?:in|since|of|from|until|till|by|after|before|during|to|and|early|mid|late|the|{_MONTHS}|\d{{1,2}},)[ -]"
    r"((?:19|20)\d\d)\b(?! (?:[a-z]+ )?(?:troops|soldiers|people|men|fighters|tanks|homes|others))|\(((?:19|20)\d\d)\)",
    re.IGNORECASE,
)
_LONG_AGO = re.compile(
    r"\b(decades?|centur(y|ies)|last year|years? (ago|earlier)|for years|over the years|anniversary|"
    r"long[- ](waged|fought|running|standing)|(has|have) (long|witnessed|seen) )",
    re.IGNORECASE,
)
"""Words of what lies far back or goes on for long: a state of affairs, no event of today."""
_NOW = re.compile(
    r"\b(today|tonight|yesterday|now|this (morning|week|month)|(mon|tues|wednes|thurs|fri|satur|sun)day)\b",
    re.IGNORECASE,
)
_SUPPOSED = re.compile(r"\b(would|could|might|what if|should .* ever|if .* were to)\b.*\?\s*[\"'”’]?$", re.IGNORECASE)
_GAME = re.compile(
    r"\b(football|soccer|cricket|rugby|basketball|hockey|tennis|chess|semi-?finals?|quarter-?finals?|play-?offs?|"
    r"goalkeeper|midfielder|striker|half-?time|video ?games?|gamers?|computer games?|board games?|league table)\b",
    re.IGNORECASE,
)
_SHOW = re.compile(
    r"\b(museum|films?|movie|novel|box office|re-?enact\w*|screenplay|theatre play|documentary)\b", re.IGNORECASE
)
_USE_OF_FORCE = frozenset({"ASSAULT", "COERCE"})
"""A museum can be bombed and a film festival raided: for these a show is no reason to doubt."""


class Told(Protocol):
    """A piece of text and the paragraph it stands in."""

    @property
    def text(self) -> str:
        """What it says."""
        ...

    @property
    def paragraph(self) -> int:
        """Number of its paragraph."""
        ...


def past(told: Sequence[Told], published_at: datetime) -> list[bool]:
    """Which pieces tell of another time: dated to an earlier year, or going on in its paragraph from one that is."""
    answers: list[bool] = []
    for index, piece in enumerate(told):
        dated = is_long_past(piece.text, published_at)
        goes_on = index > 0 and answers[-1] and told[index - 1].paragraph == piece.paragraph
        answers.append(dated or (goes_on and not _NOW.search(piece.text)))
    return answers


def is_long_past(text: str, published_at: datetime) -> bool:
    """Whether the text names a year before that of publication, or words of long ago."""
    years = [int(one or other) for one, other in _YEAR.findall(text)]
    return bool(_LONG_AGO.search(text)) or any(year < published_at.year for year in years)


def unreal(text: str, root: str) -> Modality | None:
    """Hypothetical for a question what would be, figurative for games and shows, None for all else."""
    if _SUPPOSED.search(text.strip()):
        return Modality.HYPOTHETICAL
    if _GAME.search(text) or (root not in _USE_OF_FORCE and _SHOW.search(text)):
        return Modality.FIGURATIVE
    return None
