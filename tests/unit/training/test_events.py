"""Who did what to whom, as it is measured: worked out by hand here."""

from pathlib import Path

import pytest

from service.adapters.nlp.gazetteer import CompiledGazetteer
from training import events, sides
from training.articles import dyads_of
from training.sides import Sides

DATA = Path(__file__).parents[4] / "shared" / "data"
GOLD = [
    {"actors": ["IRN"], "recipients": ["PAK"]},
    {"actors": ["ISR", "PSE:HAMAS"], "recipients": ["PSE:HAMAS", "ISR"]},
    {"actors": [], "recipients": []},
]


def told(actors: str, recipients: str) -> Sides:
    return sides.between(actors.split(), recipients.split())


def test_pairs_are_between_states_whoever_acts() -> None:
    assert [dyads_of(g["actors"], g["recipients"]) for g in GOLD] == [{("IRN", "PAK")}, {("ISR", "PSE")}, set()]
    assert dyads_of(["SYR"], ["SYR:NSA"]) == set()


def test_precision_recall_and_f1_of_pairs() -> None:
    found = [told("PAK", "IRN CHN"), told("ISR", "PSE"), told("", "")]
    assert events.precision(GOLD, found) == pytest.approx(2 / 3)
    assert events.recall(GOLD, found) == 1.0
    assert events.f1(GOLD, found) == pytest.approx(0.8)


def test_order_counts_pairs_told_one_way() -> None:
    assert events.order(GOLD[:1], [told("IRN", "PAK")]) == (1, 0)
    assert events.order(GOLD[:1], [told("PAK", "IRN")]) == (0, 1)
    assert events.order(GOLD[:1], [sides.together(["IRN", "PAK"])]) == (0, 0)
    assert events.order(GOLD[1:2], [told("ISR", "PSE")]) == (0, 0)


def test_places_are_right_when_one_is_told() -> None:
    rows = events._places([{"places": ["IRN", "PAK"]}, {"places": ["CHN"]}, {"places": []}], [["PAK"], ["IND"], []])
    assert rows[0][1] == "0.500"
    assert rows[1][1] == "0.400"
    assert rows[2][1].startswith("0.50 ")


def test_the_simple_ways() -> None:
    assert sides.first_two(["IRN", "PAK", "CHN"]).dyads == {("IRN", "PAK")}
    assert len(sides.together(["IRN", "PAK", "CHN"]).dyads) == 3
    if not DATA.exists():
        pytest.skip("the verb dictionary is not part of the repository; it stands in ../shared/data")
    way = sides.ways(CompiledGazetteer.load().mentions, DATA)["verb dictionary, nearest names"]
    found = way("In Peru, Chile attacked Bolivia and Brazil.")
    assert (found.actors, found.recipients, found.signal) == ({"CHL"}, {"BOL"}, "escalation")
    assert way("Nothing.").dyads == frozenset()
