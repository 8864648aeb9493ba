"""A real service in a folder: broker, workers and beat as processes, and sinks that remember what they were sent."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import redis

from service.adapters.processes import start
from service.adapters.queue.embedded import find_server
from service.bootstrap import Detente
from service.daemon import Daemon
from service.demo.simulation import write_configuration
from service.demo.sinks import Sinks
from service.operations.status import problems

ROOT = Path(__file__).parents[2]


PAPERS = 9
"""Publishers of the many articles, each decided on, so that they confirm one another."""


class Service:
    """`detente up` in a folder, and ways to hurt it. `sinks` are `Addresses`, of what a test can look into."""

    def __init__(self, home: Path, sinks: Any, environment: dict[str, str] | None = None) -> None:
        self.home, self.sinks = home, sinks
        write_configuration(home / "config", sinks)
        rules = home / "config" / "rules.yaml"
        rules.write_text(rules.read_text().replace("for: 15m", "for: 0s"))  # nobody waits a quarter of an hour here
        papers = "".join(f"  - {{name: Paper {n}, owner: Owner {n}, grade: F}}\n" for n in range(PAPERS))
        (home / "config" / "publishers.yaml").write_text(f"publishers:\n{papers}")
        self.environment = {**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})}
        overrides: dict[str, Any] = {"data_dir": home / "data"}
        if environment and "DETENTE_DATABASE_URL" in environment:
            overrides["database_url"] = environment["DETENTE_DATABASE_URL"]
        if environment and "DETENTE_BROKER_URL" in environment:
            overrides["broker_url"] = environment["DETENTE_BROKER_URL"]
        self.detente = Detente(home / "config", overrides)
        self.process: subprocess.Popen[bytes] | None = None

    def command(self, *arguments: str) -> list[str]:
        folders = ("--config", str(self.home / "config"), "--data", str(self.home / "data"))
        return [sys.executable, "-m", "service.cli.main", *arguments, *folders]

    def run(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            self.command(*arguments),
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            cwd=ROOT,
            check=False,
        )
        assert not check or done.returncode == 0, done.stderr
        return done

    def start(self, *, api: bool = False, ready: bool = True) -> None:
        """Start it, and wait until it is `ready`."""
        with (self.home / "log").open("ab") as log:
            self.process = start(
                self.command("up", "--api" if api else "--no-api"),
                env=self.environment,
                stdout=log,
                stderr=log,
                cwd=ROOT,
                start_new_session=True,
            )
        if ready:
            wait_for(self.is_ready, 60, "the service is not ready")

    def is_ready(self) -> bool:
        return not problems(self.detente.units, self.detente.queue, self.detente.is_prepared)

    def stop(self) -> float:
        """SIGTERM, and how many seconds it took."""
        assert self.process
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)
        return time.monotonic() - began

    def children(self) -> list[psutil.Process]:
        """The processes `detente up` has started and that run."""
        assert self.process
        children = psutil.Process(self.process.pid).children()
        return [child for child in children if child.status() != psutil.STATUS_ZOMBIE]

    def child(self, word: str) -> psutil.Process:
        """The one whose command has this in it."""
        return next(child for child in self.children() if word in " ".join(child.cmdline()))

    def workers(self) -> list[psutil.Process]:
        """The main processes of the workers."""
        return [child for child in self.children() if "worker" in child.cmdline()]

    def has_all_workers(self) -> bool:
        """Whether every worker that `detente up` starts runs."""
        wanted = [command for command in Daemon(self.detente)._commands().values() if "worker" in command]
        return len(self.workers()) == len(wanted)

    def kill_workers(self) -> list[int]:
        """kill -9 of every worker with its children, by pid."""
        killed = []
        for main in self.workers():
            for victim in [main, *main.children(recursive=True)]:
                victim.kill()
                killed.append(victim.pid)
        return killed

    def empty_broker(self) -> None:
        with redis.Redis(unix_socket_path=str(self.home / "data" / "broker" / "redis.sock")) as client:
            client.flushall()

    def counts(self) -> dict[str, dict[str, int]]:
        with self.detente.units(read_only=True) as unit:
            return {kind: dict(states) for kind, states in unit.works.counts().items()}

    def is_done(self) -> bool:
        """Every article, transition and message has come to its end; groups may come round again, but none is due."""
        ends = {"scored", "ignored", "dead", "routed", "sent", "cancelled"}
        with self.detente.units(read_only=True) as unit:
            counts, due = unit.works.counts(), unit.works.oldest_due()
        states = {state for kind, by in counts.items() if kind not in {"feed", "group"} for state in by}
        return due is None and states <= ends


@contextmanager
def running(
    home: Path, environment: dict[str, str] | None = None, prepare: Callable[[Service], None] | None = None
) -> Iterator[Service]:
    """A service that is up, stopped at the end with all its processes."""
    sinks = Sinks()
    sinks.start()
    service = Service(home, sinks, environment)
    if prepare:
        prepare(service)
    try:
        service.start()
        yield service
    finally:
        if service.process and service.process.poll() is None:
            service.stop()
        service.detente.close()
        sinks.stop()


def processes_of(home: Path) -> list[psutil.Process]:
    """All processes that work in this folder."""
    return [process for process in psutil.process_iter() if _is_of(process, home)]


def _is_of(process: psutil.Process, home: Path) -> bool:
    try:
        if process.pid == os.getpid() or process.status() == psutil.STATUS_ZOMBIE:
            return False
        return str(home) in " ".join([*process.cmdline(), process.environ().get("DETENTE_DATA_DIR", "")])
    except psutil.Error:
        return False


def wait_for(done: Callable[[], bool], seconds: float, complaint: str) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, complaint
        time.sleep(0.1)


COUNTRIES = (
    "Chad",
    "Sudan",
    "Niger",
    "Mali",
    "Libya",
    "Kenya",
    "Peru",
    "Bolivia",
    "Ecuador",
    "Laos",
    "Vietnam",
    "Nepal",
)
WORDS = (Path(__file__).with_name("words.txt")).read_text().split()


def many_articles(number: int, path: Path, seed: int = 7) -> list[str]:
    """Distinct articles about strikes between two countries, as JSON lines; returns their ids."""
    dice, ids = random.Random(seed), []
    with path.open("w") as lines:
        for n in range(number):
            one, other = dice.sample(COUNTRIES, 2)
            filler = [" ".join(dice.choices(WORDS, k=14)).capitalize() + "." for _ in range(4)]
            text = (
                f"{one}'s air force bombed army posts inside {other} on Monday, killing {n + 3} soldiers. "
                + " ".join(filler)
            )
            ids.append(f"load-{n:04d}")
            item = {
                "id": ids[-1],
                "title": f"{one} bombs {other} army posts",
                "text": text,
                "publisher": f"Paper {n % PAPERS}",
            }
            lines.write(json.dumps(item) + "\n")
    return ids


def duplicates(messages: Sequence[Any]) -> int:
    """How many messages came more than once to the same channel."""
    seen = [(m.channel, m.title, m.body) for m in messages]
    return len(seen) - len(set(seen))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_redis(port: int) -> subprocess.Popen[bytes]:
    server = find_server()
    assert server
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--maxmemory-policy", "noeviction"]
    return start([str(server), *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@contextmanager
def redis_on() -> Iterator[str]:
    """The address of a Redis on a free loopback port."""
    port = free_port()
    server = start_redis(port)
    try:
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.kill()
        server.wait()
