"""Labelled texts as training examples: loading, leaks, weights, groups of contrasting lines."""

import gzip
import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from service.domain.events.place import Mention
from service.domain.events.signal import MentionRole
from training import templates
from training.labels import ASIDE, HEADS, SENTENCE_HEADS
from training.roles import parties, weak_role, without_overlaps

TRAIN_FILES = ("labels/train.jsonl", "labels/train_wire.jsonl", "labels/contrast_train.jsonl")
DEV_FILES = {"portal dev": "labels/dev.jsonl", "contrast dev": "labels/contrast_dev.jsonl"}
PLV = "public/plv_directed.jsonl"
KEPT_OUT = (*DEV_FILES.values(), PLV, "seed_article.txt", "articles.jsonl")
PORTAL = "portal_2002_2023.jsonl.gz"
ANNOTATED = Path(__file__).parent / "annotated"
LABELS = ANNOTATED / "portal.txt"
TEMPLATES_EACH = 6
SURENESS = {3: 1.0, 2: 0.8, 1: 0.4}
"""How much a label counts by the coder's confidence."""
ROLE_OF = {letter: HEADS["role"].index(role) for letter, role in templates.ROLE_LETTERS.items()}
_ALIKE = 0.3
_SPAN = re.compile(r"(\d+)-(\d+)([A-Z])")
_NAME = re.compile(r"\[([^\[\]:]+):([A-Z])\]")

Record: TypeAlias = Mapping[str, Any]
Finder: TypeAlias = Callable[[str], Sequence[Mention]]


@dataclass(frozen=True, slots=True)
class Example:
    """A text with one label index per head in SENTENCE_HEADS, and (start, end, role index) of its names.

    `weight` 0 … 1 says how much its labels count, `group` keeps contrasting lines in one batch, `source` names its
    file. `soft` holds the teachers' probabilities per head in SENTENCE_HEADS, or nothing.
    """

    text: str
    targets: tuple[int, ...]
    spans: tuple[tuple[int, int, int], ...]
    weight: float
    group: str
    source: str
    soft: tuple[tuple[float, ...], ...] = ()


def read_jsonl(path: Path) -> list[dict[str, Any]]:
    """The records of a JSON Lines file."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def normalised(text: str) -> str:
    """Letters and digits only, lower case, without accents: two texts that agree in this are the same text."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return re.sub(r"[^a-z0-9]+", " ", plain).strip()


