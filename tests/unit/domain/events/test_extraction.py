from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from service.domain.events.clause import Link
from service.domain.events.coding import Coding
from service.domain.events.event import Event
from service.domain.events.extraction import (
    LEAST_HISTORICAL,
    Band,
    Sentence,
    event_time,
    extract,
    mark_leads,
    undecided,
    uneventful,
)
from service.domain.events.signal import ArticleRole, Modality, Signal
from service.domain.events.when import said
from tests.unit.domain.build import DAY, NOW, coding, sentence

ESCALATION, DE_ESCALATION, NEUTRAL = Signal
LEAD, BODY, BACKGROUND = ArticleRole
ACTUAL = Modality.ACTUAL


def spans(document: str, *parts: str) -> list[tuple[int, int]]:
    found, start = [], 0
    for part in parts:
        start = document.index(part, start)
        found.append((start, start + len(part)))
        start += len(part)
    return found


def leads(title: str, *parts: str) -> list[bool]:
    document = "\n\n".join([title, *parts]) if title else "\n\n".join(parts)
    every = (title, *parts) if title else parts
    return [s.lead for s in mark_leads(spans(document, *every), document, title)]


ONE, TWO, THREE = "Iran struck targets in Pakistan.", "Two children were killed there.", "Nobody claimed it so far."
TITLE = "Iran strikes Pakistan at night"


@pytest.mark.parametrize(
    ("title", "parts", "expected"),
    [
        pytest.param(TITLE, (ONE, TWO, THREE), [True, True, True, False], id="title and two sentences"),
        pytest.param("", (ONE, TWO, THREE), [True, True, False], id="no title"),
        pytest.param(TITLE, (TITLE, ONE, TWO, THREE), [True, True, True, True, False], id="title repeated"),
        pytest.param(TITLE, (f"{TITLE}.", ONE, TWO, THREE), [True, True, True, True, False], id="repeated with a stop"),
        pytest.param(TITLE, ("TEHRAN (AP)", ONE, TWO, THREE), [True, True, True, True, False], id="a slug line"),
        pytest.param(TITLE, ("By A. Writer", "World", ONE, TWO, THREE), [True] * 5 + [False], id="by-line and section"),
        pytest.param(TITLE, (), [True], id="title alone"),
        pytest.param(
            "", ("政府周一关闭了大桥。", "双方同意停火一周。", "无人受伤。"), [True, True, False], id="no blanks"
        ),
    ],
)
def test_leads(title: str, parts: tuple[str, ...], expected: list[bool]) -> None:
    assert leads(title, *parts) == expected


def test_sentences_keep_their_offsets() -> None:
    document = f"{TITLE}\n\n{ONE} {TWO}"
    for s in mark_leads(spans(document, TITLE, ONE, TWO), document, TITLE):
        assert document[s.start : s.end] == s.text
    assert [s.index for s in mark_leads(spans(document, TITLE, ONE, TWO), document, TITLE)] == [0, 1, 2]


def one(text: str, said: object = None, *, lead: bool = False, threshold: float = 0.5) -> Event | None:
    found = extract([sentence(text, lead=lead)], [said or coding()], NOW, threshold)  # type: ignore[list-item]
    return found[0] if found else None


def maybe_past(share: float = 0.1) -> Coding:
    """A coding of an act that may be history with this probability."""
    plain = coding(root="MOBILIZE")
    return replace(plain, modality={**plain.modality, Modality.HISTORICAL: share})


def sure(text: str, said: object = None, *, lead: bool = False) -> Event:
    found = one(text, said, lead=lead)
    assert found is not None
    return found


def test_a_sentence_states_what_the_model_is_sure_of() -> None:
    found = sure("Missiles hit a base.", lead=True)
    assert (found.signal, found.type, found.mode) == (ESCALATION, "ASSAULT", "aerial")
    assert (found.intensity, found.level, found.modality, found.role) == (-9.5, 4, Modality.ACTUAL, LEAD)
    assert found.confidence == pytest.approx(0.9)
    assert found.at == NOW
    assert (found.actors, found.recipients, found.places, found.regions) == ((), (), (), ())


@pytest.mark.parametrize(("threshold", "states"), [(0.59, True), (0.6, True), (0.61, False)])
def test_below_the_threshold_nothing_is_stated(threshold: float, states: bool) -> None:
    assert (one("Missiles hit a base.", coding(sure=0.6), threshold=threshold) is not None) is states


