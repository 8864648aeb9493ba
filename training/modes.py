"""Measures the lexicon of modes beside heads on the sentence vector.

`python -m training.modes --data ../shared/data` writes docs/evaluation/modes.md. Root, signal and
level are given by the labels, so that only the mode is measured.
"""

import argparse
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from service.adapters.nlp.encoder import OnnxClassifier
from service.bootstrap import Detente
from service.domain.events import modes
from service.domain.events.coding import Passage
from service.domain.events.ontology import ROOTS_BY_SIGNAL, TYPES, EventType, typical
from service.domain.events.signal import Signal
from training import metrics, probe, prose, templates
from training.data import ANNOTATED, read_jsonl
from training.page import cell, rate, table

SEED = 7
WEAK = 0.2
"""How much a text labelled by the lexicon weighs beside one that was read."""
LABELS = {"portal": ("modes.txt", "labels/train.jsonl"), "portal dev": ("modes_dev.txt", "labels/dev.jsonl")}
OWN = "modes_own.txt"
TRAIN = "train"
LEXICON = "lexicon"
ALONE, LINEAR, MLP = "linear probe, labels alone", "linear probe, labels and lexicon", "MLP, labels and lexicon"
FILLED = "lexicon, linear probe where it has no word"
HEADS = (ALONE, LINEAR, MLP, FILLED)

Names = list[str]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Case:
    """A text whose root, signal and level are known, and the type it should get. `id` is empty for our own lines."""

    id: str
    text: str
    root: str
    signal: Signal
    level: int
    gold: str
    part: str


Way = Callable[[Sequence[Case]], Names]


def main() -> None:
    """Measure and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--out", type=Path, default=Path("docs/evaluation/modes.md"))
    args = parser.parse_args()
    model = OnnxClassifier.load(Detente().model_folder)
    sets = {name: labelled(args.data, *files) for name, files in LABELS.items()} | {"own lines": own()}
    train = [case for cases in sets.values() for case in cases if case.part == TRAIN]
    tests = {name: [case for case in cases if case.part != TRAIN] for name, cases in sets.items()}
    weak = certain(args.data, {case.id for cases in sets.values() for case in cases})
    ways = all_ways(model, train, weak)
    page = written(model, tests, ways, len(train), len(weak))
    args.out.write_text(page, "utf-8")
    print(page)


def labelled(data: Path, labels: str, texts: str) -> list[Case]:
    """The texts in `data` whose modes stand in a file of `annotated/`, in the order of that file."""
    records = {record["id"]: record for record in read_jsonl(data / texts)}
    rows = [row.split("|") for row in _rows(labels)]
    return [_case(records[name], gold, part) for name, part, gold in rows]


def own() -> list[Case]:
    """Our own lines: part|root|signal|level|type|text."""
    cases = []
    for row in _rows(OWN):
        part, root, signal, level, gold, text = row.split("|", 5)
        cases.append(Case("", text, root, Signal(templates.SIGNALS[signal]), int(level), gold, part))
    return cases


def _rows(name: str) -> list[str]:
    return [row for row in (ANNOTATED / name).read_text("utf-8").splitlines() if row and not row.startswith("#")]


def _case(record: Mapping[str, object], gold: str, part: str) -> Case:
    level = int(str(record["level"]))
    return Case(
        str(record["id"]),
        str(record["text"]),
        str(record["event_type"]),
        Signal(str(record["signal"])),
        level,
        gold,
        part,
    )


def certain(data: Path, known: Iterable[str]) -> list[Case]:
    """The training texts, without those of the ids `known`, for which the words of the lexicon name one type only."""
    barred, cases = set(known), []
    for record in read_jsonl(data / LABELS["portal"][1]):
        case = _case(record, "", TRAIN)
        if case.id not in barred and case.root in ROOTS_BY_SIGNAL[case.signal]:
            names = {kind.name for kind in modes.named(case.root, case.signal, case.text)}
            if len(names) == 1:
                cases.append(_case(record, names.pop(), TRAIN))
    return cases


def all_ways(model: OnnxClassifier, train: Sequence[Case], weak: Sequence[Case]) -> dict[str, Way]:
    """Everything that is measured, by name."""
    both, read = [*train, *weak], len(train)
    linear = _head(model, both, read, 0)
    return {
        "typical type of the level": lambda cases: [_of(typical(c.root, c.signal, c.level)) for c in cases],
        LEXICON: by_lexicon,
        ALONE: _head(model, train, read, 0),
        LINEAR: linear,
        MLP: _head(model, both, read, probe.HIDDEN),
        FILLED: lambda cases: filled(cases, linear),
        "lexicon, root and level told by the model": lambda cases: [_end_to_end(model, c) for c in cases],
    }


def by_lexicon(cases: Sequence[Case]) -> Names:
    """What ships."""
    return [_of(modes.decide(c.root, c.signal, c.level, c.text)) for c in cases]


def filled(cases: Sequence[Case], otherwise: Way) -> Names:
    """The lexicon's answer where one of its words stands in the text, that of `otherwise` elsewhere."""
    told = [next(modes.named(c.root, c.signal, c.text), None) for c in cases]
    return [kind.name if kind else guess for kind, guess in zip(told, otherwise(cases), strict=True)]


def _of(kind: EventType | None) -> str:
    return kind.name if kind else ""


