"""How unlikely the last day is, given the subject's own past."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from math import exp, fsum, lgamma, log, log1p, log10, sqrt

from service.domain.risk.caps import Flood, cuts
from service.domain.risk.ledger import MICRO, Channel, Entry, hour_of

MEMORY = timedelta(days=365)
"""How far back the past is read."""
HALF_LIFE = 60
"""Days after which a day of the past counts half."""
GUARD = 2
"""Days before the last one that are left out, so that what is building up is no part of what is usual."""
PRIOR_DAYS = 7
"""Days for which the usual of all subjects counts in that of one."""
LEAST_HISTORY = timedelta(days=14)
"""How long the service must have been reading before it can tell what is usual."""
USUAL = 0.01
"""Mass per day of escalation that is usual on a subject nothing is known of yet."""
WINSOR = 2.58
"""Standard deviations above its expectation at which a day of the past is cut."""
MOST = 300.0
"""Where −log10 p is cut: smaller than any p that a float holds."""


def surprise(
    entries: Sequence[Entry],
    now: datetime,
    history: timedelta,
    usual: float,
    floods: Collection[Flood] = (),
) -> float | None:
    """−log10 of the probability of as much escalation as in the last 24 hours, 0 … 300; None without enough `history`.

    A gamma-Poisson of the subject's own days: recent ones count more, each is cut where it is far above its own
    expectation, and φ, a running mean of Pearson's ratio, widens the spread. With A and B the sums of mass and of days,
    p = I_{1/(1+B)}(y/φ, A/φ), the tail of a negative binomial. `usual` is the mass per day of all subjects of its kind,
    `history` how long there has been anything to read.
    """
    return surprise_of(_days(entries, now, days_of(history), floods), usual) if history >= LEAST_HISTORY else None


def days_of(history: timedelta) -> int:
    """How many spans of 24 hours are looked at when there has been something to read for so long; at least one."""
    return max(1, min(history, MEMORY) // timedelta(days=1))


def surprise_of(days: Sequence[float], usual: float) -> float:
    """The same from the mass of escalation in each of these spans of 24 hours, the latest first."""
    today, *past = days
    if today <= 0:
        return 0.0
    mass, weight, phi = _usual(past[GUARD:], usual)
    p = incomplete_beta(today / phi, mass / phi, 1.0 / (1.0 + weight))
    return min(MOST, -log10(p)) if p > 0 else MOST


def _days(entries: Sequence[Entry], now: datetime, count: int, floods: Collection[Flood]) -> list[float]:
    """Mass of escalation in each of the last `count` spans of 24 hours, the latest first."""
    parts: defaultdict[int, list[float]] = defaultdict(list)
    this_hour = hour_of(now)
    cut = cuts([e for e in entries if e.hour <= this_hour], floods)
    for entry in entries:
        if entry.channel is Channel.ESCALATION and entry.hour <= this_hour:
            part = cut.get((entry.owner, entry.channel, entry.hour), 1.0)
            parts[(this_hour - entry.hour) // 24].append(entry.micro * part)
    return [fsum(parts.get(n, ())) / MICRO for n in range(count)]


def _usual(past: Sequence[float], usual: float) -> tuple[float, float, float]:
    """A, B and φ after these days, the latest of which comes first."""
    keep = 2.0 ** (-1.0 / HALF_LIFE)
    mass, days, phi = 0.0, 0.0, 1.0
    for seen in reversed(past):
        mean = (mass + PRIOR_DAYS * usual) / (days + PRIOR_DAYS)
        taken = min(seen, mean + WINSOR * sqrt(phi * mean))
        phi = max(1.0, keep * phi + (1.0 - keep) * (taken - mean) ** 2 / mean)
        mass, days = keep * mass + taken, keep * days + 1.0
    return mass + PRIOR_DAYS * usual, days + PRIOR_DAYS, phi


def incomplete_beta(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function I_x(a, b) for a, b > 0 and 0 ≤ x ≤ 1, to about 1e-12.

    By its continued fraction, DLMF 8.17.22, in the half where that converges fast.
    """
    if x <= 0.0 or x >= 1.0:
        return min(1.0, max(0.0, x))
    if x > (a + 1.0) / (a + b + 2.0):
        return 1.0 - incomplete_beta(b, a, 1.0 - x)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)) / a
    return front / _fraction(a, b, x)


def _fraction(a: float, b: float, x: float) -> float:
    """1 + d1·x/(1 + d2·x/(1 + …)) by Lentz' method."""
    tiny, value, c, d = 1e-300, 1.0, 1.0, 0.0
    for n in range(1, 500):
        m = n // 2
        if n % 2:
            step = -(a + m) * (a + b + m) / ((a + 2 * m) * (a + 2 * m + 1)) * x
        else:
            step = m * (b - m) / ((a + 2 * m - 1) * (a + 2 * m)) * x
        d = 1.0 / (1.0 + step * d or tiny)
        c = 1.0 + step / c or tiny
        value *= c * d
        if abs(c * d - 1.0) < 1e-14:  # noqa: PLR2004
            break
    return value
