"""What an article leaves unsaid about its two sides."""

from dataclasses import replace

import pytest

from service.domain.events.discourse import complete, main_quarrel
from service.domain.events.event import Event
from service.domain.events.signal import ArticleRole
from tests.unit.domain.build import event

STRIKE = event("ASSAULT.aerial", ("PSE:HAMAS",), ("ISR",))


def after_strike(told: Event) -> Event:
    """The event as completed in an article whose lead is a strike of Hamas on Israel."""
    return complete([STRIKE, told])[1]


def test_a_side_that_acts_alone_acts_against_the_other() -> None:
    found = after_strike(event("MOBILIZE.troops", ("ISR",), (), role=ArticleRole.BODY))
    assert found.recipients == ("PSE:HAMAS",)


def test_a_side_that_suffers_alone_suffers_from_the_other() -> None:
    assert after_strike(event("ASSAULT.clash", (), ("ISR",), role=ArticleRole.BODY)).actors == ("PSE:HAMAS",)


@pytest.mark.parametrize("kind", ["REQUEST.appeal_restraint", "SUPPORT.sign", "CONSULT.visit"])
def test_what_an_outsider_does_for_peace_goes_to_both(kind: str) -> None:
    assert after_strike(event(kind, ("EGY",), (), role=ArticleRole.BODY)).recipients == ("ISR", "PSE:HAMAS")


def test_several_outsiders_and_bodies_are_outsiders_too() -> None:
    both = ("ISR", "PSE:HAMAS")
    assert after_strike(event("REQUEST.appeal_restraint", ("UN", "USA"), (), role=ArticleRole.BODY)).recipients == both
    assert after_strike(event("REQUEST.appeal_restraint", ("UN",), (), role=ArticleRole.BODY)).recipients == both


@pytest.mark.parametrize("speakers", [("EGY",), ("EGY", "ISR")])
def test_what_an_outsider_condemns_alone_or_with_a_side_is_the_last_hostile_act(speakers: tuple[str, ...]) -> None:
    assert after_strike(event("ACCUSE.disapprove", speakers, (), role=ArticleRole.BODY)).recipients == ("PSE:HAMAS",)


def test_a_blow_is_condemned_before_preparations_unless_those_were_told_just_before() -> None:
    guard = event("MOBILIZE.troops", ("ISR",), ("PSE:HAMAS",), role=ArticleRole.BODY, sentence=3)
    condemned = event("ACCUSE.disapprove", ("EGY",), (), role=ArticleRole.BODY, sentence=9)
    assert complete([STRIKE, guard, condemned])[2].recipients == ("PSE:HAMAS",)
    assert complete([STRIKE, guard, replace(condemned, sentence=4)])[2].recipients == ("ISR",)


def test_the_meeting_is_that_of_the_two_sides() -> None:
    told = event("CONSULT.negotiate", (), (), role=ArticleRole.BODY, text="The meeting was held on the bridge.")
    assert set(after_strike(told).actors) == {"ISR", "PSE:HAMAS"}


def test_who_answers_speaks_to_who_has_just_spoken_to_him() -> None:
    told = [
        STRIKE,
        event("THREATEN.force", ("IRN",), ("ISR",), role=ArticleRole.BODY),
        event("THREATEN.force", ("ISR",), (), role=ArticleRole.BODY, text="Israel answered that it would strike."),
    ]
    assert complete(told)[2].recipients == ("IRN",)


def test_who_warns_of_an_attack_on_a_side_warns_the_other() -> None:
    text = "Washington warned that an attack on Israel would be met with force."
    told = event("THREATEN.force", ("USA",), ("ISR",), role=ArticleRole.BODY, text=text)
    assert after_strike(told).recipients == ("PSE:HAMAS",)
    assert after_strike(replace(told, text="Washington warned Israel.")).recipients == ("ISR",)


def test_sanctions_on_firms_in_several_countries_are_aimed_at_the_other_side() -> None:
    text = "Israel put sanctions on nine firms in Gaza, Turkey and Cyprus."
    sides, places = ("PSE", "TUR"), ("CYP",)
    told = event("SANCTION.economic", ("ISR",), sides, role=ArticleRole.BODY, text=text, places=places)
    strike = event("ASSAULT.aerial", ("PSE",), ("ISR",))
    found = complete([strike, told])[1]
    assert (found.recipients, found.places) == (("PSE",), ())
    plain = replace(told, text="Israel put sanctions on Gaza and Turkey.")
    assert complete([strike, plain])[1] == plain


def test_a_government_named_by_its_seat_acts() -> None:
    text = "In Port Sudan the army-led government accused the Emirates."
    told = replace(event("ACCUSE.allege", (), ("ARE",), text=text, places=("SDN",)), place_name="Port Sudan")
    assert complete([told])[0].actors == ("SDN",)
    assert complete([replace(told, text="In Port Sudan a crowd accused the Emirates.")])[0].actors == ()


def test_a_state_and_a_group_in_it_can_be_the_sides() -> None:
    truce = event("AGREE.deescalate", ("COL", "COL:ELN"), ())
    told = [
        truce,
        event("RETREAT.release", ("COL:ELN",), (), role=ArticleRole.BODY),
        event("SUPPORT.praise", ("NOR", "VEN"), (), role=ArticleRole.BODY),
        event("MOBILIZE.troops", ("COL:FARC",), (), role=ArticleRole.BODY),
    ]
    found = [e.recipients for e in complete(told)[1:]]
    assert found == [("COL",), ("COL", "COL:ELN"), ()]


@pytest.mark.parametrize(
    "told",
    [
        pytest.param(event("ASSAULT.aerial", ("ISR",), ("LBN",), role=ArticleRole.BODY), id="both sides named"),
        pytest.param(event("PROTEST.demo", ("ISR",), (), role=ArticleRole.BODY), id="a matter at home"),
        pytest.param(event("MOBILIZE.troops", ("EGY",), (), role=ArticleRole.BODY), id="an outsider's own act"),
        pytest.param(event("ASSAULT.terror", (), (), role=ArticleRole.BODY), id="nobody named"),
        pytest.param(
            event("MOBILIZE.troops", ("ISR",), (), role=ArticleRole.BODY, text="Israel fired a missile into the sea."),
            id="a weapon tried out",
        ),
        pytest.param(
            event("CONSULT.negotiate", (), (), role=ArticleRole.BODY, text="A meeting was held in Cairo."),
            id="a meeting not spoken of before",
        ),
    ],
)
def test_nothing_is_added_to(told: Event) -> None:
    assert after_strike(told) == told


def test_an_article_without_a_clear_quarrel_leaves_all_as_told() -> None:
    once = replace(STRIKE, role=ArticleRole.BODY)
    alone = event("MOBILIZE.troops", ("ISR",), (), role=ArticleRole.BODY)
    assert main_quarrel([once, alone]) is None
    assert complete([once, alone]) == [once, alone]
    assert main_quarrel([once, once, alone]) is not None


def test_the_pair_named_most_often_is_the_quarrel() -> None:
    other = event("ASSAULT.aerial", ("IRN",), ("ISR",), role=ArticleRole.BODY)
    found = main_quarrel([STRIKE, other, other, other])
    assert found is not None
    assert found.sides == ("IRN", "ISR")
