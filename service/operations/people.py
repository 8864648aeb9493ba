"""All who subscribed, page by page, for those who look after them."""

from collections.abc import Sequence
from dataclasses import dataclass

from service.domain.alerting.subscriber import Subscriber
from service.ports import Units


@dataclass(frozen=True, slots=True)
class People:
    """Some subscribers, by name. `more` says that others come after them."""

    found: Sequence[Subscriber]
    more: bool


def people(units: Units, limit: int, after: str = "", written: str = "") -> People:
    """So many after the one with this id, or the first ones; with `written` those whose name or id has it."""
    with units(read_only=True) as unit:
        last = unit.subscribers.get(after) if after else None
        place = (last.name, last.id) if last else None
        found = unit.desk.subscribers(limit + 1, place, written)
    return People(found[:limit], len(found) > limit)


def owner(units: Units, subscriber_id: str) -> str:
    """The name of the account whose own a subscription is, empty without one."""
    with units(read_only=True) as unit:
        return unit.desk.owner(subscriber_id)
