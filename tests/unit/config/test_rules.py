"""Rules as they are written: every key of the new kinds, every mistake named with line and key."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from service.adapters.nlp.gazetteer import CompiledGazetteer
from service.bootstrap import Detente, shipped
from service.config.codes import Names, unknown_in_rules, unknown_in_watchlists
from service.config.load import load_file, load_placed
from service.config.schema import RulesFile, WatchlistsFile
from service.domain.alerting.condition import AnyOf, parse
from service.domain.alerting.rule import Rule, RuleKind, Severity
from service.errors import ConfigError

FULL = """rules:
  - name: first-force
    kind: NOVEL
    subjects: ["dyad:*"]
    except_subjects: ["dyad:ISR-*"]
    rung: 3
    within: 90d
    raises: false
    for: 5m
    keep_firing_for: 12h
    labels: {team: desk}
    annotations:
      summary: "{{ name }}: {{ reason }}"
  - name: climb
    kind: RISE
    subjects: ["dyad:*"]
    rise: 15
    leave: 5
    severity: high
  - name: dark
    kind: SILENCE
    subjects: ["watch:*"]
    stale: 2h
    severity: warning
  - name: own
    kind: CUSTOM
    subjects: ["*"]
    when:
      - level >= 50
      - any: ["surprise >= 3", "surge >= 5"]
      - event_type in [ASSAULT, COERCE.seize]
    leave_when: ["level < 30"]
