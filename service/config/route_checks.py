"""What is wrong with `routes.yaml` as a whole: names that lead nowhere, and routes that nothing can take."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from service.config.load import Key, Places
from service.config.routes import ALL_LABELS, ReceiverEntry, RouteEntry, RoutesFile
from service.config.schema import RulesFile
from service.domain.alerting.labels import BUILT_IN, SOMETIMES
from service.domain.alerting.matcher import Matcher, matches
from service.domain.alerting.route import Receiver
from service.domain.alerting.rule import Rule, RuleKind, Severity, State
from service.domain.risk.subject import SubjectKind
from service.operations.naming import near

Values = Mapping[str, Collection[str] | None]
"""Labels and the values they can have; None where these cannot be listed."""
ROOT: Key = ("route",)


def label_values(rules: Sequence[Rule]) -> Values:
    """The labels built in, those some alerts get, and those of the rules. One that is not given is empty."""
    own = {name: {"", *(r.labels[name] for r in rules if name in r.labels)} for rule in rules for name in rule.labels}
    some = {name: {"", *values, *own.get(name, ())} for name, values in SOMETIMES.items()}
    return {
        **own,
        **some,
        **dict.fromkeys(BUILT_IN),
        "rule": [rule.name for rule in rules],
        "kind": list(RuleKind),
        "subject_kind": list(SubjectKind),
        "severity": list(Severity),
        "state": list(State),
        "confirmed": ["true", "false", ""],
    }


def wrong_in_routes(file: RoutesFile, places: Places) -> list[str]:
    """Mistakes in the names that lead from one part of the file to another, and in the root of the tree."""
    return [
        *_wrong_root(file, places),
        *(mistake for key, entry in _nodes(file) for mistake in _unknown_names(key, entry, file, places)),
        *_wrong_escalations(file.receivers, places),
    ]


def shadowing_labels(file: RulesFile, places: Places) -> list[str]:
    """Labels of rules that would take the name of one every alert has."""
    return [
        places.name(("rules", n, "labels", name), f"rule {rule.name}: every alert has a label {name!r} of its own")
        for n, rule in enumerate(file.rules)
        for name in rule.labels
        if name in BUILT_IN
    ]


def unknown_labels(file: RoutesFile, places: Places, known: Values) -> list[str]:
    """Labels that no alert has, in matchers, groups and inhibition."""
    return [
        places.name(key, f"no alert has a label {name!r}{near(name, known)}")
        for key, name in (*_labels_of_routes(file), *_labels_of_inhibition(file))
        if name not in known
    ]


def doubtful_in_routes(file: RoutesFile, places: Places, known: Values, used: Collection[str] = ()) -> list[str]:
    """What is no mistake but cannot be meant: routes that nothing takes, receivers that nothing leads to.

    Receivers in `used` are led to by something outside the file.
    """
    return [*_never_taken(file, places, known), *_never_told(file, places, used)]


def unknown_receivers(named: Mapping[str, str], receivers: Mapping[str, Receiver]) -> list[str]:
    """Settings that name a receiver which the routes do not have, or which has no channel; `named` is key → name."""
    mistakes = []
    for key, name in named.items():
        if name not in receivers:
            mistakes.append(f"{key}: {name!r} is not among the receivers of routes.yaml{near(name, list(receivers))}")
        elif not receivers[name].channels:
            mistakes.append(f"{key}: the receiver {name!r} has no channel")
    return mistakes


def _nodes(file: RoutesFile) -> Iterator[tuple[Key, RouteEntry]]:
    """All nodes with their keys, parents first."""
    waiting = [(ROOT, file.route)] if file.route else []
    while waiting:
        key, entry = waiting.pop(0)
        yield key, entry
        waiting[:0] = [((*key, "routes", n), child) for n, child in enumerate(entry.routes)]


def _wrong_root(file: RoutesFile, places: Places) -> Iterator[str]:
    if file.route is None:
        return
    if file.route.receiver is None:
        yield places.name((*ROOT, "receiver"), "is needed: what no other route takes goes there")
    if file.route.matchers:
        yield places.name((*ROOT, "matchers"), "the first route takes everything; give matchers to those under routes")
    if file.route.goes_on:
        yield places.name((*ROOT, "continue"), "nothing stands beside the first route")


def _unknown_names(key: Key, entry: RouteEntry, file: RoutesFile, places: Places) -> Iterator[str]:
    receivers = [receiver.name for receiver in file.receivers]
    if entry.receiver is not None and entry.receiver not in receivers:
        said = f"names {entry.receiver!r}, which is not among the receivers{near(entry.receiver, receivers)}"
        yield places.name((*key, "receiver"), said)
    intervals = [interval.name for interval in file.time_intervals]
    for part in ("mute_time_intervals", "active_time_intervals"):
        for n, name in enumerate(getattr(entry, part)):
            if name not in intervals:
                said = f"names {name!r}, which is not among the time_intervals{near(name, intervals)}"
                yield places.name((*key, part, n), said)


def _wrong_escalations(receivers: Sequence[ReceiverEntry], places: Places) -> Iterator[str]:
    follows = {entry.name: entry.escalation.to for entry in receivers if entry.escalation}
    names = [entry.name for entry in receivers]
    for n, entry in enumerate(receivers):
        if entry.escalation is None:
            continue
        key, to = ("receivers", n, "escalation", "to"), entry.escalation.to
        if to not in names:
            yield places.name(key, f"names {to!r}, which is not among the receivers{near(to, names)}")
        elif entry.name in (chain := _chain(to, follows)):
            yield places.name(key, f"goes round in a circle: {' → '.join((entry.name, *chain))}")


def _chain(name: str, follows: Mapping[str, str]) -> list[str]:
    """The receivers an escalation comes to, up to the first that comes again."""
    chain = [name]
    while (after := follows.get(chain[-1])) and after not in chain:
        chain.append(after)
    return [*chain, after] if after and after == chain[0] else chain


def _labels_of_routes(file: RoutesFile) -> Iterator[tuple[Key, str]]:
    for key, entry in _nodes(file):
        yield from _labels_asked((*key, "matchers"), entry.matchers)
        yield from (((*key, "group_by", n), name) for n, name in enumerate(entry.group_by or ()) if name != ALL_LABELS)


def _labels_of_inhibition(file: RoutesFile) -> Iterator[tuple[Key, str]]:
    for n, rule in enumerate(file.inhibit_rules):
        yield from _labels_asked(("inhibit_rules", n, "source_matchers"), rule.source_matchers)
        yield from _labels_asked(("inhibit_rules", n, "target_matchers"), rule.target_matchers)
        yield from ((("inhibit_rules", n, "equal", m), name) for m, name in enumerate(rule.equal))


def _labels_asked(key: Key, asked: Sequence[tuple[Matcher, ...]]) -> Iterator[tuple[Key, str]]:
    return (((*key, n), matcher.name) for n, one in enumerate(asked) for matcher in one)


def _never_taken(file: RoutesFile, places: Places, known: Values) -> Iterator[str]:
    if file.route is None:
        return
    waiting: list[tuple[Key, RouteEntry, tuple[Matcher, ...]]] = [(ROOT, file.route, ())]
    while waiting:
        key, entry, above = waiting.pop(0)
        asked = (*above, *(matcher for one in entry.matchers for matcher in one))
        if name := _impossible(asked, known):
            yield places.name(key, f"nothing can take this route: {name} has no such value")
            continue
        yield from _hidden(key, entry.routes, places)
        waiting[:0] = [((*key, "routes", n), child, asked) for n, child in enumerate(entry.routes)]


def _impossible(asked: Sequence[Matcher], known: Values) -> str:
    """A label none of whose values is as all matchers want it, empty where there is none."""
    for name in dict.fromkeys(matcher.name for matcher in asked):
        values, mine = known.get(name), [matcher for matcher in asked if matcher.name == name]
        if values is not None and not any(matches(mine, {name: value}) for value in values):
            return name
    return ""


def _hidden(key: Key, siblings: Sequence[RouteEntry], places: Places) -> Iterator[str]:
    """Routes behind one that takes all they could take and does not say `continue`."""
    asked = [frozenset(matcher for one in entry.matchers for matcher in one) for entry in siblings]
    for n in range(len(siblings)):
        before = next((m for m in range(n) if not siblings[m].goes_on and asked[m] <= asked[n]), None)
        if before is not None:
            first = ".".join(map(str, (*key, "routes", before)))
            said = f"nothing comes to this route: {first} takes it before, without continue"
            yield places.name((*key, "routes", n), said)


def _never_told(file: RoutesFile, places: Places, used: Collection[str]) -> Iterator[str]:
    led_to = {entry.receiver for _, entry in _nodes(file)} | {r.escalation.to for r in file.receivers if r.escalation}
    for n, receiver in enumerate(file.receivers):
        if receiver.name not in {*led_to, *used}:
            yield places.name(("receivers", n, "name"), f"no route and no escalation leads to {receiver.name}")
