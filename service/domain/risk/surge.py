"""How much news stirs a subject, measured in what the subject usually has."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import fsum

from service.domain.risk.caps import Flood, cuts
from service.domain.risk.ledger import MICRO, Channel, Entry, hour_of

RECENT = 48
"""Hours that are compared."""
USUAL = 90 * 24
"""Hours before those from which the usual is taken."""
REACH = timedelta(hours=RECENT + USUAL)
"""How far back entries must go."""
NEW = 24
"""Hours in which something must have stirred for it to be news."""
LEAST = 0.2
"""Stir a day that is added to the usual, for subjects that have next to none."""


@dataclass(frozen=True, slots=True)
class Stir:
    """`surge` is the danger of the last 48 hours over what a usual day brings, `peace` the peace news of those hours.

    `surge` is in days, `peace` in stir, and so is `fresh`, the danger of the last 24 hours; 0 and more.
    """

    surge: float = 0.0
    peace: float = 0.0
    fresh: float = 0.0


def stir(entries: Sequence[Entry], now: datetime, floods: Collection[Flood] = ()) -> Stir:
    """How a subject with these entries is stirred at `now`: A / (P + .2), P the mean day of the 90 days before.

    The form and its constants were chosen on episodes of 2003 to 2014 (docs/evaluation/backtest.md).
    """
    this_hour = hour_of(now)
    known = [e for e in entries if e.hour <= this_hour]
    cut = cuts(known, floods)
    danger: list[float] = []
    usual: list[float] = []
    peace: list[float] = []
    fresh: list[float] = []
    for hour, channel, _, owner, _, much in known:
        age = this_hour - hour
        if not much or age >= RECENT + USUAL:
            continue
        counts = much * cut.get((owner, channel, hour), 1.0) if cut else much
        if channel is Channel.DE_ESCALATION:
            if age < RECENT:
                peace.append(counts)
        elif age >= RECENT:
            usual.append(counts)
        else:
            danger.append(counts)
            if age < NEW:
                fresh.append(counts)
    ratio = fsum(danger) / (fsum(usual) / (USUAL / 24) + LEAST * MICRO)
    return Stir(ratio, fsum(peace) / MICRO, fsum(fresh) / MICRO)
