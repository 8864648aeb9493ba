"""One threshold changes, and nothing else of the text: comments, quotes, order, ends of lines."""

import difflib

import pytest

from service.config.thresholds import retuned, rules_of, tunables, written_of
from service.domain.alerting.rule import Severity
from service.errors import ConfigError

NOT_OURS = """\
# kept  by hand\t
rules:

- kind: 'LEVEL'     # upper case
  steps:
  # the quiet one
  - enter:   40      # from here
    leave: 28
    severity: "warning"

  # the loud one
  - {severity: high, leave: 45.0, enter: 6.0e1}   # wakes
  name: "loud"
  subjects:   [ 'dyad:*' ,
                "country:*" ]


- {name: calm, kind: DEESC, subjects: ["dyad:*"], intensity: 4.0}   # short
- {name: sudden, kind: SURGE, enter: 4, leave: 3, subjects: ["dyad:*"]}
# the end, without a line end"""


def changed(text: str, **thresholds: float) -> list[str]:
    """The lines that go and come."""
    new = retuned(text, thresholds, "rules.yaml")
    found = difflib.ndiff(text.splitlines(keepends=True), new.splitlines(keepends=True))
    return [line for line in found if line[0] in "+-"]


def test_a_value_changes_where_it_stands() -> None:
    assert changed(NOT_OURS, loud=50.0) == [
        "-   - enter:   40      # from here\n",
        "+   - enter:   50      # from here\n",
        "-     leave: 28\n",
        "+     leave: 35\n",
    ]
    assert changed(NOT_OURS, sudden=8.0) == [
        '- - {name: sudden, kind: SURGE, enter: 4, leave: 3, subjects: ["dyad:*"]}\n',
        '+ - {name: sudden, kind: SURGE, enter: 8, leave: 6, subjects: ["dyad:*"]}\n',
    ]


def test_a_step_goes_with_its_lines_and_the_next_is_changed() -> None:
    assert changed(NOT_OURS, loud=60.0) == [
        "-   - enter:   40      # from here\n",
        "-     leave: 28\n",
        '-     severity: "warning"\n',
    ]
    assert [line for line in changed(NOT_OURS, loud=62.5) if line[0] == "+"] == [
        "+   - {severity: high, leave: 46.9, enter: 62.5}   # wakes\n"
    ]


def test_a_key_that_was_not_written_comes_before_the_last() -> None:
    new = retuned(NOT_OURS, {"calm": 0.3}, "rules.yaml")
    assert 'subjects: ["dyad:*"], peace: 0.3, intensity: 4.0}   # short' in new
    assert rules_of(new, "rules.yaml").rules[1].peace == 0.3


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_ends_of_lines_stay(end: str) -> None:
    text = "rules:\n  - name: calm\n    kind: DEESC\n    subjects: ['dyad:*']\n    intensity: 4\n".replace("\n", end)
    new = retuned(text, {"calm": 0.5}, "rules.yaml")
    assert new == text.replace(f"    intensity: 4{end}", f"    peace: 0.5{end}    intensity: 4{end}")


def test_steps_in_one_line_lose_the_first() -> None:
    steps = "[{enter: 40, leave: 30, severity: info}, {enter: 60, leave: 50, severity: high}]"
    text = f"rules:\n- name: one\n  kind: LEVEL\n  steps: {steps}\n  subjects: ['dyad:*']\n"
    assert "  steps: [{enter: 65, leave: 54.2, severity: high}]\n" in retuned(text, {"one": 65.0}, "rules.yaml")


def test_every_threshold_of_the_grid_makes_the_rule_that_was_tried() -> None:
    for tunable in tunables(rules_of(NOT_OURS, "rules.yaml")):
        for threshold, rule in tunable.rules.items():
            new = rules_of(retuned(NOT_OURS, {tunable.name: threshold}, "rules.yaml"), "rules.yaml")
            assert next(entry.rule() for entry in new.rules if entry.name == tunable.name) == rule


def test_what_only_a_person_can_change_is_refused() -> None:
    text = (
        "rules:\n- name: one\n  kind: LEVEL\n  subjects: ['dyad:*']\n  steps:\n  -\n    enter: 40\n    leave: 30\n"
        "    severity: info\n  -\n    enter: 60\n    leave: 50\n    severity: high\n"
    )
    with pytest.raises(ConfigError, match="only a person"):
        retuned(text, {"one": 65.0}, "rules.yaml")
    assert "enter: 45\n" in retuned(text, {"one": 45.0}, "rules.yaml")


@pytest.mark.parametrize("text", ["", "rules: {}", "rules: [", "- 1"])
def test_no_rules_are_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        retuned(text, {"one": 65.0}, "rules.yaml")


def test_what_a_threshold_was_is_told_for_the_record() -> None:
    assert written_of(NOT_OURS, "sudden", "rules.yaml") == {"enter": 4.0, "leave": 3.0}
    assert written_of(NOT_OURS, "calm", "rules.yaml") == {"peace": 0.0}
    steps = written_of(NOT_OURS, "loud", "rules.yaml")["steps"]
    assert [(s["enter"], s["severity"]) for s in steps] == [(40.0, Severity.WARNING), (60.0, Severity.HIGH)]
    with pytest.raises(ConfigError, match="no rule 'none'"):
        written_of(NOT_OURS, "none", "rules.yaml")
