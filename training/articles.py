"""How whole articles are read: `python -m training.articles --data ../shared/data`.

Measures the way from text to moved subjects on articles that were coded event by event. Ten articles are few: the
figures say where it fails, not how good it is.
"""

import argparse
import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

from service.adapters.feeds.files import from_mapping
from service.bootstrap import Detente
from service.domain.events.event import Event
from service.operations.preview import Preview, preview

Json = dict[str, Any]


def main() -> None:
    """Print a line an article and the sums."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    chosen = parser.parse_args()
    total: Counter[str] = Counter()
    detente = Detente()
    for line in (chosen.data / "articles.jsonl").read_text(encoding="utf-8").splitlines():
        gold = json.loads(line)
        found = compare(gold, read(detente, gold))
        total += found
        print(gold["id"], dict(found))
    print("all", summary(total))


def read(detente: Detente, gold: Json) -> Preview:
    """The article as the service reads it, in an empty system."""
    article = from_mapping(gold, datetime.fromisoformat(gold["published_at"]))
    geography, owners = detente.gazetteer.geography, detente.owner_of
    return preview(article, detente.desk, owners, geography, [], detente.scale, None, article.published_at)


def compare(gold: Json, seen: Preview) -> Counter[str]:
    """Counts of what is there and what was found."""
    document = seen.article.document
    counts: Counter[str] = Counter(articles=1, lead_right=str(seen.lead_signal) == gold["lead_signal"])
    for wanted in gold["events"]:
        if wanted["signal"] != "neutral":
            counts.update(_found(wanted, document, seen.coded.events))
    counts["told"] = len(seen.coded.events)
    counts["told_right"] = sum(_is_in_gold(e, gold["events"], document) for e in seen.coded.events)
    directions = {m.subject: m.direction for m in seen.movements}
    for side in ("up", "down"):
        subjects = gold[f"expected_subjects_{side}"]
        counts["subjects"] += len(subjects)
        counts["subjects_right"] += sum(directions.get(s) == side for s in subjects)
    still = gold["must_not_move"]
    counts["still"] += len(still)
    counts["still_right"] += sum(directions.get(s, "none") != "up" for s in still)
    return counts


def _found(wanted: Json, document: str, events: tuple[Event, ...]) -> Counter[str]:
    start = document.find(wanted["quote"])
    inside = [e for e in events if e.start <= start < e.end]
    same = [e for e in inside if str(e.signal) == wanted["signal"]]
    return Counter(
        events=1,
        events_found=bool(same),
        types_right=any(e.type == wanted["type"] for e in same),
        parties_right=any(
            _homes(e.actors + e.recipients) >= _homes(wanted["actors"] + wanted["recipients"]) for e in same
        ),
    )


def _homes(parties: Any) -> set[str]:
    return {party.partition(":")[0] for party in parties}


def _is_in_gold(event: Event, gold: list[Json], document: str) -> bool:
    starts = [document.find(w["quote"]) for w in gold if w["signal"] == str(event.signal)]
    return any(event.start <= start < event.end for start in starts)


def summary(total: Counter[str]) -> dict[str, str]:
    """Shares in words."""
    pairs = {
        "lead signal": ("lead_right", "articles"),
        "events found": ("events_found", "events"),
        "their type": ("types_right", "events"),
        "their parties": ("parties_right", "events"),
        "told events that are there": ("told_right", "told"),
        "subjects moved as expected": ("subjects_right", "subjects"),
        "bystanders without more risk": ("still_right", "still"),
    }
    return {name: f"{total[part]}/{total[whole]}" for name, (part, whole) in pairs.items()}


if __name__ == "__main__":
    main()
