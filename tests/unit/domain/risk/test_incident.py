from datetime import timedelta
from math import log2
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.events.event import Event
from service.domain.events.ontology import mass
from service.domain.events.signal import ArticleRole, Modality, Signal
from service.domain.news.owner import QUARANTINE
from service.domain.risk.incident import (
    GRADES,
    Incident,
    Report,
    country_shares,
    dyad_shares,
    dyad_stirs,
    group,
    region_shares,
)
from service.domain.risk.ledger import Channel, Posting, postings, shares, start_of
from service.domain.risk.subject import Subject, SubjectKind
from tests.unit.domain.build import DAY, GEOGRAPHY, HOUR, NOW, event, report
from tests.unit.domain.strategies import HOSTILE, INERT, PEACEFUL, events, grades, modest, tellings

AGREE = event("AGREE.deescalate", ("IRN", "PAK"), ())
OFFER = event("AGREE.mediate", ("CHN",), ("IRN", "PAK"))
LEAD, BODY, BACKGROUND = ArticleRole


def booked(reports: list[Report]) -> list[Posting]:
    return [posting for incident in group(reports) for posting in postings(incident, GEOGRAPHY)]


def book(reports: list[Report]) -> dict[tuple[str, Channel, int], int]:
    """The ledger's buckets: subject, channel and hour → integer sum."""
    sums: dict[tuple[str, Channel, int], int] = {}
    for p in booked(reports):
        key = (str(p.subject), p.entry.channel, p.entry.hour)
        sums[key] = sums.get(key, 0) + p.entry.micro
    return sums


# What holds for all reports.


@modest
@given(tellings(), st.randoms())
def test_the_order_of_arrival_changes_no_bit(reports: list[Report], chance: Random) -> None:
    shuffled = list(reports)
    chance.shuffle(shuffled)
    assert group(shuffled) == group(reports)
    assert booked(shuffled) == booked(reports)
    assert [i.weight for i in group(shuffled)] == [i.weight for i in group(reports)]


@modest
@given(tellings())
def test_telling_twice_is_telling_once(reports: list[Report]) -> None:
    assert group([*reports, *reports]) == group(reports)


@modest
@given(tellings())
def test_every_report_that_counts_is_in_exactly_one_incident(reports: list[Report]) -> None:
    placed = [r.id for incident in group(reports) for r in incident.reports]
    assert sorted(placed) == sorted(r.id for r in reports)


@modest
@given(tellings(least=2))
def test_what_comes_back_out_leaves_the_book_as_it_was(reports: list[Report]) -> None:
    *before, late = reports
    with_it, without = book([*before, late]), book(before)
    change = {key: with_it.get(key, 0) - without.get(key, 0) for key in with_it | without}
    undone = {key: micro - change[key] for key, micro in with_it.items()} | {
        key: -change[key] for key in without if key not in with_it
    }
    assert {key: micro for key, micro in undone.items() if micro} == without
    assert all(isinstance(micro, int) for micro in with_it.values())


@modest
@given(tellings(), st.sampled_from(HOSTILE), st.data())
def test_an_echo_inside_an_owner_group_adds_nothing(reports: list[Report], kind: str, data: st.DataObject) -> None:
    incident = data.draw(st.sampled_from(group(reports)))
    best = data.draw(st.sampled_from(incident.best_by_owner))
    grade = data.draw(st.sampled_from([g for g, sure in GRADES.items() if sure <= GRADES[best.grade]]))
    told = event(kind, role=best.event.role, modality=best.event.modality, at=incident.reports[-1].event.at)
    echoed = Incident((*incident.reports, report("zz echo", told, best.owner, grade)))
    assert (echoed.weight, echoed.owners, echoed.id) == (incident.weight, incident.owners, incident.id)
    assert postings(echoed, GEOGRAPHY) == postings(incident, GEOGRAPHY)


