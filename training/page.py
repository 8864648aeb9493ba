"""Composes docs/evaluation/coder.md from what was measured."""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from service.adapters.nlp.encoder import OnnxClassifier
from training import calibration, context, curve, faithful, families, metrics, plv, prose, swap
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

ABLATIONS, BASELINES, SPEED = "ablations.jsonl", "baselines.json", "speed.json"
ERRORS_SHOWN = 20
_NEUTRAL = SIGNALS.index("neutral")
_ABLATED = tuple(name for name in MEASURES if name not in {"role macro-F1", "type right where not NONE"})
_Found = Mapping[str, Mapping[str, Answers]]


def write(model: OnnxClassifier, sets: Mapping[str, Sequence[Example]], data: Path, out: Path, flips: float) -> str:
    """Writes page and charts to `out`; returns the table of figures. `flips` is the share of signals int8 changes."""
    answers = evaluate(model, sets)
    table = _figures(answers)
    ids = {name: [r["id"] for r in read_jsonl(data / file)] for name, file in DEV_FILES.items()}
    tried = _kept(out / ABLATIONS)
    parts = [
        prose.HEAD.format(version=model.version, seed=SEED),
        table,
        _families(answers, ids),
        _context(model, data),
        _exchanged(model, sets),
        _faithful(model, sets),
        _plv(model, data),
        _ceiling(data),
        _speed(out / SPEED, flips, sum(map(len, sets.values()))),
        _calibration(answers),
        _abstaining(answers),
        _baselines(out / BASELINES),
        _curve(tried),
        _ablations(tried),
        _errors(sets["contrast dev"], answers["contrast dev"]),
        _confusions(answers),
    ]
    out.mkdir(parents=True, exist_ok=True)
    (out / "coder.md").write_text("\n".join(part for part in parts if part) + "\n", "utf-8")
    bins = {name: calibration.bins(heads["signal"].truth, heads["signal"].rows) for name, heads in answers.items()}
    (out / "coder-reliability.svg").write_text(calibration.diagram(bins), "utf-8")
    (out / "coder-curve.svg").write_text(curve.diagram(tried), "utf-8")
    return table


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(map(str, row)) + " |" for row in (head, *rows)]
    return "\n".join([lines[0], "|---" * len(head) + "|", *lines[1:]])


def _figures(answers: _Found) -> str:
    found = {name: figures(heads) for name, heads in answers.items()}
    around = {name: intervals(heads) for name, heads in answers.items()}
    rows = []
    for key in next(iter(found.values())):
        cells = [cell(found[name][key], around[name].get(key)) for name in found]
        rows.append([key, *cells])
    return table(["figure", *found], rows)


def cell(value: float, around: tuple[float, float] | None) -> str:
    """A figure with its interval."""
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
            right = sum(t == g for t, g in zip(truth, guess, strict=True))
            row += [len(at), rate(right, len(at)), sum(_turned(truth, guess))]
        rows.append(row)
    head = ["family", *(f"{name}: {what}" for name in answers for what in ("texts", "right", "inverted"))]
    return f"{prose.FAMILIES}\n{table(head, rows)}\n\n{_look_alikes(answers, ids, tags)}"


def _look_alikes(answers: _Found, ids: Mapping[str, Sequence[str]], tags: Mapping[str, Sequence[str]]) -> str:
    rows = []
    for family in (*families.LOOK_ALIKES, "any of these"):
        wanted = {family} if family in families.LOOK_ALIKES else set(families.LOOK_ALIKES)
        row: list[object] = [family]
        for name, heads in answers.items():
            truth, guess = heads["signal"].truth, heads["signal"].guess
            at = [i for i, t in enumerate(ids[name]) if truth[i] == _NEUTRAL and wanted & set(tags.get(t, ()))]
            alarms = sum(guess[i] == ESCALATION for i in at)
            row += [len(at), alarms, rate(alarms, len(at))]
        rows.append(row)
    what = ("texts", "called escalation", "share")
    head = ["neutral texts with words of", *(f"{name}: {w}" for name in answers for w in what)]
    return table(head, rows)


