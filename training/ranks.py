"""How two series go together, with the doubt that comes of neighbouring values being alike. All pure."""

import random
from collections.abc import Sequence
from math import nan, sqrt

DRAWS, SEED = 1000, 7


def ranks(values: Sequence[float]) -> list[float]:
    """Ranks from 1; equal values share the mean of theirs.

    >>> ranks([3, 1, 3])
    [2.5, 1.0, 2.5]
    """
    order = sorted(range(len(values)), key=values.__getitem__)
    found = [0.0] * len(values)
    at = 0
    while at < len(order):
        end = at
        while end + 1 < len(order) and values[order[end + 1]] == values[order[at]]:
            end += 1
        for n in order[at : end + 1]:
            found[n] = (at + end) / 2 + 1
        at = end + 1
    return found


def spearman(a: Sequence[float], b: Sequence[float]) -> float:
    """Rank correlation, −1 … 1; NaN where one of them never changes."""
    x, y = ranks(a), ranks(b)
    mean = (len(x) + 1) / 2
    both = sum((p - mean) * (q - mean) for p, q in zip(x, y, strict=True))
    spread = sqrt(sum((p - mean) ** 2 for p in x) * sum((q - mean) ** 2 for q in y))
    return both / spread if spread else nan


def spearman_interval(a: Sequence[float], b: Sequence[float], block: int) -> tuple[float, float]:
    """95 % of the correlation when runs of `block` neighbours are drawn again, the series taken as a ring."""
    rng, size = random.Random(SEED), len(a)
    found = []
    for _ in range(DRAWS):
        starts = [rng.randrange(size) for _ in range(-(-size // block))]
        drawn = [(start + n) % size for start in starts for n in range(block)][:size]
        found.append(spearman([a[i] for i in drawn], [b[i] for i in drawn]))
    return _middle([value for value in found if value == value])  # noqa: PLR0124  NaN where a draw never changes


def by_chance(a: Sequence[float], b: Sequence[float], apart: int) -> float:
    """The 95th percentile of |correlation| when one series is turned against the other by `apart` steps or more.

    Both keep their own rhythm, so it is what two series that have nothing to do with each other reach.
    """
    size = len(a)
    turned = (abs(spearman(a, [*b[n:], *b[:n]])) for n in range(apart, size - apart + 1))
    found = sorted(value for value in turned if value == value)  # noqa: PLR0124
    return found[round(0.95 * (len(found) - 1))] if found else nan


def median_interval(values: Sequence[float]) -> tuple[float, float]:
    """95 % of the median when the values are drawn again."""
    rng = random.Random(SEED)
    return _middle([median(rng.choices(values, k=len(values))) for _ in range(DRAWS)])


def median(values: Sequence[float]) -> float:
    """The middle value."""
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def _middle(values: list[float]) -> tuple[float, float]:
    values.sort()
    return values[round(0.025 * (len(values) - 1))], values[round(0.975 * (len(values) - 1))]
