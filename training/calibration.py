"""How far probabilities can be taken at their word: Brier score, calibration error, reliability diagram."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from training.drawing import Axis, Dots, chart
from training.metrics import BINS, Rows


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers whose first choice had a probability of `low` to `low` + 1/BINS."""

    low: float
    count: int
    claimed: float
    right: float


def brier(truth: Sequence[int], rows: Rows) -> float:
    """Mean squared distance of the probabilities from the truth, summed over labels, 0 … 2 (Brier 1950)."""
    distances = [sum((p - (i == t)) ** 2 for i, p in enumerate(row)) for t, row in zip(truth, rows, strict=True)]
    return sum(distances) / len(distances)


def bins(truth: Sequence[int], rows: Rows) -> list[Bin]:
    """The bins that hold answers, in order."""
    held: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for label, row in zip(truth, rows, strict=True):
        top = max(row)
        held[min(BINS - 1, int(top * BINS))].append((top, list(row).index(top) == label))
    return [
        Bin(number / BINS, len(b), sum(p for p, _ in b) / len(b), sum(right for _, right in b) / len(b))
        for number, b in enumerate(held)
        if b
    ]


def diagram(series: Mapping[str, Sequence[Bin]]) -> str:
    """A reliability diagram as SVG: claimed probability across, share that was right upwards; dots by count."""
    totals = {name: sum(b.count for b in found) for name, found in series.items()}
    lines: dict[str, Dots] = {
        f"{name}, n = {totals[name]}": [(b.claimed, b.right, 3 + 9 * (b.count / totals[name]) ** 0.5) for b in found]
        for name, found in series.items()
    }
    ticks = [(tick, f"{tick:g}") for tick in (0, 0.25, 0.5, 0.75, 1)]
    return chart(
        "Reliability of the signal's probabilities",
        Axis("probability the model claims", ticks),
        Axis("share that was right", ticks),
        lines,
        diagonal=True,
    )
