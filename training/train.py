"""Trains the coder: `python -m training.train --data ../shared/data --out models/detente-coder`.

Masked words if the recipe wants them, then teachers, then the model that learns from labels and teachers. Every stage
leaves a file under `--work`, training one after every epoch; the same command run again goes on from there.
"""

import argparse
import hashlib
import random
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from service.adapters.nlp.gazetteer import CompiledGazetteer
from training import plv
from training.augment import exchange_countries
from training.batches import Batch, collate, order, padded, prepare
from training.data import Example, class_counts, last_lessons, load_dev, load_training, normalised
from training.distil import taught, unlabelled
from training.labels import ASIDE, EVENT_TYPES, HEADS, IGNORED, ROLES, SENTENCE_HEADS
from training.layers import LowRank, Rounded, unwrap, wrap
from training.model import Coder, base_folder, pretrained, set_deterministic
from training.pretrain import pretrain
from training.progress import Progress
from training.recipe import Recipe, changed
from training.release import provenance, release
from training.schedule import rate

SHIPPED = Recipe(exchange=0.6, plover=0.5, teachers=2, unlabelled=12_000, quantised=1)
"""The recipe of the model that ships."""
LESSON_REPEATED, LESSONS_AMONG, LAST_RATE = 3, 6000, 4e-5
"""How often a last lesson is told, among how many other texts, at what rate."""
_CONTRAST_HEAT = 0.1
_PLOVER_BATCH, _PLOVER_EVERY = 8, 4
_ASIDE_ROLES = [ROLES.index("third"), ROLES.index("mention")]
_YIELD = [EVENT_TYPES.index(root) for root in plv.YIELD]
_NONE = EVENT_TYPES.index("NONE")


