"""Labelled texts as training examples: loading, leaks, weights, groups of contrasting lines."""

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from service.domain.events.place import Mention
from training import templates
from training.labels import HEADS, SENTENCE_HEADS
from training.roles import parties, weak_role, without_overlaps

TRAIN_FILES = ("labels/train.jsonl", "labels/train_wire.jsonl", "labels/contrast_train.jsonl")
DEV_FILES = {"portal dev": "labels/dev.jsonl", "contrast dev": "labels/contrast_dev.jsonl"}
KEPT_OUT = (*DEV_FILES.values(), "public/plv_directed.jsonl", "seed_article.txt", "articles.jsonl")
TEMPLATES_EACH = 6
SURENESS = {3: 1.0, 2: 0.8, 1: 0.4}
"""How much a label counts by the coder's confidence."""
_ALIKE = 0.3

Record: TypeAlias = Mapping[str, Any]
Finder: TypeAlias = Callable[[str], Sequence[Mention]]


@dataclass(frozen=True, slots=True)
class Example:
    """A text with one label index per head in SENTENCE_HEADS, and (start, end, role index) of its names.

    `weight` 0 … 1 says how much it counts, `group` keeps contrasting lines in one batch, `source` names its file.
    """

    text: str
    targets: tuple[int, ...]
    spans: tuple[tuple[int, int, int], ...]
    weight: float
    group: str
    source: str


def read_jsonl(path: Path) -> list[dict[str, Any]]:
    """The records of a JSON Lines file."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def normalised(text: str) -> str:
    """Letters and digits only, lower case, without accents: two texts that agree in this are the same text."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return re.sub(r"[^a-z0-9]+", " ", plain).strip()


def kept_out_texts(data: Path) -> set[str]:
    """Normalised texts no training example may have: development sets and the public test set."""
    texts: set[str] = set()
    for name in KEPT_OUT:
        texts |= {normalised(text) for text in _texts(data / name)}
    return texts


def _texts(path: Path) -> list[str]:
    if path.suffix == ".txt":
        return path.read_text("utf-8").splitlines()
    return [r["text"] for r in read_jsonl(path) if r.get("split", "test") != "train"]


def to_example(record: Record, find: Finder, source: str, group: str = "") -> Example:
    """One labelled record as an example, with weak roles for the names `find` sees in it."""
    text = record["text"]
    lists = parties(record["actors"], record["recipients"], record["places"], record["event_type"])
    spans = []
    for mention in without_overlaps(find(text)):
        role = weak_role(text, mention, lists)
        if role is not None:
            spans.append((mention.start, mention.end, HEADS["role"].index(role)))
    return Example(text, _targets(record), tuple(spans), SURENESS[record["confidence"]], group, source)


def _targets(record: Record) -> tuple[int, ...]:
    return tuple(HEADS[head].index(str(record[head])) for head in SENTENCE_HEADS)


def load_training(data: Path, find: Finder, seed: int) -> list[Example]:
    """All training examples: three label files without leaks, and the template lines."""
    barred = kept_out_texts(data)
    examples: list[Example] = []
    for name in TRAIN_FILES:
        records = [r for r in read_jsonl(data / name) if normalised(r["text"]) not in barred]
        groups = contrast_groups(records) if "contrast" in name else [""] * len(records)
        examples += [to_example(r, find, name, g) for r, g in zip(records, groups, strict=True)]
    made = template_examples(TEMPLATES_EACH, seed)
    return examples + [e for e in made if normalised(e.text) not in barred]


def load_dev(data: Path, find: Finder) -> dict[str, list[Example]]:
    """Development sets by name."""
    return {name: [to_example(r, find, file) for r in read_jsonl(data / file)] for name, file in DEV_FILES.items()}


def contrast_groups(records: Sequence[Record]) -> list[str]:
    """A group name for each record; neighbours that share words are one group."""
    groups: list[str] = []
    for at, record in enumerate(records):
        alike = at > 0 and _overlap(record["text"], records[at - 1]["text"]) > _ALIKE
        groups.append(groups[-1] if alike else str(record["id"]))
    return groups


def _overlap(one: str, other: str) -> float:
    a, b = set(normalised(one).split()), set(normalised(other).split())
    return len(a & b) / max(1, len(a | b))


def template_examples(per_pattern: int, seed: int) -> list[Example]:
    """The template lines as examples; their roles are exact."""
    return [_from_line(line) for line in templates.generate(per_pattern, seed)]


def _from_line(line: templates.Line) -> Example:
    pattern = line.pattern
    labels = {"signal": pattern.signal, "event_type": pattern.event_type, "level": pattern.level}
    targets = _targets(labels | {"modality": pattern.modality})
    spans = tuple((start, end, HEADS["role"].index(role)) for start, end, role in line.spans)
    return Example(line.text, targets, spans, 1.0, line.group, "templates")


def class_counts(examples: Iterable[Example], head: str) -> list[int]:
    """How often each label of `head` occurs; for `role`, over names."""
    counts = [0] * len(HEADS[head])
    for example in examples:
        if head == "role":
            for _, _, role in example.spans:
                counts[role] += 1
        else:
            counts[example.targets[SENTENCE_HEADS.index(head)]] += 1
    return counts
