"""What becomes of the changes that wait for a receiver: told now, held for a digest, or withheld. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from service.domain.alerting.alert import Alert, Transition
from service.domain.alerting.digest import next_digest
from service.domain.alerting.matcher import matches
from service.domain.alerting.message import MessageReason
from service.domain.alerting.route import Receiver, Withheld, WithheldKind
from service.domain.alerting.rule import Severity, State
from service.domain.alerting.silence import Silence, is_active

DAY = timedelta(days=1)
WEEK = timedelta(days=7)


class GroupKind(StrEnum):
    """What a group's messages are: news of alerts, what was held, or what nobody acknowledged."""

    ALERTS = "alerts"
    DIGEST = "digest"
    ESCALATION = "escalation"


@dataclass(frozen=True, slots=True)
class Told:
    """What a receiver last heard of an alert of the group: the change, and the state it told of."""

    transition_id: str
    state: State


@dataclass(frozen=True, slots=True)
class Group:
    """Alerts that go to one receiver in one message. `told` maps alert ids; `thread` names the running conversation."""

    id: str
    kind: GroupKind
    receiver: str
    path: str
    labels: Mapping[str, str] = field(default_factory=dict)
    told: Mapping[str, Told] = field(default_factory=dict)
    told_at: datetime | None = None
    thread: str = ""

    @property
    def is_firing(self) -> bool:
        """Whether the receiver believes that something of it fires."""
        return any(told.state is State.FIRING for told in self.told.values())


@dataclass(frozen=True, slots=True)
class Waiting:
    """A change that waits in a group: `alert` is as it is now. `held` says why it has waited so far."""

    transition: Transition
    alert: Alert
    labels: Mapping[str, str]
    held: str = ""

    @property
    def fires(self) -> bool:
        """Whether it tells that something fires."""
        return self.transition.to_state is State.FIRING

    @property
    def is_critical(self) -> bool:
        """What is told even where there have been too many messages."""
        return self.fires and self.transition.severity is Severity.CRITICAL


@dataclass(frozen=True, slots=True)
class Sent:
    """A message the receiver was sent: what counts for its budget."""

    at: datetime
    severity: Severity


