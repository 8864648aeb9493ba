"""Make one message of what waits for a receiver, or keep it for later, or see that it is needless."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from service.domain.alerting import canary
from service.domain.alerting.alert import Alert, Transition
from service.domain.alerting.directory import Directory
from service.domain.alerting.group import (
    WEEK,
    Circumstances,
    Group,
    GroupKind,
    Held,
    Plan,
    Sent,
    Waiting,
    digest_group,
    escalation_group,
    is_spent,
    message_id,
    plan,
    plan_digest,
    plan_escalation,
    reason_of,
    silenced_by,
    told_after,
)
from service.domain.alerting.inhibit import inhibitor
from service.domain.alerting.message import ABOUT_ALERTS, Message, MessageReason
from service.domain.alerting.notification import Outgoing
from service.domain.alerting.route import Receiver, Route, Timing, Withheld, WithheldKind
from service.domain.alerting.rule import ALARMS, Rule, RuleKind, Severity, State
from service.domain.alerting.silence import Silence
from service.domain.alerting.writing import Portrait, item_of
from service.domain.risk.subject import Subject, SubjectKind
from service.flow import RowState, Task
from service.pipeline.speaking import speaker
from service.ports import Arrival, Claim, Clock, DirectoryOf, Queue, Settled, UnitOfWork, Units

WOKEN = 16
"""Senders that are woken at most: each goes on with whatever else is due."""


@dataclass(frozen=True, slots=True)
class Editor:
    """How messages are written: what a subject looks like at a moment, what a message is called, and the rules."""

    portrait: Callable[[str, datetime, UnitOfWork], Portrait]
    title: Callable[[Message], str]
    rules: Sequence[Rule]


def group(
    claims: Sequence[Claim], units: Units, directory_of: DirectoryOf, editor: Editor, clock: Clock, queue: Queue
) -> list[Claim]:
    """Decide what becomes of all that waits in these groups, in one transaction, and write the messages.

    A group that comes round for a repetition says so once more if it still fires and nobody has acknowledged it.
    """
    with units(serial=True) as unit:
        held = unit.works.held(claims)
        desk = _Desk.of([c.id for c in held], directory_of, editor, unit, clock.now())
        for claim in held:
            desk.deal_with(claim.id)
        unit.outbox.settle(desk.settled)
        unit.outbox.keep(list(desk.kept.values()))
        made = unit.outbox.write(desk.messages)
        unit.outbox.enter(desk.arrivals)
        done = [_settle(claim, desk, unit) for claim in held]
        for notification_id in made[:WOKEN]:  # each by itself: a lease must outlast the sends it covers
            unit.after_commit(lambda one=notification_id: queue.nudge(Task.DELIVER, [one]))  # type: ignore[misc]
    return [claim for claims_ in done for claim in claims_]


def _settle(claim: Claim, desk: "_Desk", unit: UnitOfWork) -> list[Claim]:
    again = desk.again[claim.id]
    finished = unit.works.finish([claim], RowState.IDLE if again is None else RowState.PENDING)
    if again is not None:
        unit.works.postpone(finished, max(timedelta(0), again - desk.now))
    return finished


@dataclass
class _Desk:
    """All that is known of a batch of groups, and what has been decided so far."""

    now: datetime
    directory: Directory
    editor: Editor
    unit: UnitOfWork
    groups: Mapping[str, Group]
    waiting: Mapping[str, list[Waiting]]
    silences: Sequence[Silence]
    sent: Mapping[str, list[Sent]]
    told: defaultdict[str, set[str]]
    acknowledged: Mapping[str, str]
    firing: Sequence[Alert]
    standing: Mapping[str, Waiting]
    messages: list[Outgoing] = field(default_factory=list)
    arrivals: list[Arrival] = field(default_factory=list)
    again: dict[str, datetime | None] = field(default_factory=dict)
    kept: dict[str, Group] = field(default_factory=dict)
    settled: list[Settled] = field(default_factory=list)
    _portraits: dict[tuple[str, datetime], Portrait] = field(default_factory=dict)
    _speakers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls, ids: Sequence[str], directory_of: DirectoryOf, editor: Editor, unit: UnitOfWork, now: datetime
    ) -> "_Desk":
        """Reads what the decisions need, in a handful of statements."""
        groups, waits = unit.outbox.groups(ids), unit.outbox.waiting(ids)
        told_of = (told.transition_id for one in groups.values() for told in one.told.values())
        wanted = dict.fromkeys([*(t for waiting in waits.values() for t, _ in waiting), *told_of])
        changes = unit.alerts.transitions(list(wanted))
        receivers = {one.receiver for one in groups.values()}
        directory = directory_of(unit, receivers)
        acknowledged = unit.alerts.acknowledged({alert.id for _, alert in changes.values()})
        return cls(
            now=now,
            directory=directory,
            editor=editor,
            unit=unit,
            groups=groups,
            waiting={g: [_waiting(*changes[t], directory, held) for t, held in mine] for g, mine in waits.items()},
            silences=unit.silences.not_over(now),
            sent=unit.outbox.sent(receivers, now - WEEK),
            told=defaultdict(set, unit.outbox.told(receivers, {alert.subject for _, alert in changes.values()})),
            acknowledged={alert_id: taken.author for alert_id, taken in acknowledged.items()},
            firing=[a for rule in editor.rules for a in unit.alerts.firing(rule.name)],
            standing={t: _waiting(*change, directory) for t, change in changes.items()},
        )

    def deal_with(self, group_id: str) -> None:
        """Decide on one group."""
        mine, waiting = self.groups[group_id], self.waiting[group_id]
        self.again[group_id] = None
        receiver = self.directory.receiver_of(mine)
        if receiver is None:
            nobody = Withheld(WithheldKind.NO_RECEIVER)
            self.settled += [Settled(mine.id, one.transition.id, nobody) for one in waiting]
            return
        route = self.directory.route_of(mine) if mine.kind is GroupKind.ALERTS else None
        around = self._around(mine, waiting, receiver, route)
        if waiting:
            self._carry_out(mine, _PLANS[mine.kind](waiting, around), receiver, route)
        elif mine.kind is GroupKind.ALERTS:
            self._repeat(mine, around, route)

    def _around(
        self, mine: Group, waiting: Sequence[Waiting], receiver: Receiver, route: Route | None
    ) -> Circumstances:
        mutable = mine.kind is not GroupKind.ESCALATION
        return Circumstances(
            now=self.now,
            receiver=receiver,
            muted_until=self.directory.muted_until(receiver.name, route, self.now) if mutable else None,
            silences=() if _is_canary(mine) else self.silences,
            sent=self.sent[receiver.name],
            told_subjects=self.told[receiver.name],
            spoken_for={one.alert.id: by for one in waiting if (by := self._speaker(one))},
            acknowledged=self.acknowledged,
        )

    def _speaker(self, one: Waiting) -> str:
        """Who says what a firing alarm would: a rule of inhibition, or the dyad that its country shares most with."""
        if not one.fires or RuleKind(one.alert.labels["kind"]) not in ALARMS:
            return ""
        if one.alert.id not in self._speakers:
            self._speakers[one.alert.id] = self._configured_speaker(one) or self._dyad_speaker(one) or ""
        return self._speakers[one.alert.id]

    def _configured_speaker(self, one: Waiting) -> str | None:
        others = [self.directory.labels(alert) for alert in self.firing if alert.id != one.alert.id]
        found = inhibitor(one.labels, others, self.directory.inhibit_rules)
        return found["subject"] if found else None

    def _dyad_speaker(self, one: Waiting) -> str | None:
        """Only an alert of the same kind: a war that goes on tells nothing of a new surge."""
        kind = one.alert.labels["kind"]
        alike = [a.subject for a in self.firing if a.labels["kind"] == kind]
        dyads = [subject for subject in alike if Subject.parse(subject).kind is SubjectKind.DYAD]
        return speaker(one.alert.subject, dyads, one.transition.at, self.unit)

    def _carry_out(self, mine: Group, decided: Plan, receiver: Receiver, route: Route | None) -> None:
        self.settled += [Settled(mine.id, one.transition.id, why) for one, why in decided.withheld]
        again = [until for _, until in decided.waits] + self._hold(mine, decided.held)
        if decided.tell:
            reason = _REASONS.get(mine.kind) or reason_of(decided.tell, mine)
            if mine.path == WithheldKind.FLOOD and mine.kind is GroupKind.DIGEST:
                reason = MessageReason.FLOOD
            if _is_canary(mine):
                reason = MessageReason.TEST
            mine = self._write(mine, reason, decided.tell, receiver, route)
            self.settled += [Settled(mine.id, one.transition.id) for one in decided.tell]
        self.again[mine.id] = min(again + self._repeats(mine, route), default=None)

    def _hold(self, mine: Group, held: Sequence[Held]) -> list[datetime]:
        """What waits in a digest goes on waiting there, until the times given; all else is moved to its digest."""
        if mine.kind is GroupKind.DIGEST:
            return [one.until for one in held]
        self.settled += [Settled(mine.id, one.waiting.transition.id, moved=True) for one in held]
        work_now = self.unit.marks.now()
        for one in held:
            digest = digest_group(mine.receiver, one.kind)
            due = work_now + (one.until - self.now)
            self.arrivals.append(Arrival(digest, one.waiting.transition.id, due, str(one.kind)))
        return []

    def _write(
        self, mine: Group, reason: MessageReason, tell: Sequence[Waiting], receiver: Receiver, route: Route | None
    ) -> Group:
        mine = self._tell(mine, tell)
        written = message_id(mine.id, reason, [one.transition.id for one in tell], self.groups[mine.id].told_at)
        message = Message(
            reason=reason,
            receiver=receiver.name,
            created_at=self.now,
            thread=mine.thread,
            items=tuple(item_of(one, self._portrait(one), self._rules) for one in tell),
            group=mine.labels,
            why=self.directory.in_words(route) if route else mine.path,
            note=canary.NOTE if _is_canary(mine) else "",
        )
        changes = [(one.transition.id, one.alert.id) for one in tell]
        title = self.editor.title(message)
        self.messages.append(Outgoing(written, message, title, receiver.channels, changes, mine.id))
        if reason in ABOUT_ALERTS:
            self.sent[receiver.name].append(Sent(self.now, message.severity))
        self._escalate_later(written, tell, receiver)
        return mine

    def _tell(self, mine: Group, tell: Sequence[Waiting]) -> Group:
        """A conversation goes on while something of the group fires; what begins after that is another."""
        thread = mine.thread if mine.thread and mine.is_firing else f"{mine.id}.{self.now:%Y%m%d%H%M%S}"
        told = replace(mine, told=told_after(mine, tell), told_at=self.now, thread=thread)
        self.kept[mine.id] = told
        self.told[mine.receiver] |= {one.alert.subject for one in tell if one.fires}
        return told

    def _escalate_later(self, written: str, tell: Sequence[Waiting], receiver: Receiver) -> None:
        if receiver.escalation is None:
            return
        due = self.unit.marks.now() + receiver.escalation.after
        target = escalation_group(receiver.escalation.to, written, receiver.name)
        urgent = [one for one in tell if one.fires and one.transition.severity is not Severity.INFO]
        self.arrivals += [Arrival(target, one.transition.id, due) for one in urgent]

    def _repeat(self, mine: Group, around: Circumstances, route: Route | None) -> None:
        told = [self.standing[t.transition_id] for t in mine.told.values() if t.state is State.FIRING]
        still = [one for one in told if one.alert.state is State.FIRING]
        say = [one for one in still if one.alert.id not in self.acknowledged and not silenced_by(one, around)]
        due = self._repeats(mine, route)
        if not still or not due:
            return
        if due[0] > self.now:
            self.again[mine.id] = due[0]
        elif around.muted_until:
            self.again[mine.id] = around.muted_until
        elif not say or is_spent(around):
            self.again[mine.id] = self.now + self._timing(route).repeat_interval
        else:
            mine = self._write(mine, MessageReason.REPEAT, say, around.receiver, route)
            self.again[mine.id] = self.now + self._timing(route).repeat_interval

    def _repeats(self, mine: Group, route: Route | None) -> list[datetime]:
        if mine.kind is not GroupKind.ALERTS or not mine.is_firing or mine.told_at is None or _is_canary(mine):
            return []
        return [mine.told_at + self._timing(route).repeat_interval]

    @staticmethod
    def _timing(route: Route | None) -> Timing:
        return route.timing if route else Timing()

    @property
    def _rules(self) -> Mapping[str, Rule]:
        return {rule.name: rule for rule in self.editor.rules}

    def _portrait(self, one: Waiting) -> Portrait:
        key = (one.alert.subject, one.transition.at)
        if key not in self._portraits:
            self._portraits[key] = self.editor.portrait(*key, self.unit)
        return self._portraits[key]


def _is_canary(mine: Group) -> bool:
    return mine.path == canary.PATH


def _waiting(transition: Transition, alert: Alert, directory: Directory, held: str = "") -> Waiting:
    return Waiting(transition, alert, directory.labels(alert, transition), held)


_PLANS = {GroupKind.ALERTS: plan, GroupKind.DIGEST: plan_digest, GroupKind.ESCALATION: plan_escalation}
_REASONS = {GroupKind.DIGEST: MessageReason.DIGEST, GroupKind.ESCALATION: MessageReason.ESCALATED}
