from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from service.domain.events.attribution import attribute, lead_event
from service.domain.events.casualties import Casualty
from service.domain.events.casualty_words import Harm
from service.domain.events.clause import Link
from service.domain.events.dyad import dyads, is_third_party
from service.domain.events.event import Event
from service.domain.events.parties import LEAST_SHARE, Named, most_likely_role, name_roles
from service.domain.events.place import Mention, MentionKind
from service.domain.events.quantities import Bound
from service.domain.events.signal import ArticleRole, MentionRole, Modality, Signal
from tests.unit.domain.build import DAY, NOW, event, roles

ACTOR, RECIPIENT, BOTH, PLACE, THIRD, MENTION = MentionRole
LEAD, BODY, BACKGROUND = ArticleRole

CODES = {
    "Iran": ("IRN", MentionKind.COUNTRY, ("IRN",)),
    "Tehran": ("IRN", MentionKind.CAPITAL, ("IRN",)),
    "Pakistan": ("PAK", MentionKind.COUNTRY, ("PAK",)),
    "Pakistani": ("PAK", MentionKind.DEMONYM, ("PAK",)),
    "China": ("CHN", MentionKind.COUNTRY, ("CHN",)),
    "India": ("IND", MentionKind.COUNTRY, ("IND",)),
    "Israel": ("ISR", MentionKind.COUNTRY, ("ISR",)),
    "US": ("USA", MentionKind.COUNTRY, ("USA",)),
    "UN": ("UN", MentionKind.IGO, ()),
    "ISIL": ("IRQ:ISIL", MentionKind.GROUP, ("IRQ",)),
    "BLA": ("PAK:BLA", MentionKind.GROUP, ("PAK",)),
    "Balochistan": ("region:balochistan", MentionKind.REGION, ("PAK", "IRN")),
    "Quetta": ("city:quetta", MentionKind.CITY, ("PAK",)),
}


def named(name: str, role: MentionRole, text: str = "") -> Named:
    code, kind, countries = CODES[name]
    start = max(text.find(name), 0)
    return Named(Mention(start, start + len(name), name, code, kind, countries), role)


def bare(
    kind: str,
    text: str = "",
    *,
    role: ArticleRole = BODY,
    modality: Modality = Modality.ACTUAL,
    intensity: float | None = None,
) -> Event:
    """An event as extraction leaves it: without parties."""
    return event(kind, (), (), role=role, modality=modality, text=text, intensity=intensity)


def coded(told: Event, **parts: MentionRole) -> Event:
    """The only event of an article, with these names in these roles."""
    (found,) = article((told, [named(name, role, told.text) for name, role in parts.items()]))
    return found


def article(*told: tuple[Event, Sequence[Named]]) -> list[Event]:
    """The events of an article, sentence by sentence, with the names in each."""
    events = [replace(e, sentence=index) for index, (e, _) in enumerate(told)]
    return attribute(events, {index: names for index, (_, names) in enumerate(told)})


def names(**parts: MentionRole) -> list[Named]:
    return [named(name, role) for name, role in parts.items()]


STRIKE, ACCORD = "ASSAULT.aerial", "AGREE.deescalate"
SOIL = "Iran fires at militants on Pakistan's own soil"


# One event.


def test_a_strike_goes_from_actor_to_recipient() -> None:
    found = coded(bare(STRIKE), Iran=ACTOR, Pakistan=RECIPIENT)
    assert (found.actors, found.recipients) == (("IRN",), ("PAK",))
    assert dyads(found) == (("IRN", "PAK"),)


def test_naming_two_countries_makes_no_dyad_by_itself() -> None:
    for role in (MENTION, PLACE):
        assert dyads(coded(bare(STRIKE), Iran=MENTION, Pakistan=role)) == ()
    assert dyads(coded(bare("ACCUSE.allege"), Iran=ACTOR, Pakistan=MENTION)) == ()