class KeptOut:
    """Texts that must not be trained on. One that shares most of its words with such a text is barred as well.

    Barred is a text whose words agree with those of a kept-out text by `JACCARD`, or of which one holds nearly all of
    the other's: the public sets print one report in several lengths.
    """

    JACCARD, CONTAINED, FEWEST = 0.8, 0.95, 6

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = {normalised(text) for text in texts}
        self._words = [frozenset(text.split()) for text in self._texts]
        self._holding: dict[str, list[int]] = defaultdict(list)
        for number, words in enumerate(self._words):
            for word in words:
                self._holding[word].append(number)

    def bars(self, text: str) -> bool:
        """Whether the text, or nearly the same text, is kept out."""
        plain = normalised(text)
        words = frozenset(plain.split())
        if plain in self._texts:
            return True
        if len(words) < self.FEWEST:
            return False
        # A copy shares all but a few words, so it shares one of the rarest few.
        rarest = sorted(words, key=lambda word: (len(self._holding.get(word, ())), word))
        near = {n for word in rarest[: 2 + len(words) // 3] for n in self._holding.get(word, ())}
        return any(self._is_copy(words, self._words[n]) for n in near)

    def _is_copy(self, one: frozenset[str], other: frozenset[str]) -> bool:
        shared, shorter = len(one & other), min(len(one), len(other))
        return shorter >= self.FEWEST and (
            shared >= self.CONTAINED * shorter or shared >= self.JACCARD * len(one | other)
        )


def kept_out(data: Path) -> KeptOut:
    """What no training example may be: the development sets, the public test set, the articles."""
    return KeptOut(text for name in KEPT_OUT for text in _texts(data / name))


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
            target = ASIDE if role is MentionRole.MENTION else HEADS["role"].index(role)
            spans.append((mention.start, mention.end, target))
    return Example(text, _targets(record), tuple(spans), SURENESS[record["confidence"]], group, source)


def _targets(record: Record) -> tuple[int, ...]:
    return tuple(HEADS[head].index(str(record[head])) for head in SENTENCE_HEADS)


def load_training(data: Path, find: Finder, seed: int) -> list[Example]:
    """All training examples without leaks: the label files under `data`, and what lies in this folder."""
    barred = kept_out(data)
    examples: list[Example] = []
    for name in TRAIN_FILES:
        records = read_jsonl(data / name)
        groups = contrast_groups(records) if "contrast" in name else [""] * len(records)
        examples += [to_example(r, find, name, g) for r, g in zip(records, groups, strict=True)]
    own = [*portal_examples(data), *marked_examples(), *template_examples(TEMPLATES_EACH, seed)]
    return [e for e in examples + own if not barred.bars(e.text)]


def last_lessons(data: Path) -> list[Example]:
    """Lines that correct what the trained model got wrong outside the development sets."""
    barred = kept_out(data)
    return [e for e in marked_examples("last_*.txt") if not barred.bars(e.text)]


def portal_examples(data: Path) -> list[Example]:
    """The portal's lines that `annotated/portal.txt` labels, name by name."""
    labels = {row.partition("|")[0]: row for row in _rows(LABELS)}
    texts = {record["id"]: record["text"] for record in portal(data) if record["id"] in labels}
    return [_labelled(texts[name], row) for name, row in labels.items()]


def portal_records(data: Path) -> list[dict[str, Any]]:
    """The portal's lines that `annotated/portal.txt` labels, in the shape of the label files."""
    rows = {row.partition("|")[0]: row.split("|") for row in _rows(LABELS)}
    return [_record(line, rows[line["id"]]) for line in portal(data) if line["id"] in rows]


def _record(line: Record, row: Sequence[str]) -> dict[str, Any]:
    _, signal, event_type, level, modality, *codes, sure, _ = row
    lists = (value.split("+") if value != "-" else [] for value in codes)
    return {
        "id": line["id"],
        "date": line["published_at"][:10],
        "text": line["text"],
        "signal": templates.SIGNALS[signal],
        "event_type": event_type,
        "level": int(level),
        "modality": modality,
        **dict(zip(("actors", "recipients", "places"), lists, strict=True)),
        "confidence": int(sure),
    }


def portal(data: Path) -> Iterator[dict[str, Any]]:
    """The dated news lines, one by one."""
    with gzip.open(data / PORTAL, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def portal_texts(data: Path, known: Collection[str]) -> list[str]:
    """The portal's texts, each once, without those kept out and those whose normalised form is `known`."""
    barred, seen, texts = kept_out(data), set(known), []
    for record in portal(data):
        if (name := normalised(record["text"])) not in seen:
            seen.add(name)
            if not barred.bars(record["text"]):
                texts.append(record["text"])
    return texts


def _labelled(text: str, row: str) -> Example:
    """id|signal|type|level|modality|actors|recipients|places|confidence|spans, a span as start-end and its letter."""
    _, signal, event_type, level, modality, _, _, _, sure, roles = row.split("|")
    spans = [(int(a), int(b), ROLE_OF[letter]) for a, b, letter in _SPAN.findall(roles)]
    head = {"signal": templates.SIGNALS[signal], "event_type": event_type, "level": level, "modality": modality}
    return Example(text, _targets(head), tuple(spans), SURENESS[int(sure)], "", LABELS.name)


def marked_examples(files: str = "own_*.txt") -> list[Example]:
    """Our own lines in `annotated/`: signal|type|level|modality|text with [Name:letter]; a blank line ends a group."""
    examples = []
    for path in sorted(ANNOTATED.glob(files)):
        for number, block in enumerate(path.read_text("utf-8").split("\n\n")):
            examples += [_marked(row, f"{path.stem}-{number}") for row in block.splitlines() if row.strip()]
    return examples


def _marked(row: str, group: str) -> Example:
    signal, event_type, level, modality, marked = row.split("|", 4)
    text, spans, at = "", [], 0
    for name in _NAME.finditer(marked):
        text += marked[at : name.start()]
        spans.append((len(text), len(text) + len(name[1]), ROLE_OF[name[2]]))
        text, at = text + name[1], name.end()
    head = {"signal": templates.SIGNALS[signal], "event_type": event_type, "level": level, "modality": modality}
    return Example(text + marked[at:], _targets(head), tuple(spans), 1.0, group, "own")


def _rows(path: Path) -> list[str]:
    return [row for row in path.read_text("utf-8").splitlines() if row and not row.startswith("#")]


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
                counts[min(role, len(counts) - 1)] += 1
        else:
            counts[example.targets[SENTENCE_HEADS.index(head)]] += 1
    return counts
