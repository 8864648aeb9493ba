"""Figures of merit over label indices and probabilities. All pure, all in 0 … 1 unless said otherwise."""

import math
import random
from collections.abc import Callable, Sequence
from typing import Any

Labels = list[int]
Rows = Sequence[Sequence[float]]

RESAMPLES = 1000
BINS = 10


def accuracy(truth: Labels, guess: Labels) -> float:
    """Share that agrees; NaN for nothing."""
    return sum(t == g for t, g in zip(truth, guess, strict=True)) / len(truth) if truth else math.nan


def macro_f1(truth: list[Any], guess: list[Any]) -> float:
    """The mean F1 of the labels that occur in the truth."""
    scores = [_f1(truth, guess, label) for label in sorted(set(truth))]
    return float(sum(scores) / len(scores))


def _f1(truth: list[Any], guess: list[Any], label: Any) -> float:
    both = sum(t == label == g for t, g in zip(truth, guess, strict=True))
    return float(2 * both / max(1, truth.count(label) + guess.count(label)))


def within_one(truth: Labels, guess: Labels) -> float:
    """Share at most one step off."""
    return sum(abs(t - g) <= 1 for t, g in zip(truth, guess, strict=True)) / len(truth)


def interval(
    measure: Callable[[list[int], list[int]], float], truth: Labels, guess: Labels, seed: int
) -> tuple[float, float]:
    """95 % bootstrap interval of a measure: 2.5th and 97.5th percentile over resampled texts."""
    rng, size = random.Random(seed), len(truth)
    values = []
    for _ in range(RESAMPLES):
        drawn = rng.choices(range(size), k=size)
        values.append(measure([truth[i] for i in drawn], [guess[i] for i in drawn]))
    values.sort()
    return values[int(0.025 * RESAMPLES)], values[int(0.975 * RESAMPLES) - 1]


def calibration_error(truth: Labels, rows: Rows) -> float:
    """Expected calibration error of the first choice over ten bins of equal width."""
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for label, row in zip(truth, rows, strict=True):
        top = max(row)
        bins[min(BINS - 1, int(top * BINS))].append((top, row.index(top) == label))
    return sum(abs(sum(p for p, _ in b) - sum(right for _, right in b)) for b in bins) / len(truth)


def fit_temperature(truth: Labels, logits: Rows) -> float:
    """The divisor of the logits with the least negative log-likelihood, found by golden section on its logarithm."""
    low, high = math.log(0.25), math.log(4.0)
    ratio = (math.sqrt(5) - 1) / 2
    while high - low > 1e-3:
        a, b = high - ratio * (high - low), low + ratio * (high - low)
        if _loss(truth, logits, math.exp(a)) < _loss(truth, logits, math.exp(b)):
            high = b
        else:
            low = a
    return round(math.exp((low + high) / 2), 4)


def log_sum(values: Sequence[float]) -> float:
    """The logarithm of the sum of the exponentials: one logit for several labels taken together."""
    top = max(values)
    return top + math.log(math.fsum(math.exp(value - top) for value in values))


def _loss(truth: Labels, logits: Rows, temperature: float) -> float:
    return math.fsum(_surprise(label, row, temperature) for label, row in zip(truth, logits, strict=True))


def _surprise(label: int, row: Sequence[float], temperature: float) -> float:
    scaled = [value / temperature for value in row]
    return log_sum(scaled) - scaled[label]
