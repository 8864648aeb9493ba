"""Everything that decides the weights besides the data."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Recipe:
    """Rates are those of AdamW, shares 0 … 1; a weight of 0 switches its part off."""

    seed: int = 20240118
    epochs: int = 3
    batch: int = 16
    encoder_rate: float = 1.5e-4
    head_rate: float = 1e-3
    layer_decay: float = 1.0
    """What each lower layer's rate is multiplied with."""
    warm_up: float = 0.1
    smoothing: float = 0.05
    weight_decay: float = 0.01
    dropout: float = 0.1
    exchange: float = 0.3
    """Share of texts that get other countries in each epoch."""
    balance: float = 0.5
    """Power of a label's frequency in its weight: 0 none, 0.5 square root, 1 fully balanced."""
    focal: float = 0.0
    """Exponent of the focal loss (Lin et al. 2017, arXiv:1708.02002)."""
    contrast: float = 0.0
    """Weight of the supervised contrastive loss on the signal (Khosla et al. 2020, arXiv:2004.11362)."""
    signal: float = 1.5
    event_type: float = 0.7
    level: float = 0.4
    modality: float = 0.5
    role: float = 1.0
    """Weights of the heads' losses in the sum."""
    grouped: bool = True
    """Whether contrasting lines stand in one batch."""
    plover: float = 0.0
    """Weight of the human-coded roots of the PLV train part."""
    lora: int = 0
    """Rank of LoRA on all linear layers instead of full fine-tuning (Hu et al. 2021, arXiv:2106.09685)."""
    words: bool = False
    """Whether word embeddings are trained too."""
    pretraining: float = 0.0
    """Epochs of masked-language training on the dated news first (Devlin et al. 2018, arXiv:1810.04805)."""
    teachers: int = 0
    """Models whose mean answer the shipped one learns as well (Hinton et al. 2015, arXiv:1503.02531)."""
    unlabelled: int = 0
    """Dated news lines without labels that the teachers answer."""
    distil: float = 1.0
    """Weight of the teachers' answers beside that of the labels."""
    quantised: int = 0
    """Epochs at the end in which the forward pass is rounded to int8 (Jacob et al. 2018, arXiv:1712.05877)."""
    examples: int = 0
    """How many labelled texts are used, 0 for all."""
    without: str = ""
    """Sources left out, joined by `+`."""
    threads: int = 2


def changed(recipe: Recipe, settings: Sequence[str]) -> Recipe:
    """The recipe with `name=value` settings. Raises ValueError that names the setting and the known ones."""
    kinds = {field.name: type(getattr(recipe, field.name)) for field in fields(recipe)}
    for setting in settings:
        name, _, value = setting.partition("=")
        if name not in kinds:
            raise ValueError(f"{setting}: no such part of the recipe; known are {', '.join(sorted(kinds))}")
        change: dict[str, Any] = {name: value == "1" if kinds[name] is bool else kinds[name](value)}
        recipe = replace(recipe, **change)
    if recipe.lora and recipe.quantised:
        raise ValueError("lora and quantised both change the linear layers; use one of them")
    return recipe
