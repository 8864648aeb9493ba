"""Who is told of an alert."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class WithheldKind(StrEnum):
    """Why nobody was told of a change."""

    INHIBITED = "inhibited"
    UNTOLD = "untold-beginning"
    NO_RECEIVER = "no-receiver"


@dataclass(frozen=True, slots=True)
class Withheld:
    """Why nobody was told; `by` is the subject that speaks for an inhibited one."""

    kind: WithheldKind
    by: str = ""

    def __str__(self) -> str:
        """In words."""
        match self.kind:
            case WithheldKind.INHIBITED:
                return f"the firing alert of {self.by} speaks for it"
            case WithheldKind.UNTOLD:
                return "nobody had been told that it began"
            case WithheldKind.NO_RECEIVER:
                return "no receiver with a channel was configured"


@dataclass(frozen=True, slots=True)
class Receiver:
    """A named list of channels."""

    name: str
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Route:
    """The default route: every alert goes to one receiver. `receiver` is None when nobody is configured."""

    receiver: Receiver | None


def destinations(route: Route) -> Sequence[tuple[str, str]]:
    """(receiver, channel) pairs an alert goes to."""
    return [(route.receiver.name, channel) for channel in route.receiver.channels] if route.receiver else []