def _end_to_end(model: OnnxClassifier, case: Case) -> str:
    coding = model.code([Passage(case.text)])[0]
    root = max(ROOTS_BY_SIGNAL[case.signal], key=lambda name: (coding.event_type[name], name))
    level = int(max(("1", "2", "3", "4"), key=coding.level.__getitem__))
    return _of(modes.decide(root, case.signal, level, case.text))


def _head(model: OnnxClassifier, cases: Sequence[Case], read: int, hidden: int) -> Way:
    """A head trained on cases of which the first `read` were read, the others labelled by the lexicon."""
    names = sorted({case.gold for case in cases} | {_of(typical(c.root, c.signal, c.level)) for c in cases})
    choices = choices_of(cases)
    weights = [1.0] * read + [WEAK] * (len(cases) - read)
    allowed = _allowed(cases, choices, names)
    head = probe.fit(_features(model, cases), [names.index(c.gold) for c in cases], weights, allowed, SEED, hidden)

    def choose(asked: Sequence[Case]) -> Names:
        return [names[i] for i in head.choose(_features(model, asked), _allowed(asked, choices, names))]

    return choose


def choices_of(cases: Sequence[Case]) -> dict[tuple[str, Signal], set[str]]:
    """The types seen under each root and signal, with the typical ones: what a head may choose from."""
    choices: dict[tuple[str, Signal], set[str]] = {}
    for case in cases:
        usual = {_of(typical(case.root, case.signal, level)) for level in range(1, 5)}
        choices.setdefault((case.root, case.signal), usual).add(case.gold)
    return choices


def _allowed(cases: Sequence[Case], choices: Mapping[tuple[str, Signal], set[str]], names: Names) -> Flags:
    return np.array([[name in choices.get((c.root, c.signal), names) for name in names] for c in cases])


_VECTORS: dict[str, tuple[float, ...]] = {}


def _features(model: OnnxClassifier, cases: Sequence[Case]) -> probe.Rows:
    """The sentence vector and the level, [N, 384 + 5]; every text is read once in a run."""
    for case in cases:
        if case.text not in _VECTORS:
            _VECTORS[case.text] = tuple(model.logits(Passage(case.text)).embedding)
    return np.array([[*_VECTORS[c.text], *(float(c.level == level) for level in range(5))] for c in cases])


def accuracy(gold: Sequence[str], guess: Sequence[str]) -> float:
    """Share of the texts with the right type."""
    return sum(g == t for g, t in zip(gold, guess, strict=True)) / len(gold)


def intensity_error(gold: Sequence[str], guess: Sequence[str]) -> float:
    """Mean absolute error of the intensity, in points of the scale from −10 to +10."""
    return sum(abs(TYPES[g].intensity - TYPES[t].intensity) for g, t in zip(gold, guess, strict=True)) / len(gold)


MEASURES: Mapping[str, Callable[[list[str], list[str]], float]] = {
    "type right": accuracy,
    "macro-F1": metrics.macro_f1,
    "intensity off by": intensity_error,
}


def written(
    model: OnnxClassifier, tests: Mapping[str, Sequence[Case]], ways: Mapping[str, Way], read: int, weak: int
) -> str:
    """The page."""
    parts = [prose.MODES.format(model=model.version, seed=SEED, read=read, weak=weak)]
    for name, cases in tests.items():
        gold, told = [c.gold for c in cases], {way: ask(cases) for way, ask in ways.items()}
        rows = [[way, *_measured(gold, guess)] for way, guess in told.items()]
        parts += [f"\n### {name}, {len(cases)} texts\n", table(["way", *MEASURES], rows)]
        parts += [prose.MODES_APART, table(["way", "type right", "intensity off by"], _apart(gold, told))]
    everything = [case for cases in tests.values() for case in cases]
    parts += [prose.MODES_ROOTS, _by_root(everything), prose.MODES_WRONG, _wrong(tests["own lines"])]
    return "\n".join(parts) + "\n"


def _measured(gold: Names, guess: Names) -> Names:
    return [cell(measure(gold, guess), metrics.interval(measure, gold, guess, SEED)) for measure in MEASURES.values()]


def _apart(gold: Names, told: Mapping[str, Names]) -> list[Names]:
    """How far each head is from the lexicon."""
    aheads = [_ahead(accuracy), _ahead(intensity_error)]
    rows = []
    for way in HEADS:
        pairs = list(zip(told[LEXICON], told[way], strict=True))
        rows.append([way, *(cell(m(gold, pairs), metrics.interval(m, gold, pairs, SEED)) for m in aheads)])
    return rows


def _ahead(measure: Callable[[Names, Names], float]) -> Callable[[Names, list[tuple[str, str]]], float]:
    return lambda gold, pairs: measure(gold, [b for _, b in pairs]) - measure(gold, [a for a, _ in pairs])


def _by_root(cases: Sequence[Case]) -> str:
    rows = []
    for root in sorted({case.root for case in cases}):
        here = [case for case in cases if case.root == root]
        gold, guess = [c.gold for c in here], by_lexicon(here)
        right = sum(g == t for g, t in zip(gold, guess, strict=True))
        rows.append([root, len(here), rate(right, len(here)), f"{intensity_error(gold, guess):.2f}"])
    return table(["root", "texts", "type right", "intensity off by"], rows)


def _wrong(cases: Sequence[Case]) -> str:
    told = zip(cases, by_lexicon(cases), strict=True)
    return table(["text", "label", "told"], [[c.text, c.gold, guess] for c, guess in told if guess != c.gold])


if __name__ == "__main__":
    main()