@modest
@given(tellings(), events(kinds=("ASSAULT.terror", "ASSAULT.aerial")), grades)
def test_a_new_owner_never_makes_an_incident_less_certain(reports: list[Report], told: Event, grade: str) -> None:
    for incident in group(reports):
        more = Incident((*incident.reports, report("new", told, "an owner not seen before", grade)))
        assert more.certainty >= incident.certainty
        assert more.salience >= incident.salience
        assert more.certainty * more.salience >= incident.certainty * incident.salience


@modest
@given(tellings(least=0), events(modalities=st.sampled_from(INERT)), grades)
def test_what_did_not_happen_moves_nothing(reports: list[Report], inert: Event, grade: str) -> None:
    same_key = event(modality=inert.modality, at=inert.at, role=inert.role)
    heard = report("inert", same_key, "an owner not seen before", grade)
    assert booked([report("alone", inert)]) == []
    assert group([heard]) == []
    assert booked([*reports, heard]) == booked(reports)


def test_what_did_not_happen_neither_dates_nor_corroborates_what_did() -> None:
    strike = report("strike", event(at=NOW))
    feared = report("feared", event(at=NOW - DAY, modality=Modality.HYPOTHETICAL))
    (incident,) = group([feared, strike])
    assert (incident.started_at, incident.owners, incident.salience) == (NOW, 1, 1.0)


@modest
@given(events(kinds=HOSTILE + PEACEFUL))
def test_a_parent_counts_an_incident_once_with_its_largest_share(told: Event) -> None:
    by_subject = {p.subject: p.entry.micro for p in booked([report("one", told)])}
    for parent in {s for s in by_subject if s.kind is SubjectKind.M49}:
        children = [
            by_subject[s] for s in by_subject if s.kind is SubjectKind.COUNTRY and GEOGRAPHY.m49(s.name) == parent.name
        ]
        assert max(children) <= by_subject[parent] <= sum(children)


@modest
@given(events(kinds=HOSTILE + PEACEFUL))
def test_only_those_who_have_part_in_it_are_touched(told: Event) -> None:
    part = {*told.actors, *told.recipients, *told.places}
    touched = {code for p in booked([report("one", told)]) for code in p.subject.countries}
    assert touched <= part


@modest
@given(tellings())
def test_a_weight_is_between_nothing_and_two(reports: list[Report]) -> None:
    for incident in group(reports):
        assert 0.0 < incident.weight <= 2.0 + 1e-9
        assert 0.0 < incident.certainty <= 1.0
        assert abs(incident.intensity) <= 10.0 + 1e-9  # a mean of floats


# What belongs together.


@pytest.mark.parametrize(
    ("later", "incidents"),
    [(0 * HOUR, 1), (48 * HOUR, 1), (49 * HOUR, 2), (7 * DAY, 2)],
)
def test_news_joins_an_incident_for_two_days(later: timedelta, incidents: int) -> None:
    first, again = report("a", event(at=NOW)), report("b", event(at=NOW + later))
    assert len(group([again, first])) == incidents


def test_the_two_days_count_from_the_first_report_not_the_last() -> None:
    steady = [report(f"a{n}", event(at=NOW + n * 40 * HOUR)) for n in range(4)]
    assert [len(i.reports) for i in group(steady)] == [2, 2]


@pytest.mark.parametrize(("age", "incidents"), [(HOUR, 1), (7 * DAY, 1), (7 * DAY + HOUR, 2), (-HOUR, 2)])
def test_background_joins_the_last_incident_of_the_week_before(age: timedelta, incidents: int) -> None:
    news = report("a", event(at=NOW))
    recap = report("b", event(at=NOW + age, role=BACKGROUND))
    found = group([news, recap])
    assert len(found) == incidents
    assert found[0].started_at == NOW


def test_background_dated_earlier_never_dates_the_news() -> None:
    news, recap = report("a", event(at=NOW)), report("b", event(at=NOW - HOUR, role=BACKGROUND))
    assert [(i.started_at, i.is_lead) for i in group([recap, news])] == [(NOW, True), (NOW - HOUR, False)]


