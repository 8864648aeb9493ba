from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.alerting.matcher import Matcher, Op, matches, parse_matchers
from service.domain.alerting.route import (
    NOBODY,
    Route,
    Withheld,
    WithheldKind,
    destinations,
    group_id,
    group_labels,
    walk,
)


def node(receiver: str, asked: str = "", *routes: Route, goes_on: bool = False, path: str = "") -> Route:
    return Route(path or receiver, receiver, parse_matchers(asked), continues=goes_on, routes=routes)


TREE = node(
    "desk",
    "",
    node("log", "", goes_on=True),
    node("pager", 'severity="critical"', node("gulf", 'countries=~".*IRN.*"'), node("night", 'team="night"')),
    node("quiet", 'severity="info"', goes_on=True),
    node("peace", 'kind=~"DEESC|ALLCLEAR"'),
)


@pytest.mark.parametrize(
    ("labels", "receivers"),
    [
        ({}, ["log"]),
        ({"severity": "critical"}, ["log", "pager"]),
        ({"severity": "critical", "countries": "IRN,PAK"}, ["log", "gulf"]),
        ({"severity": "critical", "countries": "IRN", "team": "night"}, ["log", "gulf"]),
        ({"severity": "critical", "kind": "DEESC"}, ["log", "pager"]),
        ({"severity": "info", "kind": "DEESC"}, ["log", "quiet", "peace"]),
    ],
)
def test_an_alert_goes_down_the_tree(labels: Mapping[str, str], receivers: list[str]) -> None:
    assert [found.receiver for found in destinations(TREE, labels)] == receivers


def test_what_no_child_takes_stays_with_the_node() -> None:
    assert destinations(NOBODY, {"severity": "high"}) == [NOBODY]
    tree = node("desk", "", node("pager", 'severity="critical"'))
    assert destinations(tree, {"severity": "high"}) == [tree]


LABELS = st.dictionaries(st.sampled_from("ab"), st.sampled_from(["1", "2"]))
ASKED = st.lists(
    st.builds(Matcher, st.sampled_from("ab"), st.sampled_from([Op.EQUAL, Op.NOT_EQUAL]), st.sampled_from(["1", "2"])),
    max_size=2,
).map(tuple)


def numbered(tree: Route, path: str = "route") -> Route:
    children = tuple(numbered(child, f"{path}.routes[{n}]") for n, child in enumerate(tree.routes))
    return Route(path, tree.receiver, tree.matchers, continues=tree.continues, routes=children)


def trees(inner: st.SearchStrategy[Route]) -> st.SearchStrategy[Route]:
    children = st.lists(inner, max_size=3).map(tuple)
    return st.builds(
        Route, st.just(""), st.sampled_from(["desk", "pager"]), ASKED, continues=st.booleans(), routes=children
    )


LEAVES = st.builds(Route, st.just(""), st.sampled_from(["desk", "pager"]), ASKED, continues=st.booleans())
TREES = st.recursive(LEAVES, trees, max_leaves=8).map(numbered)


@given(TREES, LABELS)
def test_every_alert_comes_to_somebody_and_only_to_nodes_that_take_it(tree: Route, labels: Mapping[str, str]) -> None:
    found = destinations(tree, labels)
    assert found
    nodes = {one.path: one for one in walk(tree)}
    for one in found:
        assert nodes[one.path] == one
        above = [path for path in nodes if path != "route" and (one.path == path or one.path.startswith(f"{path}."))]
        assert all(matches(nodes[path].matchers, labels) for path in above)
        assert not any(matches(child.matchers, labels) for child in one.routes)
    assert len({one.path for one in found}) == len(found)


@given(TREES, LABELS)
def test_without_continue_no_later_sibling_hears_of_it(tree: Route, labels: Mapping[str, str]) -> None:
    reached = [one.path for one in destinations(tree, labels)]
    for parent in walk(tree):
        takers = [c for c in parent.routes if any(p == c.path or p.startswith(f"{c.path}.") for p in reached)]
        assert all(taker.continues for taker in takers[:-1])


@given(TREES, LABELS)
def test_the_way_is_that_of_the_definition(tree: Route, labels: Mapping[str, str]) -> None:
    def asked(one: Route) -> list[str]:
        taking = [child for child in one.routes if matches(child.matchers, labels)]
        last = next((n for n, child in enumerate(taking) if not child.continues), len(taking))
        return [path for child in taking[: last + 1] for path in asked(child)] or [one.path]

    assert [one.path for one in destinations(tree, labels)] == asked(tree)


# Groups.


def test_a_group_has_the_labels_it_is_grouped_by() -> None:
    labels = {"subject": "dyad:IRN-PAK", "kind": "LEVEL", "team": ""}
    assert group_labels(Route("route", "desk"), labels) == {"subject": "dyad:IRN-PAK"}
    assert group_labels(Route("route", "desk", group_by=()), labels) == {}
    assert group_labels(Route("route", "desk", group_by=("kind", "team", "severity")), labels) == {"kind": "LEVEL"}
    assert group_labels(Route("route", "desk", group_by=None), labels) == {"kind": "LEVEL", "subject": "dyad:IRN-PAK"}


KEYS = st.tuples(st.text(max_size=4), st.text(max_size=4), st.dictionaries(st.text(max_size=3), st.text(max_size=3)))


@given(KEYS, KEYS)
def test_two_groups_are_one_where_receiver_path_and_labels_are(
    one: tuple[str, str, dict[str, str]], other: tuple[str, str, dict[str, str]]
) -> None:
    assert (group_id(*one) == group_id(*other)) is (one == other)


@given(KEYS)
def test_the_order_of_labels_does_not_matter(key: tuple[str, str, dict[str, str]]) -> None:
    receiver, path, labels = key
    turned = dict(reversed(labels.items()))
    assert group_id(receiver, path, turned) == group_id(receiver, path, labels)
    assert len(group_id(receiver, path, labels)) == 32


# Why not.


def test_every_reason_to_withhold_is_a_sentence() -> None:
    said = [str(Withheld(kind, "somebody")) for kind in WithheldKind]
    assert len(set(said)) == len(said)
    assert all(" " in one for one in said)
    assert max(len(kind) for kind in WithheldKind) <= 20, "the column is that wide"


def test_a_node_says_where_it_stands_and_what_it_asks_for() -> None:
    assert str(node("pager", 'severity="critical"', path="route.routes[0]")) == 'route.routes[0]: severity="critical"'
    assert str(NOBODY) == "route"
