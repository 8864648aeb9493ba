"""Twelve invented episodes through the shipped model and the shipped rules: who hears of what, and always the same."""

import hashlib
import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from service.bootstrap import Detente
from service.cli.replay import replay
from service.errors import ConfigError

EPISODES: list[dict[str, Any]] = YAML(typ="safe").load(Path(__file__).parent / "episodes.yaml")
LINES = [
    {"id": f"{n}-{m}", "published_at": str(at), "publisher": by, "text": text}
    for n, episode in enumerate(EPISODES)
    for m, (at, by, text) in enumerate(episode["articles"])
]


@pytest.fixture(scope="module")
def detente(tmp_path_factory: pytest.TempPathFactory) -> Detente:
    return Detente(None, {"data_dir": tmp_path_factory.mktemp("replay")})


@pytest.fixture
def run(detente: Detente, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def replayed(lines: Sequence[Any], until: str | None = None, rules: Path | None = None) -> Any:
        file = tmp_path / "articles.jsonl"
        file.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines))
        status = replay(detente, file, rules, until)
        printed = capsys.readouterr()
        *moves, last = printed.out.splitlines()
        return status, moves, json.loads(last), printed.err

    return replayed


def subjects(moves: Sequence[str], rule: str, *, confirmed: bool | None = None) -> set[str]:
    """The dyads for which the rule fired, confirmed or not."""
    found = (json.loads(move) for move in moves)
    fired = [m for m in found if m["rule"] == rule and m["to"] == "firing" and m["subject"].startswith("dyad:")]
    return {m["subject"] for m in fired if confirmed is None or m["confirmed"] is confirmed}


def expected(key: str) -> set[str]:
    return {subject for episode in EPISODES for subject in episode.get(key, ())}


def test_people_hear_of_what_happened_and_of_nothing_else(run: Any) -> None:
    status, moves, last, err = run(LINES)
    assert (status, err, last["articles"]) == (0, "", len(LINES))
    pages = subjects(moves, "level", confirmed=True)
    assert pages == expected("pages")
    assert subjects(moves, "level") - pages == expected("notices")
    assert pages <= subjects(moves, "surge") <= pages | expected("notices")
    assert subjects(moves, "deescalation") == expected("eases")


def test_everything_that_began_has_ended_and_was_cleared_once(run: Any) -> None:
    moves = [json.loads(move) for move in run(LINES)[1]]
    for subject in expected("pages") | expected("notices"):
        mine = [
            (m["rule"], m["from"], m["to"])
            for m in moves
            if m["subject"] == subject and m["rule"] in {"level", "all-clear"}
        ]
        begun = [m for m in mine if m[:2] == ("level", "pending")]
        assert len(begun) == 1, f"{subject} fired anew while it was hot"
        surges = [(m["from"], m["to"]) for m in moves if (m["rule"], m["subject"]) == ("surge", subject)]
        assert surges.count(("inactive", "firing")) == surges.count(("firing", "resolved")) <= 1, (
            f"{subject} surged anew"
        )
        assert mine[-2:] == [("level", "firing", "resolved"), ("all-clear", "pending", "resolved")]


def test_the_digest_is_that_of_the_lines_and_the_same_in_any_order(run: Any) -> None:
    _, moves, last, _ = run(LINES)
    assert last["digest"] == hashlib.sha256("".join(f"{move}\n" for move in moves).encode()).hexdigest()
    assert run(LINES)[2]["digest"] == last["digest"]
    for seed in range(2):
        assert run(random.Random(seed).sample(LINES, len(LINES)))[2]["digest"] == last["digest"]


def test_a_line_names_what_changed(run: Any) -> None:
    move = next(move for move in map(json.loads, run(LINES)[1]) if move["rule"] == "level")
    assert list(move) == ["at", "alert", "rule", "subject", "from", "to", "severity", "confirmed", "level", "reason"]
    assert move["at"] == "2024-03-04T07:55:00Z", "the second report came at 7:40, and the rule waits 15 minutes"


def test_replayed_up_to_a_moment_it_says_what_was_said_until_then(run: Any) -> None:
    moves = run(LINES)[1]
    for until in ("2024-03-11T13:45:00Z", "2024-03-20T05:59:59Z", "2024-05-06"):
        _, some, last, _ = run(LINES, until)
        assert some == [move for move in moves if json.loads(move)["at"] <= until]
        assert last["articles"] == sum(str(line["published_at"]) <= until for line in LINES)


def test_bad_lines_are_named_and_change_nothing(run: Any) -> None:
    good = run(LINES)[2]["digest"]
    bad = [
        "{",
        {"id": "undated", "text": "Iran attacked Pakistan on Sunday."},
        {"id": "ahead", "published_at": "2999-01-01", "text": "Iran attacked Pakistan on Sunday."},
        {"id": "0-0", "published_at": "2024-05-01", "text": "Iran attacked Pakistan on Sunday."},
    ]
    status, _, last, err = run([*bad, *LINES])
    assert (status, last["digest"], last["articles"]) == (1, good, len(LINES))
    reasons = [line.split("articles.jsonl:")[1].split(": ")[:2] for line in err.splitlines()]
    assert reasons == [["1", "bad_json"], ["2", "bad_date"], ["3", "bad_date"], ["4", "duplicate_id"]]
    assert run(random.Random(1).sample([*bad, *LINES], len(bad) + len(LINES)))[2]["digest"] == good


def test_nothing_in_nothing_out(run: Any) -> None:
    status, moves, last, err = run([])
    assert (status, moves, last["articles"]) == (1, [], 0)
    assert last["digest"] == hashlib.sha256(b"").hexdigest()
    assert "there is no article in it" in err


def test_other_rules_say_other_things(run: Any, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(
        "rules:\n  - {name: only, kind: LEVEL, subjects: ['dyad:ARM-AZE'], steps: "
        "[{enter: 30, leave: 20, severity: warning}]}\n"
    )
    moves = [json.loads(move) for move in run(LINES, rules=rules)[1]]
    assert {(m["rule"], m["subject"]) for m in moves} == {("only", "dyad:ARM-AZE")}
    rules.write_text("rules:\n  - {name: only, kind: LEVEL, subjects: ['country:XXX'], steps: []}\n")
    with pytest.raises(ConfigError, match=r"rules\.yaml"):
        run(LINES, rules=rules)


def test_a_file_that_is_not_there_is_bad_use(detente: Detente, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        replay(detente, tmp_path / "none.jsonl", None, None)