def test_a_neutral_sentence_states_nothing() -> None:
    assert one("The weather was fine.", coding(NEUTRAL, "NONE")) is None


def test_a_root_that_cannot_carry_the_signal_gives_way_to_one_that_can() -> None:
    found = sure("It happened.", coding(DE_ESCALATION, "ASSAULT"))
    assert found.signal is DE_ESCALATION
    assert found.intensity > 0


def test_events_come_in_order_and_without_the_empty_ones() -> None:
    told = [sentence("Missiles hit.", 2), sentence("Fine weather.", 3), sentence("Guards clashed.", 4)]
    found = extract(told, [coding(), coding(NEUTRAL, "NONE"), coding()], NOW, 0.5)
    assert [(e.sentence, e.mode) for e in found] == [(2, "aerial"), (4, "clash")]


def test_every_sentence_needs_its_coding() -> None:
    with pytest.raises(ValueError, match="zip"):
        extract([sentence("One."), sentence("Two.")], [coding()], NOW, 0.5)


def test_deciding_words_are_counted_in_the_document() -> None:
    found = extract([sentence("Missiles hit.", start=100)], [coding(words=[(0, 8, 0.7)])], NOW, 0.5)
    assert (found[0].start, found[0].end, found[0].words) == (100, 113, ((100, 108, 0.7),))


@pytest.mark.parametrize(
    "text",
    [
        "In 2019 India bombed a camp in Balakot.",
        "Iran and Iraq fought from 1980 to 1988.",
        "Ten years ago rebels shelled the town.",
        "Decades of war left it poor.",
        "It marked the anniversary of the attack.",
        "The insurgency has long fed on poverty.",
        "For years the two have shelled each other.",
    ],
)
def test_what_lies_years_back_is_history(text: str) -> None:
    found = sure(text, maybe_past())
    assert found.modality is Modality.HISTORICAL
    assert (found.weight, found.signal, found.level, found.intensity) == (0.0, NEUTRAL, 0, 0.0)


@pytest.mark.parametrize(
    "text",
    [
        "Guards opened fire for the first time since April 2019.",
        "The hotline, which was signed in July 2019, went dead as guns opened fire.",
        'The army denied it and blamed "the ghosts of 2014, in their third decade".',
        "Clashes broke out, the worst in decades.",
        "Peru has increased its patrols along the border.",
        "The number of dead in the shelling has risen to nine.",
        "Troops will shell the town until June.",
        "Guards fired on Jan 2.",
        "In January guards fired on the town.",
        "In December guards fired on the town.",
    ],
)
def test_a_date_beside_the_act_makes_no_history(text: str) -> None:
    assert sure(text, maybe_past()).modality is Modality.ACTUAL


@pytest.mark.parametrize(("share", "past"), [(LEAST_HISTORICAL, True), (LEAST_HISTORICAL - 0.001, False)])
def test_a_date_makes_history_only_if_the_model_does_not_rule_it_out(share: float, past: bool) -> None:
    found = sure("Envoys tear up the deal signed in 2015.", maybe_past(share))
    assert (found.modality is Modality.HISTORICAL) is past


def test_had_done_with_a_date_is_history_whatever_the_model_says() -> None:
    assert sure("Kenya had blocked the border in November.", maybe_past(0.0)).modality is Modality.HISTORICAL


@pytest.mark.parametrize("text", ["In November guards fired on the town.", "Talks broke off before the June war."])
def test_a_month_well_before_publication_is_history(text: str) -> None:
    assert sure(text, maybe_past()).modality is Modality.HISTORICAL


def test_the_perfect_tense_ends_a_story_of_the_past() -> None:
    told = [sentence("In 2019 India bombed a camp.", 0), sentence("A truce followed.", 1)]
    story = [*told, sentence("Japan has condemned the attack.", 2)]
    found = extract(story, [maybe_past()] * 3, NOW, 0.5)
    assert [e.modality for e in found] == [Modality.HISTORICAL, Modality.HISTORICAL, Modality.ACTUAL]


