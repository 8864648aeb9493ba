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


def changed(model: OnnxClassifier, examples: Sequence[Example], seed: int) -> tuple[float, int]:
    """Share of texts whose signal changes when their countries are exchanged, and how many exchanges were made."""
    rng, differ, made = random.Random(seed), 0, 0
    before = _signals(model, examples)
    for _ in range(ROUNDS):
        others = [exchange_countries(example, rng) for example in examples]
        pairs = [(b, o) for b, o, e in zip(before, others, examples, strict=True) if o.text != e.text]
        after = _signals(model, [other for _, other in pairs])
        differ += sum(b != a for (b, _), a in zip(pairs, after, strict=True))
        made += len(pairs)
    return differ / made, made


def _signals(model: OnnxClassifier, examples: Sequence[Example]) -> list[str]:
    codings = model.code([to_passage(example) for example in examples])
    return [max(coding.signal, key=coding.signal.__getitem__) for coding in codings]
