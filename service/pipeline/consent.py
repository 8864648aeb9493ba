"""Whether a receiver may be sent anything now."""

from service.domain.alerting.subscriber import send_problem
from service.ports import Books


def subscription_problem(unit: Books, receiver: str, channel: str, *, asks: bool = False) -> str | None:
    """Why nothing may be sent to a receiver through a channel now, None when it may.

    To be asked directly before every send: an unsubscription holds from then on. Receivers of `routes.yaml` always
    may. `asks` is for confirmation messages, which go through unconfirmed channels only.
    """
    if not receiver.startswith("@"):
        return None
    return send_problem(unit.subscribers.get(receiver.removeprefix("@")), channel, asks=asks)
