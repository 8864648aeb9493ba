"""The heads of the model and the labels of each, in the order of the logits."""

from collections.abc import Mapping
from types import MappingProxyType

from service.domain.events.ontology import ROOTS
from service.domain.events.signal import MentionRole, Signal

SIGNALS = tuple(str(signal) for signal in Signal)
EVENT_TYPES = (*ROOTS, "NONE")
LEVELS = ("0", "1", "2", "3", "4")
MODALITIES = ("actual", "threatened", "denied", "alleged", "historical", "hypothetical", "none")
ROLES = tuple(str(role) for role in MentionRole)

HEADS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"signal": SIGNALS, "event_type": EVENT_TYPES, "level": LEVELS, "modality": MODALITIES, "role": ROLES}
)
"""Head → labels. All heads but `role` answer once for a text; `role` answers for every token."""

SENTENCE_HEADS = ("signal", "event_type", "level", "modality")

ASIDE = len(ROLES)
"""Role target of a name that is a third party or merely mentioned: the lists of a label cannot tell which."""
IGNORED = -100
"""Role target of a token that belongs to no name: the loss leaves it out."""
