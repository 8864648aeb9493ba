"""Sanity checks of the scores: beside series that others made from other newspapers."""

import csv
import gzip
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import fmean

from service.domain.evaluation.rating import books, incidents, level_on
from service.domain.evaluation.reading import Item
from service.domain.events.geography import Geography
from service.domain.events.signal import Signal
from service.domain.risk.ledger import MICRO, Channel, postings
from service.domain.risk.score import Scale
from service.domain.risk.subject import Subject, SubjectKind
from training import prose
from training.ranks import by_chance, median, median_interval, spearman, spearman_interval

GDELT, GPR, GPR_COUNTRIES = "gdelt_india_dyads_daily.csv", "gpr_daily.csv.gz", "gpr_monthly_countries.csv.gz"
PAIR, PARTNER = Subject.dyad("IND", "PAK"), "PAK"
WEEKS, MONTHS = (date(2017, 1, 2), date(2023, 12, 31)), (date(2003, 1, 1), date(2023, 12, 31))
"""Whole weeks and years that both sides have."""
WEEK_BLOCK, MONTH_BLOCK = 8, 12
"""Neighbours drawn together: two months of weeks, a year of months."""
MASS = "escalation mass"
NAMED = ("RUS", "UKR", "ISR", "CHN", "KOR", "IND")
"""Countries shown one by one."""

Series = Mapping[date, float]
"""The first day of a week or month → a value."""


@dataclass(frozen=True, slots=True)
class Masses:
    """Escalation mass by day (ordinal): of the whole world, and of countries."""

    world: defaultdict[int, float] = field(default_factory=lambda: defaultdict(float))
    countries: defaultdict[str, defaultdict[int, float]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(float))
    )


@dataclass(frozen=True, slots=True)
class Check:
    """A row: what is compared with what, their rank correlation, its 95 % interval, and what chance reaches."""

    ours: str
    theirs: str
    n: int
    correlation: float
    interval: tuple[float, float]
    chance: float | None


def section(items: Sequence[Item], geography: Geography, scale: Scale, folder: Path) -> str:
    """The sanity checks as a part of a page in Markdown; `folder` has the files of others."""
    pair = pair_series(items, geography, scale)
    found = [*pair_checks(pair, folder / GDELT)]
    masses = masses_of(items, geography)
    found += world_checks(items, masses.world, read_gpr(folder / GPR))
    rows = ["| ours | theirs | n | Spearman (95 %) | chance reaches |", "|---|---|---|---|---|"]
    rows += [row(check) for check in found]
    rows += [row(check) for check in country_checks(items, masses.countries, read_countries(folder / GPR_COUNTRIES))]
    weeks = pair[MASS].values()
    return prose.SANITY.format(told=sum(map(bool, weeks)), weeks=len(weeks)).rstrip() + "\n\n" + "\n".join(rows)


def row(check: Check) -> str:
    """A check as a row of the table."""
    low, high = check.interval
    chance = "-" if check.chance is None else f"{check.chance:.2f}"
    return (
        f"| {check.ours} | {check.theirs} | {check.n} | {check.correlation:.2f} ({low:.2f} … {high:.2f}) | {chance} |"
    )


def compared(ours: str, theirs: str, a: Series, b: Series, block: int) -> Check:
    """Two series on the days they share."""
    days = sorted(a.keys() & b.keys())
    x, y = [a[d] for d in days], [b[d] for d in days]
    return Check(ours, theirs, len(days), spearman(x, y), spearman_interval(x, y, block), by_chance(x, y, block))


def masses_of(items: Iterable[Item], geography: Geography) -> Masses:
    """What the incidents of these items weigh, each once for the world and by its share for each country."""
    found = Masses()
    for incident in incidents(items):
        if incident.signal is Signal.ESCALATION:
            found.world[incident.started_at.date().toordinal()] += incident.weight
            for posting in postings(incident, geography):
                if posting.subject.kind is SubjectKind.COUNTRY and posting.entry.channel is Channel.ESCALATION:
                    day = incident.started_at.date().toordinal()
                    found.countries[posting.subject.countries[0]][day] += posting.entry.micro / MICRO
    return found


def pair_series(items: Sequence[Item], geography: Geography, scale: Scale) -> dict[str, Series]:
    """India and Pakistan by week, in our figures and by the naive rule."""
    found = books([item for item in items if item.events], geography)
    hostile, peaceful = (
        found[s].mass.get(str(PAIR), defaultdict(float)) for s in (Signal.ESCALATION, Signal.DE_ESCALATION)
    )
    days = range(WEEKS[0].toordinal(), WEEKS[1].toordinal() + 1)
    naming = count(item for item in items if set(PAIR.countries) <= set(item.named))
    return {
        "level": by(week, {day: level_on(day, hostile, peaceful, scale) for day in days}),
        MASS: by(week, {day: hostile.get(day, 0.0) for day in days}),
        "naive: lines that name both": by(week, {day: naming.get(day, 0.0) for day in days}),
    }


def pair_checks(ours: Mapping[str, Series], path: Path) -> Iterable[Check]:
    """Each of our series beside each of GDELT's."""
    theirs = read_gdelt(path)
    return [
        compared(f"IND-PAK, {mine}, by week", f"GDELT, {other}", a, b, WEEK_BLOCK)
        for mine, a in ours.items()
        for other, b in theirs.items()
    ]


