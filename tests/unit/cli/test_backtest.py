"""`detente backtest`, as a shell sees it."""

import gzip
import json
from pathlib import Path

import pytest

from service.cli.backtest import parse_budgets
from service.errors import ConfigError
from tests.unit.cli.test_cli import detente

STRIKE = "Israeli warplanes bombed army bases inside Syria overnight, killing nine soldiers."
TRUCE = "India and Pakistan agreed on Tuesday to a ceasefire along their border."
PLAIN = "The museum of Lisbon opens a new wing this week, its director says."
EPISODES = """id,start,end,kind,iso3_a,iso3_b,region,label,confidence
E1,2020-07-02,2020-07-05,escalation,ISR,SYR,Levant,Strikes,high
D1,2020-09-03,2020-09-05,deescalation,PAK,IND,Kashmir,Truce,high
E2,2020-10-01,2020-10-05,escalation,SDN,,Sudan,War,high
"""


def write(folder: Path, *, packed: bool = True, extra: str = "") -> list[str]:
    texts = [("2020-01-01", PLAIN), ("2020-07-02", STRIKE), ("2020-09-03", TRUCE), ("2021-03-01", PLAIN)]
    lines = [{"id": f"a{n}", "text": t, "published_at": f"{d}T12:00:00Z"} for n, (d, t) in enumerate(texts)]
    content = ("\n".join(json.dumps(line) for line in lines) + "\n" + extra).encode()
    articles = folder / ("news.jsonl.gz" if packed else "news.jsonl")
    articles.write_bytes(gzip.compress(content) if packed else content)
    (folder / "episodes.csv").write_text(EPISODES)
    return ["backtest", "--articles", str(articles), "--episodes", str(folder / "episodes.csv")]


def test_results_have_the_published_shape_and_a_second_run_codes_nothing(tmp_path: Path) -> None:
    command = [*write(tmp_path), "--budget", "0.02", "--json"]
    done = detente(*command, data=tmp_path / "var")
    assert done.returncode == 0, done.stderr
    data = json.loads(done.stdout)
    assert {"results", "articles", "episodes", "seconds", "versions", "left_out", "skipped", "from", "to"} == set(data)
    assert (data["articles"], data["episodes"], data["left_out"]) == (4, 3, ["E2"])
    ours = data["results"]["detente"]
    assert ours["escalation"]["0.02"]["hits"] == ["E1"]
    assert ours["deescalation"]["0.02"]["hits"] == ["D1"]
    keys = {"recall", "delay_days", "lift", "precision_known", "hits", "missed"}
    assert keys <= set(ours["escalation"]["0.02"])
    assert data["results"]["random"]["escalation"]["0.02"]["p_against_detente"] <= 1
    kept = (tmp_path / "var" / "codings.db").read_bytes()
    again = json.loads(detente(*command, data=tmp_path / "var").stdout)
    assert again["results"] == data["results"]
    assert (tmp_path / "var" / "codings.db").read_bytes() == kept


def test_the_table_names_every_method_and_a_bad_line_ends_with_one(tmp_path: Path) -> None:
    command = write(tmp_path, packed=False, extra='{"id": "bad"}\n')
    with (tmp_path / "episodes.csv").open("a") as file:
        file.write("E9,2020-07-02,2020-07-05,escalation,ISR,XYZ,,x,high\n")
    done = detente(*command, "--tune-until", "2019", data=tmp_path / "var")
    assert done.returncode == 1
    assert "line 5: 'XYZ' is no ISO 3166-1 alpha-3 code of a country" in done.stderr
    assert "news.jsonl:5: missing_field" in done.stderr
    for method in ("detente", "level alone", "EARS C2", "mean Goldstein, dyad", "any item", "random"):
        assert method in done.stdout
    assert "Left out, in one country only: E2" in done.stdout


def test_nothing_to_compare_is_said(tmp_path: Path) -> None:
    done = detente(*write(tmp_path), "--tune-until", "2024", data=tmp_path / "var")
    assert (done.returncode, done.stdout) == (1, "")
    assert "nothing to compare" in done.stderr


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (["--budget", "0"], "--budget"),
        (["--tune-until", "12"], "--tune-until"),
        (["--episodes", "none.csv"], "none.csv: No such file"),
        (["--articles", "none.jsonl"], "none.jsonl: No such file"),
    ],
)
def test_bad_use_ends_with_two(tmp_path: Path, change: list[str], said: str) -> None:
    done = detente(*write(tmp_path), *change, data=tmp_path / "var")
    assert done.returncode == 2
    assert said in done.stderr


def test_a_torn_archive_is_bad_use(tmp_path: Path) -> None:
    command = write(tmp_path)
    whole = (tmp_path / "news.jsonl.gz").read_bytes()
    (tmp_path / "news.jsonl.gz").write_bytes(whole[:-20])
    done = detente(*command, data=tmp_path / "var")
    assert done.returncode == 2
    assert "news.jsonl.gz: cannot be unpacked" in done.stderr


@pytest.mark.parametrize("written", ["", "x", "0.5,-1", "nan", "inf", "0"])
def test_budgets_must_be_above_zero(written: str) -> None:
    with pytest.raises(ConfigError, match="--budget"):
        parse_budgets(written)


def test_budgets_are_sorted_and_each_once() -> None:
    assert parse_budgets("1, 0.25,1.0") == (0.25, 1.0)
    assert parse_budgets(None) == (0.25, 0.5, 1.0)
