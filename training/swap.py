"""Whether the reading hangs on who usually fights whom: the same texts with other countries in them."""

import random
from collections.abc import Sequence

from service.adapters.nlp.encoder import OnnxClassifier
from training.augment import exchange_countries
from training.data import Example
from training.evaluate import to_passage
from training.names import FORMS

ROUNDS = 3


def share_exchanged(examples: Sequence[Example]) -> float:
    """Share of the names in the texts that stand in the table of countries; groups, bodies and towns do not."""
    names = [e.text[start:end] for e in examples for start, end, _ in e.spans]
    return sum(name in FORMS for name in names) / len(names)


def changed(model: OnnxClassifier, examples: Sequence[Example], seed: int) -> list[tuple[int, int]]:
    """For each text that has names to exchange: how often its signal changed, of how many exchanges."""
    rng = random.Random(seed)
    before = _signals(model, examples)
    counts = [(0, 0)] * len(examples)
    for _ in range(ROUNDS):
        others = [exchange_countries(example, rng) for example in examples]
        made = [i for i, other in enumerate(others) if other.text != examples[i].text]
        for i, after in zip(made, _signals(model, [others[i] for i in made]), strict=True):
            counts[i] = (counts[i][0] + (after != before[i]), counts[i][1] + 1)
    return [count for count in counts if count[1]]


def share(changes: Sequence[int], made: Sequence[int]) -> float:
    """Share of the exchanges after which the signal is another."""
    return sum(changes) / sum(made)


def _signals(model: OnnxClassifier, examples: Sequence[Example]) -> list[str]:
    codings = model.code([to_passage(example) for example in examples])
    return [max(coding.signal, key=coding.signal.__getitem__) for coding in codings]
