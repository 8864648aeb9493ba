"""Surge rules in the service: what they see, who is told, and what is said of them afterwards."""

from dataclasses import replace
from datetime import timedelta

from service.domain.alerting.alert import Alert
from service.domain.alerting.route import Withheld, WithheldKind
from service.domain.alerting.rule import Rule, RuleKind, Severity, State
from service.flow import Task
from service.operations.why import why
from service.operations.why_not import why_not
from tests.fakes import LEVEL, NOON, World, article

DYAD, COUNTRY = "dyad:IRN-PAK", "country:IRN"
DAY = timedelta(days=1)
SURGE = Rule(
    name="surge",
    kind=RuleKind.SURGE,
    subjects=("dyad:*", "country:*"),
    severity=Severity.WARNING,
    enter=2.0,
    leave=1.0,
    keep=timedelta(hours=72),
)
CALM = Rule("calm", RuleKind.ALLCLEAR, ("dyad:*",), below=100, quiet=timedelta(hours=1))


def bring(world: World, *names: str, text: str = "", after: timedelta = timedelta(0)) -> None:
    world.clock.moment = NOON + after
    for name in names:
        told = article(name, text and f"{text}\n{name * 40}", publisher=f"Wire {name}")
        world.ingest(replace(told, published_at=world.clock.moment))
    world.drain(Task.ANALYSE)
    world.drain(Task.ASSESS)
    world.evaluate()


def alerts(world: World, subject: str = DYAD) -> dict[str, Alert]:
    with world.units(read_only=True) as unit:
        return {alert.rule: alert for alert in unit.alerts.for_subjects([subject])}


def test_a_surge_is_evaluated_kept_and_told(world: World) -> None:
    world.rules = (SURGE,)
    bring(world, "a1", "a2")
    world.tell()
    found = alerts(world)["surge"]
    assert (found.state, found.severity) == (State.FIRING, Severity.WARNING)
    assert {quote.publisher for quote in found.evidence} == {"Wire a1", "Wire a2"}, "danger is quoted, not peace"
    with world.units(read_only=True) as unit:
        (kept,) = unit.decisions.of("surge", DYAD)
        (change,) = unit.outbox.course(found.id).transitions
        (mail,) = [n for n in unit.outbox.course(found.id).notifications if n["channel"] == "mail"]
        (item,) = unit.outbox.messages([mail["message_id"]])[mail["message_id"]].items
    assert kept.facts["surge"] == found.memory.told_surge > 2
    assert change.reason.startswith(f"surge {found.memory.told_surge:.1f} is 2 or more: at least as much in two days")
    assert (item.name, item.kind, item.severity, item.reason) == (
        "Iran–Pakistan",
        "SURGE",
        Severity.WARNING,
        change.reason,
    )
    assert item.ends_when == "Resolves when the surge has stayed below 1 for 72 h."


def test_a_firing_dyad_speaks_for_its_countries(world: World) -> None:
    world.rules = (SURGE,)
    bring(world, "a1", "a2")
    world.tell()
    assert world.withheld("surge") == {
        COUNTRY: Withheld(WithheldKind.INHIBITED, DYAD),
        "country:PAK": Withheld(WithheldKind.INHIBITED, DYAD),
    }


def test_but_an_alert_of_another_kind_does_not_say_what_a_surge_says(world: World) -> None:
    world.rules = (replace(LEVEL, subjects=("dyad:*",)), replace(SURGE, subjects=("country:*",)))
    bring(world, "a1", "a2")
    world.tell()
    assert world.withheld("surge") == {}
    assert alerts(world, COUNTRY)["surge"].state is State.FIRING


def test_no_all_clear_while_a_surge_fires(world: World) -> None:
    world.rules = (replace(LEVEL, keep=timedelta(0)), SURGE, CALM)
    bring(world, "a1", "a2")
    world.rules = (replace(LEVEL, steps=(replace(LEVEL.steps[0], enter=100, leave=99),)), SURGE, CALM)
    for hours in range(1, 30, 2):
        world.clock.moment = NOON + timedelta(hours=hours)
        world.evaluate()
    assert alerts(world)["level"].state is State.RESOLVED
    assert alerts(world)["surge"].state is State.FIRING
    assert "calm" not in alerts(world)
    for days in range(2, 9):
        world.clock.moment = NOON + days * DAY
        world.evaluate()
    assert alerts(world)["surge"].state is State.RESOLVED
    assert alerts(world)["calm"].memory.fired_at is not None


def test_a_surge_makes_a_dyad_hot(world: World) -> None:
    peace = Rule("peace", RuleKind.DEESC, ("dyad:*",), hot_rate=1000)
    world.rules = (SURGE, peace)
    bring(world, "a1", "a2")
    bring(world, "p1", text="Iran and Pakistan signed a ceasefire.", after=DAY)
    assert alerts(world)["peace"].state is State.FIRING


def test_how_much_peace_there_must_be_is_read_from_the_books(world: World) -> None:
    asks = Rule("peace", RuleKind.DEESC, ("dyad:*",), hot_rate=0.001, peace=0.1)
    world.rules = (asks, replace(asks, name="more", peace=50))
    bring(world, "a1", "a2")
    bring(world, "p1", text="Iran and Pakistan signed a ceasefire.", after=DAY)
    assert {name: alert.state for name, alert in alerts(world).items()} == {"peace": State.FIRING}
    with world.units(read_only=True) as unit:
        kept = unit.decisions.standing(DYAD)["more"]
    assert str(kept.kind) == "little-peace-news"
    assert 0.1 < kept.facts["peace"] < 1


def test_why_not_says_by_how_much_a_surge_missed(world: World) -> None:
    world.rules = (replace(SURGE, enter=50),)
    bring(world, "a1")
    found = why_not(world.units, "desk", DYAD, NOON, world.rules, world.directory_of, world.gauge)
    (answer,) = found.answers
    miss = answer.missing[0].miss
    assert miss is not None
    assert (miss.what, miss.needs) == ("surge", 50)
    assert answer.missing[0].says == f"surge {miss.has:.1f} of 50: {50 - miss.has:.1f} short"
    with world.units(read_only=True) as unit:
        assert miss.has == unit.decisions.standing(DYAD)["surge"].facts["surge"]


def test_why_says_what_would_end_it(world: World) -> None:
    world.rules = (SURGE,)
    bring(world, "a1", "a2")
    told = alerts(world)["surge"].memory.told_surge
    shown = why(world.units, f"surge/{DYAD}", NOON, world.rules, world.gauge, {})
    assert shown.ends == f"It ends when the surge has stayed below 1 for 3 d; it is {told:.1f} now."
    late = why(world.units, f"surge/{DYAD}", NOON + 3 * DAY, world.rules, world.gauge, {})
    assert late.ends.endswith("it is 0.0 now, below since 2026-03-01 12:00Z.")


def test_the_usual_is_that_of_the_ninety_days_before(world: World) -> None:
    """Attacks of the same kind, the first after a quiet quarter, the last after a loud one."""
    strict = replace(SURGE, enter=3.5, leave=2.5, subjects=("dyad:*",))
    world.rules = (strict,)
    bring(world, "quiet1", "quiet2")
    assert alerts(world)["surge"].state is State.FIRING
    for n in range(1, 30):
        bring(world, f"loud{n}", after=n * 3 * DAY)
    assert alerts(world)["surge"].state is State.RESOLVED
    with world.units(read_only=True) as unit:
        records = unit.decisions.of("surge", DYAD)
    assert [str(kept.kind) for kept in records[-2:]] == ["resolved", "below-enter"]
