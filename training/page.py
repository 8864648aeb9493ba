"""Composes docs/evaluation/coder.md from what was measured."""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from service.adapters.nlp.encoder import OnnxClassifier
from training import calibration, faithful, families, metrics, plv, swap
from training.data import DEV_FILES, Example, read_jsonl
from training.evaluate import (
    ASIDE_LABELS,
    ESCALATION,
    MEASURES,
    SEED,
    Answers,
    evaluate,
    figures,
    intervals,
    inversions,
)
from training.labels import HEADS, SIGNALS

ABLATIONS, BASELINES = "ablations.jsonl", "baselines.json"
ERRORS_SHOWN = 20
_NEUTRAL = SIGNALS.index("neutral")
_Found = Mapping[str, Mapping[str, Answers]]


def write(model: OnnxClassifier, sets: Mapping[str, Sequence[Example]], data: Path, out: Path) -> str:
    """Writes page and diagram to `out`; returns the table of figures."""
    answers = evaluate(model, sets)
    table = _figures(answers)
    ids = {name: [r["id"] for r in read_jsonl(data / file)] for name, file in DEV_FILES.items()}
    parts = [
        _HEAD.format(version=model.version, seed=SEED),
        table,
        _families(answers, ids),
        _exchanged(model, sets),
        _faithful(model, sets),
        _plv(model, data),
        _ceiling(data),
        _calibration(answers),
        _abstaining(answers),
        _baselines(out / BASELINES),
        _ablations(out / ABLATIONS),
        _errors(sets["contrast dev"], answers["contrast dev"]),
        _confusions(answers),
    ]
    out.mkdir(parents=True, exist_ok=True)
    (out / "coder.md").write_text("\n".join(part for part in parts if part) + "\n", "utf-8")
    bins = {name: calibration.bins(heads["signal"].truth, heads["signal"].rows) for name, heads in answers.items()}
    (out / "coder-reliability.svg").write_text(calibration.diagram(bins), "utf-8")
    return table


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = ["| " + " | ".join(map(str, row)) + " |" for row in (head, *rows)]
    return "\n".join([lines[0], "|---" * len(head) + "|", *lines[1:]])


def _figures(answers: _Found) -> str:
    found = {name: figures(heads) for name, heads in answers.items()}
    around = {name: intervals(heads) for name, heads in answers.items()}
    rows = []
    for key in next(iter(found.values())):
        cells = [_cell(found[name][key], around[name].get(key)) for name in found]
        rows.append([key, *cells])
    return _table(["figure", *found], rows)


def _cell(value: float, around: tuple[float, float] | None) -> str:
    if math.isnan(value):
        return "-"
    if isinstance(value, int):
        return str(value)
    return f"{value:.3f}" + (f" ({around[0]:.3f} … {around[1]:.3f})" if around else "")


def _families(answers: _Found, ids: Mapping[str, Sequence[str]]) -> str:
    tags, rows = families.kept(), []
    for family in (*families.REVERSALS, families.NEGATION):
        row: list[object] = [family]
        for name, heads in answers.items():
            at = [i for i, text in enumerate(ids[name]) if family in tags.get(text, ())]
            truth, guess = _chosen(heads["signal"], at)
            row += [len(at), f"{metrics.accuracy(truth, guess):.2f}", sum(_turned(truth, guess))]
        rows.append(row)
    head = ["family", *(f"{name}: {what}" for name in answers for what in ("texts", "right", "inverted"))]
    return f"{_FAMILIES}\n{_table(head, rows)}\n\n{_look_alikes(answers, ids, tags)}"


def _look_alikes(answers: _Found, ids: Mapping[str, Sequence[str]], tags: Mapping[str, Sequence[str]]) -> str:
    rows = []
    for family in (*families.LOOK_ALIKES, "any of these"):
        wanted = {family} if family in families.LOOK_ALIKES else set(families.LOOK_ALIKES)
        row: list[object] = [family]
        for name, heads in answers.items():
            truth, guess = heads["signal"].truth, heads["signal"].guess
            at = [i for i, t in enumerate(ids[name]) if truth[i] == _NEUTRAL and wanted & set(tags.get(t, ()))]
            alarms = sum(guess[i] == ESCALATION for i in at)
            row += [len(at), alarms]
        rows.append(row)
    head = ["neutral texts with words of", *(f"{n}: {w}" for n in answers for w in ("texts", "called escalation"))]
    return _table(head, rows)


