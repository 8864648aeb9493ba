"""Who stands in an event: states of parties, and the dyads between them."""

import json
from importlib.resources import files

import pytest
from hypothesis import given

from service.domain.events.dyad import dyads, helped_dyads, is_third_party
from service.domain.events.event import Event, state_of, states_of
from service.domain.events.signal import Signal
from tests.unit.domain.build import GEOGRAPHY, event
from tests.unit.domain.strategies import HOSTILE, PEACEFUL, events, modest


@pytest.mark.parametrize(
    ("party", "state"),
    [
        ("IRN", "IRN"),
        ("PSE:HAMAS", "PSE"),
        ("XKX", "XKX"),
        ("UN", None),
        ("NATO", None),
        ("GCC", None),
        ("ICC", None),
        ("OAS", None),
        ("OIC", None),
        ("WHO", None),
        ("region:balochistan", None),
        ("irn", None),
        ("ÄÖÜ", None),
        ("", None),
    ],
)
def test_state_of(party: str, state: str | None) -> None:
    assert state_of(party) == state


def test_no_body_in_the_shipped_names_is_taken_for_a_country() -> None:
    names = json.loads(files("service.data").joinpath("gazetteer.json").read_text(encoding="utf-8"))
    assert [code for code in names["places"] if state_of(code) not in {None, *names["countries"]}] == []
    assert [code for code in names["countries"] if state_of(code) != code] == []


def test_states_are_sorted_and_each_once() -> None:
    assert states_of(("UN", "PAK:BLA", "PAK", "IRN", "EU")) == ("IRN", "PAK")


@pytest.mark.parametrize(
    ("told", "pairs"),
    [
        pytest.param(event(), (("IRN", "PAK"),), id="actor and recipient"),
        pytest.param(event(actors=("PAK",), recipients=("IRN",)), (("IRN", "PAK"),), id="either way round"),
        pytest.param(
            event(actors=("USA", "ISR"), recipients=("IRN",)),
            (("IRN", "ISR"), ("IRN", "USA")),
            id="allies do not fight",
        ),
        pytest.param(
            event("AGREE.deescalate", ("IRN", "PAK", "AFG"), ()),
            (("AFG", "IRN"), ("AFG", "PAK"), ("IRN", "PAK")),
            id="all pairs of a reciprocal event",
        ),
        pytest.param(event(actors=("IRN", "PAK"), recipients=("IRN", "PAK")), (("IRN", "PAK"),), id="a clash"),
        pytest.param(event(actors=("IRN",), recipients=()), (), id="one side alone"),
        pytest.param(event(actors=("PAK:BLA",), recipients=("PAK",)), (), id="a group at home"),
        pytest.param(event(actors=("LBN:HEZBOLLAH",), recipients=("ISR",)), (("ISR", "LBN"),), id="a group abroad"),
        pytest.param(event(actors=("UN",), recipients=("IRN",)), (), id="a body is no country"),
        pytest.param(event(actors=("IRN", "PAK"), recipients=("UN",)), (), id="two states against a body"),
    ],
)
def test_dyads(told: Event, pairs: tuple[tuple[str, str], ...]) -> None:
    assert dyads(told) == pairs


@modest
@given(events(kinds=HOSTILE + PEACEFUL))
def test_a_dyad_is_a_sorted_pair_of_different_parties(told: Event) -> None:
    for one, other in dyads(told) + helped_dyads(told):
        assert one < other
        assert {one, other} <= {*told.actors, *told.recipients}


@pytest.mark.parametrize(
    ("told", "third"),
    [
        pytest.param(event("AGREE.mediate", ("CHN",), ("IRN", "PAK")), True, id="an offer"),
        pytest.param(event("REQUEST.appeal_restraint", ("UN", "USA"), ("IRN", "PAK")), True, id="an appeal"),
        pytest.param(event("REQUEST.appeal_restraint", ("UN",), ("IRN",)), False, id="to one alone"),
        pytest.param(event("AGREE.mediate", ("CHN", "IRN"), ("IRN", "PAK")), False, id="of a party itself"),
        pytest.param(event("ASSAULT.aerial", ("USA",), ("IRN", "PAK")), False, id="an attack on two"),
        pytest.param(event("AGREE.deescalate", ("IRN", "PAK"), ()), False, id="an accord"),
    ],
)
def test_third_parties_help_two_others_towards_peace(told: Event, third: bool) -> None:
    assert is_third_party(told) is third
    assert helped_dyads(told) == ((("IRN", "PAK"),) if third else ())


def test_the_sign_alone_makes_no_third_party() -> None:
    assert not is_third_party(event("AGREE.mediate", ("CHN",), ("IRN", "PAK"), signal=Signal.ESCALATION))


def test_names_of_codes() -> None:
    codes = ["IRN", "UN", "PAK:BLA", "region:balochistan", "034", "XXX"]
    names = ["Iran", "United Nations", "Balochistan Liberation Army", "Balochistan", "Southern Asia", "XXX"]
    assert [GEOGRAPHY.name(code) for code in codes] == names


def test_where_countries_lie() -> None:
    assert GEOGRAPHY.m49("IRN") == "034"
    assert GEOGRAPHY.m49("ATA") is None
    assert GEOGRAPHY.m49_name("034") == "Southern Asia"
    assert GEOGRAPHY.m49_name("999") is None
    assert GEOGRAPHY.members("034") == {"AFG", "IND", "IRN", "PAK"}
    assert GEOGRAPHY.regions_of("PAK") == {"region:balochistan", "region:kashmir", "region:hindu-kush"}


def test_what_codes_stand_for() -> None:
    codes = ["IRN", "PAK:BLA", "region:balochistan", "UN", "XXX"]
    assert [GEOGRAPHY.countries_of(code) for code in codes] == [("IRN",), ("PAK",), ("PAK", "IRN"), (), ()]


def test_a_shared_region_is_shared_by_exactly_two() -> None:
    assert GEOGRAPHY.shared_regions("IRN", "PAK") == GEOGRAPHY.shared_regions("PAK", "IRN") == ("balochistan",)
    assert GEOGRAPHY.shared_regions("AFG", "PAK") == ()


@pytest.mark.parametrize(
    ("kind", "where"),
    [
        ("ASSAULT.aerial", ("PAK",)),
        ("RETREAT.withdraw", ("PAK",)),
        ("COERCE.arrest", ("IRN",)),
        ("PROTEST.demo", ("IRN",)),
        ("SANCTION.recall", ("IRN", "PAK")),
        ("ACCUSE.allege", ("IRN", "PAK")),
    ],
)
def test_where_an_act_without_a_named_place_happens(kind: str, where: tuple[str, ...]) -> None:
    assert event(kind, ("IRN",), ("PAK",)).where == where
    assert event(kind, ("IRN",), ("PAK",), places=("IND",)).where == ("IND",)


def test_a_named_side_stands_for_the_other() -> None:
    assert event("ASSAULT.aerial", ("IRN",), ()).where == ("IRN",)
    assert event("COERCE.arrest", (), ("PAK:BLA",)).where == ("PAK",)
