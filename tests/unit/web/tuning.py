"""A history to tune on: ten weeks with a strike each, on pairs of countries that nothing else is told of.

Five heavy ones bring the level to about 51, five lighter ones to about 42.
"""

import shutil
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from service.bootstrap import Detente, shipped
from service.bootstrap.workshop import book_of, papers_of, stamps_of
from service.domain.news.article import Article
from service.operations.sheets import Checked, DryRun, Span, digest, dry_run_to_json
from service.operations.tuner import dry_run_name
from service.ports import Work
from tests.fakes import FakeQueue
from tests.unit.domain.build import DAY, NOW, event

PAIRS = ("IRN-PAK", "IND-PAK", "CHN-IND", "AFG-PAK", "ISR-SYR", "IRN-ISR", "AFG-USA", "CHN-USA", "IRN-USA", "AFG-IRN")
EPISODES = """id,start,end,kind,iso3_a,iso3_b,label
E1,2024-01-20,2024-01-25,escalation,IRN,PAK,Strikes <b>at dawn</b>
E2,2024-01-27,2024-01-30,escalation,IND,PAK,Shelling
E3,2024-03-10,2024-03-12,escalation,RUS,UKR,Nothing was reported
E4,2010-01-01,2010-01-02,escalation,IRN,PAK,Long ago
"""


def configured(folder: Path, *, with_tests: bool = False) -> Path:
    """A folder of configuration files of its own."""
    config = folder / "config"
    shutil.copytree(shipped("config"), config)
    if not with_tests:
        shutil.rmtree(config / "tests")
    rules = config / "rules.yaml"
    rules.write_text(rules.read_text().replace('["dyad:*", "country:*"]', '["dyad:*"]', 1))  # of the rule level
    return config


def put_together(folder: Path, migrated: Path, **settings: Any) -> Detente:
    """A service on files and a database of its own, with ten weeks of history."""
    data = folder / "data"
    data.mkdir()
    shutil.copy(migrated, data / "detente.db")
    config = folder / "config"
    made = Detente(config if config.exists() else configured(folder), {"data_dir": str(data), **settings})
    made.queue = FakeQueue()  # type: ignore[misc]
    seed(made)
    return made


def seed(detente: Detente, pairs: Sequence[str] = PAIRS, first: datetime = NOW, every: timedelta = 7 * DAY) -> None:
    """A strike on each pair, told by one newspaper: every other one heavy."""
    with detente.units(serial=True) as unit:
        for n, pair in enumerate(pairs):
            side, other = pair.split("-")
            at, intensity = first + every * n, -7.0 if n % 2 else -9.5
            told = event(actors=[side], recipients=[other], intensity=intensity, at=at, text=f"{side} struck {other}.")
            name = f"{pair} {at:%Y%m%d}"
            unit.articles.add(Article(name, "", f"{side} struck {other}.", "BBC", "", at, at), "test", name)
            unit.articles.save_events(name, [told])
    with detente.units.engine.begin() as connection:  # type: ignore[attr-defined]
        connection.execute(text("UPDATE article SET state = 'scored'"))


def prove(detente: Detente, threshold: float, rule: str = "level", failures: Sequence[str] = ()) -> str:
    """Leave a dry run as if one had run now; gives what proves it."""
    book = book_of(detente)
    text = book.text()
    after = digest(book.retuned(text, rule, threshold))
    run = DryRun(
        rule=rule,
        threshold=threshold,
        by="cli:test",
        made_at=NOW,
        stamps=stamps_of(detente),
        before=digest(text),
        after=after,
        span=Span(NOW.date(), NOW.date() + 69 * DAY, 70, 10, "s"),
        pages={"level": 5, "surge": 2},
        present={"level": 10, "surge": 2},
        tests=[Checked("strike", failures)],
    )
    papers_of(detente).put(dry_run_name(rule), dry_run_to_json(run))
    return after


def wait(detente: Detente, seconds: float = 60) -> Work:
    """The job once it has ended."""
    until = time.monotonic() + seconds
    while (work := detente.tuner.work()) is None or work.is_running:
        assert time.monotonic() < until, f"it takes too long: {work}"
        time.sleep(0.1)
    return work


def end(detente: Detente) -> None:
    """Leave no process behind."""
    detente.tuner.stop()
    if child := detente.tuner.bench._child:  # type: ignore[attr-defined]
        child.kill()
        child.wait()
    detente.close()
