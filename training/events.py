"""Measures who did what to whom, where: `python -m training.events --data ../shared/data`.

Reads the portal development set and the coded articles the whole way the product goes, and beside it with simple ways
of finding the sides. Writes docs/evaluation/events.md.
"""

import argparse
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from service.bootstrap import Detente
from service.domain.events.event import states_of
from service.domain.events.signal import Signal
from service.domain.news.language import ENGLISH
from service.operations.preview import Preview
from training import articles, briefs, metrics, name_roles, prose
from training.articles import dyads_of
from training.data import DEV_FILES
from training.page import cell, rate, table
from training.sides import Sides, Way, ways

SEED = 7
OURS = "Detente"

NAMES_HEAD = ("label \\ told as", *name_roles.ROLES, "F1")

Json = dict[str, Any]


def main() -> None:
    """Measure and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--out", type=Path, default=Path("docs/evaluation/events.md"))
    args = parser.parse_args()
    detente = Detente()
    simple = ways(detente.gazetteer.mentions, args.data)
    head = prose.EVENTS.format(model=detente.desk.classifier.version, gazetteer=detente.gazetteer.version, seed=SEED)
    parts = [head, short_texts(detente, args.data, simple), whole_articles(detente, args.data, simple)]
    args.out.write_text("\n".join([*parts, prose.EVENTS_WRONG]), "utf-8")
    print("\n".join(parts[1:]))


def short_texts(detente: Detente, data: Path, simple: Mapping[str, Way]) -> str:
    """The section on the development sets."""
    sets = {name: _records(data / file) for name, file in DEV_FILES.items()}
    found = {name: briefs.classify(detente, gold) for name, gold in sets.items()}
    whole = {name: briefs.figures(gold, found[name]) for name, gold in sets.items()}
    rows = [[key, *(f[key] for f in whole.values())] for key in next(iter(whole.values()))]
    gold, ours = sets["portal dev"], [_sides(f) for f in found["portal dev"]]
    read = {OURS: ours, **{name: [way(g["text"]) for g in gold] for name, way in simple.items()}}
    sides = [[name, *_measured(gold, sides)] for name, sides in read.items()]
    places = [f["places"] for f in found["portal dev"]]
    return "\n".join(
        [
            prose.SHORT,
            table(["figure", *sets], rows),
            prose.SIDES,
            table(["way", *SIDE_MEASURES, "pairs with both sides in one direction"], sides),
            prose.PLACES,
            table(["figure", "portal dev"], _places(gold, places)),
            prose.NAMES,
            table(NAMES_HEAD, name_roles.confusion(roles(detente, gold, found["portal dev"]))),
            prose.NAMES_LEFT,
        ]
    )


def _records(path: Path) -> list[Json]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def _sides(found: Json) -> Sides:
    actors, recipients = states_of(tuple(found["actors"])), states_of(tuple(found["recipients"]))
    return Sides(frozenset(actors), frozenset(recipients), frozenset(dyads_of(found["actors"], found["recipients"])))


def precision(gold: Sequence[Json], found: Sequence[Sides]) -> float:
    """Share of the pairs told that are there."""
    return _ratio(*_pairs(gold, found)[:2])


def recall(gold: Sequence[Json], found: Sequence[Sides]) -> float:
    """Share of the pairs there that are told."""
    right, _, there = _pairs(gold, found)
    return _ratio(right, there)


def f1(gold: Sequence[Json], found: Sequence[Sides]) -> float:
    """The harmonic mean of both."""
    right, told, there = _pairs(gold, found)
    return _ratio(2 * right, told + there)


SIDE_MEASURES: Mapping[str, Callable[[Sequence[Json], Sequence[Sides]], float]] = {
    "dyad precision": precision,
    "dyad recall": recall,
    "dyad F1": f1,
}


def _pairs(gold: Sequence[Json], found: Sequence[Sides]) -> tuple[int, int, int]:
    """Pairs right, told and there."""
    both = [(dyads_of(g["actors"], g["recipients"]), f.dyads) for g, f in zip(gold, found, strict=True)]
    return (
        sum(len(there & told) for there, told in both),
        sum(len(told) for _, told in both),
        sum(len(there) for there, _ in both),
    )


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _measured(gold: Sequence[Json], found: Sequence[Sides]) -> list[str]:
    cells = [cell(m(gold, found), metrics.interval(m, gold, found, SEED)) for m in SIDE_MEASURES.values()]
    right, wrong = order(gold, found)
    return [*cells, rate(right, right + wrong)]


def order(gold: Sequence[Json], found: Sequence[Sides]) -> tuple[int, int]:
    """Pairs of an actor and a recipient, each only one of these, told the right way round and the wrong one."""
    counts: Counter[bool] = Counter()
    for g, f in zip(gold, found, strict=True):
        actors, recipients = set(states_of(tuple(g["actors"]))), set(states_of(tuple(g["recipients"])))
        acts, gets = f.actors - f.recipients, f.recipients - f.actors
        for a in actors - recipients:
            for r in recipients - actors:
                counts.update([True] * (a in acts and r in gets) + [False] * (a in gets and r in acts))
    return counts[True], counts[False]


def _places(gold: Sequence[Json], found: Sequence[Sequence[str]]) -> list[list[str]]:
    pairs = [(set(states_of(tuple(g["places"]))), set(f)) for g, f in zip(gold, found, strict=True)]
    located = [(there, told) for there, told in pairs if there]
    right, told = sum(len(a & b) for a, b in pairs), sum(len(b) for _, b in pairs)
    return [
        ["country codes, precision", f"{_ratio(right, told):.3f}"],
        ["country codes, F1", f"{_ratio(2 * right, told + sum(len(a) for a, _ in pairs)):.3f}"],
        ["texts with a place of which one is told", rate(sum(bool(a & b) for a, b in located), len(located))],
    ]


def roles(detente: Detente, gold: Sequence[Json], found: Sequence[Json]) -> name_roles.Counts:
    """Of each country that our names find in a text with a direction: its role in the labels, and as it is told."""
    counts: name_roles.Counts = Counter()
    for g, f in zip(gold, found, strict=True):
        if g["signal"] != Signal.NEUTRAL:
            mentions = detente.gazetteer.mentions(g["text"], ENGLISH, date.fromisoformat(g["date"]))
            counts.update((_role(state, g), _role(state, f)) for state in name_roles.countries(mentions))
    return counts


def _role(state: str, record: Json) -> str:
    return name_roles.role(state, record["actors"], record["recipients"], record["places"])


def whole_articles(detente: Detente, data: Path, simple: Mapping[str, Way]) -> str:
    """The section on the coded articles: ours and the shared ones side by side, the simple ways on the shared ones."""
    read = {name: list(articles.readings(detente, file)) for name, file in articles.files(data).items()}
    totals = {name: sum((articles.compare(*one) for one in found), Counter[str]()) for name, found in read.items()}
    rows = [
        [name, *(rate(total[part], total[whole]) for total in totals.values())]
        for name, (part, whole) in articles.FIGURES.items()
    ]
    shared, total = read["shared"], totals["shared"]
    beside = [[name, *_told_by(way, shared)] for name, way in simple.items()]
    ours = [OURS, rate(total["events_found"], total["events"]), rate(total["told_right"], total["told"])]
    ours.append(rate(total["dyads_right"], total["events_found"]))
    return "\n".join(
        [
            prose.ARTICLES,
            table(["figure", *read], rows),
            prose.ARTICLES_BESIDE,
            table(["way", "events found", "events told that are there", "their dyads"], [ours, *beside]),
        ]
    )


def _told_by(way: Way, read: Sequence[tuple[Json, Preview]]) -> list[str]:
    """Events found, told that are there, and dyads right, when every sentence is read that way.

    A way without a signal of its own takes the one our model gives the sentence.
    """
    counts: Counter[str] = Counter()
    for gold, seen in read:
        document, answer = seen.article.document, seen.coded.answer
        wanted = [(document.find(w["quote"]), w) for w in gold["events"] if w["signal"] != Signal.NEUTRAL]
        counts["events"] += len(wanted)
        for sentence, coding in zip(answer.sentences, answer.codings, strict=True):
            sides = way(sentence.text)
            signal = sides.signal or max(coding.signal, key=coding.signal.__getitem__)
            if signal == Signal.NEUTRAL or not (sides.actors or sides.recipients):
                continue
            here = [w for at, w in wanted if sentence.start <= at < sentence.end and w["signal"] == signal]
            counts["told"] += 1
            counts["told_right"] += bool(here)
            counts["found"] += len(here)
            counts["dyads"] += sum(dyads_of(w["actors"], w["recipients"]) == sides.dyads for w in here)
    shares = (("found", "events"), ("told_right", "told"), ("dyads", "found"))
    return [rate(counts[part], counts[whole]) for part, whole in shares]


if __name__ == "__main__":
    main()
