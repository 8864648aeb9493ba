"""Conditions on labels, written as in Alertmanager: `severity=~"high|critical"`."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from service.domain.alerting.pattern import compiled, fits


class Op(StrEnum):
    """How a label is compared. The expressions of `=~` and `!~` stand for the whole value."""

    EQUAL = "="
    NOT_EQUAL = "!="
    MATCHES = "=~"
    MATCHES_NOT = "!~"


_BARE = re.compile(r"[^\s{}!=~,\\\"'`]+")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPE = re.compile(r'\\([\\"n])')
_OP = re.compile(r"=~|!~|!=|=")


@dataclass(frozen=True, slots=True)
class Matcher:
    """One condition on one label; a label that is not there is empty. Raises ValueError for a refused pattern."""

    name: str
    op: Op
    value: str

    def __post_init__(self) -> None:
        if self.op in {Op.MATCHES, Op.MATCHES_NOT}:
            compiled(self.value)

    def holds(self, labels: Mapping[str, str]) -> bool:
        """Whether the labels are as it asks."""
        found = labels.get(self.name, "")
        match self.op:
            case Op.EQUAL:
                return found == self.value
            case Op.NOT_EQUAL:
                return found != self.value
            case Op.MATCHES:
                return fits(self.value, found)
            case Op.MATCHES_NOT:
                return not fits(self.value, found)

    def __str__(self) -> str:
        """As it is written; reading it gives the same matcher."""
        name = self.name if _BARE.fullmatch(self.name) else _quoted(self.name)
        return f"{name}{self.op}{_quoted(self.value)}"


def matches(matchers: Iterable[Matcher], labels: Mapping[str, str]) -> bool:
    """Whether all of them hold; none at all hold always."""
    return all(matcher.holds(labels) for matcher in matchers)


def parse_matcher(text: str) -> Matcher:
    """One matcher. Raises ValueError that says what would be right."""
    matcher, rest = _one(text, text.lstrip())
    if rest:
        raise ValueError(f"{text!r}: nothing may follow the matcher; write several as a list")
    return matcher


def parse_matchers(text: str) -> tuple[Matcher, ...]:
    """Several matchers, `{a="b", c=~"d"}` or without the braces. Raises ValueError that says what would be right."""
    rest = text.strip()
    if rest.startswith("{"):
        if not rest.endswith("}"):
            raise ValueError(f"{text!r}: a }} is missing")
        rest = rest[1:-1].strip()
    found = []
    while rest:
        matcher, rest = _one(text, rest)
        found.append(matcher)
        if rest and not rest.startswith(","):
            raise ValueError(f"{text!r}: a comma must stand between two matchers")
        rest = rest[1:].lstrip()
    return tuple(found)


def _one(text: str, rest: str) -> tuple[Matcher, str]:
    """The first matcher, and what follows."""
    name, rest = _token(text, rest, "begin with the name of a label")
    op = _OP.match(rest)
    if not name or not op:
        raise ValueError(f'{text!r}: a matcher looks like severity="high", with one of = != =~ !~')
    value, rest = _token(text, rest[op.end() :].lstrip(), 'give a value after the sign, "" for an empty one')
    return Matcher(name, Op(op[0]), value), rest


def _token(text: str, rest: str, wanted: str) -> tuple[str, str]:
    """A bare or quoted word, and what follows it and the space after it."""
    if quoted := _QUOTED.match(rest):
        return _ESCAPE.sub(lambda m: "\n" if m[1] == "n" else m[1], quoted[1]), rest[quoted.end() :].lstrip()
    if rest.startswith('"'):
        raise ValueError(f"{text!r}: a closing quote is missing")
    bare = _BARE.match(rest)
    if not bare:
        raise ValueError(f"{text!r}: {wanted}")
    return bare[0], rest[bare.end() :].lstrip()


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