def _chosen(answers: Answers, at: Sequence[int]) -> tuple[list[int], list[int]]:
    guess = answers.guess
    return [answers.truth[i] for i in at], [guess[i] for i in at]


def _turned(truth: Sequence[int], guess: Sequence[int]) -> list[bool]:
    return [_NEUTRAL not in {t, g} and t != g for t, g in zip(truth, guess, strict=True)]


def _exchanged(model: OnnxClassifier, sets: Mapping[str, Sequence[Example]]) -> str:
    rows = []
    for name, examples in sets.items():
        share, made = swap.changed(model, examples, SEED)
        rows.append([name, made, f"{swap.share_exchanged(examples):.2f}", f"{share:.3f}"])
    head = ["set", "texts read with others", "share of the names exchanged", "signal changes"]
    return f"{_EXCHANGED}\n{_table(head, rows)}"


def _faithful(model: OnnxClassifier, sets: Mapping[str, Sequence[Example]]) -> str:
    rows = []
    for name, examples in sets.items():
        named, others, texts = faithful.changes(model, examples, SEED)
        rows.append([name, texts, f"{named:.3f}", f"{others:.3f}"])
    head = ["set", "texts", "changed without the words named", "changed without random words"]
    return f"{_FAITHFUL}\n{_table(head, rows)}"


def _plv(model: OnnxClassifier, data: Path) -> str:
    records, conflict = plv.split(data, "test"), plv.conflict_of(data)
    ours = plv.figures(records, plv.roots(model, records), conflict)
    theirs = plv.figures(records, [r["zsp_root"] for r in records], conflict)
    rows = [[key, f"{ours[key]:.3f}", f"{theirs[key]:.3f}"] for key in ours]
    head = ["figure", "Detente, 22.7 M parameters", "its authors, roberta-large zero-shot, 355 M"]
    return f"{_PLV.format(texts=len(records))}\n{_table(head, rows)}"


def _ceiling(data: Path) -> str:
    """What agreement looks like: two passes of labelling, and trained people on other texts."""
    twice = [r for r in read_jsonl(data / DEV_FILES["portal dev"]) if r.get("second")]
    first, second = ([SIGNALS.index(s) for s in side] for side in _passes(twice))
    votes = read_jsonl(data / "public/cameo_annotator_votes.jsonl")
    pairs = [pair for record in votes for pair in _pairs(record["penta_votes"])]
    rows = [
        ["two passes by language models, portal dev, signal", len(twice), f"{metrics.macro_f1(first, second):.3f}"],
        ["the same, inversions", len(twice), f"{inversions(first, second):.3f}"],
        ["trained people, five classes, share of agreeing pairs", len(votes), f"{sum(pairs) / len(pairs):.3f}"],
    ]
    return f"{_CEILING}\n{_table(['between', 'texts', 'agreement'], rows)}"


def _passes(records: Sequence[Mapping[str, Any]]) -> tuple[list[str], list[str]]:
    return [r["signal"] for r in records], [r["second"]["signal"] for r in records]


def _pairs(votes: Mapping[str, int]) -> list[bool]:
    """Every pair of coders of one text: whether they agree."""
    cast = [label for label, count in votes.items() for _ in range(count)]
    return [a == b for i, a in enumerate(cast) for b in cast[:i]]


def _calibration(answers: _Found) -> str:
    rows = []
    for head in HEADS:
        row: list[object] = [head]
        for heads in answers.values():
            row.append(f"{metrics.calibration_error(heads[head].truth, heads[head].rows):.3f}")
            row.append(f"{calibration.brier(heads[head].truth, heads[head].rows):.3f}")
        rows.append(row)
    head_row = ["head", *(f"{name}: {what}" for name in answers for what in ("calibration error", "Brier"))]
    return f"{_CALIBRATION}\n{_table(head_row, rows)}\n\n![Reliability of the signal](coder-reliability.svg)"