def rate(hits: int, of: int) -> str:
    """A share with its interval."""
    low, high = metrics.share_interval(hits, of)
    return f"{hits / of:.2f} ({low:.2f} … {high:.2f})" if of else "-"


def _chosen(answers: Answers, at: Sequence[int]) -> tuple[list[int], list[int]]:
    guess = answers.guess
    return [answers.truth[i] for i in at], [guess[i] for i in at]


def _turned(truth: Sequence[int], guess: Sequence[int]) -> list[bool]:
    return [_NEUTRAL not in {t, g} and t != g for t, g in zip(truth, guess, strict=True)]


def _context(model: OnnxClassifier, data: Path) -> str:
    told = context.all_cases(data)
    rows = [[way, len(told), rate(right, len(told))] for way, right in context.figures(model, told).items()]
    return f"{prose.CONTEXT}\n{table(['the sentence is read', 'events', 'direction right'], rows)}"


def _exchanged(model: OnnxClassifier, sets: Mapping[str, Sequence[Example]]) -> str:
    rows = []
    for name, examples in sets.items():
        changes, made = map(list, zip(*swap.changed(model, examples, SEED), strict=True))
        around = metrics.interval(swap.share, changes, made, SEED)
        exchanged = f"{swap.share_exchanged(examples):.2f}"
        rows.append([name, sum(made), exchanged, cell(swap.share(changes, made), around)])
    head = ["set", "texts read with others", "share of the names exchanged", "signal changes"]
    return f"{prose.EXCHANGED}\n{table(head, rows)}"


def _faithful(model: OnnxClassifier, sets: Mapping[str, Sequence[Example]]) -> str:
    rows = []
    for name, examples in sets.items():
        named, others, texts = faithful.changes(model, examples, SEED)
        rows.append([name, texts, *(rate(round(share * texts), texts) for share in (named, others))])
    head = ["set", "texts", "changed without the words named", "changed without random words"]
    return f"{prose.FAITHFUL}\n{table(head, rows)}"


def _plv(model: OnnxClassifier, data: Path) -> str:
    records, conflict = plv.split(data, "test"), plv.conflict_of(data)
    found = (plv.roots(model, records), [r["zsp_root"] for r in records])
    measures = plv.measures(conflict)
    rows = [
        [name, *(cell(measure(records, roots), metrics.interval(measure, records, roots, SEED)) for roots in found)]
        for name, measure in measures.items()
    ]
    head = ["figure", "Detente, 22.7 M parameters", "its authors, roberta-large zero-shot, 355 M"]
    return f"{prose.PLV.format(texts=len(records))}\n{table(head, rows)}"


def _ceiling(data: Path) -> str:
    """What agreement looks like: two passes of labelling, and trained people on other texts."""
    twice = [r for r in read_jsonl(data / DEV_FILES["portal dev"]) if r.get("second")]
    first, second = ([SIGNALS.index(s) for s in side] for side in _passes(twice))
    votes = read_jsonl(data / "public/cameo_annotator_votes.jsonl")
    pairs = [pair for record in votes for pair in _pairs(record["penta_votes"])]
    relevant = [pair for record in votes for pair in _pairs(_yes_and_no(*record["relevant_votes"]))]
    rows = [
        ["two passes by language models, portal dev, signal", len(twice), f"{metrics.macro_f1(first, second):.3f}"],
        ["the same, inversions", len(twice), f"{inversions(first, second):.3f}"],
        ["trained people, five classes, share of agreeing pairs", len(votes), f"{sum(pairs) / len(pairs):.3f}"],
        ["the same, whether there is an event", len(votes), f"{sum(relevant) / len(relevant):.3f}"],
    ]
    return f"{prose.CEILING}\n{table(['between', 'texts', 'agreement'], rows)}"


def _passes(records: Sequence[Mapping[str, Any]]) -> tuple[list[str], list[str]]:
    return [r["signal"] for r in records], [r["second"]["signal"] for r in records]


def _yes_and_no(yes: int, of: int) -> dict[str, int]:
    return {"yes": yes, "no": of - yes}


def _pairs(votes: Mapping[str, int]) -> list[bool]:
    """Every pair of coders of one text: whether they agree."""
    cast = [label for label, count in votes.items() for _ in range(count)]
    return [a == b for i, a in enumerate(cast) for b in cast[:i]]


