"""What is read into training: recipes, marked lines, kept labels, families; and what is measured of answers."""

import gzip
import json
from pathlib import Path

import pytest

from training import calibration, data, families, metrics, plv
from training.data import Example, marked_examples, normalised, portal_examples, portal_texts
from training.labels import HEADS, ROLES
from training.recipe import Recipe, changed


def test_recipe_settings_are_named_and_typed() -> None:
    recipe = changed(Recipe(), ["epochs=5", "focal=1.5", "words=1", "without=a+b"])
    assert (recipe.epochs, recipe.focal, recipe.words, recipe.without) == (5, 1.5, True, "a+b")
    with pytest.raises(ValueError, match="epoch=3: no such part of the recipe; known are balance, batch"):
        changed(Recipe(), ["epoch=3"])


@pytest.mark.parametrize(("files", "fewest"), [("own_*.txt", 1000), ("last_*.txt", 30)])
def test_own_lines_are_well_formed(files: str, fewest: int) -> None:
    lines = marked_examples(files)
    assert len(lines) > fewest
    assert len({normalised(line.text) for line in lines}) == len(lines)
    for line in lines:
        assert "[" not in line.text
        assert all(0 <= start < end <= len(line.text) and role < len(ROLES) for start, end, role in line.spans)
        signal, _, level, _ = line.targets
        assert (HEADS["signal"][signal] == "neutral") == (level == 0), line.text


def test_own_lines_keep_the_seed_unseen() -> None:
    assert not [line.text for line in marked_examples() if "Pakistan" in line.text and "Iran" in line.text]


def test_names_are_where_the_marks_say(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(data, "ANNOTATED", tmp_path)
    (tmp_path / "own_x.txt").write_text(
        "E|ASSAULT|3|actual|[Chad:A] hits [Mali:R]\nN|NONE|0|none|Rain\n\nN|NONE|0|none|Sun\n"
    )
    one, two, three = marked_examples()
    assert [(one.text[a:b], ROLES[role]) for a, b, role in one.spans] == [("Chad", "actor"), ("Mali", "recipient")]
    assert one.group == two.group != three.group
    assert HEADS["signal"][one.targets[0]] == "escalation"


def test_kept_labels_find_their_texts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = _folder(tmp_path, ["Peru bombs Chile.", "Rain falls.", "Rain: falls"])
    monkeypatch.setattr(data, "LABELS", tmp_path / "portal.txt")
    (tmp_path / "portal.txt").write_text("# a note\nP0|E|ASSAULT|3|alleged|PER|CHL|CHL|2|0-4A 11-16T\n")
    (line,) = portal_examples(folder)
    assert (line.text, line.weight) == ("Peru bombs Chile.", 0.8)
    assert [(line.text[a:b], ROLES[r]) for a, b, r in line.spans] == [("Peru", "actor"), ("Chile", "third")]
    assert portal_texts(folder, {normalised("Peru bombs Chile")}) == ["Rain falls."]


def _folder(path: Path, texts: list[str]) -> Path:
    """A data folder with these news lines and nothing to keep out."""
    for name in data.KEPT_OUT:
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text("")
    with gzip.open(path / data.PORTAL, "wt") as lines:
        lines.writelines(json.dumps({"id": f"P{n}", "text": text}) + "\n" for n, text in enumerate(texts))
    return path


def test_families_are_those_of_the_words() -> None:
    assert families.families("Truce talks fail as envoy is refused") == [
        "ceasefire",
        "talks",
        "ambassador",
        *[families.NEGATION],
    ]
    assert families.families("Rain falls on the plain") == []
    assert {tag for tags in families.kept().values() for tag in tags} == set(families._PATTERNS)


def test_brier_and_bins() -> None:
    rows = [[1.0, 0.0], [0.5, 0.5]]
    assert calibration.brier([0, 1], rows) == pytest.approx(0.25)
    assert calibration.brier([1], [[1.0, 0.0]]) == 2
    found = calibration.bins([0, 1], rows)
    assert [(b.low, b.count, b.right) for b in found] == [(0.5, 1, 0.0), (0.9, 1, 1.0)]
    assert "<svg" in calibration.diagram({"one": found})


def test_plv_counts_yield_as_concede_and_retreat() -> None:
    shares = dict.fromkeys(HEADS["event_type"], 0.0) | {"CONCEDE": 0.2, "RETREAT": 0.2, "AGREE": 0.25, "NONE": 0.35}
    assert plv._likeliest(shares) == "YIELD"
    records = [{"plover": "YIELD", "penta": 2}, {"plover": "ACCUSE", "penta": 3}]
    measures = plv.measures({"YIELD": False, "ACCUSE": True})
    assert measures["root macro-F1"](records, ["YIELD", "YIELD"]) == pytest.approx(
        metrics.macro_f1(["Y", "A"], ["Y", "Y"])
    )


def test_an_example_without_teachers_has_no_soft_targets() -> None:
    assert Example("a", (0, 0, 0, 0), (), 1.0, "", "x").soft == ()
