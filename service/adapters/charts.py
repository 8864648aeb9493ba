"""Draws a subject's chronicle as a picture, with matplotlib, which comes with the extra `charts`."""

from importlib.util import find_spec
from io import BytesIO
from typing import Any

from service.domain.events.signal import Signal
from service.domain.risk.score import Band
from service.errors import ConfigError
from service.operations.chronicle import Chronicle

EXTRA = "drawing needs matplotlib, which is not installed: pip install 'detente[charts]'"
COLOURS = {Signal.ESCALATION: "#D55E00", Signal.DE_ESCALATION: "#0072B2"}
"""Told apart by the colour-blind too (Okabe and Ito)."""
_SHAPES = {Signal.ESCALATION: "^", Signal.DE_ESCALATION: "v"}
_LEVEL, _ALERT = "#000000", "#E69F00"
_STEP = 20
"""Levels from band to band."""


def png(chronicle: Chronicle, name: str) -> bytes:
    """A PNG: the level with its 80 % interval, incidents of both directions below it, and bars while alerts were on.

    `name` is the subject's name in words. Raises ConfigError where matplotlib is not installed.
    """
    if find_spec("matplotlib") is None:
        raise ConfigError(EXTRA)
    from matplotlib.figure import Figure  # noqa: PLC0415  an optional package

    figure = Figure(figsize=(9, 5), layout="constrained")
    levels, events, alerts = figure.subplots(
        3, 1, sharex=True, height_ratios=[5, 1.6, 0.4 + 0.35 * len(_rules(chronicle))]
    )
    _levels(levels, chronicle)
    _events(events, chronicle)
    _alerts(alerts, chronicle)
    title = f"{name}: level from {chronicle.since:%d %b %Y} to {chronicle.until:%d %b %Y}"
    levels.set_title(title, loc="left", fontsize=11, fontweight="bold")
    for axis in (levels, events, alerts):
        axis.spines[["top", "right"]].set_visible(False)
    alerts.set_xlim(chronicle.since, chronicle.until)
    alerts.tick_params(axis="x", labelsize=8)
    found = BytesIO()
    figure.savefig(found, format="png", dpi=100, metadata={"Software": None})
    return found.getvalue()


def _levels(axis: Any, chronicle: Chronicle) -> None:
    times = [moment.at for moment in chronicle.moments]
    low, high = [m.low for m in chronicle.moments], [m.high for m in chronicle.moments]
    axis.fill_between(times, low, high, color=_LEVEL, alpha=0.15, linewidth=0)
    axis.plot(times, [m.level for m in chronicle.moments], color=_LEVEL, linewidth=1.8)
    for n, band in enumerate(Band):
        axis.axhline(n * _STEP, color="#BBBBBB", linewidth=0.5)
        axis.annotate(
            str(band), (1, n * _STEP + _STEP / 2), xycoords=("axes fraction", "data"), ha="right", va="center",
            fontsize=8, color="#777777",
        )  # fmt: skip
    axis.set_ylim(0, 100)
    axis.set_ylabel("level, 80 % interval")


def _events(axis: Any, chronicle: Chronicle) -> None:
    for height, signal in ((1, Signal.ESCALATION), (0, Signal.DE_ESCALATION)):
        marks = [mark for mark in chronicle.marks if mark.signal is signal]
        axis.scatter(
            [mark.at for mark in marks],
            [height] * len(marks),
            s=[20 + 140 * min(1.0, mark.mass) for mark in marks],
            marker=_SHAPES[signal],
            color=COLOURS[signal],
            alpha=0.7,
            linewidth=0,
        )
    axis.set_ylim(-0.6, 1.6)
    axis.set_yticks([1, 0], ["escalation", "de-escalation"], fontsize=8)


def _alerts(axis: Any, chronicle: Chronicle) -> None:
    rules = _rules(chronicle)
    for n, rule in enumerate(rules):
        for firing in chronicle.firings:
            if firing.rule == rule:
                span = [firing.since, firing.until or chronicle.until]
                axis.plot(span, [n, n], color=_ALERT, linewidth=5, marker="|", markersize=9, solid_capstyle="butt")
    axis.set_ylim(-0.7, max(0.7, len(rules) - 0.3))
    axis.set_yticks(range(len(rules)), [f"alert {rule}" for rule in rules], fontsize=8)
    if not rules:
        axis.annotate("no alert", (0.01, 0.5), xycoords="axes fraction", va="center", fontsize=8, color="#777777")


def _rules(chronicle: Chronicle) -> list[str]:
    return sorted({firing.rule for firing in chronicle.firings})