def test_in_the_report_of_a_match_only_harm_is_meant() -> None:
    match = [
        "Border guards trade shots.",
        "The striker hit the bar.",
        "After half-time the attack went on.",
        "A trophy.",
    ]
    told = [sentence(text, i) for i, text in enumerate([*match, "A bomb killed six outside."])]
    found = extract(told, [coding()] * 5, NOW, 0.5)
    assert [e.modality for e in found] == [*[Modality.FIGURATIVE] * 4, Modality.ACTUAL]
    assert [e.signal for e in found] == [*[NEUTRAL] * 4, ESCALATION]


ONLOOKERS = [
    "Analysts say that Iran may strike again.",
    '"If Chad crosses the river, the war will spread," said a regional analyst in Dakar.',
    '"A gun that goes away for a day comes back," warned a lecturer at the university.',
    "A professor of law in Oslo warned that Norway could close the border.",
    "Many experts are predicting that China will blockade the island.",
    "Turkey might shell the town again, according to local residents.",
    "An economist said the sanctions would starve the country.",
    '"They will bomb us," a vendor said.',
]
OTHERS = [
    "The army warned residents that it would bomb the valley.",
    "Villagers were told that their homes would be shelled.",
    "Israel said residents of the town should leave or it will strike.",
    "The army killed two villagers, said its spokesman, and would strike again.",
    "UN experts said the strikes could be a crime.",
    "Jets bombed the airstrip on Thursday morning, residents said.",
    "A witness said that soldiers had shot into the crowd.",
    '"We will strike them in their dens," the president said.',
    "Iran warned that it would close the strait.",
]


@pytest.mark.parametrize("text", ONLOOKERS)
def test_what_onlookers_expect_is_nobodys_act(text: str) -> None:
    found = sure(text, coding(ESCALATION, "THREATEN", modality=Modality.THREATENED))
    assert (found.modality, found.signal, found.mass) == (Modality.HYPOTHETICAL, NEUTRAL, 0.0)


@pytest.mark.parametrize("text", OTHERS)
def test_what_parties_say_and_witnesses_saw_counts(text: str) -> None:
    assert sure(text).signal is ESCALATION
    assert sure(text).modality is ACTUAL


@pytest.mark.parametrize(
    ("text", "paragraph", "signal"),
    [
        ("A new test, she said, would end it all.", 0, NEUTRAL),
        ("New shooting could follow.", 0, NEUTRAL),
        ("New shooting could follow.", 1, ESCALATION),
        ("The army said new shooting could follow.", 0, ESCALATION),
        ("Iran threatened that it could strike.", 0, ESCALATION),
        ("Iran has struck a camp.", 0, ESCALATION),
    ],
)
def test_an_onlookers_words_go_on_in_their_paragraph(text: str, paragraph: int, signal: Signal) -> None:
    told = [sentence("An analyst said the truce may fail.", 0), replace(sentence(text, 1), paragraph=paragraph)]
    assert extract(told, [coding()] * 2, NOW, 0.5)[1].signal is signal


@pytest.mark.parametrize(("root", "signal"), [("THREATEN", NEUTRAL), ("ASSAULT", ESCALATION)])
def test_a_quotation_of_an_onlooker_is_no_act_of_speech(root: str, signal: Signal) -> None:
    text = '"Guns that go away come back," warned a lecturer.'
    assert sure(text, coding(ESCALATION, root)).signal is signal
    assert sure('A lecturer said the guns came "back".', coding(ESCALATION, root)).signal is ESCALATION


def test_one_word_of_a_game_makes_no_match() -> None:
    told = [sentence("Shells hit a football pitch.", 0), sentence("Guards fired back.", 1), sentence("Ten fled.", 2)]
    assert extract(told, [coding()] * 3, NOW, 0.5)[1].modality is Modality.ACTUAL


def test_a_sentence_that_is_no_event_still_tells_what_it_is_about() -> None:
    found = uneventful(sentence("The ministers met."), coding(NEUTRAL, "CONSULT"), NOW)
    assert (found.signal, found.type, found.level, found.mass) == (NEUTRAL, "CONSULT", 0, 0.0)


@pytest.mark.parametrize("text", ["In 2024 rebels shelled the town.", "On Tuesday 1850 shells fell on the town."])
def test_what_happened_this_year_is_not_history(text: str) -> None:
    assert sure(text).modality is Modality.ACTUAL


