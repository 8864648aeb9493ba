"""Fitting the scale of levels to known days: how high each should have stood."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from math import exp, fsum, log, sqrt

from service.domain.evaluation.known import day, read_known
from service.domain.risk.score import Band, Scale, level
from service.domain.risk.subject import Subject, SubjectKind

COLUMNS = ("id", "start", "subject", "band")
"""Columns that a file of anchors must have; others are ignored."""
LEAST_ANCHORS = 3
"""Anchors with news, of two bands or more, below which two numbers cannot be fitted."""
C_RANGE, R_MAX_RANGE = (1e-4, 10.0), (1e-2, 1e3)
"""Mass per day between which `c` and `r_max` are looked for."""
_STEPS, _ROUNDS, _CLOSER = 40, 8, 0.15
_KINDS = (SubjectKind.DYAD, SubjectKind.COUNTRY)


@dataclass(frozen=True, slots=True)
class Anchor:
    """A known beginning, and the band in which its subject should have stood within three days."""

    id: str
    start: date
    subject: Subject
    band: Band

    @property
    def target(self) -> float:
        """The middle of the band: 10, 30, 50, 70 or 90."""
        return middle(self.band)


def middle(band: Band) -> float:
    """The level in the middle of a band."""
    return 10.0 + 20.0 * list(Band).index(band)


def read_anchors(lines: Iterable[str], countries: frozenset[str]) -> tuple[list[Anchor], list[str]]:
    """The anchors of CSV lines with a header, and what is wrong with the lines that hold none.

    `countries` are the alpha-3 codes that exist.
    """
    return read_known(lines, COLUMNS, lambda row: _anchor(row, countries))


def _anchor(row: dict[str, str], countries: frozenset[str]) -> Anchor:
    start = day(row, "start")
    subject = Subject.parse(row["subject"])
    if subject.kind not in _KINDS:
        raise ValueError(f"{row['subject']!r} is no dyad and no country")
    if unknown := [code for code in subject.countries if code not in countries]:
        raise ValueError(f"{', '.join(map(repr, unknown))} is no ISO 3166-1 alpha-3 code of a country")
    if row["band"] not in set(Band):
        raise ValueError(f"the band is {row['band']!r}; it must be one of {', '.join(Band)}")
    return Anchor(row["id"], start, subject, Band(row["band"]))


@dataclass(frozen=True, slots=True)
class Fit:
    """A scale, and the root of the mean squared distance of the levels from the middles of their bands."""

    scale: Scale
    residual: float


def residual(risks: Sequence[float], targets: Sequence[float], scale: Scale) -> float:
    """How far levels lie from their targets, both 0 … 100, as the root of the mean square. At least one."""
    return sqrt(fsum((level(r, scale) - t) ** 2 for r, t in zip(risks, targets, strict=True)) / len(risks))


def fit(risks: Sequence[float], targets: Sequence[float]) -> Fit:
    """The scale with the least residual: a grid of logarithms, then ever finer grids around the best.

    `risks` are R in mass per day, `targets` levels. Deterministic; figures are rounded to four digits. Raises
    ValueError when there is too little to fit.
    """
    told = [target for r, target in zip(risks, targets, strict=True) if r > 0]
    if len(told) < LEAST_ANCHORS or len(set(told)) == 1:
        raise ValueError(
            f"{len(told)} of {len(risks)} anchors have news in {len(set(told))} bands: "
            f"{LEAST_ANCHORS} in two bands are the least that can be fitted"
        )
    low, high = (log(C_RANGE[0]), log(R_MAX_RANGE[0])), (log(C_RANGE[1]), log(R_MAX_RANGE[1]))
    best = (0.0, 0.0)
    for _ in range(_ROUNDS):
        _, *best_pair = min(
            (residual(risks, targets, Scale(exp(c), exp(r))), c, r)
            for c in _between(low[0], high[0])
            for r in _between(low[1], high[1])
        )
        best = (best_pair[0], best_pair[1])
        reach = [(high[n] - low[n]) * _CLOSER / 2 for n in (0, 1)]
        low, high = (best[0] - reach[0], best[1] - reach[1]), (best[0] + reach[0], best[1] + reach[1])
    scale = Scale(_rounded(exp(best[0])), _rounded(exp(best[1])))
    return Fit(scale, residual(risks, targets, scale))


def _between(low: float, high: float) -> list[float]:
    return [low + (high - low) * n / _STEPS for n in range(_STEPS + 1)]


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")
