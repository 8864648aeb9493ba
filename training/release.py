"""From a trained coder to a folder that can ship: export, calibrate on the int8 file, measure, write it all down."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer

from service.adapters.nlp.encoder import OnnxClassifier
from training import export
from training.batches import collate
from training.data import ANNOTATED, DEV_FILES, PLV, PORTAL, TRAIN_FILES, Example
from training.evaluate import evaluate, figures, fit_temperatures, to_passage
from training.model import Coder

THRESHOLDS = {"event": 0.6, "abstain": 0.5}
"""The band the figures were measured with, the default of the settings."""


def release(
    model: Coder, tokenizer: Tokenizer, out: Path, about: Mapping[str, Any], dev: Mapping[str, Sequence[Example]]
) -> OnnxClassifier:
    """Writes the model to `out` and returns it as the product loads it.

    `about` goes into the manifest. Temperatures are fitted on the quantised file, because quantisation moves them.
    """
    export.write_files(model, tokenizer, out)
    export.write_manifest(out, export.UNCALIBRATED, about)
    temperature = fit_temperatures(OnnxClassifier.load(out), dev)
    export.write_manifest(out, temperature, about)
    quantised = OnnxClassifier.load(out)
    found = {name: _rounded(figures(heads)) for name, heads in evaluate(quantised, dev).items()}
    flips = round(flipped(model, tokenizer, quantised, [e for examples in dev.values() for e in examples]), 4)
    about = {**about, "thresholds": THRESHOLDS, "dev_figures": found, "signal_changed_by_int8": flips}
    export.write_manifest(out, temperature, about)
    return OnnxClassifier.load(out)


def flipped(model: Coder, tokenizer: Tokenizer, quantised: OnnxClassifier, examples: Sequence[Example]) -> float:
    """Share of texts whose signal is another in int8 than in float32."""
    differ = 0
    with torch.inference_mode():
        for example in examples:
            batch = collate([example], tokenizer)
            exact = model.eval()(batch.input_ids, batch.attention_mask)[0][0]
            rounded = quantised.logits(to_passage(example)).heads["signal"]
            differ += int(exact.argmax()) != rounded.index(max(rounded))
    return differ / len(examples)


def provenance(data: Path, gazetteer: str, recipe: Mapping[str, Any]) -> dict[str, Any]:
    """What the weights were made from and how."""
    return {
        "training_data": {name: export.sha256(data / name) for name in (*TRAIN_FILES, PORTAL, PLV)}
        | {f"training/annotated/{path.name}": export.sha256(path) for path in sorted(ANNOTATED.glob("*.txt"))}
        | {f"training/{name}.py": export.sha256(ANNOTATED.parent / f"{name}.py") for name in ("templates", "names")},
        "gazetteer": gazetteer,
        "calibrated_on": {name: export.sha256(data / name) for name in DEV_FILES.values()},
        "seed": recipe["seed"],
        "recipe": dict(recipe),
    }


def _rounded(found: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in found.items()}
