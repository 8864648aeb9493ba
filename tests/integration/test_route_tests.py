"""Tests of routes in YAML, and `detente routes`: where an alert goes, and by which route when that is not as expected."""

import json
import re
import shutil
from pathlib import Path

import pytest

from service.bootstrap import Detente, shipped
from service.cli.routing import routes_show, routes_test
from service.cli.testing import run_tests
from service.errors import ConfigError

ROUTES = """\
receivers: [{name: desk}, {name: pager}, {name: log}]
route:
  receiver: desk
  routes:
    - receiver: log
      group_by: [kind]
      matchers: [severity=info]
      continue: true
    - receiver: pager
      matchers: ['severity=~"high|critical"', 'countries=~".*PAK.*"']
      group_by: ['...']
      group_wait: 0s
      mute_time_intervals: [night]
time_intervals:
  - name: night
    time_intervals: [{times: [{start_time: "22:30", end_time: "07:00"}], location: Europe/Berlin}]
"""
GOOD = """\
cases:
  - labels: {rule: surge, subject: "dyad:PAK-IRN", severity: high}
    at: 2026-03-28T22:00:00Z
    receivers: [pager]
    muted_until: {pager: 2026-03-29T05:00:00Z}
    group:
      pager:
        {rule: surge, kind: SURGE, subject: "dyad:IRN-PAK", subject_kind: dyad, countries: "IRN,PAK",
         severity: high, state: firing, confirmed: "true"}
  - labels: {kind: DEESC, subject: "dyad:IRN-PAK", severity: info}
    at: 2026-03-28T12:00:00Z
    receivers: [log]
    group: {log: {kind: DEESC}}
    muted_until: {}
  - labels: {subject: "dyad:IND-CHN", severity: critical}
    receivers: [desk]
    group: {desk: {subject: "dyad:CHN-IND"}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("rules.yaml", "sources.yaml"):
        shutil.copy(shipped("config") / name, tmp_path)
    (tmp_path / "routes.yaml").write_text(ROUTES, encoding="utf-8")
    (tmp_path / "tests").mkdir()
    return tmp_path


def tried(folder: Path, text: str, capsys: pytest.CaptureFixture[str]) -> dict:
    (folder / "tests" / "mine.yaml").write_text(text, encoding="utf-8")
    code = run_tests(Detente(folder), None, as_json=True)
    shown = json.loads(capsys.readouterr().out)
    assert code == (0 if shown["ok"] else 1)
    return shown


def test_routes_that_lead_where_they_should(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = tried(folder, GOOD, capsys)
    assert (shown["ok"], shown["tests"], shown["cases"][0]["failures"]) == (True, 1, [])
    assert (shown["cases"][0]["about"], shown["cases"][0]["fired"]) == ("routes", [])


@pytest.mark.parametrize(
    ("right", "wrong", "line", "expected", "found", "reason"),
    [
        (
            "receivers: [pager]",
            "receivers: [pager, desk]",
            2,
            "receivers pager, desk",
            "pager",
            'it went by route.routes[1]: severity=~"high|critical", countries=~".*PAK.*"',
        ),
        ("receivers: [log]", "receivers: []", 10, "receivers nobody", "log", 'it went by route.routes[0]: severity="info"'),
        ('{desk: {subject: "dyad:CHN-IND"}}', "{desk: {kind: LEVEL}}", 15, 'the group of desk kind="LEVEL"', 'subject="dyad:CHN-IND"', "it went by route"),
        ('{desk: {subject: "dyad:CHN-IND"}}', "{desk: {}}", 15, "the group of desk without labels", 'subject="dyad:CHN-IND"', "it went by route"),
        ("muted_until: {pager: 2026-03-29T05:00:00Z}", "muted_until: {}", 2, "pager not muted", "muted until 2026-03-29 05:00Z (night)", None),
        ("T05:00:00Z}", "T06:00:00Z}", 2, "pager muted until 2026-03-29 06:00Z", "muted until 2026-03-29 05:00Z (night)", None),
        ("muted_until: {}", "muted_until: {log: 2026-03-29T05:00:00Z}", 10, "log muted until 2026-03-29 05:00Z", "not muted", None),
    ],
)  # fmt: skip
def test_a_failure_says_by_which_route_it_went(
    folder: Path, right: str, wrong: str, line: int, expected: str, found: str, reason: str | None,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    assert right in GOOD
    text = GOOD.replace(right, wrong)
    if wrong == "receivers: []":
        text = text.replace("    group: {log: {kind: DEESC}}\n", "")
    (failure,) = tried(folder, text, capsys)["cases"][0]["failures"]
    assert failure["where"] == f"{folder / 'tests' / 'mine.yaml'}:{line}"
    assert (failure["expected"], failure["found"]) == (expected, found)
    assert reason in {None, failure["reason"]}


def test_the_failure_is_shown_to_people(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "tests" / "mine.yaml").write_text(
        GOOD.replace("[desk]", "[log]").replace("{desk:", "{log:"), encoding="utf-8"
    )
    assert run_tests(Detente(folder), None, as_json=False) == 1
    shown = capsys.readouterr().out
    assert "expected receivers log\n    found desk: it went by route\n" in shown
    assert "heard" not in shown


def test_other_routes_can_be_tried(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "tests" / "other.txt").write_text("receivers: [{name: all}]\nroute: {receiver: all}\n", encoding="utf-8")
    text = "routes: other.txt\ncases: [{labels: {severity: high}, receivers: [all]}]\n"
    assert tried(folder, text, capsys)["ok"]


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("cases: []\n", 1, "cases: "),
        ("cases:\n  - labels: {}\n    receivers: []\n", 2, "cases.0.labels: "),
        ("cases:\n  - {labels: {kind: LEVEL}}\n", 2, "cases.0.receivers: "),
        ("cases:\n  - labels: {kind: LEVEL}\n    receivers: [dsk]\n", 3, "cases.0.receivers.0: there is no receiver 'dsk'; did you mean desk?"),
        ("cases:\n  - labels:\n      sverity: high\n    receivers: [desk]\n", 3, "cases.0.labels.sverity: no alert has a label 'sverity'"),
        ("cases:\n  - labels: {severity: hihg}\n    receivers: [desk]\n", 2, "cases.0.labels.severity: severity is never 'hihg'; did you mean high?"),
        ("cases:\n  - labels: {subject: Iran}\n    receivers: [desk]\n", 2, "cases.0.labels.subject: 'Iran' is no subject"),
        ("cases:\n  - labels: {kind: LEVEL}\n    receivers: [desk]\n    muted_until: {}\n", 2, "cases.0: muted_until is asked of a moment: give at"),
        ("cases:\n  - labels: {kind: LEVEL}\n    receivers: [desk]\n    group: {log: {}}\n", 2, "cases.0: group and muted_until name log"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_test_is_named_with_its_place(folder: Path, text: str, line: int, says: str) -> None:
    path = folder / "tests" / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=re.escape(f"{path}:{line}: {says}")):
        run_tests(Detente(folder), None, as_json=True)


def test_a_mistake_in_the_routes_it_names_is_told(folder: Path) -> None:
    other = folder / "tests" / "other.txt"
    other.write_text("receivers: [{name: all}]\nroute: {receiver: al}\n", encoding="utf-8")
    (folder / "tests" / "mine.yaml").write_text(
        "routes: other.txt\ncases: [{labels: {kind: LEVEL}, receivers: [all]}]\n"
    )
    with pytest.raises(ConfigError, match=re.escape(f"{other}:2: route.receiver: names 'al'")):
        run_tests(Detente(folder), None, as_json=True)


def test_where_nothing_is_configured_nobody_is_expected(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "routes.yaml").write_text("receivers: []\n", encoding="utf-8")
    assert tried(folder, "cases: [{labels: {severity: high}, receivers: []}]\n", capsys)["ok"]


# detente routes


def test_the_tree_is_shown(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    routes_show(Detente(folder), as_json=False)
    assert capsys.readouterr().out.splitlines() == [
        "route → desk  (by subject; waits 30 s, then 30 min, again 1 d)",
        '  route.routes[0]: severity="info" → log  (by kind; waits 30 s, then 30 min, again 1 d; continue)',
        '  route.routes[1]: severity=~"high|critical", countries=~".*PAK.*" → pager  '
        "(by all labels; waits 0 s, then 30 min, again 1 d; muted night)",
    ]
    routes_show(Detente(folder), as_json=True)
    shown = json.loads(capsys.readouterr().out)
    assert shown["routes"][1] == {
        "path": "route.routes[1]",
        "receiver": "pager",
        "matchers": ['severity=~"high|critical"', 'countries=~".*PAK.*"'],
        "group_by": ["..."],
        "group_wait_s": 0,
        "group_interval_s": 1800,
        "repeat_interval_s": 86400,
        "mute_time_intervals": ["night"],
        "active_time_intervals": [],
        "continue": False,
        "routes": [],
    }


def test_where_an_alert_goes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["severity=high", "subject=dyad:IRN-PAK"]
    routes_test(Detente(folder), given, "2026-03-28T22:00:00Z", as_json=False)
    said, way = capsys.readouterr().out.splitlines()
    assert said.startswith('countries="IRN,PAK", severity="high", state="firing"')
    assert way.startswith('→ pager  by route.routes[1]: severity=~"high|critical"')
    assert way.endswith("; muted until 2026-03-29 05:00Z (night)")
    routes_test(Detente(folder), given, "2026-03-28T12:00:00Z", as_json=True)
    (shown,) = json.loads(capsys.readouterr().out)["destinations"]
    assert (shown["receiver"], shown["muted_until"], shown["muted_by"]) == ("pager", None, None)
    assert shown["group"]["subject"] == "dyad:IRN-PAK"


def test_with_nothing_configured_it_goes_to_nobody(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "routes.yaml").write_text("receivers: []\n", encoding="utf-8")
    routes_test(Detente(folder), ["severity=high"], None, as_json=False)
    assert capsys.readouterr().out.splitlines()[1] == "→ nobody  by route; group without labels"


@pytest.mark.parametrize(
    ("label", "says"),
    [("severity", "is no label; write it as"), ("team=night", "no alert has a label 'team'"), ("severity=loud", "is never 'loud'"), ("subject=Iran", "is no subject")],
)  # fmt: skip
def test_a_label_no_alert_has_is_refused(folder: Path, label: str, says: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(says)):
        routes_test(Detente(folder), [label], None, as_json=False)
