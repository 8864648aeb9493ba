"""The public PLV test: human-coded PLOVER roots, never trained on. A text is given its likeliest root, NONE left out.

Test and zero-shot predictions of its authors: snowood1/Zero-Shot-PLOVER (ACL 2024). Its YIELD is CONCEDE and RETREAT.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from service.adapters.nlp.encoder import OnnxClassifier
from service.domain.events.coding import Passage
from training.data import PLV, KeptOut, read_jsonl
from training.metrics import macro_f1

YIELD = ("CONCEDE", "RETREAT")
CONFLICT_CLASS = 3
"""PLV's classes 3 and 4 are verbal and material conflict, 1 and 2 cooperation."""

Record = Mapping[str, Any]


def split(data: Path, name: str) -> list[dict[str, Any]]:
    """The records of the train or test part; train without texts that stand, nearly so, in the test part too."""
    records = read_jsonl(data / PLV)
    if name == "test":
        return [r for r in records if r["split"] == "test"]
    barred = KeptOut(r["text"] for r in records if r["split"] == "test")
    return [r for r in records if r["split"] == name and not barred.bars(r["text"])]


def roots(model: OnnxClassifier, records: Sequence[Record]) -> list[str]:
    """The likeliest root of each text in PLV's terms."""
    codings = model.code([Passage(r["text"]) for r in records])
    return [_likeliest(coding.event_type) for coding in codings]


def _likeliest(shares: Mapping[str, float]) -> str:
    merged = {root: share for root, share in shares.items() if root not in {*YIELD, "NONE"}}
    merged["YIELD"] = sum(shares[root] for root in YIELD)
    return max(merged, key=merged.__getitem__)


def conflict_of(data: Path) -> dict[str, bool]:
    """Root → whether PLV counts it as conflict, as most of its train part does."""
    sides: dict[str, Counter[bool]] = defaultdict(Counter)
    for record in split(data, "train"):
        sides[record["plover"]][record["penta"] >= CONFLICT_CLASS] += 1
    return {root: counts.most_common(1)[0][0] for root, counts in sides.items()}


def measures(conflict: Mapping[str, bool]) -> dict[str, Callable[[list[Any], list[Any]], float]]:
    """Macro-F1 of conflict against cooperation and of the roots, each of records and the roots found for them."""
    return {
        "conflict/cooperation macro-F1": lambda records, found: macro_f1(
            [r["penta"] >= CONFLICT_CLASS for r in records], [conflict[root] for root in found]
        ),
        "root macro-F1": lambda records, found: macro_f1([r["plover"] for r in records], list(found)),
    }
