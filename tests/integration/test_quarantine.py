"""Publishers nobody has decided on: they can raise an alert, never confirm one."""

from dataclasses import replace

import pytest

from service.cli.reading import print_status
from service.domain.alerting.rule import Rule, RuleKind, Severity
from service.domain.news.owner import QUARANTINE, Listed, Owners
from service.domain.risk.caps import QUARANTINED_FLOOD
from service.domain.risk.incident import Report
from service.flow import Task
from service.operations import present
from service.operations.quarantine import strangers
from service.operations.status import status
from tests.contract.test_articles import an_event
from tests.fakes import LEVEL, NOON, World, article

PEACE = "Iran and Pakistan signed a ceasefire."
DEESC = Rule("deesc", RuleKind.DEESC, ("dyad:*",), severity=Severity.WARNING)


def alert_after(
    world: World, *publishers: str, news: str = "Iran attacked Pakistan.", rule: str = "level"
) -> tuple[Severity, str, int]:
    """Severity, reason and owner groups of the dyad's alert once these have reported."""
    for n, publisher in enumerate(publishers):
        own = " ".join(f"{rule}{n}w{word}" for word in range(40))
        world.ingest(article(f"{rule}{n}", f"{news}\n{own}", publisher=publisher))
    world.drain(Task.ANALYSE)
    world.drain(Task.ASSESS)
    world.evaluate()
    with world.units(read_only=True) as unit:
        (alert,) = [a for a in unit.alerts.for_subjects(["dyad:IRN-PAK"]) if a.rule == rule]
    return alert.severity, alert.reason, alert.owner_groups


def test_many_strangers_are_no_confirmation(world: World) -> None:
    severity, reason, groups = alert_after(world, *(f"unknown {n}" for n in range(6)))
    assert (severity, groups) == (Severity.INFO, 0)
    assert reason.endswith("unconfirmed: quarantined publishers so far")


def test_a_stranger_adds_nothing_to_one_who_is_known(world: World) -> None:
    severity, reason, groups = alert_after(world, "Weak", "unknown one", "unknown two")
    assert (severity, groups) == (Severity.INFO, 1)
    assert reason.endswith("unconfirmed: one owner group so far")


def test_two_who_are_known_confirm_whatever_strangers_say(world: World) -> None:
    severity, _, groups = alert_after(world, "Weak", "BBC", "unknown one")
    assert severity != Severity.INFO
    assert groups == 2


def test_peace_that_only_strangers_tell_is_a_notice_without_weight(world: World) -> None:
    world.rules = (replace(LEVEL, name="level"), DEESC)
    alert_after(world, "Reuters", "BBC")
    said = alert_after(world, "unknown one", "unknown two", news=PEACE, rule="deesc")
    assert said[0] == Severity.INFO
    assert said[1].endswith("quarantined publishers only, unconfirmed")


def test_strangers_are_listed_by_how_much_they_sent(world: World) -> None:
    sent = [("Reuters", ""), ("Planet", ""), ("the planet", ""), ("", "https://x.example/1"), ("", "")]
    for n, (publisher, url) in enumerate(sent):
        world.ingest(replace(article(f"a{n}", publisher=publisher), url=url))
    found = strangers(world.units, Owners([Listed("Reuters", "Reuters", "A")], quarantine=False))
    assert [(s.name, s.articles) for s in found] == [("Planet", 2), ("unknown", 1), ("x.example", 1)]
    assert {s.last_seen for s in found} == {NOON}


def test_the_article_keeps_the_name_of_its_publisher(world: World) -> None:
    alert_after(world, "unknown one")
    with world.units(read_only=True) as unit:
        (alert,) = [a for a in unit.alerts.for_subjects(["dyad:IRN-PAK"]) if a.rule == "level"]
    assert [quote.publisher for quote in alert.evidence] == ["unknown one"]


def test_what_others_mention_in_passing_is_not_confirmed_by_a_stranger_who_leads_with_it(world: World) -> None:
    passing = "India attacked Nepal.\n" + "Nothing of note happened here today.\n" * 6 + "Iran attacked Pakistan."
    for n, publisher in enumerate(("Reuters", "BBC")):
        own = " ".join(f"p{n}w{word}" for word in range(40))
        world.ingest(article(f"p{n}", f"{passing}\n{own}", publisher=publisher))
    severity, reason, groups = alert_after(world, "unknown one")
    assert (severity, groups) == (Severity.INFO, 2), "they are quoted, but none of them leads with it"
    assert reason.endswith("unconfirmed: quarantined publishers so far")


def test_the_operator_sees_who_floods(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    with world.units() as unit:
        now = unit.marks.now()
        reports = []
        for n in range(QUARANTINED_FLOOD + 1):
            told = an_event(f"spam{n}", at=now)
            unit.articles.add(article(f"spam{n}"), "test", f"spam{n}")
            unit.articles.save_events(f"spam{n}", [told])
            reports.append(Report(f"spam{n}#0", f"spam{n}", QUARANTINE, "F", told))
    with world.units(serial=True) as unit:
        unit.ledger.save_reports(reports[1:])
    assert present.status(status(world.units, world.queue, lambda: True), {})["floods"] == []
    with world.units(serial=True) as unit:
        unit.ledger.save_reports(reports)
    shown = present.status(status(world.units, world.queue, lambda: True), {})
    assert shown["floods"] == [{"owner": QUARANTINE, "day": now.date().isoformat()}]
    print_status({**shown, "versions": {}})
    assert f"flood: {QUARANTINE} on {now.date()}; what it alone tells" in capsys.readouterr().out
