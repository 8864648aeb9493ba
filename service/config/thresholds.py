"""The thresholds of rules.yaml: which rules have one, what else could stand there, and how it is written back."""

from collections.abc import Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from service.config.load import check, load_file
from service.config.schema import RuleEntry, RulesFile
from service.config.write import write_whole
from service.domain.alerting.rule import RuleKind
from service.domain.events.signal import Signal
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
    entries = {entry.name: entry for entry in load_file(source, RulesFile).rules}
    written = YAML()
    written.indent(mapping=2, sequence=4, offset=2)
    written.width = 1_000
    written.preserve_quotes = True
    data = written.load(source.read_text(encoding="utf-8"))
    for rule in data["rules"]:
        entry = entries[rule["name"]]
        if (key := _key(entry)) and (threshold := thresholds.get(entry.name, _now(entry, key))) != _now(entry, key):
            _put(rule, key, _changes(rule, key, threshold))
    text = StringIO()
    written.dump(data, text)
    checked = YAML(typ="safe", pure=True).load(text.getvalue())
    check(checked, RulesFile, lambda _, said: f"{path}: {said}")
    write_whole(path.resolve(), text.getvalue())


def _put(rule: Any, key: str, changes: Mapping[str, Any]) -> None:
    """Steps that go are taken out and the first is changed where it stands: comments hang on what is left."""
    if key != STEPS:
        for name, value in changes.items():
            if name in rule:
                rule[name] = _plain(value)
            else:
                rule.insert(len(rule) - 1, name, _plain(value))  # blank lines hang on the last key
        return
    written = rule[STEPS]
    del written[: len(written) - len(changes[STEPS])]
    written[0].update({name: _plain(value) for name, value in changes[STEPS][0].items()})


def _plain(value: Any) -> Any:
    """A whole number without its point."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
