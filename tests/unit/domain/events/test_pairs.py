"""The second reading of sides. Readers here are made by hand: one unit that looks for one or two features."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from service.domain.events.attribution import attribute
from service.domain.events.dyad import dyads
from service.domain.events.event import Event
from service.domain.events.pairs import FEATURES, PairReader, revised, seen_pairs
from service.domain.events.parties import Named, most_likely_role, with_parties
from service.domain.events.place import Mention, MentionKind
from tests.unit.domain.build import event

NO = 9.0
KINDS = {"UN": ("UN", MentionKind.IGO), "Kurdish rebels": ("TUR:PKK", MentionKind.GROUP)}
CODES = {"Iran": "IRN", "Pakistan": "PAK", "Qatar": "QAT", "US": "USA", "Turkey": "TUR", "Iraq": "IRQ"}


def looks_for(**weights: float) -> PairReader:
    """Sure of a pair whose features, weighted, make more than a half; sure that no other is a dyad."""
    names = {name.replace("_", " "): weight for name, weight in weights.items()}
    row = tuple(names.get(feature.removeprefix("first: "), 0.0) for feature in FEATURES)
    return PairReader(((*row, 0.0),), (2 * NO, -NO), 0.5)


ACCEPTS_NONE = PairReader(((*(0.0 for _ in FEATURES), 0.0),), (0.0, -NO), 0.5)
ACCEPTS_ALL = PairReader(((*(0.0 for _ in FEATURES), 0.0),), (0.0, NO), 0.5)


def name(text: str, what: str, **shares: float) -> Named:
    code, kind = KINDS.get(what) or (CODES[what], MentionKind.COUNTRY)
    start = text.index(what)
    mention = Mention(start, start + len(what), what, code, kind, () if kind is MentionKind.IGO else (code[:3],))
    return Named(mention, most_likely_role(shares), shares)


def read(kind: str, text: str, reader: PairReader | None, **names: Mapping[str, float]) -> Event:
    named = [name(text, what.replace("_", " "), **shares) for what, shares in names.items()]
    return revised(with_parties(event(kind, (), (), text=text), named), named, reader)


def test_without_a_reader_the_rules_decide() -> None:
    found = read("ASSAULT.aerial", "Iran strikes Pakistan", None, Iran={"actor": 0.9}, Pakistan={"recipient": 0.9})
    assert (found.actors, found.recipients) == (("IRN",), ("PAK",))


def test_the_host_of_talks_is_dropped_from_them() -> None:
    text = "Iran and Pakistan hold talks in Qatar"
    found = read(
        "CONSULT.visit",
        text,
        looks_for(joined_by_and=1),
        Iran={"both": 0.9},
        Pakistan={"both": 0.9},
        Qatar={"both": 0.4},
    )
    assert dyads(found) == (("IRN", "PAK"),)
    assert found.actors == ("IRN", "PAK")


def test_of_a_refused_pair_the_less_likely_side_goes() -> None:
    text = "The US strikes as Pakistan's minister visits"
    found = read("ASSAULT.aerial", text, ACCEPTS_NONE, US={"actor": 0.9}, Pakistan={"recipient": 0.4})
    assert (found.actors, found.recipients) == (("USA",), ())


def test_two_who_act_on_one_that_is_refused_become_no_pair_themselves() -> None:
    text = "The US and Turkey warn Iraq"
    found = read("ACCUSE.allege", text, ACCEPTS_NONE, US={"actor": 0.9}, Turkey={"actor": 0.8}, Iraq={"recipient": 0.4})
    assert (found.actors, found.recipients) == (("USA",), ())


def test_a_side_towards_a_body_stays() -> None:
    text = "Iran accuses the UN over Iraq"
    found = read(
        "ACCUSE.allege", text, ACCEPTS_NONE, Iran={"actor": 0.5}, UN={"recipient": 0.9}, Iraq={"recipient": 0.6}
    )
    assert (found.actors, found.recipients) == (("IRN",), ("UN",))


def test_a_side_towards_its_own_people_stays() -> None:
    text = "Turkey strikes Kurdish rebels after talks with Iraq"
    found = read(
        "ASSAULT.aerial",
        text,
        ACCEPTS_NONE,
        Turkey={"actor": 0.5},
        Kurdish_rebels={"recipient": 0.9},
        Iraq={"recipient": 0.6},
    )
    assert (found.actors, found.recipients) == (("TUR",), ("TUR:PKK",))


def test_a_side_the_roles_missed_is_added() -> None:
    text = "Iran condemns attacks by Pakistan"
    found = read("ACCUSE.allege", text, looks_for(actor_by_rule=1), Iran={"actor": 0.9}, Pakistan={"third": 0.9})
    assert (found.actors, found.recipients) == (("IRN",), ("PAK",))


def test_of_two_recipients_the_likelier_actor_acts() -> None:
    text = "A deal with Pakistan ended after a refusal by Iran"
    found = read(
        "REJECT.generic",
        text,
        ACCEPTS_ALL,
        Pakistan={"recipient": 0.6, "actor": 0.1},
        Iran={"recipient": 0.5, "actor": 0.4},
    )
    assert (found.actors, found.recipients) == (("IRN",), ("PAK",))


def test_who_is_added_to_an_agreement_is_one_of_its_sides() -> None:
    text = "Iran agrees to a truce with Pakistan"
    found = read("AGREE.generic", text, ACCEPTS_ALL, Iran={"actor": 0.9}, Pakistan={"third": 0.9})
    assert (found.actors, found.recipients) == (("IRN", "PAK"), ())


@pytest.mark.parametrize(
    ("feature", "value"),
    [
        ("first: acts", 0.8),
        ("second: gets", 0.7),
        ("second: after on", 1.0),
        ("first: after on", 0.0),
        ("second: before possessive", 1.0),
        ("second: recipient by rule", 1.0),
        ("dyad by rule", 1.0),
        ("joined by and", 0.0),
        ("in two sentences", 0.0),
        ("type ASSAULT", 1.0),
        ("escalation", 1.0),
    ],
)
def test_what_is_seen_of_a_pair(feature: str, value: float) -> None:
    text = "Iran fires on Pakistan's border posts"
    named = [name(text, "Iran", actor=0.8, third=0.2), name(text, "Pakistan", recipient=0.7, place=0.3)]
    seen = seen_pairs(with_parties(event("ASSAULT.aerial", (), (), text=text), named), named)
    assert dict(zip(FEATURES, seen["IRN", "PAK"], strict=True))[feature] == pytest.approx(value)


def test_one_state_alone_makes_no_pair() -> None:
    text = "Iran asks the UN"
    named = [name(text, "Iran", actor=0.8), name(text, "UN", recipient=0.7)]
    assert seen_pairs(event("REQUEST.demand", (), (), text=text), named) == {}


def test_a_probability_is_sure_within_its_bounds() -> None:
    reader = looks_for(acts=1)
    seen = [0.0] * len(FEATURES)
    assert reader.probability(seen) < 0.001
    seen[FEATURES.index("first: acts")] = 1.0
    assert 0.999 < reader.probability(seen) < 1


def test_the_threshold_is_where_a_pair_is_accepted() -> None:
    text, names = "Iran, Pakistan", {"Iran": {"third": 0.9}, "Pakistan": {"third": 0.9}}
    even = PairReader(((*(0.0 for _ in FEATURES), 0.0),), (0.0, 0.0), 0.5)
    assert dyads(read("ASSAULT.aerial", text, even, **names)) == (("IRN", "PAK"),)
    assert dyads(read("ASSAULT.aerial", text, replace(even, threshold=0.51), **names)) == ()


@pytest.mark.parametrize(("others", "pairs"), [({}, (("IRN", "PAK"),)), ({1: []}, ())])
def test_only_a_text_in_one_piece_is_read_again(
    others: Mapping[int, list[Named]], pairs: tuple[tuple[str, str], ...]
) -> None:
    text = "Iran fires rockets, Pakistan says"
    names = [name(text, "Iran", actor=0.9), name(text, "Pakistan", third=0.9)]
    (found,) = attribute([event("ASSAULT.aerial", (), (), text=text)], {0: names, **others}, reader=ACCEPTS_ALL)
    assert dyads(found) == pairs
