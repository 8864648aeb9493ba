"""Conditions: how they are read, what is refused and how, and when they hold."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.alerting.condition import (
    OF_ACTS,
    OPERATORS,
    AnyOf,
    Condition,
    Measure,
    Sight,
    judge,
    measures,
    parse,
    told,
)
from tests.unit.domain.build import act
from tests.unit.domain.strategies import modest

QUIET = {Measure.LEVEL: 42.0, Measure.SURPRISE: None, Measure.SUBJECT_KIND: "dyad"}


@pytest.mark.parametrize(
    ("written", "read", "shown"),
    [
        ("level >= 50", Condition(Measure.LEVEL, ">=", (50.0,)), "level >= 50"),
        ("level>=50.5", Condition(Measure.LEVEL, ">=", (50.5,)), "level >= 50.5"),
        (" intensity  <  -8 ", Condition(Measure.INTENSITY, "<", (-8.0,)), "intensity < -8"),
        ("rung == 4", Condition(Measure.RUNG, "==", (4.0,)), "rung == 4"),
        (
            "event_type in [ASSAULT, COERCE.seize]",
            Condition(Measure.EVENT_TYPE, "in", ("ASSAULT", "COERCE.seize")),
            "event_type in [ASSAULT, COERCE.seize]",
        ),
        ("event_type not  in [AID]", Condition(Measure.EVENT_TYPE, "not in", ("AID",)), "event_type not in [AID]"),
        ("event_type in ASSAULT", Condition(Measure.EVENT_TYPE, "in", ("ASSAULT",)), "event_type in [ASSAULT]"),
        ("subject_kind != dyad", Condition(Measure.SUBJECT_KIND, "!=", ("dyad",)), "subject_kind != dyad"),
    ],
)
def test_a_condition_is_read_and_written_back(written: str, read: Condition, shown: str) -> None:
    assert parse(written) == read
    assert str(read) == shown
    assert parse(shown) == read


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("", "is no condition: write measure, operator and value, as in level >= 50"),
        ("level", "is no condition"),
        ("level >=", "is no condition"),
        ("level => 50", "is no condition"),
        ("__import__('os').system('x') == 1", "is no condition"),
        ("levl >= 50", "'levl' can not be asked about; did you mean level? known are confidence, d_24h, e_24h"),
        ("level >= high", "level >= needs one number"),
        ("level >= nan", "level >= needs one number"),
        ("level >= 1e9", "level >= needs one number"),
        ("level >= [1, 2]", "level >= needs one number"),
        ("level in [1, 2]", "level is a number: ask with >=, >, <=, <, ==, !=, not with in"),
        ("event_type >= ASSAULT", "event_type is a name: ask with ==, !=, in or not in, not with >="),
        ("event_type == [ASSAULT, AID]", "takes one name: write in [A, B] for several"),
        ("event_type in [ASSALT]", "'ASSALT' is no event_type; did you mean ASSAULT"),
        ("event_type in [ASSAULT.blockade]", "is no event_type"),
        ("event_type in []", "'' is no event_type; known are ACCUSE, AGREE"),
        ("subject_kind == state", "'state' is no subject_kind; known are country, dyad, m49, region, watch"),
        ("level >= " + "9" * 600, "a condition may have 500 characters"),
    ],
)
def test_what_is_wrong_is_said_with_what_is_known(written: str, says: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        parse(written)
    assert says in str(refused.value)


@modest
@given(st.text(max_size=60))
def test_nothing_that_is_written_does_more_than_be_refused(written: str) -> None:
    try:
        found = parse(written)
    except ValueError as refused:
        assert str(refused)
    else:
        assert found.operator in OPERATORS


@modest
@given(
    st.sampled_from([m for m in Measure if m not in {Measure.EVENT_TYPE, Measure.SUBJECT_KIND}]),
    st.sampled_from([">=", ">", "<=", "<", "==", "!="]),
    st.integers(-100, 100),
)
def test_every_numeric_condition_survives_being_written(measure: Measure, operator: str, number: int) -> None:
    condition = Condition(measure, operator, (float(number),))
    assert parse(str(condition)) == condition


@pytest.mark.parametrize(
    ("written", "holds"),
    [
        ("level >= 42", True),
        ("level > 42", False),
        ("level <= 42", True),
        ("level < 42", False),
        ("level == 42", True),
        ("level != 42", False),
        ("surprise >= 0", False),
        ("surprise < 9", False),
        ("confidence >= 0", False),
        ("subject_kind == dyad", True),
        ("subject_kind != dyad", False),
        ("subject_kind in [country, dyad]", True),
        ("subject_kind not in [country]", True),
        ("event_type in [ASSAULT]", False),
        ("event_type not in [ASSAULT]", False),
        ("rung >= 0", False),
    ],
)
def test_what_is_not_known_holds_nowhere(written: str, holds: bool) -> None:
    assert judge([parse(written)], Sight(QUIET)).holds is holds


@pytest.mark.parametrize(
    ("written", "holds"),
    [
        ("event_type in [ASSAULT]", True),
        ("event_type in [ASSAULT.aerial]", True),
        ("event_type == ASSAULT", True),
        ("event_type in [ASSAULT.clash, COERCE]", False),
        ("event_type not in [COERCE]", True),
        ("event_type != ASSAULT.aerial", False),
        ("rung >= 4", True),
        ("rung >= 5", False),
        ("intensity <= -9", True),
        ("owner_groups >= 2", True),
        ("owner_groups > 2", False),
    ],
)
def test_conditions_are_held_against_an_incident(written: str, holds: bool) -> None:
    assert judge([parse(written)], Sight(QUIET, [act()])).holds is holds


def test_one_incident_must_meet_all_that_is_asked_of_incidents() -> None:
    """A strike that one owner tells and a quarrel that five tell are no strike that five tell."""
    strike, quarrel = act("ASSAULT.aerial", owners=1), act("ACCUSE.allege", owners=5)
    asked = [parse("event_type in [ASSAULT]"), parse("owner_groups >= 2")]
    found = judge(asked, Sight(QUIET, [strike, quarrel]))
    assert not found.holds
    assert [str(short) for short in found.missing] == ["owner_groups 1, asked is owner_groups >= 2"]
    assert judge(asked, Sight(QUIET, [strike, replace(strike, owners=2), quarrel])).holds


def test_the_nearest_incident_is_told_of() -> None:
    asked = [parse("event_type in [ASSAULT]"), parse("owner_groups >= 9"), parse("level >= 10")]
    found = judge(asked, Sight(QUIET, [act("ACCUSE.allege"), act("ASSAULT.clash")]))
    assert found.act is not None
    assert found.act.types == ("ASSAULT.clash",)
    assert [short.clause for short in found.missing] == ["owner_groups >= 9"]


def test_one_of_a_group_is_enough() -> None:
    either = AnyOf((parse("level >= 50"), parse("owner_groups >= 2")))
    assert judge([either], Sight(QUIET, [act()])).holds
    found = judge([either], Sight(QUIET, [act(owners=1)]))
    assert [str(short) for short in found.missing] == ["level 42, asked is level >= 50 or owner_groups >= 2"]
    assert measures([either]) == {Measure.LEVEL, Measure.OWNER_GROUPS}


def test_what_holds_is_told_with_what_it_was() -> None:
    asked = [parse("level >= 40"), AnyOf((parse("surprise >= 3"), parse("rung >= 4")))]
    found = judge(asked, Sight(QUIET, [act()]))
    assert told(asked, found) == "level 42 (>= 40), surprise unknown (>= 3) or rung 4 (>= 4)"


def test_what_is_missing_says_by_how_much() -> None:
    found = judge([parse("level >= 50"), parse("surprise >= 3"), parse("rung >= 4")], Sight(QUIET))
    assert [str(short) for short in found.missing] == [
        "level 42, asked is level >= 50",
        "surprise is not known, asked is surprise >= 3",
        "no incident of 24 h, asked is rung >= 4",
    ]
    assert [(short.has, short.needs) for short in found.missing] == [(42.0, 50.0), (None, 3.0), (None, 4.0)]


def test_measures_of_incidents_ask_for_one() -> None:
    numbers = [m for m in Measure if m not in {Measure.EVENT_TYPE, Measure.SUBJECT_KIND}]
    asking = {m for m in numbers if judge([Condition(m, "!=", (99.0,))], Sight({}, [act()])).act}
    assert asking == OF_ACTS - {Measure.EVENT_TYPE}
