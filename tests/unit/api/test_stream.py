"""Server-sent events from a real server on this machine: nothing lost, nothing twice, nobody waited for."""

import http.client
import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from service.api import stream
from service.api.app import build
from service.bootstrap import Detente
from service.config.settings import child_environment
from service.domain.alerting.rule import State
from service.errors import StorageUnavailable
from service.ports import Cursor
from tests.unit.api.conftest import put_together
from tests.unit.api.stories import DYAD, EVIL, QUOTES, STORY, change, tell

PATH = "/api/v1/stream"


@dataclass
class Event:
    """One event as a browser sees it."""

    id: str = ""
    name: str = ""
    data: str = ""
    comments: list[str] = field(default_factory=list)

    @property
    def reason(self) -> str:
        return str(json.loads(self.data)["reason"])


class Reader:
    """A client: reads events one by one."""

    def __init__(self, port: int, path: str = PATH, headers: dict[str, str] | None = None) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        self.connection.request("GET", path, headers=headers or {})
        self.answer = self.connection.getresponse()

    def event(self) -> Event | None:
        """The next event or comment, None at the end of the stream."""
        found, is_empty = Event(), True
        while line := self.answer.readline().decode():
            name, _, value = line.rstrip("\n").partition(": ")
            if line == "\n":
                return found
            is_empty = False
            match name:
                case "id":
                    found.id = value
                case "event":
                    found.name = value
                case "data":
                    found.data = value
                case "":
                    found.comments.append(value)
        assert is_empty, "the stream ended within an event"
        return None

    def news(self, number: int) -> list[Event]:
        """The next events with data."""
        found: list[Event] = []
        while len(found) < number:
            event = self.event()
            assert event is not None, "the stream ended"
            found += [event] if event.data else []
        return found

    def close(self) -> None:
        self.answer.close()
        self.connection.close()


@dataclass
class Served:
    """A running server."""

    port: int
    hub: stream.Hub

    def reader(self, path: str = PATH, **headers: str) -> Reader:
        return Reader(self.port, path, {name.replace("_", "-"): value for name, value in headers.items()})

    def admitted(self, number: int) -> bool:
        """Whether so many listen, now or soon."""
        end = time.monotonic() + 10
        while self.hub._admitted != number and time.monotonic() < end:
            time.sleep(0.02)
        return self.hub._admitted == number


@contextmanager
def serving(detente: Detente) -> Iterator[Served]:
    """A server in a thread; it must end within seconds, whoever still listens."""
    app = build(detente)
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=5))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield Served(listening.getsockname()[1], app.state.hub)
    finally:
        app.state.hub.close()
        server.should_exit = True
        thread.join(15)
        assert not thread.is_alive(), "the server does not end"


@pytest.fixture(autouse=True)
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same, faster."""
    monkeypatch.setattr(stream, "EVERY", 0.05)


@pytest.fixture
def served(detente: Detente) -> Iterator[Served]:
    with serving(detente) as found:
        yield found


def test_what_is_stored_is_heard(served: Served, detente: Detente) -> None:
    tell(detente.units, changes=STORY[:2])
    reader = served.reader()
    first = reader.event()
    assert reader.answer.headers["Content-Type"].startswith("text/event-stream")
    assert reader.answer.headers["Cache-Control"] == "no-cache"
    assert first is not None
    assert (first.data, bool(first.id), first.comments) == ("", True, ["Detente"]), (
        "who gets no news knows where to go on"
    )
    tell(detente.units, changes=STORY[2:])
    heard = reader.news(3)
    assert [event.reason for event in heard] == [t.reason for t in STORY[2:]], "what was there before is not news"
    assert {event.name for event in heard} == {"transition"}
    said = json.loads(heard[0].data)
    assert (said["subject"], said["kind"], said["to"], said["severity"]) == (
        "dyad:IRN-PAK",
        "LEVEL",
        "firing",
        "critical",
    )
    assert (said["alert"], said["labels"]["team"]) == (DYAD.id, "gulf desk")
    assert said["evidence"][0]["text"] == EVIL
    reader.close()


def test_who_comes_back_gets_what_was_missed_once(served: Served, detente: Detente) -> None:
    many = [change(DYAD, n, State.FIRING, State.FIRING) for n in range(250)]
    reader = served.reader()
    start = reader.event()
    assert start is not None
    tell(detente.units, changes=many[:10])
    last = reader.news(4)[-1]
    reader.close()
    tell(detente.units, changes=many[10:240])
    back = served.reader(Last_Event_ID=last.id)
    back.event()
    missed = back.news(236)
    tell(detente.units, changes=many[240:])
    live = back.news(10)
    assert [event.reason for event in missed + live] == [t.reason for t in many[4:]]
    back.close()
    by_address = served.reader(f"{PATH}?after={start.id}")
    assert [event.reason for event in by_address.news(250)] == [t.reason for t in many]
    by_address.close()


def test_nothing_is_lost_between_the_past_and_the_present(served: Served, detente: Detente) -> None:
    """Listeners come while news are stored: each hears all, in order."""
    many = [change(DYAD, n, State.FIRING, State.FIRING) for n in range(120)]
    reader = served.reader()
    start = reader.event()
    assert start is not None
    writer = threading.Thread(target=lambda: tell(detente.units, changes=many))
    writer.start()
    readers = []
    for _ in range(6):
        readers.append(served.reader(Last_Event_ID=start.id))
        time.sleep(0.05)
    for one in (reader, *readers):
        assert [event.reason for event in one.news(120)] == [t.reason for t in many]
        one.close()
    writer.join()


def test_one_look_serves_all(served: Served, detente: Detente, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[Cursor | None] = []
    look = stream.published.page_after

    def counted(units: Any, after: Cursor | None) -> Any:
        looks.append(after)
        return look(units, after)

    monkeypatch.setattr(stream.published, "page_after", counted)
    readers = [served.reader() for _ in range(5)]
    for reader in readers:
        reader.event()
    looks.clear()
    time.sleep(1)
    assert 3 <= len(looks) <= 21, "not a look for each listener"
    for reader in readers:
        reader.close()
    assert served.admitted(0)
    time.sleep(0.3)
    looks.clear()
    time.sleep(0.3)
    assert looks == [], "nobody listens, nobody looks"


def test_a_comment_says_that_the_connection_stands(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT", 0.1)
    reader = served.reader()
    reader.event()
    for _ in range(2):
        beat = reader.event()
        assert beat is not None
        assert (beat.comments, beat.id, beat.data) == (["ping"], "", "")
    reader.close()


def test_there_is_room_for_so_many(folder: Path) -> None:
    detente = put_together(folder, api={"streams": 2})
    with serving(detente) as served:
        readers = [served.reader(), served.reader()]
        refused = served.reader()
        assert (refused.answer.status, refused.answer.headers["Retry-After"]) == (503, "30")
        refused.close()
        readers[0].close()
        assert served.admitted(1), "who leaves makes room"
        again = served.reader()
        assert again.answer.status == 200
        for reader in (again, readers[1]):
            reader.close()
    detente.units.engine.dispose()  # type: ignore[attr-defined]


def test_who_is_too_far_behind_is_let_go_and_loses_nothing(
    served: Served, detente: Detente, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its reading is slower than the news: the stream ends, and what it has not seen comes the next time."""
    monkeypatch.setattr(stream, "BEHIND", 3)
    fat = replace(QUOTES[0], text="x" * 200_000)
    many = [replace(change(DYAD, n, State.FIRING, State.FIRING), evidence=(fat,)) for n in range(100)]
    reader = served.reader()
    start = reader.event()
    assert start is not None
    tell(detente.units, changes=many)
    assert await_gone(served.hub), "it is not waited for"
    seen = []
    while event := reader.event():
        seen.append(event)
    assert len(seen) < 100
    assert served.admitted(0)
    reader.close()
    back = served.reader(Last_Event_ID=(seen[-1] if seen else start).id)
    rest = back.news(100 - len(seen))
    assert [event.reason for event in seen + rest] == [t.reason for t in many]
    back.close()