def world_checks(items: Iterable[Item], world: Mapping[int, float], gpr: Mapping[int, float]) -> Iterable[Check]:
    """The world by month, and from month to month."""
    days = range(MONTHS[0].toordinal(), MONTHS[1].toordinal() + 1)
    lines = count(items)
    mass, told = (by(month, {day: of.get(day, 0.0) for day in days}) for of in (world, lines))
    theirs = by(month, {day: gpr[day] for day in days if day in gpr})
    share = {m: mass[m] / told[m] for m in mass if told[m]}
    return [
        compared("world, escalation mass a line, by month", "GPR", share, theirs, MONTH_BLOCK),
        compared("the same, change on the month before", "GPR", changes(share), changes(theirs), MONTH_BLOCK),
        compared("world, escalation mass, by month", "GPR", mass, theirs, MONTH_BLOCK),
        compared("naive: lines a month", "GPR", told, theirs, MONTH_BLOCK),
    ]


def country_checks(
    items: Iterable[Item], masses: Mapping[str, Mapping[int, float]], gpr: Mapping[str, Series]
) -> Iterable[Check]:
    """Countries by month, one by one and together, and against each other."""
    days = range(MONTHS[0].toordinal(), MONTHS[1].toordinal() + 1)
    told = by(month, {day: n for day, n in count(items).items() if day in days})
    found, sizes = {}, {}
    for code, theirs in sorted(gpr.items()):
        ours = by(month, {day: masses.get(code, {}).get(day, 0.0) for day in days})
        share = {m: ours[m] / told[m] for m in ours if told.get(m)}
        sizes[code] = (fmean(share.values()), fmean(theirs[m] for m in share if m in theirs))
        if any(share.values()):
            found[code] = (share, theirs)
    shown = [
        compared(f"{code}, mass a line, by month", f"GPR of {code}", *found[code], MONTH_BLOCK)
        for code in NAMED
        if code in found
    ]
    each = [spearman(*zip(*((a[m], b[m]) for m in a if m in b), strict=True)) for a, b in found.values()]
    mine, other = zip(*sizes.values(), strict=True)
    together = [
        Check("median of the countries, by month", "GPR of each", len(each), median(each), median_interval(each), None),
        compared(
            "countries against each other, mean of all months",
            "the same of their GPR",
            dict(zip(_places(mine), mine, strict=True)),
            dict(zip(_places(other), other, strict=True)),
            1,
        ),
    ]
    return [*shown, *together]


def _places(values: Sequence[float]) -> list[date]:
    return [date.fromordinal(n + 1) for n in range(len(values))]


def count(items: Iterable[Item]) -> dict[int, float]:
    """Lines by day."""
    found: defaultdict[int, float] = defaultdict(float)
    for item in items:
        found[item.day] += 1
    return found


def week(day: date) -> date:
    """The Monday of its week."""
    return day - timedelta(days=day.weekday())


def month(day: date) -> date:
    """The first of its month."""
    return day.replace(day=1)


def by(span: Callable[[date], date], daily: Mapping[int, float]) -> dict[date, float]:
    """The mean of the days of each span."""
    found: defaultdict[date, list[float]] = defaultdict(list)
    for day, value in daily.items():
        found[span(date.fromordinal(day))].append(value)
    return {start: fmean(values) for start, values in found.items()}


def changes(series: Series) -> dict[date, float]:
    """The difference of each value from the one before."""
    days = sorted(series)
    return {day: series[day] - series[before] for before, day in pairwise(days)}


def read_gdelt(path: Path) -> dict[str, Series]:
    """By week, more is worse: the mean Goldstein value turned, and the number and share of conflict events."""
    sums: defaultdict[date, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    with path.open(encoding="utf-8", newline="") as lines:
        for line in csv.DictReader(lines):
            day = date.fromisoformat(line["date"])
            if line["partner"] == PARTNER and WEEKS[0] <= day <= WEEKS[1]:
                told, conflict = float(line["n"]), float(line["n_conflict"])
                of = sums[week(day)]
                of[0], of[1], of[2] = of[0] + told, of[1] + conflict, of[2] - told * float(line["goldstein_mean"])
    told_weeks = {start: of for start, of in sums.items() if of[0]}
    return {
        "conflict events": {start: of[1] for start, of in told_weeks.items()},
        "share of conflict": {start: of[1] / of[0] for start, of in told_weeks.items()},
        "mean Goldstein, turned": {start: of[2] / of[0] for start, of in told_weeks.items()},
    }


def read_gpr(path: Path) -> dict[int, float]:
    """Day (ordinal) → index."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        return {date.fromisoformat(line["date"]).toordinal(): float(line["GPRD"]) for line in csv.DictReader(lines)}


def read_countries(path: Path) -> dict[str, Series]:
    """Country → first of the month → share of articles in per cent, in the months of the check."""
    found: defaultdict[str, dict[date, float]] = defaultdict(dict)
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        for line in csv.DictReader(lines):
            day = date.fromisoformat(line["month"])
            for name, value in line.items():
                if name.startswith("GPRC_") and value and MONTHS[0] <= day <= MONTHS[1]:
                    found[name.removeprefix("GPRC_")][day] = float(value)
    return dict(found)
