"""From changes to messages: grouping, repeating, silences, digests, budgets, escalation; whatever comes, in any order."""

import shutil
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select

from service.adapters.nlp.gazetteer import CompiledGazetteer
from service.adapters.storage.database import make_engine, sqlite_url
from service.adapters.storage.outbox import MOVED
from service.adapters.storage.schema import alert_group, group_entry, message, message_alert, notification
from service.domain.alerting.alert import Alert, Transition
from service.domain.alerting.directory import Directory
from service.domain.alerting.inhibit import InhibitRule
from service.domain.alerting.interval import Hours, Span, TimeInterval
from service.domain.alerting.matcher import parse_matcher, parse_matchers
from service.domain.alerting.message import Message
from service.domain.alerting.route import Budget, DigestPlan, Escalation, Flood, Receiver, Route, Timing
from service.domain.alerting.rule import Memory, Severity, State
from service.flow import RowState, Task
from service.operations import silencing
from service.operations.why import why
from tests.fakes import AT_ONCE, LEVEL, World, pass_time

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
DYAD = "dyad:IRN-PAK"
MAIL = Receiver("desk", ("mail",), flood=None)
NIGHT = TimeInterval("night", (Span(times=(Hours(22 * 60, 6 * 60),)),))


def change(
    world: World,
    to: State = State.FIRING,
    severity: Severity = Severity.WARNING,
    *,
    subject: str = DYAD,
    of: str = "level",
    kind: str = "LEVEL",
) -> str:
    """Another state of an alert, as a rule would have decided it; returns the id of the change."""
    now = world.clock.now()
    with world.units() as unit:
        old = next((a for a in unit.alerts.for_subjects([subject]) if a.rule == of), None)
        before = old.state if old else State.INACTIVE
        began = old.since if old and before is to else now
        fired = now if to is State.FIRING and before is not to else old.memory.fired_at if old else None
        memory = Memory(to, fired_at=fired, confirmed=True, told=str(severity))
        labels = {"kind": kind, "subject": subject}
        alert = Alert(of, subject, labels, to, severity, "so", began, memory)
        unit.alerts.save(alert)
        made = Transition(alert.id, now, before, to, severity, 50.0, 10.0, "so", (), 2, confirmed=True)
        unit.alerts.add_transition(made)
    world.carry(Task.DISPATCH, made.id)
    world.drain(Task.GATHER)
    return made.id


def go(world: World, span: timedelta) -> None:
    """Time goes by, and whoever sweeps finds the groups that are due."""
    world.clock.moment += span
    pass_time(world.engine, span)
    sweep(world)


def sweep(world: World) -> None:
    with world.units() as unit:
        due = [row_id for row_id, _ in unit.works.due(Task.GATHER, 100, timedelta(0))]
    if due:
        world.carry(Task.GATHER, *due)


def messages(world: World, receiver: str = "desk") -> list[Message]:
    with world.units(read_only=True) as unit:
        with world.engine.connect() as connection:
            mine = select(message.c.id).where(message.c.receiver == receiver).order_by(message.c.created_at)
            ids = [row.id for row in connection.execute(mine)]
        found = unit.outbox.messages(ids)
        return [found[i] for i in ids]


def told(world: World, receiver: str = "desk") -> list[tuple[str, list[str]]]:
    return [(str(m.reason), [str(i.state) for i in m.items]) for m in messages(world, receiver)]


@pytest.fixture
def desk(world: World) -> World:
    timing = Timing(30 * timedelta(seconds=1), 30 * MINUTE, DAY)
    world.directory = Directory(Route("route", "desk", timing=timing), {"desk": MAIL}, {"night": NIGHT})
    return world


def with_receiver(world: World, **changes: Any) -> None:
    receivers = {**world.directory.receivers, "desk": replace(MAIL, **changes)}
    world.directory = replace(world.directory, receivers=receivers)


def test_what_comes_together_is_one_message(desk: World) -> None:
    change(desk)
    change(desk, of="surge", kind="SURGE")
    assert told(desk) == []
    go(desk, MINUTE)
    assert told(desk) == [("fired", ["firing", "firing"])]
    assert messages(desk)[0].group == {"subject": DYAD}