def test_of_two_incidents_background_retells_the_later() -> None:
    old, new = report("old", event(at=NOW - 5 * DAY)), report("new", event(at=NOW - DAY))
    recap = report("recap", event(at=NOW, role=BACKGROUND))
    assert [[r.article_id for r in i.reports] for i in group([recap, new, old])] == [["old"], ["new", "recap"]]


@pytest.mark.parametrize(
    ("other", "same"),
    [
        pytest.param(event("ASSAULT.artillery"), True, id="another mode of force"),
        pytest.param(event(places=("PAK",)), True, id="the place of a dyad's event"),
        pytest.param(event(modality=Modality.ALLEGED, role=BODY), True, id="another modality and role"),
        pytest.param(event("SANCTION.recall"), False, id="another type group"),
        pytest.param(event(actors=("PAK",), recipients=("IRN",)), False, id="the other way round"),
        pytest.param(event(signal=Signal.DE_ESCALATION), False, id="the other direction"),
        pytest.param(event(actors=("IRN:IRGC",)), True, id="an arm of the same state"),
    ],
)
def test_what_reports_of_one_incident_share(other: Event, same: bool) -> None:
    assert (report("a", event()).key == report("b", other).key) is same


def test_without_a_dyad_the_place_parts_incidents() -> None:
    here = report("a", event("ASSAULT.terror", (), (), places=("PAK",)))
    there = report("b", event("ASSAULT.terror", (), (), places=("AFG",)))
    assert here.key != there.key


def test_an_incident_keeps_its_name_when_others_join_it() -> None:
    first, again = report("a", event(at=NOW)), report("b", event(at=NOW + HOUR))
    assert group([first])[0].id == group([again, first])[0].id
    assert len(group([first])[0].id) == 16


# How much it weighs.


@pytest.mark.parametrize(
    ("grade", "role", "modality", "credibility"),
    [
        ("A", LEAD, Modality.ACTUAL, 0.95),
        ("B", BODY, Modality.ACTUAL, 0.64),
        ("F", BACKGROUND, Modality.ACTUAL, 0.25),
        ("F", BODY, Modality.PLANNED, 0.14),
        ("C", LEAD, Modality.ALLEGED, 0.36),
        ("C", LEAD, Modality.DENIED, 0.15),
        ("D", LEAD, Modality.THREATENED, 0.35),
        ("E", LEAD, Modality.ACTUAL, 0.10),
        ("A", LEAD, Modality.HYPOTHETICAL, 0.0),
    ],
)
def test_credibility_is_grade_times_modality_times_role(
    grade: str, role: ArticleRole, modality: Modality, credibility: float
) -> None:
    assert report("a", event(role=role, modality=modality), grade=grade).credibility == pytest.approx(credibility)


def test_the_weight_follows_the_formula() -> None:
    incident = Incident((report("a", event(), grade="A"), report("b", event("ASSAULT.terror"), grade="C")))
    intensity = (0.95 * -9.5 + 0.60 * -8.0) / (0.95 + 0.60)
    assert incident.intensity == pytest.approx(intensity)
    assert incident.certainty == pytest.approx(1 - 0.05 * 0.40)
    assert incident.weight == pytest.approx(mass(intensity) * 0.98 * 1.15)


@pytest.mark.parametrize("owners", [1, 2, 4, 8, 64, 128, 256])
def test_salience_grows_with_the_logarithm_of_owners_up_to_two(owners: int) -> None:
    incident = Incident(tuple(report(f"a{n}", event()) for n in range(owners)))
    assert incident.salience == pytest.approx(min(2.0, 1 + 0.15 * log2(owners)))


def test_only_news_that_counts_makes_an_incident_news() -> None:
    assert Incident((report("a", event(role=LEAD)),)).is_lead
    assert not Incident((report("a", event(role=BODY)),)).is_lead
    assert not Incident((report("a", event(role=LEAD, modality=Modality.HISTORICAL)),)).is_lead


