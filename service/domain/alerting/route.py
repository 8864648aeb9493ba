"""Who is told of an alert."""

from collections.abc import Sequence
from dataclasses import dataclass


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
