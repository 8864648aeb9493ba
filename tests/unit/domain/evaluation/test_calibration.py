"""Anchors are read with clear words for mistakes, and a fit finds the scale that made the levels."""

import pytest

from service.domain.evaluation.calibration import COLUMNS, fit, middle, read_anchors, residual
from service.domain.risk.score import Band, Scale, level

COUNTRIES = frozenset({"GEO", "RUS", "QAT"})
HEADER = ",".join(COLUMNS)
RISKS = (0.004, 0.02, 0.05, 0.11, 0.3, 0.8, 1.9)


@pytest.mark.parametrize(("c", "r_max"), [(0.02, 2.5), (0.05, 5.0), (0.3, 2.0), (0.001, 40.0)])
def test_a_fit_recovers_the_scale_that_made_the_levels(c: float, r_max: float) -> None:
    targets = [level(r, Scale(c, r_max)) for r in RISKS]
    found = fit(RISKS, targets)
    assert found.residual < 0.05
    assert found.scale.c == pytest.approx(c, rel=0.03)
    assert found.scale.r_max == pytest.approx(r_max, rel=0.03)


def test_no_scale_of_a_grid_fits_better() -> None:
    targets = [10.0, 10.0, 30.0, 50.0, 50.0, 70.0, 90.0]
    found = fit(RISKS, targets)
    assert found.residual == residual(RISKS, targets, found.scale)
    others = [Scale(0.001 * 1.5**n, 0.1 * 1.5**m) for n in range(15) for m in range(15)]
    assert all(residual(RISKS, targets, other) >= found.residual - 1e-3 for other in others)


def test_the_residual_is_the_root_of_the_mean_square() -> None:
    scale = Scale(1.0, 3.0)  # 100·log₄(1 + R)
    assert residual([0.0, 1.0, 3.0], [3.0, 46.0, 100.0], scale) == pytest.approx((25 / 3) ** 0.5)


def test_the_same_anchors_give_the_same_fit() -> None:
    targets = [10.0, 30.0, 30.0, 50.0, 70.0, 70.0, 90.0]
    assert fit(RISKS, targets) == fit(RISKS, targets)


@pytest.mark.parametrize(
    ("risks", "targets", "said"),
    [
        ([0.1, 0.5], [30, 70], "2 of 2 anchors have news in 2 bands"),
        ([0.1, 0.5, 0.0], [30, 70, 90], "2 of 3 anchors have news"),
        ([0.1, 0.5, 0.9], [70, 70, 70], "3 of 3 anchors have news in 1 bands"),
        ([], [], "0 of 0"),
    ],
)
def test_too_little_to_fit_is_said(risks: list[float], targets: list[float], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        fit(risks, targets)


def test_bands_have_middles() -> None:
    assert [middle(band) for band in Band] == [10, 30, 50, 70, 90]


def test_anchors_are_read_whatever_else_stands_there() -> None:
    lines = [
        "label,band,subject,start,id",
        "War,severe,dyad:RUS-GEO,2008-08-08,g",
        "Rift,watch,country:QAT,2017-06-05,q",
    ]
    anchors, mistakes = read_anchors(lines, COUNTRIES)
    assert mistakes == []
    assert [(a.id, str(a.subject), a.start.isoformat(), a.target) for a in anchors] == [
        ("g", "dyad:GEO-RUS", "2008-08-08", 90),
        ("q", "country:QAT", "2017-06-05", 30),
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (",2008-08-08,dyad:GEO-RUS,high", "there is no id"),
        ("a,August,dyad:GEO-RUS,high", "start is 'August'; write a day as 2016-04-02"),
        ("a,2008-08-08,GEO-RUS,high", "is no subject"),
        ("a,2008-08-08,m49:034,high", "'m49:034' is no dyad and no country"),
        ("a,2008-08-08,dyad:GEO-XXY,high", "'XXY' is no ISO 3166-1 alpha-3 code"),
        ("a,2008-08-08,dyad:GEO-RUS,loud", "the band is 'loud'; it must be one of calm, watch, elevated, high, severe"),
        ("a", "start is ''"),
    ],
)
def test_a_bad_line_is_named(line: str, said: str) -> None:
    anchors, (mistake,) = read_anchors([HEADER, line], COUNTRIES)
    assert anchors == []
    assert mistake.startswith("line 2: ")
    assert said in mistake


def test_a_header_that_lacks_a_column_and_an_id_that_stands_twice_are_named() -> None:
    assert read_anchors(["id,start"], COUNTRIES)[1] == ["line 1: the header lacks subject, band"]
    twice = [HEADER, "a,2008-08-08,dyad:GEO-RUS,high", "a,2009-08-08,dyad:GEO-RUS,high"]
    anchors, mistakes = read_anchors(twice, COUNTRIES)
    assert (len(anchors), mistakes) == (1, ["line 3: the id a stands on an earlier line"])
