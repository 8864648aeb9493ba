"""Conditions of an operator's own, as `level >= 50`: how they are read, and whether they hold.

    condition = measure operator value
    measure   = level | surprise | surge | event_type | …
    operator  = >= | > | <= | < | == | != | in | not in
    value     = number | name | "[" name, … "]"

Nothing is ever run as code.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from math import isfinite
from operator import eq, ge, gt, le, lt, ne

from service.domain.alerting.act import Act
from service.domain.events.ontology import ROOTS, TYPES
from service.domain.risk.subject import SubjectKind


class Measure(StrEnum):
    """What a condition can be about. Those of `OF_ACTS` are of one incident of the last 24 hours."""

    LEVEL = "level"
    SURPRISE = "surprise"
    SURGE = "surge"
    CONFIDENCE = "confidence"
    E_24H = "e_24h"
    D_24H = "d_24h"
    SUBJECT_KIND = "subject_kind"
    EVENT_TYPE = "event_type"
    INTENSITY = "intensity"
    RUNG = "rung"
    OWNER_GROUPS = "owner_groups"


OF_ACTS = frozenset({Measure.EVENT_TYPE, Measure.INTENSITY, Measure.RUNG, Measure.OWNER_GROUPS})
NAMES: Mapping[Measure, frozenset[str]] = {
    Measure.EVENT_TYPE: frozenset({*ROOTS, *TYPES}),
    Measure.SUBJECT_KIND: frozenset(SubjectKind),
}
"""Measures that are names, and the names there are; all others are numbers."""
Value = float | str
COMPARE: Mapping[str, Callable[[float, float], bool]] = {">=": ge, ">": gt, "<=": le, "<": lt, "==": eq, "!=": ne}
OPERATORS = (*COMPARE, "in", "not in")
LONGEST = 500
"""Characters of a condition."""
_CONDITION = re.compile(r"\s*([A-Za-z_0-9]+)\s*(>=|<=|==|!=|>|<|\bnot\s+in\b|\bin\b)\s*([^\s=].*?)\s*", re.DOTALL)
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition; `values` hold one number, or one name or more."""

    measure: Measure
    operator: str
    values: tuple[Value, ...]

    def __str__(self) -> str:
        """As it is written."""
        if self.operator in {"in", "not in"}:
            return f"{self.measure} {self.operator} [{', '.join(map(str, self.values))}]"
        return f"{self.measure} {self.operator} {_written(self.values[0])}"


@dataclass(frozen=True, slots=True)
class AnyOf:
    """A group of conditions of which one must hold."""

    conditions: tuple[Condition, ...]

    def __str__(self) -> str:
        """As a reader would say it."""
        return " or ".join(map(str, self.conditions))


