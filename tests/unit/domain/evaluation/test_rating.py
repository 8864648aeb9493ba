"""What is booked on a dyad by day, and the scores of a day."""

import pytest

from service.domain.evaluation.rating import books, levels, peace, surge
from service.domain.evaluation.reading import Item
from service.domain.events.event import Event
from service.domain.events.signal import ArticleRole, Modality, Signal
from service.domain.risk.caps import ALONE
from service.domain.risk.score import Scale
from tests.unit.domain.build import DAY, GEOGRAPHY, NOW, event

E, D = Signal.ESCALATION, Signal.DE_ESCALATION
TODAY = NOW.date().toordinal()
STRIKE = 0.95**0.6


def stir(*told: Event, signal: Signal = E, owners: tuple[str, ...] = ()) -> dict[str, dict[int, float]]:
    """Each event told by an item of its own, of grade B; by day before or after today."""
    names = owners or tuple(f"owner {n}" for n in range(len(told)))
    items = [Item(TODAY, "", (e,), id=f"a{n}", owner=names[n], grade="B") for n, e in enumerate(told)]
    found = books(items, GEOGRAPHY)[signal].stir
    return {subject: {day - TODAY: much for day, much in of.items()} for subject, of in found.items()}


def test_an_act_between_two_states_stirs_by_its_intensity_and_how_sure_it_is() -> None:
    assert stir(event()) == {"dyad:IRN-PAK": {0: pytest.approx(0.8 * STRIKE, rel=1e-5)}}
    assert stir(event(modality=Modality.ALLEGED)) == {"dyad:IRN-PAK": {0: pytest.approx(0.48 * STRIKE, rel=1e-5)}}


def test_what_is_recalled_imagined_or_neutral_stirs_nothing() -> None:
    assert stir(event(role=ArticleRole.BACKGROUND), event(modality=Modality.HISTORICAL)) == {}
    assert stir(event(signal=Signal.NEUTRAL)) == {}


def test_two_owners_of_one_happening_are_surer_but_not_twice_as_much() -> None:
    once, twice = stir(event())["dyad:IRN-PAK"][0], stir(event(), event())["dyad:IRN-PAK"][0]
    assert once < twice < 1.5 * once
    assert stir(event(), event(), owners=("one", "one"))["dyad:IRN-PAK"][0] == once


def test_other_happenings_of_a_day_add_up_to_what_one_voice_may_bring() -> None:
    pairs = [(["IRN"], ["PAK"]), (["PAK"], ["IRN"])]
    told = [event(kind, *sides, intensity=-10.0) for kind in ("ASSAULT.aerial", "THREATEN.force") for sides in pairs]
    apart = stir(*told)["dyad:IRN-PAK"][0]
    alone = stir(*told, owners=("one",) * len(told))["dyad:IRN-PAK"][0]
    assert apart == pytest.approx(len(told) * 0.8, rel=1e-5)
    assert alone == pytest.approx(ALONE, rel=1e-5), "with the intensity at its most, stir and mass are the same"


def test_the_day_is_that_of_the_first_report() -> None:
    assert list(stir(event(at=NOW + DAY), event())["dyad:IRN-PAK"]) == [0]
    assert list(stir(event(at=NOW + 3 * DAY), event())["dyad:IRN-PAK"]) == [0, 3]


def test_the_books_do_not_depend_on_the_order_of_the_items() -> None:
    told = [Item(TODAY, "", (event(at=NOW + n * DAY),), id=f"a{n}", owner=f"owner {n % 2}") for n in range(5)]
    assert books(told, GEOGRAPHY) == books(reversed(told), GEOGRAPHY)


def test_mass_is_booked_beside_stir() -> None:
    items = [Item(TODAY, "", (event(),), id="a", grade="B")]
    assert books(items, GEOGRAPHY)[E].mass == {"dyad:IRN-PAK": {TODAY: pytest.approx(0.8 * 0.95**1.75, rel=1e-5)}}


def test_surge_is_two_days_over_the_usual_day() -> None:
    points = surge({"s": {10: 1.0, 100: 0.5, 101: 0.7}})["s"]
    told = {p.day: (p.value, p.fresh) for p in points}
    assert told[10] == (pytest.approx(1.0 / 0.2), True)
    assert told[11] == (pytest.approx(1.0 / 0.2), False)
    assert told[101] == (pytest.approx(1.2 / (1.0 / 90 + 0.2)), True)
    assert told[102] == (pytest.approx(0.7 / (1.5 / 90 + 0.2 - 1.0 / 90)), False)
    assert set(told) == {10, 11, 100, 101, 102}


def test_the_usual_day_ends_two_days_ago_and_begins_ninety_days_before() -> None:
    def on(day: int, past: int) -> float:
        return next(p.value for p in surge({"s": {past: 0.9, day: 1.0}})["s"] if p.day == day)

    with_it, without = pytest.approx(1.0 / (0.01 + 0.2)), pytest.approx(1.0 / 0.2)
    assert (on(200, 198), on(200, 109), on(200, 108)) == (with_it, with_it, without)


def test_peace_is_two_days_of_mass() -> None:
    assert [tuple(p) for p in peace({"s": {5: 0.5, 6: 0.25}})["s"]] == [
        (5, 0.5, True),
        (6, 0.75, True),
        (7, 0.25, False),
    ]


def test_levels_rise_with_hostility_and_fall_with_peace_and_time() -> None:
    alone = levels({"s": {10: 1.0}}, {}, Scale())["s"]
    calmed = levels({"s": {10: 1.0}}, {"s": {10: 1.0}}, Scale())["s"]
    assert [(p.day, p.fresh) for p in alone] == [(10, True), (11, False)]
    assert 0 < alone[1].value < alone[0].value <= 100
    assert calmed[0].value < alone[0].value