@pytest.mark.parametrize("sides", [{"Iran": ACTOR, "Pakistan": ACTOR}, {"Iran": BOTH, "Pakistan": BOTH}])
@pytest.mark.parametrize("kind", [ACCORD, "CONSULT.phone", "COOPERATE.economic"])
def test_an_agreement_has_all_sides_as_actors(kind: str, sides: dict[str, MentionRole]) -> None:
    found = coded(bare(kind), **sides)
    assert (found.actors, found.recipients) == (("IRN", "PAK"), ())
    assert dyads(found) == (("IRN", "PAK"),)


def test_an_agreement_of_one_side_with_the_other_is_of_both() -> None:
    assert coded(bare(ACCORD), Iran=ACTOR, Pakistan=RECIPIENT).actors == ("IRN", "PAK")


def test_an_agreement_of_three_gives_all_pairs() -> None:
    found = coded(bare(ACCORD), Iran=ACTOR, Pakistan=ACTOR, China=ACTOR)
    assert dyads(found) == (("CHN", "IRN"), ("CHN", "PAK"), ("IRN", "PAK"))


def test_a_third_party_stays_outside_the_agreement_it_offers() -> None:
    found = coded(bare("AGREE.mediate"), China=ACTOR, Iran=RECIPIENT, Pakistan=RECIPIENT)
    assert (found.actors, found.recipients) == (("CHN",), ("IRN", "PAK"))
    assert is_third_party(found)


def test_an_appeal_is_not_mutual() -> None:
    found = coded(bare("REQUEST.appeal_restraint"), UN=ACTOR, US=ACTOR, Iran=RECIPIENT, Pakistan=RECIPIENT)
    assert (found.actors, found.recipients) == (("UN", "USA"), ("IRN", "PAK"))


def test_nobody_appeals_to_himself() -> None:
    found = coded(bare("REQUEST.appeal_restraint"), US=BOTH, Iran=RECIPIENT)
    assert (found.actors, found.recipients) == (("USA",), ("IRN",))
    assert coded(bare("REQUEST.appeal_restraint"), US=BOTH, UN=ACTOR).recipients == ()


def test_a_withdrawal_by_both_sides_is_mutual_and_an_attack_is_not() -> None:
    assert coded(bare("RETREAT.withdraw"), Iran=BOTH, Pakistan=BOTH).recipients == ()
    assert coded(bare("ASSAULT.clash"), Iran=BOTH, Pakistan=BOTH).recipients == ("IRN", "PAK")


def test_nobody_does_a_thing_to_himself_alone() -> None:
    found = coded(bare(STRIKE), Iran=BOTH)
    assert (found.actors, found.recipients) == (("IRN",), ())


def test_a_name_and_its_capital_are_one_party() -> None:
    found = coded(bare(STRIKE), Iran=ACTOR, Tehran=ACTOR, Pakistani=RECIPIENT)
    assert (found.actors, found.recipients) == (("IRN",), ("PAK",))


@pytest.mark.parametrize(
    ("parts", "places", "regions", "place_name"),
    [
        ({"Pakistan": PLACE}, ("PAK",), (), "Pakistan"),
        ({"Quetta": PLACE}, ("PAK",), (), "Quetta"),
        ({"Quetta": MENTION}, (), (), ""),
        ({"Balochistan": PLACE}, (), ("balochistan",), "Balochistan"),
        ({"Balochistan": PLACE, "Quetta": PLACE}, ("PAK",), ("balochistan",), "Balochistan"),
    ],
)
def test_places(
    parts: dict[str, MentionRole], places: tuple[str, ...], regions: tuple[str, ...], place_name: str
) -> None:
    found = coded(bare("ACCUSE.allege"), **parts)
    assert (found.places, found.regions, found.place_name) == (places, regions, place_name)
    assert (found.actors, found.recipients) == ((), ())


def test_force_inside_one_other_country_is_force_against_it() -> None:
    assert coded(bare(STRIKE), Iran=ACTOR, Pakistan=PLACE).recipients == ("PAK",)
    assert coded(bare(STRIKE), Iran=ACTOR, Quetta=PLACE).recipients == ("PAK",)
    assert coded(bare(STRIKE), Iran=ACTOR, BLA=RECIPIENT, Pakistan=PLACE).recipients == ("PAK:BLA",)


