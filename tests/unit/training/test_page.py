"""The evaluation page: sections say what the answers are, worked out by hand here."""

import json
from pathlib import Path

import pytest

from service.domain.events.coding import Coding
from training import curve, drawing, families, page
from training.data import Example
from training.evaluate import Answers, collect, comparable, figures, inversions
from training.labels import ASIDE, HEADS, ROLES, SIGNALS

E, D, N = (SIGNALS.index(s) for s in ("escalation", "de-escalation", "neutral"))


def sure(label: int, of: int, share: float = 0.9) -> list[float]:
    return [share if i == label else (1 - share) / (of - 1) for i in range(of)]


def answers(pairs: list[tuple[int, int]]) -> dict[str, Answers]:
    """These signals (truth, read); the other heads all right and all alike."""
    heads = {"signal": Answers([t for t, _ in pairs], [sure(g, 3) for _, g in pairs])}
    for head in ("event_type", "level", "modality"):
        heads[head] = Answers([0] * len(pairs), [sure(0, len(HEADS[head]))] * len(pairs))
    return heads | {"role": Answers([0], [sure(0, 5)])}


@pytest.fixture
def found() -> dict[str, dict[str, Answers]]:
    return {"one set": answers([(E, E), (E, D), (D, D), (N, E)])}


def row(text: str, start: str) -> list[str]:
    line = next(line for line in text.splitlines() if line.startswith(f"| {start} |"))
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_inversions_are_a_share_of_the_directed() -> None:
    assert inversions([E, E, D, N], [E, D, D, E]) == pytest.approx(1 / 3)


def test_figures_have_intervals() -> None:
    many = answers([(E, E), (E, D), (D, D), (N, E)] * 10)
    text = page._figures({"one set": many})
    assert row(text, "texts")[1] == "40"
    assert row(text, "inversions")[1].startswith("0.333 (0.1")
    assert set(figures(many)) >= {"signal macro-F1", "type macro-F1", "signal Brier score"}


def test_families_count_texts_right_and_inverted(
    found: dict[str, dict[str, Answers]], monkeypatch: pytest.MonkeyPatch
) -> None:
    tags = {"a": ["ceasefire"], "b": ["ceasefire", families.NEGATION], "d": ["sport"]}
    monkeypatch.setattr(families, "kept", lambda: tags)
    text = page._families(found, {"one set": ["a", "b", "c", "d"]})
    assert row(text, "ceasefire")[1:] == ["2", "0.50 (0.09 … 0.91)", "1"]
    assert row(text, families.NEGATION)[1:] == ["1", "0.00 (0.00 … 0.79)", "1"]
    assert row(text, "sport")[1:] == ["1", "1", "1.00 (0.21 … 1.00)"]
    assert row(text, "any of these")[1:3] == ["1", "1"]


def test_a_higher_threshold_tells_less(found: dict[str, dict[str, Answers]]) -> None:
    found["one set"]["signal"].rows[1] = sure(D, 3, 0.65)
    text = page._abstaining(found)
    assert row(text, "0.5")[1:] == ["0.500", "0.667", "0.333"]
    assert row(text, "0.7")[1:] == ["0.667", "0.667", "0.000"]


def test_confusion_counts(found: dict[str, dict[str, Answers]]) -> None:
    text = page._confusion(found["one set"]["signal"], SIGNALS)
    assert row(text, "escalation")[1:] == ["1", "1", "0", "0.50", "0.50"]


def test_errors_show_inversions_first(found: dict[str, dict[str, Answers]]) -> None:
    examples = [Example(name, (0, 0, 0, 0), (), 1.0, "", "") for name in "abcd"]
    lines = page._errors(examples, found["one set"]).splitlines()
    assert [line for line in lines if line.startswith(("| b", "| d"))] == [
        "| b | escalation | de-escalation | 0.90 |",
        "| d | neutral | escalation | 0.90 |",
    ]


def test_what_was_not_measured_is_left_out(tmp_path: Path) -> None:
    assert page._baselines(tmp_path / "none.json") == ""
    assert page._kept(tmp_path / "none.jsonl") == []


def test_kept_measurements_are_shown(tmp_path: Path) -> None:
    one = {"macro_f1": 0.5, "macro_f1_ci95": [0.4, 0.6], "inversion": 0.1, "false_alarm": 0.2, "per_s": 1234.5}
    (tmp_path / "b.json").write_text(json.dumps({"set": {"vader": one}}))
    assert row(page._baselines(tmp_path / "b.json"), "vader")[1:] == [
        "0.500 (0.400 … 0.600)",
        "0.100",
        "0.200",
        "1,234",
    ]
    found = dict.fromkeys(page._ABLATED, 0.5)
    entry = {"name": "focal", "settings": ["focal=2"], "minutes": 3.0, "figures": {"p": found, "c": found}}
    point = {**entry, "name": "2,000 texts", "settings": ["examples=2000"]}
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(e) + "\n" for e in (entry, point)))
    kept = page._kept(tmp_path / "a.jsonl")
    assert row(page._ablations(kept), "focal")[1:3] == ["focal=2", "0.500"]
    assert "2,000" not in page._ablations(kept)
    assert row(page._curve(kept), "2,000 texts")[1:3] == ["examples=2000", "0.500"]


def test_the_learning_curve_rises_with_the_texts() -> None:
    at = {1000: 0.2, 40_000: 1.0}
    trials = [
        {"name": f"{n:,} texts", "figures": {"set": dict.fromkeys(curve.MEASURES, value)}} for n, value in at.items()
    ]
    corners = " ".join(f"{float(x)},{float(y)}" for x, y in (drawing.at(0, 0), drawing.at(1, 1)))
    assert curve.diagram([*trials, {"name": "focal", "figures": {}}]).count(f'points="{corners}"') == 2
    assert "<svg" in curve.diagram([])


def test_speed_stands_beside_torch(tmp_path: Path) -> None:
    bench = {"detente_per_second": 400, "torch_per_second_by_batch": {"1": 100}, "ratio_to_torch_one_by_one": 4.0}
    bench |= {"ratio_to_torch_fastest": 2.0, "rss_mb_with_model": 140, "seconds_to_first_answer": 0.4}
    (tmp_path / "s.json").write_text(json.dumps(bench))
    text = page._speed(tmp_path / "s.json", 0.01, 200)
    assert row(text, "times torch one by one")[1] == "4.0"
    assert "0.01 (0.00 … 0.04)" in text


def test_third_party_and_mention_are_measured_as_one() -> None:
    third, mention = ROLES.index("third"), ROLES.index("mention")
    merged = comparable(Answers([ASIDE, mention, 0], [sure(third, 6), sure(0, 6), sure(0, 6)]))
    assert merged.truth == [4, 4, 0]
    assert merged.guess == [4, 0, 0]


def test_answers_come_from_codings() -> None:
    shares = {head: {label: float(i == 0) for i, label in enumerate(labels)} for head, labels in HEADS.items()}
    roles = (shares.pop("role"),)
    example = Example("Peru waits.", (N, 0, 0, 0), ((0, 4, 0),), 1.0, "", "")
    heads = collect([example], [Coding(**shares, roles=roles)])
    assert (heads["signal"].truth, heads["signal"].guess, heads["role"].guess) == ([N], [0], [0])


def test_votes_are_compared_in_pairs() -> None:
    assert sorted(page._pairs({"1": 2, "3": 1})) == [False, False, True]
