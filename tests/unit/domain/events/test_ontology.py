import csv
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.events.ontology import (
    CREDIBILITY,
    ROOTS,
    ROOTS_BY_SIGNAL,
    TYPES,
    EventType,
    mass,
    name_of,
    rung,
    type_group,
    typical,
)
from service.domain.events.ontology_table import ROWS
from service.domain.events.signal import Modality, Signal
from tests.unit.domain.build import event
from tests.unit.domain.strategies import modest

ESCALATION, DE_ESCALATION, NEUTRAL = Signal


def test_the_table_has_61_types_each_once() -> None:
    assert len(ROWS) == len(TYPES) == 61


@pytest.mark.parametrize("row", TYPES.values(), ids=str)
def test_every_row_is_well_formed(row: object) -> None:
    name, cameo, goldstein, plover, intensity, rung = next(r for r in ROWS if TYPES[r[0]] is row)
    root, mode = name.split(".")
    assert root in ROOTS
    assert mode
    assert cameo.isdigit()
    assert all(-10 <= value <= 10 for value in (goldstein or 0, plover, intensity))
    assert 0 <= rung <= 5


@pytest.mark.parametrize("name", TYPES)
def test_the_sign_of_a_type_agrees_with_the_signals_its_root_can_carry(name: str) -> None:
    row = TYPES[name]
    if row.intensity < 0:
        assert row.root in ROOTS_BY_SIGNAL[ESCALATION]
        assert row.rung >= 1
    if row.intensity > 0:
        assert row.root in ROOTS_BY_SIGNAL[DE_ESCALATION]
        assert row.rung == 0


def test_force_begins_at_rung_four_and_weighs_more_than_words() -> None:
    force = [row for row in TYPES.values() if row.rung >= 4]
    words = [row for row in TYPES.values() if row.rung == 1]
    assert max(row.intensity for row in force) < min(row.intensity for row in words)
    assert Counter(row.root for row in force) == {"ASSAULT": 10, "COERCE": 2}


@pytest.mark.parametrize(
    ("intensity", "weighs"),
    [(0.0, 0.0), (10.0, 1.0), (-10.0, 1.0), (-9.5, 0.914), (5.0, 0.297), (-5.0, 0.297), (-3.0, 0.122), (0.5, 0.0053)],
)
def test_mass(intensity: float, weighs: float) -> None:
    assert mass(intensity) == pytest.approx(weighs, abs=0.0005)


@pytest.mark.parametrize("name", TYPES)
def test_the_mass_of_an_event_is_that_of_its_type(name: str) -> None:
    assert event(name).mass == (abs(TYPES[name].intensity) / 10) ** 1.75


@modest
@given(st.floats(-10, 10), st.floats(-10, 10))
def test_mass_rises_with_intensity_of_either_sign(one: float, other: float) -> None:
    assert 0.0 <= mass(one) <= 1.0
    assert mass(one) == mass(-one)
    if abs(one) <= abs(other):
        assert mass(one) <= mass(other)


def test_every_modality_has_its_credibility() -> None:
    assert dict(CREDIBILITY) == {
        Modality.ACTUAL: 1.0,
        Modality.THREATENED: 1.0,
        Modality.ALLEGED: 0.6,
        Modality.PLANNED: 0.35,
        Modality.DENIED: 0.25,
        Modality.NEGATED: 0.0,
        Modality.HYPOTHETICAL: 0.0,
        Modality.HISTORICAL: 0.0,
        Modality.FIGURATIVE: 0.0,
    }


@pytest.mark.parametrize("signal", [ESCALATION, DE_ESCALATION])
@pytest.mark.parametrize("level", [0, 1, 2, 3, 4])
def test_the_typical_type_has_the_sign_of_its_signal(signal: Signal, level: int) -> None:
    for root in ROOTS_BY_SIGNAL[signal]:
        row = typical(root, signal, level)
        assert row is not None
        assert row.intensity <= 0 if signal is ESCALATION else row.intensity >= 0


@pytest.mark.parametrize("root", sorted(ROOTS_BY_SIGNAL[ESCALATION] - {"ASSAULT"}))
def test_a_higher_level_is_never_typically_milder(root: str) -> None:
    found = [typical(root, ESCALATION, level) for level in (1, 2, 3, 4)]
    assert sorted((row.intensity for row in found if row), reverse=True) == [row.intensity for row in found if row]


@pytest.mark.parametrize(
    ("root", "signal"),
    [
        ("ASSAULT", DE_ESCALATION),
        ("AGREE", ESCALATION),
        ("RETREAT", ESCALATION),
        ("NONE", ESCALATION),
        ("AGREE", NEUTRAL),
    ],
)
def test_a_root_that_cannot_carry_the_signal_has_no_type(root: str, signal: Signal) -> None:
    assert typical(root, signal, 3) is None


def test_every_root_belongs_to_a_group() -> None:
    assert {type_group(root) for root in ROOTS} == {
        "force",
        "coercion",
        "display",
        "words",
        "protest",
        "accord",
        "talks",
        "help",
        "relief",
    }


def test_the_table_can_be_written_as_csv_and_read_back() -> None:
    lines = [",".join("" if value is None else str(value) for value in row) for row in ROWS]
    assert [tuple(row[:2]) for row in csv.reader(lines)] == [row[:2] for row in ROWS]


@pytest.mark.parametrize(
    ("root", "mode", "name", "step"),
    [
        ("ASSAULT", "aerial", "ASSAULT.aerial", 4),
        ("ASSAULT", "seize", "COERCE.seize", 4),
        ("SANCTION", "military", "COOPERATE.military", 0),
        ("ASSAULT", "invasion", "ASSAULT.invasion", 5),
        ("PROTEST", "nothing", "PROTEST", 0),
    ],
)
def test_a_mode_leads_to_its_row_whatever_the_root(root: str, mode: str, name: str, step: int) -> None:
    assert (name_of(root, mode), rung(root, mode)) == (name, step)


@pytest.mark.parametrize("row", TYPES.values(), ids=lambda row: row.name)
def test_every_row_is_found_by_root_and_mode(row: EventType) -> None:
    assert (name_of(row.root, row.mode), rung(row.root, row.mode)) == (row.name, row.rung)
