"""`detente channels` and `detente dead`: what came of a message, in words; never an address."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

ROOT = Path(__file__).parents[3]


def detente(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "DETENTE_DATA_DIR": str(folder / "data"),
        "DETENTE_NOTIFY__ALLOW_PRIVATE": "true",
        "DETENTE_CONFIG_DIR": str(folder),
    }
    command = [sys.executable, "-m", "service.cli.main", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def folder(tmp_path: Path, httpserver: HTTPServer) -> Path:
    httpserver.expect_request("/good/CANARY").respond_with_data("taken")
    httpserver.expect_request("/bad/CANARY").respond_with_data("CANARY", status=403)
    address = f"json://user:CANARY@127.0.0.1:{httpserver.port}"
    (tmp_path / "secret").write_text(f"{address}/bad/CANARY\n")
    (tmp_path / "routes.yaml").write_text(f"""
receivers:
  - name: desk
    channels:
      - name: good
        url: {address}/good/CANARY
      - name: bad
        url_file: secret
  - name: night
    channels:
      - name: good
        url: {address}/good/CANARY
  - name: program
    channels:
      - name: hook
        url: webhook://127.0.0.1:{httpserver.port}/good/CANARY?secret=whsec_{"CANARY00" * 5}
route:
  receiver: desk
""")
    for name in ("rules.yaml", "sources.yaml"):
        (tmp_path / name).write_text((ROOT / "config" / name).read_text())
    return tmp_path


def test_the_channels_are_listed_without_their_addresses(folder: Path) -> None:
    done = detente(folder, "channels", "list", "--json")
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    assert [(row["receiver"], row["channel"], row["kind"]) for row in rows] == [
        ("desk", "good", "json"),
        ("desk", "bad", "json"),
        ("night", "good", "json"),
        ("program", "hook", "webhook"),
    ]
    assert {(row["failures"], row["left_alone_until"]) for row in rows} == {(0, None)}
    shown = detente(folder, "channels", "list")
    assert "night" in shown.stdout
    assert "CANARY" not in done.stdout + done.stderr + shown.stdout + shown.stderr


def test_a_test_says_what_came_of_each_channel(folder: Path, httpserver: HTTPServer) -> None:
    done = detente(folder, "channels", "test", "desk", "--json")
    good, bad = json.loads(done.stdout)
    assert done.returncode == 1
    assert (good["receiver"], good["channel"], good["ok"], good["error"]) == ("desk", "good", True, "")
    assert (bad["ok"], bad["error"], bad["permanent"]) == (False, "the channel answered 403", True)
    assert "CANARY" not in done.stdout + done.stderr
    assert [request.path for request, _ in httpserver.log] == ["/good/CANARY", "/bad/CANARY"]
    assert httpserver.log[0][0].json["title"] == "Detente: test message"


def test_one_channel_may_be_tried_and_success_is_exit_0(folder: Path) -> None:
    done = detente(folder, "channels", "test", "night/good")
    assert done.returncode == 0
    assert done.stdout.startswith("night/good: taken after ")
    assert len(done.stdout.splitlines()) == 1


def test_a_signed_webhook_gets_a_test_that_says_what_it_is(folder: Path, httpserver: HTTPServer) -> None:
    assert detente(folder, "channels", "test", "program").returncode == 0
    posted = httpserver.log[0][0].json
    assert (posted["type"], posted["data"]["reason"], posted["data"]["receiver"]) == ("test", "test", "program")


def test_a_channel_that_is_not_there_is_bad_use(folder: Path) -> None:
    done = detente(folder, "channels", "test", "day")
    assert done.returncode == 2
    assert "no channel is called day: routes.yaml has desk/good, desk/bad, night/good, program/hook" in done.stderr


def test_what_was_given_up_is_listed_and_brought_back(folder: Path) -> None:
    assert detente(folder, "migrate").returncode == 0
    _article_that_was_given_up(folder / "data" / "detente.db")
    (row,) = json.loads(detente(folder, "dead", "list", "--json").stdout)
    assert (row["kind"], row["id"], row["what"], row["reason"]) == ("article", "a1", "A title", "ValueError: broken")
    assert "broken" in detente(folder, "dead", "list").stdout
    status = json.loads(detente(folder, "status", "--json").stdout)
    (warning,) = status["warnings"]
    assert warning.startswith("1 article given up, the first on ")
    assert not any("given up" in problem for problem in status["problems"])
    assert detente(folder, "dead", "replay").returncode == 2
    assert detente(folder, "dead", "replay", "a1", "--all").returncode == 2
    missing = detente(folder, "dead", "replay", "a2")
    assert (missing.returncode, "no dead row has the id a2" in missing.stderr) == (1, True)
    assert detente(folder, "dead", "replay", "a1").stdout == "1 brought back\n"
    assert json.loads(detente(folder, "dead", "list", "--json").stdout) == []


def _article_that_was_given_up(database: Path) -> None:
    from service.adapters.storage.database import SqlUnits, make_engine
    from service.flow import Kind, RowState
    from tests.fakes import article, set_row

    engine = make_engine(f"sqlite:///{database}")
    with SqlUnits(engine)() as unit:
        unit.articles.add(article("a1", title="A title"), "test", "hash")
    set_row(engine, Kind.ARTICLE, "a1", state=RowState.DEAD, last_error="ValueError: broken")
    engine.dispose()
