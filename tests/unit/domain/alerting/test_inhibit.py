import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.alerting.inhibit import InhibitRule, inhibited_by, inhibitor
from service.domain.alerting.matcher import Matcher, Op, parse_matchers

DYAD = "dyad:IRN-PAK"


@pytest.mark.parametrize(
    ("own", "speaks"),
    [
        pytest.param({"strike": 60, "other": 40}, DYAD, id="more than half"),
        pytest.param({"strike": 50, "other": 50}, DYAD, id="just half"),
        pytest.param({"strike": 49, "other": 51}, None, id="less than half"),
        pytest.param({"other": 100}, None, id="nothing shared"),
        pytest.param({}, None, id="no mass at all"),
        pytest.param({"strike": 0}, None, id="no weight at all"),
    ],
)
@pytest.mark.parametrize("subject", ["country:PAK", "region:balochistan", "m49:034"])
def test_a_dyad_speaks_for_a_place_whose_mass_is_mostly_its_own(
    subject: str, own: dict[str, int], speaks: str | None
) -> None:
    assert inhibited_by(subject, [DYAD], {subject: own, DYAD: {"strike": 100}}) == speaks


def test_a_dyad_speaks_for_no_dyad() -> None:
    mass = {DYAD: {"strike": 1}, "dyad:IND-PAK": {"strike": 1}}
    assert inhibited_by(DYAD, ["dyad:IND-PAK", DYAD], mass) is None


def test_without_a_firing_dyad_everyone_speaks_for_himself() -> None:
    assert inhibited_by("country:PAK", [], {"country:PAK": {"strike": 1}}) is None


def test_a_firing_dyad_without_mass_speaks_for_nobody() -> None:
    assert inhibited_by("country:PAK", [DYAD], {"country:PAK": {"strike": 1}}) is None


def test_of_two_dyads_the_first_by_name_speaks() -> None:
    strike = {"strike": 1}
    mass = {"country:PAK": strike, DYAD: strike, "dyad:IND-PAK": strike}
    assert inhibited_by("country:PAK", [DYAD, "dyad:IND-PAK"], mass) == "dyad:IND-PAK"


def test_two_dyads_do_not_add_up() -> None:
    mass = {"country:PAK": {"a": 4, "b": 4, "c": 2}, DYAD: {"a": 1}, "dyad:IND-PAK": {"b": 1}}
    assert inhibited_by("country:PAK", [DYAD, "dyad:IND-PAK"], mass) is None


# Rules that operators write.

LOUD = InhibitRule(parse_matchers('severity="critical"'), parse_matchers('severity=~"info|warning"'), ("subject",))
LABELS = st.dictionaries(st.sampled_from(["a", "b", "c"]), st.sampled_from(["", "1", "2"]))
SIDES = st.lists(
    st.builds(
        Matcher, st.sampled_from(["a", "b", "c"]), st.sampled_from([Op.EQUAL, Op.NOT_EQUAL]), st.sampled_from("12")
    ),
    max_size=2,
).map(tuple)
RULES = st.builds(InhibitRule, SIDES, SIDES, st.sets(st.sampled_from(["a", "b", "c"])).map(tuple))


def labels(severity: str, subject: str = DYAD) -> dict[str, str]:
    return {"severity": severity, "subject": subject}


def test_a_critical_alert_speaks_for_the_others_of_its_subject() -> None:
    firing = [labels("critical", "dyad:IND-PAK"), labels("critical")]
    assert inhibitor(labels("warning"), firing, [LOUD]) == firing[1]
    assert inhibitor(labels("warning"), firing[:1], [LOUD]) is None
    assert inhibitor(labels("high"), firing, [LOUD]) is None
    assert inhibitor(labels("warning"), firing, []) is None


def test_a_label_that_both_lack_is_the_same() -> None:
    rule = InhibitRule(LOUD.source, LOUD.target, ("team",))
    assert inhibitor(labels("info"), [labels("critical")], [rule]) == labels("critical")
    assert inhibitor({**labels("info"), "team": ""}, [labels("critical")], [rule]) == labels("critical")
    assert inhibitor({**labels("info"), "team": "night"}, [labels("critical")], [rule]) is None


@given(LABELS, st.lists(RULES, max_size=3))
def test_nothing_inhibits_itself(one: dict[str, str], rules: list[InhibitRule]) -> None:
    assert inhibitor(one, [one], rules) is None


@given(LABELS, LABELS, RULES)
def test_no_two_silence_each_other(one: dict[str, str], other: dict[str, str], rule: InhibitRule) -> None:
    assert not (inhibitor(one, [other], [rule]) and inhibitor(other, [one], [rule]))


@given(LABELS, st.lists(LABELS, max_size=3), st.lists(RULES, max_size=3))
def test_who_speaks_for_another_fires_and_has_its_equal_labels(
    one: dict[str, str], firing: list[dict[str, str]], rules: list[InhibitRule]
) -> None:
    speaker = inhibitor(one, firing, rules)
    if speaker is not None:
        assert speaker in firing
        assert any(all(one.get(n, "") == speaker.get(n, "") for n in rule.equal) for rule in rules)
