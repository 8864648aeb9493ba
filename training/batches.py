"""Cuts examples into batches of similar length that keep contrasting lines together, and turns them into tensors."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from tokenizers import Encoding, Tokenizer
from torch import Tensor

from training.data import Example
from training.labels import IGNORED, SENTENCE_HEADS

MAX_TOKENS = 128
_POOL = 16
"""Batches sorted by length at a time: less padding, still a random order."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Tensors of one step: ids and mask [B, T], targets per head [B], roles [B, T], weights [B].

    `soft` are the teachers' probabilities per head [S, labels] for the rows `taught` [S].
    """

    input_ids: Tensor
    attention_mask: Tensor
    targets: dict[str, Tensor]
    roles: Tensor
    weights: Tensor
    soft: dict[str, Tensor]
    taught: Tensor


def order(
    examples: Sequence[Example], size: int, rng: random.Random, *, grouped: bool = True
) -> Iterator[list[Example]]:
    """Batches of about `size`, of every example once; `grouped` keeps contrasting lines together."""
    units = _units(examples) if grouped else [[example] for example in examples]
    rng.shuffle(units)
    pools = _cut(units, size * _POOL)
    for pool in pools:
        pool.sort(key=lambda unit: max(len(e.text) for e in unit))
    batches = [[e for unit in batch for e in unit] for pool in pools for batch in _cut(pool, size)]
    rng.shuffle(batches)
    yield from batches


def _units(examples: Sequence[Example]) -> list[list[Example]]:
    groups: dict[str, list[Example]] = {}
    for number, example in enumerate(examples):
        groups.setdefault(example.group or f"alone-{number}", []).append(example)
    return list(groups.values())


def _cut(units: Sequence[list[Example]], size: int) -> list[list[list[Example]]]:
    """Runs of units of together at least `size` examples, the last perhaps fewer."""
    runs: list[list[list[Example]]] = [[]]
    for unit in units:
        if sum(len(u) for u in runs[-1]) >= size:
            runs.append([])
        runs[-1].append(unit)
    return runs


def prepare(tokenizer: Tokenizer) -> Tokenizer:
    """The tokenizer as the product uses it: cut at 128 tokens, no padding."""
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    return tokenizer


def collate(examples: Sequence[Example], tokenizer: Tokenizer) -> Batch:
    """The examples as padded tensors."""
    encodings = tokenizer.encode_batch([e.text for e in examples])
    taught = [i for i, e in enumerate(examples) if e.soft]
    return Batch(
        input_ids=padded([e.ids for e in encodings], 0),
        attention_mask=padded([[1] * len(e.ids) for e in encodings], 0),
        targets={head: torch.tensor([e.targets[i] for e in examples]) for i, head in enumerate(SENTENCE_HEADS)},
        roles=padded([token_roles(e, x) for e, x in zip(encodings, examples, strict=True)], IGNORED),
        weights=torch.tensor([e.weight for e in examples]),
        soft={h: torch.tensor([examples[i].soft[n] for i in taught]) for n, h in enumerate(SENTENCE_HEADS)},
        taught=torch.tensor(taught, dtype=torch.int64),
    )


def token_roles(encoding: Encoding, example: Example) -> list[int]:
    """The role of every token, IGNORED outside names."""
    roles = [IGNORED] * len(encoding.ids)
    for start, end, role in example.spans:
        for token, (first, last) in enumerate(encoding.offsets):
            if first < end and last > start and last > first:
                roles[token] = role
    return roles


def padded(rows: Sequence[list[int]], value: int) -> Tensor:
    """Rows of different lengths as one tensor, filled up with `value`."""
    width = max(map(len, rows))
    return torch.tensor([row + [value] * (width - len(row)) for row in rows])