class Trainer:
    """Holds what changes from step to step. `human` are texts with PLV's root, `name` goes before the progress."""

    def __init__(
        self,
        model: Coder,
        tokenizer: Tokenizer,
        examples: Sequence[Example],
        recipe: Recipe,
        human: Sequence[tuple[str, str]] = (),
        name: str = "",
    ) -> None:
        self.name = name
        self.model, self.tokenizer, self.examples, self.recipe, self.human = model, tokenizer, examples, recipe, human
        self.made_from = fingerprint(recipe, examples, human)
        labelled = [e for e in examples if e.weight]
        self.shares = {head: float(getattr(recipe, head)) for head in HEADS}
        self.class_weights = {head: class_weights(class_counts(labelled, head), recipe.balance) for head in HEADS}
        if recipe.lora:
            model.encoder.requires_grad_(requires_grad=False)
            wrap(model.encoder.encoder, LowRank, recipe.lora)
        self.optimizer = torch.optim.AdamW(_groups(model, recipe), weight_decay=recipe.weight_decay, fused=True)
        steps = recipe.epochs * len(self.batches(0))
        self.scheduler = torch.optim.lr_scheduler.LambdaLR(self.optimizer, lambda s: rate(s, steps, recipe.warm_up))

    def batches(self, epoch: int) -> list[list[Example]]:
        """The batches of an epoch, the same for the same seed."""
        rng = random.Random(self.recipe.seed + epoch)
        return list(order(self.examples, self.recipe.batch, rng, grouped=self.recipe.grouped))

    def run_epoch(self, epoch: int) -> None:
        """Trains one epoch."""
        self.model.train()
        torch.manual_seed(self.recipe.seed + epoch)
        rng = random.Random(f"exchange {self.recipe.seed} {epoch}")
        batches = self.batches(epoch)
        progress = Progress(f"{self.name}epoch {epoch + 1}", len(batches))
        for number, examples in enumerate(batches):
            batch = collate([self._varied(e, rng) for e in examples], self.tokenizer)
            progress.show(self.step(batch, self._human_loss(rng) if number % _PLOVER_EVERY == 0 else None))

    def _varied(self, example: Example, rng: random.Random) -> Example:
        return exchange_countries(example, rng) if rng.random() < self.recipe.exchange else example

    def step(self, batch: Batch, more: Tensor | None = None) -> float:
        """One update; returns the loss."""
        # bfloat16 halves the time; weights, optimizer and loss stay in float32.
        with torch.autocast("cpu", torch.bfloat16):
            outputs = self.model(batch.input_ids, batch.attention_mask)
        loss = self.loss(outputs, batch)
        loss = loss if more is None else loss + more
        self.optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.scheduler.step()
        return float(loss.item())

    def loss(self, outputs: Sequence[Tensor], batch: Batch) -> Tensor:
        """The weighted sum of the heads' losses, of labels and of teachers."""
        total = torch.zeros(())
        for head, raw in zip(SENTENCE_HEADS, outputs, strict=False):
            logits = raw.float()
            each = self._cross_entropy(head, logits, batch.targets[head])
            total = total + self.shares[head] * (each * batch.weights).sum() / batch.weights.sum().clamp(min=4.0)
            if len(batch.taught):
                said = -(batch.soft[head] * nn.functional.log_softmax(logits[batch.taught], -1)).sum(-1)
                total = total + self.recipe.distil * self.shares[head] * said.sum() / len(logits)
        total = total + self.shares["role"] * self._role_loss(outputs[len(SENTENCE_HEADS)], batch)
        if self.recipe.contrast:
            sure = batch.weights > 0
            embedding = outputs[len(SENTENCE_HEADS) + 1].float()
            total = total + self.recipe.contrast * contrastive(embedding[sure], batch.targets["signal"][sure])
        return total

    def _role_loss(self, logits: Tensor, batch: Batch) -> Tensor:
        flat, target = logits.float().flatten(0, 1), batch.roles.flatten()
        # A text without labels has weight 0; its roles are those the teachers are sure of.
        sure = torch.where(batch.weights > 0, batch.weights, 1.0)[:, None].expand_as(batch.roles).flatten()
        aside, named = target == ASIDE, target != IGNORED
        each = self._cross_entropy("role", flat, torch.where(aside, IGNORED, target)) * sure
        either = -torch.logsumexp(nn.functional.log_softmax(flat[aside], -1)[:, _ASIDE_ROLES], -1) * sure[aside]
        weight = self.class_weights["role"][_ASIDE_ROLES[1]]
        return (each.sum() + weight * either.sum()) / sure[named].sum().clamp(min=1.0)

    def _cross_entropy(self, head: str, logits: Tensor, target: Tensor) -> Tensor:
        each = nn.functional.cross_entropy(
            logits,
            target,
            weight=self.class_weights[head],
            label_smoothing=self.recipe.smoothing,
            ignore_index=IGNORED,
            reduction="none",
        )
        if not self.recipe.focal:
            return each
        share = nn.functional.softmax(logits.detach(), -1).gather(-1, target.clamp(min=0).unsqueeze(-1)).squeeze(-1)
        return each * (1 - share) ** self.recipe.focal

    def _human_loss(self, rng: random.Random) -> Tensor | None:
        """How far the roots, given that there is one, differ from those that people coded in PLV."""
        if not (self.recipe.plover and self.human):
            return None
        drawn = rng.sample(self.human, _PLOVER_BATCH)
        rows = [encoding.ids for encoding in self.tokenizer.encode_batch([text for text, _ in drawn])]
        with torch.autocast("cpu", torch.bfloat16):
            outputs = self.model(padded(rows, 0), padded([[1] * len(row) for row in rows], 0))
        logits = outputs[SENTENCE_HEADS.index("event_type")].float()[:, :_NONE]
        shares = nn.functional.log_softmax(logits, -1)
        right = [
            torch.logsumexp(row[_YIELD], 0) if root == "YIELD" else row[EVENT_TYPES.index(root)]
            for row, (_, root) in zip(shares, drawn, strict=True)
        ]
        return -self.recipe.plover * self.shares["event_type"] * torch.stack(right).mean()

    def save(self, path: Path, epoch: int) -> None:
        """Writes a checkpoint; a half-written one never takes the name."""
        state = {"epoch": epoch, "model": self.model.state_dict(), "optimizer": self.optimizer.state_dict()}
        state |= {"scheduler": self.scheduler.state_dict(), "made_from": self.made_from}
        torch.save(state, path.with_suffix(".part"))
        path.with_suffix(".part").replace(path)

    def resume(self, path: Path) -> int:
        """Loads a checkpoint if there is one; returns how many epochs are done.

        Raises ValueError when it was made from other examples or by another recipe.
        """
        if not path.exists():
            return 0
        state = torch.load(path, weights_only=True)
        if state["made_from"] != self.made_from:
            raise ValueError(
                f"{path} was made from other data or by another recipe: delete it, or choose another --work"
            )
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.scheduler.load_state_dict(state["scheduler"])
        return int(state["epoch"])


