"""The charts of the back-test: alarms against recall, and how right pages are by their strength (extra `charts`)."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from service.domain.events.signal import Signal
from service.operations.backtest import OURS, SIGNALS, Period

COLOURS = {
    OURS: "#000000",
    "first two countries": "#0072B2",
    "any item": "#009E73",
    "EARS C2": "#D55E00",
    "mean Goldstein, dyad": "#CC79A7",
    "VADER tone, dyad": "#56B4E9",
}
"""Methods in the chart, in colours that the colour-blind tell apart too (Okabe and Ito); more would hide each other."""
WORDS = {OURS: "Detente", "any item": "any item (naive)"}
CHANCE = "random days"
MARKS = {
    OURS: "o",
    "first two countries": "s",
    "any item": "^",
    "EARS C2": "D",
    "mean Goldstein, dyad": "v",
    "VADER tone, dyad": "x",
}
APART = 0.062
"""Least distance of two labels, in recall."""

Bar = tuple[str, float, tuple[float, float], int]
"""Of a group of pages: which, a share, its 95 % interval, of how many."""


def spread(heights: Sequence[float], apart: float, top: float = 1.0) -> list[float]:
    """Heights for labels of lines that end at these heights: in the same order, at least `apart` from each other.

    >>> spread([0.5, 0.5, 0.9], 0.25)
    [0.5, 0.75, 1.0]
    """
    order = sorted(range(len(heights)), key=heights.__getitem__)
    found = [0.0] * len(heights)
    least = float("-inf")
    for n in order:
        found[n] = least = max(heights[n], least + apart)
    for n in reversed(order):
        found[n] = top = min(found[n], top)
        top -= apart
    return found


def recall_chart(
    period: Period, budgets: Sequence[float], aims: Mapping[Signal, Mapping[float, float]], path: Path
) -> None:
    """Alarms a day against recall, escalation and de-escalation side by side, with what was aimed at."""
    plt = _pyplot()
    figure, axes = plt.subplots(1, len(SIGNALS), figsize=(11, 4.6), sharey=True, layout="constrained")
    for axis, signal in zip(axes, SIGNALS, strict=True):
        _curves(axis, period, signal)
        for budget, aim in aims[signal].items():
            axis.plot([budget], [aim], marker="o", markersize=11, fillstyle="none", color="black", linestyle="none")
            axis.annotate("aim", (budget, aim), xytext=(0, 8), textcoords="offset points", ha="center", fontsize=8)
        axis.set_xscale("log", base=2)
        axis.set_xticks(budgets, [f"{b:g}" for b in budgets])
        axis.set_xlim(budgets[0] / 1.15, budgets[-1] * 4.6)
        axis.set_ylim(0, 1.04)
        axis.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "25 %", "50 %", "75 %", "100 %"])
        _plain(axis)
        known = f"{len(period.episodes[signal])} known, {period.first.year}–{period.last.year}"
        axis.set_title(f"{signal.capitalize()}s caught ({known})", loc="left", fontsize=11, fontweight="bold")
        axis.set_xlabel("alarms a day, in the whole world", loc="left")
    _save(figure, path)


def _curves(axis: Any, period: Period, signal: Signal) -> None:
    lines: list[tuple[str, str, float, float]] = []
    for method, colour in COLOURS.items():
        of = period.verdicts.get(method, {}).get(signal, {})
        if of:
            recall = [verdict.recall for verdict in of.values()]
            width = 3.0 if method == OURS else 1.4
            look = {"linewidth": width, "marker": MARKS[method], "markersize": 4 + width / 2}
            axis.plot(list(of), recall, color=colour, zorder=3 if method == OURS else 2, **look)
            lines.append((WORDS.get(method, method), colour, max(of), recall[-1]))
    if ours := period.verdicts.get(OURS, {}).get(signal, {}):
        axis.plot(list(ours), [v.placebo for v in ours.values()], color="black", linewidth=1, linestyle="--")
        lines.append((CHANCE, "#000000", max(ours), ours[max(ours)].placebo))
    heights = spread([end for *_, end in lines], APART)
    for (name, colour, budget, end), height in zip(lines, heights, strict=True):
        axis.annotate(
            name,
            (budget, end),
            xytext=(budget * 1.22, height),
            color=colour,
            fontsize=9,
            va="center",
            fontweight="bold" if name == WORDS[OURS] else "normal",
            arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.6, "shrinkA": 0, "shrinkB": 3},
        )


def strength_chart(bars: Mapping[Signal, Mapping[str, Sequence[Bar]]], path: Path) -> None:
    """How many pages are right by how strong the score was: signal → what is counted → its bars."""
    plt = _pyplot()
    figure, axes = plt.subplots(1, len(SIGNALS), figsize=(9, 3.6), sharey=True, layout="constrained")
    for axis, signal in zip(axes, SIGNALS, strict=True):
        of = bars[signal]
        for n, (counted, groups) in enumerate(of.items()):
            at = [x + 0.36 * n for x in range(len(groups))]
            shares = [share for _, share, _, _ in groups]
            off = [
                [max(0.0, share - low) for _, share, (low, _), _ in groups],
                [max(0.0, high - share) for _, share, (_, high), _ in groups],
            ]
            axis.bar(at, shares, 0.34, yerr=off, capsize=3, color=("#0072B2", "#E69F00")[n], label=counted)
            for x, (_, share, (_, high), size) in zip(at, groups, strict=True):
                axis.annotate(f"{share:.0%}\nof {size}", (x, high + 0.02), ha="center", fontsize=8)
        names = [name for name, *_ in next(iter(of.values()))]
        axis.set_xticks([x + 0.18 for x in range(len(names))], names)
        axis.set_ylim(0, 1.2)
        axis.set_yticks([0, 0.5, 1], ["0", "50 %", "100 %"])
        _plain(axis)
        axis.set_title(f"{signal.capitalize()}: pages", loc="left", fontsize=11, fontweight="bold")
    axes[-1].legend(loc="upper right", fontsize=8, frameon=False)
    _save(figure, path)


def _plain(axis: Any) -> None:
    axis.grid(visible=True, axis="y", alpha=0.3)
    axis.spines[["top", "right"]].set_visible(False)


def _pyplot() -> Any:
    import matplotlib as mpl  # noqa: PLC0415  the extra charts

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415

    return plt


def _save(figure: Any, path: Path) -> None:
    figure.savefig(path, dpi=90, metadata={"Software": None})
    _pyplot().close(figure)
