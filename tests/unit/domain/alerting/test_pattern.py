"""That no expression can keep the service busy is shown by counting, not by a clock.

`steps` tries an expression as a backtracking engine does, one way after another, and counts. For every expression that
is accepted the count stays within what the reader counted.
"""

import re
import warnings

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from service.domain.alerting.pattern import LONGEST_VALUE, MOST_WAYS, compiled, fits, ways


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("(a+)+$", "a repeat stands within a repeat"),
        ("(.*)*", "a repeat stands within a repeat"),
        ("(a*b?)+", "a repeat stands within a repeat"),
        ("((a?){2}){2}", "a repeat stands within a repeat"),
        ("(a{2}b){3}", "a repeat stands within a repeat"),
        ("(a|aa)+", "alternatives are repeated"),
        ("(|a)*", "alternatives are repeated"),
        ("((a|b)c){2,}", "alternatives are repeated"),
        (".*.*.*", "too many ways"),
        (".*a.*b.*c", "too many ways"),
        ("a?" * 23, "too many ways"),
        ("(a|b)" * 23, "too many ways"),
        (r"(a)\1", "references back"),
        ("(?P<x>a)(?P=x)", "groups that begin with (?"),
        ("(?=a)b", "groups that begin with (?"),
        ("(?<!a)b", "groups that begin with (?"),
        ("(?>a)", "groups that begin with (?"),
        ("a(?i)b", "groups that begin with (?"),
        ("a++", "two quantifiers"),
        ("a**", "two quantifiers"),
        ("a{2}{3}", "two quantifiers"),
        ("a{1001}", "larger than 1000"),
        ("a{3,2}", "the wrong way round"),
        ("*a", "nothing stands before *"),
        ("{3}", "cannot be read"),
        ("^*", "cannot be read"),
        ("[z-a]", "cannot be read"),
        ("(a", "a ) is missing"),
        ("a)", "a ) too many"),
        ("[a", "a ] is missing"),
        ("[]", "a ] is missing"),
        ("[[a]]", "write \\["),
        ("[a--b]", "write \\-"),
        ("a\\", "ends with a single"),
        (r"\Z", r"\Z is refused"),
        ("a" * 201, "more than 200 characters"),
    ],
)
def test_what_could_run_away_or_cannot_be_read_is_refused(pattern: str, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        compiled(pattern)


@pytest.mark.parametrize(
    ("pattern", "value"),
    [
        ("high|critical", "critical"),
        ("dyad:(IRN-.*|.*-IRN)", "dyad:AFG-IRN"),
        (".*(^|,)?PAK.*", "IRN,PAK"),
        ("(?i)HIGH", "high"),
        ("(ab)+", "ababab"),
        ("[ab]+c*?", "abbacc"),
        ("(x.*)?", ""),
        (r"[\]a^-]{2,}", "]a"),
        ("[]a]", "]"),
        (r"\d{4}-\d\d", "2026-03"),
        ("a{,2}b", "aab"),
        ("{}", "{}"),
        ("a{x}", "a{x}"),
        ("", ""),
        ("größe.", "größer"),
    ],
)
def test_what_is_bounded_is_taken(pattern: str, value: str) -> None:
    assert fits(pattern, value)
    assert re.fullmatch(pattern, value)


def test_a_value_longer_than_any_label_matches_nothing() -> None:
    assert fits("a*", "a" * LONGEST_VALUE)
    assert not fits("a*", "a" * (LONGEST_VALUE + 1))


SIGNS = st.text(st.sampled_from("ab.*+?{}(),|[]^-\\d12$:&~"), max_size=14)


@given(SIGNS)
@example("[[")
@example("[a&&b]")
def test_the_reader_and_python_agree_on_what_can_be_read(pattern: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            accepted = compiled(pattern)
        except ValueError:
            return
    assert accepted.pattern == pattern


# A second engine, which counts what it tries. Its expressions are trees, so nothing of the reader is in it.

Tree = tuple[object, ...]
LEAVES = st.sampled_from([("sign", "a"), ("sign", "b"), ("any",)])
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(st.just("both"), inner, inner),
        st.tuples(st.just("either"), inner, inner),
        st.tuples(st.just("repeat"), st.sampled_from([(0, 1), (0, 9999), (1, 9999), (2, 3)]), inner),
    ),
    max_leaves=6,
)


def written(tree: Tree) -> str:
    match tree:
        case ("sign", str(sign)):
            return sign
        case ("any",):
            return "."
        case ("both", tuple(one), tuple(other)):
            return written(one) + written(other)
        case ("either", tuple(one), tuple(other)):
            return f"({written(one)}|{written(other)})"
        case ("repeat", (least, most), tuple(one)):
            sign = {(0, 1): "?", (0, 9999): "*", (1, 9999): "+", (2, 3): "{2,3}"}[least, most]
            inner = written(one)
            return f"{inner}{sign}" if len(inner) == 1 else f"({inner}){sign}"
    raise AssertionError(tree)


class Counter:
    def __init__(self, text: str) -> None:
        self.text, self.steps = text, 0

    def ends(self, tree: Tree, at: int) -> "list[int]":
        """Every place where the tree can end, once for each way that leads there: what a backtracker goes through."""
        self.steps += 1
        assert self.steps < 300_000, "more ways than were promised"
        match tree:
            case ("sign", str(sign)):
                return [at + 1] if self.text[at : at + 1] == sign else []
            case ("any",):
                return [at + 1] if at < len(self.text) else []
            case ("both", tuple(one), tuple(other)):
                return [end for middle in self.ends(one, at) for end in self.ends(other, middle)]
            case ("either", tuple(one), tuple(other)):
                return [*self.ends(one, at), *self.ends(other, at)]
            case ("repeat", (least, most), tuple(one)):
                return self.repeat(one, least, most, at)
        raise AssertionError(tree)

    def repeat(self, tree: Tree, least: int, most: int, at: int) -> "list[int]":
        here = [at] if least <= 0 else []
        if most == 0:
            return here
        onward = [end for end in self.ends(tree, at) if end > at]
        return [*here, *(end for middle in onward for end in self.repeat(tree, least - 1, most - 1, middle))]


@given(TREES)
@example(("repeat", (1, 9999), ("repeat", (1, 9999), ("sign", "a"))))
@example(("repeat", (1, 9999), ("either", ("sign", "a"), ("both", ("sign", "a"), ("sign", "a")))))
def test_the_ways_of_what_is_accepted_are_bounded(tree: Tree) -> None:
    pattern = written(tree)
    try:
        compiled(pattern)
    except ValueError:
        assume(False)  # noqa: FBT003  nothing is promised of what is refused
    text = "a" * 20 + "c"
    assert len(Counter(text).ends(tree, 0)) <= ways(pattern, len(text))
    assert ways(pattern) <= MOST_WAYS
    assert (len(text) in Counter(text).ends(tree, 0)) is (re.fullmatch(pattern, text) is not None)


def test_the_counting_engine_runs_away_where_the_reader_refuses() -> None:
    inner: Tree = ("either", ("sign", "a"), ("both", ("sign", "a"), ("sign", "a")))
    with pytest.raises(AssertionError, match="more ways"):
        Counter("a" * 24).ends(("repeat", (1, 9999), inner), 0)
