"""Measures the shipped model: `python -m training.evaluate --data ../shared/data`.

Reads the development sets, codes them through the runtime adapter, and writes docs/evaluation/coder.md and the
reliability diagram beside it.
"""

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from service.adapters.nlp.encoder import OnnxClassifier
from service.adapters.nlp.gazetteer import CompiledGazetteer
from service.domain.events.coding import Coding, Passage
from service.domain.events.place import Mention, MentionKind
from training import calibration, metrics
from training.data import Example, load_dev
from training.labels import HEADS, ROLES, SENTENCE_HEADS, SIGNALS

SEED = 7
ASIDE_LABELS = (*ROLES[: ROLES.index("third")], "aside")
_ASIDE = ASIDE_LABELS.index("aside")
ESCALATION, DE_ESCALATION = SIGNALS.index("escalation"), SIGNALS.index("de-escalation")
_NONE = HEADS["event_type"].index("NONE")


@dataclass(frozen=True, slots=True)
class Answers:
    """Truth and probabilities of one head, text by text (for `role`, name by name)."""

    truth: list[int]
    rows: list[list[float]]

    @property
    def guess(self) -> list[int]:
        """The first choice of every row."""
        return [row.index(max(row)) for row in self.rows]


def to_passage(example: Example) -> Passage:
    """The example as the product would hand it to the model; only the offsets of names matter here."""
    spans = [(start, end, example.text[start:end]) for start, end, _ in example.spans]
    return Passage(example.text, tuple(Mention(*span, "", MentionKind.COUNTRY) for span in spans))


def collect(examples: Sequence[Example], codings: Sequence[Coding]) -> dict[str, Answers]:
    """Truth and answers of all heads."""
    answers = {head: Answers([], []) for head in HEADS}
    for example, coding in zip(examples, codings, strict=True):
        for head, target in zip(SENTENCE_HEADS, example.targets, strict=True):
            _add(answers[head], target, getattr(coding, head), head)
        for (_, _, role), probabilities in zip(example.spans, coding.roles, strict=True):
            _add(answers["role"], role, probabilities, "role")
    return {**answers, "role": comparable(answers["role"])}


def comparable(roles: Answers) -> Answers:
    """Third party and mention as one: the labels of the development sets do not tell them apart."""
    return Answers(
        [min(truth, _ASIDE) for truth in roles.truth], [[*row[:_ASIDE], sum(row[_ASIDE:])] for row in roles.rows]
    )


def _add(answers: Answers, target: int, probabilities: Mapping[str, float], head: str) -> None:
    answers.truth.append(target)
    answers.rows.append([probabilities.get(label, 0.0) for label in HEADS[head]])


def inversions(truth: list[int], guess: list[int]) -> float:
    """Share of texts with a direction that were given the opposite one."""
    directed = [(t, g) for t, g in zip(truth, guess, strict=True) if t in {ESCALATION, DE_ESCALATION}]
    return sum({t, g} == {ESCALATION, DE_ESCALATION} for t, g in directed) / len(directed)


def typed(truth: list[int], guess: list[int]) -> float:
    """Share right of the texts that have a root."""
    pairs = [(t, g) for t, g in zip(truth, guess, strict=True) if t != _NONE]
    return sum(t == g for t, g in pairs) / len(pairs)


MEASURES: Mapping[str, tuple[str, Callable[[list[int], list[int]], float]]] = {
    "signal macro-F1": ("signal", metrics.macro_f1),
    "inversions": ("signal", inversions),
    "type macro-F1": ("event_type", metrics.macro_f1),
    "type right where not NONE": ("event_type", typed),
    "level within one": ("level", metrics.within_one),
    "modality macro-F1": ("modality", metrics.macro_f1),
    "role accuracy": ("role", metrics.accuracy),
    "role macro-F1": ("role", metrics.macro_f1),
}
"""Figure → the head it is about, and how it is worked out of truth and first choices."""


def figures(answers: Mapping[str, Answers]) -> dict[str, float]:
    """The figures of one set by name, with its counts and the calibration of the signal."""
    found = {name: measure(answers[head].truth, answers[head].guess) for name, (head, measure) in MEASURES.items()}
    signal = answers["signal"]
    return {
        "texts": len(signal.truth),
        "names": len(answers["role"].truth),
        **found,
        "signal calibration error": metrics.calibration_error(signal.truth, signal.rows),
        "signal Brier score": calibration.brier(signal.truth, signal.rows),
    }


def intervals(answers: Mapping[str, Answers]) -> dict[str, tuple[float, float]]:
    """The 95 % bootstrap interval of every measure."""
    return {
        name: metrics.interval(measure, answers[head].truth, answers[head].guess, SEED)
        for name, (head, measure) in MEASURES.items()
    }


def evaluate(model: OnnxClassifier, sets: Mapping[str, Sequence[Example]]) -> dict[str, dict[str, Answers]]:
    """Set → head → answers."""
    return {name: collect(examples, model.code([to_passage(e) for e in examples])) for name, examples in sets.items()}


def fit_temperatures(model: OnnxClassifier, sets: Mapping[str, Sequence[Example]]) -> dict[str, float]:
    """The temperature of every head, fitted on all development texts with the quantised model."""
    truth: dict[str, list[int]] = {head: [] for head in HEADS}
    logits: dict[str, list[list[float]]] = {head: [] for head in HEADS}
    for example in (example for examples in sets.values() for example in examples):
        raw = model.logits(to_passage(example))
        for head, target in zip(SENTENCE_HEADS, example.targets, strict=True):
            truth[head].append(target)
            logits[head].append(list(raw.heads[head]))
        for (_, _, role), values in zip(example.spans, raw.roles, strict=True):
            if values is not None:
                truth["role"].append(min(role, _ASIDE))
                logits["role"].append([*values[:_ASIDE], metrics.log_sum(values[_ASIDE:])])
    return {head: metrics.fit_temperature(truth[head], logits[head]) for head in HEADS}


def main() -> None:
    """Evaluates and writes the page."""
    from training.page import write  # noqa: PLC0415  the page knows the figures, not the reverse

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--model", type=Path, default=Path("models/detente-coder"))
    parser.add_argument("--out", type=Path, default=Path("docs/evaluation"))
    args = parser.parse_args()
    model = OnnxClassifier.load(args.model)
    flips = json.loads((args.model / "manifest.json").read_text("utf-8"))["signal_changed_by_int8"]
    print(write(model, load_dev(args.data, CompiledGazetteer.load().mentions), args.data, args.out, flips))


if __name__ == "__main__":
    main()
