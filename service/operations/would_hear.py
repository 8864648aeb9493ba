"""Whether an alert would be for a subscriber, and if not, why."""

from collections.abc import Iterator
from dataclasses import dataclass

from service.domain.alerting.rule import Severity
from service.domain.alerting.subscriber import Members, Subscriber, covers, send_problem, wants_kind
from service.domain.alerting.subscription import PEACEFUL


@dataclass(frozen=True, slots=True)
class Heard:
    """The names of the channels that would be sent to, and what keeps back the rest, in sentences."""

    reached: tuple[str, ...]
    reasons: tuple[str, ...]


def would_hear(one: Subscriber, subject: str, severity: Severity, kind: str, members: Members) -> Heard:
    """Of an alert about a written subject, so loud, by a rule of this kind."""
    against = list(_unwanted(one, subject, severity, kind, members))
    reached = () if against else tuple(c.name for c in one.reachable)
    return Heard(reached, (*against, *_unreachable(one)))


def _unwanted(one: Subscriber, subject: str, severity: Severity, kind: str, members: Members) -> Iterator[str]:
    if not covers(one, subject, members):
        yield f"no subject of theirs covers {subject}"
    if not wants_kind(one, kind):
        yield f"they do not want to hear of rules of the kind {kind}"
    order = list(Severity)
    if kind not in PEACEFUL and order.index(severity) < order.index(one.least):
        yield f"{severity} is below {one.least}"


def _unreachable(one: Subscriber) -> Iterator[str]:
    if not one.channels:
        yield "they have no channel"
    yield from (f"channel {c.name}: {why}" for c in one.channels if (why := send_problem(one, c.name)))
