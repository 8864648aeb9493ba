"""Exchanges one country for another, so that roles and signal do not hang on who usually fights whom."""

import random
from dataclasses import replace

from training.data import Example
from training.names import COUNTRIES, FORMS, Country


def exchange_countries(example: Example, rng: random.Random) -> Example:
    """The example with each country it names replaced by another, in the same form; unchanged if it names none.

    Only names the model is taught a role for are replaced; names of towns and groups stay.
    """
    codes = {FORMS[name][0] for name in _names(example) if name in FORMS}
    new = dict(zip(sorted(codes), rng.sample(COUNTRIES, len(codes)), strict=True))
    return _rewritten(example, new) if codes else example


def _names(example: Example) -> list[str]:
    return [example.text[start:end] for start, end, _ in example.spans]


def _rewritten(example: Example, new: dict[str, Country]) -> Example:
    text, spans, at = "", [], 0
    for start, end, role in example.spans:
        text += example.text[at:start]
        name = _replacement(example.text[start:end], new)
        spans.append((len(text), len(text) + len(name), role))
        text, at = text + name, end
    return replace(example, text=text + example.text[at:], spans=tuple(spans))


def _replacement(name: str, new: dict[str, Country]) -> str:
    if name not in FORMS:
        return name
    code, form = FORMS[name]
    return new[code].form(form)
