"""Rank correlation and the series of others beside ours."""

import gzip
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from math import isnan
from pathlib import Path

import pytest

from service.domain.evaluation.reading import Item
from service.domain.risk.score import Scale
from tests.unit.domain.build import GEOGRAPHY, event
from training.ranks import by_chance, median, median_interval, ranks, spearman, spearman_interval
from training.sanity import (
    by,
    changes,
    compared,
    masses_of,
    month,
    pair_checks,
    pair_series,
    read_countries,
    read_gdelt,
    read_gpr,
    row,
    section,
    week,
)


def test_ranks_share_ties_and_correlation_is_that_of_the_book() -> None:
    assert ranks([10, 20, 20, 5]) == [2.0, 3.5, 3.5, 1.0]
    assert spearman([1, 2, 3, 4], [10, 100, 1000, 9999]) == 1.0
    assert spearman([1, 2, 3, 4], [4, 3, 2, 1]) == -1.0
    assert spearman([1, 2, 3, 4, 5], [2, 1, 4, 3, 5]) == pytest.approx(0.8)  # 1 − 6·4/(5·24)
    assert isnan(spearman([1, 2, 3], [5, 5, 5]))


def test_intervals_hold_the_value_and_are_the_same_each_time() -> None:
    a = [float((7 * n) % 50) for n in range(50)]
    b = [x + (n % 5) * 4 for n, x in enumerate(a)]
    low, high = spearman_interval(a, b, 5)
    assert low < spearman(a, b) < high <= 1.0
    assert spearman_interval(a, b, 5) == (low, high)
    assert spearman_interval(a, a, 5) == pytest.approx((1.0, 1.0))
    assert median([3, 1, 2]) == 2
    assert median([4, 1, 2, 3]) == 2.5
    assert median_interval([5.0] * 4) == (5.0, 5.0)


def test_chance_is_what_turned_series_reach() -> None:
    wave = [float(n % 10) for n in range(100)]
    assert by_chance(wave, wave, 5) == pytest.approx(1.0)  # turned by ten it is itself again
    peak = [float(n == 50) for n in range(100)]
    assert by_chance(peak, peak, 5) == pytest.approx(1 / 99)


def test_days_are_put_together_by_week_and_month() -> None:
    monday = date(2018, 1, 29)
    daily = {(monday + timedelta(n)).toordinal(): float(n) for n in range(8)}
    assert by(week, daily) == {monday: 3.0, date(2018, 2, 5): 7.0}
    assert by(month, daily) == {date(2018, 1, 1): 1.0, date(2018, 2, 1): 5.0}
    assert changes({date(2018, 2, 1): 5.0, date(2018, 1, 1): 1.0, date(2018, 3, 1): 4.0}) == {
        date(2018, 2, 1): 4.0,
        date(2018, 3, 1): -1.0,
    }


def test_series_are_compared_where_both_have_values() -> None:
    days = [date(2018, 1, 1) + timedelta(7 * n) for n in range(40)]
    a = {day: float(n) for n, day in enumerate(days)}
    b = {day: float(n) for n, day in enumerate(days[:30])}
    check = compared("x", "y", a, b, 4)
    assert (check.n, check.correlation) == (30, 1.0)
    assert row(check) == f"| x | y | 30 | 1.00 (1.00 … 1.00) | {check.chance:.2f} |"


def item(day: date, n: int = 0) -> Item:
    strike = replace(event(actors=["IND"], recipients=["PAK"]), at=datetime.combine(day, time(12), UTC))
    return Item(day.toordinal(), "", (strike,), ("IND", "PAK"), id=f"{day} {n}")


def test_masses_count_the_world_once_and_countries_by_their_share() -> None:
    found = masses_of([item(date(2018, 1, 1))], GEOGRAPHY)
    day = date(2018, 1, 1).toordinal()
    weight = found.world[day]
    assert weight > 0
    assert found.countries["PAK"][day] == pytest.approx(weight, abs=1e-6)
    assert found.countries["IND"][day] == pytest.approx(0.6 * weight, abs=1e-6)


GDELT = "date,partner,n,n_coop,n_conflict,goldstein_mean\n"
GPR = "DAY,GPRD,date\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Files in the form of the real ones, in which strife and our news both come every third week."""
    first = date(2018, 1, 1)
    lines = [
        f"{first + timedelta(n)},{partner},10,{10 - bad},{bad},{-bad / 2}\n"
        for n in range(700)
        for partner, bad in (("PAK", 8 if (n // 7) % 3 == 0 else 1), ("CHN", 5))
    ]
    (tmp_path / "gdelt_india_dyads_daily.csv").write_text(GDELT + "".join(lines), "utf-8")
    days = [first + timedelta(n) for n in range(700)]
    with gzip.open(tmp_path / "gpr_daily.csv.gz", "wt") as out:
        out.write(GPR + "".join(f"{d:%Y%m%d},{100 + d.month},{d}\n" for d in days))
    months = sorted({month(d) for d in days})
    with gzip.open(tmp_path / "gpr_monthly_countries.csv.gz", "wt") as out:
        out.write("month,GPR,GPRC_IND,GPRC_CHN,GPRHC_IND\n1990-01-01,,1.0,1.0,\n")
        out.write("".join(f"{m},,{0.1 * m.month},{0.2 * m.month},9\n" for m in months))
    return tmp_path


def test_files_of_others_are_read(folder: Path) -> None:
    series = read_gdelt(folder / "gdelt_india_dyads_daily.csv")
    monday = date(2018, 1, 1)
    assert {name: of[monday] for name, of in series.items()} == {
        "conflict events": 56.0,
        "share of conflict": 0.8,
        "mean Goldstein, turned": 4.0,
    }
    assert read_gpr(folder / "gpr_daily.csv.gz")[date(2018, 3, 5).toordinal()] == 103.0
    countries = read_countries(folder / "gpr_monthly_countries.csv.gz")
    assert set(countries) == {"IND", "CHN"}
    assert countries["IND"][date(2018, 2, 1)] == pytest.approx(0.2)
    assert date(1990, 1, 1) not in countries["IND"]


def test_a_pair_at_war_in_the_same_weeks_goes_together(folder: Path) -> None:
    items = [item(date(2018, 1, 2) + timedelta(21 * n)) for n in range(33)]
    found = list(pair_checks(pair_series(items, GEOGRAPHY, Scale()), folder / "gdelt_india_dyads_daily.csv"))
    mass = next(c for c in found if "mass" in c.ours and c.theirs == "GDELT, share of conflict")
    assert mass.n == 100
    assert mass.correlation > 0.9
    assert {c.ours for c in found if "naive" in c.ours} == {"IND-PAK, naive: lines that name both, by week"}


def test_the_section_has_a_row_for_each_check(folder: Path) -> None:
    items = [item(date(2018, 1, 2) + timedelta(5 * n)) for n in range(139)]
    text = section(items, GEOGRAPHY, Scale(), folder)
    assert text.count("\n| IND-PAK, ") == 9
    assert "have escalation in 99 of our 365 weeks" in " ".join(text.split())
    for start in (
        "world, escalation mass a line",
        "naive: lines a month",
        "IND, mass a line",
        "median of the countries",
    ):
        assert f"\n| {start}" in text
