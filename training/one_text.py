"""The coder as it is exported: one text at a time, so without padding, mask and batch.

The same numbers as `Coder` but for rounding. A graph without them has far fewer nodes, and query, key and value are one
product: a core reads 1.2 times the texts, see docs/decisions/0019-one-text-a-graph.md.
"""

import math

import torch
from torch import Tensor, nn
from transformers.models.bert.modeling_bert import BertLayer

from training.labels import SENTENCE_HEADS
from training.model import Coder

LONGEST = 128
"""Tokens of the longest text read."""


# torch is not installed where types are checked.
class OneText(nn.Module):  # type: ignore[misc]
    """`Coder` for a single text: token ids [1, T], T at most LONGEST, to the outputs of `Coder` with B = 1."""

    def __init__(self, coder: Coder) -> None:
        super().__init__()
        embeddings = coder.encoder.embeddings
        self.words, self.norm = embeddings.word_embeddings, embeddings.LayerNorm
        kind = embeddings.token_type_embeddings.weight[0]
        self.places = nn.Parameter((embeddings.position_embeddings.weight[:LONGEST] + kind).detach())
        count = coder.encoder.config.num_attention_heads
        self.blocks = nn.ModuleList(Block(layer, count) for layer in coder.encoder.encoder.layer)
        self.heads = coder.heads

    def forward(self, input_ids: Tensor) -> tuple[Tensor, ...]:
        """The outputs of `Coder` in the order of OUTPUTS."""
        tokens = self.norm(self.words(input_ids[0]) + self.places[: input_ids.shape[1]])
        for block in self.blocks:
            tokens = block(tokens)
        mean = tokens.mean(0, keepdim=True)
        sentence = [self.heads[head](mean) for head in SENTENCE_HEADS]
        role = self.heads["role"](tokens)
        evidence = nn.functional.linear(tokens, self.heads.get_parameter("signal.weight"))
        return (*sentence, role[None], nn.functional.normalize(mean, dim=-1), evidence[None])


class Block(nn.Module):  # type: ignore[misc]
    """One layer of BERT (Devlin et al. 2018, arXiv:1810.04805) on tokens [T, width]."""

    def __init__(self, layer: BertLayer, count: int) -> None:
        super().__init__()
        attention = layer.attention
        parts = (attention.self.query, attention.self.key, attention.self.value)
        self.count, self.width = count, parts[0].in_features
        # The scale of the dot product is put into the query's weights.
        scales = (1 / math.sqrt(self.width // count), 1.0, 1.0)
        self.attend = nn.Linear(self.width, 3 * self.width)
        with torch.no_grad():
            self.attend.weight.copy_(torch.cat([p.weight * s for p, s in zip(parts, scales, strict=True)]))
            self.attend.bias.copy_(torch.cat([p.bias * s for p, s in zip(parts, scales, strict=True)]))
        self.join, self.join_norm = attention.output.dense, attention.output.LayerNorm
        self.widen, self.narrow, self.norm = layer.intermediate.dense, layer.output.dense, layer.output.LayerNorm

    def forward(self, tokens: Tensor) -> Tensor:
        """[T, width] → [T, width]."""
        shape = (-1, 3, self.count, self.width // self.count)
        query, key, value = self.attend(tokens).reshape(shape).permute(1, 2, 0, 3).unbind(0)
        mixed = torch.softmax(query @ key.transpose(1, 2), -1) @ value
        tokens = self.join_norm(tokens + self.join(mixed.transpose(0, 1).reshape(-1, self.width)))
        return self.norm(tokens + self.narrow(nn.functional.gelu(self.widen(tokens))))