@pytest.mark.parametrize(
    ("root", "text", "name"),
    [
        ("ASSAULT", "Iran vowed to bomb the bases.", "THREATEN.force"),
        ("MOBILIZE", "It will send troops.", "THREATEN.force"),
        ("COERCE", "It will close the border.", "THREATEN.force"),
        ("SANCTION", "It will expel the envoys.", "THREATEN.nonforce"),
        ("ACCUSE", "It will accuse them in court.", "THREATEN.nonforce"),
        ("THREATEN", "It set an ultimatum.", "THREATEN.ultimatum"),
    ],
)
def test_a_threatened_act_is_a_threat(root: str, text: str, name: str) -> None:
    found = sure(text, coding(ESCALATION, root, modality=Modality.THREATENED))
    assert f"{found.type}.{found.mode}" == name
    assert found.modality is Modality.THREATENED
    assert found.weight == found.mass / (abs(found.intensity) / 10) ** 1.75 == 0.8


@pytest.mark.parametrize(
    ("root", "text", "name", "modality"),
    [
        ("RETREAT", "Troops will withdraw.", "RETREAT.withdraw", Modality.PLANNED),
        ("CONSULT", "The minister will visit.", "CONSULT.visit", Modality.PLANNED),
        ("AGREE", "They agree to de-escalate.", "AGREE.deescalate", Modality.ACTUAL),
        ("REQUEST", "They will ask for restraint.", "REQUEST.appeal_restraint", Modality.ACTUAL),
    ],
)
def test_announced_peace_is_planned_unless_the_announcement_is_the_act(
    root: str, text: str, name: str, modality: Modality
) -> None:
    found = sure(text, coding(DE_ESCALATION, root, level=2, modality=Modality.THREATENED))
    assert (f"{found.type}.{found.mode}", found.modality) == (name, modality)


@pytest.mark.parametrize("modality", Modality)
def test_the_likeliest_modality_stands(modality: Modality) -> None:
    assert sure("It happened.", coding(ESCALATION, "THREATEN", modality=modality)).modality is modality


@pytest.mark.parametrize(
    ("text", "lead", "role"),
    [
        ("Missiles hit a base.", True, LEAD),
        ("Missiles hit a base last week.", True, LEAD),
        ("Missiles hit a base.", False, BODY),
        ("Missiles hit a base last week.", False, BACKGROUND),
        ("Missiles had earlier hit a base.", False, BACKGROUND),
        ("The attack followed a raid.", False, BACKGROUND),
        ("Two days ago missiles hit a base.", False, BACKGROUND),
    ],
)
def test_role_in_the_article(text: str, lead: bool, role: ArticleRole) -> None:
    found = sure(text, lead=lead)
    assert found.role is role
    assert found.at == event_time(role, found.modality, *said([text], NOW), NOW)


UNDATED, DATED = "Missiles hit a base.", "Missiles hit a base on 15 January."


@pytest.mark.parametrize(("role", "age"), [(LEAD, timedelta(0)), (BODY, timedelta(0)), (BACKGROUND, DAY)])
def test_background_is_dated_a_day_before_its_article(role: ArticleRole, age: timedelta) -> None:
    assert event_time(role, ACTUAL, *said([UNDATED], NOW), NOW) == NOW - age


@pytest.mark.parametrize(
    ("text", "end"),
    [
        (DATED, "2024-01-15T23:59"),
        ("Missiles hit a base last week.", "2024-01-14T23:59"),
        ("Missiles hit a base yesterday.", "2024-01-18T18:00"),
        ("Missiles hit a base today.", "2024-01-18T18:00"),
        ("Missiles will hit a base on Thursday.", "2024-01-18T18:00"),
        ("Missiles hit a base on 20 December.", "2023-12-20T23:59"),
        ("Missiles hit a base on 19 December.", "2024-01-18T18:00"),
    ],
)
def test_background_is_dated_at_the_end_of_the_time_said(text: str, end: str) -> None:
    assert event_time(BACKGROUND, ACTUAL, *said([text], NOW), NOW) == datetime.fromisoformat(end).replace(tzinfo=UTC)


def test_only_history_is_dated_longer_ago_than_news_is_retold() -> None:
    text = "Missiles hit a base on 4 May 2019."
    assert event_time(BACKGROUND, Modality.HISTORICAL, *said([text], NOW), NOW).year == 2019
    assert event_time(BACKGROUND, ACTUAL, *said([text], NOW), NOW) == NOW - DAY


