"""Who is told of an alert."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Literal

from service.domain.alerting.matcher import Matcher, matches
from service.domain.alerting.rule import Severity


class WithheldKind(StrEnum):
    """Why nobody was told of a change, or not yet. A closed list: records are compared and counted by it."""

    SILENCED = "silenced"
    SUPERSEDED = "superseded"
    OVER = "over"
    INHIBITED = "inhibited"
    ACKNOWLEDGED = "acknowledged"
    UNTOLD = "untold-beginning"
    NO_RECEIVER = "no-receiver"
    MUTED = "muted"
    QUIET_HOURS = "quiet-hours"
    BUDGET = "budget"
    FLOOD = "flood"
    DIGEST = "digest"
    UNSUBSCRIBED = "unsubscribed"
    TOO_LATE = "too-late"


_WORDS = {
    WithheldKind.SUPERSEDED: "a later change of the same alert was told in its place",
    WithheldKind.OVER: "it was over before it would have been told",
    WithheldKind.UNTOLD: "nobody had been told that it began",
    WithheldKind.NO_RECEIVER: "no receiver with a channel was configured",
    WithheldKind.QUIET_HOURS: "held back until the quiet hours end",
    WithheldKind.BUDGET: "held back for the digest: the budget of messages was used up",
    WithheldKind.FLOOD: "held back for one digest: too much came at once",
    WithheldKind.DIGEST: "held back for the digest, as configured for its severity",
    WithheldKind.TOO_LATE: "it was too old to be sent by itself",
}


@dataclass(frozen=True, slots=True)
class Withheld:
    """Why nobody was told.

    `by` is the subject that speaks for an inhibited one, the silence, the interval, who acknowledged, or
    why a subscriber may not be sent it.
    """

    kind: WithheldKind
    by: str = ""

    def __str__(self) -> str:
        """In words."""
        match self.kind:
            case WithheldKind.INHIBITED:
                return f"the firing alert of {self.by} speaks for it"
            case WithheldKind.SILENCED:
                return f"silence {self.by} held"
            case WithheldKind.ACKNOWLEDGED:
                return f"{self.by} had acknowledged it"
            case WithheldKind.MUTED:
                return f"held back by the interval {self.by}"
            case WithheldKind.UNSUBSCRIBED:
                return f"not to be sent: {self.by}" if self.by else "the receiver had unsubscribed"
            case kind:
                return _WORDS[kind]


@dataclass(frozen=True, slots=True)
class Budget:
    """How many messages a receiver gets at most; more come in the digest. 0 is no limit; what is critical is exempt."""

    per_day: int = 0
    per_week: int = 0


@dataclass(frozen=True, slots=True)
class DigestPlan:
    """When what was held back comes together: at a local time of the IANA `zone`, daily or on a weekday (0 is Monday).

    What is less severe than `least` comes in the digest only.
    """

    every: Literal["daily", "weekly"] = "daily"
    at: time = time(8)
    weekday: int = 0
    zone: str = "UTC"
    least: Severity = Severity.INFO


@dataclass(frozen=True, slots=True)
class Escalation:
    """To whom it goes when nobody has acknowledged it after a while."""

    after: timedelta
    to: str


@dataclass(frozen=True, slots=True)
class Flood:
    """What is more than so many messages within so long comes in one digest. Critical is exempt."""

    messages: int = 10
    within: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Receiver:
    """A named list of channels, and how much it wants to hear."""

    name: str
    channels: tuple[str, ...]
    budget: Budget | None = None
    digest: DigestPlan | None = None
    escalation: Escalation | None = None
    flood: Flood | None = Flood()


@dataclass(frozen=True, slots=True)
class Timing:
    """How long the first message of a group waits for more, the next one after it, and a repetition."""

    group_wait: timedelta = timedelta(seconds=30)
    group_interval: timedelta = timedelta(minutes=30)
    repeat_interval: timedelta = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Route:
    """A node of the routing tree, with all that it inherits filled in.

    `path` is where it stands, as `route.routes[0]`. `group_by` names the labels whose values make a group, None all of
    them. `mute` and `active` name intervals. `continues`: its later siblings are asked too. A `receiver` that does not
    exist, as "", is nobody.
    """

    path: str
    receiver: str
    matchers: tuple[Matcher, ...] = ()
    group_by: tuple[str, ...] | None = ("subject",)
    timing: Timing = Timing()
    mute: tuple[str, ...] = ()
    active: tuple[str, ...] = ()
    continues: bool = False
    routes: tuple["Route", ...] = ()

    def __str__(self) -> str:
        """Where it stands and what it asks for."""
        asked = ", ".join(map(str, self.matchers))
        return f"{self.path}: {asked}" if asked else self.path


NOBODY = Route("route", "")
"""The tree where nothing is configured."""


def destinations(tree: Route, labels: Mapping[str, str]) -> list[Route]:
    """The nodes an alert comes to, in order: the deepest that match.

    At each node the first matching child takes it, and those after it as long as each before said `continue`. Where no
    child matches, the node itself takes it; the root matches always.
    """
    found: list[Route] = []
    for child in tree.routes:
        if matches(child.matchers, labels):
            found += destinations(child, labels)
            if not child.continues:
                break
    return found or [tree]


def walk(tree: Route) -> Iterator[Route]:
    """All nodes, parents first."""
    yield tree
    for child in tree.routes:
        yield from walk(child)


def group_labels(route: Route, labels: Mapping[str, str]) -> Mapping[str, str]:
    """The labels an alert is grouped by on this node. A label that is not there is empty, and so left out."""
    names = labels if route.group_by is None else route.group_by
    return {name: labels[name] for name in sorted(names) if labels.get(name)}


def group_id(receiver: str, path: str, labels: Mapping[str, str]) -> str:
    """The id of a group, thirty-two hexadecimal digits; the order of its labels does not matter."""
    parts = [receiver, path, sorted(labels.items())]
    return sha256(json.dumps(parts).encode()).hexdigest()[:32]
