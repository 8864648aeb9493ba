"""How short texts come out of `detente classify`: `python -m training.briefs --data ../shared/data`.

The same texts as `training.evaluate`, but the whole way: names, rules and the choice of the event that decides.
"""

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from service.adapters.feeds.files import from_mapping
from service.bootstrap import Detente
from service.operations.present import classification
from training.data import DEV_FILES
from training.metrics import macro_f1

Json = dict[str, Any]


def main() -> None:
    """Print the figures of each development set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    data = parser.parse_args().data
    detente = Detente()
    for name, file in DEV_FILES.items():
        gold = [json.loads(line) for line in (data / file).read_text(encoding="utf-8").splitlines()]
        print(name, figures(gold, classify(detente, gold)))


def classify(detente: Detente, gold: list[Json]) -> list[Json]:
    """What `detente classify` answers."""
    now = datetime.now(UTC)
    dated = [{**g, "published_at": f"{g['date']}T12:00:00Z" if g.get("date") else None} for g in gold]
    return [classification(coded) for coded in detente.desk.read([from_mapping(g, now) for g in dated])]


def figures(gold: list[Json], found: list[Json]) -> dict[str, float]:
    """Shares over the texts; inversions over those with a direction, types over those with one."""
    pairs = [(g["signal"], f["signal"]) for g, f in zip(gold, found, strict=True)]
    directed = [(g, f) for g, f in pairs if g != "neutral"]
    typed = [g["event_type"] == f["event_type"] for g, f in zip(gold, found, strict=True) if g["event_type"] != "NONE"]
    near = [abs(g["level"] - f["level"]) <= 1 for g, f in zip(gold, found, strict=True)]
    modal = [g["modality"] == f["modality"] for g, f in zip(gold, found, strict=True)]
    return {
        "texts": len(pairs),
        "signal macro-F1": round(macro_f1([g for g, _ in pairs], [f for _, f in pairs]), 3),
        "inversions": round(sum(f not in {g, "neutral"} for g, f in directed) / len(directed), 3),
        "type right": round(sum(typed) / len(typed), 3),
        "level within one": round(sum(near) / len(near), 3),
        "modality right": round(sum(modal) / len(modal), 3),
    }


if __name__ == "__main__":
    main()
