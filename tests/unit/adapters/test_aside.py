"""Work in a process beside this one: one piece at a time, no longer than it may take."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from service.adapters.aside import Companion
from service.errors import ModelError, NotFound, TooOften

WITHIN, PAUSE = 20.0, 0.05


def process(_asked: str) -> int:
    return os.getpid()


def do(asked: str) -> str:
    """What the word says."""
    if asked == "hang":
        time.sleep(60)
    if asked == "die":
        os._exit(1)
    if asked == "choke":
        raise ValueError("secret inside")
    if asked == "refuse":
        raise NotFound("there is no model")
    return asked.upper()


@pytest.fixture
def companion() -> Iterator[Companion[str, str]]:
    made = Companion(do, WITHIN)
    yield made
    made.close()


def test_the_same_other_process_answers_until_it_was_idle_for_long() -> None:
    made = Companion(process, WITHIN, idle=30)
    try:
        first, second = made("a"), made("b")
        made._idle = 0  # the time is up
        third = made("c")
    finally:
        made.close()
    assert os.getpid() not in {first, second, third}
    assert first == second != third
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)


def test_what_goes_wrong_inside_is_told_without_its_text_and_the_child_goes_on(companion: Companion[str, str]) -> None:
    with pytest.raises(ModelError, match=r"^it could not be read \(ValueError\)$"):
        companion("choke")
    with pytest.raises(ModelError, match=r"^there is no model$"):
        companion("refuse")
    assert companion("good") == "GOOD"


def test_one_that_dies_is_told_and_another_takes_its_place(companion: Companion[str, str]) -> None:
    with pytest.raises(ModelError, match="died"):
        companion("die")
    assert companion("good") == "GOOD"


def test_one_that_takes_too_long_is_killed() -> None:
    made = Companion(do, within=0.5)
    began = time.monotonic()
    with pytest.raises(ModelError, match=r"not read within 0\.5 seconds"):
        made("hang")
    assert time.monotonic() - began < 10
    made.close()


def test_whoever_comes_while_it_is_busy_is_told_to_come_again(companion: Companion[str, str]) -> None:
    companion("warm")
    other = Thread(target=hang_until_killed, args=(companion,))
    other.start()
    until = time.monotonic() + WITHIN
    while not companion._busy.locked() and time.monotonic() < until:
        time.sleep(PAUSE)
    with pytest.raises(TooOften) as refused:
        companion("me too")
    assert refused.value.wait > 0
    companion.close()
    other.join(WITHIN)
    assert companion("good") == "GOOD"


MORTAL = """
import os, sys, time
from service.adapters.aside import Companion
from tests.unit.adapters.test_aside import process
if __name__ == "__main__":
    print(Companion(process)("a"), flush=True)
    time.sleep(60)
"""


def test_a_child_does_not_outlive_whoever_started_it() -> None:
    parent = subprocess.Popen([sys.executable, "-c", MORTAL], stdout=subprocess.PIPE)
    try:
        assert parent.stdout
        child = int(parent.stdout.readline())
    finally:
        parent.send_signal(signal.SIGKILL)
        parent.communicate()
    until = time.monotonic() + WITHIN
    while is_alive(child) and time.monotonic() < until:
        time.sleep(PAUSE)
    assert not is_alive(child)


def hang_until_killed(companion: Companion[str, str]) -> None:
    with pytest.raises(ModelError):
        companion("hang")


def is_alive(process_id: int) -> bool:
    """A process that has ended and that nobody has asked after is not."""
    try:
        return Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
