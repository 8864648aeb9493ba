"""How an event counts on a dyad, and the two scores of a day."""

import pytest

from service.domain.evaluation.rating import levels, masses, peace, surge
from service.domain.evaluation.reading import Item
from service.domain.events.event import Event
from service.domain.events.signal import ArticleRole, Modality, Signal
from service.domain.risk.score import Scale
from tests.unit.domain.build import event

E, D = Signal.ESCALATION, Signal.DE_ESCALATION


def hostile(*told: Event, day: int = 100) -> dict[str, float]:
    return {subject: of[day] for subject, of in masses([Item(day, "", told)])[E].items()}


STRIKE = 0.95**0.6


def test_an_act_between_two_states_counts_by_its_intensity() -> None:
    assert hostile(event()) == {"dyad:IRN-PAK": pytest.approx(STRIKE)}


def test_alleged_counts_less_and_background_history_and_neutral_nothing() -> None:
    assert hostile(event(modality=Modality.ALLEGED)) == {"dyad:IRN-PAK": pytest.approx(0.6 * STRIKE)}
    assert hostile(event(role=ArticleRole.BACKGROUND), event(modality=Modality.HISTORICAL)) == {}
    assert hostile(event(signal=Signal.NEUTRAL)) == {}


def test_an_armed_group_halves_and_a_crowd_does_not() -> None:
    assert hostile(event(recipients=["PAK:BLA"])) == {"dyad:IRN-PAK": pytest.approx(0.5 * STRIKE)}
    assert hostile(event(actors=["IRN:CIV"])) == {"dyad:IRN-PAK": pytest.approx(STRIKE)}


def test_of_several_dyads_each_counts_half() -> None:
    assert hostile(event(actors=["IRN", "SYR"])) == {
        "dyad:IRN-PAK": pytest.approx(0.5 * STRIKE),
        "dyad:PAK-SYR": pytest.approx(0.5 * STRIKE),
    }


def test_without_a_target_the_scene_is_the_other_side() -> None:
    assert hostile(event(actors=["USA"], recipients=[], places=["IRQ"])) == {"dyad:IRQ-USA": pytest.approx(STRIKE)}
    assert hostile(event(actors=["IRQ"], recipients=[], places=["IRQ"])) == {}


def two_days(first: list[Event], second: list[Event], signal: Signal = E) -> dict[str, float]:
    found = masses([Item(101, "", tuple(second)), Item(100, "", tuple(first))])[signal]
    return {subject: of[101] for subject, of in found.items() if 101 in of}


QUARRELS = [event(actors=["PRK"], recipients=["KOR"]), event(actors=["PRK"], recipients=["USA"])]


def test_without_target_or_scene_it_counts_on_the_quarrels_of_the_country_by_their_share() -> None:
    told = two_days(QUARRELS, [event("MOBILIZE.test", actors=["PRK"], recipients=[])])
    faded = STRIKE * 2 ** (-1 / 365)
    share = faded / (2 * faded + 0.5)
    expected = pytest.approx(0.8 * share * 0.65**0.6)
    assert told == {"dyad:KOR-PRK": expected, "dyad:PRK-USA": expected}


def test_the_quarrels_of_the_same_day_are_not_known_yet() -> None:
    assert set(hostile(*QUARRELS, event("MOBILIZE.test", actors=["PRK"], recipients=[]))) == {
        "dyad:KOR-PRK",
        "dyad:PRK-USA",
    }
    assert hostile(*QUARRELS, event("MOBILIZE.test", actors=["PRK"], recipients=[]))["dyad:KOR-PRK"] == pytest.approx(
        STRIKE
    )


def test_an_act_against_a_group_at_home_or_by_two_countries_is_not_spread() -> None:
    assert two_days(QUARRELS, [event(actors=["PRK"], recipients=["PRK:CLAN"])]) == {}
    assert two_days(QUARRELS, [event(actors=[], recipients=["PRK"])]) == {}


def test_peace_without_a_counterpart_is_spread_too_but_mere_talk_is_not() -> None:
    told = two_days(QUARRELS, [event("AGREE.deescalate", actors=["PRK"], recipients=[])], D)
    faded = STRIKE * 2 ** (-1 / 365)
    assert told["dyad:KOR-PRK"] == pytest.approx(0.5 * faded / (2 * faded + 0.5))
    assert two_days(QUARRELS, [event("CONSULT.visit", actors=["PRK"], recipients=[])], D) == {}
    own_group = event("AGREE.deescalate", actors=["PRK", "PRK:CLAN"], recipients=[])
    assert set(two_days(QUARRELS, [own_group], D)) == {"dyad:KOR-PRK", "dyad:PRK-USA"}


def test_letting_persons_go_counts_a_quarter_and_a_helper_nothing() -> None:
    told = masses([Item(1, "", (event("RETREAT.release", actors=["IRN"], recipients=["PAK"]),))])[D]
    assert told == {"dyad:IRN-PAK": {1: pytest.approx(0.6 * 0.25)}}
    helper = event("AGREE.mediate", actors=["CHN"], recipients=["IRN", "PAK"])
    assert masses([Item(1, "", (helper,))])[D] == {}


def test_masses_do_not_depend_on_the_order_of_the_items() -> None:
    told = [Item(100 + n, "", (e,)) for n, e in enumerate([*QUARRELS, event("MOBILIZE.test", ["PRK"], [])])]
    assert masses(told) == masses(reversed(told))


def test_surge_is_two_days_over_the_usual_day() -> None:
    points = surge({"s": {10: 1.0, 100: 0.5, 101: 0.7}})["s"]
    told = {p.day: (p.value, p.fresh) for p in points}
    assert told[10] == (pytest.approx(1.0 / 0.2), True)
    assert told[11] == (pytest.approx(1.0 / 0.2), False)
    assert told[101] == (pytest.approx(1.2 / (1.0 / 90 + 0.2)), True)
    assert told[102] == (pytest.approx(0.7 / (1.5 / 90 + 0.2 - 1.0 / 90)), False)
    assert set(told) == {10, 11, 100, 101, 102}


def test_the_usual_day_ends_two_days_ago_and_begins_ninety_days_before() -> None:
    def on(day: int, past: int) -> float:
        return next(p.value for p in surge({"s": {past: 0.9, day: 1.0}})["s"] if p.day == day)

    with_it, without = pytest.approx(1.0 / (0.01 + 0.2)), pytest.approx(1.0 / 0.2)
    assert (on(200, 198), on(200, 109), on(200, 108)) == (with_it, with_it, without)


def test_peace_is_two_days_of_mass() -> None:
    assert [tuple(p) for p in peace({"s": {5: 0.5, 6: 0.25}})["s"]] == [
        (5, 0.5, True),
        (6, 0.75, True),
        (7, 0.25, False),
    ]


def test_levels_rise_with_hostility_and_fall_with_peace_and_time() -> None:
    alone = levels({"s": {10: 1.0}}, {}, Scale())["s"]
    calmed = levels({"s": {10: 1.0}}, {"s": {10: 1.0}}, Scale())["s"]
    assert [(p.day, p.fresh) for p in alone] == [(10, True), (11, False)]
    assert 0 < alone[1].value < alone[0].value <= 100
    assert calmed[0].value < alone[0].value
