"""Figures of merit over label indices and probabilities. All pure, all in 0 … 1 unless said otherwise."""

import math
import random
from collections.abc import Callable, Sequence
from typing import Any

Labels = list[int]
Rows = Sequence[Sequence[float]]

RESAMPLES = 1000
BINS = 10
_LEAST = 1e-6
"""A probability of 0 has no logarithm."""


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
    measure: Callable[[list[Any], list[Any]], float], truth: Sequence[Any], guess: Sequence[Any], seed: int
) -> tuple[float, float]:
    """95 % bootstrap interval of a measure of truth and answers: 2.5th and 97.5th percentile over resampled texts."""
    rng, size = random.Random(seed), len(truth)
    values = []
    for _ in range(RESAMPLES):
        drawn = rng.choices(range(size), k=size)
        values.append(measure([truth[i] for i in drawn], [guess[i] for i in drawn]))
    values.sort()
    return values[int(0.025 * RESAMPLES)], values[int(0.975 * RESAMPLES) - 1]


def share_interval(hits: int, of: int) -> tuple[float, float]:
    """95 % interval of a share that holds for few cases too (Wilson 1927); 0 … 1 of nothing."""
    if not of:
        return 0.0, 1.0
    z, share = 1.96, hits / of
    middle = share + z * z / (2 * of)
    around = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    low, high = ((middle + sign * around) / (1 + z * z / of) for sign in (-1, 1))
    return max(0.0, low), min(1.0, high)


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


def cross_fitted(truth: Labels, rows: Rows, seed: int) -> Rows:
    """The probabilities at a temperature fitted on the other half of the texts, so that no text calibrates itself."""
    halves = [random.Random(seed + i).random() < 0.5 for i in range(len(truth))]
    logits = [[math.log(max(p, _LEAST)) for p in row] for row in rows]
    temperature = {
        half: fit_temperature(
            [t for t, h in zip(truth, halves, strict=True) if h is not half],
            [row for row, h in zip(logits, halves, strict=True) if h is not half],
        )
        for half in (True, False)
    }
    return [_shares(row, temperature[half]) for row, half in zip(logits, halves, strict=True)]


def _shares(row: Sequence[float], temperature: float) -> list[float]:
    scaled = [value / temperature for value in row]
    whole = log_sum(scaled)
    return [math.exp(value - whole) for value in scaled]


def _loss(truth: Labels, logits: Rows, temperature: float) -> float:
    return math.fsum(_surprise(label, row, temperature) for label, row in zip(truth, logits, strict=True))


def _surprise(label: int, row: Sequence[float], temperature: float) -> float:
    scaled = [value / temperature for value in row]
    return log_sum(scaled) - scaled[label]