@pytest.mark.parametrize("role", [THIRD, MENTION])
def test_a_country_whose_soil_is_hit_is_a_side(role: MentionRole) -> None:
    found = coded(bare(STRIKE, SOIL), Iran=ACTOR, Pakistan=role)
    assert (found.actors, found.recipients, found.places) == (("IRN",), ("PAK",), ("PAK",))


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        ("Pakistan answered by bombing camps in Iran", (("PAK",), ("IRN",))),
        ("Pakistan has hit back at Iran", (("PAK",), ("IRN",))),
        ("Pakistan was hit and so was Iran", ((), ("IRN", "PAK"))),
    ],
)
def test_who_answers_acts(text: str, sides: tuple[tuple[str, ...], tuple[str, ...]]) -> None:
    found = coded(bare(STRIKE, text), Pakistan=RECIPIENT, Iran=RECIPIENT)
    assert (found.actors, found.recipients) == sides


def test_who_answers_is_no_actor_beside_one_the_model_sees() -> None:
    found = coded(bare(STRIKE, "Iran struck after Pakistan answered"), Iran=ACTOR, Pakistan=RECIPIENT)
    assert (found.actors, found.recipients) == (("IRN",), ("PAK",))


def test_a_country_that_is_only_named_beside_is_none() -> None:
    found = coded(bare(STRIKE, "Iran fires at militants, says Pakistan"), Iran=ACTOR, Pakistan=THIRD)
    assert (found.actors, found.recipients, found.places) == (("IRN",), (), ())


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param({"Iran": PLACE}, id="nobody did it"),
        pytest.param({"BLA": ACTOR, "Pakistan": PLACE}, id="at home"),
        pytest.param({"Iran": ACTOR, "Pakistan": PLACE, "India": PLACE}, id="in two countries"),
        pytest.param({"UN": ACTOR, "Pakistan": PLACE}, id="by a body"),
    ],
)
def test_force_elsewhere_has_no_such_recipient(parts: dict[str, MentionRole]) -> None:
    assert dyads(coded(bare(STRIKE), **parts)) == ()
    assert coded(bare(STRIKE), **parts).recipients == ()


def test_only_force_makes_a_place_its_recipient() -> None:
    assert coded(bare("MOBILIZE.exercise"), Iran=ACTOR, Pakistan=PLACE).recipients == ()


@pytest.mark.parametrize(
    "text",
    [
        "Iran seized a ship amid the war between Israel and others",
        "Iran seized a ship, with tempers heightened by the conflict in Israel",
        "Iran seized a ship despite the fighting in Israel",
    ],
)
def test_whoever_is_named_in_a_war_that_is_the_setting_has_no_part(text: str) -> None:
    found = coded(bare("COERCE.seize", text), Iran=ACTOR, Israel=RECIPIENT)
    assert (found.actors, found.recipients) == (("IRN",), ())


def test_the_likeliest_role_stands() -> None:
    assert [most_likely_role(roles(role)) for role in MentionRole] == list(MentionRole)


# "They".


@pytest.mark.parametrize(
    "text",
    [
        "They agreed to de-escalate.",
        "Both agreed to de-escalate.",
        "The two countries agreed to de-escalate.",
        "On Friday both sides agreed to de-escalate.",
        "The two neighbours agreed to de-escalate.",
        "Each side agreed to de-escalate.",
    ],
)
def test_they_are_the_last_two_named(text: str) -> None:
    _, accord = article((bare(STRIKE), names(Iran=ACTOR, Pakistan=RECIPIENT)), (bare(ACCORD, text), []))
    assert (accord.actors, accord.recipients) == (("IRN", "PAK"), ())


def test_both_sides_of_an_attack_are_actors_and_recipients() -> None:
    found = article(
        (bare(ACCORD), names(Iran=ACTOR, Pakistan=ACTOR)), (bare("ASSAULT.clash", "Both sides clashed."), [])
    )
    assert (found[1].actors, found[1].recipients) == (("IRN", "PAK"), ("IRN", "PAK"))


