"""How whole articles are read: `python -m training.articles --data ../shared/data`.

Measures the way from text to moved subjects on articles that were coded event by event: ten shared ones, and six of our
own. So few articles say where it fails, not how good it is.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import combinations
from pathlib import Path
from typing import Any

from service.adapters.feeds.files import from_mapping
from service.bootstrap import Detente
from service.domain.events.event import Event, states_of
from service.domain.events.signal import Signal
from service.operations.preview import Preview, preview

OWN = Path(__file__).parent / "annotated" / "articles.jsonl"
"""Six articles of our own, written and coded before any rule was made with them in view."""

Json = dict[str, Any]


def main() -> None:
    """Print a line an article and the sums."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    chosen = parser.parse_args()
    detente = Detente()
    for name, file in files(chosen.data).items():
        total: Counter[str] = Counter()
        for gold, seen in readings(detente, file):
            found = compare(gold, seen)
            total += found
            print(gold["id"], dict(found))
        print(name, summary(total))


def files(data: Path) -> dict[str, Path]:
    """The sets of coded articles by name; the shared ones stand in the folder `data`."""
    return {"shared": data / "articles.jsonl", "our own": OWN}


def readings(detente: Detente, file: Path) -> Iterator[tuple[Json, Preview]]:
    """Every coded article of a file with what the service reads in it."""
    for line in file.read_text(encoding="utf-8").splitlines():
        gold = json.loads(line)
        yield gold, read(detente, gold)


def read(detente: Detente, gold: Json) -> Preview:
    """The article as the service reads it, in an empty system."""
    article = from_mapping(gold, datetime.fromisoformat(gold["published_at"]))
    geography = detente.gazetteer.geography
    return preview(article, detente.desk, detente.owner_of, geography, [], detente.scale, None, article.published_at)


def compare(gold: Json, seen: Preview) -> Counter[str]:
    """Counts of what is there and what was found; only what has a direction counts as an event."""
    document = seen.article.document
    told = [e for e in seen.coded.events if e.signal is not Signal.NEUTRAL]
    counts: Counter[str] = Counter(articles=1, lead_right=str(seen.lead_signal) == gold["lead_signal"])
    for wanted in gold["events"]:
        if wanted["signal"] != "neutral":
            counts.update(_found(wanted, document, told))
    counts["told"] = len(told)
    counts["told_right"] = sum(_is_in_gold(e, gold["events"], document) for e in told)
    directions = {m.subject: m.direction for m in seen.movements}
    for side in ("up", "down"):
        subjects = gold[f"expected_subjects_{side}"]
        counts["subjects"] += len(subjects)
        counts["subjects_right"] += sum(directions.get(s) == side for s in subjects)
    still = gold["must_not_move"]
    moved = [s for s in still if directions.get(s, "none") == "up"]
    counts["still"] += len(still)
    counts["still_right"] += len(still) - len(moved)
    counts["articles_still"] += not moved
    return counts


def _found(wanted: Json, document: str, events: Sequence[Event]) -> Counter[str]:
    start = document.find(wanted["quote"])
    same = [e for e in events if e.start <= start < e.end and str(e.signal) == wanted["signal"]]
    pairs = dyads_of(wanted["actors"], wanted["recipients"])
    return Counter(
        events=1,
        events_found=bool(same),
        types_right=any(e.type == wanted["type"] for e in same),
        dyads_right=any(dyads_of(e.actors, e.recipients) == pairs for e in same),
    )


def dyads_of(actors: Sequence[str], recipients: Sequence[str]) -> set[tuple[str, str]]:
    """Pairs of states between sides, whoever acts; among the actors when both sides are the same or one is missing."""
    one, other = states_of(tuple(actors)), states_of(tuple(recipients))
    if not recipients or one == other:
        return set(combinations(sorted({*one, *other}), 2))
    return {(min(a, r), max(a, r)) for a in one for r in other if a != r}


def _is_in_gold(event: Event, gold: list[Json], document: str) -> bool:
    starts = [document.find(w["quote"]) for w in gold if w["signal"] == str(event.signal)]
    return any(event.start <= start < event.end for start in starts)


FIGURES = {
    "direction of the lead": ("lead_right", "articles"),
    "events found, with their direction": ("events_found", "events"),
    "told each by an event of its own": ("told_right", "events"),
    "with the right PLOVER root as well": ("types_right", "events"),
    "of those found, with their dyads": ("dyads_right", "events_found"),
    "events told that are there": ("told_right", "told"),
    "subjects whose direction is as expected": ("subjects_right", "subjects"),
    "bystanders that gain no risk": ("still_right", "still"),
    "articles in which no bystander gains risk": ("articles_still", "articles"),
}
"""Figure → the count of what is right, and of all. Events do not overlap, so one that is right stands for one there."""


def summary(total: Counter[str]) -> dict[str, str]:
    """Shares in words."""
    return {name: f"{total[part]}/{total[whole]}" for name, (part, whole) in FIGURES.items()}


if __name__ == "__main__":
    main()
