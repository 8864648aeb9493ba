"""Simple ways to say who did what to whom, to stand beside ours: names in order, names together, a verb dictionary."""

import re
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import combinations
from pathlib import Path
from typing import Any

from service.domain.events.event import state_of
from service.domain.events.place import Mention

Dyad = tuple[str, str]
Finder = Callable[[str], Sequence[Mention]]


@dataclass(frozen=True, slots=True)
class Sides:
    """Who is said to have done it, to whom, as states; the pairs between them; the signal, if the way reads one."""

    actors: frozenset[str]
    recipients: frozenset[str]
    dyads: frozenset[Dyad]
    signal: str = ""


Way = Callable[[str], Sides]


def ways(find: Finder, data: Path) -> dict[str, Way]:
    """The simple ways by name. `find` is our gazetteer, so that they differ in nothing but the reading."""
    dictionary = _Dictionary(data)
    return {
        "first two countries": lambda text: first_two(states(find(text))),
        "all that stand together": lambda text: together(states(find(text))),
        "verb dictionary, nearest names": lambda text: dictionary.read(text, find(text)),
    }


def states(mentions: Sequence[Mention]) -> list[str]:
    """The states named, in order, each once."""
    return list(dict.fromkeys(s for m in mentions if len(m.countries) == 1 and (s := state_of(m.countries[0]))))


def first_two(named: Sequence[str]) -> Sides:
    """The first acts, the second is acted on."""
    return between(named[:1], named[1:2])


def together(named: Sequence[str]) -> Sides:
    """All named are sides of each other."""
    every = frozenset(named)
    return Sides(every, every, frozenset(combinations(sorted(every), 2)))


def between(actors: Sequence[str], recipients: Sequence[str], signal: str = "") -> Sides:
    """One side acts on the other."""
    pairs = frozenset((min(a, r), max(a, r)) for a in actors for r in recipients if a != r)
    return Sides(frozenset(actors), frozenset(recipients), pairs, signal)


class _Dictionary:
    """The CAMEO verb dictionary of the data folder: the state named last before its first verb acts on the next."""

    def __init__(self, data: Path) -> None:
        coders = str((data / "baselines" / "coders").resolve())
        if coders not in sys.path:
            sys.path.insert(0, coders)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)  # It leaves its files to the garbage collector.
            module: Any = import_module("cameo_dict")
            self._verbs: Any = module.Dict(module.PATH)
        self._codes: Any = module.cameo

    def read(self, text: str, mentions: Sequence[Mention]) -> Sides:
        codes: Mapping[str, Any] = {"signal": self._codes.aggregate(self._verbs.code(text))}
        verb = next(
            (m.start() for m in re.finditer(r"[A-Za-z]+", text) if m.group().upper() in self._verbs.verbs), None
        )
        if verb is None:
            return Sides(frozenset(), frozenset(), frozenset())
        before = states([m for m in mentions if m.end <= verb])
        after = states([m for m in mentions if m.start >= verb])
        return between(before[-1:], after[:1], codes["signal"])