def test_they_are_those_a_third_party_helps_not_the_helper() -> None:
    offer = (bare("AGREE.mediate"), names(China=ACTOR, Iran=RECIPIENT, Pakistan=RECIPIENT))
    assert article(offer, (bare("CONSULT.phone", "Both countries spoke."), []))[1].actors == ("IRN", "PAK")


@pytest.mark.parametrize("text", ["An accord was found.", "Officials said they agreed.", "Many countries agreed."])
def test_others_are_not_taken_for_them(text: str) -> None:
    found = article((bare(STRIKE), names(Iran=ACTOR, Pakistan=RECIPIENT)), (bare(ACCORD, text), []))
    assert found[1].actors == ()


def test_they_are_nobody_where_no_two_were_named() -> None:
    found = article((bare(STRIKE), names(Iran=ACTOR)), (bare(ACCORD, "They agreed."), []))
    assert found[1].actors == ()


def test_who_is_named_stands_before_they() -> None:
    found = article(
        (bare(STRIKE), names(Iran=ACTOR, Pakistan=RECIPIENT)),
        (bare(ACCORD, "They, China and India, agreed."), names(China=ACTOR, India=ACTOR)),
    )
    assert found[1].actors == ("CHN", "IND")


# Names that stand for more than they say.


def test_a_region_that_acts_is_its_country() -> None:
    found = coded(bare("ACCUSE.allege"), Quetta=ACTOR, Iran=RECIPIENT)
    assert (found.actors, found.recipients, found.places) == (("PAK",), ("IRN",), ("PAK",))


def test_a_region_that_two_countries_share_acts_for_neither() -> None:
    assert coded(bare("ACCUSE.allege"), Balochistan=ACTOR).actors == ()


def test_a_roving_group_is_at_home_where_it_strikes() -> None:
    assert coded(bare(STRIKE), ISIL=ACTOR, Pakistani=RECIPIENT, Quetta=PLACE).actors == ("PAK:ISIL",)
    assert coded(bare(STRIKE), ISIL=ACTOR, Pakistani=RECIPIENT).actors == ("IRQ:ISIL",)


def test_the_nation_of_a_civilian_victim_is_not_attacked() -> None:
    told = bare(STRIKE, "China journalist dies as Iran shells Pakistan")
    found = coded(told, China=RECIPIENT, Iran=ACTOR, Pakistan=PLACE)
    assert (found.actors, found.recipients) == (("IRN",), ("PAK",))


def test_civilians_hit_from_the_scene_itself_stand_for_their_nation() -> None:
    told = bare(STRIKE, "China sailors die as Pakistan fires from its coast")
    found = coded(told, China=RECIPIENT, Pakistan=ACTOR, Quetta=PLACE)
    assert (found.actors, found.recipients) == (("PAK",), ("CHN",))


def test_the_nation_of_a_soldier_is() -> None:
    told = bare(STRIKE, "China soldiers die as Iran shells Pakistan")
    assert coded(told, China=RECIPIENT, Iran=ACTOR, Pakistan=PLACE).recipients == ("CHN",)


def test_what_a_state_does_inside_another_is_done_to_it() -> None:
    for kind in ("COERCE.seize", "RETREAT.withdraw"):
        assert coded(bare(kind), Iran=ACTOR, Quetta=PLACE).recipients == ("PAK",)
    assert coded(bare("MOBILIZE.troops"), Iran=ACTOR, Quetta=PLACE).recipients == ()


def test_gunmen_without_a_name_are_of_the_country_where_they_strike_others() -> None:
    told = bare(STRIKE, "Gunmen kill two soldiers")
    assert coded(told, China=RECIPIENT, Quetta=PLACE).actors == ("PAK:NSA",)
    assert coded(told, Pakistan=RECIPIENT, Quetta=PLACE).actors == ()
    assert coded(bare(STRIKE, "Bombs kill two soldiers"), China=RECIPIENT, Quetta=PLACE).actors == ()


def test_protesters_are_of_the_country_where_they_march() -> None:
    assert coded(bare("PROTEST.demo"), Israel=RECIPIENT, Quetta=PLACE).actors == ("PAK:CIV",)


