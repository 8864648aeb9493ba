import re
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.alerting.matcher import Matcher, Op, matches, parse_matcher, parse_matchers

NAMES = st.sampled_from(["severity", "kind", "subject", "team", "größe", "two words"])
VALUES = st.text(max_size=12) | st.sampled_from(["high", "dyad:IRN-PAK", "", "\\n", 'a\\"', "\\\\", "\n"])
LABELS = st.dictionaries(NAMES, VALUES, max_size=4)
PATTERNS = st.sampled_from(
    ["high|critical", ".*", ".+", "dyad:.*", "[a-z]*", "", "(?i)HIGH", r"\d+", "h(ig)?h", "a{2,3}b*"]
)
MATCHERS = st.builds(Matcher, NAMES, st.sampled_from([Op.EQUAL, Op.NOT_EQUAL]), VALUES) | st.builds(
    Matcher, NAMES, st.sampled_from([Op.MATCHES, Op.MATCHES_NOT]), PATTERNS
)


@given(NAMES, VALUES, LABELS)
def test_not_equal_is_the_contrary_of_equal(name: str, value: str, labels: Mapping[str, str]) -> None:
    assert Matcher(name, Op.NOT_EQUAL, value).holds(labels) is not Matcher(name, Op.EQUAL, value).holds(labels)


@given(NAMES, PATTERNS, LABELS)
def test_an_expression_stands_for_the_whole_value(name: str, pattern: str, labels: Mapping[str, str]) -> None:
    whole = re.fullmatch(pattern, labels.get(name, "")) is not None
    assert Matcher(name, Op.MATCHES, pattern).holds(labels) is whole
    assert Matcher(name, Op.MATCHES_NOT, pattern).holds(labels) is not whole


@given(MATCHERS, LABELS)
def test_a_label_that_is_not_there_is_empty(matcher: Matcher, labels: Mapping[str, str]) -> None:
    without = {name: value for name, value in labels.items() if value}
    assert matcher.holds(without) is matcher.holds({**dict.fromkeys([matcher.name], ""), **without})


@given(st.lists(MATCHERS, max_size=4), LABELS, st.randoms())
def test_all_must_hold_in_whatever_order(found: list[Matcher], labels: Mapping[str, str], chance: object) -> None:
    assert matches(found, labels) is all(matches([one], labels) for one in found)
    assert matches(sorted(found, key=lambda _: chance.random()), labels) is matches(found, labels)  # type: ignore[attr-defined]


@given(MATCHERS)
def test_what_is_written_is_what_is_read(matcher: Matcher) -> None:
    assert parse_matcher(str(matcher)) == matcher


@given(st.lists(MATCHERS, max_size=4))
def test_a_list_is_read_with_and_without_braces(found: list[Matcher]) -> None:
    written = ",".join(map(str, found))
    assert parse_matchers(written) == parse_matchers(f"{{ {written} }}") == tuple(found)


@pytest.mark.parametrize(
    ("text", "name", "op", "value"),
    [
        ('severity="high"', "severity", Op.EQUAL, "high"),
        (" severity != high ", "severity", Op.NOT_EQUAL, "high"),
        ("severity=~high|critical", "severity", Op.MATCHES, "high|critical"),
        ('subject!~"dyad:(IRN|PAK)-.*"', "subject", Op.MATCHES_NOT, "dyad:(IRN|PAK)-.*"),
        ('"two words"="a, {b} \\"c\\""', "two words", Op.EQUAL, 'a, {b} "c"'),
        ('größe="größer"', "größe", Op.EQUAL, "größer"),
        ('a=""', "a", Op.EQUAL, ""),
        (r'a=~"\d+\\.\d"', "a", Op.MATCHES, r"\d+\.\d"),
        (r'a="one\ntwo"', "a", Op.EQUAL, "one\ntwo"),
        ("a=dyad:IRN-PAK", "a", Op.EQUAL, "dyad:IRN-PAK"),
    ],
)
def test_a_matcher_is_read(text: str, name: str, op: Op, value: str) -> None:
    assert parse_matcher(text) == Matcher(name, op, value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "begin with the name of a label"),
        ("severity", "a matcher looks like"),
        ("severity==high", "give a value"),
        ("severity=", "give a value"),
        ('=~"high"', "begin with the name"),
        ('""="high"', "a matcher looks like"),
        ('severity="high', "a closing quote is missing"),
        ('severity="high" or', "nothing may follow"),
        ('severity="high", kind="LEVEL"', "nothing may follow"),
        ("severity=~(a+)+", "a repeat stands within a repeat"),
        ("severity=a`b", "nothing may follow"),
    ],
)
def test_what_is_no_matcher_is_said(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        parse_matcher(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{a="b"', "a } is missing"),
        ('a="b" c="d"', "a comma must stand"),
        (',a="b"', "begin with"),
        ('a="b",,', "begin with"),
    ],
)
def test_what_is_no_list_of_matchers_is_said(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        parse_matchers(text)


def test_a_list_may_be_empty_and_end_with_a_comma() -> None:
    assert parse_matchers("{}") == parse_matchers("") == ()
    assert parse_matchers('{a="b",}') == (Matcher("a", Op.EQUAL, "b"),)


def test_a_negative_matcher_holds_where_the_label_is_missing() -> None:
    assert parse_matcher('team!="night"').holds({})
    assert parse_matcher('team!~"night|day"').holds({})
    assert parse_matcher('team=""').holds({})
    assert parse_matcher('team=~".*"').holds({})
    assert not parse_matcher('team=~".+"').holds({})
