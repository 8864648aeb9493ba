"""Casualty figures: what sentences say, what they do not, and what deaths add to an event."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.events.casualties import Casualty, deaths, with_deaths
from service.domain.events.casualty_reader import read
from service.domain.events.casualty_words import Harm
from service.domain.events.extraction import extract
from service.domain.events.quantities import Bound
from service.domain.events.signal import Modality
from tests.unit.domain.build import NOW, coding, sentence

SIGNS = {Bound.EXACT: "", Bound.ABOUT: "~", Bound.AT_LEAST: ">=", Bound.AT_MOST: "<="}

# Figures as "harm [sign]count unit", with a + for a running toll; in the order of the sentence.
SAID: list[tuple[str, list[str]]] = [
    # plain passives and actives
    ("Nine soldiers were killed in the attack.", ["killed 9 soldiers"]),
    ("Israeli warplanes bombed army bases inside Syria overnight, killing nine soldiers.", ["killed 9 soldiers"]),
    ("The shelling killed 12 civilians and wounded 30.", ["killed 12 civilians", "wounded 30 people"]),
    ("A soldier was killed by sniper fire near the line of control.", ["killed 1 soldiers"]),
    ("Two police officers were wounded when a bomb went off.", ["wounded 2 police"]),
    ("Rebels killed seven policemen and captured four others.", ["killed 7 police", "captured 4 people"]),
    ("The blast injured a journalist and two medics.", ["wounded 1 journalists", "wounded 2 medics"]),
    ("Three people have died in clashes between the two tribes.", ["killed 3 people"]),
    ("A Pakistani soldier and a civilian were killed in cross-border firing.", ["killed 1 soldiers", "killed 1 civilians"]),
    ("Twenty-three villagers were abducted by gunmen on Sunday.", ["captured 23 people"]),
    ("One hundred and fifty migrants were detained at the border.", ["captured 150 people"]),
    ("The offensive displaced 40,000 people.", ["displaced 40000 people"]),
    ("Two hundred and fifty families were displaced by the fighting.", ["displaced 250 families"]),
    ("About 1.5 million people have been displaced.", ["displaced ~1500000 people"]),
    ("The army said it had killed 15 militants in the operation.", ["killed 15 militants"]),
    ("Gunmen shot dead three aid workers in the north.", ["killed 3 aid workers"]),
    ("Three aid workers were shot dead on the road.", ["killed 3 aid workers"]),
    ("Five fishermen were arrested by the Sri Lankan navy.", ["captured 5 people"]),
    ("An Israeli was killed and two Palestinians were injured.", ["killed 1 people", "wounded 2 people"]),
    ("The bombing claimed the lives of 18 worshippers.", ["killed 18 people"]),
    ("The bombing claimed 18 lives.", ["killed 18 people"]),
    ("Six miners lost their lives when the shell landed.", ["killed 6 people"]),
    ("The attack took nine sailors hostage.", ["captured 9 people"]),
    ("Nine sailors were taken hostage off the coast.", ["captured 9 people"]),
    ("Two journalists were arrested and beaten.", ["captured 2 journalists"]),
    ("Seven students were ambushed and killed on their way home.", ["killed 7 people"]),
    ("The strike killed four children.", ["killed 4 children"]),
    ("A 24-year-old man was killed at a checkpoint.", ["killed 1 people"]),
    ("Five UN peacekeepers were wounded by the mine.", ["wounded 5 peacekeepers"]),
    ("The raid left nine dead and 30 injured.", ["killed 9 people", "wounded 30 people"]),
    # headlines
    ("Israeli strike kills 12 in Gaza", ["killed 12 people"]),
    ("9 killed in Kabul blast", ["killed 9 people"]),
    ("Suicide bombing leaves 20 dead, 45 wounded", ["killed 20 people", "wounded 45 people"]),
    ("Gaza: 12 killed, 40 wounded in overnight raids", ["killed 12 people", "wounded 40 people"]),
    ("Two Indian soldiers killed in Kashmir gunfight", ["killed 2 soldiers"]),
    ("Drone strike wounds three in Belgorod", ["wounded 3 people"]),
    ("Boko Haram abducts 30 schoolgirls", ["captured 30 children"]),
    ("Five dead as troops fire on protesters", ["killed 5 people"]),
    ("Shelling forces 5,000 people to flee", ["displaced 5000 people"]),
    ("Militants kill six officers, wound two", ["killed 6 officers", "wounded 2 people"]),
    # bounds
    ("At least 30 people were killed in the raid.", ["killed >=30 people"]),
    ("Up to 200 soldiers were killed, the ministry claimed.", ["killed <=200 soldiers"]),
    ("Some 300 people were wounded.", ["wounded ~300 people"]),
    ("More than 100 fighters have surrendered after 40 were killed.", ["killed 40 people"]),
    ("The strike killed more than 60 people.", ["killed >=60 people"]),
    ("Between 12 and 15 rebels were killed.", ["killed >=12 militants"]),
    ("The clash killed 12 to 15 soldiers.", ["killed >=12 soldiers"]),
    ("Three or four policemen were injured.", ["wounded >=3 police"]),
    ("Ten or more civilians died in the shelling.", ["killed >=10 civilians"]),
    ("Dozens of people were killed when the market was hit.", ["killed >=24 people"]),
    ("Scores were wounded in the stampede.", ["wounded >=40 people"]),
    ("Hundreds of protesters have been arrested.", ["captured >=200 people"]),
    ("Tens of thousands of civilians fled the city.", ["displaced >=20000 civilians"]),
    ("Several soldiers were wounded.", ["wounded >=3 soldiers"]),
    ("Nearly 50 insurgents were killed by the air force.", ["killed ~50 militants"]),
    ("The attack killed at least two dozen people.", ["killed >=24 people"]),
    ("Half a dozen guards were injured.", ["wounded 6 people"]),
    ("An estimated 700 people died in the bombardment.", ["killed ~700 people"]),
    ("As many as 40 people may have been killed.", []),
    ("No fewer than 17 civilians were killed.", ["killed >=17 civilians"]),
    ("A dozen soldiers were captured.", ["captured 12 soldiers"]),
    ("Nine people are believed to have been killed.", ["killed ~9 people"]),
    ("At least two more soldiers were killed on Friday.", ["killed >=2 soldiers"]),
    ("Another nine people were hurt.", ["wounded 9 people"]),
    # parts of the number are not added
    ("Twelve people, two of them children, were killed.", ["killed 12 people"]),
    ("The strike killed 12 people, including three children.", ["killed 12 people"]),
    ("The strike killed 12 people, including three children and a journalist, and wounded 30.",
     ["killed 12 people", "wounded 30 people"]),
    ("Twelve people, including three children, were killed.", ["killed 12 people"]),
    ("Twelve people including three children were killed.", ["killed 12 people"]),
    ("Missiles killed 20 people, four of them women.", ["killed 20 people"]),
    ("Ten people were abducted, nine of whom were killed.", ["captured 10 people", "killed 9 people"]),
    ("The army killed nine of the 12 attackers.", ["killed 9 militants"]),
    ("Three of its soldiers were killed, Ankara said.", ["killed 3 soldiers"]),
    ("One of its soldiers was killed, Ankara said.", ["killed 1 soldiers"]),
    ("Eight died, among them two girls.", ["killed 8 people"]),
    # lists
    ("The bomb killed nine soldiers, three policemen and a child.",
     ["killed 9 soldiers", "killed 3 police", "killed 1 children"]),
    ("Nine soldiers and three civilians were killed.", ["killed 9 soldiers", "killed 3 civilians"]),
    ("Nine people were killed and 12 others were wounded.", ["killed 9 people", "wounded 12 people"]),
    ("Nine people were killed and 12 wounded.", ["killed 9 people", "wounded 12 people"]),
    ("A woman and her two children were killed by a mortar round.", ["killed 1 women", "killed 2 children"]),
    ("The raid killed the group's commander and two aides.", ["killed 2 people"]),
    ("The strike killed 12 women and children.", ["killed 12 people"]),
    ("Fifty people were killed or wounded.", ["wounded 50 people"]),
    # as news has written it
    ("Three U.S. troops are killed and three others are wounded in a blast.", ["killed 3 soldiers", "wounded 3 people"]),
    ("Ten teenagers (aged 15 to 18) are injured.", ["wounded 10 children"]),
    ("Fifteen soldiers are killed and twelve more are captured.", ["killed 15 soldiers", "captured 12 people"]),
    ("Gunmen storm a hotel, taking 170 hostages.", ["captured 170 people"]),
    ("Nine people were killed on Monday. Since January, 531 people have died.", ["killed 9 people"]),
    ("The government evacuates hundreds of villagers.", []),
    ("It has killed three Taliban in the valley.", ["killed 3 militants"]),
    ("It has killed three Taliban commanders.", ["killed 3 people"]),
    ("Nine villagers from one family die in an air strike.", ["killed 9 people"]),
    ("The crash killed all of the 22 soldiers on board.", ["killed 22 soldiers"]),
    ("Two shells hit the town, with the death toll rising to 42.", ["killed 42 people+"]),
    ("Militants attack a base, with 15 soldiers reported dead.", ["killed 15 soldiers"]),
    ("Mines killed 40 people since May. More than 14 men were killed on Sunday.", ["killed >=14 people"]),
    ("The crash killed four of the six crew members on board.", ["killed 4 people"]),
    ("The crash killed all six air force personnel onboard.", ["killed 6 people"]),
    # of all sorts
    ("Nine people lost their lives in the strike on the bus.", ["killed 9 people"]),
    ("A teacher and two pupils died in the fire after the shelling.", ["killed 1 people", "killed 2 children"]),
    ("Gunmen kidnapped at least 100 worshippers from two villages.", ["captured >=100 people"]),
    ("Over 1,000 families were forced to flee the valley.", ["displaced >=1000 families"]),
    ("Fighting drove some 300,000 people from their homes.", ["displaced ~300000 people"]),
    ("Two of the four wounded soldiers later died.", ["killed 2 soldiers"]),
    ("Clashes left 12 fighters and two civilians dead.", ["killed 12 militants", "killed 2 civilians"]),
    ("An attack on a market killed dozens, including many women.", ["killed >=24 people"]),
    ("Five soldiers, a doctor and two nurses were abducted.", ["captured 5 soldiers", "captured 1 medics", "captured 2 medics"]),
    ("The navy detained 14 fishermen and seized two boats.", ["captured 14 people"]),
    ("One soldier was killed and another wounded.", ["killed 1 soldiers", "wounded 1 people"]),
    ("India says it killed over 100 militants in strikes.", ["killed >=100 militants"]),
    ("Seven workers were burned to death.", ["killed 7 people"]),
    ("Shelling in the suburb killed a mother and her three children.", ["killed 1 women", "killed 3 children"]),
    # running tolls
    ("The death toll is 22.", ["killed 22 people+"]),
    ("The death toll from the bombing rises to 24.", ["killed 24 people+"]),
    ("The death toll climbed to at least 51 on Monday.", ["killed >=51 people+"]),
    ("Two more bodies were found, raising the death toll to 14.", ["killed 14 people+"]),
    ("The death toll rose from 12 to 15.", ["killed 15 people+"]),
    ("The offensive has so far killed 300 civilians.", ["killed 300 civilians+"]),
    ("Forty people have been killed since Friday.", ["killed 40 people+"]),
    # nobody
    ("No one was hurt in the incident.", ["wounded 0 people"]),
    ("There were no casualties.", ["killed 0 people", "wounded 0 people"]),
    ("Rockets fell in open fields without casualties.", ["killed 0 people", "wounded 0 people"]),
    ("No soldiers were killed.", ["killed 0 soldiers"]),
    ("Nobody was injured when the drone crashed.", ["wounded 0 people"]),
    # who kills is not who is killed
    ("Three gunmen killed at least nine people in a mosque.", ["killed >=9 people"]),
    ("Two soldiers shot dead a protester.", ["killed 1 people"]),
    ("A suicide bomber killed eight worshippers.", ["killed 8 people"]),
    ("Four militants were killed by 200 soldiers.", ["killed 4 militants"]),
    ("A policeman killed two men outside the embassy.", ["killed 2 people"]),
    ("Nine gunmen stormed the base and killed six guards.", ["killed 6 people"]),
    # dates beside the attack's own
    ("The bombing killed 31 people, the deadliest attack since 2014.", ["killed 31 people"]),
    ("In the worst raid in years, gunmen killed 31 people.", ["killed 31 people"]),
]  # fmt: skip

SAYS_NOTHING = [
    # other things than people
    "The Senate killed the bill by two votes.",
    "The committee killed two bills on Monday.",
    "The government killed two proposals with one vote.",
    "The deal would kill two birds with one stone.",
    "Air defences shot down 12 drones and three missiles.",
    "The army captured 12 villages and three towns.",
    "The strikes destroyed nine tanks and two depots.",
    "The rebels seized four checkpoints and captured nine tanks.",
    "He was jailed for 12 years.",
    "The war has lasted nine years.",
    "Some 30 cows were killed in the shelling.",
    "A rocket killed two horses and a dog.",
    "Three police stations were attacked.",
    "Two civilian vehicles were hit.",
    "The tariffs hurt 2,000 farmers.",
    "Sanctions killed 4,000 jobs.",
    "Inflation killed 40 percent of demand.",
    "Casualties rose by 40% in the north.",
    "Troops advanced 12 kilometres and were stopped.",
    "The minister met nine ambassadors.",
    "Two dead ends remain in the talks.",
    "The region received 12 casualties reports.",
    "A proposal was killed in committee.",
    "The team killed nine minutes before the whistle.",
    "Russia wounded its own economy with 12 bans.",
    # killing as a noun
    "The killing of two fishermen angered Delhi.",
    "Protesters marched against the killing of nine students.",
    "India condemned the killing of a soldier.",
    "The two killings are being investigated.",
    # not real, or not so
    "The bomb could have killed 100 people.",
    "They threatened to kill nine hostages.",
    "Police foiled a plot to kill two judges.",
    "The strike was called off without killing a single soldier.",
    "If nine soldiers were killed, the army would answer.",
    "Dozens are feared dead.",
    "In case one soldier dies, the treaty applies.",
    "The attack may have wounded 12 people.",
    "The army said two soldiers were not killed but missing.",
    "He is accused of killing two soldiers.",
    "A driver was sentenced for killing a protester.",
    "She is still a FARC hostage.",
    # history and totals
    "More than 30,000 Palestinians have been killed since October 2023.",
    "The 2014 war killed more than 2,000 people.",
    "The conflict has killed 150,000 people over the past decade.",
    "Mines kill 60 people every year.",
    "In 2008, gunmen killed 166 people in Mumbai.",
    "Thousands of people have been displaced in nine years of war.",
    "He was convicted of killing 77 people.",
    "The group, which killed nine people in 2016, denied it.",
    "Last year 400 civilians were killed in the province.",
    # numbers beside people
    "There were no immediate reports of casualties.",
    "No further casualties were reported.",
    "Article 5 was invoked after the attack.",
    "The 7 October attacks were condemned.",
    "Nine soldiers were freed after talks.",
    "Two gunmen fled after the attack.",
    "The rebels released 12 captured soldiers.",
    "Nine people attended the funeral.",
    "Officials from 12 countries met in Doha.",
    "Nearly 300 troops were sent to the border.",
    "The general, 58, was dismissed.",
    "Kill switches were found in 12 devices.",
    "Police detained 12 trucks at the border.",
    "Nine soldiers said their comrades were killed.",
    "Half of the 40 seats went to the party.",
    # of all sorts
    "The president killed three reform plans in one week.",
    "Voters buried the proposal, killing it for 12 years.",
    "The drought killed 300,000 sheep and goats.",
    "Fishermen found 20 dead whales on the shore.",
    "The army captured 40 vehicles and nine artillery pieces.",
    "Rebels captured the 12th district after nine days.",
    "Ukraine said it had shot down nine of 12 drones overnight.",
    "The ministry displaced its rival by 12 seats.",
    "The striker was injured in the 12th minute.",
    "The two sides exchanged 40 prisoners of war.",
    "The ship carried 300 soldiers and 12 tanks.",
    "Six hostages were released by the group.",
    "A convoy of 30 trucks was attacked.",
    "Twelve rockets landed near a school.",
    "The plan would displace 60,000 people.",
    "Aid groups warn that 5,000 children could die.",
    "He vowed to avenge nine martyrs.",
    "Some 12 per cent of the dead were women.",
    "Troops will not kill 100 people, the general promised.",
    "Relatives of nine victims met the minister.",
    "The court heard that 12 officers had lied.",
    "The film shows how 300 Spartans died in 480 BC.",
    "Since the war began, 12,000 civilians have died.",
    "Every year 40 soldiers die in accidents.",
    "The 1994 genocide killed 800,000 people.",
    "It was the worst year in decades, with 900 people killed in 2019.",
    "The museum lists 2,000 soldiers killed in the Great War.",
    "Chapter 7 of the charter was invoked.",
    "Route 66 was closed after an injured deer was seen.",
    "The government denied that any soldier was killed.",
    "Police are looking for nine people.",
    "Nine people were honoured for saving a drowned man.",
    "The dead heat lasted two laps.",
    "Three killings in one night shook the town.",
    "The bomb disposal team disarmed nine mines.",
]
CASES = [*SAID, *((text, []) for text in SAYS_NOTHING)]


def written(figure: Casualty) -> str:
    return f"{figure.harm} {SIGNS[figure.bound]}{figure.count} {figure.unit}{'+' if figure.cumulative else ''}"


@pytest.mark.parametrize(("text", "figures"), CASES, ids=[text for text, _ in CASES])
def test_a_sentence_says_how_many(text: str, figures: list[str]) -> None:
    assert [written(figure) for figure in read(text)] == figures


@pytest.mark.parametrize(
    ("text", "figures"), [c for c in SAID if c[1]], ids=[text for text, figures in SAID if figures]
)
def test_offsets_are_of_the_words_that_say_so(text: str, figures: list[str]) -> None:
    found = read(text, offset=100)
    assert all(100 <= c.start < c.end <= 100 + len(text) for c in found)
    assert [replace(c, start=c.start - 100, end=c.end - 100) for c in found] == list(read(text))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Shells killed at least 12 civilians on Monday.", ["killed at least 12 civilians"]),
        ("Nine soldiers were killed in Gaza.", ["Nine soldiers were killed"]),
        ("Twelve people, two of them girls, died.", ["Twelve people, two of them girls, died"]),
        ("The death toll rises to 24.", ["24"]),
        ("A mine killed two men and a child.", ["killed two men", "a child"]),
    ],
)
def test_the_words_of_a_figure(text: str, words: list[str]) -> None:
    assert [text[c.start : c.end] for c in read(text)] == words


WORDS = (
    "killed wounded died dead were was and of them including the a nine 12 1,000 dozens to at least no one soldiers "
    "people civilians death toll rises or more between since 2014 , . ; ( ) % $ – U.S. İ ﬁ"
)
PIECES = st.sampled_from(WORDS.split())


@given(st.lists(PIECES, max_size=25).map(" ".join) | st.text(max_size=60))
def test_any_text_is_read_without_a_fault(text: str) -> None:
    for c in read(text):
        assert 0 <= c.start < c.end <= len(text)
        assert c.count >= 0
        assert c.unit


def test_a_long_text_is_read_in_time_that_grows_with_it() -> None:
    assert len(read("Nine soldiers were killed, a child was hurt. " * 200)) == 400


# What deaths weigh.


def figure(count: int, harm: Harm = Harm.KILLED, bound: Bound = Bound.EXACT, *, cumulative: bool = False) -> Casualty:
    return Casualty(harm, count, bound, "people", cumulative, 0, 1)


def test_deaths_are_those_of_the_event_and_sure() -> None:
    figures = [
        *(figure(3), figure(2, bound=Bound.AT_LEAST), figure(1, bound=Bound.ABOUT)),
        *(figure(100, bound=Bound.AT_MOST), figure(200, cumulative=True), figure(50, Harm.WOUNDED)),
    ]
    assert deaths(figures) == 6
    assert deaths([]) == 0


INTENSITIES = st.floats(-10, 10)
COUNTS = st.integers(0, 10**9)


@given(INTENSITIES, COUNTS)
def test_deaths_never_lead_out_of_the_scale_and_never_soften(intensity: float, killed: int) -> None:
    assert -10 <= with_deaths(intensity, killed) <= intensity


@given(st.floats(-10, -7), COUNTS, COUNTS)
def test_more_deaths_never_weigh_less(intensity: float, some: int, others: int) -> None:
    fewer, more = sorted((some, others))
    assert with_deaths(intensity, more) <= with_deaths(intensity, fewer)


@given(st.floats(-7, 10, exclude_min=True), COUNTS)
def test_milder_acts_stay_as_they_are(intensity: float, killed: int) -> None:
    assert with_deaths(intensity, killed) == intensity


@given(INTENSITIES)
def test_no_deaths_change_nothing(intensity: float) -> None:
    assert with_deaths(intensity, 0) == intensity


@pytest.mark.parametrize(
    ("intensity", "killed", "weighs"),
    [
        (-7.0, 9, -7.25),
        (-7.0, 99, -7.5),
        (-8.0, 9999, -9.0),
        (-8.0, 10**8, -9.0),
        (-9.5, 999, -10.0),
        (-10.0, 5, -10.0),
    ],
)
def test_each_power_of_ten_adds_a_quarter(intensity: float, killed: int, weighs: float) -> None:
    assert with_deaths(intensity, killed) == pytest.approx(weighs)


CLASH = "The army of one side attacked a post of the other, killing nine soldiers."


@pytest.mark.parametrize(
    ("modality", "added"),
    [
        (Modality.ACTUAL, 0.25),
        (Modality.ALLEGED, 0.25),
        (Modality.PLANNED, 0.0),
        (Modality.DENIED, 0.0),
        (Modality.HYPOTHETICAL, 0.0),
    ],
)
def test_deaths_count_in_what_is_told_as_done_or_alleged(modality: Modality, added: float) -> None:
    without = CLASH.replace(", killing nine soldiers", "")
    said = coding(root="ASSAULT", modality=modality, level=3)
    (bloody,) = extract([sentence(CLASH, start=40)], [said], NOW, 0.5)
    (other,) = extract([sentence(without)], [said], NOW, 0.5)
    assert bloody.intensity == pytest.approx(other.intensity - added)
    assert [written(c) for c in bloody.casualties] == ["killed 9 soldiers"]
    assert bloody.text[bloody.casualties[0].start - 40 : bloody.casualties[0].end - 40] == "killing nine soldiers"
    assert other.casualties == ()


def test_a_mild_act_gains_nothing_from_deaths() -> None:
    said = coding(root="ACCUSE", level=2)
    (bloody,) = extract([sentence(CLASH)], [said], NOW, 0.5)
    (other,) = extract([sentence("The army of one side accused the other.")], [said], NOW, 0.5)
    assert deaths(bloody.casualties) == 9
    assert bloody.intensity == other.intensity > -7
