"""Trying channels: a real message the real way, and what came of it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from service.domain.alerting.message import Message, MessageReason
from service.errors import ConfigError
from service.operations.present_message import message_json
from service.ports import Delivery, Notifier, Parcel

THREAD = "channels-test"
Channel = tuple[str, str]
"""(receiver, channel)."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a test message."""

    receiver: str
    channel: str
    delivery: Delivery
    seconds: float


def choose(known: Sequence[Channel], wanted: str | None) -> list[Channel]:
    """The channels meant by RECEIVER or RECEIVER/CHANNEL, all without. Raises ConfigError when there is none."""
    chosen = [pair for pair in known if wanted in {None, pair[0], "/".join(pair)}]
    if not chosen:
        what = f"no channel is called {wanted}" if wanted else "no channel is configured"
        names = ", ".join("/".join(pair) for pair in known) or "none"
        raise ConfigError(f"{what}: routes.yaml has {names}")
    return chosen


def try_channels(
    chosen: Sequence[Channel],
    addresses: Mapping[Channel, str],
    notifier: Notifier,
    at: datetime,
    key: Callable[[], str],
) -> Iterator[Tried]:
    """Send a test message to each of these channels, one after the other. `key` gives a new key for each."""
    for receiver, channel in chosen:
        began = monotonic()
        delivery = notifier.send(_test_message(receiver, channel, at, key()), addresses[receiver, channel])
        yield Tried(receiver, channel, delivery, monotonic() - began)


def _test_message(receiver: str, channel: str, at: datetime, key: str) -> Parcel:
    text = f"A test of the channel {receiver}/{channel}, asked for on {at:%Y-%m-%d at %H:%M} UTC. Nothing has happened."
    data = message_json(Message(MessageReason.TEST, receiver, at, THREAD, note=text))
    return Parcel(key, THREAD, receiver, channel, "Detente: test message", text, data=data)