def test_subjects_are_told_apart_unless_grouped_otherwise(desk: World) -> None:
    change(desk)
    change(desk, subject="dyad:IND-PAK")
    go(desk, MINUTE)
    assert len(told(desk)) == 2
    one = replace(desk.directory.tree, group_by=(), path="route.routes[0]")
    desk.directory = replace(desk.directory, tree=one)
    change(desk, severity=Severity.HIGH)
    change(desk, severity=Severity.HIGH, subject="dyad:IND-PAK")
    go(desk, MINUTE)
    assert told(desk)[2:] == [("fired", ["firing", "firing"])], "the group is another"


def test_the_next_message_of_a_group_keeps_its_interval_and_its_thread(desk: World) -> None:
    change(desk)
    go(desk, MINUTE)
    change(desk, severity=Severity.HIGH)
    go(desk, 28 * MINUTE)
    assert len(told(desk)) == 1
    go(desk, 3 * MINUTE)
    assert told(desk)[1:] == [("changed", ["firing"])]
    change(desk, State.RESOLVED, Severity.INFO)
    go(desk, HOUR)
    assert told(desk)[2:] == [("resolved", ["resolved"])]
    assert len({m.thread for m in messages(desk)}) == 1
    go(desk, DAY)
    change(desk)
    go(desk, MINUTE)
    assert len({m.thread for m in messages(desk)}) == 2, "what begins anew is another conversation"


def test_what_goes_on_is_repeated_until_somebody_takes_it_on(desk: World) -> None:
    change(desk)
    go(desk, MINUTE)
    go(desk, DAY)
    assert told(desk)[1:] == [("repeat", ["firing"])]
    silencing.acknowledge(desk.units, desk.clock, f"level/{DYAD}", "ops", "looking at it")
    go(desk, DAY)
    assert len(told(desk)) == 2
    change(desk, severity=Severity.CRITICAL)
    go(desk, HOUR)
    assert told(desk)[2:] == [("changed", ["firing"])], "what gets worse is told all the same"
    change(desk, State.RESOLVED, Severity.INFO)
    go(desk, HOUR)
    go(desk, 3 * DAY)
    assert [reason for reason, _ in told(desk)] == ["fired", "repeat", "changed", "resolved"]


def test_only_what_fires_can_be_taken_on(desk: World) -> None:
    change(desk)
    change(desk, State.RESOLVED, Severity.INFO)
    with pytest.raises(ValueError, match="only what fires"):
        silencing.acknowledge(desk.units, desk.clock, f"level/{DYAD}", "ops", "")


def test_a_silence_keeps_quiet_and_what_still_fires_after_it_is_told(desk: World) -> None:
    silence = silencing.add(desk.units, desk.clock, parse_matchers(f'subject="{DYAD}"'), HOUR, "ops", "known")
    change(desk)
    go(desk, MINUTE)
    assert told(desk) == []
    assert [(s.id, state, len(alerts)) for s, state, alerts in silencing.listed(desk.units, desk.clock)] == [
        (silence.id, "active", 1)
    ]
    go(desk, HOUR)
    assert told(desk) == [("fired", ["firing"])]


def test_a_silence_that_is_ended_early_lets_go_at_once(desk: World) -> None:
    silence = silencing.add(desk.units, desk.clock, parse_matchers('kind="LEVEL"'), DAY, "ops", "")
    change(desk)
    go(desk, MINUTE)
    silencing.expire(desk.units, desk.clock, desk.queue, silence.id, "cli:ops")
    desk.drain(Task.GATHER)
    assert told(desk) == [("fired", ["firing"])]
    assert silencing.listed(desk.units, desk.clock) == []
    (again,) = silencing.listed(desk.units, desk.clock, all_of_them=True)
    assert (again[0].id, again[1]) == (silence.id, "expired")


def test_what_began_and_ended_in_silence_is_not_told(desk: World) -> None:
    silencing.add(desk.units, desk.clock, parse_matchers(f'subject="{DYAD}"'), HOUR, "ops", "")
    change(desk)
    go(desk, MINUTE)
    change(desk, State.RESOLVED, Severity.INFO)
    go(desk, 2 * HOUR)
    assert told(desk) == []
    assert desk.withheld()[DYAD].kind in {"superseded", "silenced", "untold-beginning"}


