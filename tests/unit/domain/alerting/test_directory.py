"""How alerts find those who are to be told."""

from datetime import UTC, datetime, timedelta

from service.domain.alerting.directory import Directory, Subscription, group_on
from service.domain.alerting.interval import Hours, Span, TimeInterval
from service.domain.alerting.matcher import parse_matcher
from service.domain.alerting.route import Receiver, Route

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LABELS = {"subject": "dyad:IRN-PAK", "severity": "high"}
DESK, BOSS, NOBODY = Receiver("desk", ("mail",)), Receiver("boss", ("sms",)), Receiver("nobody", ())
HIGH = (parse_matcher('severity="high"'),)
NIGHT = TimeInterval("night", (Span(times=(Hours(22 * 60, 6 * 60),)),))


def found(directory: Directory) -> list[str]:
    return [route.path for route in directory.find(LABELS)]


def tree(*children: Route) -> Directory:
    return Directory(Route("root", "desk", routes=children), {r.name: r for r in (DESK, BOSS, NOBODY)})


def test_a_receiver_without_channels_or_that_is_gone_is_nobody() -> None:
    assert found(tree()) == ["root"]
    assert found(tree(Route("a", "nobody", HIGH))) == []
    assert found(tree(Route("a", "gone", HIGH))) == []


def test_two_ways_to_one_receiver_are_one() -> None:
    directory = tree(Route("a", "boss", HIGH, continues=True), Route("b", "boss", HIGH, continues=True))
    assert found(directory) == ["a"]


def test_subscriptions_stand_beside_the_tree() -> None:
    mine = Subscription(Route("@1", "boss"), lambda labels: labels["subject"].startswith("dyad:"))
    other = Subscription(Route("@2", "boss"), lambda labels: labels["subject"] == "country:IRN")
    directory = Directory(Route("root", "desk"), {"desk": DESK, "boss": BOSS}, subscriptions=(other, mine))
    assert found(directory) == ["root", "@1"]
    assert directory.route_of(group_on(mine.route, LABELS)) is mine.route
    assert directory.route_of(group_on(Route("@3", "boss"), LABELS)) is None


def test_a_digest_waits_while_every_way_to_its_receiver_is_mute() -> None:
    night = NOON + timedelta(hours=11)
    quiet, open_ = Route("a", "boss", mute=("night",)), Route("b", "boss")
    one = Directory(quiet, {"boss": BOSS}, {"night": NIGHT})
    assert one.muted_until("boss", None, night) == NOON + timedelta(hours=18)
    assert one.muted_until("boss", None, NOON) is None
    both = Directory(Route("root", "desk", routes=(quiet, open_)), {"boss": BOSS}, {"night": NIGHT})
    assert both.muted_until("boss", None, night) is None
    assert both.muted_until("boss", quiet, night) == NOON + timedelta(hours=18)
