"""A coded happening in PLOVER's terms."""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from service.domain.events.casualties import Casualty
from service.domain.events.ontology import CREDIBILITY, mass, type_group
from service.domain.events.signal import ArticleRole, Modality, Signal

ROLE_WEIGHT = {ArticleRole.LEAD: 1.0, ArticleRole.BODY: 0.8, ArticleRole.BACKGROUND: 0.5}
"""How far an event counts by its place in the article."""


_AT_HOME = frozenset({"COERCE", "CONCEDE", "PROTEST"})
_AT_THE_OTHERS = frozenset({"AID", "ASSAULT", "CONSULT", "COOPERATE", "RETREAT", "SUPPORT"})


@dataclass(frozen=True, slots=True)
class Event:
    """Who did what to whom, where, and how sure the text is.

    `type` is the PLOVER root the text was coded with, `mode` the mode of the table's row that gave the intensity, which
    may stand under a neighbouring root there. `start` and `end` are character offsets of `text` in the article's
    document (title, blank line, text).
    `actors` and `recipients` hold country codes, `HOME:NAME` groups and IGO acronyms; a reciprocal event has all
    sides as actors and no recipient. `places` are alpha-3 codes, `regions` named regions (slug).
    `intensity` −10 … +10, minus is conflict. `confidence` 0 … 1. `words` are (start, end, weight) in the document.
    `casualties` are the figures of its own words; where it is told as done or alleged, deaths count in `intensity`.
    `quoted` says that its words stand for the greater part in quotation marks, `attributed_to` are the parties named as
    saying them.
    """

    start: int
    end: int
    text: str
    sentence: int
    signal: Signal
    type: str
    mode: str
    actors: tuple[str, ...]
    recipients: tuple[str, ...]
    places: tuple[str, ...]
    regions: tuple[str, ...]
    place_name: str
    modality: Modality
    role: ArticleRole
    level: int
    intensity: float
    confidence: float
    at: datetime
    words: tuple[tuple[int, int, float], ...] = ()
    casualties: tuple[Casualty, ...] = ()
    quoted: bool = False
    attributed_to: tuple[str, ...] = ()

    @property
    def group(self) -> str:
        """Its type group, see `ontology.type_group`."""
        return type_group(self.type)

    @property
    def where(self) -> tuple[str, ...]:
        """The countries it happens in or bears on: the places named, or else those of the sides.

        Which side depends on the root: so it agrees best with the labels of training texts
        (`docs/concepts/pipeline.md`). Scores count named places only.
        """
        if self.places:
            return self.places
        actors, recipients = states_of(self.actors), states_of(self.recipients)
        if self.type in _AT_HOME:
            return actors or recipients
        if self.type in _AT_THE_OTHERS:
            return recipients or actors
        return tuple(sorted({*actors, *recipients}))

    @property
    def weight(self) -> float:
        """Modality × role, 0 … 1: how far this report counts before the publisher's grade."""
        return CREDIBILITY[self.modality] * ROLE_WEIGHT[self.role]

    @property
    def is_somebodys(self) -> bool:
        """Whether it says who or where; what says neither counts for nobody."""
        return bool(self.actors or self.recipients or self.places or self.regions)

    @property
    def mass(self) -> float:
        """Mass of the event times its weight, 0 … 1."""
        return mass(self.intensity) * self.weight


# Cached: an article's events are asked again and again, and there are no more parties than the gazetteer knows.
@lru_cache(maxsize=4096)
def state_of(party: str) -> str | None:
    """The country of a party: itself, the home of a group, None for an IGO or other body.

    >>> state_of("PSE:HAMAS"), state_of("IRN"), state_of("UN")
    ('PSE', 'IRN', None)
    """
    home = party.partition(":")[0]
    return home if _ALPHA_3.fullmatch(home) and home not in _THREE_LETTER_BODIES else None


@lru_cache(maxsize=4096)
def states_of(parties: tuple[str, ...]) -> tuple[str, ...]:
    """The countries of several parties, sorted, each once."""
    return tuple(sorted({state for party in parties if (state := state_of(party))}))


_ALPHA_3 = re.compile("[A-Z]{3}")
_THREE_LETTER_BODIES = frozenset(
    {
        "ADB", "AES", "CIS", "COE", "EAC", "FAO", "GCC", "HRW", "ICC", "ICJ", "IGO", "ILO", "IMF", "IOM", "MSF", "OAS",
        "OIC", "PCA", "PIF", "SCO", "UMA", "WFP", "WHO", "WTO",
    }
)  # fmt: skip
"""Acronyms of bodies that look like a country's code."""
