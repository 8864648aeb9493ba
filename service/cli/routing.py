"""`detente routes`."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from service.bootstrap import Detente
from service.cli.output import out, out_json, parse_at
from service.config.route_tests import wrong_label
from service.domain.alerting.route import Route
from service.domain.alerting.rule import span
from service.errors import ConfigError
from service.operations.routing import Way, complete, ways


def routes_show(detente: Detente, *, as_json: bool) -> None:
    """Print the routing tree with all that is inherited filled in."""
    tree = detente.routes_in(None).tree()
    if as_json:
        out_json(_node(tree))
        return
    for line in _lines(tree):
        out(line)


def routes_test(detente: Detente, given: Sequence[str], at: str | None, *, as_json: bool) -> None:
    """Print where an alert with these labels goes. Raises ConfigError for labels no alert has."""
    tree = detente.routes_in(None).tree()
    labels = _labels(detente, given)
    found = ways(tree, labels, detente.intervals, parse_at(at, detente.clock.now()))
    if as_json:
        out_json({"labels": dict(labels), "destinations": [_way(way) for way in found]})
        return
    out(", ".join(f'{name}="{value}"' for name, value in sorted(labels.items())))
    for way in found:
        muted = f"; muted until {way.muted_until:%Y-%m-%d %H:%M}Z ({way.muted_by})" if way.muted_until else ""
        group = ", ".join(f'{name}="{value}"' for name, value in way.group.items()) or "without labels"
        out(f"→ {way.route.receiver or 'nobody'}  by {way.route}; group {group}{muted}")


def _labels(detente: Detente, given: Sequence[str]) -> Mapping[str, str]:
    labels = {}
    for one in given:
        name, sign, value = one.partition("=")
        if not sign:
            raise ConfigError(f"{one!r} is no label; write it as severity=high")
        if why := wrong_label(name, value, detente.rules):
            raise ConfigError(why)
        labels[name] = value
    try:
        return complete(labels, detente.rules, detente.countries_of)
    except ValueError as error:
        raise ConfigError(str(error)) from None


def _way(way: Way) -> dict[str, Any]:
    until = way.muted_until.isoformat() if way.muted_until else None
    return {
        "receiver": way.route.receiver or None,
        "path": way.route.path,
        "matchers": [str(matcher) for matcher in way.route.matchers],
        "group": dict(way.group),
        "muted_until": until,
        "muted_by": way.muted_by or None,
    }


def _node(node: Route) -> dict[str, Any]:
    timing = node.timing
    return {
        "path": node.path,
        "receiver": node.receiver or None,
        "matchers": [str(matcher) for matcher in node.matchers],
        "group_by": ["..."] if node.group_by is None else list(node.group_by),
        "group_wait_s": timing.group_wait.total_seconds(),
        "group_interval_s": timing.group_interval.total_seconds(),
        "repeat_interval_s": timing.repeat_interval.total_seconds(),
        "mute_time_intervals": list(node.mute),
        "active_time_intervals": list(node.active),
        "continue": node.continues,
        "routes": [_node(child) for child in node.routes],
    }


def _lines(node: Route, depth: int = 0) -> Iterator[str]:
    goes_on = ["continue"] if node.continues else []
    mute = [f"muted {', '.join(node.mute)}"] if node.mute else []
    active = [f"only {', '.join(node.active)}"] if node.active else []
    more = "; ".join([f"by {_grouping(node)}", _waits(node), *mute, *active, *goes_on])
    yield f"{'  ' * depth}{node} → {node.receiver or 'nobody'}  ({more})"
    for child in node.routes:
        yield from _lines(child, depth + 1)


def _grouping(node: Route) -> str:
    return "all labels" if node.group_by is None else ", ".join(node.group_by) or "nothing"


def _waits(node: Route) -> str:
    timing = node.timing
    wait = f"{timing.group_wait.total_seconds():g} s"
    return f"waits {wait}, then {span(timing.group_interval)}, again {span(timing.repeat_interval)}"
