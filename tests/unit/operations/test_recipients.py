from service.domain.alerting.matcher import parse_matchers
from service.domain.alerting.route import NOBODY, Route
from service.domain.alerting.rule import Rule, RuleKind
from service.operations.why_not import Recipients

LEVEL = Rule("level", RuleKind.LEVEL, labels={"team": "night"})
PEACE = Rule("peace", RuleKind.DEESC)
TREE = Route(
    "route",
    "desk",
    routes=(
        Route("route.routes[0]", "chief", parse_matchers('countries=~".*IND.*"')),
        Route("route.routes[1]", "pager", parse_matchers('team="night",severity="critical",confirmed="true"')),
    ),
)
ALL = Recipients(["desk", "chief", "pager"], TREE)


def test_whom_an_alert_could_come_to_at_any_severity() -> None:
    assert ALL.reached_by(LEVEL, "dyad:IRN-PAK") == ["desk", "pager"]
    assert ALL.reached_by(PEACE, "dyad:IRN-PAK") == ["desk"]
    assert ALL.reached_by(LEVEL, "dyad:IND-PAK") == ["chief"]
    assert Recipients([], NOBODY).reached_by(LEVEL, "dyad:IRN-PAK") == []


def test_countries_of_a_region_are_asked_for() -> None:
    there = Recipients(["desk", "chief"], TREE, lambda _: ["IND", "PAK"])
    assert there.reached_by(LEVEL, "region:punjab") == ["chief"]
