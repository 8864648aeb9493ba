"""Trains the coder: `python -m training.train --data ../shared/data --out models/detente-coder`.

A checkpoint is written after every epoch under `--work`; the same command run again goes on from the last one.
"""

import argparse
import random
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from service.adapters.nlp.gazetteer import CompiledGazetteer
from training.augment import exchange_countries
from training.batches import Batch, collate, order, prepare
from training.data import Example, class_counts, load_dev, load_training
from training.labels import HEADS, IGNORED, SENTENCE_HEADS
from training.model import Coder, base_folder, pretrained, set_deterministic
from training.release import provenance, release

LOSS_SHARE: Mapping[str, float] = {"signal": 1.5, "event_type": 0.7, "level": 0.4, "modality": 0.5, "role": 1.0}


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides the weights besides the data."""

    seed: int = 20240118
    epochs: int = 3
    batch: int = 16
    encoder_rate: float = 1e-4
    head_rate: float = 1e-3
    warm_up: float = 0.1
    smoothing: float = 0.05
    weight_decay: float = 0.01
    exchange: float = 0.3
    """Share of texts that get other countries in each epoch."""
    threads: int = 2


class Trainer:
    """Holds what changes from step to step."""

    def __init__(self, model: Coder, tokenizer: Tokenizer, examples: Sequence[Example], recipe: Recipe) -> None:
        self.model, self.tokenizer, self.examples, self.recipe = model, tokenizer, examples, recipe
        self.class_weights = {head: class_weights(class_counts(examples, head)) for head in HEADS}
        self.optimizer = torch.optim.AdamW(_groups(model, recipe), weight_decay=recipe.weight_decay, fused=True)
        steps = recipe.epochs * len(self.batches(0))
        self.scheduler = torch.optim.lr_scheduler.LambdaLR(self.optimizer, lambda s: rate(s, steps, recipe.warm_up))

    def batches(self, epoch: int) -> list[list[Example]]:
        """The batches of an epoch, the same for the same seed."""
        rng = random.Random(self.recipe.seed + epoch)
        return list(order(self.examples, self.recipe.batch, rng))

    def run_epoch(self, epoch: int) -> float:
        """Trains one epoch; returns the mean loss."""
        self.model.train()
        torch.manual_seed(self.recipe.seed + epoch)
        rng = random.Random(f"exchange {self.recipe.seed} {epoch}")
        batches, total, began = self.batches(epoch), 0.0, time.monotonic()
        for number, examples in enumerate(batches, 1):
            total += self.step(collate([self._varied(e, rng) for e in examples], self.tokenizer))
            show_progress(epoch, number, len(batches), total / number, time.monotonic() - began)
        return total / len(batches)

    def _varied(self, example: Example, rng: random.Random) -> Example:
        return exchange_countries(example, rng) if rng.random() < self.recipe.exchange else example

    def step(self, batch: Batch) -> float:
        """One update; returns the loss."""
        # bfloat16 halves the time; weights, optimizer and loss stay in float32.
        with torch.autocast("cpu", torch.bfloat16):
            outputs = self.model(batch.input_ids, batch.attention_mask)
        loss = self.loss(outputs, batch)
        self.optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.scheduler.step()
        return float(loss.item())

    def loss(self, outputs: Sequence[Tensor], batch: Batch) -> Tensor:
        """The weighted sum of the heads' losses."""
        total = torch.zeros(())
        for head, logits in zip(SENTENCE_HEADS, outputs, strict=False):
            each = self._cross_entropy(head, logits.float(), batch.targets[head])
            total = total + LOSS_SHARE[head] * (each * batch.weights).sum() / batch.weights.sum()
        role = self._cross_entropy("role", outputs[len(SENTENCE_HEADS)].float().flatten(0, 1), batch.roles.flatten())
        named = (batch.roles != IGNORED).sum().clamp(min=1)
        return total + LOSS_SHARE["role"] * role.sum() / named

    def _cross_entropy(self, head: str, logits: Tensor, target: Tensor) -> Tensor:
        return nn.functional.cross_entropy(
            logits,
            target,
            weight=self.class_weights[head],
            label_smoothing=self.recipe.smoothing,
            ignore_index=IGNORED,
            reduction="none",
        )

    def save(self, path: Path, epoch: int) -> None:
        """Writes a checkpoint; a half-written one never takes the name."""
        state = {"epoch": epoch, "model": self.model.state_dict(), "optimizer": self.optimizer.state_dict()}
        torch.save(state | {"scheduler": self.scheduler.state_dict()}, path.with_suffix(".part"))
        path.with_suffix(".part").replace(path)

    def resume(self, path: Path) -> int:
        """Loads a checkpoint if there is one; returns how many epochs are done."""
        if not path.exists():
            return 0
        state = torch.load(path, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.scheduler.load_state_dict(state["scheduler"])
        return int(state["epoch"])


def _groups(model: Coder, recipe: Recipe) -> list[dict[str, object]]:
    return [
        {"params": [p for p in model.encoder.parameters() if p.requires_grad], "lr": recipe.encoder_rate},
        {"params": list(model.heads.parameters()), "lr": recipe.head_rate},
    ]


def class_weights(counts: Sequence[int]) -> Tensor:
    """Square-root weights: rare labels count more, on average a text counts 1."""
    seen = torch.tensor(counts, dtype=torch.float32).clamp(min=1.0)
    raw = seen.rsqrt()
    return raw * seen.sum() / (raw * seen).sum()


def rate(step: int, steps: int, warm_up: float) -> float:
    """Share of the full learning rate: a straight rise, then a straight fall to 0."""
    rise = max(1, int(steps * warm_up))
    return min((step + 1) / rise, max(0.0, (steps - step) / max(1, steps - rise)))


def show_progress(epoch: int, done: int, of: int, loss: float, seconds: float) -> None:
    """One line that rewrites itself, or one line in fifty steps where it cannot."""
    if not sys.stderr.isatty() and done % 50 and done != of:
        return
    bar = ("#" * (24 * done // of)).ljust(24, ".")
    left = seconds / done * (of - done)
    end = "\r" if sys.stderr.isatty() and done != of else "\n"
    sys.stderr.write(f"epoch {epoch + 1} [{bar}] {done}/{of} loss {loss:.3f} {left:.0f} s left{end}")
    sys.stderr.flush()


def train(trainer: Trainer, checkpoint: Path) -> Coder:
    """Runs the epochs that are not done yet."""
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    for epoch in range(trainer.resume(checkpoint), trainer.recipe.epochs):
        trainer.run_epoch(epoch)
        trainer.save(checkpoint, epoch + 1)
    return trainer.model


def arguments() -> argparse.Namespace:
    """The command line."""
    parser, usual = argparse.ArgumentParser(description=__doc__), Recipe()
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--out", type=Path, default=Path("models/detente-coder"))
    parser.add_argument("--work", type=Path, default=Path(".work/train"))
    parser.add_argument("--seed", type=int, default=usual.seed)
    parser.add_argument("--epochs", type=int, default=usual.epochs)
    parser.add_argument("--threads", type=int, default=usual.threads)
    return parser.parse_args()


def main() -> None:
    """Trains and exports."""
    args = arguments()
    recipe = Recipe(seed=args.seed, epochs=args.epochs, threads=args.threads)
    set_deterministic(recipe.seed, recipe.threads)
    gazetteer = CompiledGazetteer.load()
    examples = load_training(args.data, gazetteer.mentions, recipe.seed)
    tokenizer = prepare(Tokenizer.from_file(str(base_folder() / "tokenizer.json")))
    trainer = Trainer(pretrained(base_folder()), tokenizer, examples, recipe)
    model = train(trainer, args.work / "checkpoint.pt")
    about = provenance(args.data, gazetteer.version, asdict(recipe))
    release(model, tokenizer, args.out, about, load_dev(args.data, gazetteer.mentions))


if __name__ == "__main__":
    main()