def test_quiet_hours_hold_all_for_one_digest(desk: World) -> None:
    desk.directory = replace(desk.directory, tree=replace(desk.directory.tree, mute=("night",)))
    go(desk, 11 * HOUR)
    change(desk, severity=Severity.CRITICAL)
    go(desk, MINUTE)
    change(desk, subject="dyad:IND-PAK")
    go(desk, HOUR)
    change(desk, State.RESOLVED, Severity.INFO)
    go(desk, 5 * HOUR)
    assert told(desk) == []
    go(desk, HOUR)
    assert told(desk) == [("digest", ["firing", "firing"])], "an end whose beginning is not told yet stays untold"
    assert {item.held for item in messages(desk)[0].items} == {"muted"}
    assert trace_says(desk, "held back until the quiet hours end") is False


def trace_says(world: World, words: str) -> bool:
    shown = why(world.units, f"level/{DYAD}", world.clock.now(), (LEVEL,), world.gauge, {})
    return any(words in stage.untold for stage in shown.stages)


def test_a_budget_holds_the_rest_for_the_mornings_digest(desk: World) -> None:
    with_receiver(desk, budget=Budget(per_day=2), digest=None)
    pairs = ["dyad:IRN-PAK", "dyad:IND-PAK", "dyad:CHN-IND", "dyad:RUS-UKR"]
    for pair in pairs:
        change(desk, subject=pair)
        go(desk, MINUTE)
    change(desk, subject="dyad:SDN-TCD", severity=Severity.CRITICAL)
    go(desk, MINUTE)
    assert [reason for reason, _ in told(desk)] == ["fired", "fired", "fired"], "what is critical needs no budget"
    go(desk, DAY)
    digest = next(m for m in messages(desk) if m.reason == "digest")
    assert sorted(item.subject for item in digest.items) == ["dyad:CHN-IND", "dyad:RUS-UKR"]


def test_more_than_anybody_reads_is_one_message(desk: World) -> None:
    with_receiver(desk, flood=Flood(3, 10 * MINUTE))
    codes = ["AFG", "DZA", "AGO", "ARG", "ARM", "AUS"]
    for code in codes:
        change(desk, subject=f"country:{code}")
        go(desk, MINUTE)
    assert [reason for reason, _ in told(desk)] == ["fired"] * 3
    go(desk, 10 * MINUTE)
    assert [(str(m.reason), len(m.items)) for m in messages(desk)][3:] == [("flood", 3)]


def test_what_is_small_comes_in_the_digest_only(desk: World) -> None:
    with_receiver(desk, digest=DigestPlan(least=Severity.HIGH))
    change(desk)
    go(desk, MINUTE)
    change(desk, severity=Severity.HIGH)
    go(desk, MINUTE)
    assert told(desk) == [("fired", ["firing"])], "nothing of it was told before"
    go(desk, DAY)
    assert [str(m.reason) for m in messages(desk)].count("digest") == 1


def test_what_nobody_takes_on_goes_to_the_next(desk: World) -> None:
    with_receiver(desk, escalation=Escalation(30 * MINUTE, "boss"))
    desk.directory = replace(desk.directory, receivers={**desk.directory.receivers, "boss": Receiver("boss", ("sms",))})
    change(desk)
    change(desk, subject="dyad:IND-PAK")
    change(desk, subject="dyad:CHN-IND", severity=Severity.INFO)
    go(desk, MINUTE)
    silencing.acknowledge(desk.units, desk.clock, "level/dyad:IND-PAK", "ops", "")
    go(desk, 28 * MINUTE)
    assert told(desk, "boss") == []
    go(desk, 3 * MINUTE)
    (escalated,) = messages(desk, "boss")
    assert (str(escalated.reason), [item.subject for item in escalated.items]) == ("escalated", [DYAD])


