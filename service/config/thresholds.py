"""The thresholds of rules.yaml: which rules have one, what else could stand there, and how it is written back."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import Node

from service.config.load import check, load_file
from service.config.schema import RuleEntry, RulesFile
from service.config.splice import Edit, applied, compose, items_of, put, value_of, without_first
from service.config.write import write_whole
from service.domain.alerting.rule import RuleKind
from service.domain.events.signal import Signal
from service.errors import ConfigError
from service.operations.tune import Tunable

STEPS = "steps"
_KEYS = {RuleKind.LEVEL: STEPS, RuleKind.SURGE: "enter", RuleKind.DEESC: "peace"}
"""Kind of rule → the key that holds its threshold."""
GRIDS: Mapping[str, Sequence[float]] = {
    STEPS: (20, 25, 30, 35, 40, 42.5, 45, 47.5, 50, 52.5, 55, 57.5, 60, 62.5, 65, 67.5, 70, 75, 80, 85, 90, 95),
    "enter": (1, 1.5, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 25, 32),
    "peace": (0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.2, 1.6, 2.0, 2.4, 3.2),
}
"""Key → the thresholds that are tried beside the present one."""


def tunables(file: RulesFile) -> list[Tunable]:
    """The rules that have a threshold, with what they would be with others."""
    return [
        Tunable(
            name=entry.name,
            key=key,
            now=_now(entry, key),
            signal=Signal.DE_ESCALATION if entry.kind is RuleKind.DEESC else Signal.ESCALATION,
            rules={t: _entry(entry, key, t).rule() for t in sorted({_now(entry, key), *map(float, GRIDS[key])})},
        )
        for entry in file.rules
        if (key := _key(entry))
    ]


def _key(entry: RuleEntry) -> str | None:
    return _KEYS.get(entry.kind)


def _now(entry: RuleEntry, key: str) -> float:
    value = entry.model_dump(by_alias=True)[key]
    return float(value[0]["enter"] if key == STEPS else value)


def _entry(entry: RuleEntry, key: str, threshold: float) -> RuleEntry:
    data = entry.model_dump(by_alias=True)
    return RuleEntry.model_validate(data | _changes(data, key, threshold))


def _changes(written: Mapping[str, Any], key: str, threshold: float) -> dict[str, Any]:
    """The keys of a rule that change with its threshold, as they are written. Where it leaves moves along."""
    if key == STEPS:
        return {STEPS: _steps(written[STEPS], threshold)}
    if written.get("leave"):
        return {key: threshold, "leave": _moved(written["leave"], written[key], threshold)}
    return {key: threshold}


def _steps(written: Sequence[Mapping[str, Any]], threshold: float) -> list[dict[str, Any]]:
    """The steps from a threshold up. The first is as loud as the step whose place it takes, and leaves as far below."""
    taken = max((step for step in written if step["enter"] <= threshold), key=lambda s: s["enter"], default=written[0])
    leave = _moved(taken["leave"], taken["enter"], threshold)
    first = {"enter": threshold, "leave": leave, "severity": str(taken["severity"])}
    return [first, *(dict(step) for step in written if step["enter"] > max(threshold, taken["enter"]))]


def _moved(leave: float, enter: float, threshold: float) -> float:
    """As far below the threshold, in proportion, as it was."""
    return leave if threshold == enter else float(f"{threshold * leave / enter:.3g}")


def write(path: Path, source: Path, thresholds: Mapping[str, float]) -> None:
    """Write the rules of `source` with these thresholds, by rule; all else stays as it is, comments too.

    Raises ConfigError, and leaves what was there, when it cannot be written.
    """
    load_file(source, RulesFile)
    text = retuned(source.read_bytes().decode(), thresholds, str(source))
    write_whole(path.resolve(), text)


def rules_of(text: str, file: str) -> RulesFile:
    """The rules of a text that stands, or is to stand, in a file. Raises ConfigError."""
    try:
        data = _data(text)
    except (YAMLError, ValueError):
        raise ConfigError(f"{file}: not valid YAML") from None
    return check(data, RulesFile, lambda _, said: f"{file}: {said}")


def retuned(text: str, thresholds: Mapping[str, float], file: str) -> str:
    """The text of a file of rules with these thresholds, by rule; every other sign stays.

    Raises ConfigError for a text that holds no rules, or where a threshold cannot be changed by itself.
    """
    entries = {entry.name: entry for entry in rules_of(text, file).rules}
    wanted = {entry.name: _wanted(entry, thresholds) for entry in entries.values()}
    data = _data(text)
    changes = [_rule_changes(rule, entries[rule["name"]], wanted[rule["name"]]) for rule in data["rules"]]
    try:
        nodes = items_of(value_of(compose(text), "rules"))
        pairs = zip(nodes, changes, strict=True)
        new = applied(text, [edit for node, change in pairs for edit in _edits(text, node, change)])
        is_meant = _data(new) == data | {
            "rules": [rule | change for rule, change in zip(data["rules"], changes, strict=True)]
        }
    except (YAMLError, ValueError):
        is_meant = False
    if not is_meant:
        raise ConfigError(f"{file}: these thresholds are written in a way that only a person can change")
    return new


def written_of(text: str, rule: str, file: str) -> Mapping[str, Any]:
    """What a rule's threshold is in a text, as it is written. Raises ConfigError."""
    entry = next((one for one in rules_of(text, file).rules if one.name == rule), None)
    if entry is None or (key := _key(entry)) is None:
        raise ConfigError(f"{file}: there is no rule {rule!r} with a threshold")
    shown = entry.model_dump(by_alias=True, mode="json")
    return {name: shown[name] for name in (key, "leave") if shown[name] is not None}


def _data(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


def _wanted(entry: RuleEntry, thresholds: Mapping[str, float]) -> float | None:
    """The threshold a rule is to have, None where it stays."""
    key, threshold = _key(entry), thresholds.get(entry.name)
    return None if key is None or threshold is None or threshold == _now(entry, key) else threshold


def _rule_changes(written: Mapping[str, Any], entry: RuleEntry, threshold: float | None) -> dict[str, Any]:
    key = _key(entry)
    return {} if threshold is None or key is None else _changes(written, key, threshold)


def _edits(text: str, rule: Node, changes: Mapping[str, Any]) -> Iterator[Edit]:
    """Steps that go are taken out, the first that stays is changed where it stands: comments hang on what is left."""
    if STEPS not in changes:
        yield from put(text, rule, changes)
        return
    steps = value_of(rule, STEPS)
    gone = len(items_of(steps)) - len(changes[STEPS])
    if steps is None or gone < 0:
        raise ValueError(STEPS)
    yield from without_first(text, steps, gone)
    yield from put(text, items_of(steps)[gone], changes[STEPS][0])