# Who is touched.


def one(told: Event) -> Incident:
    return Incident((report("a", told),))


@pytest.mark.parametrize(
    ("told", "countries", "dyads"),
    [
        pytest.param(event(), {"IRN": 0.6, "PAK": 1.0}, {("IRN", "PAK"): 1.0}, id="actor and recipient"),
        pytest.param(AGREE, {"IRN": 1.0, "PAK": 1.0}, {("IRN", "PAK"): 1.0}, id="equal sides"),
        pytest.param(OFFER, {"IRN": 0.5, "PAK": 0.5}, {("IRN", "PAK"): 0.5}, id="a third party's help"),
        pytest.param(
            event(places=("AFG",)), {"IRN": 0.6, "PAK": 1.0, "AFG": 1.0}, {("IRN", "PAK"): 1.0}, id="location"
        ),
        pytest.param(event(places=("IRN",)), {"IRN": 1.0, "PAK": 1.0}, {("IRN", "PAK"): 1.0}, id="largest part counts"),
        pytest.param(event("ASSAULT.terror", ("PAK:BLA",), ("PAK",)), {"PAK": 1.0}, {}, id="a group at home"),
        pytest.param(event("ACCUSE.allege", ("UN",), ("IRN",)), {"IRN": 1.0}, {}, id="a body accuses"),
        pytest.param(event("THREATEN.force", ("USA",), ()), {"USA": 0.6}, {}, id="nobody in particular"),
        pytest.param(event(modality=Modality.FIGURATIVE), {}, {}, id="a figure of speech"),
    ],
)
def test_shares(told: Event, countries: dict[str, float], dyads: dict[tuple[str, str], float]) -> None:
    assert country_shares(one(told)) == countries
    assert dyad_shares(one(told)) == dyads


def test_help_counts_in_full_for_a_dyad_that_also_acts() -> None:
    for reports in ((report("a", OFFER), report("b", AGREE)), (report("a", AGREE), report("b", OFFER))):
        assert dyad_shares(Incident(reports)) == {("IRN", "PAK"): 1.0}


@pytest.mark.parametrize(
    ("told", "regions"),
    [
        pytest.param(event(regions=("balochistan",)), {"balochistan": 1.0}, id="what happens there"),
        pytest.param(AGREE, {"balochistan": 0.5}, id="an accord of the two that share it"),
        pytest.param(event("AGREE.deescalate", ("AFG", "PAK"), ()), {}, id="a region of three is not theirs"),
        pytest.param(event("AGREE.deescalate", ("IRN", "PAK"), (), role=BODY), {}, id="an accord that is not the news"),
        pytest.param(OFFER, {}, id="an offer of help"),
        pytest.param(event(), {}, id="an attack elsewhere"),
    ],
)
def test_region_shares(told: Event, regions: dict[str, float]) -> None:
    assert region_shares(one(told), GEOGRAPHY) == regions


def test_what_happens_in_a_region_counts_in_full_beside_an_accord() -> None:
    there = event("AGREE.deescalate", ("IRN", "PAK"), (), regions=("balochistan",))
    for reports in ((report("a", AGREE), report("b", there)), (report("a", there), report("b", AGREE))):
        assert region_shares(Incident(reports), GEOGRAPHY) == {"balochistan": 1.0}


def test_postings_go_to_the_channel_of_the_direction_at_the_hour_it_began() -> None:
    start = NOW.replace(minute=47, second=13)
    found = {str(p.subject): p.entry for p in postings(one(event(at=start)), GEOGRAPHY)}
    assert found.keys() == {"country:IRN", "country:PAK", "dyad:IRN-PAK", "m49:034"}
    assert {start_of(e.hour) for e in found.values()} == {NOW}
    assert {e.channel for e in found.values()} == {Channel.ESCALATION}
    assert found["country:IRN"].micro == round(one(event()).weight * 0.6 * 1_000_000)
    assert {p.entry.channel for p in postings(one(AGREE), GEOGRAPHY)} == {Channel.DE_ESCALATION}