def test_a_configured_inhibition_says_who_speaks(desk: World) -> None:
    strong = InhibitRule((parse_matcher('kind="LEVEL"'),), (parse_matcher('kind="SURGE"'),), ("subject",))
    desk.directory = replace(desk.directory, inhibit_rules=(strong,))
    change(desk)
    change(desk, of="surge", kind="SURGE")
    change(desk, of="surge", kind="SURGE", subject="dyad:IND-PAK")
    desk.rules = (LEVEL, replace(LEVEL, name="surge"))
    go(desk, MINUTE)
    assert sorted(item.subject for m in messages(desk) for item in m.items) == ["dyad:IND-PAK", DYAD]
    assert str(desk.withheld("surge")[DYAD]) == f"the firing alert of {DYAD} speaks for it"


def test_severities_go_different_ways_and_ends_follow_beginnings(desk: World) -> None:
    urgent = Route("route.routes[0]", "boss", (parse_matcher('severity=~"high|critical"'),), timing=AT_ONCE)
    tree = Route("route", "desk", timing=AT_ONCE, routes=(urgent,))
    desk.directory = replace(
        desk.directory, tree=tree, receivers={"desk": MAIL, "boss": Receiver("boss", ("sms",), flood=None)}
    )
    change(desk)
    change(desk, severity=Severity.HIGH)
    change(desk, State.RESOLVED, Severity.INFO)
    assert told(desk) == [("fired", ["firing"]), ("resolved", ["resolved"])]
    assert told(desk, "boss") == [("fired", ["firing"]), ("resolved", ["resolved"])]
    change(desk, State.RESOLVED, Severity.INFO, of="clear", kind="ALLCLEAR")
    assert (len(told(desk)), len(told(desk, "boss"))) == (3, 3)


def test_a_receiver_that_was_taken_away_is_told_nothing_more(desk: World) -> None:
    change(desk)
    desk.directory = replace(desk.directory, receivers={})
    go(desk, MINUTE)
    assert told(desk) == []
    assert str(desk.withheld()[DYAD]) == "no receiver with a channel was configured"


def test_each_channel_gets_a_row_of_its_own_and_the_loudest_goes_first(desk: World) -> None:
    with_receiver(desk, channels=("mail", "chat"))
    change(desk)
    change(desk, subject="dyad:IND-PAK", severity=Severity.CRITICAL)
    go(desk, MINUTE)
    with desk.engine.connect() as connection:
        rows = connection.execute(select(notification.c.channel, notification.c.urgency)).all()
    assert Counter(tuple(row) for row in rows) == {("mail", 1): 1, ("chat", 1): 1, ("mail", 3): 1, ("chat", 3): 1}