@pytest.mark.parametrize(
    ("share", "actor"), [(LEAST_SHARE, ("PAK",)), (LEAST_SHARE - 0.01, ()), pytest.param(0.9, ("PAK",), id="sure")]
)
def test_the_missing_side_is_the_name_that_most_likely_is(share: float, actor: tuple[str, ...]) -> None:
    mentions = [named(name, MENTION).mention for name in ("Iran", "Pakistan")]
    unsure = {ACTOR: share, PLACE: 1 - share} if share < 0.5 else {ACTOR: share}
    (found,) = article((bare(STRIKE), name_roles(mentions, [{RECIPIENT: 0.9}, unsure])))
    assert (found.actors, found.recipients) == (actor, ("IRN",))


def test_no_name_is_both_sides_for_want_of_another() -> None:
    mentions = [named(name, MENTION).mention for name in ("Iran", "Tehran")]
    found = name_roles(mentions, [{RECIPIENT: 0.9}, {MENTION: 0.6, ACTOR: 0.4}])
    assert [n.role for n in found] == [RECIPIENT, MENTION]


# Several tellings of one event.


def test_title_and_first_sentence_tell_one_event() -> None:
    parts = names(Iran=ACTOR, Pakistan=RECIPIENT)
    (found,) = article((bare(STRIKE, role=LEAD), parts), (bare(STRIKE, role=LEAD), [*parts, *names(Balochistan=PLACE)]))
    assert found.sentence == 0
    assert (found.regions, found.place_name) == (("balochistan",), "Balochistan")


def test_of_two_tellings_in_one_role_the_stronger_stands() -> None:
    parts = names(Iran=ACTOR, Pakistan=RECIPIENT)
    (found,) = article((bare("ASSAULT.terror", role=LEAD), parts), (bare(STRIKE, role=LEAD), parts))
    assert found.mode == "aerial"


def test_of_two_tellings_in_one_role_the_fuller_is_shown_and_the_graver_counts() -> None:
    parts = names(Iran=ACTOR, Pakistan=RECIPIENT)
    title = bare(STRIKE, "Iran hits Pakistan", role=LEAD)
    lead = bare("ASSAULT.terror", "Iran hit a camp in Pakistan on Tuesday", role=LEAD)
    (found,) = article((title, parts), (lead, parts))
    assert (found.text, found.sentence, found.mode, found.intensity) == (lead.text, 1, title.mode, title.intensity)
    (found,) = article((title, parts), (replace(lead, role=BODY), parts))
    assert (found.text, found.sentence) == (title.text, 0)
    (found,) = article((lead, parts), (title, parts))
    assert (found.text, found.sentence, found.mode) == (lead.text, 0, title.mode)


def test_a_later_telling_further_down_does_not_displace_the_lead() -> None:
    parts = names(Iran=ACTOR, Pakistan=RECIPIENT)
    (found,) = article((bare("ASSAULT.terror", role=LEAD), parts), (bare(STRIKE, role=BODY), parts))
    assert (found.mode, found.role) == ("terror", LEAD)


def test_a_fear_in_the_lead_does_not_hide_the_deed_in_the_body() -> None:
    parts = names(Iran=ACTOR, Pakistan=RECIPIENT)
    feared = bare(STRIKE, role=LEAD, modality=Modality.HYPOTHETICAL)
    (found,) = article((feared, parts), (bare(STRIKE, role=BODY), parts))
    assert (found.modality, found.role) == (Modality.ACTUAL, BODY)


def test_the_same_act_told_again_further_down_stays_an_event_of_its_own() -> None:
    parts = names(Iran=ACTOR, Pakistan=RECIPIENT)
    between = (bare("ACCUSE.allege"), names(China=ACTOR, India=RECIPIENT))
    again = article((bare(STRIKE, "Rockets."), parts), between, (bare(STRIKE, "More rockets."), parts))
    assert [e.type for e in again] == ["ASSAULT", "ACCUSE", "ASSAULT"]
    recap = article((bare(STRIKE), parts), between, (bare(STRIKE, role=BACKGROUND), parts))
    assert [e.type for e in recap] == ["ASSAULT", "ACCUSE"]
    same = article((bare(STRIKE, "Rockets."), parts), between, (bare(STRIKE, "Rockets"), parts))
    assert [e.type for e in same] == ["ASSAULT", "ACCUSE"]


