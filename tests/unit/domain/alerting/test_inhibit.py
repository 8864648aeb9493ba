import pytest

from service.domain.alerting.inhibit import inhibited_by

DYAD = "dyad:IRN-PAK"


@pytest.mark.parametrize(
    ("own", "speaks"),
    [
        pytest.param({"strike": 60, "other": 40}, DYAD, id="more than half"),
        pytest.param({"strike": 50, "other": 50}, DYAD, id="just half"),
        pytest.param({"strike": 49, "other": 51}, None, id="less than half"),
        pytest.param({"other": 100}, None, id="nothing shared"),
        pytest.param({}, None, id="no mass at all"),
        pytest.param({"strike": 0}, None, id="no weight at all"),
    ],
)
@pytest.mark.parametrize("subject", ["country:PAK", "region:balochistan", "m49:034"])
def test_a_dyad_speaks_for_a_place_whose_mass_is_mostly_its_own(
    subject: str, own: dict[str, int], speaks: str | None
) -> None:
    assert inhibited_by(subject, [DYAD], {subject: own, DYAD: {"strike": 100}}) == speaks


def test_a_dyad_speaks_for_no_dyad() -> None:
    mass = {DYAD: {"strike": 1}, "dyad:IND-PAK": {"strike": 1}}
    assert inhibited_by(DYAD, ["dyad:IND-PAK", DYAD], mass) is None


def test_without_a_firing_dyad_everyone_speaks_for_himself() -> None:
    assert inhibited_by("country:PAK", [], {"country:PAK": {"strike": 1}}) is None


def test_a_firing_dyad_without_mass_speaks_for_nobody() -> None:
    assert inhibited_by("country:PAK", [DYAD], {"country:PAK": {"strike": 1}}) is None


def test_of_two_dyads_the_first_by_name_speaks() -> None:
    strike = {"strike": 1}
    mass = {"country:PAK": strike, DYAD: strike, "dyad:IND-PAK": strike}
    assert inhibited_by("country:PAK", [DYAD, "dyad:IND-PAK"], mass) == "dyad:IND-PAK"


def test_two_dyads_do_not_add_up() -> None:
    mass = {"country:PAK": {"a": 4, "b": 4, "c": 2}, DYAD: {"a": 1}, "dyad:IND-PAK": {"b": 1}}
    assert inhibited_by("country:PAK", [DYAD, "dyad:IND-PAK"], mass) is None
