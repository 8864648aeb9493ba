"""Changes go down the tree of routes, and an ending goes wherever the alert was told."""

from datetime import timedelta

from service.domain.alerting.labels import countries_named
from service.domain.alerting.matcher import parse_matchers
from service.domain.alerting.route import Receiver, Route
from service.flow import Task
from service.pipeline.route import Table, route
from tests.fakes import World, article

DYAD = "dyad:IRN-PAK"
TREE = Route(
    "route",
    "desk",
    routes=(
        Route("route.routes[0]", "log", parse_matchers('countries=~".*PAK.*"'), continues=True),
        Route("route.routes[1]", "pager", parse_matchers('severity="warning"')),
        Route("route.routes[2]", "log", parse_matchers('severity="info"')),
    ),
)
TABLE = Table(TREE, {name: Receiver(name, ("mail",)) for name in ("desk", "log", "pager")}, countries_named)


def routed(world: World) -> None:
    ids = [i for ids in world.queue.of(Task.DISPATCH) for i in ids]
    route(world.claim(Task.DISPATCH, *ids), world.units, TABLE, world.rules, world.name_of, world.queue)
    world.queue.nudges.clear()


def told(world: World) -> list[tuple[str, str]]:
    """(state, receiver) of what was written about the dyad, in order."""
    with world.units(read_only=True) as unit:
        courses = [unit.alerts.course(alert.id) for alert in unit.alerts.for_subjects([DYAD])]
    return [
        (str(change.to_state), str(sent["receiver"]))
        for course in courses
        for change in course.transitions
        for sent in course.notifications
        if sent["transition_id"] == change.id
    ]


def test_an_ending_goes_where_the_beginning_went_though_it_is_not_severe(world: World) -> None:
    world.ingest(article("a1", publisher="Wire a1"), article("a2", publisher="Wire a2"))
    world.drain(Task.ANALYSE)
    world.drain(Task.ASSESS)
    world.evaluate()
    routed(world)
    assert sorted(told(world)) == [("firing", "log"), ("firing", "pager")]
    world.clock.moment += timedelta(days=90)
    world.evaluate()
    routed(world)
    assert sorted(told(world)[2:]) == [("resolved", "log"), ("resolved", "pager")]
