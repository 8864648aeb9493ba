"""Who can be told, and how alerts find them."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from service.domain.alerting import canary
from service.domain.alerting.alert import Alert, Transition
from service.domain.alerting.group import Group, GroupKind
from service.domain.alerting.inhibit import InhibitRule
from service.domain.alerting.interval import TimeInterval, muted_until
from service.domain.alerting.labels import CountriesOf, countries_named, labels_of
from service.domain.alerting.route import NOBODY, Receiver, Route, destinations, group_id, group_labels, walk
from service.domain.news.canary import is_invented

Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Subscription:
    """A route that stands by itself: somebody asked for what it `covers`, which `says` tells in words."""

    route: Route
    covers: Callable[[Labels], bool]
    says: str = ""


@dataclass(frozen=True)
class Directory:
    """The routing tree, the subscriptions beside it, and what both name.

    `canary` is the receiver that canaries go to, "" where none are sent.
    """

    tree: Route = NOBODY
    receivers: Mapping[str, Receiver] = field(default_factory=dict)
    intervals: Mapping[str, TimeInterval] = field(default_factory=dict)
    inhibit_rules: Sequence[InhibitRule] = ()
    subscriptions: Sequence[Subscription] = ()
    canary: str = ""
    countries_of: CountriesOf = countries_named

    def labels(self, alert: Alert, told: Transition | None = None) -> Labels:
        """What routes, silences and inhibition look at, of an alert as it stands or as a change told of it."""
        return labels_of(alert, self.countries_of, told=told)

    def find(self, labels: Labels) -> Iterator[Route]:
        """The routes on which an alert with these labels finds a receiver that has a channel, each receiver once."""
        found: set[str] = set()
        for route in self._found(labels):
            receiver = self.receivers.get(route.receiver)
            if receiver and receiver.channels and receiver.name not in found:
                found.add(receiver.name)
                yield route

    def _found(self, labels: Labels) -> list[Route]:
        if is_invented(labels.get("subject", "")):
            return [canary.route(self.canary)]
        subscribed = (s.route for s in self.subscriptions if s.covers(labels))
        return [*destinations(self.tree, labels), *subscribed]

    def receiver_of(self, group: Group) -> Receiver | None:
        """Who hears of a group; None where there is nobody of that name or no channel to them."""
        found = self.receivers.get(group.receiver)
        if found is None or not found.channels:
            return None
        return canary.unhindered(found) if group.path == canary.PATH else found

    def route_of(self, group: Group) -> Route | None:
        """The route that a group stands on; None where it has been taken away."""
        if group.path == canary.PATH:
            return canary.route(group.receiver)
        return self._by_place.get((group.receiver, group.path))

    def in_words(self, route: Route) -> str:
        """Why an alert comes this way, for the one who gets it."""
        said = (s.says for s in self.subscriptions if s.route is route)
        return next(said, "") or str(route)

    @cached_property
    def _by_place(self) -> Mapping[tuple[str, str], Route]:
        subscribed = (s.route for s in self.subscriptions)
        return {(route.receiver, route.path): route for route in (*walk(self.tree), *subscribed)}

    @cached_property
    def _by_receiver(self) -> Mapping[str, Sequence[Route]]:
        found: defaultdict[str, list[Route]] = defaultdict(list)
        for route in self._by_place.values():
            found[route.receiver].append(route)
        return found

    def muted_until(self, receiver: str, route: Route | None, at: datetime) -> datetime | None:
        """Until when nothing goes out on a route; a digest has none, and waits while all of its receiver's are mute."""
        mine = [route] if route else self._by_receiver.get(receiver, ())
        ends = [muted_until(one, self.intervals, at) for one in mine]
        muted = [end for end in ends if end]
        return min(muted) if muted and len(muted) == len(ends) else None


def group_on(route: Route, labels: Labels) -> Group:
    """The group of an alert with these labels on a route."""
    mine = group_labels(route, labels)
    return Group(group_id(route.receiver, route.path, mine), GroupKind.ALERTS, route.receiver, route.path, mine)
