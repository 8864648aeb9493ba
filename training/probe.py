"""A small head on the sentence vector that picks one of the labels a text may have. Plain numpy, full batches."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

STEPS, RATE, DECAY = 400, 0.02, 1e-3
HIDDEN = 64
_BARRED = -1e9

Rows = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Head:
    """`layers` are (weights, constant) in order, with tanh between them: one makes a linear probe, two a small MLP."""

    layers: tuple[tuple[Rows, Rows], ...]
    mean: Rows
    spread: Rows

    def choose(self, features: Rows, allowed: npt.NDArray[np.bool_]) -> list[int]:
        """The likeliest allowed label of each row: features [N, F], allowed [N, L] → N label indices."""
        return [int(i) for i in _forward(self.layers, (features - self.mean) / self.spread, allowed)[-1].argmax(1)]


def fit(
    features: Rows,
    targets: Sequence[int],
    weights: Sequence[float],
    allowed: npt.NDArray[np.bool_],
    seed: int,
    hidden: int,
) -> Head:
    """A head fitted to rows [N, F] with one target each; `hidden` 0 is a linear probe. Same input, same head."""
    rng = np.random.default_rng(seed)
    mean, spread = features.mean(0), features.std(0) + 1e-6
    sizes = [features.shape[1], *([hidden] if hidden else []), allowed.shape[1]]
    values = [rng.normal(0, a**-0.5, (a, b)) if hidden else np.zeros((a, b)) for a, b in pairwise(sizes)]
    parameters = [array for value in values for array in (value, np.zeros(value.shape[1]))]
    moments = [(np.zeros_like(p), np.zeros_like(p)) for p in parameters]
    scaled = (features - mean) / spread
    truth = np.eye(allowed.shape[1])[list(targets)]
    share = np.asarray(weights)[:, None] / np.sum(weights)
    for step in range(1, STEPS + 1):
        gradients = _gradients(_pairs(parameters), scaled, truth, share, allowed)
        for p, (first, second), slope in zip(parameters, moments, gradients, strict=True):
            _adam(p, first, second, slope + DECAY * p, step)
    return Head(_pairs(parameters), mean, spread)


def _pairs(parameters: Sequence[Rows]) -> tuple[tuple[Rows, Rows], ...]:
    return tuple(zip(parameters[::2], parameters[1::2], strict=True))


def _forward(layers: Sequence[tuple[Rows, Rows]], rows: Rows, allowed: npt.NDArray[np.bool_]) -> list[Rows]:
    """What goes into each layer, and the probabilities at the end."""
    seen = [rows]
    for weight, constant in layers[:-1]:
        seen.append(np.tanh(seen[-1] @ weight + constant))
    weight, constant = layers[-1]
    logits = np.where(allowed, seen[-1] @ weight + constant, _BARRED)
    shares = np.exp(logits - logits.max(1, keepdims=True))
    return [*seen, shares / shares.sum(1, keepdims=True)]


def _gradients(
    layers: Sequence[tuple[Rows, Rows]], rows: Rows, truth: Rows, share: Rows, allowed: npt.NDArray[np.bool_]
) -> list[Rows]:
    """Of the mean cross-entropy, in the order of the parameters."""
    *seen, found = _forward(layers, rows, allowed)
    back: list[Rows] = []
    error = (found - truth) * share
    for (weight, _), into in zip(reversed(layers), reversed(seen), strict=True):
        back += [error.sum(0), into.T @ error]
        error = (error @ weight.T) * (1 - into**2)
    return back[::-1]


def _adam(parameter: Rows, first: Rows, second: Rows, slope: Rows, step: int) -> None:
    first += 0.1 * (slope - first)
    second += 0.001 * (slope**2 - second)
    parameter -= RATE * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