@pytest.mark.parametrize(
    ("kind", "parts"),
    [
        pytest.param(STRIKE, {"Pakistan": ACTOR, "Iran": RECIPIENT}, id="the other way round"),
        pytest.param(STRIKE, {"India": ACTOR, "Pakistan": RECIPIENT}, id="another actor"),
        pytest.param("SANCTION.recall", {"Iran": ACTOR, "Pakistan": RECIPIENT}, id="another type group"),
    ],
)
def test_different_events_stay_apart(kind: str, parts: dict[str, MentionRole]) -> None:
    assert len(article((bare(STRIKE), names(Iran=ACTOR, Pakistan=RECIPIENT)), (bare(kind), names(**parts)))) == 2


def test_without_a_dyad_the_place_parts_events() -> None:
    bomb = bare("ASSAULT.terror")
    assert len(article((bomb, names(Pakistan=PLACE)), (bomb, names(India=PLACE)))) == 2


def test_strikes_on_each_other_add_nothing_to_the_strikes_one_by_one() -> None:
    found = article(
        (bare("ASSAULT.clash", role=BODY), names(Iran=BOTH, Pakistan=BOTH)),
        (bare(STRIKE, role=BODY), names(Iran=ACTOR, Pakistan=RECIPIENT)),
        (bare(STRIKE, role=BODY), names(Pakistan=ACTOR, Iran=RECIPIENT)),
    )
    assert [e.actors for e in found] == [("IRN",), ("PAK",)]


def test_the_dead_of_strikes_on_each_other_are_told_nowhere_else() -> None:
    dead = (Casualty(Harm.KILLED, 23, Bound.EXACT, "people", cumulative=False, start=0, end=9),)
    found = article(
        (replace(bare("ASSAULT.clash", role=BODY), casualties=dead), names(Iran=BOTH, Pakistan=BOTH)),
        (bare(STRIKE, role=BODY), names(Iran=ACTOR, Pakistan=RECIPIENT)),
    )
    assert [e.actors for e in found] == [("IRN", "PAK"), ("IRN",)]


@pytest.mark.parametrize(
    "direct",
    [
        pytest.param(bare(STRIKE, role=BODY), id="that stand further down"),
        pytest.param(bare(STRIKE, role=LEAD, modality=Modality.HYPOTHETICAL), id="that are only feared"),
    ],
)
def test_news_of_strikes_on_each_other_is_not_lost_to_strikes(direct: Event) -> None:
    found = article(
        (bare("ASSAULT.clash", role=LEAD), names(Iran=BOTH, Pakistan=BOTH)),
        (direct, names(Iran=ACTOR, Pakistan=RECIPIENT)),
    )
    assert [(e.actors, e.role) for e in found if e.weight == 1.0] == [(("IRN", "PAK"), LEAD)]


def test_strikes_on_each_other_stand_where_nothing_else_is_told() -> None:
    found = article(
        (bare("ASSAULT.clash"), names(Iran=BOTH, Pakistan=BOTH)), (bare(STRIKE), names(India=ACTOR, China=RECIPIENT))
    )
    assert len(found) == 2


# What the news answers.

PARTIES = names(Iran=ACTOR, Pakistan=RECIPIENT)
AGREED = (bare(ACCORD, role=LEAD), names(Iran=ACTOR, Pakistan=ACTOR))


