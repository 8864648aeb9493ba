"""How the scores would have done on a known past, beside simpler ways and beside chance, at equal alarm budgets."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from service.domain.evaluation.alarm import Habit, Series, at_budgets
from service.domain.evaluation.baseline import BASELINES, NEEDS_TONE, ON_COUNTRIES, Method
from service.domain.evaluation.episode import Episode, between
from service.domain.evaluation.rating import books, levels, peace, surge
from service.domain.evaluation.reading import Item
from service.domain.evaluation.verdict import Verdict, Watch, judge, paired_p, placebo_dates
from service.domain.events.geography import Geography
from service.domain.events.signal import Signal
from service.domain.news.article import Article
from service.domain.risk.score import Scale
from service.domain.risk.subject import Subject, SubjectKind
from service.pipeline.score import OwnerOf
from service.ports import KeptCoding, Tone

OURS = "detente"
LEVEL = "level alone"
"""Ours with the level in place of the surge: what the LEVEL rule would do by itself."""
BUDGETS = (0.25, 0.5, 1.0)
"""Pages a day, world-wide."""
WARM_UP = timedelta(days=90)
"""A period begins at the first article plus this, so that every score has its own past."""
SIGNALS = (Signal.ESCALATION, Signal.DE_ESCALATION)
HABITS = {Signal.ESCALATION: Habit(), Signal.DE_ESCALATION: Habit(hold=1)}


@dataclass(frozen=True, slots=True)
class Period:
    """The verdicts over the days `first` … `last`: method → signal → budget → verdict.

    `p` holds for each baseline the paired exact p that it and ours differ so much by luck. `left_out` are ids of
    episodes in one country only, which no dyad can catch.
    """

    first: date
    last: date
    verdicts: Mapping[str, Mapping[Signal, Mapping[float, Verdict]]]
    p: Mapping[str, Mapping[Signal, Mapping[float, float]]]
    episodes: Mapping[Signal, Sequence[Episode]]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Backtest:
    """The period to report, the one before it that served for tuning (None without), and methods that were skipped."""

    reported: Period
    tuned: Period | None
    skipped: tuple[str, ...]


def items_of(
    articles: Sequence[Article], codings: Sequence[KeptCoding], owner_of: OwnerOf, tone: Tone | None
) -> list[Item]:
    """The articles as the methods see them."""
    owners = [owner_of(article.publisher, article.url, article.credit) for article in articles]
    return [
        Item(
            id=article.id,
            owner=owner.group,
            grade=owner.grade,
            day=article.published_at.date().toordinal(),
            text=article.document,
            events=coding.events,
            named=coding.named,
            tone=tone(article.document) if tone and coding.named else None,
        )
        for article, coding, owner in zip(articles, codings, owners, strict=True)
    ]


def backtest(
    items: Sequence[Item],
    episodes: Sequence[Episode],
    scale: Scale,
    geography: Geography,
    budgets: Sequence[float] = BUDGETS,
    tune_until: int | None = None,
    *,
    with_tone: bool,
) -> Backtest | None:
    """Judge all methods on the same items; None when there is no episode that they could catch.

    With `tune_until`, a year, later years are reported and years up to it are told apart. Thresholds are set on the
    days of each period, for every method alike.
    """
    first = date.fromordinal(min(item.day for item in items)) + WARM_UP
    last = date.fromordinal(max(item.day for item in items))
    series = dict(all_series(items, scale, geography, with_tone=with_tone))
    turn = date(tune_until, 12, 31) if tune_until else None
    reported = _period(series, episodes, max(first, turn + timedelta(days=1)) if turn else first, last, budgets)
    if reported is None:
        return None
    tuned = _period(series, episodes, first, min(turn, last), budgets) if turn else None
    return Backtest(reported, tuned, () if with_tone else tuple(sorted(NEEDS_TONE)))


def all_series(
    items: Sequence[Item], scale: Scale, geography: Geography, *, with_tone: bool
) -> Iterator[tuple[str, Mapping[Signal, Series]]]:
    """Method → signal → its daily scores, ours first."""
    found = books(items, geography)
    hostile, peaceful = found[Signal.ESCALATION], found[Signal.DE_ESCALATION]
    calm = peace(peaceful.stir)
    yield OURS, {Signal.ESCALATION: surge(hostile.stir), Signal.DE_ESCALATION: calm}
    yield LEVEL, {Signal.ESCALATION: levels(hostile.mass, peaceful.mass, scale), Signal.DE_ESCALATION: calm}
    for name, method in BASELINES.items():
        if with_tone or name not in NEEDS_TONE:
            yield name, _both(method, items)


def _both(method: Method, items: Sequence[Item]) -> Mapping[Signal, Series]:
    return {signal: method(items, signal) for signal in SIGNALS}


def _period(
    series: Mapping[str, Mapping[Signal, Series]],
    episodes: Sequence[Episode],
    first: date,
    last: date,
    budgets: Sequence[float],
) -> Period | None:
    within = between(episodes, first, last)
    sought = {
        signal: [e for e in within if e.signal is signal and e.subject.kind is SubjectKind.DYAD] for signal in SIGNALS
    }
    if not any(sought.values()):
        return None
    span = (first.toordinal(), last.toordinal())
    dates = {signal: placebo_dates(some, *span) for signal, some in sought.items()}
    verdicts = {
        name: {
            signal: {
                budget: judge(alarms, some, watch(name), dates[signal])
                for budget, alarms in at_budgets(of[signal], *span, budgets, HABITS[signal]).items()
            }
            for signal, some in sought.items()
            if some
        }
        for name, of in series.items()
    }
    p = {
        name: {
            signal: {
                budget: paired_p(verdicts[OURS][signal][budget].hits, verdict.hits)
                for budget, verdict in by_budget.items()
            }
            for signal, by_budget in by_signal.items()
        }
        for name, by_signal in verdicts.items()
        if name != OURS
    }
    left_out = tuple(e.id for e in within if e.subject.kind is not SubjectKind.DYAD)
    return Period(first, last, verdicts, p, sought, left_out)


def watch(method: str) -> Watch:
    """The subjects of which a page counts: the dyad, or for a method on countries either of its two."""
    return _either if method in ON_COUNTRIES else _itself


def _either(episode: Episode) -> Sequence[str]:
    return [str(Subject.country(code)) for code in episode.subject.countries]


def _itself(episode: Episode) -> Sequence[str]:
    return [str(episode.subject)]
