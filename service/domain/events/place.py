"""Names found in a text and the codes they stand for."""

from dataclasses import dataclass, replace
from enum import StrEnum


class MentionKind(StrEnum):
    """What sort of thing a name names."""

    COUNTRY = "country"
    DEMONYM = "demonym"
    CAPITAL = "capital"
    GROUP = "group"
    IGO = "igo"
    REGION = "region"
    CITY = "city"


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in a text.

    `start` and `end` are character offsets into that text, end exclusive.
    `code` is an ISO 3166-1 alpha-3 code (XKX for Kosovo) for country, demonym and capital; `HOME:NAME` for an
    armed group; an acronym for an IGO; `region:slug` or `city:slug` for places.
    `countries` are the alpha-3 codes it lies in or belongs to: one for a country, the home state of a group,
    all states that share a region, none for an IGO.
    `disguised` says that letters of the written form imitate others or hide in it ("Ir\u0430n" with a Cyrillic letter).
    """

    start: int
    end: int
    text: str
    code: str
    kind: MentionKind
    countries: tuple[str, ...] = ()
    disguised: bool = False

    def moved(self, by: int) -> "Mention":
        """The same, moved by so many characters; at the beginning without a length where it would stand before it."""
        if not by:
            return self
        return replace(self, start=max(self.start + by, 0), end=max(self.end + by, 0))