@pytest.mark.parametrize("role", [LEAD, BODY])
def test_news_is_dated_at_publication_whatever_it_says(role: ArticleRole) -> None:
    assert event_time(role, ACTUAL, *said([DATED], NOW), NOW) == NOW


@pytest.mark.parametrize(
    ("text", "role"),
    [
        (DATED, BACKGROUND),
        ("Missiles hit a base on Wednesday.", BACKGROUND),
        ("Missiles hit a base on Thursday.", BODY),
        ("Missiles hit a base on Friday.", BODY),
        ("Missiles will hit a base on Wednesday.", BODY),
    ],
)
def test_what_is_dated_two_days_back_or_more_is_background(text: str, role: ArticleRole) -> None:
    assert sure(text).role is role
    assert sure(text, lead=True).role is LEAD


def test_a_lead_sentence_is_a_value() -> None:
    assert sentence("Missiles hit.", 1, lead=True) == Sentence(1, 0, 13, "Missiles hit.", True)  # noqa: FBT003


# Parts of a sentence.


@pytest.mark.parametrize(("link", "done"), [(Link.OUTCOME, True), (Link.NEXT, False)])
def test_what_an_act_led_to_was_done(link: Link, done: bool) -> None:
    said = coding(ESCALATION, "THREATEN", modality=Modality.THREATENED)
    (found,) = extract([replace(sentence("Iraq to answer with rockets."), link=link)], [said], NOW, 0.5)
    assert (found.type == "THREATEN") != done
    assert (found.modality is Modality.THREATENED) != done


@pytest.mark.parametrize(
    ("link", "role"),
    [(Link.EARLIER, BACKGROUND), (Link.BEFOREHAND, BACKGROUND), (Link.SAME_DOER, LEAD), (Link.NEXT, LEAD)],
)
def test_what_the_lead_came_after_is_background(link: Link, role: ArticleRole) -> None:
    told = replace(sentence("rebels killed nine soldiers", lead=True), link=link)
    (found,) = extract([told], [coding()], NOW, 0.5)
    assert found.role is role


def test_the_model_reads_a_part_with_its_subject() -> None:
    part = sentence("barred the return of the envoy")
    assert part.passage == part.text
    assert replace(part, subject="Iran").passage == "Iran barred the return of the envoy"


@pytest.mark.parametrize(
    ("share", "decided", "left"),
    [(0.8, True, False), (0.6, True, False), (0.59, False, True), (0.45, False, True), (0.44, False, False)],
)
def test_between_the_bounds_the_model_abstains(share: float, decided: bool, left: bool) -> None:
    band = Band(low=0.45, high=0.6)
    told = sentence("Peru closed the bridge.")
    said = coding(ESCALATION, "COERCE", sure=share)
    assert bool(extract([told], [said], NOW, band.high)) == decided
    found = undecided([told], [said], band)
    assert [(u.text, u.signal, u.confidence) for u in found] == [(told.text, ESCALATION, share)] * left


def test_a_neutral_sentence_is_never_undecided() -> None:
    said = coding(NEUTRAL, sure=0.5)
    assert undecided([sentence("Peru closed the bridge.")], [said], Band(0.0, 1.0)) == []


def of_body(*texts: str, said: Coding | None = None, paragraphs: Sequence[int] = ()) -> list[Event]:
    """The events of body sentences, all coded alike; each in the first paragraph unless told otherwise."""
    stand = paragraphs or [0] * len(texts)
    told = [replace(sentence(text, i), paragraph=p) for i, (text, p) in enumerate(zip(texts, stand, strict=True))]
    return extract(told, [said or coding(root="MOBILIZE")] * len(texts), NOW, 0.5)


def test_what_might_be_is_no_news_in_the_body_but_advice_to_leave_is() -> None:
    fancy = coding(ESCALATION, "THREATEN", modality=Modality.HYPOTHETICAL)
    assert sure("Iran could strike.", fancy).signal is NEUTRAL
    assert sure("Iran could strike.", fancy, lead=True).signal is ESCALATION
    assert sure("Washington told its citizens to leave Tigray.", fancy).signal is ESCALATION


