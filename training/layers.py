"""Linear layers that learn in another way: low-rank updates, and rounding as the int8 file will round."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

LEVELS = 255


# torch is not installed where types are checked.
class LowRank(nn.Module):  # type: ignore[misc]
    """A frozen linear layer plus an update of rank `rank` (LoRA). The update starts at zero."""

    def __init__(self, layer: nn.Linear, rank: int) -> None:
        super().__init__()
        self.layer = layer.requires_grad_(requires_grad=False)
        self.down = nn.Linear(layer.in_features, rank, bias=False)
        self.up = nn.Linear(rank, layer.out_features, bias=False)
        nn.init.zeros_(self.up.weight)

    def forward(self, x: Tensor) -> Tensor:
        """The layer's answer with the update."""
        return self.layer(x) + self.up(self.down(x))

    def merged(self) -> nn.Linear:
        """One ordinary layer that answers the same."""
        self.layer.weight.data += self.up.weight @ self.down.weight
        return self.layer


class Rounded(nn.Module):  # type: ignore[misc]
    """A linear layer that rounds as dynamic int8 quantisation does; gradients pass as if nothing was rounded.

    Weights have one symmetric scale an output channel, activations one asymmetric scale a text.
    """

    def __init__(self, layer: nn.Linear) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: Tensor) -> Tensor:
        """The layer's answer on rounded weights and activations."""
        return nn.functional.linear(_round_texts(x), _round_channels(self.layer.weight), self.layer.bias)


def _round_channels(weight: Tensor) -> Tensor:
    scale = weight.detach().abs().amax(1, keepdim=True).clamp(min=1e-8) / 127
    return _straight_through(weight, torch.round(weight.detach() / scale) * scale)


def _round_texts(x: Tensor) -> Tensor:
    seen = x.detach().float()
    low = seen.amin((1, 2), keepdim=True).clamp(max=0)
    scale = (seen.amax((1, 2), keepdim=True).clamp(min=0) - low).clamp(min=1e-8) / LEVELS
    zero = torch.round(-low / scale)
    return _straight_through(x, (torch.round(seen / scale) * scale).clamp(-zero * scale, (LEVELS - zero) * scale))


def _straight_through(exact: Tensor, rounded: Tensor) -> Tensor:
    return exact + (rounded.to(exact.dtype) - exact).detach()


class TextDropout(nn.Module):  # type: ignore[misc]
    """Dropout that leaves out the same features of every token of a text (Gal & Ghahramani 2016, arXiv:1512.05287).

    It needs one random number for a text and feature, not for every token: drawing those took a quarter of a step.
    """

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, x: Tensor) -> Tensor:
        """[B, …, width] with a share of the features of each text at 0 and the others scaled up."""
        if not self.training or not self.share:
            return x
        kept = torch.empty((len(x), *[1] * (x.dim() - 2), x.shape[-1]), dtype=x.dtype).bernoulli_(1 - self.share)
        return x * (kept / (1 - self.share))


def wrap(encoder: nn.Module, kind: type[nn.Module], *arguments: int) -> None:
    """Puts every linear layer of the encoder's blocks into a layer of this kind."""
    for parent, name, layer in list(_linear(encoder)):
        setattr(parent, name, kind(layer, *arguments))


def unwrap(encoder: nn.Module) -> None:
    """Takes the wrapping off again; low-rank updates are merged."""
    for module in list(encoder.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, LowRank):
                setattr(module, name, child.merged())
            elif isinstance(child, Rounded):
                setattr(module, name, child.layer)


def _linear(encoder: nn.Module) -> Iterator[tuple[nn.Module, str, nn.Linear]]:
    for module in encoder.modules():
        for name, child in module.named_children():
            if isinstance(child, nn.Linear):
                yield module, name, child
