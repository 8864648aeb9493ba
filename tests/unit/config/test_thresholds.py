"""Which thresholds rules have, what is tried in their place, and how a proposal is written."""

from pathlib import Path

import pytest

from service.bootstrap import shipped
from service.config.load import load_file
from service.config.schema import RulesFile
from service.config.thresholds import GRIDS, tunables, write
from service.domain.alerting.rule import Severity, Step
from service.domain.events.signal import Signal
from service.errors import ConfigError
from service.operations.tune import Tunable

SHIPPED = shipped("config") / "rules.yaml"
RULES = """\
# ours
rules:
  - name: loud   # the one that wakes
    kind: LEVEL
    subjects: ["dyad:*"]
    steps:       # three of them
      - {enter: 40, leave: 28, severity: warning}
      - {enter: 60, leave: 45, severity: high}
      - {enter: 80, leave: 65, severity: critical}

  - name: peace
    kind: DEESC
    subjects: ["dyad:*"]
    intensity: 4

  - name: sudden
    kind: SURGE
    subjects: ["dyad:*"]
    enter: 4
    leave: 3
"""


def rules(folder: Path) -> Path:
    path = folder / "rules.yaml"
    path.write_text(RULES)
    return path


def named(folder: Path, name: str) -> Tunable:
    return next(t for t in tunables(load_file(rules(folder), RulesFile)) if t.name == name)


def test_every_shipped_rule_with_a_threshold_is_tuned() -> None:
    found = {t.name: t for t in tunables(load_file(SHIPPED, RulesFile))}
    assert (found["level"].key, found["level"].now, found["level"].signal) == ("steps", 40.0, Signal.ESCALATION)
    assert (found["deescalation"].key, found["deescalation"].signal) == ("peace", Signal.DE_ESCALATION)
    assert (found["surge"].key, found["surge"].signal) == ("enter", Signal.ESCALATION)
    assert "all-clear" not in found
    assert all(len(t.rules) >= 8 for t in found.values())
    assert all(t.now in t.rules for t in found.values())


def test_the_first_step_takes_the_place_of_those_below_it(tmp_path: Path) -> None:
    loud = named(tmp_path, "loud")
    assert loud.rules[40.0].steps == (
        Step(40, 28, Severity.WARNING),
        Step(60, 45, Severity.HIGH),
        Step(80, 65, Severity.CRITICAL),
    )
    assert loud.rules[50.0].steps[:2] == (Step(50, 35, Severity.WARNING), Step(60, 45, Severity.HIGH))
    assert loud.rules[70.0].steps == (Step(70, 52.5, Severity.HIGH), Step(80, 65, Severity.CRITICAL))
    assert loud.rules[30.0].steps == (Step(30, 21, Severity.WARNING), *loud.rules[40.0].steps[1:])
    assert loud.rules[90.0].steps == (Step(90, 73.1, Severity.CRITICAL),)


def test_where_a_surge_leaves_moves_along(tmp_path: Path) -> None:
    sudden = named(tmp_path, "sudden")
    assert [(sudden.rules[t].enter, sudden.rules[t].leave) for t in (2.0, 4.0, 8.0)] == [(2, 1.5), (4, 3), (8, 6)]
    shipped_surge = next(t for t in tunables(load_file(SHIPPED, RulesFile)) if t.name == "surge")
    assert shipped_surge.rules[8.0].leave == 4.0


def test_every_threshold_tried_makes_a_rule_that_leaves_below_it(tmp_path: Path) -> None:
    for threshold, rule in named(tmp_path, "loud").rules.items():
        assert rule.steps[0].enter == threshold > rule.steps[0].leave > 0
    peace = named(tmp_path, "peace")
    assert sorted(peace.rules) == sorted({peace.now, *map(float, GRIDS[peace.key])})
    assert all(getattr(rule, peace.key) == threshold for threshold, rule in peace.rules.items())


@pytest.mark.parametrize("threshold", [30.0, 42.5, 70.0, 90.0])
def test_a_proposal_is_written_as_it_was_tried(tmp_path: Path, threshold: float) -> None:
    path = tmp_path / "tuned.yaml"
    peace = named(tmp_path, "peace")
    write(path, rules(tmp_path), {"loud": threshold, "peace": max(peace.rules), "sudden": 8.0})
    again = {entry.name: entry.rule() for entry in load_file(path, RulesFile).rules}
    assert again["loud"] == named(tmp_path, "loud").rules[threshold]
    assert again["sudden"] == named(tmp_path, "sudden").rules[8.0]
    assert again["peace"] == peace.rules[max(peace.rules)]
    text = path.read_text()
    assert f"    peace: {max(peace.rules):g}\n    intensity: 4\n\n" in text
    for comment in ("# ours", "# the one that wakes", "# three of them"):
        assert comment in text


def test_only_what_changes_is_written_anew(tmp_path: Path) -> None:
    path = tmp_path / "tuned.yaml"
    write(path, rules(tmp_path), {"loud": 40.0})
    assert path.read_text() == RULES
    write(path, rules(tmp_path), {"loud": 50.0, "peace": named(tmp_path, "peace").now})
    was, now = RULES.splitlines(), path.read_text().splitlines()
    changed = [(a, b) for a, b in zip(was, now, strict=True) if a != b]
    assert changed == [
        ("      - {enter: 40, leave: 28, severity: warning}", "      - {enter: 50, leave: 35, severity: warning}")
    ]


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be written"):
        write(tmp_path / "none" / "rules.yaml", rules(tmp_path), {"loud": 50.0})
