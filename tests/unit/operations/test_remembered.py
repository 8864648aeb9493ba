"""What is dear is made once, by one, and never handed out when it is too old."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest

from service.operations.remembered import KEEP, REST, Remembered
from tests.fakes import NOON

SECOND = timedelta(seconds=1)
LATER = REST + SECOND


class Maker:
    """Counts how often it is asked, and waits to be let go if that is wanted."""

    def __init__(self) -> None:
        self.made = self.asked = 0
        self.stamp = "a"
        self.begun, self.go = Event(), Event()
        self.go.set()

    def make(self) -> int:
        self.made += 1
        self.begun.set()
        assert self.go.wait(10)
        return self.made

    def seen(self) -> str:
        self.asked += 1
        return self.stamp


@pytest.fixture
def maker() -> Maker:
    return Maker()


def test_it_is_made_anew_when_something_changed_or_time_is_up(maker: Maker) -> None:
    remembered: Remembered[int] = Remembered()
    assert remembered.get(NOON, maker.seen, maker.make) == 1
    assert remembered.get(NOON + LATER, maker.seen, maker.make) == 1
    maker.stamp = "b"
    assert remembered.get(NOON + LATER, maker.seen, maker.make) == 2
    assert remembered.get(NOON + LATER + KEEP, maker.seen, maker.make) == 3
    assert remembered.get(NOON - KEEP, maker.seen, maker.make) == 4, "the clock was put back"


def test_for_a_while_nobody_asks(maker: Maker) -> None:
    remembered: Remembered[int] = Remembered()
    for n in range(5):
        maker.stamp = str(n)
        assert remembered.get(NOON + n * SECOND, maker.seen, maker.make) == 1
    assert maker.asked == 1


def test_while_one_makes_it_all_others_get_the_old_one(maker: Maker) -> None:
    remembered: Remembered[int] = Remembered()
    remembered.get(NOON, maker.seen, maker.make)
    maker.stamp = "b"
    maker.begun.clear()
    maker.go.clear()
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(remembered.get, NOON + LATER, maker.seen, maker.make)
        assert maker.begun.wait(10)
        assert remembered.get(NOON + LATER, maker.seen, maker.make) == 1
        maker.go.set()
        assert first.result() == 2
    assert remembered.get(NOON + LATER, maker.seen, maker.make) == maker.made == 2


def test_where_there_is_none_all_wait_for_the_one_who_makes_it(maker: Maker) -> None:
    remembered: Remembered[int] = Remembered()
    maker.go.clear()
    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(remembered.get, NOON + n * SECOND, maker.seen, maker.make) for n in range(4)]
        assert maker.begun.wait(10)
        maker.go.set()
        assert [done.result() for done in waiting] == [1] * 4
    assert maker.made == 1


def test_who_fails_to_make_it_leaves_the_way_free(maker: Maker) -> None:
    remembered: Remembered[int] = Remembered()

    def fail() -> int:
        raise KeyError("no database")

    with pytest.raises(KeyError):
        remembered.get(NOON, maker.seen, fail)
    assert remembered.get(NOON, maker.seen, maker.make) == 1
    with pytest.raises(KeyError):
        remembered.get(NOON + KEEP, maker.seen, fail)
    assert remembered.get(NOON + KEEP, maker.seen, maker.make) == 2