def _abstaining(answers: _Found) -> str:
    """What a higher threshold buys."""
    rows = []
    for threshold in (0.5, 0.6, 0.7, 0.8, 0.9):
        row: list[object] = [threshold]
        for heads in answers.values():
            signal = heads["signal"]
            told = [(t, r.index(max(r))) for t, r in zip(signal.truth, signal.rows, strict=True) if max(r) >= threshold]
            events = [(t, g) for t, g in told if g != _NEUTRAL]
            directed = sum(t != _NEUTRAL for t in signal.truth)
            right = sum(t == g for t, g in events)
            turned = sum(t not in {g, _NEUTRAL} for t, g in events)
            row += [f"{right / len(events):.3f}", f"{right / directed:.3f}", f"{turned / directed:.3f}"]
        rows.append(row)
    head = ["threshold", *(f"{name}: {what}" for name in answers for what in ("precision", "recall", "inversions"))]
    return f"{_ABSTAINING}\n{_table(head, rows)}"


def _baselines(path: Path) -> str:
    if not path.exists():
        return ""
    found = json.loads(path.read_text("utf-8"))
    sections = [_BASELINES]
    for name, results in found.items():
        rows = [
            [
                method,
                f"{m['macro_f1']:.3f} ({m['macro_f1_ci95'][0]:.3f} … {m['macro_f1_ci95'][1]:.3f})",
                f"{m['inversion']:.3f}",
                f"{m['false_alarm']:.3f}",
                f"{m['per_s']:,.0f}",
            ]
            for method, m in sorted(results.items(), key=lambda item: -item[1]["macro_f1"])
        ]
        head = [name, "signal macro-F1", "inversions", "neutral called escalation", "texts a second, one core"]
        sections.append(f"{_table(head, rows)}\n")
    return "\n".join(sections)


def _ablations(path: Path) -> str:
    if not path.exists():
        return ""
    rows = []
    for entry in map(json.loads, path.read_text("utf-8").splitlines()):
        row: list[object] = [entry["name"], " ".join(entry["settings"]) or "-"]
        for found in entry["figures"].values():
            row += [f"{found[key]:.3f}" for key in _ABLATED]
        rows.append(row)
    sets = list(DEV_FILES)
    head = ["trial", "settings", *(f"{name}: {key}" for name in sets for key in _ABLATED)]
    return f"{_ABLATIONS}\n{_table(head, rows)}"


def _errors(examples: Sequence[Example], heads: Mapping[str, Answers]) -> str:
    """Misread texts of our own, inversions first."""
    signal = heads["signal"]
    wrong = [
        (_NEUTRAL in {t, g}, -max(row), e.text, t, g, max(row))
        for e, t, g, row in zip(examples, signal.truth, signal.guess, signal.rows, strict=True)
        if t != g
    ]
    rows = [[text, SIGNALS[t], SIGNALS[g], f"{p:.2f}"] for _, _, text, t, g, p in sorted(wrong)[:ERRORS_SHOWN]]
    return f"{_ERRORS.format(wrong=len(wrong), of=len(examples))}\n{_table(['text', 'label', 'read as', 'p'], rows)}"


def _confusions(answers: _Found) -> str:
    parts = [_CONFUSIONS]
    for name, heads in answers.items():
        for head in ("signal", "level", "modality", "role", "event_type"):
            labels = ASIDE_LABELS if head == "role" else HEADS[head]
            parts.append(f"\n### {name}: {head}\n\n{_confusion(heads[head], labels)}")
    return "\n".join(parts)


def _confusion(answers: Answers, labels: Sequence[str]) -> str:
    counts = [[0] * len(labels) for _ in labels]
    for t, g in zip(answers.truth, answers.guess, strict=True):
        counts[t][g] += 1
    rows = []
    for i, label in enumerate(labels):
        given = sum(row[i] for row in counts)
        rows.append([label, *counts[i], _share(counts[i][i], sum(counts[i])), _share(counts[i][i], given)])
    return _table(["label \\ read as", *labels, "recall", "precision"], rows)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.2f}" if whole else "-"


