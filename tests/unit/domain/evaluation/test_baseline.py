"""The simple ways, by hand on a few days."""

import pytest

from service.domain.evaluation.baseline import BASELINES, NEEDS_TONE, ON_COUNTRIES
from service.domain.evaluation.reading import Item
from service.domain.events.signal import Signal
from tests.unit.domain.build import event

E, D = Signal.ESCALATION, Signal.DE_ESCALATION
ATTACK = "The army's attack on Iran failed, says Pakistan."


def strike(day: int, named: tuple[str, ...] = ("IRN", "PAK"), kind: str = "ASSAULT.aerial", tone: float = -0.5) -> Item:
    return Item(day, ATTACK, (event(kind),), named, tone)


def values(name: str, items: list[Item], signal: Signal = E) -> dict[str, dict[int, float]]:
    return {s: {p.day: p.value for p in points} for s, points in BASELINES[name](items, signal).items()}


def test_names_of_methods_that_differ_are_names_of_methods() -> None:
    assert set(BASELINES) >= ON_COUNTRIES | NEEDS_TONE


def test_c2_compares_with_the_week_that_ended_two_days_ago() -> None:
    # Day 20 is compared with days 11 … 17: one text in seven days, mean 1/7, standard deviation .378, taken as .5.
    found = values("EARS C2", [strike(11), strike(19), strike(20), strike(20), strike(20)])["country:IRN"]
    assert found[20] == pytest.approx((3 - 1 / 7) / 0.5)
    assert found[19] == pytest.approx((1 - 1 / 7) / 0.5)
    assert found[11] == pytest.approx(1 / 0.5)


def test_ears_t_compares_with_the_last_week_and_adds_the_error_of_prediction() -> None:
    # Days 13 … 19 hold 3, 0, 0, 0, 0, 0, 4: mean 1, standard deviation sqrt((4 + 5 + 9) / 6).
    items = [*[strike(13)] * 3, *[strike(19)] * 4, *[strike(20)] * 5]
    found = values("EARS-t", items)["country:PAK"]
    assert found[20] == pytest.approx((5 - 1) / (3**0.5 * (8 / 7) ** 0.5))


def test_ears_counts_only_the_direction_that_is_sought() -> None:
    assert values("EARS C2", [strike(20)], D) == {}


def test_gpr_is_the_share_of_two_days_texts() -> None:
    plain = Item(20, "Farmers plant wheat in Iran.", (), ("IRN",))
    found = values("GPR keywords", [strike(20), strike(21), plain, plain])["country:IRN"]
    assert found == {20: pytest.approx(1 / 3), 21: pytest.approx(2 / 4), 22: pytest.approx(1 / 1)}


def test_tone_adds_up_what_is_negative_or_for_peace_what_is_positive() -> None:
    items = [strike(20, tone=-0.5), strike(20, tone=0.25), strike(21, tone=-0.1)]
    assert values("VADER tone, dyad", items)["dyad:IRN-PAK"][21] == pytest.approx(0.6)
    assert values("VADER tone, dyad", items, D)["dyad:IRN-PAK"] == {20: 0.25, 21: 0.25}
    assert set(values("VADER tone, country", items)) == {"country:IRN", "country:PAK"}
    assert values("VADER tone, dyad", [Item(20, "", (), ("IRN", "PAK"))]) == {}


def test_goldstein_is_the_mean_of_two_days_turned_to_the_direction_sought() -> None:
    items = [strike(20), strike(21, kind="CONSULT.negotiate")]  # −10 and +7
    assert values("mean Goldstein, dyad", items)["dyad:IRN-PAK"] == {20: 10.0, 21: 1.5, 22: -7.0}
    assert values("mean Goldstein, country", items, D)["country:PAK"] == {20: -10.0, 21: -1.5, 22: 7.0}


def test_the_first_two_countries_make_the_dyad_whoever_acted() -> None:
    items = [strike(20, named=("SYR", "ISR", "IRN"))]
    assert set(values("first two countries", items)) == {"dyad:ISR-SYR"}
    assert values("any item", items) == {"dyad:ISR-SYR": {20: 1.0}}
    assert values("any item", items, D) == {}
    assert values("random", items, D) == {"dyad:ISR-SYR": {20: 1.0}}
    assert values("random", [strike(20, named=("SYR",))]) == {}


def test_first_two_uses_our_surge_for_danger_and_our_mass_for_peace() -> None:
    assert values("first two countries", [strike(20)])["dyad:IRN-PAK"][20] == pytest.approx(0.95 / 0.2)
    peace = strike(20, kind="AGREE.deescalate")
    assert values("first two countries", [peace], D)["dyad:IRN-PAK"][20] == pytest.approx(0.5)
