"""Measures the scores on a known past: `python -m training.backtest --data ../shared/data`.

Writes docs/evaluation/backtest.md with its charts beside it; `--var` is where codings are kept. The charts need the
extra `charts`, tone the extra `baselines`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from service.domain.evaluation.alarm import Alarms
from service.domain.evaluation.baseline import BASELINES
from service.domain.evaluation.episode import Episode
from service.domain.evaluation.rating import books, counts
from service.domain.evaluation.reading import Item
from service.domain.evaluation.verdict import AFTER, BEFORE, Verdict
from service.domain.events.event import states_of
from service.domain.events.geography import Geography
from service.domain.events.signal import Signal
from service.domain.risk.surge import LEAST
from service.errors import ConfigError
from service.operations.backtest import OURS, SIGNALS, Backtest, Period, all_series, backtest
from training import audit, prose, sanity
from training.charts import recall_chart, strength_chart
from training.history import EPISODES, asking, coded
from training.strength import bars

BUDGETS = (0.125, 0.25, 0.5, 1.0, 2.0)
TOLD = (0.25, 0.5, 1.0)
"""Budgets of the tables; the chart shows all."""
TUNE_UNTIL = 2014
AIMS = {Signal.ESCALATION: {0.25: 0.68, 0.5: 0.88}, Signal.DE_ESCALATION: {0.25: 0.85}}
"""Direction → budget → recall that was aimed at before anything was measured."""
AIM_REFIRED, AIM_RIGHT = 0.12, 0.65
AGAIN_AT = 0.5
"""Budget at which pages that come again are counted."""
NAIVE = "any item"
CHART, STRENGTH = "backtest.png", "backtest-strength.png"


@dataclass(frozen=True, slots=True)
class Parts:
    """What stands on the page besides the figures of the back-test, in Markdown."""

    head: str
    audit: str
    sanity: str


def main() -> None:
    """Code, judge, and write the page."""
    parser = asking(__doc__)
    parser.add_argument("--out", type=Path, default=Path("docs/evaluation"))
    args = parser.parse_args()
    past = coded(args.data, args.var)
    detente, items, geography = past.detente, past.items, past.detente.gazetteer.geography
    found = backtest(items, past.episodes, detente.scale, geography, BUDGETS, TUNE_UNTIL, with_tone=past.with_tone)
    if found is None or found.tuned is None:
        raise ConfigError(f"{args.data / EPISODES}: no episode to compare with in both periods")
    readings = audit.read_verdicts(audit.VERDICTS.read_text("utf-8").splitlines())
    pages = pages_of(found.reported, audit.BUDGET)
    drawn = audit.draw([page for of in pages.values() for page in of])
    versions = f"Detente {detente.versions['detente']}, {detente.versions['model']}, {detente.versions['gazetteer']}"
    strength = prose.STRENGTH.format(budget=audit.BUDGET).rstrip()
    parts = Parts(
        head=prose.BACKTEST.format(
            summary=summary(found.reported),
            table=against_aims(found.reported, audit.precision(drawn, readings)),
            articles=f"{len(items):,}",
            versions=versions,
        ).rstrip(),
        audit=f"{audit.report(drawn, readings)}\n\n{strength}",
        sanity=sanity.section(items, geography, detente.scale, args.data / "reference"),
    )
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / "backtest.md").write_text(compose(found, items, geography, parts), "utf-8")
    recall_chart(found.reported, BUDGETS, AIMS, args.out / CHART)
    _, ours = next(all_series(items, detente.scale, geography, with_tone=False))
    strength_chart(bars(pages, ours, past.episodes, readings), args.out / STRENGTH)


def pages_of(period: Period, budget: float) -> dict[Signal, list[audit.Alarm]]:
    """Our pages at a budget, as the audit names them."""
    ours = period.verdicts[OURS]
    return {s: audit.of_pages(s, ours[s][budget].alarms.pages) for s in SIGNALS if s in ours}


def summary(period: Period) -> str:
    """The result in a few sentences, as a list."""
    sentences = []
    for signal, budget in ((Signal.ESCALATION, 0.5), (Signal.DE_ESCALATION, 0.25)):
        ours = period.verdicts[OURS].get(signal, {})
        if budget in ours:
            verdict, known = ours[budget], len(period.episodes[signal])
            other, best = best_other(period, signal, budget)
            naive = period.verdicts[NAIVE][signal][budget]
            sentences += [
                f"- **With {budget:g} alarms a day in the whole world, Detente told of {len(verdict.hits)} of {known} "
                f"known {signal}s of {period.first.year} to {period.last.year} in time.**",
                f"  With as many alarms the best simpler way ({other}) told of {len(best.hits)}, the naive rule of "
                f"{len(naive.hits)}, and alarms on random days of {verdict.placebo * known:.1f}.",
            ]
    return "\n".join(sentences)


def best_other(period: Period, signal: Signal, budget: float) -> tuple[str, Verdict]:
    """The simpler way with the best recall, and its verdict."""
    others = {name: of[signal][budget] for name, of in period.verdicts.items() if name in BASELINES}
    name = max(others, key=lambda n: others[n].recall)
    return name, others[name]


def against_aims(period: Period, right: tuple[int, int, tuple[float, float]]) -> str:
    """The main figures beside what was aimed at; `right` are pages right, of pages read, and the share's interval."""
    rows = [["", "Detente", "aimed at", "best simpler way", "naive rule", "chance"], ["---"] * 6]
    ours, naive = period.verdicts[OURS], period.verdicts[NAIVE]
    for signal, aims in AIMS.items():
        for budget, aim in aims.items():
            if budget in ours.get(signal, {}):
                other, best = best_other(period, signal, budget)
                rows.append(
                    [
                        f"{signal}s caught at {budget:g} a day",
                        _with_interval(ours[signal][budget].recall, ours[signal][budget].interval),
                        f"≥ {aim:.2f}",
                        f"{best.recall:.2f} ({other})",
                        f"{naive[signal][budget].recall:.2f}",
                        f"{ours[signal][budget].placebo:.2f}",
                    ]
                )
    for signal, of in ours.items():
        again, others = of[AGAIN_AT].alarms.refired, naive[signal][AGAIN_AT].alarms.refired
        what = f"pages that come again within a week, {signal}, at {AGAIN_AT:g} a day"
        rows.append([what, f"{again:.2f}", f"≤ {AIM_REFIRED:.2f}", "-", f"{others:.2f}", "-"])
    hits, read, interval = right
    if read:
        what = f"pages that are right, of {read} read"
        rows.append([what, _with_interval(hits / read, interval), f"≥ {AIM_RIGHT:.2f}", "-", "-", "-"])
    return "\n".join(f"| {' | '.join(cells)} |" for cells in rows)


