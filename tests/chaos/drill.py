"""The fault drill: many messages on their way while the processes that carry them are hurt, and one check at the end."""

import json
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
from ruamel.yaml import YAML
from sqlalchemy import Engine, func, select, update
from sqlalchemy.exc import OperationalError

from service.adapters.processes import start
from service.adapters.storage.database import make_engine
from service.adapters.storage.schema import notification
from service.flow import RowState
from tests.chaos.recorder import LOOPBACK, Asked, Manner, Recorder, recording
from tests.chaos.seed import markers_in, seed
from tests.e2e.harness import ROOT, Service, free_port, processes_of, wait_for

CHANNELS = ("hook-a", "mail-a", "hook-b", "mail-b")
SINK_DELAY = 0.05
BEYOND_LEASE = 50.0
"""Seconds: a lease is 45."""
AGAIN_WITHIN = 90.0
"""Seconds within which what was killed must be up again."""


@dataclass(frozen=True)
class Blow:
    """One fault: what was done, after how many messages, and how many were being sent by those it hit."""

    name: str
    after: int
    in_flight: int


@dataclass
class Drill:
    """A service under fire. `lapse` lets the leases of killed processes run out at once instead of 45 s later."""

    service: Service
    recorder: Recorder
    engine: Engine
    channels: Sequence[str]
    secret: str
    lapse: bool
    markers: list[str] = field(default_factory=list)
    blows: list[Blow] = field(default_factory=list)
    others: list[subprocess.Popen[bytes]] = field(default_factory=list)
    stopped: list[tuple[float, list[psutil.Process]]] = field(default_factory=list)

    def bring(self, alerts: int, *, nudged: bool = True) -> None:
        """Alerts, each of which makes one message for each channel."""
        self.markers += seed(self.service.detente, alerts, first=len(self.markers), nudged=nudged)

    @property
    def expected(self) -> int:
        """Messages that must arrive."""
        return len(self.markers) * len(self.channels)

    # --- what the rows say

    def states(self) -> dict[str, int]:
        """State → notifications."""
        with self.engine.connect() as connection:
            counted = select(notification.c.state, func.count().label("n")).group_by(notification.c.state)
            return {row.state: row.n for row in connection.execute(counted)}

    def leased_by(self, family: Sequence[psutil.Process]) -> list[str]:
        """The notifications these processes hold."""
        prefixes = tuple(f"{socket.gethostname()}:{process.pid}:" for process in family)
        with self.engine.connect() as connection:
            held = connection.execute(
                select(notification.c.id, notification.c.lease_owner).where(notification.c.lease_owner.is_not(None))
            )
            return [row.id for row in held if row.lease_owner.startswith(prefixes)]

    def is_done(self) -> bool:
        """Every message has come to its end."""
        self._resume_in_time()
        try:
            states = self.states()
        except OperationalError:  # the database may be down just now
            return False
        assert set(states) <= {RowState.PENDING, RowState.SENT}, states
        return states.get(RowState.SENT, 0) == self.expected

    # --- blows

    def wait_until_taken(self, number: int) -> None:
        """Until the channels have taken so many messages."""
        wait_for(lambda: len(self._taken()) >= number, 300, f"{number} messages did not come: {self.states()}")

    def _taken(self) -> list[Asked]:
        self._resume_in_time()
        return self.recorder.taken()

    def deliverers(self) -> list[psutil.Process]:
        """The main processes of all workers that send."""
        mine = [psutil.Process(p.pid) for p in self.others if p.poll() is None]
        return [main for main in (*self.service.workers(), *mine) if reads_queue(main, "deliver")]

    def add_deliverer(self) -> None:
        """One more worker that sends, like the service's own."""
        like = self.deliverers()[0]
        command = like.cmdline()
        command[command.index("-n") + 1] = f"more-{len(self.others)}@{socket.gethostname()}"
        with (self.service.home / "log").open("ab") as log:
            self.others.append(
                start(command, env=like.environ(), stdout=log, stderr=log, cwd=ROOT, start_new_session=True)
            )

    def kill_deliverer(self) -> None:
        """kill -9 of a worker that sends, with its children; of the one that is sending most."""
        families = [freeze(main) for main in self.deliverers()]
        victims = max(families, key=lambda family: len(self.leased_by(family)))
        held = self.leased_by(victims)
        self._note("kill -9 of a sending worker", len(held))
        tell(victims, signal.SIGKILL)
        for family in families:
            tell(family, signal.SIGCONT)
        if self.lapse:
            self._let_run_out(held)

    def stop_deliverer(self) -> None:
        """SIGSTOP of a worker that sends for longer than its lease."""
        victims = freeze(max(self.deliverers(), key=lambda main: len(self.leased_by([main]))))
        self._note("SIGSTOP beyond the lease", len(self.leased_by(victims)))
        self.stopped.append((time.monotonic() + BEYOND_LEASE, victims))

    def _resume_in_time(self) -> None:
        for due, victims in list(self.stopped):
            if time.monotonic() >= due:
                self.stopped.remove((due, victims))
                tell(victims, signal.SIGCONT)

    def empty_broker(self) -> None:
        """FLUSHALL."""
        self.service.empty_broker()
        self._note("FLUSHALL", 0)

    def kill_broker(self) -> None:
        """kill -9 of the broker, which comes back empty."""
        self.service.child("redis.sock").kill()
        self._note("kill -9 of Redis, back empty", 0)

    def kill_api(self) -> None:
        """kill -9 of the HTTP interface."""
        self.service.child("uvicorn").kill()
        self._note("kill -9 of the API", 0)

    def kill_writer(self) -> None:
        """kill -9 of a process that is in the middle of a write to SQLite, and has the lock."""
        with subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(self.service.home / "data" / "detente.db")], stdout=subprocess.PIPE
        ) as writer:
            assert writer.stdout
            assert writer.stdout.readline() == b"written\n"
            self._note("kill -9 in the middle of a write to SQLite", 0)
            writer.kill()

    def crash_database(self, crash: Callable[[], None], restart: Callable[[], None], away: float = 2.0) -> None:
        """PostgreSQL stops as in a crash, and comes back."""
        everyone = [process for main in self.deliverers() for process in freeze(main)]
        held = self.leased_by(everyone)
        self._note("crash of PostgreSQL, back after a while", len(held))
        crash()
        tell(everyone, signal.SIGCONT)
        time.sleep(away)
        restart()
        if self.lapse:
            self._let_run_out(held)

    def _note(self, name: str, in_flight: int) -> None:
        self.blows.append(Blow(name, len(self.recorder.taken()), in_flight))

    def _let_run_out(self, held: Sequence[str]) -> None:
        """As if 45 seconds had gone by: the leases of these rows are over, and all nudges were long ago."""
        with self.service.detente.units() as unit:
            before = unit.marks.now() - timedelta(seconds=1)
        with self.engine.begin() as connection:
            if self.engine.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            orphaned = notification.c.id.in_(held) & (notification.c.lease_until > before)
            connection.execute(update(notification).where(orphaned).values(lease_until=before))
            connection.execute(update(notification).values(nudged_at=None))

    # --- the end

    def settle(self, seconds: float) -> None:
        """Wait until all is done, and a moment longer for what should not come."""
        wait_for(self.is_done, seconds, f"not all was sent: {self.blows}")
        wait_for(lambda: not self._resume_in_time() and not self.stopped, BEYOND_LEASE + 5, "still stopped")
        time.sleep(2)

    def check(self) -> dict[str, Any]:
        """The invariants; returns the figures."""
        states, taken = self.states(), self.recorder.taken()
        assert states == {RowState.SENT: self.expected}
        arrived = Counter((asked.channel, frozenset(markers_in(asked.text))) for asked in taken)
        wanted = {(channel, frozenset({marker})) for channel in self.channels for marker in self.markers}
        assert set(arrived) == wanted, (wanted - set(arrived), set(arrived) - wanted)
        doubled = sum(number - 1 for number in arrived.values())
        allowed = sum(blow.in_flight for blow in self.blows)
        figures = {
            "messages": self.expected,
            "lost": len(wanted - set(arrived)),
            "duplicates": doubled,
            "sends in flight when blows fell": allowed,
            "blows": [vars(blow) for blow in self.blows],
        }
        print(json.dumps(figures))  # noqa: T201
        assert doubled <= allowed, figures
        _check_keys(taken)
        said = (self.service.home / "log").read_text(encoding="utf-8", errors="replace")
        assert self.secret not in said, "a channel's secret stands in the log"
        return figures

    def stop_others(self) -> None:
        """The workers that were added."""
        self._resume_all()
        for process in self.others:
            process.send_signal(signal.SIGTERM)
        for process in self.others:
            process.wait(60)

    def kill_all(self) -> None:
        """What still runs when something went wrong."""
        tell(processes_of(self.service.home), signal.SIGKILL)
        for popen in (self.service.process, *self.others):
            if popen:
                popen.wait(10)

    def _resume_all(self) -> None:
        self.stopped = [(0.0, victims) for _, victims in self.stopped]
        self._resume_in_time()


