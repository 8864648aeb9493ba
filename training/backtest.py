"""Measures the scores on a known past: `python -m training.backtest --data ../shared/data`.

Writes docs/evaluation/backtest.md with the chart beside it; `--var` is where codings are kept. The chart needs the
extra `charts`, tone the extra `baselines`.
"""

import argparse
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from service.adapters.nlp.tone import vader
from service.bootstrap import Detente
from service.cli.backtest import read_articles, read_known
from service.cli.output import progress
from service.domain.evaluation.alarm import Alarms
from service.domain.evaluation.episode import Episode
from service.domain.evaluation.rating import books, counts
from service.domain.evaluation.reading import Item
from service.domain.evaluation.verdict import AFTER, BEFORE, Verdict
from service.domain.events.event import states_of
from service.domain.events.geography import Geography
from service.domain.events.signal import Signal
from service.domain.risk.surge import LEAST
from service.errors import ConfigError
from service.operations.backtest import OURS, SIGNALS, Backtest, Period, backtest, items_of
from service.operations.coding import code_all
from training import prose

BUDGETS = (0.125, 0.25, 0.5, 1.0, 2.0)
TOLD = (0.25, 0.5, 1.0)
"""Budgets of the tables; the chart shows all."""
TUNE_UNTIL = 2014
ARTICLES, EPISODES, CHART = "portal_2002_2023.jsonl.gz", "episodes.csv", "backtest.png"
SHOWN = ("detente", "mean Goldstein, dyad", "first two countries", "EARS C2", "any item", "random")
"""Methods in the chart: more lines would hide each other."""


