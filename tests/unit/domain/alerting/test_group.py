"""What becomes of changes that wait for a receiver."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from service.domain.alerting.alert import Alert, Transition
from service.domain.alerting.digest import next_digest
from service.domain.alerting.group import (
    Circumstances,
    Group,
    GroupKind,
    Plan,
    Sent,
    Told,
    Waiting,
    digest_group,
    flush_at,
    message_id,
    plan,
    plan_digest,
    plan_escalation,
    reason_of,
    told_after,
)
from service.domain.alerting.labels import labels_of
from service.domain.alerting.matcher import parse_matcher
from service.domain.alerting.message import MessageReason
from service.domain.alerting.route import Budget, DigestPlan, Flood, Receiver, WithheldKind
from service.domain.alerting.rule import Memory, Severity, State
from service.domain.alerting.silence import Silence

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
DYAD = "dyad:IRN-PAK"
DESK = Receiver("desk", ("mail",))


def waiting(
    to: State = State.FIRING,
    severity: Severity = Severity.WARNING,
    *,
    before: State = State.INACTIVE,
    now: State | None = None,
    subject: str = DYAD,
    at: datetime = NOON,
    rule: str = "level",
) -> Waiting:
    alert = Alert(
        rule, subject, {"kind": "LEVEL", "subject": subject}, now or to, severity, "so", at, Memory(confirmed=True)
    )
    change = Transition(alert.id, at, before, to, severity, 50.0, 10.0, "so", (), 2, confirmed=True)
    return Waiting(change, alert, labels_of(alert, told=change))


def around(**changes: Any) -> Circumstances:
    return replace(Circumstances(NOON, DESK), **changes)


def outcome(plan: Plan) -> Mapping[str, list[Any]]:
    return {
        "tell": [one.transition.to_state for one in plan.tell],
        "held": [(str(held.kind), held.until) for held in plan.held],
        "waits": [until for _, until in plan.waits],
        "withheld": [str(why.kind) for _, why in plan.withheld],
    }


def only(**what: list[Any]) -> Mapping[str, list[Any]]:
    return {"tell": [], "held": [], "waits": [], "withheld": [], **what}


ENDED = waiting(State.RESOLVED, Severity.INFO, before=State.FIRING)
SILENT = Silence("s1", (parse_matcher(f'subject="{DYAD}"'),), NOON - HOUR, NOON + HOUR, "ops", "", NOON - HOUR)
FULL = tuple(Sent(NOON - n * HOUR, Severity.WARNING) for n in range(1, 6))
BUDGETED = replace(DESK, budget=Budget(per_day=5))
EIGHT = NOON.replace(hour=8) + DAY


@pytest.mark.parametrize(
    ("one", "circumstances", "expected"),
    [
        pytest.param(waiting(), {}, only(tell=[State.FIRING]), id="news"),
        pytest.param(ENDED, {}, only(withheld=["untold-beginning"]), id="the end of what nobody heard begin"),
        pytest.param(ENDED, {"told_subjects": {DYAD}}, only(tell=[State.RESOLVED]), id="the end of what was told"),
        pytest.param(waiting(), {"silences": [SILENT]}, only(waits=[NOON + HOUR]), id="silenced while it fires"),
        pytest.param(waiting(), {"silences": [replace(SILENT, expired_at=NOON)]}, only(tell=[State.FIRING]), id="no more"),
        pytest.param(
            waiting(now=State.RESOLVED), {"silences": [SILENT]}, only(withheld=["silenced"]), id="silenced and over"
        ),
        pytest.param(
            ENDED, {"silences": [SILENT], "told_subjects": {DYAD}}, only(withheld=["silenced"]), id="a silenced end"
        ),
        pytest.param(
            waiting(),
            {"spoken_for": {waiting().alert.id: "dyad:IND-PAK"}},
            only(withheld=["inhibited"]),
            id="another alert says it",
        ),
        pytest.param(
            waiting(severity=Severity.CRITICAL),
            {"muted_until": NOON + HOUR},
            only(held=[("muted", NOON + HOUR)]),
            id="quiet hours hold all",
        ),
        pytest.param(
            waiting(),
            {"receiver": replace(DESK, digest=DigestPlan(least=Severity.HIGH))},
            only(held=[("digest", EIGHT)]),
            id="too small for a message of its own",
        ),
        pytest.param(
            waiting(severity=Severity.HIGH),
            {"receiver": replace(DESK, digest=DigestPlan(least=Severity.HIGH))},
            only(tell=[State.FIRING]),
            id="loud enough",
        ),
        pytest.param(
            waiting(), {"receiver": BUDGETED, "sent": FULL}, only(held=[("budget", EIGHT)]), id="the budget is spent"
        ),
        pytest.param(
            waiting(), {"receiver": BUDGETED, "sent": FULL[1:]}, only(tell=[State.FIRING]), id="one message is left"
        ),
        pytest.param(
            waiting(),
            {"receiver": replace(DESK, budget=Budget(per_week=5)), "sent": [replace(s, at=s.at - DAY) for s in FULL]},
            only(held=[("budget", EIGHT)]),
            id="the week's budget is spent",
        ),
        pytest.param(
            waiting(severity=Severity.CRITICAL),
            {"receiver": BUDGETED, "sent": FULL},
            only(tell=[State.FIRING]),
            id="what is critical needs no budget",
        ),
        pytest.param(
            waiting(),
            {"receiver": replace(DESK, flood=Flood(5, 6 * HOUR)), "sent": FULL},
            only(held=[("flood", NOON + 6 * HOUR)]),
            id="a flood",
        ),
    ],
)  # fmt: skip
def test_each_change_has_one_fate(
    one: Waiting, circumstances: dict[str, Any], expected: Mapping[str, list[Any]]
) -> None:
    assert outcome(plan([one], around(**circumstances))) == expected


def test_of_one_alert_the_last_change_is_told() -> None:
    first, louder = waiting(), waiting(severity=Severity.HIGH, before=State.FIRING, at=NOON + MINUTE)
    decided = plan([first, waiting(subject="country:IRN"), louder], around())
    assert [one.transition.severity for one in decided.tell] == [Severity.WARNING, Severity.HIGH]
    assert outcome(decided)["withheld"] == ["superseded"]


def test_what_came_and_went_before_it_was_told_is_not_told() -> None:
    ended = waiting(State.RESOLVED, Severity.INFO, before=State.FIRING, at=NOON + MINUTE)
    assert outcome(plan([waiting(now=State.RESOLVED), ended], around())) == only(
        withheld=["superseded", "untold-beginning"]
    )


def test_a_digest_tells_all_that_was_held_but_what_is_silenced() -> None:
    other = waiting(subject="country:IRN")
    decided = plan_digest([waiting(), other], around(silences=[SILENT], receiver=BUDGETED, sent=FULL))
    assert outcome(decided) == only(tell=[State.FIRING], withheld=["silenced"])
    assert outcome(plan_digest([other], around(muted_until=NOON + HOUR))) == only(held=[("muted", NOON + HOUR)])


def test_only_what_fires_and_nobody_has_taken_on_goes_further() -> None:
    here, taken, over = (waiting(subject=f"country:{c}") for c in ("IRN", "PAK", "IND"))
    over = replace(over, alert=replace(over.alert, state=State.RESOLVED))
    decided = plan_escalation(
        [here, taken, over, waiting()], around(acknowledged={taken.alert.id: "ops"}, silences=[SILENT])
    )
    assert [one.alert.subject for one in decided.tell] == ["country:IRN"]
    assert outcome(decided)["withheld"] == ["acknowledged", "over", "silenced"]
    assert str(decided.withheld[0][1]) == "ops had acknowledged it"


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ([waiting()], MessageReason.FIRED),
        ([waiting(rule="told")], MessageReason.CHANGED),
        ([waiting(rule="told"), ENDED], MessageReason.CHANGED),
        ([waiting(rule="told"), waiting(subject="country:IRN")], MessageReason.FIRED),
        ([ENDED], MessageReason.RESOLVED),
    ],
)
def test_the_reason_is_the_newest_thing_in_the_message(told: list[Waiting], expected: MessageReason) -> None:
    known = waiting(rule="told").alert.id
    group = Group("g", GroupKind.ALERTS, "desk", "route", told={known: Told("t", State.FIRING)})
    assert reason_of(told, group) is expected


def test_a_group_waits_for_more_at_first_and_then_keeps_its_interval() -> None:
    group = Group("g", GroupKind.ALERTS, "desk", "route")
    assert flush_at(group, NOON, MINUTE, HOUR) == NOON + MINUTE
    fires = replace(group, told={"a": Told("t", State.FIRING)}, told_at=NOON - 20 * MINUTE)
    assert flush_at(fires, NOON, MINUTE, HOUR) == NOON + 40 * MINUTE
    assert flush_at(fires, NOON + DAY, MINUTE, HOUR) == NOON + DAY
    calm = replace(fires, told={"a": Told("t", State.RESOLVED)})
    assert flush_at(calm, NOON, MINUTE, HOUR) == NOON + MINUTE, "what begins anew waits as the first did"


def test_what_is_over_is_forgotten_with_the_message_after() -> None:
    one, end = waiting(), replace(ENDED, alert=waiting().alert)
    group = Group("g", GroupKind.ALERTS, "desk", "route")
    group = replace(group, told=told_after(group, [one]))
    assert group.is_firing
    group = replace(group, told=told_after(group, [end]))
    assert not group.is_firing
    assert told_after(group, [waiting(subject="country:IRN")]).keys() == {waiting(subject="country:IRN").alert.id}


def test_the_same_news_has_the_same_id() -> None:
    ids = {
        message_id("g", MessageReason.FIRED, ["a", "b"], None),
        message_id("g", MessageReason.FIRED, ["b", "a"], NOON),
    }
    assert len(ids) == 1
    others = {
        message_id("h", MessageReason.FIRED, ["a", "b"], None),
        message_id("g", MessageReason.CHANGED, ["a", "b"], None),
        message_id("g", MessageReason.FIRED, ["a"], None),
        message_id("g", MessageReason.REPEAT, ["a", "b"], NOON),
        message_id("g", MessageReason.REPEAT, ["a", "b"], NOON + DAY),
    }
    assert len(others | ids) == 6


def test_what_waits_for_the_days_digest_waits_together() -> None:
    digest = digest_group("desk", WithheldKind.DIGEST)
    assert digest == digest_group("desk", WithheldKind.BUDGET)
    assert len({digest.id, digest_group("desk", WithheldKind.FLOOD).id, digest_group("x", WithheldKind.DIGEST).id}) == 3


@pytest.mark.parametrize(
    ("plan", "now", "expected"),
    [
        (None, "2026-03-01T12:00+00:00", "2026-03-02T08:00+00:00"),
        (DigestPlan(at=time(8), zone="Europe/Berlin"), "2026-03-01T06:59+00:00", "2026-03-01T07:00+00:00"),
        (DigestPlan(at=time(8), zone="Europe/Berlin"), "2026-03-01T07:00+00:00", "2026-03-02T07:00+00:00"),
        (DigestPlan(at=time(8), zone="Europe/Berlin"), "2026-03-28T12:00+00:00", "2026-03-29T06:00+00:00"),
        (DigestPlan(every="weekly", weekday=4, at=time(17)), "2026-03-01T12:00+00:00", "2026-03-06T17:00+00:00"),
        (DigestPlan(at=time(2, 30), zone="Europe/Berlin"), "2026-03-28T12:00+00:00", "2026-03-29T01:30+00:00"),
    ],
)
def test_a_digest_comes_at_its_local_time(plan: DigestPlan | None, now: str, expected: str) -> None:
    assert next_digest(plan, datetime.fromisoformat(now)) == datetime.fromisoformat(expected)