@pytest.mark.parametrize("role", [LEAD, BODY])
def test_what_the_lead_answers_is_background_of_the_day_before(role: ArticleRole) -> None:
    accord, strike = article(AGREED, (bare(STRIKE, role=role), PARTIES))
    assert (strike.role, strike.at) == (BACKGROUND, NOW - DAY)
    assert (accord.role, accord.at) == (LEAD, NOW)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param((bare("RETREAT.withdraw"), PARTIES), id="of the same sign"),
        pytest.param((bare(STRIKE), names(Iran=ACTOR, India=RECIPIENT)), id="of other parties"),
        pytest.param((bare("ASSAULT.terror"), names(Quetta=PLACE)), id="of nobody known"),
    ],
)
def test_other_events_of_the_body_stay_there(other: tuple[Event, list[Named]]) -> None:
    assert article(AGREED, other)[1].role is BODY


def test_the_first_lead_is_never_background() -> None:
    found = article((bare(STRIKE, role=LEAD), PARTIES), AGREED)
    assert found[0].role is LEAD


def test_what_the_lead_answers_is_dated_by_its_own_words() -> None:
    struck = replace(bare(STRIKE), text="Iran struck a camp in Pakistan on 15 January.")
    assert article(AGREED, (struck, PARTIES))[1].at == datetime(2024, 1, 15, 23, 59, tzinfo=UTC)


def test_what_is_background_already_is_not_dated_back_twice() -> None:
    recap = replace(bare(STRIKE, role=BACKGROUND), at=NOW - DAY)
    assert article(AGREED, (recap, PARTIES))[1].at == NOW - DAY


def test_the_lead_event_is_the_first_that_counts() -> None:
    feared = event(modality=Modality.HYPOTHETICAL)
    body, told = event(role=BODY), event(ACCORD, ("IRN", "PAK"), ())
    assert lead_event([feared, body, told]) is told
    assert lead_event([feared, body]) is None
    assert lead_event([]) is None


def test_the_seed_article_in_short() -> None:
    found = article(
        (bare(ACCORD, role=LEAD), names(Iran=ACTOR, Pakistan=ACTOR)),
        (bare(STRIKE), names(Iran=ACTOR, Pakistan=RECIPIENT, Balochistan=PLACE)),
        (bare(STRIKE), names(Pakistan=ACTOR, Iran=RECIPIENT)),
        (bare("SANCTION.recall"), names(Pakistan=ACTOR, Iran=RECIPIENT)),
        (bare("REQUEST.appeal_restraint"), names(UN=ACTOR, US=ACTOR, Iran=RECIPIENT, Pakistan=RECIPIENT)),
        (bare("CONSULT.phone", "The two foreign ministries of both countries spoke."), []),
    )
    assert [(e.type, e.role) for e in found] == [
        ("AGREE", LEAD),
        ("ASSAULT", BACKGROUND),
        ("ASSAULT", BACKGROUND),
        ("SANCTION", BACKGROUND),
        ("REQUEST", BODY),
        ("CONSULT", BODY),
    ]
    assert {pair for e in found for pair in dyads(e) if not is_third_party(e)} == {("IRN", "PAK")}
    assert found[0].signal is Signal.DE_ESCALATION


# Parts of one sentence.


def parted(link: Link, first: tuple[Event, Sequence[Named]], second: tuple[Event, Sequence[Named]]) -> list[Event]:
    """The events of a sentence of two parts."""
    events = [replace(e, sentence=index) for index, (e, _) in enumerate((first, second))]
    return attribute(events, {0: first[1], 1: second[1]}, {1: link})


def sides(found: Event) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return found.actors, found.recipients


@pytest.mark.parametrize(("link", "count"), [(Link.SAME_DOER, 2), (Link.NEXT, 2), (Link.NONE, 1), (Link.BEFOREHAND, 1)])
def test_two_parts_are_two_acts_and_no_retelling(link: Link, count: int) -> None:
    first = (bare(STRIKE, "Iran bombed a camp"), names(Iran=ACTOR, Pakistan=RECIPIENT))
    second = (bare("ASSAULT.artillery", "shelled a town"), names(Iran=ACTOR, Pakistan=RECIPIENT))
    assert len(parted(link, first, second)) == count


