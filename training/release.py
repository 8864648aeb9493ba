"""From a trained coder to a folder that can ship: export, calibrate on the int8 file, measure, write it all down."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from service.adapters.nlp.encoder import OnnxClassifier
from training import export
from training.data import DEV_FILES, TRAIN_FILES, Example
from training.evaluate import evaluate, figures, fit_temperatures
from training.model import Coder


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
    answers = evaluate(OnnxClassifier.load(out), dev)
    found = {name: _rounded(figures(heads)) for name, heads in answers.items()}
    export.write_manifest(out, temperature, {**about, "dev_figures": found})
    return OnnxClassifier.load(out)


def provenance(data: Path, gazetteer: str, recipe: Mapping[str, Any]) -> dict[str, Any]:
    """What the weights were made from and how."""
    return {
        "training_data": {name: export.sha256(data / name) for name in TRAIN_FILES}
        | {"templates": "training/templates.py"},
        "gazetteer": gazetteer,
        "calibrated_on": {name: export.sha256(data / name) for name in DEV_FILES.values()},
        "seed": recipe["seed"],
        "recipe": dict(recipe),
    }


def _rounded(found: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in found.items()}
