"""`why` and `why-not` answer from what was kept, never by deciding again."""

from dataclasses import replace
from datetime import timedelta

import pytest

from service.domain.alerting.alert import fingerprint
from service.domain.alerting.directory import Directory
from service.domain.alerting.matcher import parse_matchers
from service.domain.alerting.route import Receiver, Route
from service.domain.alerting.rule import Rule, RuleKind, Severity, Step
from service.errors import NotFound
from service.flow import Kind, RowState, Task
from service.operations import present_why as present
from service.operations.why import find, why
from service.operations.why_not import Explanation, LinkName, why_not
from service.ports import Delivery
from tests.fakes import DESK, LEVEL, NOON, FakeNotifier, World, article, set_row

DYAD = "dyad:IRN-PAK"
NIGHT = replace(DESK, receivers={**DESK.receivers, "night": Receiver("night", ("mail",))})
HOUR = timedelta(hours=1)
HIGH = replace(LEVEL, name="high", steps=(Step(95, 90, Severity.CRITICAL),))
PEACE = Rule("peace", RuleKind.DEESC, ("dyad:*",), keep=timedelta(hours=24))
CLEAR = Rule("clear", RuleKind.ALLCLEAR, ("dyad:*",))


def bring(world: World, *names: str, text: str = "") -> None:
    world.ingest(*(article(name, text and f"{text}\n{name * 40}", publisher=f"Wire {name}") for name in names))
    world.drain(Task.ANALYSE)
    world.drain(Task.ASSESS)
    world.evaluate()


def deliver(world: World) -> None:
    world.drain(Task.DISPATCH)
    world.drain(Task.GATHER)
    world.drain(Task.DELIVER)


def trace(world: World, name: str = f"level/{DYAD}") -> dict:
    return present.trace(why(world.units, name, world.clock.now(), world.rules, world.gauge, {"model": "fake 1"}))


def asked(world: World, **changes: object) -> Explanation:
    asked = {"receiver": "desk", "subject": DYAD, "at": world.clock.now(), "directory_of": lambda _: NIGHT, **changes}
    return why_not(world.units, rules=world.rules, gauge=world.gauge, **asked)  # type: ignore[arg-type]


def first(found: Explanation, rule: str) -> tuple[str, str]:
    link = next(a for a in found.answers if a.rule == rule).missing[0]
    return str(link.name), link.says


# why


def test_the_trace_tells_decision_score_evidence_and_delivery(world: World) -> None:
    bring(world, "a1", "a2")
    deliver(world)
    shown = trace(world)
    (stage,) = shown["stages"]
    assert (stage["from"], stage["to"], stage["severity"]) == ("inactive", "firing", "warning")
    assert [d["kind"] for d in stage["decisions"]] == ["firing"]
    assert stage["decisions"][0]["facts"]["evidence"]["owners"] == 2
    assert stage["score"]["level"] == pytest.approx(stage["level"], abs=0.01)
    assert sum(c["points"] for c in stage["contributions"]) == pytest.approx(stage["level"], abs=0.06)
    assert {quote["publisher"] for quote in stage["evidence"]} == {"Wire a1", "Wire a2"}
    assert {(n["receiver"], n["channel"], n["status"]) for n in stage["notifications"]} == {
        ("desk", "mail", "sent"),
        ("desk", "chat", "sent"),
    }
    assert stage["untold"] is None
    assert shown["ends"].startswith("It ends when the level has stayed below 2 for 0 min; it is ")
    assert (shown["since"], shown["earlier"], shown["versions"]) == ([], 0, {"model": "fake 1"})


def test_the_trace_is_about_the_moment_and_not_about_today(world: World) -> None:
    bring(world, "a1", "a2")
    before = trace(world)["stages"][0]
    world.clock.moment = NOON + 5 * HOUR
    world.evaluate()
    world.rules = (replace(LEVEL, steps=(Step(96, 94, Severity.INFO),)),)
    after = trace(world)["stages"][0]
    assert after == before


def test_the_end_and_what_was_said_since_are_told(world: World) -> None:
    world.rules = (replace(LEVEL, steps=(Step(40, 30, Severity.WARNING),), keep=timedelta(days=3)), PEACE)
    bring(world, "a1", "a2")
    deliver(world)
    said = []
    for day in range(1, 91):
        world.clock.moment = NOON + timedelta(days=day)
        world.evaluate()
        said += [d["kind"] for d in trace(world)["since"]] if len(trace(world)["stages"]) == 1 else []
    assert set(said) == {"kept-firing"}
    shown = trace(world)
    assert [(s["to"], [d["kind"] for d in s["decisions"]]) for s in shown["stages"]] == [
        ("firing", ["firing"]),
        ("resolved", ["kept-firing", "resolved"]),
    ]
    assert [d["kind"] for d in shown["since"]] == ["below-enter"]
    assert shown["ends"].startswith("Nothing: it is resolved since 2026-")