def _with_interval(share: float, interval: tuple[float, float]) -> str:
    return f"{share:.2f} ({interval[0]:.2f} … {interval[1]:.2f})"


def compose(found: Backtest, items: Sequence[Item], geography: Geography, parts: Parts) -> str:
    """The page: reported and tuned figures, the audit, the missed episodes with a cause each, and sanity checks."""
    assert found.tuned is not None
    told = [parts.head]
    for title, period in (("Reported", found.reported), ("Tuned on", found.tuned)):
        told += [
            f"## {title}, {signal}: {period.first} to {period.last}\n\n{figures(period, signal)}"
            for signal in SIGNALS
            if period.episodes[signal]
        ]
    if found.skipped:
        told.append(f"Not run, as a package was missing: {', '.join(found.skipped)}.")
    told.append("## Missed\n\n" + prose.BACKTEST_MISSED + "\n" + "\n".join(missed(found.reported, items, geography)))
    if found.reported.left_out:
        told.append(f"Left out, as they lie in one country: {', '.join(found.reported.left_out)}.")
    told += [f"## Pages read one by one\n\n{parts.audit}", f"## Sanity checks\n\n{parts.sanity}"]
    return "\n\n".join(told) + "\n"


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
        if most < limit:
            return f"threshold: a score of {most:.2f} at most, {limit:.2f} needed"
        return f"usual: up to {most:.2f} of {limit:.2f} needed, had the pair not had such news before, or an alarm on"
    if not lines:
        return "no line names both sides"
    events = [e for item in lines for e in item.events if counts(e) and e.signal is episode.signal]
    if not events:
        return f"coder: {len(lines)} lines name both, none has an event of this direction"
    told = sorted(
        {f"{'+'.join(states_of(e.actors)) or '-'} → {'+'.join(states_of(e.recipients)) or '-'}" for e in events}
    )
    return f"dyad: the events are {', '.join(told)}"


if __name__ == "__main__":
    main()
