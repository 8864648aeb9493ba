"""Which regular expressions may be used: those whose work is bounded, whatever text they meet.

Python tries one way after another to match, and a careless expression has more ways than there is time. So an
expression is read here first, and its ways are counted, at worst, on the longest value: a repeat of one character can
end anywhere, alternatives add up, and what stands side by side multiplies. Only few ways are allowed. A repeat of what
can itself be matched in two ways (`(a+)+`, `(a|aa)+`) has ways beyond counting and is refused, as are groups that look
around and references back.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

LONGEST_PATTERN = 200
"""Characters of an expression."""
LONGEST_VALUE = 1000
"""Characters of a value that is looked at; the codes of all countries fit in. A longer value matches no expression."""
MOST_WAYS = 4_000_000
"""Ways to try a value, at worst: two open repeats (`.*IRN.*`) have a million, three a thousand times as many."""
MOST_REPEATS = 1000
"""The largest number in `{}`."""
_QUANTIFIER = re.compile(r"[*+?]|\{(\d*)(,?)(\d*)\}")
_CLASS_ESCAPES = frozenset("dDsSwW")
_PLAIN_ESCAPES = frozenset("nrtfv")


@lru_cache(maxsize=4096)
def compiled(pattern: str) -> re.Pattern[str]:
    """The expression, ready for use. Raises ValueError that says why it is refused."""
    if len(pattern) > LONGEST_PATTERN:
        raise ValueError(f"the expression has more than {LONGEST_PATTERN} characters")
    if ways(pattern) > MOST_WAYS:
        raise ValueError(
            f"the expression {_shown(pattern)} can be tried in too many ways: no more than two open repeats (such as "
            ".*) may stand in a row; use several matchers, which must all hold"
        )
    try:
        return re.compile(pattern)
    except (re.error, OverflowError) as error:
        raise ValueError(f"the expression {_shown(pattern)} cannot be read: {error}") from None


def ways(pattern: str, longest: int = LONGEST_VALUE) -> int:
    """In how many ways a value of so many characters can be tried at worst, or some number above MOST_WAYS.

    Raises ValueError for what is refused whatever its ways.
    """
    return _Reader(pattern.removeprefix("(?i)"), longest).ways()


def fits(pattern: str, value: str) -> bool:
    """Whether the expression matches all of a value of bounded length."""
    return len(value) <= LONGEST_VALUE and compiled(pattern).fullmatch(value) is not None


def _shown(pattern: str) -> str:
    return pattern if len(pattern) <= 60 else f"{pattern[:59]}…"  # noqa: PLR2004  a line of a message


@dataclass
class _Reader:
    """Reads an expression from left to right and counts ways."""

    text: str
    longest: int
    at: int = 0
    has_repeat: bool = False
    """Whether what was read last, within the group that is being read, holds a quantifier."""

    def ways(self) -> int:
        ways = self._alternatives()
        if self.at < len(self.text):
            raise self._error("there is a ) too many")
        return ways

    def _alternatives(self) -> int:
        ways = self._sequence()
        while self._next() == "|":
            self.at += 1
            ways += self._sequence()
        return ways

    def _sequence(self) -> int:
        ways = 1
        while self._next() not in {"", "|", ")"}:
            ways = min(ways * self._repeated(), MOST_WAYS + 1)
        return ways

    def _repeated(self) -> int:
        outer, self.has_repeat = self.has_repeat, False
        ways = self._one()
        quantifier = _QUANTIFIER.match(self.text, self.at)
        if quantifier and quantifier[0] != "{}":
            ways = self._times(ways, quantifier)
        self.has_repeat = self.has_repeat or outer or quantifier is not None
        return ways

    def _times(self, ways: int, quantifier: re.Match[str]) -> int:
        self.at = quantifier.end()
        if self._next() == "?":
            self.at += 1
        following = _QUANTIFIER.match(self.text, self.at)
        if following and following[0] != "{}":
            raise self._error("two quantifiers follow one another")
        least, most = self._bounds(quantifier)
        if most <= 1:
            return ways + 1
        if self.has_repeat:
            raise self._error("a repeat stands within a repeat")
        if ways > 1:
            raise self._error("alternatives are repeated; write a class such as [ab]+, or several matchers")
        return most - least + 1

    def _bounds(self, quantifier: re.Match[str]) -> tuple[int, int]:
        simple = {"*": (0, self.longest), "+": (1, self.longest), "?": (0, 1)}
        if quantifier[0] in simple:
            return simple[quantifier[0]]
        least = int(quantifier[1] or 0)
        most = int(quantifier[3] or max(least, self.longest)) if quantifier[2] else least
        if max(least, most) > MOST_REPEATS:
            raise self._error(f"a number of repeats is larger than {MOST_REPEATS}")
        if least > most:
            raise self._error("the bounds of a repeat are the wrong way round")
        return least, most

    def _one(self) -> int:
        sign = self._next()
        self.at += 1
        match sign:
            case "(":
                return self._group()
            case "[":
                self._class()
            case "\\":
                self._escape()
            case "*" | "+" | "?":
                raise self._error(f"nothing stands before {sign}")
        return 1

    def _group(self) -> int:
        if self._next() == "?":
            if not self.text.startswith("?:", self.at):
                raise self._error("groups that begin with (? are refused, but for (?: and a leading (?i)")
            self.at += 2
        ways = self._alternatives()
        if self._next() != ")":
            raise self._error("a ) is missing")
        self.at += 1
        return ways

    def _class(self) -> None:
        if self._next() == "^":
            self.at += 1
        first = True
        while (sign := self._next()) != "]" or first:
            if not sign:
                raise self._error("a ] is missing")
            self.at += 1
            if sign == "\\":
                self._escape()
            elif sign == "[" or (sign in "-&~|" and self._next() == sign):
                raise self._error(f"write \\{sign} for the character {sign} between [ and ]")
            first = False
        self.at += 1

    def _escape(self) -> None:
        sign = self._next()
        if not sign:
            raise self._error("it ends with a single \\")
        if sign.isdigit():
            raise self._error("references back are refused")
        if sign.isalpha() and sign not in _CLASS_ESCAPES | _PLAIN_ESCAPES:
            raise self._error(f"\\{sign} is refused; known are \\d \\D \\s \\S \\w \\W \\n \\r \\t \\f \\v")
        self.at += 1

    def _next(self) -> str:
        return self.text[self.at : self.at + 1]

    def _error(self, why: str) -> ValueError:
        return ValueError(f"the expression {_shown(self.text)} is refused: {why}")
