"""`detente tune`, as a shell sees it."""

import json
import shutil
from pathlib import Path

import pytest

from tests.unit.cli.test_cli import ROOT, detente

STRIKE = "{} warplanes bombed army bases inside {} overnight, killing nine soldiers."
PLACES = [("Israeli", "Syria"), ("Indian", "Pakistan"), ("Turkish", "Iraq"), ("Russian", "Ukraine")]
EPISODES = """id,start,end,kind,iso3_a,iso3_b,label
E1,2020-01-01,2020-01-03,escalation,ISR,SYR,Strikes
E9,2010-01-01,2010-01-03,escalation,ISR,SYR,Earlier
"""


def write(folder: Path, months: int = 4, extra: str = "") -> list[str]:
    lines = [
        {
            "id": f"a{n}",
            "text": STRIKE.format(*PLACES[n]),
            "published_at": f"2020-{n + 1:02}-01T12:00:00Z",
            "publisher": "BBC",
        }
        for n in range(months)
    ]
    (folder / "news.jsonl").write_text("\n".join(json.dumps(line) for line in lines) + "\n" + extra)
    (folder / "episodes.csv").write_text(EPISODES)
    return ["tune", "--history", str(folder / "news.jsonl")]


def test_a_proposal_has_the_published_shape_and_passes_config_check(tmp_path: Path) -> None:
    folder = tmp_path / "config"
    shutil.copytree(ROOT / "config", folder)
    command = [*write(tmp_path), "--budget", "1/week", "--write", str(folder / "rules.yaml")]
    done = detente(*command, "--episodes", str(tmp_path / "episodes.csv"), "--json", data=tmp_path / "var")
    assert done.returncode == 0, done.stderr
    data = json.loads(done.stdout)
    assert set(data) == {"budget", "history", "rules", "left_out", "verified", "seconds", "versions"}
    assert data["history"] == {"from": "2020-01-01", "to": "2020-04-01", "days": 92, "articles": 4, "short": False}
    assert data["left_out"] == ["E9"]
    level = data["rules"][0]
    assert {"rule", "key", "now", "proposed", "share_per_week", "known", "out_of_reach", "tried"} == set(level)
    assert (level["rule"], level["known"]) == ("level", 1)
    assert len(level["tried"]) >= 8
    row = next(row for row in level["tried"] if row["threshold"] == level["proposed"])
    assert set(row) == {"threshold", "pages_per_week", "unconfirmed_per_week", "refired", "caught", "lost", "named"}
    assert row["caught"] == 1
    highest = level["tried"][-1]
    assert highest["named"] == [{"id": "E1", "subject": "dyad:ISR-SYR", "day": "2020-01-01", "label": "Strikes"}]
    assert data["verified"]["kept"]
    assert data["verified"]["pages_per_week"] <= 1
    written = (folder / "rules.yaml").read_text()
    assert f"enter: {level['proposed']:g}, " in written
    checked = detente("config", "check", "--config", str(folder))
    assert checked.returncode == 0, checked.stderr


def test_a_list_beside_the_rules_need_not_be_named(tmp_path: Path) -> None:
    folder = tmp_path / "config"
    shutil.copytree(ROOT / "config", folder)
    (folder / "episodes.csv").write_text(EPISODES)
    command = (*write(tmp_path), "--budget", "1/week", "--config", str(folder), "--json")
    done = detente(*command, data=tmp_path / "var")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["left_out"] == ["E9"]


def test_the_tables_name_what_is_lost_and_a_bad_line_ends_with_one(tmp_path: Path) -> None:
    done = detente(*write(tmp_path, extra='{"id": "x"}\n'), "--budget", "0.1/week", data=tmp_path / "var")
    assert done.returncode == 1
    assert "news.jsonl:5: missing_field" in done.stderr
    assert "Budget: 0.1 pages a week" in done.stdout
    assert "now" in done.stdout
    assert "would lose:" in done.stdout
    assert "Israeli warplanes bombed army bases inside Syria" in done.stdout
    assert "Replayed with the proposal" in done.stdout


def test_a_short_history_says_so(tmp_path: Path) -> None:
    done = detente(*write(tmp_path, months=1), "--budget", "9/week", data=tmp_path / "var")
    assert done.returncode == 0, done.stderr
    assert "less than 30 days: no threshold is lowered" in done.stdout


def test_without_articles_there_is_nothing_to_tune_on(tmp_path: Path) -> None:
    done = detente("tune", "--budget", "3/week", data=tmp_path / "none")
    assert (done.returncode, done.stdout) == (1, "")
    assert "no history" in done.stderr


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (["--budget", "3/month"], "--budget: '3/month' is no budget"),
        (["--budget", "3/week", "--receiver-subjects", "dyad"], "--receiver-subjects: 'dyad' is no subject"),
        (["--budget", "3/week", "--history", "none.jsonl"], "none.jsonl: no such file"),
        (["--budget", "3/week", "--episodes", "none.csv"], "none.csv: No such file"),
    ],
)
def test_bad_use_ends_with_two(tmp_path: Path, change: list[str], said: str) -> None:
    done = detente(*write(tmp_path), *change, data=tmp_path / "var")
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