_ABLATED = tuple(name for name in MEASURES if name != "role macro-F1")

_HEAD = """# How well the model codes sentences

Written by `python -m training.evaluate --data ../shared/data`; do not edit by hand.

- Model: {version}, the int8 file, through the adapter the product uses, one text at a time on one thread.
- Data: *portal dev*, 850 dated news texts (600 of 2021 to 2023, the rest rich in de-escalation) from the Wikipedia
  Current Events portal (CC BY-SA 4.0, public repository ianrastall/current-events-context); *contrast dev*, 294
  texts of our own in which small changes turn the meaning, by another author than the contrast texts trained on.
- Split: no text of either set, nor nearly the same one, is in the training data; portal dev shares its years with
  it. Both sets served to choose the model and to fit its temperatures, so the figures flatter it; the calibration
  error most of all.
- Labels: made by language models reading with a guide, not by people. Two passes over 600 texts agree on the signal
  in 98 %; that overstates how reliable the labels are. Roles are weaker still: they are read from the lists of
  actors, recipients and places of the whole text, not marked name by name.
- Brackets: 95 % bootstrap interval over texts (for roles over names), 1,000 draws, seed {seed}. *Inversions*: texts
  with a direction that got the opposite one. *Aside*: third party or mere mention, which these labels do not tell
  apart.

## Figures
"""
_FAMILIES = """
## By family

Families are tagged by key words, once (`training/annotated/families.json`); a text can have several.
"""
_EXCHANGED = """
## Other countries in the same texts

Names of countries, their adjectives and capitals are exchanged for those of random other countries, three times a
text; names of groups, bodies and other towns stay. What the model knows of who fights whom would show here.
"""
_FAITHFUL = """
## The words that decided

Every coding names words by what they add to the chosen signal's logit: the signal head is linear in the mean of the
tokens, so the addends of all tokens and a constant are the logit, exactly and without another pass. A token has
seen its neighbours, so its addend is not its own alone. Whether the words matter is measured by deleting the three
heaviest, and three random ones, from texts told as escalation or de-escalation.
"""
_PLV = """
## PLV, human-coded sentences

{texts} sentences with one PLOVER root each, coded by people: the test part of snowood1/Zero-Shot-PLOVER (ACL 2024),
never trained on and not used to choose anything. Its train part is trained on; texts that nearly are those of the
test part are barred from all training. A text is given the likeliest root other than NONE; conflict or cooperation
follows from the root.
"""
_CEILING = """
## The ceiling
"""
_CALIBRATION = """
## Calibration

Expected calibration error over ten bins of the first choice; Brier score summed over labels. One temperature a
head, fitted on these same texts with the int8 file.
"""
_ABSTAINING = """
## Thresholds

What `model.threshold` does: precision and recall of texts told as escalation or de-escalation with the right
direction, and the share of directed texts told with the wrong one.
"""
_BASELINES = """
## Beside simpler ways

One run of `python -m training.against --data ../shared/data`: every method reads the same texts on the same core.
TF-IDF and the frozen encoder with logistic regression are trained on `labels/train.jsonl`; the others need no
training. `detente` is the whole command `detente classify`, with names, rules and roles, so it does more than the
others in the same time.
"""
_ABLATIONS = """
## What was tried

One training run a row by `python -m training.ablation` from the plain recipe, float32, one seed: differences below
.02 in a macro-F1 are noise. All rows were read while the recipe was chosen. They drew 8,000 examples at random
while labels were still being added, and took dropout token by token; the role figure is a share of word pieces, not
of names. LoRA, the focal and the contrastive loss, other weights of labels and of layers, and a learning curve have
not been measured: the code for them is there and tested.
"""
_ERRORS = """
## What it gets wrong

{wrong} of {of} contrast texts have the wrong signal. The surest errors, inversions first:
"""
_CONFUSIONS = """
## Confusion

Rows are labels, columns what the model read.
"""