def test_what_an_act_led_to_is_the_other_sides_answer() -> None:
    struck = (bare(STRIKE), names(Iran=ACTOR, India=RECIPIENT))
    threat = bare("THREATEN.force", "a threat of war", modality=Modality.THREATENED)
    _, answer = parted(Link.OUTCOME, struck, (threat, []))
    assert sides(answer) == (("IND",), ("IRN",))
    _, answer = parted(Link.OUTCOME, struck, (threat, names(China=ACTOR)))
    assert sides(answer) == (("CHN",), ("IRN",))
    told = attribute([replace(threat, sentence=4)], {}, {4: Link.OUTCOME})
    assert [sides(e) for e in told] == [((), ())]


@pytest.mark.parametrize(
    ("link", "text", "whose"),
    [
        (Link.EARLIER, "clashes that left 23 dead", (("IRN", "PAK"), ("IRN", "PAK"))),
        (Link.EARLIER, "a bomb that left 23 dead", ((), ())),
        (Link.NEXT, "clashes that left 23 dead", ((), ())),
    ],
)
def test_clashes_before_an_accord_are_between_its_sides(
    link: Link, text: str, whose: tuple[tuple[str, ...], tuple[str, ...]]
) -> None:
    accord = (bare(ACCORD), names(Iran=ACTOR, Pakistan=ACTOR))
    _, fought = parted(link, accord, (bare("ASSAULT.clash", text), []))
    assert sides(fought) == whose


@pytest.mark.parametrize(
    ("kind", "recipients"), [("COERCE.border_closure", ("PAK",)), ("CONCEDE.declare", ())], ids=["as hostile", "kind"]
)
def test_of_two_acts_of_one_doer_one_names_the_sides(kind: str, recipients: tuple[str, ...]) -> None:
    named_one, bare_one = (bare("MOBILIZE.troops"), names(Iran=ACTOR, Pakistan=RECIPIENT)), (bare(kind), [])
    for first, second, at in ((named_one, bare_one, 1), (bare_one, named_one, 0)):
        assert sides(parted(Link.SAME_DOER, first, second)[at]) == (("IRN",), recipients)


def test_what_a_rival_claims_is_another_act_than_the_one_known_beside_it() -> None:
    parts = names(Iran=ACTOR, Pakistan=RECIPIENT)
    lead = (bare(STRIKE, role=LEAD), parts)
    claimed, known = bare(STRIKE, "They shot.", modality=Modality.ALLEGED), bare(STRIKE, "A shot fell.")
    talk = (bare(ACCORD, "Talks."), [])
    assert len(article(lead, talk, (claimed, parts), (known, parts))) == 4
    assert len(article(lead, talk, (replace(known, text="Shots."), parts), (known, parts))) == 3


def test_in_the_body_another_root_is_another_act() -> None:
    parts = names(Iran=ACTOR, Pakistan=RECIPIENT)
    refused, accused = bare("REJECT.generic", "Iran refused."), bare("ACCUSE.allege", "Iran accused Pakistan.")
    assert len(article((refused, parts), (accused, parts))) == 2
    assert len(article((replace(refused, role=LEAD), parts), (replace(accused, role=LEAD), parts))) == 1


def before(first: str, then: str, kind: str = "ACCUSE.allege") -> Event:
    """The second of two events, the first of them of China and the second one against Iran."""
    told = article((bare(ACCORD, first), [named("China", MENTION, first)]), (bare(kind, then), names(Iran=RECIPIENT)))
    return told[1]


def test_it_is_whom_the_sentence_before_is_about() -> None:
    assert before("China did not answer.", "It denounced Iran.").actors == ("CHN",)
    assert before("China did not answer.", "Officials denounced Iran.").actors == ()
    assert before("The staff said the aircraft had come from a strip held by China.", "It denounced Iran.").actors == ()


def test_two_outsiders_who_praise_together_are_not_the_two_sides() -> None:
    accord = (bare(ACCORD, role=LEAD), names(Iran=ACTOR, Pakistan=ACTOR))
    praise = (bare("SUPPORT.praise"), names(China=ACTOR, UN=ACTOR))
    assert article(accord, praise, (bare("CONSULT.negotiate", "The two sides will meet."), []))[2].actors == (
        "IRN",
        "PAK",
    )