def fingerprint(recipe: Recipe, examples: Sequence[Example], human: Sequence[tuple[str, str]]) -> str:
    """A hash of all that decides the weights. Soft targets are left out: they follow from the rest."""
    parts = (asdict(recipe), [replace(e, soft=()) for e in examples], list(human))
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _groups(model: Coder, recipe: Recipe) -> list[dict[str, object]]:
    """Parameters with their rates: lower layers slower, heads faster."""
    blocks = list(model.encoder.encoder.layer)
    parts = [(model.encoder.embeddings, len(blocks)), *((b, len(blocks) - 1 - i) for i, b in enumerate(blocks))]
    groups: list[dict[str, object]] = [
        {
            "params": [p for p in part.parameters() if p.requires_grad],
            "lr": (recipe.head_rate if recipe.lora else recipe.encoder_rate) * recipe.layer_decay**depth,
        }
        for part, depth in parts
    ]
    return [*groups, {"params": list(model.heads.parameters()), "lr": recipe.head_rate}]


def class_weights(counts: Sequence[int], power: float = 0.5) -> Tensor:
    """Rare labels count more: frequency to the minus `power`; on average a text counts 1.

    A label nobody has counts nothing: smoothing would draw every answer to it.
    """
    seen = torch.tensor(counts, dtype=torch.float32)
    raw = torch.where(seen > 0, seen.clamp(min=1.0) ** (-power), 0.0)
    return raw * seen.sum() / (raw * seen).sum()


def contrastive(embedding: Tensor, labels: Tensor) -> Tensor:
    """Texts of one label are drawn together and others pushed away; 0 where no two share a label."""
    alike = (labels[:, None] == labels[None]) & ~torch.eye(len(labels), dtype=torch.bool)
    near = (embedding @ embedding.T / _CONTRAST_HEAT).masked_fill(torch.eye(len(labels), dtype=torch.bool), -1e9)
    shares = near - torch.logsumexp(near, 1, keepdim=True)
    count = alike.sum(1)
    if not bool((count > 0).any()):
        return torch.zeros(())
    return -((shares * alike).sum(1)[count > 0] / count[count > 0]).mean()


def train(trainer: Trainer, checkpoint: Path) -> Coder:
    """Runs the epochs that are not done yet, the last `recipe.quantised` of them rounded."""
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    recipe, blocks = trainer.recipe, trainer.model.encoder.encoder
    for epoch in range(trainer.resume(checkpoint), recipe.epochs):
        rounded = epoch >= recipe.epochs - recipe.quantised
        if rounded:
            wrap(blocks, Rounded)
        trainer.run_epoch(epoch)
        if rounded:
            unwrap(blocks)
        trainer.save(checkpoint, epoch + 1)
    unwrap(blocks)
    return trainer.model


def sources(recipe: Recipe, data: Path, gazetteer: CompiledGazetteer) -> list[Example]:
    """The labelled examples the recipe asks for."""
    left_out = set(recipe.without.split("+"))
    examples = [e for e in load_training(data, gazetteer.mentions, recipe.seed) if e.source not in left_out]
    return random.Random(recipe.seed).sample(examples, recipe.examples) if recipe.examples else examples


