"""Going on with what is due."""

from collections.abc import Iterator

from service.flow import Task
from service.operations.sweep import drain
from tests.fakes import FakeQueue


def test_rows_are_carried_until_none_is_due() -> None:
    came: Iterator[int | None] = iter([1, 0, 1, None])
    queue = FakeQueue()
    assert drain(Task.DELIVER, queue, lambda: next(came), 60) == 2
    assert queue.nudges == []


def test_who_stops_while_there_is_more_wakes_the_next() -> None:
    queue = FakeQueue()
    assert drain(Task.DELIVER, queue, lambda: 1, 0.01) > 0
    assert queue.nudges == [(Task.DELIVER, ())]
