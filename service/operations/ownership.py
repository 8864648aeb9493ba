"""Whose subscription is whose: what the interface and the pages let people do with their own, and with others'."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.domain.access import Principal, Scope
from service.domain.alerting.subscriber import Subscriber
from service.errors import Conflict, Denied, NotFound
from service.operations.accounts import Doorkeeper
from service.operations.subscribers import Registry

ALREADY, NOBODY_KNOWN = "there is a subscription of yours already", "sign in to subscribe"


@dataclass(frozen=True, slots=True)
class Asked:
    """A channel that was added, and whether whoever is at its end was asked; `detail` says why not."""

    subscriber: Subscriber
    asked: bool
    detail: str = ""


def may_see(asker: Principal, subscriber_id: str) -> bool:
    """Whether a subscription is the asker's own, or everybody's are theirs to look after."""
    return asker.may(Scope.PEOPLE) or (bool(subscriber_id) and asker.subscriber_id == subscriber_id)


def seen(asker: Principal, subscriber_id: str) -> str:
    """The id, if the asker may see that subscription. Raises NotFound: another's is as good as none."""
    if not may_see(asker, subscriber_id):
        raise NotFound(f"no subscriber has the id {subscriber_id!r}")
    return subscriber_id


def own(registry: Registry, asker: Principal) -> Subscriber | None:
    """The asker's own subscription, None where there is none, or none any more."""
    try:
        return registry.get(asker.subscriber_id) if asker.subscriber_id else None
    except NotFound:
        return None


def add(registry: Registry, doorkeeper: Doorkeeper, changes: Mapping[str, Any], asker: Principal) -> Subscriber:
    """A new subscriber; of an asker who has an account and no subscription it becomes the own one.

    Raises ConfigError for a wish that cannot be; Conflict for one who has a subscription and looks after no others.
    """
    has_one = own(registry, asker) is not None
    if not asker.may(Scope.PEOPLE) and (has_one or not asker.account_id):
        raise Conflict(ALREADY if has_one else NOBODY_KNOWN)
    added = registry.add(changes, asker.actor)
    if asker.account_id and not has_one:
        doorkeeper.own(asker.account_id, added.id, asker.actor)
    return added


def change(
    registry: Registry, subscriber_id: str, changes: Mapping[str, Any], asker: Principal, *, paused: bool | None = None
) -> Subscriber:
    """Change what is given; `paused` begins or ends a pause. Raises NotFound or ConfigError."""
    changed = registry.change(seen(asker, subscriber_id), changes, asker.actor)
    if paused is None:
        return changed
    return (registry.pause if paused else registry.resume)(subscriber_id, asker.actor)


def add_channel(
    registry: Registry, subscriber_id: str, name: str, address: str, asker: Principal, *, confirmed: bool = False
) -> Asked:
    """A new way to somebody; whoever is at its end is asked, unless the asker vouches for it.

    Raises NotFound, ConfigError for a bad address, Conflict; Denied where it is not the asker's to vouch.
    """
    if confirmed and not asker.may(Scope.PEOPLE):
        raise Denied(f"this needs the scope {Scope.PEOPLE}")
    whose = seen(asker, subscriber_id)
    added = registry.add_channel(whose, name, address, asker.actor, confirmed=confirmed)
    if confirmed:
        return Asked(added, asked=False)
    try:
        registry.ask(whose, name, asker.actor)
    except Conflict as later:
        return Asked(added, asked=False, detail=str(later))
    return Asked(added, asked=True)
