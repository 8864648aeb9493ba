"""Everything in one: starts the processes of the service, restarts what dies, stops them in order."""

import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from service.adapters.processes import start
from service.adapters.queue.embedded import EmbeddedRedis, find_server
from service.bootstrap import Detente, make_folder
from service.config.settings import child_environment
from service.errors import ConfigError
from service.flow import Task
from service.ports import BrokerTrouble

log = structlog.get_logger()
DRAIN = 25.0
"""Seconds a process gets to finish what it is doing."""
CALM = 60.0
"""Seconds a process must live for its restarts to be forgotten."""
LONGEST_PAUSE = 30.0
SENDERS = 8
"""Messages on their way at a time: threads, for they wait for others; each send itself is a process."""
FETCHERS, READERS = 16, 8
"""Feeds and pages that are waited for at a time, in threads of two processes: slow pages must not hold up feeds."""
NO_BROKER = "no Redis found: messages go through files, which is slower; install redis-server or set DETENTE_BROKER_URL"


@dataclass
class Child:
    """A process that should always run. `pause` grows with each quick death."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    output: Path | None = None
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = 0.5
    due: float = 0.0

    def start(self) -> None:
        """Start it in a process group of its own, so that a terminal's Ctrl-C reaches the daemon only.

        It does not outlive the daemon, even one that is killed.
        """
        with self.output.open("ab") if self.output else nullcontext() as log_file:
            self.process = start(
                self.command, env=dict(self.environment), start_new_session=True, stdout=log_file, stderr=log_file
            )
        self.started = time.monotonic()
        log.info("started", process=self.name, pid=self.process.pid)

    def look_after(self) -> None:
        """Start it again if it has died, later and later if it keeps dying."""
        now = time.monotonic()
        if self.process is not None and self.process.poll() is not None:
            self.pause = 0.5 if now - self.started > CALM else min(LONGEST_PAUSE, self.pause * 2)
            self.due = now + self.pause
            log.warning("died", process=self.name, exit=self.process.returncode, again_in=self.pause)
            self.process = None
        if self.process is None and now >= self.due:
            self.start()

    def stop(self, deadline: float) -> None:
        """Ask it to finish, insist at the deadline (monotonic seconds)."""
        if self.process is None or self.process.poll() is not None:
            return
        try:
            self.process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            log.warning("killed", process=self.name)
            self.process.kill()
            self.process.wait()


@dataclass
class Daemon:
    """The processes of one machine. They write to `output`, or to where this process writes."""

    detente: Detente
    api: bool = True
    output: Path | None = None
    children: list[Child] = field(default_factory=list)
    broker: EmbeddedRedis | None = None
    stopping: threading.Event = field(default_factory=threading.Event)
    asked: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Prepare the database, start broker and processes.

        Raises ConfigError, BrokerUnavailable or StorageUnavailable.
        """
        self.detente.prepare_database()
        self._start_broker()
        environment = child_environment(self._settings())
        for name, command in self._commands().items():
            child = Child(name, command, environment, self.output)
            child.start()
            self.children.append(child)

    def _start_broker(self) -> None:
        if self.detente.settings.broker_url:
            self._check_broker()
            return
        server = find_server()
        if server is None:
            log.warning(NO_BROKER, folder=str(self.detente.data_dir / "broker"))
            return
        make_folder(self.detente.data_dir)
        broker = EmbeddedRedis(self.detente.data_dir / "broker", server)
        if broker.answers():
            raise ConfigError(
                f"another Detente already runs on {self.detente.data_dir}; stop it or choose another --data"
            )
        broker.start()
        self.broker = broker

    def _check_broker(self) -> None:
        """One that is away may come back; one that loses messages must not be trusted."""
        trouble = self.detente.queue.trouble()
        if trouble is BrokerTrouble.EVICTS:
            raise ConfigError(f"broker_url: {trouble}")
        if trouble:
            log.warning("broker", trouble=str(trouble))

    def _settings(self) -> dict[str, str]:
        chosen = {
            "DETENTE_CONFIG_DIR": str(self.detente.config_dir.absolute()),
            "DETENTE_DATA_DIR": str(self.detente.data_dir),
        }
        if clock := self.detente.settings.clock_file:
            chosen["DETENTE_CLOCK_FILE"] = str(clock)
        return chosen

    def _commands(self) -> dict[str, list[str]]:
        own = {Task.FETCH, Task.COMPLETE, Task.ANALYSE, Task.DELIVER}
        others = ",".join(str(task) for task in Task if task not in own)
        commands = {
            "fetch": worker(str(Task.FETCH), "fetch", FETCHERS, "--pool=threads"),
            "complete": worker(str(Task.COMPLETE), "complete", READERS, "--pool=threads"),
            "analyse": worker(str(Task.ANALYSE), "analyse", 1),
            "work": worker(others, "work", 2),
            "deliver": worker(str(Task.DELIVER), "deliver", SENDERS, "--pool=threads"),
            "beat": [*_celery(), "beat", "--pidfile=", "--loglevel=WARNING", "-s", str(self.detente.data_dir / "beat")],
        }
        if self.api:
            commands["api"] = api_command(self.detente)
        return commands

    def run(self) -> None:
        """Look after the processes until told to stop, then drain. SIGHUP reads the configuration again at once."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stopping.set())
        signal.signal(signal.SIGHUP, lambda *_: self.asked.set())
        while not self.stopping.wait(0.5):
            self._look_at_configuration()
            for child in self.children:
                child.look_after()
            self._look_after_broker()
        self.stop()

    def _look_at_configuration(self) -> None:
        """Here too, so that a mistake is shown when no task comes. Asked for it, the rules look at once."""
        asked = self.asked.is_set()
        self.asked.clear()
        self.detente.renew(at_once=asked)
        if asked:
            self.detente.queue.nudge(Task.ASSESS, [])

    def _look_after_broker(self) -> None:
        if self.broker and self.broker.process and self.broker.process.poll() is not None:
            log.warning("died", process="broker", exit=self.broker.process.returncode)
            self.broker.start()

    def stop(self) -> None:
        """Stop everything we started: first those who take work in, the broker last."""
        for child in reversed(self.children):
            if child.process is not None and child.process.poll() is None:
                child.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + DRAIN
        for child in reversed(self.children):
            child.stop(deadline)
        if self.broker:
            self.broker.stop()


def worker(queues: str, name: str, slots: int, *more: str) -> list[str]:
    """The command of a worker that reads these queues and does so many things at once."""
    options = ("--without-gossip", "--without-mingle", "--loglevel=WARNING", f"--concurrency={slots}", *more)
    return [*_celery(), "worker", "-Q", queues, "-n", f"{name}@{socket.gethostname()}", *options]


def api_command(detente: Detente) -> list[str]:
    """The command of the HTTP interface. It does not believe what a proxy says: the application knows which it may."""
    api = detente.settings.api
    where = ("--host", api.host, "--port", str(api.port))
    how = ("--log-level", "warning", "--no-proxy-headers", "--timeout-graceful-shutdown", str(int(DRAIN // 2)))
    return [sys.executable, "-m", "uvicorn", "--factory", "service.api.app:create", *where, *how]


def _celery() -> list[str]:
    return [sys.executable, "-m", "celery", "-q", "-A", "workers.app"]
