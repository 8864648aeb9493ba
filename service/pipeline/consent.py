"""Who has subscribed, and whether a receiver may be sent anything now."""

from collections.abc import Collection

from service.domain.alerting.subscriber import Subscriber, send_problem
from service.ports import Books

OWN = "@"
"""How names of subscribers' receivers begin; those of `routes.yaml` begin with a letter."""


def subscribed(unit: Books, receivers: Collection[str] | None = None) -> list[Subscriber]:
    """The active subscribers, all of them or those among these receivers."""
    if receivers is None:
        return unit.subscribers.active()
    ids = [name.removeprefix(OWN) for name in receivers if name.startswith(OWN)]
    return unit.subscribers.active(ids) if ids else []


def subscription_problem(unit: Books, receiver: str, channel: str, *, asks: bool = False) -> str | None:
    """Why nothing may be sent to a receiver through a channel now, None when it may.

    To be asked directly before every send: an unsubscription holds from then on. Receivers of `routes.yaml` always
    may. `asks` is for confirmation messages, which go through unconfirmed channels only.
    """
    if not receiver.startswith(OWN):
        return None
    return send_problem(unit.subscribers.get(receiver.removeprefix(OWN)), channel, asks=asks)