@pytest.mark.parametrize(
    ("text", "signal"),
    [
        ("A group of eleven protested with a banner.", NEUTRAL),
        ("A protest of around 200 fishermen took place.", NEUTRAL),
        ("A march was peaceful.", NEUTRAL),
        ("Dozens of protesters clashed with police.", ESCALATION),
        ("Thousands marched against the government.", ESCALATION),
        ("3,200 people marched.", ESCALATION),
    ],
)
def test_the_protest_of_a_few_is_no_news_in_the_body(text: str, signal: Signal) -> None:
    assert sure(text, coding(ESCALATION, "PROTEST")).signal is signal
    assert sure(text, coding(ESCALATION, "PROTEST"), lead=True).signal is ESCALATION


@pytest.mark.parametrize(
    ("signal", "root", "share", "lead", "told"),
    [
        (ESCALATION, "REJECT", 0.3, False, ESCALATION),
        (ESCALATION, "REJECT", 0.29, False, None),
        (ESCALATION, "REJECT", 0.3, True, None),
        (DE_ESCALATION, "SUPPORT", 0.35, False, DE_ESCALATION),
        (DE_ESCALATION, "REQUEST", 0.5, False, DE_ESCALATION),
        (DE_ESCALATION, "REQUEST", 0.49, False, None),
        (DE_ESCALATION, "CONSULT", 0.5, False, None),
    ],
)
def test_a_sure_act_of_speech_seconds_a_doubtful_direction(
    signal: Signal, root: str, share: float, lead: bool, told: Signal | None
) -> None:
    said = replace(coding(signal, root), signal={signal: share, NEUTRAL: 0.95 - share, "other": 0.05})
    found = one("Beijing rejected or praised it.", said, lead=lead, threshold=0.6)
    assert (found.signal if found else None) is told


def test_the_body_needs_a_word_of_its_act_and_the_lead_does_not() -> None:
    said = coding(DE_ESCALATION, "RETREAT")
    assert one("The bombs had been dropped by the army.", said) is None
    assert one("The bombs had been dropped by the army.", said, lead=True) is not None


@pytest.mark.parametrize(
    "text",
    [
        "Turkey has kept its border with Armenia shut since 1993.",
        "Tajikistan never recognised the government and hosts its foes.",
        "Algeria brokered the peace of 2015 between Bamako and the rebels.",
    ],
)
def test_what_stands_for_years_is_history(text: str) -> None:
    assert of_body(text)[0].modality is Modality.HISTORICAL


@pytest.mark.parametrize(
    ("text", "paragraph", "past"),
    [
        ("China has rejected it.", 0, False),
        ("Two days later a missile set the ship ablaze.", 1, True),
        ("Up to 15,000 of its soldiers fought there.", 1, True),
        ("Troops moved to the border.", 1, False),
        ("Two days later, on Monday, troops moved.", 1, False),
        ("Mines still take a leg now and then.", 0, True),
    ],
)
def test_history_goes_on_in_its_paragraph_or_where_a_word_hangs_on_it(text: str, paragraph: int, past: bool) -> None:
    found = of_body("In 2019 India bombed a camp.", text, paragraphs=(0, paragraph), said=maybe_past())
    assert (found[1].modality is Modality.HISTORICAL) is past


def test_a_clause_about_the_history_of_its_own_sentence_is_history() -> None:
    clauses_told = of_body("A court ruled in 2016", "China has rejected it.", said=maybe_past())
    assert [e.modality for e in clauses_told] == [Modality.HISTORICAL] * 2


@pytest.mark.parametrize(
    "text",
    [
        'Seizing a hull is an old habit, writes our Gulf editor: Iran "buys a chair".',
        "Sceptics point to Chile, where the rebels sell gold.",
        "A researcher in Vienna argues that Iran blocked the road out of weakness.",
    ],
)
def test_a_comment_is_no_act(text: str) -> None:
    assert sure(text).modality is Modality.HYPOTHETICAL


def test_what_is_called_untrue_has_not_happened() -> None:
    found = sure("Reports that militias fired on the base last night are untrue, the coalition says.")
    assert (found.modality, found.signal) == (Modality.NEGATED, NEUTRAL)


FIRE = ["The forest fire laid siege to a village.", "The fire front advanced.", "Firefighters won the ridge back."]


def test_a_fire_is_fought_without_a_foe_unless_somebody_has_weapons() -> None:
    assert [e.modality for e in of_body(*FIRE)] == [Modality.FIGURATIVE] * 3
    assert of_body(*FIRE, "A missile had lit it.")[0].modality is Modality.ACTUAL