def main() -> None:
    """Code, judge, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--out", type=Path, default=Path("docs/evaluation"))
    parser.add_argument("--var", type=Path, default=Path("var"))
    args = parser.parse_args()
    detente = Detente(overrides={"data_dir": args.var}, cores=len(os.sched_getaffinity(0)))
    known, _ = read_known(args.data / EPISODES, detente.gazetteer.country_codes)
    told, _ = read_articles(args.data / ARTICLES, detente)
    with progress("coding", "articles") as advance:
        codings = code_all(told, detente.coder, detente.codings, detente.coding_version, advance)
    tone = vader()
    geography = detente.gazetteer.geography
    items = items_of(told, codings, detente.owner_in_history, tone)
    found = backtest(items, known, detente.scale, geography, BUDGETS, TUNE_UNTIL, with_tone=tone is not None)
    if found is None or found.tuned is None:
        raise ConfigError(f"{args.data / EPISODES}: no episode to compare with in both periods")
    args.out.mkdir(parents=True, exist_ok=True)
    versions = f"Detente {detente.versions['detente']}, {detente.versions['model']}, {detente.versions['gazetteer']}"
    page = compose(
        found, items, geography, prose.BACKTEST.format(articles=f"{len(told):,}", versions=versions).rstrip()
    )
    (args.out / "backtest.md").write_text(page, "utf-8")
    draw(found.reported, args.out / CHART)


def compose(found: Backtest, items: Sequence[Item], geography: Geography, head: str) -> str:
    """The page: reported and tuned figures, and the missed episodes with a cause each."""
    assert found.tuned is not None
    parts = [head]
    for title, period in (("Reported", found.reported), ("Tuned on", found.tuned)):
        parts += [
            f"## {title}, {signal}: {period.first} to {period.last}\n\n{figures(period, signal)}"
            for signal in SIGNALS
            if period.episodes[signal]
        ]
    if found.skipped:
        parts.append(f"Not run, as a package was missing: {', '.join(found.skipped)}.")
    parts.append("## Missed\n\n" + prose.BACKTEST_MISSED + "\n" + "\n".join(missed(found.reported, items, geography)))
    if found.reported.left_out:
        parts.append(f"Left out, as they lie in one country: {', '.join(found.reported.left_out)}.")
    return "\n\n".join(parts) + "\n"


def figures(period: Period, signal: Signal) -> str:
    """A table of recall, chance and test at each budget, and one of what our alarms are like."""
    budgets = [b for b in TOLD if b in period.verdicts[OURS][signal]]
    rows = [
        f"| {signal}, method | " + " | ".join(f"{b:g} a day" for b in budgets) + " |",
        "|---" * (len(budgets) + 1) + "|",
    ]
    for method, of in period.verdicts.items():
        p = period.p.get(method, {}).get(signal, {})
        rows.append(f"| {method} | " + " | ".join(cell(of[signal][b], p.get(b)) for b in budgets) + " |")
    ours = period.verdicts[OURS][signal]
    rows += [
        "",
        "| ours | lift | mean delay, days | pages in a known episode | refired | threshold |",
        "|---|---|---|---|---|---|",
    ]
    rows += [f"| {b:g} a day | " + " | ".join(details(ours[b])) + " |" for b in budgets]
    return f"{len(period.episodes[signal])} episodes.\n\n" + "\n".join(rows)


def cell(verdict: Verdict, p: float | None) -> str:
    """Recall with its interval, chance, and the paired test against ours."""
    low, high = verdict.interval
    tested = "" if p is None else ", p < 0.001" if p < 0.001 else f", p {p:.3f}"
    return f"{verdict.recall:.3f} ({low:.2f} … {high:.2f}), chance {verdict.placebo:.3f}{tested}"


def details(verdict: Verdict) -> list[str]:
    """Lift, delay, precision, share refired, threshold."""
    alarms: Alarms = verdict.alarms
    delay = "-" if verdict.delay is None else f"{round(verdict.delay, 1) + 0.0:.1f}"
    threshold = "-" if alarms.enter is None else f"{alarms.enter:.2f}"
    return [f"{verdict.lift:.3f}", delay, f"{verdict.precision:.3f}", f"{alarms.refired:.3f}", threshold]


def missed(period: Period, items: Sequence[Item], geography: Geography) -> Iterator[str]:
    """A line for each episode we miss at the middle budget, with its cause."""
    found = books(items, geography)
    by_day: dict[int, list[Item]] = {}
    for item in items:
        by_day.setdefault(item.day, []).append(item)
    for signal in SIGNALS:
        lost = period.verdicts[OURS].get(signal, {})
        for episode in period.episodes[signal] if lost else ():
            if episode.id in lost[0.5].missed:
                near = [i for n in range(-BEFORE, AFTER + 1) for i in by_day.get(episode.start.toordinal() + n, ())]
                why = cause(episode, near, found[signal].stir.get(str(episode.subject), {}), lost[0.5])
                yield f"- {episode.id}, {episode.start}, {episode.subject.name}, {episode.label}: {why}"


def cause(episode: Episode, near: Sequence[Item], mass: Mapping[int, float], verdict: Verdict) -> str:
    """Why an episode was missed: no line names both sides, coder, dyad, or threshold. `near` are its days' items."""
    pair = set(episode.subject.countries)
    lines = [item for item in near if pair <= set(item.named)]
    days = range(episode.start.toordinal() - BEFORE, episode.start.toordinal() + AFTER + 1)
    heaviest = max((mass.get(day, 0.0) + mass.get(day - 1, 0.0) for day in days), default=0.0)
    if heaviest:
        limit = verdict.alarms.enter or 0.0
        floor = LEAST if episode.signal is Signal.ESCALATION else 1.0
        most = heaviest / floor
        return f"threshold, or an alarm was on: two days weigh {heaviest:.2f}, so {most:.2f} at most of {limit:.2f}"
    if not lines:
        return "no line names both sides"
    events = [e for item in lines for e in item.events if counts(e) and e.signal is episode.signal]
    if not events:
        return f"coder: {len(lines)} lines name both, none has an event of this direction"
    told = sorted(
        {f"{'+'.join(states_of(e.actors)) or '-'} → {'+'.join(states_of(e.recipients)) or '-'}" for e in events}
    )
    return f"dyad: the events are {', '.join(told)}"


def draw(period: Period, path: Path) -> None:
    """The chart: alarms a day against recall, escalation and de-escalation side by side."""
    import matplotlib as mpl  # noqa: PLC0415  the extra charts

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415

    figure, axes = plt.subplots(1, len(SIGNALS), figsize=(10, 4.2), sharey=True, layout="constrained")
    for axis, signal in zip(axes, SIGNALS, strict=True):
        for method in SHOWN:
            of = period.verdicts.get(method, {}).get(signal, {})
            style = {"linewidth": 2.5, "color": "black", "marker": "o"} if method == OURS else {"linewidth": 1.2}
            axis.plot(list(of), [v.recall for v in of.values()], label=method, **style)
        axis.set_xscale("log", base=2)
        axis.set_xticks(BUDGETS, [f"{b:g}" for b in BUDGETS])
        axis.set_title(f"{signal}, {len(period.episodes[signal])} episodes {period.first.year}–{period.last.year}")
        axis.set_xlabel("alarms a day, world-wide")
        axis.set_ylim(0, 1)
        axis.grid(alpha=0.3)
    axes[0].set_ylabel("known episodes caught")
    axes[-1].legend(loc="lower right", fontsize=8)
    figure.savefig(path, dpi=110)
    plt.close(figure)


if __name__ == "__main__":
    main()
