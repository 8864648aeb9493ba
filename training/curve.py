"""The learning curve: what more labelled texts bring, from the trials whose name is a number of texts."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from training.drawing import Axis, Dots, chart

FEWEST, MOST = 1000, 40_000
LOWEST, HIGHEST = 0.2, 1.0
MEASURES = ("signal macro-F1", "type macro-F1")
_NAME = " texts"

Trial = Mapping[str, Any]


def on_curve(trial: Trial) -> bool:
    """Whether the trial is a point of the learning curve."""
    return str(trial["name"]).endswith(_NAME)


def texts(trial: Trial) -> int:
    """How many labelled texts the trial trained on."""
    return int(str(trial["name"]).removesuffix(_NAME).replace(",", ""))


def diagram(trials: Sequence[Trial]) -> str:
    """Texts on a logarithmic axis, macro-F1 upwards, a line for each set and measure."""
    points = sorted(filter(on_curve, trials), key=texts)
    sets = list(points[0]["figures"]) if points else []
    lines: dict[str, Dots] = {
        f"{name}: {measure}": [(_across(texts(p)), _upwards(p["figures"][name][measure]), 3.0) for p in points]
        for name in sets
        for measure in MEASURES
    }
    across = Axis("labelled texts", [(_across(n), f"{n:,}") for n in (1000, 2000, 4000, 8000, 16_000, 32_000)])
    upwards = Axis("macro-F1", [(_upwards(v / 10), f"{v / 10:g}") for v in range(2, 11)])
    return chart("Macro-F1 by the number of labelled texts", across, upwards, lines)


def _across(count: int) -> float:
    return math.log(count / FEWEST) / math.log(MOST / FEWEST)


def _upwards(value: float) -> float:
    return (value - LOWEST) / (HIGHEST - LOWEST)