def test_an_act_without_weight_is_not_booked() -> None:
    assert postings(one(event("AID.military", signal=Signal.ESCALATION)), GEOGRAPHY) == []


def test_a_parent_outside_every_subregion_is_left_out() -> None:
    found = shares(one(event(actors=("ATA",), recipients=("PAK",))), GEOGRAPHY)
    assert Subject.country("ATA") in found
    assert {str(s) for s in found if s.kind is SubjectKind.M49} == {"m49:034"}


@pytest.mark.parametrize(
    ("owners", "alone"),
    [
        (["daily"], "daily"),
        (["daily", "daily"], "daily"),
        (["daily", "weekly"], ""),
        ([QUARANTINE, QUARANTINE], QUARANTINE),
        (["daily", QUARANTINE], "daily"),
        (["daily", "weekly", QUARANTINE], ""),
    ],
)
def test_who_alone_tells_of_an_incident(owners: list[str], alone: str) -> None:
    (incident,) = group([report(f"a{n}", event(), owner) for n, owner in enumerate(owners)])
    assert incident.sole_owner == alone


# How much it stirs.


@pytest.mark.parametrize(("grade", "trust"), [("A", 0.8), ("C", 0.8), ("F", 0.8), ("E", 0.1)])
def test_who_tells_matters_to_stir_only_where_he_is_known_for_lies(grade: str, trust: float) -> None:
    (incident,) = group([report("a", event(intensity=-10.0), grade=grade)])
    assert incident.stir == pytest.approx(trust)


@pytest.mark.parametrize(
    ("told", "stir"),
    [
        pytest.param(event("ASSAULT.aerial", intensity=-10.0), 0.8, id="danger"),
        pytest.param(event("THREATEN.force", intensity=-5.0), 0.8 * 0.5**0.6, id="a threat differs less than in mass"),
        pytest.param(event("AGREE.deescalate", ("IRN", "PAK"), (), intensity=5.0), 0.4, id="peace"),
        pytest.param(event("RETREAT.release", intensity=6.0), 0.15 * 0.8, id="persons let go"),
        pytest.param(event(role=BACKGROUND), 0.0, id="what is recalled"),
    ],
)
def test_stir(told: Event, stir: float) -> None:
    assert one(told).stir == pytest.approx(stir)


@pytest.mark.parametrize(
    ("told", "stirs"),
    [
        pytest.param(event(), {("IRN", "PAK"): 1.0}, id="two states"),
        pytest.param(event(recipients=("PAK", "PAK:BLA")), {("IRN", "PAK"): 0.5}, id="an armed group"),
        pytest.param(event(recipients=("PAK:CIV",)), {("IRN", "PAK"): 1.0}, id="civilians are no group"),
        pytest.param(event(recipients=("PAK", "AFG")), {("IRN", "PAK"): 0.5, ("AFG", "IRN"): 0.5}, id="several dyads"),
        pytest.param(event(recipients=(), places=("PAK",)), {("IRN", "PAK"): 1.0}, id="an act in another country"),
        pytest.param(event(recipients=(), places=("IRN",)), {}, id="an act at home"),
        pytest.param(OFFER, {}, id="a third party's help"),
        pytest.param(
            event("AGREE.deescalate", ("YEM", "YEM:HOUTHIS"), ()),
            {("IRN", "YEM"): 1.0},
            id="peace with a sponsored group",
        ),
        pytest.param(event(actors=("YEM:HOUTHIS",), recipients=("YEM",)), {}, id="a sponsored attack at home"),
        pytest.param(event(role=BACKGROUND), {}, id="what is recalled"),
    ],
)
def test_which_dyads_are_stirred(told: Event, stirs: dict[tuple[str, str], float]) -> None:
    assert dyad_stirs(one(told), GEOGRAPHY) == stirs
