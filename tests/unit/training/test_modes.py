"""How modes are measured, and the small head beside the lexicon: worked out by hand or on made-up rows."""

import json
from pathlib import Path

import numpy as np
import pytest

from service.domain.events.ontology import ROOTS_BY_SIGNAL, TYPES
from service.domain.events.signal import Signal
from training import modes, probe
from training.modes import Case

ESCALATION = Signal.ESCALATION


def case(text: str, root: str = "ASSAULT", gold: str = "ASSAULT.clash", level: int = 3) -> Case:
    return Case("", text, root, ESCALATION, level, gold, "test")


def test_own_lines_are_of_types_their_signal_can_carry_and_stand_in_both_parts() -> None:
    lines = modes.own()
    assert {line.part for line in lines} == {"train", "test"}
    assert len({line.text for line in lines}) == len(lines)
    for line in lines:
        assert line.root in ROOTS_BY_SIGNAL[line.signal]
        assert TYPES[line.gold].intensity <= 0 if line.signal is ESCALATION else TYPES[line.gold].intensity >= 0


@pytest.mark.parametrize("name", [labels for labels, _ in modes.LABELS.values()])
def test_labels_by_id_are_known_types_each_text_once(name: str) -> None:
    rows = [row.split("|") for row in (modes.ANNOTATED / name).read_text("utf-8").splitlines() if row[0] != "#"]
    assert len({identity for identity, _, _ in rows}) == len(rows)
    assert {gold for _, _, gold in rows} <= set(TYPES)
    assert {part for _, part, _ in rows} <= {"train", "test"}


def test_certain_texts_are_new_directed_and_name_one_type(tmp_path: Path) -> None:
    texts = {
        "a": "Warplanes hit a camp",
        "b": "Warplanes hit a camp after clashes",
        "c": "Nothing was said",
        "d": "Mortar rounds fell",
    }
    base = {"event_type": "ASSAULT", "signal": "escalation", "level": 3}
    records = [{"id": name, "text": text, **base} for name, text in texts.items()]
    records.append({"id": "e", "text": "Warplanes hit it", **base, "signal": "neutral", "event_type": "NONE"})
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "train.jsonl").write_text("\n".join(map(json.dumps, records)), "utf-8")
    assert [(c.id, c.gold) for c in modes.certain(tmp_path, {"d"})] == [("a", "ASSAULT.aerial")]


def test_a_head_fills_in_only_where_the_lexicon_has_no_word() -> None:
    cases = [case("Air strikes hit a camp"), case("Something happened")]
    assert modes.filled(cases, lambda asked: ["ASSAULT.terror"] * len(asked)) == ["ASSAULT.aerial", "ASSAULT.terror"]
    assert modes.by_lexicon(cases) == ["ASSAULT.aerial", "ASSAULT.clash"]


def test_choices_are_what_was_seen_under_the_root_and_its_typical_types() -> None:
    choices = modes.choices_of([case("x", gold="ASSAULT.wmd"), case("y", "REJECT", "REJECT.generic")])
    assert choices["ASSAULT", ESCALATION] == {
        "ASSAULT.wmd",
        "ASSAULT.ceasefire_violation",
        "ASSAULT.terror",
        "ASSAULT.clash",
        "ASSAULT.artillery",
    }
    assert choices["REJECT", ESCALATION] == {"REJECT.generic"}


def test_accuracy_and_intensity_error() -> None:
    gold, guess = ["ASSAULT.aerial", "COERCE.arrest"], ["ASSAULT.artillery", "COERCE.arrest"]
    assert modes.accuracy(gold, guess) == 0.5
    assert modes.intensity_error(gold, guess) == pytest.approx(0.25)


@pytest.mark.parametrize("hidden", [0, 8])
def test_a_head_learns_and_keeps_to_what_is_allowed(hidden: int) -> None:
    rng = np.random.default_rng(3)
    targets = [i % 3 for i in range(60)]
    rows = np.eye(3)[targets] + rng.normal(0, 0.1, (60, 3))
    allowed = np.ones((60, 3), dtype=bool)
    head = probe.fit(rows, targets, [1.0] * 60, allowed, 7, hidden)
    assert head.choose(rows, allowed) == targets
    assert set(head.choose(rows, allowed & np.array([True, False, True]))) == {0, 2}


def test_an_mlp_learns_what_a_linear_probe_cannot() -> None:
    rows = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    targets, allowed = [0, 1, 1, 0], np.ones((4, 2), dtype=bool)
    assert probe.fit(rows, targets, [1.0] * 4, allowed, 7, 8).choose(rows, allowed) == targets
    assert probe.fit(rows, targets, [1.0] * 4, allowed, 7, 0).choose(rows, allowed) != targets


def test_a_text_of_no_weight_teaches_nothing() -> None:
    rows, allowed = np.array([[1.0], [-1.0], [1.0], [1.0]]), np.ones((4, 2), dtype=bool)
    head = probe.fit(rows, [0, 1, 1, 1], [1.0, 1.0, 0.0, 0.0], allowed, 7, 0)
    assert head.choose(rows, allowed) == [0, 1, 0, 0]
