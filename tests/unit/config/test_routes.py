"""`routes.yaml`: what it means, and that every mistake is named by file, line and key."""

import re
import shutil
from datetime import time, timedelta
from pathlib import Path

import pytest

from service.bootstrap import Detente, shipped
from service.cli.checking import check
from service.config.route_tests import load_route_test
from service.domain.alerting.inhibit import InhibitRule
from service.domain.alerting.interval import Hours, Range, Span, TimeInterval
from service.domain.alerting.matcher import parse_matchers
from service.domain.alerting.route import NOBODY, Budget, DigestPlan, Escalation, Receiver, Route, Timing, walk
from service.domain.alerting.rule import Severity
from service.domain.risk.subject import Subject
from service.errors import ConfigError
from service.operations.routing import run_routes

WHOLE = """\
receivers:
  - name: desk
    budget: {per_day: 5, per_week: 15}
    digest: {every: weekly, weekday: friday, at: "17:30", zone: Europe/Berlin, least: warning}
    escalation: {after: 30m, to: chief}
  - name: chief
  - name: log
route:
  receiver: desk
  group_by: [subject]
  group_wait: 1m
  routes:
    - receiver: log
      continue: true
    - matchers: ['severity=~"high|critical"', 'kind="LEVEL"']
      group_by: ['...']
      group_interval: 5m
      mute_time_intervals: [night]
      routes:
        - matchers: ['{countries=~".*IRN.*", state="firing"}']
          receiver: chief
          repeat_interval: 4h
          group_by: []
          active_time_intervals: [office]
time_intervals:
  - name: night
    time_intervals:
      - times: [{start_time: "22:30", end_time: "07:00"}]
        location: Europe/Berlin
  - name: office
    time_intervals:
      - weekdays: ["monday:friday"]
        days_of_month: [1, "-3:-1"]
        months: ["january:march", 12]
        years: [2026, "2028:2030"]
        times: [{start_time: "09:00", end_time: "24:00"}]
inhibit_rules:
  - source_matchers: ['severity="critical"']
    target_matchers: ['severity="info"', 'kind!="DEESC"']
    equal: [subject]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("rules.yaml", "sources.yaml"):
        shutil.copy(shipped("config") / name, tmp_path)
    return tmp_path


def written(folder: Path, text: str) -> Detente:
    (folder / "routes.yaml").write_text(text, encoding="utf-8")
    return Detente(folder)


def test_the_tree_has_all_that_is_inherited_filled_in(folder: Path) -> None:
    tree = written(folder, WHOLE).route
    waits = timedelta(minutes=1)
    assert tree == Route(
        "route",
        "desk",
        timing=Timing(group_wait=waits),
        routes=(
            Route("route.routes[0]", "log", timing=Timing(group_wait=waits), continues=True),
            Route(
                "route.routes[1]",
                "desk",
                parse_matchers('severity=~"high|critical",kind="LEVEL"'),
                group_by=None,
                timing=Timing(waits, timedelta(minutes=5)),
                mute=("night",),
                routes=(
                    Route(
                        "route.routes[1].routes[0]",
                        "chief",
                        parse_matchers('countries=~".*IRN.*",state="firing"'),
                        group_by=(),
                        timing=Timing(waits, timedelta(minutes=5), timedelta(hours=4)),
                        active=("office",),
                    ),
                ),
            ),
        ),
    )


def test_receivers_intervals_and_inhibition_are_read(folder: Path) -> None:
    detente = written(folder, WHOLE)
    assert detente.receivers == {
        "desk": Receiver(
            "desk",
            (),
            Budget(5, 15),
            DigestPlan("weekly", time(17, 30), 4, "Europe/Berlin", Severity.WARNING),
            Escalation(timedelta(minutes=30), "chief"),
        ),
        "chief": Receiver("chief", ()),
        "log": Receiver("log", ()),
    }
    workdays = Span(
        times=(Hours(540, 1440),),
        weekdays=(Range(0, 4),),
        days_of_month=(Range(1, 1), Range(-3, -1)),
        months=(Range(1, 3), Range(12, 12)),
        years=(Range(2026, 2026), Range(2028, 2030)),
    )
    assert detente.intervals == {
        "night": TimeInterval("night", (Span(times=(Hours(1350, 420),), zone="Europe/Berlin"),)),
        "office": TimeInterval("office", (workdays,)),
    }
    quiet = parse_matchers('severity="info",kind!="DEESC"')
    assert detente.inhibit_rules == [InhibitRule(parse_matchers('severity="critical"'), quiet, ("subject",))]
    assert check(folder)[0] == []


def test_an_old_simple_file_is_a_tree_of_one_node(folder: Path) -> None:
    detente = written(folder, "receivers:\n  - name: desk\nroute:\n  receiver: desk\n")
    assert detente.route == Route("route", "desk")
    assert written(folder, "receivers: []\n").route == NOBODY


SIMPLE = "receivers:\n  - name: desk\n  - name: chief\nroute:\n  receiver: desk\n"
NIGHT = "time_intervals:\n  - name: night\n    time_intervals:\n      - SPAN\n"


def child(said: str) -> str:
    return f"{SIMPLE}  routes:\n    - receiver: chief\n      {said}\n"


BROKEN = [
    (
        SIMPLE.replace("receiver: desk", "receiver: dsk"),
        5,
        "route.receiver: names 'dsk', which is not among the receivers; did you mean desk?",
    ),
    ("receivers:\n  - name: desk\nroute:\n  group_by: [kind]\n", 3, "route.receiver: is needed"),
    (f"{SIMPLE}  matchers: [kind=LEVEL]\n", 6, "route.matchers: the first route takes everything"),
    (f"{SIMPLE}  continue: true\n", 6, "route.continue: nothing stands beside"),
    (
        child("mute_time_intervals: [nite]"),
        8,
        "route.routes.0.mute_time_intervals.0: names 'nite', which is not among the time_intervals",
    ),
    (child("active_time_intervals: [nite]") + NIGHT.replace("SPAN", "weekdays: [sunday]"), 8, "did you mean night?"),
    (child("matchers: ['severity=~\"(a+)+$\"']"), 8, "route.routes.0.matchers.0: the expression (a+)+$ is refused"),
    (child("matchers: [kind=LEVEL, severity]"), 8, "route.routes.0.matchers.1: 'severity': a matcher looks like"),
    (child("matchers: [{kind: LEVEL}]"), 8, "route.routes.0.matchers.0: must be a text such as"),
    (
        child("matchers: [sverity=high]"),
        8,
        "route.routes.0.matchers.0: no alert has a label 'sverity'; did you mean severity?",
    ),
    (child("group_by: [subjekt]"), 8, "route.routes.0.group_by.0: no alert has a label 'subjekt'"),
    (child("group_by: ['...', kind]"), 7, "route.routes.0: group_by: '...' stands for all labels"),
    (child("group_by: [kind, kind]"), 7, "group_by name 'kind' more than once"),
    (child("group_interval: 0s"), 8, "route.routes.0.group_interval: "),
    (child("group_wait: soon"), 8, "route.routes.0.group_wait: must be a duration"),
    (child("colour: blue"), 8, "route.routes.0.colour: unknown key"),
    (
        SIMPLE.replace("name: chief", "name: chief\n    escalation: {after: 1h, to: nobody}"),
        4,
        "receivers.1.escalation.to: names 'nobody'",
    ),
    (
        SIMPLE.replace("name: chief", "name: chief\n    escalation: {after: 1h, to: chief}"),
        4,
        "goes round in a circle: chief → chief",
    ),
    (
        SIMPLE.replace("name: desk\n", "name: desk\n    escalation: {after: 1h, to: chief}\n").replace(
            "name: chief", "name: chief\n    escalation: {after: 1h, to: desk}"
        ),
        5,
        "receivers.1.escalation.to: goes round in a circle: chief → desk → chief",
    ),
    (
        SIMPLE.replace("name: chief", "name: chief\n    escalation: {after: 0s, to: desk}"),
        4,
        "receivers.1.escalation.after: ",
    ),
    (SIMPLE.replace("name: chief", "name: chief\n    budget: {per_day: -1}"), 4, "receivers.1.budget.per_day: "),
    (
        SIMPLE.replace("name: chief", "name: chief\n    digest: {at: '24:00'}"),
        4,
        "receivers.1.digest.at: must be before 24:00",
    ),
    (
        SIMPLE.replace("name: chief", "name: chief\n    digest: {at: '7:30'}"),
        4,
        "receivers.1.digest.at: must be a time of day",
    ),
    (SIMPLE.replace("name: chief", "name: chief\n    digest: {zone: Mars/Base}"), 4, "'Mars/Base' is no time zone"),
    (
        SIMPLE.replace("name: chief", "name: chief\n    digest: {weekday: friday}"),
        4,
        "weekday belongs to a digest that comes weekly",
    ),
    (
        SIMPLE + NIGHT.replace("SPAN", "location: Europe/Atlantis"),
        9,
        "time_intervals.0.time_intervals.0.location: 'Europe/Atlantis' is no time zone",
    ),
    (
        SIMPLE + NIGHT.replace("SPAN", "weekdays: [friday:monday]"),
        9,
        "time_intervals.0.time_intervals.0.weekdays.0: ends before it begins",
    ),
    (SIMPLE + NIGHT.replace("SPAN", "weekdays: [fryday]"), 9, "must be a weekday"),
    (SIMPLE + NIGHT.replace("SPAN", "weekdays: [0]"), 9, "must be a weekday"),
    (SIMPLE + NIGHT.replace("SPAN", "months: [13]"), 9, "must be a month"),
    (SIMPLE + NIGHT.replace("SPAN", "days_of_month: [0]"), 9, "days are 1 to 31"),
    (SIMPLE + NIGHT.replace("SPAN", "days_of_month: ['-1:-3']"), 9, "ends before it begins"),
    (SIMPLE + NIGHT.replace("SPAN", "days_of_month: ['-1:3']"), 9, "ends before it begins"),
    (SIMPLE + NIGHT.replace("SPAN", "days_of_month: [first]"), 9, "must be a day"),
    (SIMPLE + NIGHT.replace("SPAN", "years: [26]"), 9, "years lie between"),
    (SIMPLE + NIGHT.replace("SPAN", "years: ['2027:2026']"), 9, "ends before it begins"),
    (
        SIMPLE + NIGHT.replace("SPAN", "times: [{start_time: '25:00', end_time: '07:00'}]"),
        9,
        "start_time: must be a time of day",
    ),
    (
        SIMPLE + NIGHT.replace("SPAN", "times: [{start_time: '07:00', end_time: '07:00'}]"),
        9,
        "times.0: start_time and end_time are the same",
    ),
    (
        SIMPLE + NIGHT.replace("SPAN", "times: [{start_time: '24:00', end_time: '07:00'}]"),
        9,
        "start_time must be before 24:00",
    ),
    (SIMPLE + NIGHT.replace("SPAN", "{}"), 7, "time_intervals.0: it goes on for three years or for ever"),
    (
        SIMPLE + NIGHT.replace("SPAN", "{days_of_month: [31], months: [february]}"),
        7,
        "time_intervals.0: no such time ever comes",
    ),
    (
        SIMPLE + NIGHT.replace("SPAN", "weekdays: [sunday]\n  - name: night\n    time_intervals: [weekdays: [monday]]"),
        1,
        "time_intervals name 'night' more than once",
    ),
    (
        f"{SIMPLE}inhibit_rules:\n  - source_matchers: []\n    target_matchers: [kind=LEVEL]\n",
        7,
        "inhibit_rules.0.source_matchers: ",
    ),
    (
        f"{SIMPLE}inhibit_rules:\n  - source_matchers: [kind=LEVEL]\n    target_matchers: [team=night]\n    equal: [tema]\n",
        8,
        "inhibit_rules.0.target_matchers.0: no alert has a label 'team'",
    ),
]


def mistakes(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        written(folder, text).check_routes()
    return str(caught.value).splitlines()


@pytest.mark.parametrize(("text", "line", "says"), BROKEN, ids=[f"{n}-{b[2][:40]}" for n, b in enumerate(BROKEN)])
def test_a_mistake_is_named_with_its_place(folder: Path, text: str, line: int, says: str) -> None:
    said = mistakes(folder, text)
    assert any(one.startswith(f"{folder / 'routes.yaml'}:{line}: ") and says in one for one in said), said


def test_all_mistakes_are_named_at_once(folder: Path) -> None:
    text = (
        child("mute_time_intervals: [nite]")
        .replace("receiver: chief", "receiver: chef")
        .replace("receiver: desk", "receiver: dsk")
    )
    assert len(mistakes(folder, text)) == 3


def test_the_check_of_the_configuration_looks_at_routes(folder: Path) -> None:
    written(folder, child("matchers: [sverity=high]"))
    assert [one for one in check(folder)[0] if "no alert has a label 'sverity'" in one]
    written(folder, child("matchers: [severity=hgih]"))
    found, noted = check(folder)
    assert found == []
    assert [one for one in noted if "severity has no such value" in one]


def notes(folder: Path, text: str) -> list[str]:
    detente = written(folder, text)
    detente.check_routes()
    return list(detente.doubtful_routes)


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (
            child('matchers: [severity="hgih"]'),
            7,
            "route.routes.0: nothing can take this route: severity has no such value",
        ),
        (child('matchers: [severity="high", severity!~"high|info"]'), 7, "severity has no such value"),
        (child('matchers: [rule="levle"]'), 7, "rule has no such value"),
        (
            child("matchers: [kind=LEVEL]\n      routes: [{matchers: [kind=DEESC]}]"),
            9,
            "route.routes.0.routes.0: nothing can take this route: kind has no such value",
        ),
        (
            child("routes: []\n    - matchers: [kind=LEVEL]"),
            9,
            "route.routes.1: nothing comes to this route: route.routes.0 takes it before",
        ),
        (
            child("matchers: [kind=LEVEL]\n    - matchers: [severity=high, kind=LEVEL]"),
            9,
            "route.routes.1: nothing comes to this route",
        ),
        (SIMPLE, 3, "receivers.1.name: no route and no escalation leads to chief"),
    ],
)
def test_what_cannot_be_meant_is_noted(folder: Path, text: str, line: int, says: str) -> None:
    (note,) = notes(folder, text)
    assert note.startswith(f"{folder / 'routes.yaml'}:{line}: ")
    assert says in note


@pytest.mark.parametrize(
    "text",
    [
        child("continue: true\n    - matchers: [kind=LEVEL]"),
        child("matchers: [severity=high]\n    - matchers: [kind=LEVEL]"),
        child('matchers: [subject="dyad:IRN-PAK", countries=~".*XKX.*", confirmed=""]'),
        child('matchers: [audience="operator"]'),
        child('matchers: [novel="true"]'),
        SIMPLE.replace("name: desk\n", "name: desk\n    escalation: {after: 1h, to: chief}\n"),
    ],
)
def test_what_can_be_meant_is_not_noted(folder: Path, text: str) -> None:
    assert notes(folder, text) == []


def test_labels_of_rules_are_known_and_so_are_their_values(folder: Path) -> None:
    rules = folder / "rules.yaml"
    rule = "  - {name: extra, kind: ALLCLEAR, subjects: ['*'], labels: {team: night}}\n"
    rules.write_text(rules.read_text(encoding="utf-8") + rule, encoding="utf-8")
    assert notes(folder, child("matchers: [team=night]")) == []
    assert notes(folder, child("matchers: ['team=\"\"']")) == []
    (note,) = notes(folder, child("matchers: [team=day]"))
    assert "team has no such value" in note


def test_a_rule_does_not_take_the_name_of_a_label_built_in(folder: Path) -> None:
    rules = folder / "rules.yaml"
    lines = rules.read_text(encoding="utf-8").rstrip("\n").splitlines()
    lines.append("  - {name: extra, kind: ALLCLEAR, subjects: ['*'], labels: {team: night, severity: none}}")
    rules.write_text("\n".join(lines), encoding="utf-8")
    (said,) = mistakes(folder, SIMPLE)
    assert said.startswith(f"{rules}:{len(lines)}: rules.")
    assert said.endswith(".labels.severity: rule extra: every alert has a label 'severity' of its own")


def test_the_countries_of_a_subject(folder: Path) -> None:
    watch = "watchlists:\n  - {name: gulf, subjects: ['dyad:IRN-PAK', 'country:IRQ', 'country:IRN']}\n"
    (folder / "watchlists.yaml").write_text(watch, encoding="utf-8")
    detente = Detente(folder)

    def countries(written: str) -> list[str]:
        return list(detente.countries_of(Subject.parse(written)))

    assert countries("dyad:IRN-PAK") == ["IRN", "PAK"]
    assert countries("watch:gulf") == ["IRN", "IRQ", "PAK"]
    assert countries("watch:none") == []
    assert {"IRN", "PAK"} <= set(countries("region:balochistan"))
    assert "IND" in countries("m49:034")


def example() -> str:
    """What stands in the shipped file as a comment."""
    commented = (shipped("config") / "routes.yaml").read_text(encoding="utf-8").splitlines()
    begin = commented.index("# receivers:")
    return "\n".join(line.removeprefix("# ").removeprefix("#") for line in commented[begin:] if line.startswith("#"))


def test_the_example_in_the_shipped_file_holds(folder: Path) -> None:
    detente = written(folder, example())
    detente.check_routes()
    assert detente.doubtful_routes == []
    assert [node.receiver for node in walk(detente.route)] == ["desk", "duty", "desk"]
    assert set(detente.receivers) == {"desk", "duty"}


def test_the_test_of_routes_in_the_reference_holds_for_the_example(folder: Path) -> None:
    page = (Path(__file__).parents[3] / "docs" / "reference" / "rules.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"^```yaml\n(cases:.*?)^```", page, re.MULTILINE | re.DOTALL)
    detente = written(folder, example())
    path = folder / "example.yaml"
    path.write_text(text, encoding="utf-8")
    test = load_route_test(path, detente.routes_in, detente.rules, detente.countries_of)
    assert len(test.cases) == 2
    assert run_routes(test).failures == []