def side_by_side(recipe: Recipe, data: Path, work: Path) -> None:
    """Trains the teachers in a process each, on a thread each: two on one core are faster than one on two.

    Raises CalledProcessError when one fails; what it has done is kept.
    """
    settings = [f"{name}={int(value) if isinstance(value, bool) else value}" for name, value in asdict(recipe).items()]
    command = [sys.executable, "-m", "training.train", "--data", str(data), "--work", str(work)]
    running = [
        subprocess.Popen([*command, "--teacher", str(number), *settings, "threads=1"])
        for number in range(1, recipe.teachers + 1)
    ]
    try:
        for process in running:
            if process.wait():
                raise subprocess.CalledProcessError(process.returncode, process.args)
    finally:
        for process in running:
            process.terminate()
            process.wait()


def build(recipe: Recipe, data: Path, work: Path, only: int = 0) -> tuple[Coder, Tokenizer]:
    """The trained coder after all stages of the recipe, and its tokenizer; with `only` that teacher."""
    set_deterministic(recipe.seed, recipe.threads)
    gazetteer = CompiledGazetteer.load()
    examples = sources(recipe, data, gazetteer)
    tokenizer = prepare(Tokenizer.from_file(str(base_folder() / "tokenizer.json")))
    human = [(r["text"], r["plover"]) for r in plv.split(data, "train")] if recipe.plover else []

    def fresh(seed: int) -> Coder:
        torch.manual_seed(seed)
        model = pretrained(base_folder(), recipe.dropout, words=recipe.words)
        if recipe.pretraining:
            pretrain(model, tokenizer, data, recipe, work / "pretrained.pt")
        return model

    def taught_by(number: int) -> Coder:
        own = replace(recipe, seed=recipe.seed + 1000 * number, quantised=0, threads=1)
        trainer = Trainer(fresh(own.seed), tokenizer, examples, own, human, f"teacher {number}, ")
        return train(trainer, work / f"teacher-{number}.pt")

    if recipe.teachers and not only:
        fresh(recipe.seed)  # so that the teachers find the masked words learnt
        side_by_side(recipe, data, work)
        teachers = [taught_by(number) for number in range(1, recipe.teachers + 1)]
        known = {normalised(e.text) for e in examples}
        more = unlabelled(data, gazetteer.mentions, known, recipe.unlabelled, recipe.seed)
        examples = taught(teachers, tokenizer, [*examples, *more])
    if only:
        return taught_by(only), tokenizer
    model = train(Trainer(fresh(recipe.seed), tokenizer, examples, recipe, human), work / "checkpoint.pt")
    return (touch_up(model, tokenizer, examples, recipe, data, work) if recipe.teachers else model), tokenizer


def touch_up(
    model: Coder, tokenizer: Tokenizer, examples: Sequence[Example], recipe: Recipe, data: Path, work: Path
) -> Coder:
    """One short and slow round over the last lessons, among enough of what was learnt that nothing else is lost."""
    lessons = [lesson for lesson in last_lessons(data) for _ in range(LESSON_REPEATED)]
    known = random.Random(recipe.seed).sample([e for e in examples if e.weight], LESSONS_AMONG)
    last = replace(recipe, epochs=1, encoder_rate=LAST_RATE, head_rate=LAST_RATE, quantised=1)
    return train(Trainer(model, tokenizer, [*known, *lessons], last, name="last lessons, "), work / "last.pt")


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--out", type=Path, default=Path("models/detente-coder"))
    parser.add_argument("--work", type=Path, default=Path(".work/train"))
    parser.add_argument("--teacher", type=int, default=0, help="train this teacher only")
    parser.add_argument("settings", nargs="*", metavar="NAME=VALUE", help="changes to the recipe, see recipe.py")
    return parser.parse_args()


def main() -> None:
    """Trains and exports."""
    args = arguments()
    recipe = changed(SHIPPED, args.settings)
    model, tokenizer = build(recipe, args.data, args.work, only=args.teacher)
    if args.teacher:
        return
    gazetteer = CompiledGazetteer.load()
    about = provenance(args.data, gazetteer.version, asdict(recipe))
    release(model, tokenizer, args.out, about, load_dev(args.data, gazetteer.mentions))


if __name__ == "__main__":
    main()
