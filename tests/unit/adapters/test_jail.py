"""A jail holds whatever is done in it, and goes on after it."""

import json
import os
import socket
import struct
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psutil
import pytest

from service.adapters.channels.child import Sender
from service.adapters.feeds.parsers import Reader
from service.adapters.jail import frames
from service.adapters.jail.jail import Busy, CutOff, Jail, NotStarted
from service.adapters.jail.work import Limits

UNRULY = "tests.jailed:Unruly"
NO_MORE = "OSError 24"
"""EMFILE: no more descriptors."""


@pytest.fixture(scope="module")
def jail() -> Iterator[Jail]:
    made = Jail(UNRULY)
    yield made
    made.close()


def done(jail: Jail, act: str, body: bytes = b"", within: float = 10.0) -> Any:
    return jail.run({"act": act}, body, within)["said"]


def test_ten_mebibytes_go_in_as_they_are(jail: Jail) -> None:
    assert done(jail, "length", os.urandom(1024) * 10 * 1024) == 10 * 2**20
    assert done(jail, "length") == 0


def test_letters_come_out_as_they_are(jail: Jail) -> None:
    said = "Tehrān، 停火 🕊 \ud800 \x00"
    assert done(jail, "text", said.encode("utf-8", "surrogatepass")) == said


def test_nothing_can_be_opened_begun_or_loaded(jail: Jail) -> None:
    tries = done(jail, "touch")
    for way in ("open", "socket", "pair", "pipe", "folder", "process"):
        assert tries.pop(way) == NO_MORE, way
    assert tries.pop("module") == "ModuleNotFoundError"
    assert tries.pop("name"), "a name was resolved"
    assert tries == {}


def test_it_holds_no_way_to_the_worker_but_the_one_for_its_answer(jail: Jail) -> None:
    standard, own = {1, 2}, 1
    assert len(set(done(jail, "descriptors")) - standard) == own


def test_it_knows_nothing_of_our_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DETENTE_DATABASE_URL", "postgresql://secret")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example")
    fresh = Jail(UNRULY)
    try:
        names = done(fresh, "environment")
    finally:
        fresh.close()
    assert "PYTHONPATH" in names
    assert not [name for name in names if name.startswith(("DETENTE", "HTTP"))]


def test_fault_34_what_hangs_in_c_is_killed_in_time_and_delays_nobody(jail: Jail) -> None:
    done(jail, "length")
    with ThreadPoolExecutor(2) as pool:
        began = time.monotonic()
        hanging = pool.submit(done, jail, "hang", within=1.0)
        time.sleep(0.2)
        asked = time.monotonic()
        assert done(jail, "length", b"abc") == 3
        assert time.monotonic() - asked < 0.6
        with pytest.raises(CutOff) as caught:
            hanging.result()
    assert 1.0 <= caught.value.after <= time.monotonic() - began < 1.8
    assert done(jail, "length", b"abcd") == 4


def test_fault_35_a_crash_is_the_end_of_one_child_only(jail: Jail) -> None:
    done(jail, "length")
    before = jail.pid
    with pytest.raises(CutOff) as caught:
        done(jail, "crash", within=5.0)
    assert caught.value.after < 2
    assert done(jail, "length", b"abc") == 3
    assert jail.pid == before


def test_memory_ends_at_the_limit(jail: Jail) -> None:
    assert jail.run({"act": "swell"}, b"", 5.0) == {"failed": "MemoryError"}


def test_an_answer_that_is_too_long_is_none(jail: Jail) -> None:
    assert jail.run({"act": "babble"}, b"", 5.0) == {"failed": "TooLong"}


def test_one_that_leaves_its_group_is_killed_all_the_same(jail: Jail) -> None:
    with pytest.raises(CutOff):
        done(jail, "stray", within=0.5)
    _, alive = psutil.wait_procs(psutil.Process(jail.pid).children(), timeout=2)
    assert alive == []


def test_so_many_work_at_once_and_the_others_wait_as_long_as_they_like() -> None:
    narrow = Jail(UNRULY, at_once=2)
    try:
        done(narrow, "length")
        with ThreadPoolExecutor(4) as pool:
            began = time.monotonic()
            naps = [pool.submit(done, narrow, "nap", b"0.5") for _ in range(4)]
            assert [nap.result() for nap in naps] == ["rested"] * 4
            assert time.monotonic() - began >= 1.0
            naps = [pool.submit(done, narrow, "nap", b"0.8") for _ in range(2)]
            time.sleep(0.2)
            with pytest.raises(Busy):
                narrow.run({"act": "length"}, b"", 5.0, patience=0.1)
            assert [nap.result() for nap in naps] == ["rested"] * 2
    finally:
        narrow.close()


def test_work_that_cannot_be_made_has_not_begun() -> None:
    sinking = Jail("tests.jailed:Sinking")
    try:
        with pytest.raises(NotStarted):
            sinking.run({"act": "length"}, b"", 5.0)
    finally:
        sinking.close()


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_after_a_fork_each_side_has_its_own(jail: Jail) -> None:
    done(jail, "length")
    ours = jail.pid
    end, theirs = os.pipe()
    if not (child := os.fork()):
        try:
            said = {"length": done(jail, "length", b"abc"), "pid": jail.pid}
            jail.close()
            os.write(theirs, json.dumps(said).encode())
        finally:
            os._exit(0)
    os.close(theirs)
    with os.fdopen(end, "rb") as answer:
        said = json.loads(answer.read())
    os.waitpid(child, 0)
    assert said["length"] == 3
    assert said["pid"] != ours
    assert done(jail, "length", b"abcd") == 4
    assert jail.pid == ours


def test_readers_may_open_nothing_and_senders_little() -> None:
    assert Reader.limits == Limits(memory=2**30, files=0)
    assert Sender.limits == Limits(memory=2**30, files=64)


@pytest.mark.parametrize(
    "sent",
    [
        b"\x00\x00\x00\x05[1]",
        struct.pack("!I", 2**31) + b"x",
        b"\x00\x00\x00\x03abc",
        b"\x00\x00\x00\x02[]",
        struct.pack("!I", 200_000) + b"[" * 200_000,
        b"\x00\x00",
    ],
)
def test_what_is_no_message_is_told_so(sent: bytes) -> None:
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            theirs.sendall(sent)
        with pytest.raises(frames.BrokenFrame):
            frames.read(ours)


def test_an_end_is_no_message() -> None:
    ours, theirs = socket.socketpair()
    theirs.close()
    with ours:
        assert frames.read(ours) is None
