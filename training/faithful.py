"""Whether the words named as deciding do decide: the signal must change more often without them than without others.

A deletion test as in DeYoung et al. 2020 (ERASER, arXiv:1911.03429, "comprehensiveness").
"""

import random
import re
from collections.abc import Iterable, Sequence

from service.adapters.nlp.encoder import OnnxClassifier, says_something
from service.domain.events.coding import Coding, Passage
from training.data import Example

WORDS = 3
_WORD = re.compile(r"[A-Za-z][\w'-]+")


def changes(model: OnnxClassifier, examples: Sequence[Example], seed: int) -> tuple[float, float, int]:
    """Shares of directed texts that change signal without the deciding and without random words; texts measured."""
    rng = random.Random(seed)
    codings = zip(examples, model.code([Passage(e.text) for e in examples]), strict=True)
    directed = [(e.text, c) for e, c in codings if signal(c) != "neutral" and len(_heaviest(c)) == WORDS]
    named = [without(text, _heaviest(coding)) for text, coding in directed]
    others = [without(text, _random(text, _heaviest(coding), rng)) for text, coding in directed]
    return _changed(model, directed, named), _changed(model, directed, others), len(directed)


def signal(coding: Coding) -> str:
    """The first choice."""
    return max(coding.signal, key=coding.signal.__getitem__)


def _heaviest(coding: Coding) -> list[tuple[int, int]]:
    """The words that spoke most for the signal."""
    for_it = [word for word in coding.words if word[2] > 0]
    return [(start, end) for start, end, _ in sorted(for_it, key=lambda word: -word[2])[:WORDS]]


def _random(text: str, named: Sequence[tuple[int, int]], rng: random.Random) -> list[tuple[int, int]]:
    """Other words that say something."""
    words = [m.span() for m in _WORD.finditer(text) if says_something(m.group()) and m.span() not in named]
    return rng.sample(words, min(WORDS, len(words)))


def without(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """The text without these pieces."""
    for start, end in sorted(spans, reverse=True):
        text = text[:start] + text[end:]
    return " ".join(text.split())


def _changed(model: OnnxClassifier, before: Sequence[tuple[str, Coding]], after: Sequence[str]) -> float:
    codings = model.code([Passage(text or ".") for text in after])
    pairs = zip(before, codings, strict=True)
    return sum(signal(old) != signal(new) for (_, old), new in pairs) / len(before)
