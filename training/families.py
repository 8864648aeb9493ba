"""Which trap a text sets, by key words: `python -m training.families` writes annotated/families.json.

Tagged once and kept, so that figures by family stay comparable when the patterns change.
"""

import argparse
import json
import re
from collections.abc import Mapping
from pathlib import Path

from training.data import ANNOTATED, DEV_FILES, read_jsonl

KEPT = ANNOTATED / "families.json"
REVERSALS = ("ceasefire", "talks", "sanctions", "troops", "drills", "prisoners", "ambassador")
NEGATION = "negation and refusal"
LOOK_ALIKES = ("sport", "trade", "crime", "anniversary")
_PATTERNS: Mapping[str, str] = {
    "ceasefire": r"cease-?fire|truce|armistice|hostilities",
    "talks": r"\btalks?\b|negotiat|summit|dialogue",
    "sanctions": r"sanction|embargo|asset freeze|blacklist",
    "troops": r"troops?\b|soldiers|reinforce|battalion|brigade|garrison|peacekeepers",
    "drills": r"\bdrills?\b|exercises?\b|war ?games|manoeuvres|maneuvers|missile test|test-fir",
    "prisoners": r"prisoner|hostage|detainee|captive|\b(?:freed|frees)\b",
    "ambassador": r"ambassador|envoy|embassy|consulate|diplomat|chargé",
    NEGATION: r"\bnot\b|n't\b|\bno\b|never|den(?:y|ies|ied)|reject|refus|rul(?:e|es|ed|ing) out|without|declin|"
    r"fail(?:s|ed)? to|stops? short|turn(?:s|ed)? down",
    "sport": r"football|soccer|cricket|rugby|\bcup\b|league|match|olympic|goal|team|coach|tennis|boxing|champion",
    "trade": r"tariff|trade|export|import|price war|market|deal worth|company|airline",
    "crime": r"robb|murder|gang|burglar|police|smuggl|stabb|shoot|court|jailed|charged",
    "anniversary": r"anniversar|commemorat|memorial|museum|years? (?:ago|after|since)|marks?\b|film|historian",
}


def families(text: str) -> list[str]:
    """The families whose key words the text has."""
    return [name for name, pattern in _PATTERNS.items() if re.search(pattern, text, re.IGNORECASE)]


def kept() -> dict[str, list[str]]:
    """Text id → its families, as tagged once."""
    return dict(json.loads(KEPT.read_text("utf-8")))


def main() -> None:
    """Tags the development sets."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    data = parser.parse_args().data
    records = [record for file in DEV_FILES.values() for record in read_jsonl(data / file)]
    tags = {record["id"]: found for record in records if (found := families(record["text"]))}
    KEPT.write_text("{\n" + ",\n".join(f'"{i}": {json.dumps(t)}' for i, t in sorted(tags.items())) + "\n}\n", "utf-8")


if __name__ == "__main__":
    main()
