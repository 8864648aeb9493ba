"""What the model says about one passage, before anything is concluded from it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Self

from service.domain.events.ontology import ROOTS
from service.domain.events.place import Mention
from service.domain.events.signal import MentionRole, Modality, Signal
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
        if not by:
            return self
        return replace(self, words=tuple((a + by, b + by, weight) for a, b, weight in self.words if a + by >= 0))

    @classmethod
    def unread(cls, mentions: int) -> Self:
        """What stands for a passage with that many names which tells no act, in place of the model's answer.

        It may be of any time: a date in it is taken at its word.
        """
        return cls(
            signal=_all_on(Signal.NEUTRAL, Signal),
            event_type=_all_on("NONE", [*sorted(ROOTS), "NONE"]),
            level=_all_on("0", "01234"),
            modality={**_all_on("none", [*Modality, "none"]), "none": 0.5, Modality.HISTORICAL: 0.5},
            roles=(_all_on(MentionRole.MENTION, MentionRole),) * mentions,
        )


def _all_on(choice: str, labels: Iterable[str]) -> dict[str, float]:
    """All the probability on one label."""
    return {str(label): float(label == choice) for label in labels}