def test_it_says_why_nobody_was_told(world: World) -> None:
    bring(world, "a1", "a2")
    assert trace(world)["stages"][0]["untold"] == "not routed yet"
    deliver(world)
    assert trace(world, "level/country:IRN")["stages"][0]["untold"] == f"the firing alert of {DYAD} speaks for it"


@pytest.mark.parametrize(
    ("state", "said"),
    [(RowState.ROUTED, "routed before it was kept why"), (RowState.DEAD, "could not be routed and was given up")],
)
def test_it_says_so_when_a_change_got_lost_on_its_way(world: World, state: RowState, said: str) -> None:
    bring(world, "a1", "a2")
    with world.units() as unit:
        (change,) = unit.outbox.course(fingerprint("level", DYAD)).transitions
    set_row(world.engine, Kind.TRANSITION, change.id, state=str(state))
    assert said in trace(world)["stages"][0]["untold"]


def test_of_a_long_history_the_last_changes_are_told(world: World) -> None:
    bring(world, "a1", "a2")
    with world.units() as unit:
        (change,) = unit.outbox.course(fingerprint("level", DYAD)).transitions
        for n in range(1, 15):
            unit.alerts.add_transition(replace(change, at=NOON + n * HOUR))
    shown = trace(world)
    assert (len(shown["stages"]), shown["earlier"]) == (10, 5)
    assert shown["stages"][-1]["at"] == "2026-03-02T02:00:00Z"


NAMES = [
    ("abcd1234abcd1234", "level", DYAD),
    ("abcd999999999999", "level", "country:IRN"),
    ("ffff000000000000", "peace", DYAD),
]


def test_an_alert_is_found_by_id_beginning_or_name() -> None:
    for name in ("ffff000000000000", "ffff", f"peace/{DYAD}"):
        assert find(name, NAMES) == "ffff000000000000"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("abcd", "several alerts begin with abcd: abcd1234abcd1234, abcd999999999999; write more of the id"),
        ("level/dyad:IRN-PKA", "did you mean level/dyad:IRN-PAK or"),
        ("abcd1234abcd1235", "did you mean abcd1234abcd1234"),
        ("fff", "4 digits of it or more, or RULE/SUBJECT"),
    ],
)
def test_an_unknown_alert_names_what_is_near(name: str, said: str) -> None:
    with pytest.raises(NotFound) as caught:
        find(name, NAMES)
    assert said in str(caught.value)


def test_without_any_alert_it_says_so() -> None:
    with pytest.raises(NotFound, match="no rule has ever said anything"):
        find("abcd", [])


# why not


def test_who_was_told_is_told_so(world: World) -> None:
    bring(world, "a1", "a2")
    deliver(world)
    found = asked(world)
    assert found.answers[0].missing == []
    assert found.says.startswith("desk was told, by rule level: ")
    assert "mail: sent" in found.says
    assert present.explanation(found)["told"] is True


def test_a_level_that_is_too_low_says_by_how_much(world: World) -> None:
    world.rules = (HIGH,)
    bring(world, "a1", "a2")
    found = asked(world)
    level = found.score.level
    assert first(found, "high") == ("condition", f"level {level:.1f} of 95: {95 - level:.1f} short")
    (rule,) = present.explanation(found)["rules"]
    assert rule["missing"][0]["miss"] == {"what": "level", "has": level, "needs": 95, "short": round(95 - level, 4)}
    assert rule["decision"]["kind"] == "below-enter"


def test_the_number_is_that_of_the_moment_asked_about(world: World) -> None:
    world.rules = (HIGH,)
    bring(world, "a1", "a2")
    later = asked(world, at=NOON + timedelta(days=20))
    assert later.score.level < asked(world).score.level
    assert first(later, "high")[1].startswith(f"level {later.score.level:.1f} of 95")


def test_no_rule_is_asked_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    bring(world, "a1", "a2")
    deliver(world)
    monkeypatch.setattr("service.domain.alerting.decide.decide", None)
    monkeypatch.setattr("service.pipeline.evaluate.decide", None)
    world.rules = (replace(LEVEL, steps=(Step(96, 94, Severity.INFO),)),)
    (answer,) = asked(world).answers
    assert answer.missing == [], "it fired by the rule of that day"
    assert "(its thresholds have been changed since)" in answer.links[1].says


