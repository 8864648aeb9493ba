"""What several teachers say, as soft targets for the model that ships."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import torch
from tokenizers import Encoding, Tokenizer
from torch import Tensor, nn

from service.domain.events.place import Mention
from training.batches import collate, token_roles
from training.data import Example, portal_texts
from training.labels import HEADS, IGNORED, SENTENCE_HEADS
from training.model import Coder
from training.roles import without_overlaps

BATCH = 32
SURE = 0.8
"""Least probability of a role for a name without a label to be taught it."""
LENGTHS = range(40, 400)
"""Characters of the lines taken: shorter ones say little, longer ones are cut."""


def unlabelled(
    data: Path, find: Callable[[str], Sequence[Mention]], known: set[str], count: int, seed: int
) -> list[Example]:
    """Dated news lines without labels; `known` are normalised texts to leave out. Their names wait for a role."""
    chosen = [text for text in portal_texts(data, known) if len(text) in LENGTHS]
    random.Random(seed).shuffle(chosen)
    return [_blank(text, find(text)) for text in chosen[:count]]


def _blank(text: str, mentions: Sequence[Mention]) -> Example:
    spans = tuple((m.start, m.end, IGNORED) for m in without_overlaps(mentions))
    return Example(text, (0,) * len(SENTENCE_HEADS), spans, 0.0, "", "unlabelled")


def taught(teachers: Sequence[Coder], tokenizer: Tokenizer, examples: Sequence[Example]) -> list[Example]:
    """The examples with the teachers' mean probabilities, and roles of unlabelled names they are sure of."""
    found: dict[int, Example] = {}
    order = sorted(range(len(examples)), key=lambda i: len(examples[i].text))
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
        for start in range(0, len(order), BATCH):
            at = order[start : start + BATCH]
            found |= dict(zip(at, _answer(teachers, tokenizer, [examples[i] for i in at]), strict=True))
    return [found[i] for i in range(len(examples))]


def _answer(teachers: Sequence[Coder], tokenizer: Tokenizer, examples: Sequence[Example]) -> Iterator[Example]:
    batch = collate(examples, tokenizer)
    outputs = [teacher.eval()(batch.input_ids, batch.attention_mask) for teacher in teachers]
    shares = [_mean([o[n] for o in outputs]) for n in range(len(SENTENCE_HEADS) + 1)]
    encodings = tokenizer.encode_batch([e.text for e in examples])
    for row, (example, encoding) in enumerate(zip(examples, encodings, strict=True)):
        soft = tuple(tuple(shares[n][row].tolist()) for n in range(len(SENTENCE_HEADS)))
        roles = shares[-1][row]
        spans = example.spans
        if not example.weight:
            places = [_tokens(replace(example, spans=((a, b, 0),)), encoding) for a, b, _ in spans]
            spans = tuple((a, b, _role(roles, where)) for (a, b, _), where in zip(spans, places, strict=True))
        yield replace(example, soft=soft, spans=spans)


def _mean(logits: Sequence[Tensor]) -> Tensor:
    return torch.stack([nn.functional.softmax(each.float(), -1) for each in logits]).mean(0)


def _tokens(example: Example, encoding: Encoding) -> list[int]:
    return [i for i, role in enumerate(token_roles(encoding, example)) if role != IGNORED]


def _role(shares: Tensor, tokens: list[int]) -> int:
    if not tokens:
        return IGNORED
    mean = shares[tokens].mean(0)
    best = int(mean.argmax())
    return best if float(mean[best]) >= SURE and best < len(HEADS["role"]) else IGNORED
