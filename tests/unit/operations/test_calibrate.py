"""A scale is fitted to the highest level of each anchor's days, on books as they were then."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from service.domain.evaluation.calibration import Anchor
from service.domain.events.ontology import mass
from service.domain.risk.incident import GRADES
from service.domain.risk.score import Band, Scale, kernel, level
from service.domain.risk.subject import Subject
from service.operations.calibrate import Calibration, calibrate
from tests.unit.domain.build import DAY, GEOGRAPHY, NOW
from tests.unit.operations.test_tune import engine, history

EVERY = 100 * DAY
STRIKES = [("IRN-PAK", -9.5), ("CHN-IND", -7.0), ("ISR-PSE", -5.0)]


def anchor(name: str, pair: str, band: Band, start: date) -> Anchor:
    return Anchor(name, start, Subject.parse(f"dyad:{pair}"), band)


ANCHORS = [
    anchor("war", "IRN-PAK", Band.SEVERE, NOW.date()),
    anchor("raid", "CHN-IND", Band.HIGH, (NOW + EVERY).date()),
    anchor("row", "ISR-PSE", Band.ELEVATED, (NOW + 2 * EVERY).date()),
]


def run(anchors: Sequence[Anchor] = ANCHORS, told: Sequence[tuple[str, float]] = STRIKES) -> Calibration:
    news = history(told, every=EVERY)
    replay = engine(())
    replay.store(news.articles)
    return calibrate(news.articles, news.events, anchors, replay, lambda _: None)


def by_hand(intensity: float) -> float:
    """R of one report of grade A at the first whole hour after it."""
    return mass(intensity) * GRADES["A"] * kernel(timedelta(0))


def test_the_highest_risk_of_its_days_stands_for_an_anchor() -> None:
    found = run()
    assert [row.risk for row in found.anchors] == pytest.approx([by_hand(i) for _, i in STRIKES], rel=1e-5)
    assert [row.before for row in found.anchors] == [level(row.risk, Scale()) for row in found.anchors]
    assert [row.after for row in found.anchors] == [level(row.risk, found.fit.scale) for row in found.anchors]
    assert found.fit.residual < found.residual_before


def test_usual_is_the_mean_mass_a_day_of_subjects_that_have_any() -> None:
    sums: defaultdict[str, float] = defaultdict(float)
    for pair, intensity in STRIKES:
        actor, recipient = pair.split("-")
        weight = mass(intensity) * GRADES["A"]
        shares = {pair: 1.0, recipient: 1.0, actor: 0.6, GEOGRAPHY.subregions[actor]: 0.6}
        for subject, share in (shares | {GEOGRAPHY.subregions[recipient]: 1.0}).items():
            sums[subject] += weight * share
    assert run().usual == pytest.approx(sum(sums.values()) / len(sums) / 201, rel=1e-3)


def test_what_comes_later_does_not_count_for_an_earlier_anchor() -> None:
    again = [*STRIKES, ("IRN-PAK", -10.0)]
    assert [row.risk for row in run(told=again).anchors] == [row.risk for row in run().anchors]


@pytest.mark.parametrize(("days", "share"), [(3, 1.0), (4, 0.0), (-1, None)])
def test_the_days_end_with_the_third_after_the_first(days: int, share: float | None) -> None:
    """The anchor is set so many days before the second strike; what is a day old has faded by some."""
    moved = anchor("moved", "CHN-IND", Band.HIGH, (NOW + EVERY).date() - days * DAY)
    (risk,) = [row.risk for row in run([*ANCHORS, moved]).anchors if row.anchor is moved]
    if share is None:
        assert 0 < risk < by_hand(-7.0)
    else:
        assert risk == pytest.approx(share * by_hand(-7.0), rel=1e-5)


def test_anchors_outside_the_history_are_left_out_and_too_few_are_said() -> None:
    early = anchor("early", "IRN-PAK", Band.HIGH, (NOW - DAY).date())
    assert run([*ANCHORS, early]).left_out == ["early"]
    with pytest.raises(ValueError, match="2 of 2 anchors have news"):
        run([*ANCHORS[:2], early])


def test_the_same_input_gives_the_same_answer_and_order_does_not_matter() -> None:
    found, turned = run(), run(ANCHORS[::-1])
    assert found == run()
    assert (turned.fit.scale, turned.usual) == (found.fit.scale, found.usual)
