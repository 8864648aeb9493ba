"""Weeks in a minute: moves the simulated clock, brings each article at its time, waits until all is done."""

import json
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from service.adapters.clock import FileClock
from service.adapters.feeds.files import from_mapping
from service.bootstrap import Detente, shipped
from service.daemon import Daemon
from service.demo.sinks import Addresses, Sinks
from service.domain.news.article import Article
from service.errors import DetenteError, Unavailable
from service.flow import KIND_OF, OPEN_STATES, Task
from service.pipeline.ingest import ingest

SETTLE_WITHIN = 90.0
"""Seconds a simulated moment may take before something must be wrong."""
AFTER_ARTICLE = timedelta(minutes=20)
COARSE = timedelta(hours=12)


def demo_articles() -> list[dict[str, Any]]:
    """The bundled articles, as in the file."""
    text = (files("service.data") / "demo" / "articles.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def promises() -> dict[str, Any]:
    """What the demonstration promises."""
    text = (files("service.data") / "demo" / "expected.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = YAML(typ="safe").load(text)
    return loaded


def write_configuration(folder: Path, sinks: Addresses) -> None:
    """The shipped rules, the invented publishers, and a receiver with both channels."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(shipped("config") / "rules.yaml", folder)
    (folder / "sources.yaml").write_text((files("service.data") / "demo" / "sources.yaml").read_text(encoding="utf-8"))
    channels = [{"name": "webhook", "url": sinks.webhook_url}, {"name": "mail", "url": sinks.mail_url}]
    # Weeks pass in seconds here: nobody waits for more to say, and no number of messages is a flood.
    desk = {"name": "desk", "channels": channels, "flood": "never"}
    at_once = {"receiver": "desk", "group_wait": "0s", "group_interval": "1s"}
    routes = {"receivers": [desk], "route": at_once}
    settings = {"tick": "2s", "evaluate_every": "1h", "log_level": "WARNING", "notify": {"allow_private": True}}
    for name, data in (("routes.yaml", routes), ("detente.yaml", settings)):
        with (folder / name).open("w", encoding="utf-8") as file:
            YAML(typ="safe").dump(data, file)


@dataclass
class Simulation:
    """A running service under a simulated clock."""

    detente: Detente
    daemon: Daemon
    clock: FileClock

    @classmethod
    def prepare(cls, folder: Path, sinks: Sinks, start: datetime) -> "Simulation":
        """A service of its own in a folder, not yet started. Raises DetenteError for a database in use."""
        write_configuration(folder / "config", sinks)
        clock = FileClock(folder / "clock")
        clock.set(start)
        detente = Detente(folder / "config", {"data_dir": folder / "data", "clock_file": folder / "clock"})
        detente.prepare_database()
        with detente.units(read_only=True) as unit:
            if unit.works.counts()["article"]:
                raise DetenteError("DETENTE_DATABASE_URL holds articles already: the demonstration needs an empty one")
        return cls(detente, Daemon(detente, api=False, output=folder / "log"), clock)

    def run(
        self, articles: Sequence[Article], moments: Sequence[datetime], advance: Callable[[datetime], None]
    ) -> None:
        """Bring every article at its time and let the rules look at every moment. Raises DetenteError if it hangs."""
        waiting = sorted(articles, key=lambda a: (a.published_at, a.id))
        for moment in moments:
            self.clock.set(moment)
            batch = [a for a in waiting if a.published_at <= moment]
            waiting = waiting[len(batch) :]
            if batch:
                ingest(batch, "demo", self.detente.units, self.detente.queue)
                self._wait(self._is_settled)
            self.detente.queue.nudge(Task.ASSESS, [])
            self._wait(lambda now=moment: self._evaluated(now))  # type: ignore[misc]
            self._wait(self._is_settled)
            advance(moment)

    def _wait(self, done: Callable[[], bool]) -> None:
        deadline = time.monotonic() + SETTLE_WITHIN
        while not done():
            if time.monotonic() > deadline:
                raise Unavailable(
                    f"the demonstration stopped moving at {self.clock.now():%Y-%m-%d %H:%M}: {self._state()}"
                )
            for child in self.daemon.children:
                child.look_after()
            time.sleep(0.02)

    def _is_settled(self) -> bool:
        """Feeds come round for ever, and so do groups that may have to say something again."""
        with self.detente.units(read_only=True) as unit:
            counts, due = unit.works.counts(), unit.works.oldest_due()
        coming = {Task.FETCH, Task.GATHER}
        is_open = (counts[KIND_OF[task]].get(state) for task in set(Task) - coming for state in OPEN_STATES[task])
        return due is None and not any(is_open)

    def _state(self) -> Any:
        with self.detente.units(read_only=True) as unit:
            return unit.works.counts()

    def _evaluated(self, moment: datetime) -> bool:
        with self.detente.units(read_only=True) as unit:
            mark = unit.marks.get("evaluated")
        return mark is not None and datetime.fromisoformat(mark[1]) >= moment


def timeline(articles: Sequence[Article], until: datetime) -> list[datetime]:
    """The moments worth looking at: each article's, twenty minutes later, and twice a day in between."""
    fixed = {a.published_at for a in articles} | {a.published_at + AFTER_ARTICLE for a in articles}
    first = min(fixed)
    return sorted(fixed | set(_every(COARSE, first, until)))


def _every(step: timedelta, first: datetime, until: datetime) -> Iterator[datetime]:
    moment = first
    while moment <= until:
        yield moment
        moment += step


def as_articles(items: Sequence[dict[str, Any]], now: datetime) -> list[Article]:
    """The bundled articles as the service reads them. Raises DetenteError for a broken one."""
    try:
        return [from_mapping(item, now) for item in items]
    except DetenteError as error:
        raise DetenteError(f"a bundled article is broken: {error}") from None