"""
NAMES = Names(["IRN", "PAK"], ["balochistan"], ["034"], ["gulf"])


def rules(folder: Path, text: str) -> list[Rule]:
    (folder / "rules.yaml").write_text(text, encoding="utf-8")
    return [entry.rule() for entry in load_file(folder / "rules.yaml", RulesFile).rules]


def test_every_key_is_read(tmp_path: Path) -> None:
    novel, climb, dark, own = rules(tmp_path, FULL)
    assert (novel.rung, novel.within, novel.raises, novel.hold) == (3, timedelta(days=90), False, timedelta(minutes=5))
    assert (novel.covers("dyad:IRN-PAK"), novel.covers("dyad:ISR-PSE")) == (True, False)
    assert novel.annotations == {"summary": "{{ name }}: {{ reason }}"}
    assert (climb.enter, climb.leave, climb.within, climb.severity) == (15, 5, timedelta(days=7), Severity.HIGH)
    assert (dark.stale, dark.severity) == (timedelta(hours=2), Severity.WARNING)
    assert own.when == (
        parse("level >= 50"),
        AnyOf((parse("surprise >= 3"), parse("surge >= 5"))),
        parse("event_type in [ASSAULT, COERCE.seize]"),
    )
    assert own.leave_when == (parse("level < 30"),)


def test_the_defaults_of_the_new_kinds(tmp_path: Path) -> None:
    novel, climb, dark = rules(
        tmp_path,
        "rules:\n"
        "  - {name: a, kind: NOVEL, subjects: ['*']}\n"
        "  - {name: b, kind: RISE, subjects: ['*'], rise: 20}\n"
        "  - {name: c, kind: SILENCE, subjects: ['*']}\n",
    )
    assert (novel.kind, novel.rung, novel.within, novel.raises) == (RuleKind.NOVEL, 4, timedelta(days=180), True)
    assert (climb.leave, climb.within) == (10, timedelta(days=7))
    assert dark.stale == timedelta(hours=6)


ONE = "rules:\n  - {name: x, subjects: ['*'], %s}\n"


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ("kind: LEVEL, rung: 3, steps: [{enter: 9, leave: 8, severity: high}]", "rung belongs to rules of kind NOVEL"),
        ("kind: SILENCE, raises: false", "raises belongs to rules of kind NOVEL"),
        ("kind: DEESC, stale: 2h", "stale belongs to rules of kind SILENCE"),
        ("kind: DEESC, within: 2h", "within belongs to rules of kind NOVEL and RISE"),
        ("kind: RISE", "rise belongs to rules of kind RISE, and those need it"),
        ("kind: SURGE, enter: 3, rise: 9", "rise belongs to rules of kind RISE"),
        ("kind: RISE, rise: 9, enter: 9", "enter belongs to rules of kind SURGE"),
        ("kind: RISE, rise: 9, leave: 9", "must be below enter or rise"),
        ("kind: RISE, rise: 101", "rules.0.rise: "),
        ("kind: NOVEL, leave: 9", "leave belongs to rules of kind SURGE and RISE"),
        ("kind: NOVEL, rung: 6", "rules.0.rung: "),
        ("kind: NOVEL, rung: 0", "rules.0.rung: "),
        ("kind: NOVEL, within: 2m", "rules.0.within: "),
        ("kind: NOVEL, within: 800d", "rules.0.within: "),
        ("kind: NOVEL, severity: high", "a rule of kind NOVEL is info alone"),
        ("kind: CUSTOM", "needs at least one condition under when"),
        ("kind: DEESC, when: [level >= 5]", "when belongs to rules of kind CUSTOM"),
        ("kind: CUSTOM, when: [levl >= 5]", "rules.0.when.0: 'levl' can not be asked about; did you mean level?"),
        ("kind: CUSTOM, when: ['surge > 1', 'level > x']", "rules.0.when.1: level > needs one number"),
        ("kind: CUSTOM, when: [5]", "rules.0.when.0: must be a condition such as level >= 50"),
        ("kind: CUSTOM, when: [{any: []}]", "rules.0.when.0: must be a condition"),
        ("kind: CUSTOM, when: [{any: [level >= 5], all: []}]", "rules.0.when.0: must be a condition"),
        ("kind: CUSTOM, when: [{any: [rung = 5]}]", "rules.0.when.0: 'rung = 5' is no condition"),
        ("kind: CUSTOM, when: [level > 1], leave_when: [x]", "rules.0.leave_when.0: 'x' is no condition"),
        ("kind: DEESC, annotations: {a b: x}", "rules.0.annotations.a b"),
        ("kind: DEESC, annotations: {a: ''}", "rules.0.annotations.a: "),
        ("kind: DEESC, except_subjects: [dyad:X]", "rules.0.except_subjects.0: 'dyad:X' is no subject"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, keys: str, says: str) -> None:
    with pytest.raises(ConfigError) as refused:
        rules(tmp_path, ONE % keys)
    assert str(refused.value).startswith(f"{tmp_path / 'rules.yaml'}:2: rules.0")
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("watch:golf", "'watch:golf' is no watchlist there is; did you mean watch:gulf?"),
        ("region:narnia", "'region:narnia' is no region there is; did you mean region:balochistan?"),
        ("m49:999", "'m49:999' is no sub-region there is; did you mean m49:034?"),
        ("region:nar*", "'region:nar*' covers no region there is"),
        ("m49:9*", "'m49:9*' covers no sub-region there is (UN M49)"),
        ("watch:x*", "'watch:x*' covers no watchlist there is (watchlists.yaml)"),
        ("*:nar*", "'*:nar*' covers no subject"),
        ("country:ZZZ", "names 'ZZZ', which is no country code"),
        ("watch:gulf", None),
        ("watch:g*", None),
        ("watch:*", None),
        ("region:bal*", None),
        ("m49:034", None),
        ("m49:0??", None),
        ("*:gul*", None),
        ("*", None),
    ],
)
@pytest.mark.parametrize("key", ["subjects", "except_subjects"])
def test_a_name_that_nobody_knows_is_a_mistake(tmp_path: Path, key: str, pattern: str, says: str | None) -> None:
    plain = "" if key == "subjects" else "    subjects: ['*']\n"
    text = f"rules:\n  - name: x\n    kind: DEESC\n{plain}    {key}:\n      - '{pattern}'\n"
    (tmp_path / "rules.yaml").write_text(text, encoding="utf-8")
    found = unknown_in_rules(*load_placed(tmp_path / "rules.yaml", RulesFile), NAMES)
    if says is None:
        assert found == []
    else:
        line = text.count("\n")
        assert [f"{tmp_path / 'rules.yaml'}:{line}: rules.0.{key}.0: rule x: " in one for one in found] == [True]
        assert says in found[0]


def test_without_watchlists_a_rule_may_wait_for_some_but_not_name_one(tmp_path: Path) -> None:
    for pattern, mistakes in (("watch:*", 0), ("watch:gulf", 1)):
        (tmp_path / "rules.yaml").write_text(ONE % "kind: DEESC".replace("*", pattern), encoding="utf-8")
        (tmp_path / "rules.yaml").write_text((ONE % "kind: DEESC").replace("'*'", f"'{pattern}'"), encoding="utf-8")
        loaded = load_placed(tmp_path / "rules.yaml", RulesFile)
        assert len(unknown_in_rules(*loaded, Names(["IRN"]))) == mistakes


def test_a_watchlist_must_hold_subjects_there_are(tmp_path: Path) -> None:
    (tmp_path / "watchlists.yaml").write_text(
        "watchlists:\n  - {name: gulf, subjects: ['country:IRN', 'region:narnia', 'dyad:IRN-QQQ']}\n", encoding="utf-8"
    )
    found = unknown_in_watchlists(*load_placed(tmp_path / "watchlists.yaml", WatchlistsFile), NAMES)
    assert [one.partition(" watchlist ")[0] for one in found] == [
        f"{tmp_path / 'watchlists.yaml'}:2: watchlists.0.subjects.1:",
        f"{tmp_path / 'watchlists.yaml'}:2: watchlists.0.subjects.2:",
    ]


@pytest.fixture
def folder(tmp_path: Path, shipped_gazetteer: CompiledGazetteer) -> Path:
    """A good configuration to spoil."""
    folder = tmp_path / "config"
    folder.mkdir()
    for name in ("detente.yaml", "rules.yaml", "routes.yaml"):
        shutil.copy(shipped("config") / name, folder)
    (folder / "sources.yaml").write_text("publishers: []\nfeeds: []\n", encoding="utf-8")
    return folder


def check(folder: Path) -> list[str]:
    try:
        Detente(folder).check_files()
    except ConfigError as error:
        return str(error).splitlines()
    return []


def test_templates_and_names_are_checked_with_the_files(folder: Path) -> None:
    assert check(folder) == []
    (folder / "rules.yaml").write_text(
        "rules:\n"
        "  - name: a\n"
        "    kind: DEESC\n"
        "    subjects: ['watch:gulf', 'region:narnia']\n"
        "    annotations:\n"
        "      good: '{{ name }}'\n"
        "      bad: '{{ nobody }}'\n",
        encoding="utf-8",
    )
    said = check(folder)
    where = folder / "rules.yaml"
    assert [one.partition(" rule ")[0] for one in said] == [
        f"{where}:4: rules.0.subjects.0:",
        f"{where}:4: rules.0.subjects.1:",
        f"{where}:7: rules.0.annotations.bad:",
    ]
    assert "names 'nobody', which is not known" in said[2]
    (folder / "watchlists.yaml").write_text("watchlists: [{name: gulf, subjects: ['m49:999']}]\n", encoding="utf-8")
    assert [one.partition(": ")[0] for one in check(folder)] == [
        f"{folder / 'watchlists.yaml'}:1",
        f"{where}:4",
        f"{where}:7",
    ]