def await_gone(hub: stream.Hub) -> bool:
    end = time.monotonic() + 10
    while hub._listeners and time.monotonic() < end:
        time.sleep(0.02)
    return not hub._listeners


def test_who_takes_nothing_loses_its_place(served: Served, detente: Detente, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "SLOW", 0.3)
    fat = replace(QUOTES[0], text="x" * 400_000)
    many = [replace(change(DYAD, n, State.FIRING, State.FIRING), evidence=(fat,)) for n in range(60)]
    reader = served.reader()
    reader.event()
    tell(detente.units, changes=many)
    assert served.admitted(0), "a piece that is not taken in time ends the stream"
    reader.close()


def test_a_place_that_is_none_is_refused(served: Served) -> None:
    for headers, path in (({"Last_Event_ID": "7"}, PATH), ({}, f"{PATH}?after=x")):
        refused = served.reader(path, **headers)
        assert refused.answer.status == 422
        refused.close()
    assert served.admitted(0)


def test_the_token_guards_it(folder: Path) -> None:
    detente = put_together(folder, api={"token": "CANARY"})
    with serving(detente) as served:
        for headers, status in (({}, 401), ({"Authorization": "Bearer CANARY"}, 200)):
            reader = served.reader(**headers)
            assert reader.answer.status == status
            reader.close()
    detente.units.engine.dispose()  # type: ignore[attr-defined]


def test_a_database_that_is_away_for_a_while_is_waited_for(
    served: Served, detente: Detente, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = served.reader()
    reader.event()
    look, failures = stream.published.page_after, iter(range(3))

    def failing(units: Any, after: Cursor | None) -> Any:
        if next(failures, None) is not None:
            raise StorageUnavailable("the database does not answer")
        return look(units, after)

    monkeypatch.setattr(stream.published, "page_after", failing)
    tell(detente.units, changes=STORY)
    assert len(reader.news(5)) == 5
    reader.close()


def test_an_error_of_ours_ends_the_streams_and_the_next_begins_anew(
    served: Served, detente: Detente, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = served.reader()
    start = reader.event()
    assert start is not None
    with monkeypatch.context() as broken:
        broken.setattr(stream.published, "page_after", lambda *_: 1 / 0)
        assert reader.event() is None
    reader.close()
    tell(detente.units, changes=STORY)
    back = served.reader(Last_Event_ID=start.id)
    assert [event.reason for event in back.news(5)] == [t.reason for t in STORY]
    back.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_is_asked_to_stop_stops(folder: Path, number: signal.Signals) -> None:
    """Without a limit of its own on how long it waits."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "--factory", "service.api.app:create", "--port", str(port)]
    environment = child_environment({"DETENTE_DATA_DIR": str(folder)})
    server = subprocess.Popen([*command, "--log-level", "critical"], env=environment)
    try:
        reader = await_server(port)
        assert reader.event() is not None
        server.send_signal(number)
        assert reader.event() is None, "the stream ends properly"
        server.wait(10)
        reader.close()
    finally:
        server.kill()
        server.wait()


def await_server(port: int) -> Reader:
    end = time.monotonic() + 30
    while True:
        try:
            return Reader(port)
        except ConnectionRefusedError:
            assert time.monotonic() < end, "the server does not come up"
            time.sleep(0.05)