def test_before_the_record_begins_there_is_none(world: World) -> None:
    assert first(asked(world), "level") == (
        "record",
        "there is no record of what the rule said: nothing is recorded yet",
    )
    bring(world, "a1")
    assert "records begin 2026-03-01 12:00Z" in first(asked(world, at=NOON - HOUR), "level")[1]
    assert "nothing was reported on it in the 90 days before" in first(asked(world, subject="dyad:FRA-ITA"), "level")[1]


def test_what_was_not_asked_though_reported_is_said(world: World) -> None:
    bring(world, "a1")
    world.rules = (LEVEL, HIGH)
    assert "it was not asked by then" in first(asked(world), "high")[1]


def test_a_rule_that_does_not_cover_the_subject_comes_last(world: World) -> None:
    world.rules = (PEACE, LEVEL)
    bring(world, "a1", "a2")
    found = asked(world, subject="country:IRN")
    assert [a.rule for a in found.answers] == ["level", "peace"]
    assert first(found, "peace") == ("covers", "it watches dyad:* only, not country:IRN")


def test_a_country_for_which_a_dyad_speaks(world: World) -> None:
    bring(world, "a1", "a2")
    deliver(world)
    name, says = first(asked(world, subject="country:IRN"), "level")
    assert (name, f"the firing alert of {DYAD} speaks for it" in says) == ("message", True)


def test_a_route_that_leads_elsewhere(world: World) -> None:
    bring(world, "a1", "a2")
    deliver(world)
    assert first(asked(world, receiver="night"), "level") == ("route", "the change of 2026-03-01 12:00Z went to desk")
    world.rules = (HIGH,)
    bring(world, "a3")
    links = next(a for a in asked(world, receiver="night").answers if a.rule == "high").missing
    assert [(link.name, link.says) for link in links[1:]] == [
        (LinkName.ROUTE, "the routes lead to desk, not to night"),
    ]


def test_the_routes_are_asked_with_every_severity_the_rule_could_give(world: World) -> None:
    world.rules = (replace(HIGH, labels={"team": "east"}),)
    bring(world, "a1", "a2")

    def missing(matchers: str) -> list[str]:
        tree = replace(NIGHT.tree, routes=(Route("route.routes[0]", "night", parse_matchers(matchers)),))
        directory = replace(NIGHT, tree=tree)
        answers = asked(world, receiver="night", directory_of=lambda *_: directory).answers
        return [str(link.name) for link in answers[0].missing]

    assert missing('severity="critical",team="east",countries=~".*PAK.*"') == ["condition"]
    assert missing('team="west"') == ["condition", "route"]
    assert missing('countries="IND,PAK"') == ["condition", "route"]


def test_nobody_configured(world: World) -> None:
    world.rules = (HIGH,)
    bring(world, "a1", "a2")
    links = asked(world, directory_of=lambda *_: Directory()).answers[0].missing
    assert [str(link.name) for link in links] == ["condition", "route"]
    assert "no receiver is configured" in links[1].says


def test_a_channel_that_does_not_take_it(world: World) -> None:
    bring(world, "a1", "a2")
    busy, gone = Delivery(ok=False, error="busy"), Delivery(ok=False, error="gone", permanent=True)
    world.notifier = FakeNotifier([busy, gone])
    deliver(world)
    name, says = first(asked(world), "level")
    assert name == "delivery"
    assert "not delivered yet, next attempt" in says
    assert "1 attempts failed, last: busy" in says
    assert "given up" in says
    assert says.endswith("gone") or ": gone;" in says


def test_waiting_and_unconfirmed(world: World) -> None:
    world.rules = (replace(LEVEL, hold=timedelta(minutes=15)),)
    bring(world, "a1", "a2")
    said = first(asked(world, at=NOON + timedelta(minutes=5)), "level")
    assert said == ("condition", "waits: so since 2026-03-01 12:00Z, 5 min of 15 min, due 2026-03-01 12:15Z")


def test_peace_rules_say_what_they_lack(world: World) -> None:
    world.rules = (PEACE, CLEAR, LEVEL)
    bring(world, "a1", "a2")
    found = asked(world)
    assert first(found, "peace") == ("condition", "no article of 24 hours reports peace as its news")
    assert first(found, "clear") == ("condition", "no alert had ended here, so there was nothing to clear")


def test_an_unknown_receiver_names_what_is_near(world: World) -> None:
    with pytest.raises(NotFound, match="there is no receiver 'dekc'; did you mean desk"):
        asked(world, receiver="dekc")
