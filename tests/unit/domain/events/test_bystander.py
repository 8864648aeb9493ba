"""Names that stand beside an act."""

import pytest

from service.domain.events.bystander import standing
from service.domain.events.event import Event
from service.domain.events.parties import Named
from service.domain.events.place import Mention, MentionKind
from service.domain.events.signal import MentionRole
from tests.unit.domain.build import event

ACTOR, RECIPIENT, PLACE, MENTION = MentionRole.ACTOR, MentionRole.RECIPIENT, MentionRole.PLACE, MentionRole.MENTION


def roles(told: Event, *names: str, kind: MentionKind = MentionKind.COUNTRY) -> list[MentionRole]:
    """The roles that names of the text keep; at first the first acts and the others get."""
    given = []
    for name in names:
        start = told.text.index(name)
        code = name[:3].upper()
        mention = Mention(start, start + len(name), name, code, kind, (code,))
        given.append(Named(mention, RECIPIENT if given else ACTOR))
    return [n.role for n in standing(told, given)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Manila bought Indian made missiles.", ("Manila", "Indian")),
        ("Iran freed the crew of the Panama-flagged tanker.", ("Iran", "Panama")),
        ("Iran let the sailors call home, most of them Indians.", ("Iran", "Indians")),
        ("Peru will send troops against the miners, as Colombia did on the Caquetá.", ("Peru", "Colombia")),
        ("A drone could undo it all for Mali, as in Libya.", ("Mali", "Libya")),
        ("Egypt, which has promised Eritrea two boats, called for calm.", ("Egypt", "Eritrea")),
        ("Turkey, a close ally of Azerbaijan, spoke.", ("Turkey", "Azerbaijan")),
        ("Tobago, seven nautical miles from Venezuela, offered help.", ("Tobago", "Venezuela")),
        ("Seoul condemned the launch, Russia objecting to a statement.", ("Seoul", "Russia")),
    ],
)
def test_who_is_named_beside_the_act_has_no_part_in_it(text: str, names: tuple[str, str]) -> None:
    assert roles(event("REQUEST.appeal_restraint", text=text), *names) == [ACTOR, MENTION]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Iran struck an Israeli-owned ship.", ("Iran", "Israeli")),
        ("Iran struck Israel, killing five.", ("Iran", "Israel")),
        ("Iran accused Israel, which denied it.", ("Iran", "Israel")),
        ("Iran warned Israel, as expected.", ("Iran", "Israel")),
        ("The leader of Iran, a bitter critic, accused Israel.", ("Iran", "Israel")),
    ],
)
def test_others_keep_theirs(text: str, names: tuple[str, str]) -> None:
    assert roles(event(text=text), *names) == [ACTOR, RECIPIENT]


def test_a_partner_in_drills_is_no_side_of_what_is_eased() -> None:
    text = "Seoul will halve its drill with Washington."
    assert roles(event("CONCEDE.declare", text=text), "Seoul", "Washington") == [ACTOR, MENTION]
    assert roles(event("MOBILIZE.exercise", text=text), "Seoul", "Washington") == [ACTOR, RECIPIENT]


def test_a_capital_where_others_talk_is_the_place() -> None:
    text = "Tehran confirms Oslo talks with Washington."
    told = event("CONSULT.negotiate", text=text)
    assert roles(told, "Tehran", "Oslo", "Washington", kind=MentionKind.CAPITAL) == [ACTOR, PLACE, RECIPIENT]
    assert roles(event("CONSULT.negotiate", text="Oslo talks to Tehran."), "Oslo", "Tehran")[0] is ACTOR


def test_the_capital_of_a_named_country_is_the_place() -> None:
    text = "Tehran met the envoy in the Norwegian capital."
    assert roles(event("CONSULT.negotiate", text=text), "Tehran", "Norwegian") == [ACTOR, PLACE]


def test_whose_table_is_left_is_neither_side_nor_scene() -> None:
    text = "Armenia recalled its negotiators from Tbilisi."
    told = event("SANCTION.recall", text=text)
    assert roles(told, "Armenia", "Tbilisi", kind=MentionKind.CAPITAL) == [ACTOR, MENTION]
