"""The scale of levels, fitted to anchors in the operator's own articles."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from service.domain.evaluation.calibration import Anchor, Fit, fit, residual
from service.domain.events.event import Event
from service.domain.news.article import Article
from service.domain.risk.ledger import MICRO, Channel
from service.domain.risk.score import HORIZON, Scale, level, risk
from service.domain.risk.score import score as score_of
from service.operations.replay import Replay
from service.ports import Books

WITHIN = timedelta(days=4)
"""An anchor's level is the highest from the beginning of its first day to the end of the third day after it."""
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Fitted:
    """An anchor with its highest R (mass per day), and its level by the scale as it was and as it is fitted."""

    anchor: Anchor
    risk: float
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was fitted. `usual` is in mass per day; residuals are those of the present scale and of the fitted one.

    `left_out` are ids of anchors whose days are not in the history.
    """

    fit: Fit
    usual: float
    anchors: Sequence[Fitted]
    residual_before: float
    left_out: Sequence[str]


def calibrate(
    articles: Sequence[Article],
    events: Sequence[Sequence[Event]],
    anchors: Sequence[Anchor],
    engine: Replay,
    advance: Callable[[int], object],
) -> Calibration:
    """Fit the scale of an engine without rules to what its books say. The articles, at least one, are stored in it.

    Raises ValueError when there is too little to fit.
    """
    first, last = articles[0].published_at, articles[-1].published_at
    within = [a for a in anchors if first.date() <= a.start <= last.date()]
    risks = dict(_risks(articles, events, within, engine, advance))
    targets = [anchor.target for anchor in within]
    told = [risks[anchor.id] for anchor in within]
    found, present = fit(told, targets), engine.gauge.scale
    with engine.units(read_only=True) as unit:
        usual = _usual(unit, first, last)
    rows = [Fitted(a, r, level(r, present), level(r, found.scale)) for a, r in zip(within, told, strict=True)]
    outside = [anchor.id for anchor in anchors if anchor.id not in risks]
    return Calibration(found, usual, rows, residual(told, targets, present), outside)


def _risks(
    articles: Sequence[Article],
    events: Sequence[Sequence[Event]],
    anchors: Sequence[Anchor],
    engine: Replay,
    advance: Callable[[int], object],
) -> list[tuple[str, float]]:
    """Ids of anchors and their highest R, each with the articles that had come by the end of its days."""
    found, taken = [], 0
    ends = {anchor.id: _start(anchor) + WITHIN for anchor in anchors}
    for anchor in sorted(anchors, key=lambda a: (a.start, a.id)):
        until = taken
        while until < len(articles) and articles[until].published_at < ends[anchor.id]:
            until += 1
        engine.book(articles[taken:until], events[taken:until])
        advance(until - taken)
        taken = until
        with engine.units(read_only=True) as unit:
            found.append((anchor.id, _highest(anchor, unit)))
    engine.book(articles[taken:], events[taken:])
    advance(len(articles) - taken)
    return found


def _start(anchor: Anchor) -> datetime:
    return datetime.combine(anchor.start, time(), UTC)


def _highest(anchor: Anchor, unit: Books) -> float:
    start, subject = _start(anchor), str(anchor.subject)
    entries = unit.ledger.entries(subject, start - HORIZON, start + WITHIN)
    floods = unit.ledger.floods(start - HORIZON)
    scores = (score_of(entries, start + n * HOUR, Scale(), floods) for n in range(WITHIN // HOUR))
    return max(risk(score.e, score.d) for score in scores)


def _usual(unit: Books, first: datetime, last: datetime) -> float:
    """The mean mass of escalation a day over the subjects that have any."""
    days = (last.date() - first.date()).days + 1
    sums = []
    for subject in unit.ledger.subjects():
        entries = unit.ledger.entries(subject, first - HORIZON, last)
        if mass := sum(e.micro for e in entries if e.channel is Channel.ESCALATION):
            sums.append(mass / MICRO / days)
    return float(f"{sum(sums) / len(sums):.4g}") if sums else 0.0
