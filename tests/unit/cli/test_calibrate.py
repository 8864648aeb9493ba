"""`detente calibrate`, as a shell sees it."""

import json
import shutil
from pathlib import Path

import pytest

from tests.unit.cli.test_cli import ROOT, detente

TEXTS = (
    ("2020-01-01", "Israeli warplanes bombed army bases inside Syria overnight, killing nine soldiers."),
    ("2020-03-01", "Russia expelled two diplomats of Poland on Tuesday."),
    ("2020-05-01", "Turkish warplanes bombed villages in Iraq overnight, killing thirty people."),
)
ANCHORS = """id,start,subject,band,label
a,2020-01-01,dyad:ISR-SYR,high,Strikes
b,2020-03-01,dyad:POL-RUS,watch,Expulsion
c,2020-05-01,dyad:IRQ-TUR,severe,Strikes
old,2010-05-01,dyad:IRQ-TUR,high,Before
"""


def write(folder: Path, extra: str = "") -> list[str]:
    lines = [
        {"id": f"a{n}", "text": text, "published_at": f"{day}T12:00:00Z", "publisher": "BBC"}
        for n, (day, text) in enumerate(TEXTS)
    ]
    (folder / "news.jsonl").write_text("\n".join(json.dumps(line) for line in lines) + "\n" + extra)
    (folder / "anchors.csv").write_text(ANCHORS)
    return ["calibrate", "--articles", str(folder / "news.jsonl"), "--anchors", str(folder / "anchors.csv")]


def test_a_fit_is_shown_written_and_in_force(tmp_path: Path) -> None:
    folder = tmp_path / "config"
    shutil.copytree(ROOT / "config", folder)
    command = [*write(tmp_path), "--config", str(folder), "--write", "--json"]
    done = detente(*command, data=tmp_path / "var")
    assert done.returncode == 0, done.stderr
    data = json.loads(done.stdout)
    assert set(data) == {
        *("scale", "residual", "residual_before", "anchors", "left_out", "digest", "seconds", "versions"),
    }
    assert [(row["id"], row["band"]) for row in data["anchors"]] == [("a", "high"), ("b", "watch"), ("c", "severe")]
    assert data["left_out"] == ["old"]
    assert data["residual"] < data["residual_before"]
    assert "calibration.yaml: written" in done.stderr
    assert "goes before it" not in done.stderr
    again = json.loads(detente(*command, data=tmp_path / "var").stdout)
    assert (again["scale"], again["digest"]) == (data["scale"], data["digest"])
    assert [row["before"] for row in again["anchors"]] == [row["after"] for row in data["anchors"]]


def test_a_scale_given_elsewhere_is_told_of_and_a_bad_line_ends_with_one(tmp_path: Path) -> None:
    folder = tmp_path / "config"
    shutil.copytree(ROOT / "config", folder)
    command = [*write(tmp_path, extra='{"id": "x"}\n'), "--config", str(folder), "--write"]
    done = detente(*command, data=tmp_path / "var", environment={"DETENTE_SCALE__C": "0.5"})
    assert done.returncode == 1
    assert "news.jsonl:4: missing_field" in done.stderr
    assert "scale.c stands in detente.yaml or the environment and goes before it" in done.stderr
    assert "Before: c 0.5, Rmax 2.5" in done.stdout
    assert "Outside the history: old" in done.stdout


def test_too_little_to_fit_is_said_and_nothing_is_written(tmp_path: Path) -> None:
    folder = tmp_path / "config"
    shutil.copytree(ROOT / "config", folder)
    command = write(tmp_path)
    (tmp_path / "anchors.csv").write_text("\n".join(ANCHORS.splitlines()[:3]))
    done = detente(*command, "--config", str(folder), "--write", data=tmp_path / "var")
    assert (done.returncode, done.stdout) == (1, "")
    assert "the scale cannot be fitted: 2 of 2 anchors" in done.stderr
    assert not (folder / "calibration.yaml").exists()


def test_the_shipped_anchors_are_read_where_none_are_named(tmp_path: Path) -> None:
    done = detente(*write(tmp_path)[:3], data=tmp_path / "var")
    assert done.returncode == 1
    assert "anchors.csv: line" not in done.stderr
    assert "the scale cannot be fitted: 0 of 1 anchors" in done.stderr


@pytest.mark.parametrize("option", ["--articles", "--anchors"])
def test_a_file_that_is_not_there_ends_with_two(tmp_path: Path, option: str) -> None:
    done = detente(*write(tmp_path), option, str(tmp_path / "none"), data=tmp_path / "var")
    assert (done.returncode, done.stdout) == (2, "")
    assert "none: " in done.stderr
