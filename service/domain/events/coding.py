"""What the model says about one passage, before anything is concluded from it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from service.domain.events.place import Mention
from service.domain.news.language import ENGLISH


@dataclass(frozen=True, slots=True)
class Passage:
    """A text to be coded, with the names in it (offsets into `text`), and the language it is in."""

    text: str
    mentions: tuple[Mention, ...] = ()
    language: str = ENGLISH


@dataclass(frozen=True, slots=True)
class Coding:
    """Calibrated probabilities of one passage, each mapping label → probability and summing to 1.

    `signal` over `Signal` values, `event_type` over the 16 PLOVER roots and NONE, `level` over "0" … "4",
    `modality` over the modalities the model knows and "none", `roles` one mapping over `MentionRole` values for each
    mention of the passage, in their order. `embedding` is the unit-length sentence vector. `words` are the words that
    decided the signal: (start, end, weight), offsets in the passage, minus where they spoke against it.
    """

    signal: Mapping[str, float]
    event_type: Mapping[str, float]
    level: Mapping[str, float]
    modality: Mapping[str, float]
    roles: tuple[Mapping[str, float], ...] = ()
    embedding: tuple[float, ...] = ()
    words: tuple[tuple[int, int, float], ...] = ()

    def moved(self, by: int) -> "Coding":
        """The same with `words` moved by so many characters, without those that would begin before the text."""
        return replace(self, words=tuple((a + by, b + by, weight) for a, b, weight in self.words if a + by >= 0))
