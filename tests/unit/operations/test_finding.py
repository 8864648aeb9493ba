"""What people type finds the subjects they mean."""

import pytest

from service.operations.finding import MOST, alike, exactly, find

NAMES = {
    "country:IRN": "Iran",
    "country:IRQ": "Iraq",
    "country:CIV": "Côte d’Ivoire",
    "country:GEO": "Georgia",
    "country:PAK": "Pakistan",
    "dyad:IRN-PAK": "Iran–Pakistan",
    "region:georgia": "Georgia",
    "region:south-kordofan": "South Kordofan",
    "m49:034": "Southern Asia",
    "watch:Gulf_Desk": "Gulf_Desk",
}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("Iran", ["country:IRN", "dyad:IRN-PAK"]),
        ("  iRaN ", ["country:IRN", "dyad:IRN-PAK"]),
        ("ira", ["dyad:IRN-PAK", "country:IRQ", "country:IRN"]),
        ("IRN-PAK", ["dyad:IRN-PAK"]),
        ("pakistan iran", ["dyad:IRN-PAK"]),
        ("cote d'ivoire", ["country:CIV"]),
        ("georgia", ["country:GEO", "region:georgia"]),
        ("kordofan", ["region:south-kordofan"]),
        ("m49:034", ["m49:034"]),
        ("gulf desk", ["watch:Gulf_Desk"]),
        ("an", []),
        ("", []),
        ("–", []),
        ("%_*(", []),
    ],
)
def test_words_find_what_begins_so(query: str, found: list[str]) -> None:
    assert find(query, NAMES, {"dyad:IRN-PAK": 60.0, "country:IRQ": 10.0}) == found


def test_what_is_meant_exactly_comes_before_what_is_higher() -> None:
    assert find("Iran", NAMES, {"dyad:IRN-PAK": 99.0})[0] == "country:IRN"


def test_no_more_than_can_be_read() -> None:
    assert len(find("place", {f"region:place-{n}": "Place" for n in range(99)}, {})) == MOST


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("iran", ["country:IRN"]),
        ("IRN", ["country:IRN"]),
        ("country:IRN", ["country:IRN"]),
        ("Georgia", ["country:GEO", "region:georgia"]),
        ("Iraq Georgia", ["dyad:GEO-IRQ"]),
        ("IRQ-GEO", ["dyad:GEO-IRQ"]),
        ("Iran Iran", []),
        ("ira", []),
        ("", []),
    ],
)
def test_what_is_meant_exactly(query: str, meant: list[str]) -> None:
    assert exactly(query, NAMES) == meant


@pytest.mark.parametrize(
    ("query", "proposed"),
    [
        ("Irann", {"country:IRN", "country:IRQ"}),
        ("country:IRX", {"country:IRN", "country:IRQ"}),
        ("region:south-kordofn", {"region:south-kordofan"}),
        ("Gorgia", {"country:GEO", "region:georgia"}),
        ("qqqqqq", set()),
        ("", set()),
    ],
)
def test_what_is_like_it(query: str, proposed: set[str]) -> None:
    assert set(alike(query, NAMES)) == proposed
