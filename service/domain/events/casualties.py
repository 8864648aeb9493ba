"""How many people came to harm in an event, and what their deaths add to its intensity."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import log10

from service.domain.events.casualty_words import Harm
from service.domain.events.quantities import Bound

WEIGHS_FROM = -7.0
"""Intensity up to which an act is violent enough that its deaths count."""
STEP, MOST_STEPS = 0.25, 4.0
"""What each power of ten of deaths adds, and the largest number of them: ten thousand weigh as much as any more."""


@dataclass(frozen=True, slots=True)
class Casualty:
    """A figure of people who came to harm.

    `count` is the lower end of a range and 0 where the text says that nobody was harmed; `bound` says how it relates
    to the true number. `unit` is a plural noun such as "soldiers" or "people". `cumulative` marks a toll that goes on,
    which is not of this event alone. `start` and `end` are offsets in the document of the words that say so.
    """

    harm: Harm
    count: int
    bound: Bound
    unit: str
    cumulative: bool
    start: int
    end: int


def deaths(casualties: Iterable[Casualty]) -> int:
    """How many were surely killed: running tolls and figures that are only an upper limit are left out."""
    return sum(
        c.count for c in casualties if c.harm is Harm.KILLED and not c.cumulative and c.bound is not Bound.AT_MOST
    )


def with_deaths(intensity: float, killed: int) -> float:
    """max(−10, I − .25·min(4, log10(1 + deaths))) for I ≤ −7; a milder intensity stays as it is."""
    if intensity > WEIGHS_FROM:
        return intensity
    return max(-10.0, intensity - STEP * min(MOST_STEPS, log10(1 + killed)))
