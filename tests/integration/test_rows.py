"""Whatever happens in whatever order: no row is lost, and nobody gets more messages than one and one for each crash."""

import shutil
import tempfile
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
)

from service.adapters.storage.database import SqlUnits, make_engine, sqlite_url
from service.flow import Kind, RowState, Task
from service.operations.sweep import sweep
from service.pipeline.line import Patience, carry
from service.pipeline.notify import PostOffice, notify
from service.ports import Claim, Delivery
from tests.contract.test_alerts import ALERT, TRANSITION
from tests.contract.test_outbox import outgoing
from tests.fakes import LEASE, NOON, FakeNotifier, FakeQueue, compose, pass_time, recipient_of, row

LIMITS = dict.fromkeys(Task, 50)
"""High enough that nothing is buried: these rows are meant to arrive."""
BUSY = Delivery(ok=False, error="busy")


class Rows(RuleBasedStateMachine):
    """Workers that claim, send, die, hang and come back; a sweeper; a clock."""

    held = Bundle("held")
    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="detente-rows-"))
        shutil.copy(self.template, self.folder / "detente.db")
        self.engine = make_engine(sqlite_url(self.folder))
        self.units, self.queue = SqlUnits(self.engine), FakeQueue()
        self.sent: Counter[str] = Counter()
        self.crashes: Counter[str] = Counter()
        self.channels: dict[str, str] = {}

    @initialize(count=st.integers(1, 3))
    def messages(self, count: int) -> None:
        with self.units() as unit:
            unit.alerts.save(ALERT)
            unit.alerts.add_transition(TRANSITION)
            new = outgoing(channels=[f"channel {n}" for n in range(count)])
            assert len(unit.outbox.write([new])) == count
            self.channels = {n.channel: n.id for n in new.notifications(NOON)}

    def _send(self, claims: Sequence[Claim], answers: list[Delivery]) -> list[Claim]:
        notifier = FakeNotifier(answers)
        office = PostOffice(notifier, recipient_of, compose, lambda *_: None, at_once=2)
        done = notify(claims, self.units, office)
        self.sent.update(self.channels[parcel.channel] for parcel in notifier.sent)
        return done

    @rule(target=held, later=st.booleans())
    def claim(self, later: bool) -> object:
        if later:
            pass_time(self.engine, LEASE + timedelta(seconds=1))
        with self.units() as unit:
            return multiple(*unit.works.claim(Task.DELIVER, list(self.channels.values()), LEASE))

    @rule(claim=consumes(held), refused=st.booleans())
    def send(self, claim: Claim, refused: bool) -> None:
        self._send([claim], [BUSY] if refused else [])

    @rule(claim=held)
    def send_and_forget_that_it_was_done(self, claim: Claim) -> None:
        self._send([claim], [])

    @rule(claim=consumes(held), sent=st.booleans())
    def crash(self, claim: Claim, sent: bool) -> None:
        with self.units() as unit:
            still_ours = unit.works.move([claim], claim.state)
        self.crashes[claim.id] += 1
        self.sent[claim.id] += bool(sent and still_ours)

    @rule(seconds=st.sampled_from([1, 20, 400]))
    def wait(self, seconds: int) -> None:
        pass_time(self.engine, timedelta(seconds=seconds))

    @rule(broker_is_emptied=st.booleans())
    def sweep(self, broker_is_emptied: bool) -> None:
        sweep(self.units, self.queue, LIMITS, timedelta(seconds=5))
        if broker_is_emptied:
            self.queue.nudges.clear()
        self._work()

    def _work(self) -> None:
        while self.queue.nudges:
            task, ids = self.queue.nudges.pop()
            if task is Task.DELIVER:
                carry(task, ids, self.units, [lambda claims: self._send(claims, [])], Patience())

    @invariant()
    def nothing_is_lost_or_told_too_often(self) -> None:
        for row_id in self.channels.values():
            stored = row(self.engine, Kind.NOTIFICATION, row_id)
            assert stored["state"] in {RowState.PENDING, RowState.SENT}
            assert self.sent[row_id] <= 1 + self.crashes[row_id]
            assert stored["state"] == RowState.PENDING or self.sent[row_id]

    def teardown(self) -> None:
        """In the end, when everybody works and nobody dies, each message arrives."""
        try:
            for _ in range(len(self.channels)):
                pass_time(self.engine, timedelta(hours=7))
                sweep(self.units, self.queue, LIMITS, timedelta(seconds=5))
                self._work()
            self.nothing_is_lost_or_told_too_often()
            assert all(self.sent[i] for i in self.channels.values())
        finally:
            self.engine.dispose()
            shutil.rmtree(self.folder)


def test_no_row_is_lost_whatever_happens(migrated: Path) -> None:
    from hypothesis.stateful import run_state_machine_as_test

    Rows.template = migrated
    run_state_machine_as_test(
        Rows,
        settings=settings(
            max_examples=40,
            stateful_step_count=15,
            deadline=None,
            phases=(Phase.generate,),  # shrinking on a real database takes minutes; fifteen steps can be read
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