def _calibration(answers: _Found) -> str:
    rows = []
    for head in HEADS:
        row: list[object] = [head]
        for heads in answers.values():
            truth, given = heads[head].truth, heads[head].rows
            apart = metrics.cross_fitted(truth, given, SEED)
            for error, read in (
                (metrics.calibration_error, given),
                (metrics.calibration_error, apart),
                (calibration.brier, given),
            ):
                row.append(cell(error(truth, read), metrics.interval(error, truth, read, SEED)))
        rows.append(row)
    what = ("calibration error", "the same, fitted on the other half", "Brier")
    head_row = ["head", *(f"{name}: {w}" for name in answers for w in what)]
    return f"{prose.CALIBRATION}\n{table(head_row, rows)}\n\n![Reliability of the signal](coder-reliability.svg)"


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
    return f"{prose.ABSTAINING}\n{table(head, rows)}"


def _baselines(path: Path) -> str:
    if not path.exists():
        return ""
    found = json.loads(path.read_text("utf-8"))
    sections = [prose.BASELINES]
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
        sections.append(f"{table(head, rows)}\n")
    return "\n".join(sections)


def _ablations(entries: Sequence[Mapping[str, Any]]) -> str:
    return f"{prose.ABLATIONS}\n{_trials('trial', [e for e in entries if not curve.on_curve(e)])}"


def _trials(what: str, entries: Sequence[Mapping[str, Any]]) -> str:
    rows = []
    for entry in entries:
        row: list[object] = [entry["name"], " ".join(entry["settings"]) or "-"]
        for found in entry["figures"].values():
            row += [f"{found[key]:.3f}" for key in _ABLATED]
        rows.append(row)
    return table([what, "settings", *(f"{name}: {key}" for name in DEV_FILES for key in _ABLATED)], rows)


def _curve(entries: Sequence[Mapping[str, Any]]) -> str:
    points = [entry for entry in entries if curve.on_curve(entry)]
    return f"{prose.CURVE}\n{_trials('texts', points)}\n\n![Learning curve](coder-curve.svg)"


def _speed(path: Path, flips: float, texts: int) -> str:
    """Speed as measured by the bench, and what int8 costs."""
    found = json.loads(path.read_text("utf-8"))
    torch = found["torch_per_second_by_batch"]
    rows = [
        ["texts a second of one core, about 30 word pieces", found["detente_per_second"]],
        *([f"torch float32 in batches of {batch}", speed] for batch, speed in torch.items()),
        ["times torch one by one", found["ratio_to_torch_one_by_one"]],
        ["times torch at its fastest", found["ratio_to_torch_fastest"]],
        ["resident memory of a process with the model, MB", found["rss_mb_with_model"]],
        ["seconds from start to first answer", found["seconds_to_first_answer"]],
        ["signals that int8 changes, of the float32 model's", rate(round(flips * texts), texts)],
    ]
    return f"{prose.SPEED}\n{table(['figure', 'measured'], rows)}"


def _kept(path: Path) -> list[dict[str, Any]]:
    return read_jsonl(path) if path.exists() else []


def _errors(examples: Sequence[Example], heads: Mapping[str, Answers]) -> str:
    """Misread texts of our own, inversions first."""
    signal = heads["signal"]
    wrong = [
        (_NEUTRAL in {t, g}, -max(row), e.text, t, g, max(row))
        for e, t, g, row in zip(examples, signal.truth, signal.guess, signal.rows, strict=True)
        if t != g
    ]
    rows = [[text, SIGNALS[t], SIGNALS[g], f"{p:.2f}"] for _, _, text, t, g, p in sorted(wrong)[:ERRORS_SHOWN]]
    return (
        f"{prose.ERRORS.format(wrong=len(wrong), of=len(examples))}\n{table(['text', 'label', 'read as', 'p'], rows)}"
    )


def _confusions(answers: _Found) -> str:
    parts = [prose.CONFUSIONS]
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
    return table(["label \\ read as", *labels, "recall", "precision"], rows)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.2f}" if whole else "-"