def _check_keys(taken: Sequence[Asked]) -> None:
    """What comes twice comes with one key, and nothing else has that key, so that a channel can tell."""
    keys: dict[tuple[str, frozenset[str]], set[str]] = {}
    for asked in taken:
        keys.setdefault((asked.channel, frozenset(markers_in(asked.text))), set()).add(asked.key)
    assert all(len(found) == 1 and all(found) for found in keys.values()), "a repetition came with another key or none"
    assert len({key for found in keys.values() for key in found}) == len(keys), "two messages had one key"


_WRITER = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=20)
connection.execute("BEGIN IMMEDIATE")
connection.execute("UPDATE notification SET state = 'dead'")
print("written", flush=True)
time.sleep(600)
"""


def family_of(main: psutil.Process) -> list[psutil.Process]:
    """A process and all below it."""
    return [main, *main.children(recursive=True)]


def freeze(main: psutil.Process) -> list[psutil.Process]:
    """Stop a process and all below it, from above, so that none can start another; returns them."""
    stopped: list[psutil.Process] = []
    while found := [process for process in family_of(main) if process not in stopped]:
        tell(found, signal.SIGSTOP)
        stopped += found
    return stopped


def tell(processes: Sequence[psutil.Process], number: signal.Signals) -> None:
    """Send a signal to those that are still there."""
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)


def reads_queue(main: psutil.Process, queue: str) -> bool:
    """Whether a worker's command names this queue."""
    command = main.cmdline()
    return "-Q" in command and queue in command[command.index("-Q") + 1].split(",")


