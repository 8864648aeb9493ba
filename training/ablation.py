"""Tries a change of the recipe: `python -m training.ablation --name focal focal=2`.

Trains as `training.train` does, from the plain recipe and not the one that ships, exports nothing, and adds the figures
of the float32 model on the development sets to `--log`, a JSON object a line.
"""

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import torch
from tokenizers import Tokenizer

from service.adapters.nlp.gazetteer import CompiledGazetteer
from training.batches import collate
from training.data import Example, load_dev
from training.evaluate import Answers, comparable, figures
from training.labels import HEADS, SENTENCE_HEADS
from training.model import Coder
from training.recipe import Recipe, changed
from training.train import build

BATCH = 32


def answers(model: Coder, tokenizer: Tokenizer, examples: Sequence[Example]) -> dict[str, Answers]:
    """Truth and answers of all heads of the float32 model."""
    found = {head: Answers([], []) for head in HEADS}
    model.eval()
    ordered = sorted(examples, key=lambda e: len(e.text))
    with torch.inference_mode():
        for start in range(0, len(ordered), BATCH):
            batch = collate(ordered[start : start + BATCH], tokenizer)
            outputs = [output.float() for output in model(batch.input_ids, batch.attention_mask)]
            for head, logits in zip(SENTENCE_HEADS, outputs, strict=False):
                found[head].truth.extend(batch.targets[head].tolist())
                found[head].rows.extend(logits.softmax(-1).tolist())
            _add_roles(found["role"], ordered[start : start + BATCH], outputs[len(SENTENCE_HEADS)], tokenizer)
    return {**found, "role": comparable(found["role"])}


def _add_roles(found: Answers, examples: Sequence[Example], logits: torch.Tensor, tokenizer: Tokenizer) -> None:
    """One answer a name, from the mean logits of its tokens, as the product takes it."""
    for row, (example, encoding) in enumerate(
        zip(examples, tokenizer.encode_batch([e.text for e in examples]), strict=True)
    ):
        for start, end, role in example.spans:
            tokens = [i for i, (a, b) in enumerate(encoding.offsets) if a < end and b > start]
            if tokens:
                found.truth.append(role)
                found.rows.append(logits[row, tokens].mean(0).softmax(-1).tolist())


def main() -> None:
    """Train and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--work", type=Path, default=Path(".work/ablation"))
    parser.add_argument("--log", type=Path, default=Path(".work/ablations.jsonl"))
    parser.add_argument("--name", required=True)
    parser.add_argument("settings", nargs="*", metavar="NAME=VALUE")
    args = parser.parse_args()
    recipe = changed(Recipe(), args.settings)
    dev = load_dev(args.data, CompiledGazetteer.load().mentions)
    began = time.monotonic()
    model, tokenizer = build(recipe, args.data, args.work / args.name)
    found = {name: figures(answers(model, tokenizer, examples)) for name, examples in dev.items()}
    entry = {
        "name": args.name,
        "settings": args.settings,
        "minutes": round((time.monotonic() - began) / 60, 1),
        "figures": {name: {key: round(value, 4) for key, value in f.items()} for name, f in found.items()},
        "recipe": asdict(recipe),
    }
    with args.log.open("a", encoding="utf-8") as log:
        log.write(json.dumps(entry) + "\n")
    print(json.dumps(entry["figures"], indent=1))


if __name__ == "__main__":
    main()
