"""NOVEL, RISE, SILENCE and CUSTOM in the service: what they see in the books, what is kept and told, and how they end."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from service.adapters.storage.schema import message
from service.domain.alerting.alert import Alert
from service.domain.alerting.condition import parse
from service.domain.alerting.rule import Rule, RuleKind, Severity, State
from service.flow import Kind, RowState, Task
from service.operations import present
from service.operations.feed_health import FeedState, feeds_in
from service.operations.missing import Miss
from service.operations.why import why
from service.operations.why_not import Explanation, why_not
from service.pipeline.books import Gauge
from service.ports import Feed
from tests.fakes import LEVEL, NOON, World, article, set_row

DYAD, COUNTRY = "dyad:IRN-PAK", "country:IRN"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PEACE = "Iran and Pakistan agreed a ceasefire."
QUICK = replace(LEVEL, subjects=("dyad:*",))
NOVEL = Rule("novel", RuleKind.NOVEL, ("dyad:*",), within=5 * DAY)
RISE = Rule("rise", RuleKind.RISE, ("dyad:*",), enter=15, leave=7, within=7 * DAY, severity=Severity.HIGH)
SILENCE = Rule("dark", RuleKind.SILENCE, ("dyad:*",), severity=Severity.WARNING, hold=timedelta(minutes=30))


def bring(world: World, *names: str, text: str = "", after: timedelta = timedelta(0)) -> None:
    world.clock.moment = NOON + after
    for name in names:
        told = article(name, text and f"{text}\n{name * 40}", publisher=f"Wire {name}")
        world.ingest(replace(told, published_at=world.clock.moment))
    world.drain(Task.ANALYSE)
    world.drain(Task.ASSESS)
    world.evaluate()


def wait(world: World, after: timedelta) -> None:
    world.clock.moment = NOON + after
    world.evaluate()


def alerts(world: World, subject: str = DYAD) -> Mapping[str, Alert]:
    with world.units(read_only=True) as unit:
        return {alert.rule: alert for alert in unit.alerts.for_subjects([subject])}


def kinds(world: World, rule: str, subject: str = DYAD) -> list[str]:
    with world.units(read_only=True) as unit:
        return [str(kept.kind) for kept in unit.decisions.of(rule, subject)]


def facts(world: World, rule: str, subject: str = DYAD) -> Mapping[str, object]:
    with world.units(read_only=True) as unit:
        return unit.decisions.standing(subject)[rule].facts


def changes(world: World, rule: str, subject: str = DYAD) -> list[str]:
    with world.units(read_only=True) as unit:
        return [str(t.to_state) for t in unit.outbox.course(alerts(world, subject)[rule].id).transitions]


def asked(world: World, subject: str = DYAD) -> Explanation:
    now = world.clock.now()
    return why_not(world.units, "desk", subject, now, world.rules, world.directory_of, world.gauge)


def missing(world: World, subject: str = DYAD) -> tuple[str, Miss | None]:
    (answer,) = asked(world, subject).answers
    return answer.missing[0].says, answer.missing[0].miss


# NOVEL


def test_the_first_act_for_a_long_time_is_told_and_raises_what_begins_with_it(world: World) -> None:
    world.rules = (QUICK, NOVEL)
    bring(world, "p1", text=PEACE, after=-9 * DAY)
    bring(world, "a1", "a2")
    found = alerts(world)
    assert (found["novel"].state, found["novel"].severity) == (State.FIRING, Severity.INFO)
    assert found["novel"].reason == "the first use of force in 5 d: ASSAULT.artillery"
    assert {quote.publisher for quote in found["novel"].evidence} == {"Wire a1", "Wire a2"}
    assert found["level"].severity is Severity.HIGH, "warning, raised by one"
    assert found["level"].reason.endswith("; the first use of force in 5 d")
    assert found["level"].labels["novel"] == "true"
    assert facts(world, "level")["novel"] == "the first use of force in 5 d"
    wait(world, 25 * HOUR)
    assert kinds(world, "novel") == ["no-act", "firing", "resolved"]
    assert changes(world, "novel") == ["firing"], "it ends without a message"


def test_what_began_before_is_not_raised_and_nothing_is_where_the_rule_says_so(world: World) -> None:
    world.rules = (QUICK, replace(NOVEL, raises=False))
    bring(world, "p1", text=PEACE, after=-9 * DAY)
    bring(world, "a1", "a2")
    assert alerts(world)["novel"].state is State.FIRING
    assert (alerts(world)["level"].severity, "novel" in alerts(world)["level"].labels) == (Severity.WARNING, False)
    world.rules = (QUICK, NOVEL)
    wait(world, HOUR)
    assert alerts(world)["level"].severity is Severity.WARNING


def test_an_act_within_the_span_takes_the_name_of_the_first(world: World) -> None:
    world.rules = (NOVEL,)
    bring(world, "p1", text=PEACE, after=-30 * DAY)
    bring(world, "a1", after=-4 * DAY)
    wait(world, -2 * DAY)
    bring(world, "b1")
    assert kinds(world, "novel") == ["no-act", "firing", "resolved", "not-first"]
    says, miss = missing(world)
    assert says.startswith("an act of rung 4 or more was told of 4 d before this one, 2026-02-25 1")
    assert miss == Miss("seconds without one", 4 * 86400, 5 * 86400)
    wait(world, 6 * DAY)
    bring(world, "c1", after=7 * DAY)
    assert kinds(world, "novel")[-2:] == ["not-first", "firing"], "that was longer ago than the span"


def test_books_that_are_too_short_call_nothing_the_first(world: World) -> None:
    world.rules = (NOVEL,)
    bring(world, "p1", text=PEACE, after=-4 * DAY)
    bring(world, "a1", "a2")
    assert alerts(world) == {}
    assert kinds(world, "novel") == ["no-act", "short-books"]
    assert missing(world)[0] == "the books went back 4 d only, 5 d are needed to tell"


def test_a_rumour_is_no_first_act_and_hides_none(world: World) -> None:
    world.rules = (NOVEL,)
    bring(world, "p1", text=PEACE, after=-9 * DAY)
    world.clock.moment = NOON
    world.ingest(article("r1", publisher="unknown blog"))
    world.drain(Task.ANALYSE)
    world.drain(Task.ASSESS)
    world.evaluate()
    assert kinds(world, "novel") == ["no-act"]
    bring(world, "a1", after=3 * DAY)
    assert alerts(world)["novel"].state is State.FIRING


def test_peace_and_words_are_no_acts(world: World) -> None:
    world.rules = (NOVEL,)
    bring(world, "p1", text=PEACE, after=-9 * DAY)
    bring(world, "p2", text=PEACE)
    assert kinds(world, "novel") == ["no-act"]
    assert missing(world)[0] == "no article of 24 hours reports an act of rung 4 or more as its news"


# RISE


def test_a_level_that_climbs_is_told_with_where_it_came_from(world: World) -> None:
    world.rules = (RISE,)
    bring(world, "p1", text=PEACE, after=-20 * DAY)
    bring(world, "a1", "a2")
    found = alerts(world)["rise"]
    assert (found.state, found.severity) == (State.FIRING, Severity.HIGH)
    assert found.reason.startswith("level rose by ")
    assert "in 7 d, from 0.0 to " in found.reason
    shown = why(world.units, f"rise/{DYAD}", NOON, world.rules, world.gauge, {})
    assert shown.ends.startswith("It ends when the level has stayed less than 7 above its lowest of 7 d;")
    for day in range(1, 12):
        wait(world, day * DAY)
    assert kinds(world, "rise") == ["short-books", "firing", "resolved"]
    assert changes(world, "rise") == ["firing", "resolved"]


def test_what_stands_high_for_long_is_no_rise(world: World) -> None:
    world.rules = (RISE,)
    for day in range(-20, 1):
        bring(world, f"war{day}", after=day * DAY)
    assert kinds(world, "rise")[0] == "short-books"
    assert alerts(world)["rise"].state is State.RESOLVED
    assert facts(world, "rise")["climb"]["lowest"] > 40  # type: ignore[index]


def test_books_that_are_too_short_tell_of_no_rise(world: World) -> None:
    world.rules = (RISE,)
    bring(world, "a1", "a2")
    assert (alerts(world), kinds(world, "rise")) == ({}, ["short-books"])


def test_no_all_clear_while_a_rise_fires(world: World) -> None:
    calm = Rule("calm", RuleKind.ALLCLEAR, ("dyad:*",), below=100, quiet=HOUR)
    world.rules = (QUICK, replace(RISE, keep=30 * DAY), calm)
    bring(world, "p1", text=PEACE, after=-20 * DAY)
    bring(world, "a1", "a2")
    world.rules = (replace(QUICK, steps=(replace(LEVEL.steps[0], enter=100, leave=99),)), *world.rules[1:])
    wait(world, HOUR)
    wait(world, 3 * HOUR)
    assert alerts(world)["level"].state is State.RESOLVED
    assert "calm" not in alerts(world)


# SILENCE


def feeds(world: World, *names: str) -> None:
    with world.units() as unit:
        unit.feeds.sync([Feed(name, f"https://{name}.example/rss", f"Wire {name}") for name in names])


def poll(world: World, name: str, ago: timedelta) -> None:
    with world.units(read_only=True) as unit:
        now: datetime = unit.marks.now()
    set_row(world.engine, Kind.FEED, name, last_ok_at=now - ago)


def test_feeds_that_are_dark_are_told_of_though_nothing_changes(world: World) -> None:
    world.rules = (SILENCE,)
    feeds(world, "a1", "a2", "other")
    for name in ("a1", "a2", "other"):
        poll(world, name, HOUR)
    bring(world, "a1", "a2")
    assert kinds(world, "dark") == ["heard"]
    assert missing(world)[0] == "its feeds were heard: 1 h since the last good poll, 6 h are needed"
    poll(world, "a1", 9 * HOUR)
    wait(world, HOUR)
    assert alerts(world) == {}, "one of them is heard"
    poll(world, "a2", 7 * HOUR)
    wait(world, 2 * HOUR)
    assert alerts(world)["dark"].state is State.PENDING
    wait(world, 3 * HOUR)
    found = alerts(world)["dark"]
    assert (found.state, found.severity, found.labels["audience"]) == (State.FIRING, Severity.WARNING, "operator")
    assert found.reason == (
        "all feeds that usually tell of it (a1, a2) have had no good poll for 6 h or longer:"
        " what looks calm may only be unheard"
    )
    assert found.evidence == ()
    assert alerts(world, COUNTRY) == {}, "the rule watches pairs of countries"
    poll(world, "a1", timedelta(minutes=1))
    wait(world, 4 * HOUR)
    assert changes(world, "dark") == ["firing", "resolved"]


def test_a_feed_that_is_gone_is_missed_and_one_that_is_calm_is_not(world: World) -> None:
    world.rules = (SILENCE,)
    feeds(world, "a1")
    poll(world, "a1", timedelta(minutes=1))
    bring(world, "a1")
    set_row(world.engine, Kind.FEED, "a1", created_at=NOON - 90 * DAY, last_new_at=NOON - 60 * DAY)
    with world.units(read_only=True) as unit:
        assert feeds_in(unit)[0].state is FeedState.CALM
    wait(world, HOUR)
    assert (alerts(world), kinds(world, "dark")) == ({}, ["heard"])
    set_row(world.engine, Kind.FEED, "a1", state=RowState.GONE)
    wait(world, 2 * HOUR)
    assert alerts(world) == {}, "what it told a minute ago still holds"
    poll(world, "a1", 7 * HOUR)
    for hours in (3, 4):
        wait(world, hours * HOUR)
    assert alerts(world)["dark"].state is State.FIRING


def test_a_subject_that_no_feed_told_of_is_not_missed(world: World) -> None:
    world.rules = (SILENCE,)
    feeds(world, "other")
    bring(world, "a1", "a2")
    wait(world, HOUR)
    assert (alerts(world), kinds(world, "dark")) == ({}, ["no-feed"])
    poll(world, "other", timedelta(0))
    wait(world, 40 * DAY)
    assert alerts(world) == {}


def test_what_was_told_too_long_ago_is_not_missed(world: World) -> None:
    world.rules = (SILENCE,)
    feeds(world, "a1")
    bring(world, "a1")
    wait(world, 31 * DAY)
    wait(world, 32 * DAY)
    assert alerts(world).get("dark") is None or alerts(world)["dark"].state is not State.FIRING


def test_a_watchlist_is_heard_through_its_members(world: World) -> None:
    world.gauge = Gauge(watchlists={"watch:gulf": (DYAD,)})
    world.rules = (replace(SILENCE, subjects=("watch:*",), hold=timedelta(0), labels={"audience": "night desk"}),)
    feeds(world, "a1")
    bring(world, "a1")
    found = alerts(world, "watch:gulf")["dark"]
    assert (found.state, found.labels["audience"]) == (State.FIRING, "night desk")


# CUSTOM


def test_conditions_of_ones_own_are_held_against_the_books(world: World) -> None:
    when = ("level >= 20", "event_type in [ASSAULT]", "owner_groups >= 2", "rung >= 4", "surge >= 1", "confidence > 0")
    own = Rule(
        "own", RuleKind.CUSTOM, ("dyad:*",), when=tuple(map(parse, when)), leave_when=(parse("level < 5"),),
        severity=Severity.CRITICAL,
    )  # fmt: skip
    world.rules = (own,)
    bring(world, "a1")
    assert kinds(world, "own") == ["condition-unmet"]
    says, miss = missing(world)
    assert says.startswith("owner_groups 1, asked is owner_groups >= 2, as of 2026-03-01 12:00Z")
    assert miss == Miss("owner_groups", 1, 2)
    bring(world, "a2", after=HOUR)
    found = alerts(world)["own"]
    assert (found.state, found.severity) == (State.FIRING, Severity.CRITICAL)
    assert "event_type ASSAULT.artillery (in [ASSAULT]), owner_groups 2 (>= 2), rung 4 (>= 4)" in found.reason
    wait(world, 3 * DAY)
    assert alerts(world)["own"].state is State.FIRING, "it has not left"
    for day in range(4, 60):
        wait(world, day * DAY)
    assert changes(world, "own") == ["firing", "resolved"]


def test_a_surprise_needs_two_weeks_of_books(world: World) -> None:
    world.rules = (Rule("odd", RuleKind.CUSTOM, ("dyad:*",), when=(parse("surprise >= 0.5"),)),)
    bring(world, "a1", "a2")
    assert missing(world)[0].startswith("surprise is not known, asked is surprise >= 0.5")
    bring(world, "b1", "b2", after=20 * DAY)
    assert alerts(world)["odd"].state is State.FIRING
    assert alerts(world)["odd"].reason.startswith("surprise ")


def test_peace_can_be_asked_for_and_is_quoted(world: World) -> None:
    world.rules = (Rule("truce", RuleKind.CUSTOM, ("dyad:*",), when=(parse("event_type in [RETREAT]"),)),)
    bring(world, "p1", text=PEACE)
    assert [quote.publisher for quote in alerts(world)["truce"].evidence] == ["Wire p1"]


# Annotations


def test_annotations_are_written_when_the_alert_changes_and_shown(world: World) -> None:
    said = {
        "summary": "{{ name }} {{ state }}, {{ severity }}: {{ reason }}",
        "who": "{% for q in evidence %}{{ q.publisher }}: {{ q.text }} {% endfor %}",
        "bad": "{{ labels.nobody }}",
    }
    world.rules = (replace(QUICK, annotations=said, labels={"team": "desk"}),)
    bring(world, "a1", "a2")
    found = alerts(world)["level"]
    assert found.annotations["summary"] == f"Iran–Pakistan firing, warning: {found.reason}"
    assert "Wire a1: Iran attacked Pakistan on Sunday." in found.annotations["who"]
    assert found.annotations["bad"] == "(this annotation could not be written: UndefinedError)"
    with world.units(read_only=True) as unit:
        shown = [present.alert(*one) for one in unit.outbox.history()]
    assert shown[0]["annotations"] == dict(found.annotations)
    world.drain(Task.DISPATCH)
    world.drain(Task.GATHER)
    with world.engine.connect() as connection:
        ids = list(connection.execute(select(message.c.id)).scalars())
    with world.units(read_only=True) as unit:
        (told,) = unit.outbox.messages(ids).values()
    assert told.items[0].annotations == dict(found.annotations)
    wait(world, HOUR)
    assert alerts(world)["level"].reason != found.reason
    assert alerts(world)["level"].annotations == found.annotations, "a number that moves is no change"


# Rules that go


def test_alerts_of_a_rule_that_was_removed_end_and_nobody_is_told(world: World) -> None:
    calm = Rule("calm", RuleKind.ALLCLEAR, ("dyad:*",), below=100, quiet=HOUR)
    slow = replace(QUICK, name="slow", hold=DAY)
    world.rules = (QUICK, slow, calm)
    bring(world, "a1", "a2")
    assert (alerts(world)["level"].state, alerts(world)["slow"].state) == (State.FIRING, State.PENDING)
    world.rules = (calm,)
    wait(world, HOUR)
    gone, waiting = alerts(world)["level"], alerts(world)["slow"]
    assert (gone.state, gone.reason, gone.since) == (State.RESOLVED, "the rule was removed", NOON + HOUR)
    assert (waiting.state, waiting.reason) == (State.INACTIVE, "the rule was removed")
    assert changes(world, "level") == ["firing"]
    wait(world, 9 * HOUR)
    assert "calm" not in alerts(world), "nothing is clear because a rule is gone"
    world.rules = (QUICK,)
    bring(world, "a3", after=10 * HOUR)
    assert changes(world, "level") == ["firing", "firing"], "a rule that comes back begins anew"


def test_a_rule_that_covers_a_subject_no_longer_ends_its_alert(world: World) -> None:
    world.rules = (QUICK,)
    bring(world, "a1", "a2")
    world.rules = (replace(QUICK, but=("dyad:IRN-*",)),)
    wait(world, HOUR)
    assert alerts(world)["level"].reason == "the rule no longer covers it"


def test_a_watchlist_that_is_gone_matches_nothing(world: World) -> None:
    world.gauge = Gauge(watchlists={"watch:gulf": (DYAD,)})
    world.rules = (replace(LEVEL, subjects=("watch:*", "*")),)
    bring(world, "a1", "a2")
    assert alerts(world, "watch:gulf")["level"].state is State.FIRING
    world.gauge = Gauge()
    wait(world, HOUR)
    assert alerts(world, "watch:gulf")["level"].state is State.RESOLVED
    assert alerts(world)["level"].state is State.FIRING, "the others are decided as ever"


@pytest.mark.parametrize("rule", [NOVEL, RISE, SILENCE])
def test_what_a_rule_does_not_ask_for_is_not_read(world: World, rule: Rule, monkeypatch: pytest.MonkeyPatch) -> None:
    world.rules = (QUICK, replace(rule, subjects=("country:*",)))
    bring(world, "p1", text=PEACE, after=-20 * DAY)
    bring(world, "a1", "a2")
    seen = facts(world, "level")
    assert {"novelty", "climb", "ears", "acts", "surprise"}.isdisjoint(seen)
    assert kinds(world, rule.name, COUNTRY)