class Groups(RuleBasedStateMachine):
    """Alerts that come and go, silences, quiet hours, budgets; and somebody who looks every few minutes."""

    template: Path
    gazetteer: CompiledGazetteer
    subjects = ("dyad:IRN-PAK", "dyad:IND-PAK", "country:SDN")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="detente-groups-"))
        shutil.copy(self.template, self.folder / "detente.db")
        self.world = World(make_engine(sqlite_url(self.folder)), self.gazetteer)
        self.changes: set[str] = set()

    @initialize(quiet=st.booleans(), budget=st.sampled_from([None, 2]), flood=st.booleans(), wait=st.booleans())
    def configure(self, *, quiet: bool, budget: int | None, flood: bool, wait: bool) -> None:
        timing = Timing(MINUTE if wait else timedelta(0), 20 * MINUTE, DAY)
        tree = Route("route", "desk", timing=timing, mute=("night",) if quiet else ())
        desk = Receiver(
            "desk", ("mail",), budget=Budget(budget) if budget else None, flood=Flood(2, 10 * MINUTE) if flood else None
        )
        self.world.directory = Directory(tree, {"desk": desk}, {"night": NIGHT})

    @rule(subject=st.sampled_from(subjects), severity=st.sampled_from(list(Severity)), ends=st.booleans())
    def change(self, subject: str, severity: Severity, *, ends: bool) -> None:
        self.world.clock.moment += MINUTE
        fires = self._fires(subject)
        to, severity = (State.RESOLVED, Severity.INFO) if ends and fires else (State.FIRING, severity)
        self.changes.add(change(self.world, to, severity, subject=subject))

    @rule(minutes=st.sampled_from([1, 5, 25, 120, 700]))
    def wait(self, minutes: int) -> None:
        go(self.world, minutes * MINUTE)

    @rule(subject=st.sampled_from(subjects), hours=st.integers(1, 30))
    def silence(self, subject: str, hours: int) -> None:
        world = self.world
        silencing.add(world.units, world.clock, parse_matchers(f'subject="{subject}"'), hours * HOUR, "ops", "")

    @precondition(lambda self: any(self._fires(subject) for subject in self.subjects))
    @rule()
    def acknowledge(self) -> None:
        subject = next(s for s in self.subjects if self._fires(s))
        silencing.acknowledge(self.world.units, self.world.clock, f"level/{subject}", "ops", "")

    @rule()
    def crash_while_writing(self) -> None:
        """A worker that took the groups and died: nothing is written, and the lease runs out."""
        with self.world.units() as unit:
            due = [row_id for row_id, _ in unit.works.due(Task.GATHER, 10, timedelta(0))]
            unit.works.claim(Task.GATHER, due, timedelta(seconds=-1))

    def _fires(self, subject: str) -> bool:
        with self.world.units(read_only=True) as unit:
            return any(a.state is State.FIRING for a in unit.alerts.for_subjects([subject]))

    def _rows(self, *columns: Any) -> Sequence[Any]:
        with self.world.engine.connect() as connection:
            return connection.execute(select(*columns)).all()

    @invariant()
    def each_change_has_one_fate(self) -> None:
        entries = self._rows(
            group_entry.c.transition_id, group_entry.c.waits, group_entry.c.withheld, group_entry.c.held
        )
        reasons = dict(self._rows(message.c.id, message.c.reason))
        sent = Counter(
            row.transition_id
            for row in self._rows(message_alert.c.transition_id, message_alert.c.message_id)
            if reasons[row.message_id] != "repeat"
        )
        assert max(sent.values(), default=1) == 1, "a change is told once, apart from repetitions"
        for row in entries:
            fates = [row.waits, row.withheld is not None, row.held == MOVED]
            assert sum(fates) <= 1
            if not any(fates):
                assert sent[row.transition_id] == 1

    @invariant()
    def no_end_without_a_beginning(self) -> None:
        fired: set[str] = set()
        for one in messages(self.world):
            for item in one.items:
                assert item.state is State.FIRING or item.subject in fired
            fired |= {item.subject for item in one.items if item.state is State.FIRING}

    @invariant()
    def budgets_are_kept(self) -> None:
        budget = self.world.directory.receivers["desk"].budget if self.world.directory.receivers else None
        counted = [m.created_at for m in messages(self.world) if m.reason not in {"digest", "flood"}]
        small = [m for m in messages(self.world) if m.severity is not Severity.CRITICAL]
        if budget:
            for one in small:
                before = [at for at in counted if one.created_at - DAY < at < one.created_at]
                assert one.reason in {"digest", "flood"} or len(before) < budget.per_day

    @invariant()
    def nothing_goes_out_in_quiet_hours(self) -> None:
        if self.world.directory.tree.mute:
            assert not [m for m in messages(self.world) if m.created_at.hour >= 22 or m.created_at.hour < 6]

    def teardown(self) -> None:
        """In the end nothing waits that could go out."""
        for _ in range(5):
            go(self.world, 30 * DAY + 7 * HOUR)
        entries = self._rows(group_entry.c.waits)
        left = sum(row.waits for row in entries)
        assert not left, f"{left} of {len(entries)} changes still wait"
        assert {row.state for row in self._rows(alert_group.c.state)} <= {RowState.IDLE, RowState.PENDING}
        self.world.engine.dispose()
        shutil.rmtree(self.folder)


@pytest.mark.timeout(300)
def test_whatever_happens_each_change_is_told_once_or_there_is_a_reason(
    migrated: Path, shipped_gazetteer: CompiledGazetteer
) -> None:
    Groups.template, Groups.gazetteer = migrated, shipped_gazetteer
    machine = Groups.TestCase
    machine.settings = settings(
        max_examples=8, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
    )
    machine().runTest()