def write_routes(folder: Path, urls: Mapping[str, str]) -> None:
    """One receiver that has all these channels (name → Apprise address) and is told at once, of however much."""
    entries = [{"name": name, "url": url} for name, url in urls.items()]
    at_once = {"receiver": "desk", "group_wait": "0s", "group_interval": "1s"}
    routes = {"receivers": [{"name": "desk", "channels": entries, "flood": "never"}], "route": at_once}
    with (folder / "routes.yaml").open("w", encoding="utf-8") as file:
        YAML(typ="safe").dump(routes, file)


def set_up(home: Path, recorder: Recorder, environment: dict[str, str], channels: Sequence[str]) -> tuple[Service, str]:
    """A service whose one receiver has all the channels; returns it, and the secret in the hooks' addresses."""
    service = Service(home, recorder, environment)
    secret = f"hush{secrets.token_hex(8)}"
    urls = {name: recorder.hook_url(name) if "hook" in name else recorder.box_url(name) for name in channels}
    urls = {name: url.replace(f"json://{LOOPBACK}", f"json://drill:{secret}@{LOOPBACK}") for name, url in urls.items()}
    write_routes(home / "config", urls)
    service.environment["DETENTE_API__PORT"] = str(free_port())
    return service, secret


@contextmanager
def drilled(
    home: Path, environment: dict[str, str] | None = None, *, channels: Sequence[str] = CHANNELS, lapse: bool = True
) -> Iterator[Drill]:
    """A service that is up, with recording channels; stopped at the end, and no process may be left."""
    with recording(home.parent / "sink") as recorder:
        recorder.behave("*", Manner(delay=SINK_DELAY))
        service, secret = set_up(home, recorder, environment or {}, channels)
        engine = make_engine(service.detente.database_url)
        drill = Drill(service, recorder, engine, channels, secret, lapse)
        try:
            service.start(api=True)
            yield drill
            drill.stop_others()
            assert service.stop() < 30
            assert [process.cmdline() for process in processes_of(home)] == []
        finally:
            engine.dispose()
            service.detente.close()
            drill.kill_all()


def is_up(service: Service) -> bool:
    """Whether the HTTP interface answers."""
    try:
        with urllib.request.urlopen(f"http://{LOOPBACK}:{service.environment['DETENTE_API__PORT']}/healthz") as got:
            return bool(got.status == 200)
    except (urllib.error.URLError, OSError):
        return False