@dataclass(frozen=True, slots=True)
class Circumstances:
    """All a decision may look at besides what waits.

    `sent` are the receiver's messages of the last seven days that were no digests. `told_subjects` are those of which
    the receiver was told that something fires. `spoken_for` maps the ids of firing alerts to who speaks for them, and
    `acknowledged` maps the ids of alerts that somebody has taken on to who did.
    """

    now: datetime
    receiver: Receiver
    muted_until: datetime | None = None
    silences: Sequence[Silence] = ()
    sent: Sequence[Sent] = ()
    told_subjects: Collection[str] = ()
    spoken_for: Mapping[str, str] = field(default_factory=dict)
    acknowledged: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Held:
    """A change that waits in a digest, and until when."""

    waiting: Waiting
    kind: WithheldKind
    until: datetime


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of each: exactly one of the four. `waits` are silenced, and looked at again at a time."""

    tell: Sequence[Waiting] = ()
    held: Sequence[Held] = ()
    waits: Sequence[tuple[Waiting, datetime]] = ()
    withheld: Sequence[tuple[Waiting, Withheld]] = ()


def plan(waiting: Sequence[Waiting], around: Circumstances) -> Plan:
    """What becomes of the changes that wait in a group of alerts, given in order of time."""
    tell: list[Waiting] = []
    held: list[Held] = []
    waits: list[tuple[Waiting, datetime]] = []
    withheld: list[tuple[Waiting, Withheld]] = []
    last = {one.alert.id: one for one in waiting}
    for one in waiting:
        if one is not last[one.alert.id]:
            withheld.append((one, Withheld(WithheldKind.SUPERSEDED)))
        elif silenced := silenced_by(one, around):
            _silence(one, silenced, waits, withheld)
        elif why := _needless(one, around):
            withheld.append((one, why))
        elif hold := hold_of(one, around):
            held.append(hold)
        else:
            tell.append(one)
    return Plan(tell, held, waits, withheld)


def plan_digest(waiting: Sequence[Waiting], around: Circumstances) -> Plan:
    """What becomes of what was held, now that its time has come: all of it is told at once, but what is silenced."""
    if around.muted_until:
        return Plan(held=[Held(one, WithheldKind.MUTED, around.muted_until) for one in waiting])
    tell, withheld = [], []
    for one in waiting:
        if silenced := silenced_by(one, around):
            withheld.append((one, Withheld(WithheldKind.SILENCED, silenced[1])))
        else:
            tell.append(one)
    return Plan(tell=tell, withheld=withheld)


def plan_escalation(waiting: Sequence[Waiting], around: Circumstances) -> Plan:
    """What nobody has acknowledged and still fires goes to the next receiver."""
    tell, withheld = [], []
    for one in waiting:
        if one.alert.id in around.acknowledged:
            withheld.append((one, Withheld(WithheldKind.ACKNOWLEDGED, around.acknowledged[one.alert.id])))
        elif one.alert.state is not State.FIRING:
            withheld.append((one, Withheld(WithheldKind.OVER)))
        elif silenced := silenced_by(one, around):
            withheld.append((one, Withheld(WithheldKind.SILENCED, silenced[1])))
        else:
            tell.append(one)
    return Plan(tell=tell, withheld=withheld)


def silenced_by(one: Waiting, around: Circumstances) -> tuple[datetime, str] | None:
    """When the last of the silences that apply ends, and its id; None where none does."""
    holding = [s for s in around.silences if is_active(s, around.now) and matches(s.matchers, one.labels)]
    return max(((s.ends_at, s.id) for s in holding), default=None)


def _silence(
    one: Waiting,
    silenced: tuple[datetime, str],
    waits: list[tuple[Waiting, datetime]],
    withheld: list[tuple[Waiting, Withheld]],
) -> None:
    """What still fires when the silence ends is news then."""
    until, silence_id = silenced
    if one.fires and one.alert.state is State.FIRING:
        waits.append((one, until))
    else:
        withheld.append((one, Withheld(WithheldKind.SILENCED, silence_id)))


def _needless(one: Waiting, around: Circumstances) -> Withheld | None:
    if one.fires:
        speaker = around.spoken_for.get(one.alert.id)
        return Withheld(WithheldKind.INHIBITED, speaker) if speaker else None
    return None if one.alert.subject in around.told_subjects else Withheld(WithheldKind.UNTOLD)


def hold_of(one: Waiting, around: Circumstances) -> Held | None:
    """Whether, why and until when a change is kept back. What is critical waits for quiet hours only."""
    receiver, now = around.receiver, around.now
    if around.muted_until:
        return Held(one, WithheldKind.MUTED, around.muted_until)
    if one.is_critical:
        return None
    if receiver.digest and _order(one.transition.severity) < _order(receiver.digest.least):
        return Held(one, WithheldKind.DIGEST, next_digest(receiver.digest, now))
    if receiver.flood and sum(now - sent.at < receiver.flood.within for sent in around.sent) >= receiver.flood.messages:
        return Held(one, WithheldKind.FLOOD, now + receiver.flood.within)
    if is_spent(around):
        return Held(one, WithheldKind.BUDGET, next_digest(receiver.digest, now))
    return None


def is_spent(around: Circumstances) -> bool:
    """Whether the receiver has had all the messages it wants."""
    budget, now = around.receiver.budget, around.now
    if budget is None:
        return False
    spans = ((budget.per_day, DAY), (budget.per_week, WEEK))
    return any(most and sum(now - sent.at < span for sent in around.sent) >= most for most, span in spans)


def reason_of(tell: Sequence[Waiting], group: Group) -> MessageReason:
    """Why a message about these changes goes out now."""
    firing = [one for one in tell if one.fires]
    if not firing:
        return MessageReason.RESOLVED
    known = {alert_id for alert_id, told in group.told.items() if told.state is State.FIRING}
    return MessageReason.CHANGED if all(one.alert.id in known for one in firing) else MessageReason.FIRED


def told_after(group: Group, tell: Sequence[Waiting]) -> dict[str, Told]:
    """What the receiver believes after a message; what is over is forgotten at the message after that."""
    standing = {alert_id: told for alert_id, told in group.told.items() if told.state is State.FIRING}
    return {**standing, **{one.alert.id: Told(one.transition.id, one.transition.to_state) for one in tell}}


def flush_at(group: Group, now: datetime, wait: timedelta, interval: timedelta) -> datetime:
    """When a change that comes now is told: after `wait` where nothing runs, `interval` after the last message else."""
    if group.told_at is None or not group.is_firing:
        return now + wait
    return max(now, group.told_at + interval)


def message_id(group_id: str, reason: MessageReason, transition_ids: Collection[str], told_at: datetime | None) -> str:
    """The same news to the same group has the same id, whoever writes it. A repetition is told by what it follows."""
    follows = told_at.isoformat() if told_at and reason is MessageReason.REPEAT else ""
    parts = "|".join([group_id, reason, follows, *sorted(transition_ids)])
    return sha256(parts.encode()).hexdigest()[:32]


def digest_group(receiver: str, kind: WithheldKind) -> Group:
    """Where a receiver's held changes wait; what waits for the day's digest waits in one."""
    shared = WithheldKind.DIGEST if kind is WithheldKind.BUDGET else kind
    name = sha256(f"digest|{receiver}|{shared}".encode()).hexdigest()[:32]
    return Group(name, GroupKind.DIGEST, receiver, str(shared))


def escalation_group(receiver: str, message: str, after: str) -> Group:
    """Where the changes of a message wait for somebody to acknowledge them; `after` is the receiver who was told."""
    name = sha256(f"escalation|{receiver}|{message}".encode()).hexdigest()[:32]
    return Group(name, GroupKind.ESCALATION, receiver, after)


def _order(severity: Severity) -> int:
    return list(Severity).index(severity)
