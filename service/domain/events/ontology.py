"""Event types and what they weigh. The figures stand in `ontology_table`."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from service.domain.events.ontology_table import ROWS
from service.domain.events.signal import Modality, Signal

ROOTS = (
    "AGREE",
    "CONSULT",
    "SUPPORT",
    "COOPERATE",
    "AID",
    "CONCEDE",
    "RETREAT",
    "REQUEST",
    "ACCUSE",
    "REJECT",
    "THREATEN",
    "PROTEST",
    "SANCTION",
    "MOBILIZE",
    "COERCE",
    "ASSAULT",
)

MASS_EXPONENT = 1.75
"""Fitted to COPDAB's convex weights."""

CREDIBILITY: Mapping[Modality, float] = MappingProxyType(
    {
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
)
"""How far a modality counts, 0 … 1. A threat is a THREATEN event, whose intensity says that nothing was done yet."""


@dataclass(frozen=True, slots=True)
class EventType:
    """One row of the table. `name` is ROOT.mode; `intensity` −10 … +10, minus is conflict; `rung` 0 … 5."""

    name: str
    cameo: str
    goldstein: float | None
    plover: float
    intensity: float
    rung: int

    @property
    def root(self) -> str:
        """The PLOVER root, e.g. ASSAULT."""
        return self.name.partition(".")[0]

    @property
    def mode(self) -> str:
        """The mode under the root, e.g. aerial."""
        return self.name.partition(".")[2]


TYPES: Mapping[str, EventType] = MappingProxyType({row[0]: EventType(*row) for row in ROWS})

_ESCALATION: Mapping[str, tuple[str, str, str, str]] = MappingProxyType(
    # root: type for level 1, 2, 3, 4
    {
        "REQUEST": ("REQUEST.demand",) * 4,
        "ACCUSE": ("ACCUSE.disapprove", "ACCUSE.allege", "ACCUSE.allege", "ACCUSE.allege"),
        "REJECT": ("REJECT.generic",) * 4,
        "THREATEN": ("THREATEN.force", "THREATEN.force", "THREATEN.force", "THREATEN.ultimatum"),
        "PROTEST": ("PROTEST.demo", "PROTEST.riot", "PROTEST.riot", "PROTEST.riot"),
        "SANCTION": ("SANCTION.halt_talks", "SANCTION.economic", "SANCTION.economic", "SANCTION.break_ties"),
        "MOBILIZE": ("MOBILIZE.exercise", "MOBILIZE.troops", "MOBILIZE.troops", "MOBILIZE.troops"),
        "COERCE": ("COERCE.arrest", "COERCE.arrest", "COERCE.seize", "COERCE.blockade"),
        "ASSAULT": ("ASSAULT.ceasefire_violation", "ASSAULT.terror", "ASSAULT.clash", "ASSAULT.artillery"),
        "AID": ("AID.military",) * 4,
    }
)
_DE_ESCALATION: Mapping[str, tuple[str, str, str, str]] = MappingProxyType(
    {
        "AGREE": ("AGREE.meet", "AGREE.deescalate", "SUPPORT.sign", "SUPPORT.sign"),
        "CONSULT": ("CONSULT.negotiate",) * 4,
        "SUPPORT": ("SUPPORT.praise", "SUPPORT.restore_ties", "SUPPORT.restore_ties", "SUPPORT.sign"),
        "COOPERATE": ("COOPERATE.economic",) * 4,
        "AID": ("AID.humanitarian",) * 4,
        "CONCEDE": ("CONCEDE.declare", "CONCEDE.declare", "RETREAT.release", "RETREAT.ceasefire"),
        "RETREAT": ("RETREAT.access", "RETREAT.release", "RETREAT.ceasefire", "RETREAT.withdraw"),
        "REQUEST": ("REQUEST.appeal_restraint",) * 4,
    }
)
ROOTS_BY_SIGNAL: Mapping[Signal, frozenset[str]] = MappingProxyType(
    {
        Signal.ESCALATION: frozenset(_ESCALATION),
        Signal.DE_ESCALATION: frozenset(_DE_ESCALATION),
        Signal.NEUTRAL: frozenset({*ROOTS, "NONE"}),
    }
)


def typical(root: str, signal: Signal, level: int) -> EventType | None:
    """The type that stands for a root when nothing names the mode.

    `level` is the annotation guide's 0 … 4 (0 is read as 1). None when the root cannot carry the signal.
    """
    by_level = {Signal.ESCALATION: _ESCALATION, Signal.DE_ESCALATION: _DE_ESCALATION}.get(signal, {}).get(root)
    return TYPES[by_level[max(level, 1) - 1]] if by_level else None


def name_of(root: str, mode: str) -> str:
    """The row of an event of this root and mode, as ROOT.mode; the root alone where there is none.

    The mode may be that of a neighbouring root; where several roots have it, the one least far up the ladder counts.
    """
    if (own := f"{root}.{mode}") in TYPES:
        return own
    alike = [row for row in TYPES.values() if row.mode == mode]
    return min(alike, key=lambda row: row.rung).name if alike else root


def rung(root: str, mode: str) -> int:
    """How far up the ladder an event of this root and mode stands, 0 … 5."""
    row = TYPES.get(name_of(root, mode))
    return row.rung if row else 0


def mass(intensity: float) -> float:
    """How much an event of this intensity weighs, 0 … 1: (|I|/10)^1.75."""
    return float((abs(intensity) / 10.0) ** MASS_EXPONENT)


_QUALIFIED = {
    "ASSAULT": "force",
    "COERCE": "coercion",
    "SANCTION": "coercion",
    "MOBILIZE": "display",
    "THREATEN": "words",
    "ACCUSE": "words",
    "REJECT": "words",
    "REQUEST": "words",
    "PROTEST": "protest",
    "AGREE": "accord",
    "CONCEDE": "accord",
    "SUPPORT": "accord",
    "CONSULT": "talks",
    "COOPERATE": "help",
    "AID": "help",
    "RETREAT": "relief",
}


def type_group(root: str) -> str:
    """The group within which reports may tell of one incident: force, coercion, display, words and so on."""
    return _QUALIFIED[root]
