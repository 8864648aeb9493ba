"""The worked example of the score design, with its events given by hand: first on a cold system, then day by day."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from math import isclose
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from service.config.load import load_file
from service.config.schema import RulesFile
from service.domain.alerting.decide import decide
from service.domain.alerting.inhibit import inhibited_by
from service.domain.alerting.rule import Accord, Evidence, Facts, Memory, Rule, RuleKind, State
from service.domain.events.event import Event
from service.domain.events.signal import ArticleRole, Modality, Signal
from service.domain.risk.explanation import Contribution, explain
from service.domain.risk.incident import GRADES, Incident, Report, group
from service.domain.risk.ledger import Channel, Entry, postings
from service.domain.risk.score import Band, Scale, Score, risk, score
from service.domain.risk.surge import stir
from tests.unit.domain.build import DAY, GEOGRAPHY, HOUR, event

HERE = Path(__file__).parent
RULES = HERE.parents[1] / "config" / "rules.yaml"
SCALE = Scale()
DYAD = "dyad:IRN-PAK"
HALF_A_POINT = 0.5


def case() -> dict[str, Any]:
    loaded: dict[str, Any] = YAML(typ="safe").load(HERE / "iran_pakistan_2024.yaml")
    return loaded


CASE = case()
SEED_AT: datetime = CASE["seed"]["published_at"]


@dataclass(frozen=True)
class Told:
    """A report, the happening it tells of, and when it was published."""

    incident: str
    published_at: datetime
    report: Report


def told(row: Mapping[str, Any], name: str, published_at: datetime, owner: str, grade: str) -> Told:
    return Told(row["incident"], published_at, Report(name, name, owner, grade, coded(row, published_at)))


def coded(row: Mapping[str, Any], published_at: datetime) -> Event:
    role = ArticleRole(row.get("role", "lead"))
    return event(
        row["kind"],
        row["actors"],
        row["recipients"],
        role=role,
        modality=Modality(row.get("modality", "actual")),
        at=published_at - DAY if role is ArticleRole.BACKGROUND else published_at,
        intensity=row.get("intensity"),
        places=row.get("places", ()),
        regions=row.get("regions", ()),
    )


def seed() -> list[Told]:
    about = CASE["seed"]
    return [told(row, row["id"], SEED_AT, about["owner"], about["grade"]) for row in about["events"]]


def history() -> list[Told]:
    rows = [(n, row, owner) for n, row in enumerate(CASE["before"]) for owner in row["by"]]
    before = [told(row, f"{n} {owner}", row["at"], owner, CASE["grades"][owner]) for n, row, owner in rows]
    return before + seed()


def incidents(reports: Sequence[Told]) -> list[Incident]:
    by_happening: defaultdict[str, list[Report]] = defaultdict(list)
    for one in reports:
        by_happening[one.incident].append(one.report)
    return [incident for name in sorted(by_happening) for incident in group(by_happening[name])]


def entries(found: Sequence[Incident], subject: str) -> dict[str, Entry]:
    made = (posting for incident in found for posting in postings(incident, GEOGRAPHY))
    return {p.incident_id: p.entry for p in made if str(p.subject) == subject}


HISTORY = history()


def known(at: datetime) -> tuple[Incident, ...]:
    return first_incidents(sum(one.published_at <= at for one in HISTORY))


@cache
def first_incidents(count: int) -> tuple[Incident, ...]:
    return tuple(incidents(sorted(HISTORY, key=lambda one: one.published_at)[:count]))


@cache
def booked(found: tuple[Incident, ...]) -> Mapping[str, Entry]:
    return entries(found, DYAD)


def level_at(at: datetime) -> Score:
    return score(booked(known(at)).values(), at, SCALE)


# The seed article alone.


def cold(subject: str) -> Score:
    return score(entries(incidents(seed()), subject).values(), CASE["cold"]["at"], SCALE)


def test_the_cold_dyad_has_the_masses_of_the_design() -> None:
    total = cold(DYAD)
    want = CASE["cold"]["dyad"]
    assert round(total.e, 4) == want["e"]
    assert round(total.d, 4) == want["d"]
    assert round(risk(total.e, total.d), 4) == want["r"]


@pytest.mark.parametrize(("subject", "level"), CASE["cold"]["levels"].items())
def test_the_cold_levels_are_those_of_the_design(subject: str, level: float) -> None:
    assert cold(subject).level == pytest.approx(level, abs=HALF_A_POINT)
    assert round(cold(subject).level, 1) == level  # closer than promised, and to stay so


@pytest.mark.parametrize("country", CASE["cold"]["untouched"])
def test_countries_that_are_only_named_or_help_stay_untouched(country: str) -> None:
    assert entries(incidents(seed()), f"country:{country}") == {}


def test_the_article_posts_to_no_other_dyad() -> None:
    posted = {str(p.subject) for i in incidents(seed()) for p in postings(i, GEOGRAPHY)}
    assert {s for s in posted if s.startswith("dyad:")} == {DYAD}


@pytest.mark.parametrize("subject", CASE["cold"]["levels"])
def test_the_cold_decomposition_is_exact(subject: str) -> None:
    total, parts = explain(entries(incidents(seed()), subject), CASE["cold"]["at"], SCALE)
    assert_exact(total, parts)


def assert_exact(total: Score, parts: Sequence[Contribution]) -> None:
    assert isclose(sum(p.share for p in parts), total.e - total.d, abs_tol=1e-9)
    assert round(sum(p.points for p in parts), 1) == round(total.level, 1)


def test_every_event_of_the_seed_is_an_incident_of_its_own() -> None:
    assert len(incidents(seed())) == len(CASE["seed"]["events"]) == 8


# The same with the prior days' reports.


@pytest.mark.parametrize("day", CASE["live"]["levels"], ids=lambda day: f"{day['at']:%d-%b}")
def test_the_live_level_of_each_day_is_that_of_the_design(day: Mapping[str, Any]) -> None:
    assert level_at(day["at"]).level == pytest.approx(day["level"], abs=HALF_A_POINT)


def test_without_the_agreement_the_level_would_be_higher() -> None:
    want = CASE["live"]["without_the_accord"]
    found = known(want["at"])
    accord = next(i for i in found if i.reports[0].event.type == "AGREE" and i.is_lead)
    total, parts = explain(entries(found, DYAD), want["at"], SCALE)
    part = next(p for p in parts if p.incident_id == accord.id)
    assert part.without == pytest.approx(want["level"], abs=HALF_A_POINT)
    assert part.without > total.level
    assert part.share < 0
    assert part.points < 0


def test_the_live_decomposition_is_exact_on_every_day() -> None:
    for day in CASE["live"]["levels"]:
        assert_exact(*explain(entries(known(day["at"]), DYAD), day["at"], SCALE))


def test_the_agreement_turns_the_band_and_does_not_end_the_danger() -> None:
    assert level_at(SEED_AT - HOUR).band is Band.ELEVATED
    assert level_at(datetime.fromisoformat("2024-01-18T04:00:00Z")).band is Band.HIGH
    assert level_at(SEED_AT + HOUR).band is Band.ELEVATED


# The rules, hour by hour.


@dataclass(frozen=True)
class Message:
    """What people were told."""

    rule: str
    state: str
    severity: str
    at: datetime
    reason: str


def shipped_rules() -> list[Rule]:
    return [entry.rule() for entry in load_file(RULES, RulesFile).rules]


def evidence(found: Sequence[Incident]) -> Evidence:
    leads = [i for i in found if i.is_lead and i.signal is Signal.ESCALATION]
    if not leads:
        return Evidence()
    best = max(leads, key=lambda i: (i.owners, i.certainty))
    grade = max((r.grade for r in best.reports), key=GRADES.__getitem__)
    return Evidence(best.owners, best.certainty, grade, has_lead=True)


def accord(found: Sequence[Incident]) -> Accord | None:
    leads = [i for i in found if i.is_lead and i.signal is Signal.DE_ESCALATION]
    best = max(leads, key=lambda i: i.intensity, default=None)
    return Accord(best.id, best.started_at, best.intensity, best.owners) if best else None


def facts(now: datetime, level: Memory) -> Facts:
    recent = [i for i in known(now) if now - i.started_at <= DAY and i.id in booked(known(now))]
    return Facts(
        subject=DYAD,
        now=now,
        score=level_at(now),
        evidence=evidence(recent),
        accord=accord(recent),
        fired_within_30d=level.fired_at is not None and now - level.fired_at <= timedelta(days=30),
        resolved_at=level.since if level.state is State.RESOLVED else None,
    )


@cache
def messages() -> tuple[Message, ...]:
    rules = [rule for rule in shipped_rules() if rule.covers(DYAD)]
    level_rule = next(rule.name for rule in rules if rule.kind is RuleKind.LEVEL)
    memories = {rule.name: Memory() for rule in rules}
    now, sent = datetime.fromisoformat("2024-01-16T12:00:00Z"), []
    while now < datetime.fromisoformat("2024-03-01T00:00:00Z"):
        seen = facts(now, memories[level_rule])
        for rule in rules:
            decision = decide(rule, memories[rule.name], seen)
            memories[rule.name] = decision.memory
            if decision.notify:
                sent.append(
                    Message(rule.name, str(decision.memory.state), str(decision.severity), now, decision.reason)
                )
        now += HOUR
    return tuple(sent)


def test_people_are_told_these_five_things_and_no_more() -> None:
    want = [(row["rule"], row["state"], row["severity"]) for row in CASE["live"]["told"]]
    assert [(m.rule, m.state, m.severity) for m in messages()] == want


def test_they_are_told_on_the_days_of_the_design() -> None:
    exact = {"firing": timedelta(0), "resolved": timedelta(days=1)}
    for message, row in zip(messages(), CASE["live"]["told"], strict=True):
        day: date = row["on"]
        assert abs(message.at.date() - day) <= exact[row["state"]], message


def test_the_notice_of_peace_says_who_reported_it() -> None:
    notice = next(m for m in messages() if m.rule == "deescalation")
    assert notice.reason == "de-escalation reported (intensity +5.0), 5 owner groups"


def test_on_a_cold_system_the_article_alone_gives_one_unconfirmed_notice() -> None:
    found, now = incidents(seed()), CASE["cold"]["at"]
    stirred = stir(list(entries(found, DYAD).values()), now)
    only = Facts(DYAD, now, cold(DYAD), stirred, evidence(found), accord(found))
    said = {rule.name: decide(rule, Memory(), only) for rule in shipped_rules()}
    assert [name for name, decision in said.items() if decision.notify] == ["deescalation"]
    assert said["deescalation"].reason == "de-escalation reported (intensity +5.0), 1 owner group, unconfirmed"
    assert said["deescalation"].severity == "info"


@pytest.mark.parametrize("country", ["country:IRN", "country:PAK"])
def test_the_dyad_speaks_for_its_countries(country: str) -> None:
    found = known(datetime.fromisoformat("2024-01-18T04:00:00Z"))
    mass = {
        subject: {i: e.micro for i, e in entries(found, subject).items() if e.channel is Channel.ESCALATION}
        for subject in (DYAD, country)
    }
    assert inhibited_by(country, [DYAD], mass) == DYAD