Clause = Condition | AnyOf


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A clause that does not hold: what of it, what there `has` been (None: it is not known) and what it `needs`.

    Both are numbers where the measure is one, and names otherwise.
    """

    clause: str
    measure: Measure
    operator: str
    has: Value | None
    needs: Value

    def __str__(self) -> str:
        """In words, as "level 42.0, not >= 50"."""
        if self.has is None:
            where = "no incident of 24 h" if self.measure in OF_ACTS else f"{self.measure} is not known"
            return f"{where}, asked is {self.clause}"
        return f"{self.measure} {_written(self.has)}, asked is {self.clause}"


@dataclass(frozen=True, slots=True)
class Sight:
    """What conditions are held against: a value for each measure of the subject, and the incidents."""

    values: Mapping[Measure, Value | None]
    acts: Sequence[Act] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether all clauses hold: what is missing, the values they were held against, and the incident they hold of."""

    missing: tuple[Shortfall, ...]
    values: Mapping[Measure, Value | None]
    act: Act | None

    @property
    def holds(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing


def parse(written: str) -> Condition:
    """Read a condition. Raises ValueError that says what would be right."""
    if len(written) > LONGEST:
        raise ValueError(f"a condition may have {LONGEST} characters")
    found = _CONDITION.fullmatch(written)
    if found is None:
        raise ValueError(f"{written!r} is no condition: write measure, operator and value, as in level >= 50")
    measure, operator = _measure(found[1]), " ".join(found[2].split())
    values = _values(found[3])
    if measure in NAMES:
        return Condition(measure, *_of_names(measure, operator, values))
    return Condition(measure, operator, (_number(measure, operator, values),))


def _measure(name: str) -> Measure:
    try:
        return Measure(name)
    except ValueError:
        raise ValueError(f"{name!r} can not be asked about{_known(name, list(Measure))}") from None


def _values(written: str) -> list[str]:
    inner = written[1:-1] if written.startswith("[") and written.endswith("]") else written
    return [one.strip() for one in inner.split(",")] if inner is not written else [written]


def _of_names(measure: Measure, operator: str, values: Sequence[str]) -> tuple[str, tuple[Value, ...]]:
    if operator not in {"==", "!=", "in", "not in"}:
        raise ValueError(f"{measure} is a name: ask with ==, !=, in or not in, not with {operator}")
    if operator in {"==", "!="} and len(values) > 1:
        raise ValueError(f"{measure} {operator} takes one name: write in [A, B] for several")
    for name in values:
        if name not in NAMES[measure]:
            raise ValueError(f"{name!r} is no {measure}{_known(name, NAMES[measure])}")
    return operator, tuple(values)


def _number(measure: Measure, operator: str, values: Sequence[str]) -> float:
    if operator not in COMPARE:
        raise ValueError(f"{measure} is a number: ask with {', '.join(COMPARE)}, not with {operator}")
    if len(values) != 1 or not _NUMBER.fullmatch(values[0]) or not isfinite(float(values[0])):
        raise ValueError(f"{measure} {operator} needs one number, as in {measure} {operator} 3")
    return float(values[0])


def _known(name: str, names: Collection[str]) -> str:
    near = get_close_matches(name, sorted(names), n=3, cutoff=0.6)
    alike = f"; did you mean {' or '.join(near)}?" if near else ""
    few = sorted({one.partition(".")[0] for one in names}) if len(names) > len(ROOTS) else sorted(names)
    return f"{alike or ';'} known are {', '.join(few)}"


def measures(clauses: Iterable[Clause]) -> frozenset[Measure]:
    """What these clauses are about."""
    return frozenset(c.measure for clause in clauses for c in _conditions(clause))


def _conditions(clause: Clause) -> tuple[Condition, ...]:
    return clause.conditions if isinstance(clause, AnyOf) else (clause,)


def judge(clauses: Sequence[Clause], sight: Sight) -> Finding:
    """Whether all clauses hold. Those that are of incidents must hold of one incident together.

    Where they hold of none, the incident that comes nearest is told of: that with the fewest clauses unmet.
    """
    asks_acts = not OF_ACTS.isdisjoint(measures(clauses))
    acts: Sequence[Act | None] = sight.acts if asks_acts and sight.acts else (None,)
    found = [_judged(clauses, {**sight.values, **_of_act(act)}, act) for act in acts]
    return min(found, key=lambda finding: len(finding.missing))


def _judged(clauses: Sequence[Clause], values: Mapping[Measure, Value | None], act: Act | None) -> Finding:
    types = act.types if act else ()
    missing = tuple(short for clause in clauses for short in _missing(clause, values, types))
    return Finding(missing, values, act)


def _of_act(act: Act | None) -> dict[Measure, Value | None]:
    if act is None:
        return dict.fromkeys(OF_ACTS)
    return {
        Measure.EVENT_TYPE: " and ".join(act.types),
        Measure.INTENSITY: act.intensity,
        Measure.RUNG: float(act.rung),
        Measure.OWNER_GROUPS: float(act.owners),
    }


def _missing(clause: Clause, values: Mapping[Measure, Value | None], types: Sequence[str]) -> list[Shortfall]:
    conditions = _conditions(clause)
    if any(_holds(c, values.get(c.measure), types) for c in conditions):
        return []
    first = conditions[0]
    return [Shortfall(str(clause), first.measure, first.operator, values.get(first.measure), first.values[0])]


def _holds(condition: Condition, has: Value | None, types: Sequence[str]) -> bool:
    """What is not known holds nowhere."""
    if has is None:
        return False
    if condition.measure not in NAMES:
        assert isinstance(has, float | int)
        return COMPARE[condition.operator](has, float(condition.values[0]))
    names = set(types) | {name.partition(".")[0] for name in types} if condition.measure in OF_ACTS else {has}
    return names.isdisjoint(condition.values) == (condition.operator in {"!=", "not in"})


def told(clauses: Sequence[Clause], finding: Finding) -> str:
    """Clauses that hold, with what they were held against: "level 52.0 (>= 50)"."""
    return ", ".join(
        " or ".join(_told(c, finding.values.get(c.measure)) for c in _conditions(clause)) for clause in clauses
    )


def _told(condition: Condition, has: Value | None) -> str:
    asked = str(condition).removeprefix(f"{condition.measure} ")
    return f"{condition.measure} {'unknown' if has is None else _written(has)} ({asked})"


def _written(value: Value) -> str:
    return value if isinstance(value, str) else f"{value:.4g}"
