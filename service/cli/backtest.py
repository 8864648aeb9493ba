"""`detente backtest`."""

import gzip
import io
import time
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO

from service.adapters.feeds.files import read_lines
from service.adapters.nlp.tone import EXTRA, vader
from service.bootstrap import Detente
from service.cli.output import note, out, out_json, progress, table
from service.config.episodes import read_known
from service.domain.evaluation.verdict import Verdict
from service.domain.events.signal import Signal
from service.domain.news.article import Article
from service.errors import ConfigError
from service.operations.backtest import BUDGETS, OURS, Backtest, Period, backtest, items_of
from service.operations.coding import code_all
from service.ports import Refused

YEARS = range(1980, 2200)
NAMES = {Signal.ESCALATION: "escalation", Signal.DE_ESCALATION: "deescalation"}


def run(
    detente: Detente, articles: Path, episodes: Path, budget: str | None, tune_until: int | None, *, as_json: bool
) -> int:
    """Back-test; 0 good, 1 when a line was bad or there was nothing to compare with. Raises ConfigError."""
    budgets = parse_budgets(budget)
    if tune_until is not None and tune_until not in YEARS:
        raise ConfigError(f"--tune-until: {tune_until} is no year from {YEARS[0]} to {YEARS[-1]}")
    began = time.monotonic()
    known, mistakes = read_known(episodes, detente.gazetteer.country_codes)
    told, refused = read_articles(articles, detente)
    note([f"{episodes}: {mistake}" for mistake in mistakes])
    note([f"{r.where}: {r.refusal}: {r.message}" for r in refused])
    tone = vader()
    if tone is None:
        note([f"VADER is left out: {EXTRA}"])
    found = None
    if told and known:
        with progress("coding", "articles") as advance:
            codings = code_all(told, detente.coder, detente.codings, detente.coding_version, advance)
        items = items_of(told, codings, detente.owner_in_history, tone)
        found = backtest(
            items, known, detente.scale, detente.gazetteer.geography, budgets, tune_until, with_tone=tone is not None
        )
    if found is None:
        note(["there is nothing to compare: no episode between two countries starts while there are articles"])
        return 1
    if as_json:
        taken = {"articles": len(told), "episodes": len(known), "seconds": round(time.monotonic() - began, 3)}
        out_json(as_data(found) | taken | {"versions": dict(detente.versions)})
    else:
        _show(found)
    return 1 if mistakes or refused else 0


def parse_budgets(written: str | None) -> tuple[float, ...]:
    """The budgets of `--budget`, smallest first. Raises ConfigError."""
    if written is None:
        return BUDGETS
    try:
        budgets = sorted({float(part) for part in written.split(",")})
    except ValueError:
        budgets = []
    if not budgets or not all(0 < budget <= 1000 for budget in budgets):  # noqa: PLR2004  also refuses NaN
        raise ConfigError(f"--budget: {written!r} must be alarms a day above 0, as 0.25,0.5,1")
    return tuple(budgets)


def read_articles(path: Path, detente: Detente) -> tuple[list[Article], list[Refused]]:
    """The articles of a .jsonl or .jsonl.gz file, and what was refused. Raises ConfigError when it cannot be read."""
    told: list[Article] = []
    refused: list[Refused] = []
    try:
        with ExitStack() as stack:
            for read in read_lines(_opened(path, stack), str(path), detente.clock.now()):
                if isinstance(read, Article):
                    told.append(read)
                else:
                    refused.append(read)
    except (OSError, EOFError, zlib.error) as error:
        raise ConfigError(f"{path}: {getattr(error, 'strerror', None) or 'cannot be unpacked'}") from None
    return told, refused


def _opened(path: Path, stack: ExitStack) -> Iterator[bytes]:
    raw: BinaryIO = stack.enter_context(path.open("rb"))
    return iter(io.BufferedReader(stack.enter_context(gzip.open(raw)))) if path.suffix == ".gz" else iter(raw)


def as_data(found: Backtest) -> dict[str, Any]:
    """The results in their published shape."""
    shown = _period(found.reported)
    if found.tuned:
        shown["tuning"] = _period(found.tuned)
    return shown | {"skipped": list(found.skipped)}


def _period(period: Period) -> dict[str, Any]:
    return {
        "results": {
            method: {
                NAMES[signal]: {
                    f"{budget:g}": _verdict(verdict) | _against_ours(period, method, signal, budget)
                    for budget, verdict in by_budget.items()
                }
                for signal, by_budget in by_signal.items()
            }
            for method, by_signal in period.verdicts.items()
        },
        "from": period.first.isoformat(),
        "to": period.last.isoformat(),
        "left_out": list(period.left_out),
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    alarms = verdict.alarms
    return {
        "recall": round(verdict.recall, 4),
        "interval": [round(edge, 4) for edge in verdict.interval],
        "delay_days": None if verdict.delay is None else round(verdict.delay, 3),
        "placebo": round(verdict.placebo, 4),
        "lift": round(verdict.lift, 4),
        "precision_known": round(verdict.precision, 4),
        "alarms_a_day": round(alarms.per_day, 4),
        "refired": round(alarms.refired, 4),
        "threshold": alarms.enter,
        "hits": list(verdict.hits),
        "missed": list(verdict.missed),
    }


def _against_ours(period: Period, method: str, signal: Signal, budget: float) -> dict[str, float]:
    return {} if method == OURS else {"p_against_detente": round(period.p[method][signal][budget], 5)}


def _show(found: Backtest) -> None:
    for title, period in (("Tuned on", found.tuned), ("Reported", found.reported)):
        if period is None:
            continue
        for signal, episodes in period.episodes.items():
            if episodes:
                _show_one(f"{title} {period.first} … {period.last}: {signal}", period, signal)
    if found.reported.left_out:
        out(f"Left out, in one country only: {', '.join(found.reported.left_out)}")


def _show_one(title: str, period: Period, signal: Signal) -> None:
    budgets = list(period.verdicts[OURS][signal])
    rows = []
    for method, by_signal in period.verdicts.items():
        cells = [_cell(by_signal[signal][b], period.p.get(method, {}).get(signal, {}).get(b)) for b in budgets]
        rows.append([method, *cells])
    table(
        f"{title}: recall (chance) of {len(period.episodes[signal])} episodes, and p against detente",
        ["method", *(f"{budget:g} a day" for budget in budgets)],
        rows,
    )


def _cell(verdict: Verdict, p: float | None) -> str:
    tested = "" if p is None else f" p={p:.3f}"
    return f"{verdict.recall:.2f} ({verdict.placebo:.2f}){tested}"
