"""A coding for a text of which only the signal is known.

Its type and level stand for the middle of what English news of that signal reports: the median intensity in our
labelled lines is −5 for escalation and +5 for de-escalation. Who did it to whom is not known, so nobody is an actor or
recipient and there is no dyad.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from service.domain.events.coding import Coding
from service.domain.events.ontology import ROOTS
from service.domain.events.place import Mention, MentionKind
from service.domain.events.signal import MentionRole, Modality, Signal

MIDDLE: Mapping[Signal, tuple[str, str]] = MappingProxyType(
    {Signal.ESCALATION: ("THREATEN", "2"), Signal.DE_ESCALATION: ("AGREE", "2"), Signal.NEUTRAL: ("NONE", "0")}
)
"""Signal → root and level whose typical type has the median intensity of the signal."""
MOST_COUNTRIES = 2
"""Countries named in a passage up to which it is taken to be about them; of more, some are bystanders."""

_LEVELS = ("0", "1", "2", "3", "4")
_MODALITIES = (*map(str, Modality), "none")
_ROLES = tuple(map(str, MentionRole))
_NO_PLACE = frozenset({MentionKind.GROUP, MentionKind.IGO})


def coding_of(signal: Mapping[str, float], mentions: Sequence[Mention]) -> Coding:
    """The coding of a passage from the probabilities of its signal and the names in it.

    Countries named are where it happens, as long as they are few.
    """
    first = Signal(max(signal, key=signal.__getitem__))
    root, level = MIDDLE[first]
    modality = "none" if first is Signal.NEUTRAL else str(Modality.ACTUAL)
    located = [mention for mention in mentions if mention.kind not in _NO_PLACE]
    few = len({country for mention in located for country in mention.countries}) <= MOST_COUNTRIES
    return Coding(
        signal=signal,
        event_type=_certain((*ROOTS, "NONE"), root),
        level=_certain(_LEVELS, level),
        modality=_certain(_MODALITIES, modality),
        roles=tuple(
            _certain(_ROLES, str(MentionRole.PLACE if few and mention.kind not in _NO_PLACE else MentionRole.MENTION))
            for mention in mentions
        ),
    )


def _certain(labels: Sequence[str], choice: str) -> dict[str, float]:
    return {label: float(label == choice) for label in labels}
