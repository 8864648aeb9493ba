"""`detente demo`: the bundled articles through real broker, workers and channels, and a check of what came of it."""

import shutil
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, redirect_stdout
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from service.adapters.telemetry.logs import configure
from service.bootstrap import Detente, make_folder
from service.cli.output import out, out_json, table
from service.cli.reading import show_scores
from service.demo.check import Outcome, check
from service.demo.simulation import Simulation, as_articles, demo_articles, promises, timeline
from service.demo.sinks import Message, Sinks
from service.domain.risk.subject import Subject
from service.errors import DetenteError
from service.operations import scores as score_operations

HOUR = timedelta(hours=1)
COLUMNS = 10
WORTH_SHOWING = 10.0
"""Peak level from which a dyad gets a line."""


def demo(folder: Path | None, *, keep: bool, as_json: bool) -> int:
    """Run it; 0 when every promise held, 1 otherwise. With JSON, what is told on the way goes to standard error."""
    configure("WARNING")
    with _folder(folder, keep=keep) as home:
        sinks = Sinks()
        sinks.start()
        try:
            with redirect_stdout(sys.stderr) if as_json else nullcontext():
                outcome = _run(home, sinks)
        finally:
            sinks.stop()
    if as_json:
        out_json(summary(outcome, sinks.messages))
    else:
        _conclude(outcome)
    return 0 if _is_good(outcome) else 1


def summary(outcome: Outcome, messages: Sequence[Message]) -> dict[str, Any]:
    """`demo --json`: the promises and whether they held, and what was delivered, in order of arrival."""
    return {
        "ok": _is_good(outcome),
        "promises": [{"promise": promise, "held": held} for promise, held in outcome],
        "deliveries": [{"channel": m.channel, "title": m.title, "body": m.body} for m in messages],
    }


def _is_good(outcome: Outcome) -> bool:
    return all(held for _, held in outcome)


@contextmanager
def _folder(chosen: Path | None, *, keep: bool) -> Iterator[Path]:
    if chosen:
        make_folder(chosen)
        if any(chosen.iterdir()):
            raise DetenteError(f"{chosen} is not empty: the demonstration needs a new folder")
        yield chosen
        return
    made = Path(tempfile.mkdtemp(prefix="detente-demo-"))
    try:
        yield made
    finally:
        if not keep:
            shutil.rmtree(made, ignore_errors=True)


def _run(home: Path, sinks: Sinks) -> Outcome:
    promised = promises()
    until = datetime.fromisoformat(promised["simulation"]["until"])
    articles = as_articles(demo_articles(), until)
    retold = [a for a in articles if a.id in {r["article"] for r in promised["retold"]}]
    simulated = [a for a in articles if a not in retold]
    simulation = Simulation.prepare(home, sinks, retold[0].published_at)
    out(f"Starting broker, workers and channels in {home} …")
    try:
        simulation.daemon.start()
        out(f"Broker: {simulation.daemon.broker.server if simulation.daemon.broker else 'as configured'}\n")
        simulation.run(retold, [retold[0].published_at, retold[0].published_at + HOUR], lambda _: None)
        _show_retold(simulation, retold[0].published_at + HOUR)
        moments = timeline(simulated, until)
        out(f"Now {len(simulated)} articles over {(moments[-1] - moments[0]).days} simulated days:")
        simulation.run(simulated, moments, _Ticker(len(moments)).advance)
        _show_results(simulation, sinks, moments)
        return check(simulation.detente, promised, sinks.messages)
    finally:
        simulation.daemon.stop()


def _show_retold(simulation: Simulation, at: datetime) -> None:
    detente = simulation.detente
    found = score_operations.readings(detente.units, at, detente.gauge, detente.versions, 1.0)
    show_scores(detente, found, f"One article on the Iran-Pakistan strikes of January 2024, {at:%Y-%m-%d %H:%M} UTC")
    out("")


class _Ticker:
    """A line of progress that overwrites itself on a terminal and is printed now and then elsewhere."""

    def __init__(self, total: int) -> None:
        self.total, self.done = total, 0

    def advance(self, moment: datetime) -> None:
        self.done += 1
        if sys.stdout.isatty():
            sys.stdout.write(f"\r  {moment:%Y-%m-%d %H:%M}  {100 * self.done // self.total:3d} %")
            sys.stdout.flush()
        elif self.done % 25 == 0 or self.done == self.total:
            out(f"  {moment:%Y-%m-%d}  {100 * self.done // self.total:3d} %")


def _show_results(simulation: Simulation, sinks: Sinks, moments: list[datetime]) -> None:
    detente = simulation.detente
    out("\n")
    _show_course(simulation, moments)
    with detente.units(read_only=True) as unit:
        history = unit.outbox.history()
    for alert, transitions, notifications in sorted(history, key=lambda h: (h[0].subject, h[0].labels["kind"])):
        if notifications:
            out(f"\n{detente.name_of(Subject.parse(alert.subject))}: rule {alert.rule}")
            for t in transitions:
                out(f"  {t.at:%Y-%m-%d %H:%M}  {t.from_state} → {t.to_state} ({t.severity}): {t.reason}")
                for quote in t.evidence[:2]:
                    out(f"      “{' '.join(quote.text.split())}” ({quote.publisher})")
    _show_deliveries(sinks.messages)


def _show_course(simulation: Simulation, moments: list[datetime]) -> None:
    """How the levels of the demonstration's dyads rose and fell."""
    detente, first, last = simulation.detente, moments[0], moments[-1]
    days = [first + (last - first) * n / (COLUMNS - 1) for n in range(COLUMNS)]
    with detente.units(read_only=True) as unit:
        dyads = [s for s in unit.ledger.subjects() if s.startswith("dyad:")]
    rows = []
    for dyad in dyads:
        levels = [_level(detente, dyad, day) for day in days]
        peak = max((_level(detente, dyad, m), m) for m in moments)
        if peak[0] >= WORTH_SHOWING:
            rows.append([dyad, *(f"{level:.0f}" for level in levels), f"{peak[0]:.0f} on {peak[1]:%d %b}"])
    table("Levels over time (0 calm … 100 severe)", ["subject", *(f"{d:%d %b}" for d in days), "peak"], rows)


def _level(detente: Detente, subject: str, at: datetime) -> float:
    parsed = Subject.parse(subject)
    return score_operations.reading(detente.units, parsed, at, detente.gauge, detente.versions).score.level


def _show_deliveries(messages: list[Message]) -> None:
    by_title: defaultdict[str, set[str]] = defaultdict(set)
    for message in messages:
        by_title[message.title].add(message.channel)
    out(f"\nDelivered {len(messages)} messages:")
    for title, channels in by_title.items():
        out(f"  {title}  → {', '.join(sorted(channels))}")


def _conclude(outcome: Outcome) -> None:
    out("\nWhat was promised:")
    for promise, held in outcome:
        out(f"  {'ok    ' if held else 'BROKEN'} {promise}")
    if _is_good(outcome):
        out(
            "\nNext: put your channels into config/routes.yaml and your feeds into config/sources.yaml, check them with"
        )
        out("`.venv/bin/detente config check`, and start with `.venv/bin/detente up`.")
