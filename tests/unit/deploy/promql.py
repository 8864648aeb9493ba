"""As much of PromQL as our own expressions use: which metrics and labels they name. What it does not know it refuses."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

FUNCTIONS = frozenset({"absent", "histogram_quantile", "increase", "max", "min", "rate", "sum", "topk"})
LABEL_LISTS = frozenset({"by", "on"})
OPERATORS = frozenset({"and", "or", "unless"})
TOKEN = re.compile(
    r"\s*(?:(?P<text>\"[^\"]*\")|(?P<range>\[(?:\d+[smhd]|\$__rate_interval)\])|(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<name>[A-Za-z_]\w*)|(?P<sign>=~|!~|!=|==|>=|<=|[=<>/*+\-(){},]))"
)
Token = tuple[str, str]


@dataclass
class Named:
    """Metric → the labels its selectors name; and labels that results are grouped or joined by."""

    metrics: dict[str, set[str]] = field(default_factory=dict)
    groupings: set[str] = field(default_factory=set)


def tokens(text: str) -> list[Token]:
    """(kind, text) of each."""
    return list(_cut(text.strip()))


def _cut(text: str) -> Iterator[Token]:
    position = 0
    while position < len(text):
        match = TOKEN.match(text, position)
        if match is None:
            raise ValueError(f"not understood: {text[position:]!r}")
        position = match.end()
        yield str(match.lastgroup), match[str(match.lastgroup)]


def named(text: str) -> Named:
    """What an expression names. Raises ValueError for what is no expression of ours."""
    found, rest = Named(), tokens(text)
    _check_brackets(rest)
    while rest:
        kind, word = rest.pop(0)
        after = rest[0][1] if rest else ""
        if kind != "name":
            continue
        if word in LABEL_LISTS:
            found.groupings |= {label for sort, label in _until(rest, ")") if sort == "name"}
        elif after == "(" or after in LABEL_LISTS:
            if word not in FUNCTIONS | OPERATORS:
                raise ValueError(f"no function is called {word}")
        elif word not in OPERATORS:
            selected = _until(rest, "}") if after == "{" else []
            found.metrics.setdefault(word, set()).update(_labels(selected))
    return found


def _labels(selected: list[Token]) -> set[str]:
    inner, found = selected[1:-1], set()
    while inner:
        (kind, label), (_, sign), (sort, _value), *inner = inner
        if (kind, sort) != ("name", "text") or sign not in {"=", "!=", "=~", "!~"}:
            raise ValueError(f"no selector: {label}{sign}")
        found.add(label)
        if inner and inner.pop(0)[1] != ",":
            raise ValueError("selectors are parted by commas")
    return found


def _until(rest: list[Token], end: str) -> list[Token]:
    taken = []
    while rest:
        taken.append(rest.pop(0))
        if taken[-1][1] == end:
            return taken
    raise ValueError(f"{end} is missing")


def _check_brackets(words: list[Token]) -> None:
    closes, open_ones = {")": "(", "}": "{"}, []
    for kind, word in words:
        if kind == "sign" and word in closes.values():
            open_ones.append(word)
        elif kind == "sign" and word in closes and (not open_ones or open_ones.pop() != closes[word]):
            raise ValueError(f"{word} closes nothing")
    if open_ones:
        raise ValueError("a bracket is not closed")
