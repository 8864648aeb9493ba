"""Masked-language training on the dated news, so that the encoder knows the tongue of wire reports.

Only the encoder is kept. The word embeddings stay as they are: they are half of all weights.
"""

import random
from collections.abc import Iterator
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from training.batches import padded
from training.data import TRAIN_FILES, kept_out, portal_texts, read_jsonl
from training.model import Coder
from training.progress import Progress
from training.recipe import Recipe
from training.schedule import rate

BATCH, POOL = 48, 64
MASKED = 0.15
RATE, HEAD_RATE, WARM_UP = 2e-4, 1e-3, 0.05
SHORTEST = 30
"""Characters below which a line is left out."""


def texts(data: Path) -> list[str]:
    """The portal's lines and the training texts, each once, without those kept out."""
    barred = kept_out(data)
    labelled = [r["text"] for name in TRAIN_FILES for r in read_jsonl(data / name) if not barred.bars(r["text"])]
    return [text for text in dict.fromkeys([*portal_texts(data, ()), *labelled]) if len(text) > SHORTEST]


class Masker:
    """Predicts hidden words with a head that is thrown away."""

    def __init__(self, model: Coder) -> None:
        width = model.encoder.config.hidden_size
        self.encoder = model.encoder
        self.head = nn.Sequential(nn.Linear(width, width), nn.GELU(), nn.LayerNorm(width))
        self.words = model.encoder.embeddings.word_embeddings.weight
        self.bias = nn.Parameter(torch.zeros(self.words.shape[0]))
        trained = [p for p in self.encoder.parameters() if p.requires_grad]
        self.optimizer = torch.optim.AdamW(
            [{"params": trained, "lr": RATE}, {"params": [*self.head.parameters(), self.bias], "lr": HEAD_RATE}],
            weight_decay=0.01,
            fused=True,
        )

    def step(self, ids: Tensor, present: Tensor, mask: int, special: Tensor) -> float:
        """One update; returns the loss. BERT's recipe: of the chosen, 80 % hidden, 10 % exchanged, 10 % kept."""
        chosen = (torch.rand(ids.shape) < MASKED) & (present == 1) & ~torch.isin(ids, special)
        if not bool(chosen.any()):
            return 0.0
        how = torch.rand(ids.shape)
        other = torch.randint(self.words.shape[0], ids.shape)
        shown = torch.where(chosen & (how < 0.8), mask, torch.where(chosen & (how > 0.9), other, ids))
        with torch.autocast("cpu", torch.bfloat16):
            tokens = self.encoder(input_ids=shown, attention_mask=present).last_hidden_state
            logits = self.head(tokens[chosen]) @ self.words.T + self.bias
        loss = nn.functional.cross_entropy(logits.float(), ids[chosen])
        self.optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.encoder.parameters(), 1.0)
        self.optimizer.step()
        return float(loss.item())


def pretrain(model: Coder, tokenizer: Tokenizer, data: Path, recipe: Recipe, done: Path) -> None:
    """Trains the encoder of `model`, or loads it from `done`, where it is saved at the end."""
    if done.exists():
        model.encoder.load_state_dict(torch.load(done, weights_only=True))
        return
    torch.manual_seed(recipe.seed)
    rows = [encoding.ids for encoding in tokenizer.encode_batch(texts(data))]
    masker = Masker(model.train())
    hidden = tokenizer.token_to_id("[MASK]") or 0
    special = torch.tensor([tokenizer.token_to_id(name) for name in ("[CLS]", "[SEP]", "[PAD]")])
    steps = int(recipe.pretraining * -(-len(rows) // BATCH))
    scheduler = torch.optim.lr_scheduler.LambdaLR(masker.optimizer, lambda s: rate(s, steps, WARM_UP))
    progress = Progress("masked words", steps)
    for _, batch in zip(range(steps), _batches(rows, recipe.seed), strict=False):
        ids, present = padded(batch, 0), padded([[1] * len(row) for row in batch], 0)
        progress.show(masker.step(ids, present, hidden, special))
        scheduler.step()
    done.parent.mkdir(parents=True, exist_ok=True)
    torch.save(model.encoder.state_dict(), done.with_suffix(".part"))
    done.with_suffix(".part").replace(done)


def _batches(rows: list[list[int]], seed: int) -> Iterator[list[list[int]]]:
    """Batches of similar length without end, in random order."""
    rng = random.Random(seed)
    while True:
        order = rng.sample(rows, len(rows))
        pools = [sorted(order[i : i + BATCH * POOL], key=len) for i in range(0, len(order), BATCH * POOL)]
        batches = [pool[i : i + BATCH] for pool in pools for i in range(0, len(pool), BATCH)]
        rng.shuffle(batches)
        yield from batches
