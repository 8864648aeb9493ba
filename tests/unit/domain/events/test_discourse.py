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


def test_what_an_outsider_condemns_is_the_last_hostile_act() -> None:
    assert after_strike(event("ACCUSE.disapprove", ("EGY",), (), role=ArticleRole.BODY)).recipients == ("PSE:HAMAS",)


@pytest.mark.parametrize(
    "told",
    [
        pytest.param(event("ASSAULT.aerial", ("ISR",), ("LBN",), role=ArticleRole.BODY), id="both sides named"),
        pytest.param(event("PROTEST.demo", ("ISR",), (), role=ArticleRole.BODY), id="a matter at home"),
        pytest.param(event("MOBILIZE.troops", ("EGY",), (), role=ArticleRole.BODY), id="an outsider's own act"),
        pytest.param(event("ASSAULT.terror", (), (), role=ArticleRole.BODY), id="nobody named"),
        pytest.param(
            event("ACCUSE.disapprove", ("EGY", "ISR"), (), role=ArticleRole.BODY), id="a side and an outsider"
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
    assert found.codes == {"IRN": "IRN", "ISR": "ISR"}
