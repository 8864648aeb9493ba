"""The commands, as a shell sees them: shapes, exit codes, and what they refuse."""

import json
import os
import pty
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from service.adapters.feeds.files import LARGEST

ROOT = Path(__file__).parents[3]
AGREE = "India and Pakistan agreed on Tuesday to a ceasefire along their border."
STRIKE = "Israeli warplanes bombed army bases inside Syria overnight, killing nine soldiers."

LOCAL = {"DETENTE_INTAKE__ALLOW_PRIVATE": "true"}


def detente(
    *arguments: str, given: str | bytes = "", data: Path | None = None, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})}
    if data:
        environment["DETENTE_DATA_DIR"] = str(data)
    content = given.encode() if isinstance(given, str) else given
    command = [sys.executable, "-m", "service.cli.main", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, input=content, capture_output=True, check=False)
    return subprocess.CompletedProcess(command, done.returncode, done.stdout.decode(), done.stderr.decode())


def test_help_loads_nothing_heavy() -> None:
    heavy = ["sqlalchemy", "celery", "transformers", "onnxruntime", "apprise", "fastapi", "pydantic", "feedparser"]
    code = f"import sys, service.cli.main; sys.exit(' '.join(m for m in {heavy!r} if m in sys.modules) or 0)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_classify_answers_line_by_line_in_order() -> None:
    lines = [{"id": 1, "text": STRIKE, "mine": "kept"}, {"id": "b", "text": ""}, {"id": "c", "text": AGREE}]
    done = detente("classify", "-", given="\n".join(json.dumps(line) for line in lines) + "\nnot json\n")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [a.get("id") for a in answers] == [1, "b", "c", None]
    assert answers[0]["signal"] == "escalation"
    assert answers[0]["mine"] == "kept"
    assert answers[0]["event_type"] == "ASSAULT"
    assert answers[0]["actors"] == ["ISR"]
    assert answers[2]["signal"] == "de-escalation"
    assert abs(sum(answers[0]["probabilities"].values()) - 1) < 1e-3
    assert set(answers[0]) == {
        *("id", "text", "mine", "signal", "confidence", "probabilities", "event_type", "modality", "level"),
        *("intensity", "actors", "recipients", "places", "abstained"),
    }
    assert "missing_field" in answers[1]["error"]
    assert "bad_json" in answers[3]["error"]
    assert done.returncode == 1
    assert json.loads(done.stderr.splitlines()[-1])["texts"] == 4


def test_classify_takes_any_id_and_the_same_one_twice() -> None:
    ids = ["doc 7#x", "doc 7#x", 1.5, "", None, {"a": [1]}, "\ud800", 7, 7]
    lines = [{"id": i, "text": (STRIKE, AGREE)[n % 2]} for n, i in enumerate(ids)]
    done = detente("classify", given="\n".join(json.dumps(line) for line in lines))
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.returncode, [a["id"] for a in answers]) == (0, ids)
    assert [a["signal"] for a in answers] == [("escalation", "de-escalation")[n % 2] for n in range(len(ids))]


def test_classify_gives_the_same_answer_alone_and_among_others() -> None:
    one = json.loads(detente("classify", given=json.dumps({"text": AGREE})).stdout)
    many = detente("classify", given="\n".join(json.dumps({"text": t}) for t in (STRIKE, AGREE, STRIKE * 3))).stdout
    assert json.loads(many.splitlines()[1]) == one


def test_classify_on_a_terminal_counts_and_ends_the_line_before_the_figures(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text("\n".join(json.dumps({"text": AGREE}) for _ in range(65)))
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "service.cli.main", "classify", str(tmp_path / "in.jsonl")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm"}
    with (tmp_path / "out").open("wb") as answers:
        subprocess.run(command, cwd=ROOT, env=environment, stdout=answers, stderr=theirs, check=True)
    os.close(theirs)
    seen = b""
    with suppress(OSError):
        while part := os.read(ours, 65536):
            seen += part
    os.close(ours)
    lines = seen.decode().splitlines()
    assert json.loads(lines[-1])["texts"] == 65
    assert "classify 65 texts" in lines[-2]
    assert len([json.loads(line)["signal"] for line in (tmp_path / "out").read_text().splitlines()]) == 65


def test_explain_has_the_published_shape(tmp_path: Path) -> None:
    article = tmp_path / "a.json"
    article.write_text(json.dumps({"title": "India and Pakistan agree to a ceasefire", "text": AGREE + " " + STRIKE}))
    shown = json.loads(detente("explain", str(article), "--json", data=tmp_path / "none").stdout)
    keys = "title language lead_signal label events undecided subjects alerts versions"
    assert set(shown) == set(keys.split())
    assert shown["language"] == "en"
    assert shown["lead_signal"] == "de-escalation"
    event = shown["events"][0]
    keys = "text start end sentence signal type mode actors recipients places place_name modality role level intensity"
    assert set(keys.split()) | {"confidence", "words"} <= set(event)
    assert event["words"]
    document = shown["title"] + "\n\n" + AGREE + " " + STRIKE
    assert all(document[e["start"] : e["end"]] == e["text"] for e in shown["events"])
    assert {"subject", "level_before", "level_after", "direction"} == set(shown["subjects"][0])


FRENCH = "L'Iran a bombardé mardi un camp au Pakistan. Neuf soldats ont été tués dans la nuit, selon le ministère."
NOT_READ = "language fr, no configured model reads it"


def test_a_line_in_a_language_nobody_reads_is_named_and_the_others_go_on() -> None:
    lines = [{"id": 1, "text": FRENCH, "mine": "x"}, {"id": 2, "text": AGREE, "language": "de"}, {"text": FRENCH}]
    done = detente("classify", "-", given="\n".join(json.dumps(line) for line in lines))
    french, english, unnamed = (json.loads(line) for line in done.stdout.splitlines())
    assert (french, unnamed) == ({"id": 1, "error": NOT_READ}, {"error": NOT_READ})
    assert (english["signal"], english["language"]) == ("de-escalation", "de"), "wrongly declared, and kept as given"
    assert done.returncode == 1


def test_explain_says_the_language_that_nobody_reads_and_the_names(tmp_path: Path) -> None:
    done = detente("explain", "-", given=FRENCH, data=tmp_path / "none")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"ignored: {NOT_READ}" in done.stdout
    assert "PAK" in done.stdout
    assert "lead:" not in done.stdout
    shown = json.loads(detente("explain", "-", "--json", given=FRENCH, data=tmp_path / "none").stdout)
    assert (shown["language"], shown["ignored"], shown["lead_signal"], shown["label"]) == ("fr", NOT_READ, None, None)
    assert {name["code"] for name in shown["names"]} == {"IRN", "PAK"}
    assert all(FRENCH[name["start"] : name["end"]] == name["text"] for name in shown["names"])
    assert shown["events"] == shown["undecided"] == shown["subjects"] == shown["alerts"] == []


@pytest.mark.parametrize("module", ["service.api.app", "service.daemon", "service.cli.reading", "workers.tasks"])
def test_what_does_not_code_loads_no_recogniser(module: str, tmp_path: Path) -> None:
    code = f"import sys, {module}; sys.exit('py3langid' in sys.modules)"
    environment = {**os.environ, "DETENTE_DATA_DIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_explain_tells_who_was_harmed(tmp_path: Path) -> None:
    shown = json.loads(detente("explain", "-", "--json", given=STRIKE, data=tmp_path / "none").stdout)
    (figure,) = shown["events"][0]["casualties"]
    assert set(figure) == {"harm", "count", "bound", "unit", "cumulative", "start", "end"}
    assert (figure["harm"], figure["count"], figure["unit"]) == ("killed", 9, "soldiers")
    assert STRIKE[figure["start"] : figure["end"]] == "killing nine soldiers"
    table = detente("explain", "-", given=STRIKE, data=tmp_path / "none").stdout
    assert "harmed" in table
    assert "(soldiers)" in table


def test_explain_tells_who_says_it(tmp_path: Path) -> None:
    given = "Pakistan's army said on Tuesday that Iranian missiles had hit a border village, killing two children."
    (told,) = json.loads(detente("explain", "-", "--json", given=given, data=tmp_path / "none").stdout)["events"]
    assert (told["attributed_to"], told["quoted"], told["actors"]) == (["PAK"], False, ["IRN"])
    assert "said by" in detente("explain", "-", given=given, data=tmp_path / "none").stdout


def test_explain_writes_a_page(tmp_path: Path) -> None:
    done = detente("explain", "-", "--html", given=STRIKE, data=tmp_path / "none")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("<!doctype html>")
    assert done.stdout.endswith("</html>\n")
    assert 'data-start="0"' in done.stdout
    assert "killed 9 (soldiers)" in done.stdout


def test_the_page_of_a_text_nobody_reads_says_so(tmp_path: Path) -> None:
    done = detente("explain", "-", "--html", given=FRENCH, data=tmp_path / "none")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"<strong>ignored</strong>: {NOT_READ}" in done.stdout
    assert "bombardé" in done.stdout


def test_explain_prints_one_thing(tmp_path: Path) -> None:
    done = detente("explain", "-", "--html", "--json", given=STRIKE, data=tmp_path / "none")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--json and --html" in done.stderr


@pytest.mark.parametrize("source", ["many.jsonl", "-"])
def test_explain_says_that_it_shows_the_first_of_several(tmp_path: Path, source: str) -> None:
    lines = "\n".join(json.dumps({"id": n, "title": f"Article {n}", "text": AGREE}) for n in (1, 2))
    (tmp_path / "many.jsonl").write_text(lines)
    source = source if source == "-" else str(tmp_path / source)
    done = detente("explain", source, "--json", given=lines, data=tmp_path / "none")
    assert (done.returncode, json.loads(done.stdout)["title"]) == (0, "Article 1")
    assert "only the first is shown" in done.stderr


@pytest.mark.parametrize("source", ["big.txt", "-"])
def test_explain_refuses_what_is_too_large(tmp_path: Path, source: str) -> None:
    text = b"Iran and Pakistan talked.\n" * (LARGEST // 26 + 1)
    (tmp_path / "big.txt").write_bytes(text)
    source = source if source == "-" else str(tmp_path / source)
    done = detente("explain", source, given=text if source == "-" else "", data=tmp_path / "none")
    assert (done.returncode, done.stdout) == (1, "")
    assert f"larger than {LARGEST} bytes" in done.stderr


@pytest.mark.parametrize("status", [404, 503, 204])
def test_explain_reads_no_page_of_an_error(tmp_path: Path, httpserver: HTTPServer, status: int) -> None:
    page = f"<html><body><article><h1>Not found</h1><p>{AGREE}</p><p>{STRIKE}</p></article></body></html>"
    httpserver.expect_request("/gone").respond_with_data(page, status=status, content_type="text/html")
    url = httpserver.url_for("/gone")
    done = detente("explain", url, data=tmp_path / "none", environment=LOCAL)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"{url}: the server answers {status}" in done.stderr


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty.txt", b"", "empty"),
        ("empty.jsonl", b"", "empty"),
        ("binary.txt", bytes(range(256)) * 20, "binary"),
        ("blank.html", b"<html><body><script>x()</script></body></html>", "no_text"),
        ("broken.json", b'{"text": "x"', "bad_json"),
        ("picture.png", b"\x89PNG\r\n\x1a\n\0\0", "binary"),
        ("latin.txt", "Les négociations ont échoué".encode("latin-1"), "bad_encoding"),
    ],
)
def test_ingest_refuses_with_place_and_reason(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    (tmp_path / name).write_bytes(content)
    done = detente("ingest", str(tmp_path / name), "--json", data=tmp_path / "data")
    (refused,) = json.loads(done.stdout)["refused"]
    assert (refused["where"], refused["reason"]) == (str(tmp_path / name), reason)
    assert done.returncode == 1


def test_ingest_counts_and_goes_on_after_bad_lines(tmp_path: Path) -> None:
    lines = [
        json.dumps({"id": "a", "text": AGREE}),
        json.dumps({"id": "a", "text": STRIKE}),
        "{broken",
        json.dumps({"id": "b", "text": STRIKE, "published_at": "yesterday"}),
        json.dumps({"id": "c", "text": STRIKE * 20_000}),
    ]
    file = tmp_path / "many.jsonl"
    file.write_text("\n".join(lines))
    first = json.loads(detente("ingest", str(file), "--json", data=tmp_path / "data").stdout)
    assert first["new"] == 2
    assert [(r["where"].rpartition(":")[2], r["reason"]) for r in first["refused"]] == [
        ("2", "duplicate_id"),
        ("3", "bad_json"),
        ("4", "bad_date"),
    ]
    again = json.loads(detente("ingest", str(file), "--json", data=tmp_path / "data").stdout)
    assert (again["new"], again["duplicate"]) == (0, 2)


def test_ingest_says_who_is_in_quarantine(tmp_path: Path) -> None:
    names = ["Reuters", "Harbour Wire", "Harbour Wire", "Quay Post", ""]
    lines = [json.dumps({"id": str(n), "text": f"{STRIKE} {n}", "publisher": name}) for n, name in enumerate(names)]
    file = tmp_path / "many.jsonl"
    file.write_text("\n".join(lines))
    done = detente("ingest", str(file), data=tmp_path / "data")
    assert "4 of publishers in quarantine (Harbour Wire, Quay Post, unknown): they count little" in done.stdout
    again = json.loads(detente("ingest", str(file), "--json", data=tmp_path / "data").stdout)
    assert (again["duplicate"], again["quarantined"]) == (5, {})
    other = json.loads(detente("ingest", str(file), "--json", data=tmp_path / "other").stdout)
    assert other["quarantined"] == {"Harbour Wire": 2, "Quay Post": 1, "unknown": 1}


def test_ingest_stores_nothing_when_a_path_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(AGREE)
    done = detente("ingest", str(tmp_path / "a.txt"), str(tmp_path / "nowhere"), data=tmp_path / "data")
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{tmp_path / 'nowhere'}: no such file or folder" in done.stderr
    assert not (tmp_path / "data").exists()


def test_ingest_goes_on_after_a_feed_that_fails_or_is_empty(tmp_path: Path, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/broken").respond_with_data("<p>Sorry.</p>", status=500)
    httpserver.expect_request("/empty").respond_with_data(
        '<rss version="2.0"><channel><title>W</title></channel></rss>'
    )
    (tmp_path / "a.txt").write_text(AGREE)
    broken, empty = httpserver.url_for("/broken"), httpserver.url_for("/empty")
    done = detente(
        "ingest", broken, empty, str(tmp_path / "a.txt"), "--json", data=tmp_path / "data", environment=LOCAL
    )
    found = json.loads(done.stdout)
    assert (done.returncode, found["new"]) == (1, 1)
    assert [(r["where"], r["reason"]) for r in found["refused"]] == [(broken, "unreadable"), (empty, "empty")]
    assert "500" in found["refused"][0]["detail"]


def test_ingest_counts_the_files_of_a_folder_that_it_does_not_know(tmp_path: Path) -> None:
    full, bare = tmp_path / "full", tmp_path / "bare"
    for folder in (full, bare):
        folder.mkdir()
        (folder / "picture.png").write_bytes(b"\x89PNG")
    (full / "a.jsonl").write_text(json.dumps({"text": AGREE, "publisher": "Reuters"}))
    done = detente("ingest", str(full), data=tmp_path / "data")
    assert (done.returncode, done.stdout) == (
        0,
        "new 1, duplicate 0, refused 0\n  1 of an unknown kind of file skipped\n",
    )
    done = detente("ingest", str(bare), "--json", data=tmp_path / "data")
    found = json.loads(done.stdout)
    assert (done.returncode, found["skipped"]) == (1, 1)
    assert [(r["where"], r["reason"]) for r in found["refused"]] == [(str(bare), "empty")]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("scores", "dyad:IRN-XXX"), 2, "XXX"),
        (("scores", "planet:mars"), 2, "dyad:IRN-PAK"),
        (("scores",), 1, "detente up"),
        (("scores", "country:IRN", "--at", "soon"), 2, "2026-03-01T12:00:00Z"),
        (("scores", "dyad:IRN-PAK", "--at", "0001-01-01"), 2, "from 1900 to 2199"),
        (("explain-score", "dyad:IRN-PAK", "--at", "9999-12-31T23:59:59-12:00"), 2, "from 1900 to 2199"),
        (("chart", "dyad:IRN-PAK", "--out", "a.jpg"), 2, "must end in .png"),
        (("chart", "dyad:IRN-PAK", "--out", "a.png", "--from", "2026-03-02", "--to", "2026-03-01"), 2, "is not before"),
        (("chart", "dyad:IRN-XXX", "--out", "a.png"), 2, "XXX"),
        (("chart", "dyad:IRN-PAK", "--out", "a.png"), 1, "detente up"),
        (("explain", "nowhere.txt"), 2, "nowhere.txt"),
        (("ingest", "nowhere"), 2, "nowhere"),
        (("config", "check", "--config", "nowhere"), 2, "nowhere"),
    ],
)
def test_bad_use_says_what_would_be_right(tmp_path: Path, arguments: tuple[str, ...], code: int, said: str) -> None:
    done = detente(*arguments, data=tmp_path / "none")
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["migrate", "ingest", "up", "demo"])
def test_a_data_folder_that_cannot_be_one_is_bad_use(tmp_path: Path, command: str) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        done = detente(command, *(["-"] if command == "ingest" else []), "--data", str(folder))
        assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
        assert f"{folder}: cannot be used as the data folder" in done.stderr


@pytest.mark.parametrize("command", [("migrate",), ("status",), ("scores",), ("ingest", "-"), ("alerts",)])
def test_a_database_that_is_none_is_told_in_one_line(tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "detente.db").write_text("this is a text, and no database at all\n" * 50, encoding="utf-8")
    done = detente(*command, data=tmp_path)
    assert (done.returncode, done.stderr) == (1, "detente: the database cannot be read: file is not a database\n")


def test_migrate_says_where_the_database_is(tmp_path: Path) -> None:
    first = detente("migrate", "--json", data=tmp_path)
    assert (first.returncode, set(json.loads(first.stdout))) == (0, {"revision"})
    again = detente("migrate", data=tmp_path)
    assert again.stdout == f"the database is at revision {json.loads(first.stdout)['revision']}\n"


def test_config_check_names_file_line_and_key(tmp_path: Path) -> None:
    for file in (ROOT / "config").glob("*.yaml"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    assert detente("config", "check", "--config", str(tmp_path)).returncode == 0
    rules = tmp_path / "rules.yaml"
    text = rules.read_text()
    rules.write_text(text.replace("hot_rate:", "hot_rates:"))
    line = next(n for n, row in enumerate(text.splitlines(), 1) if "hot_rate:" in row)
    done = detente("config", "check", "--config", str(tmp_path))
    assert done.returncode == 2
    assert f"{rules}:{line}: rules.2.hot_rates: unknown key" in done.stderr
    (tmp_path / "routes.yaml").write_text(
        "receivers:\n  - name: x\n    channels:\n      - {name: y, url: 'nope://SECRETPW@h'}\nroute: {receiver: x}\n"
    )
    done = detente("config", "check", "--config", str(tmp_path), "--json")
    errors = json.loads(done.stdout)["errors"]
    assert any("channel y" in e for e in errors)
    assert "SECRETPW" not in done.stdout + done.stderr


@pytest.mark.parametrize("command", ["up", "config"])
def test_a_changed_model_is_refused_before_anything_starts(tmp_path: Path, command: str) -> None:
    folder = tmp_path / "model"
    shutil.copytree(ROOT / "models" / "detente-coder", folder)
    with (folder / "model.onnx").open("r+b") as weights:
        weights.seek(1000)
        weights.write(b"changed")
    arguments = {"up": ("up", "--data", str(tmp_path / "data")), "config": ("config", "check")}[command]
    done = detente(*arguments, environment={"DETENTE_MODEL__FOLDER": str(folder)})
    assert done.returncode == {"up": 1, "config": 2}[command]
    assert "model.onnx" in done.stderr
    assert not (tmp_path / "data").exists()


def own_config(tmp_path: Path) -> str:
    folder = tmp_path / "config"
    shutil.copytree(ROOT / "config", folder)
    wire = "feeds: [{name: wire, url: 'https://wire.example/rss', publisher: The Harbour Wire}]"
    sources = "publishers: [{name: BBC News, aliases: [BBC], domain: bbc.com, owner: BBC, grade: A}]\n" + wire
    (folder / "sources.yaml").write_text(sources)
    return str(folder)


def test_sources_are_listed_and_strangers_counted(tmp_path: Path) -> None:
    config, data = own_config(tmp_path), tmp_path / "data"
    nothing = detente("sources", "list", "--quarantined", "--config", config, data=data)
    assert (nothing.returncode, nothing.stdout) == (1, "")
    sent = [
        ("BBC", STRIKE),
        ("Daily Planet", AGREE),
        ("the daily planet", AGREE + " Again."),
        ("Harbour Wire", "Rain fell all day on the harbour."),
    ]
    lines = "\n".join(json.dumps({"publisher": p, "text": t}) for p, t in sent)
    assert detente("ingest", "-", "--config", config, given=lines, data=data).returncode == 0
    shown = json.loads(detente("sources", "list", "--quarantined", "--json", "--config", config, data=data).stdout)
    decided = [(p["name"], p["owner"], p["grade"], p["decided_in"]) for p in shown["publishers"]]
    assert decided == [("BBC News", "BBC", "A", "sources.yaml"), ("The Harbour Wire", "The Harbour Wire", "F", "feeds")]
    assert [(s["name"].casefold().removeprefix("the "), s["articles"]) for s in shown["quarantined"]] == [
        ("daily planet", 2)
    ]
    text = detente("sources", "list", "--quarantined", "--config", config, data=data).stdout
    assert "BBC News" in text
    assert "Not decided on" in text
    assert json.loads(detente("sources", "list", "--json", "--config", config).stdout)["quarantined"] is None


def test_a_decision_holds_for_what_is_read_next(tmp_path: Path) -> None:
    config = own_config(tmp_path)
    given = ("--grade", "C", "--owner", "Planet Group", "--reason", "own staff", "--config", config)
    done = detente("sources", "accept", "planet.example", *given, "--country", "DEU", "--json")
    assert json.loads(done.stdout)["domain"] == ["planet.example"]
    done = detente("sources", "accept", "www.bbc.com", "--grade", "B", "--reason", "ours", "--config", config)
    assert (done.returncode, done.stdout.splitlines()[0].partition(";")[0]) == (0, "BBC News: grade B, owner BBC")
    listed = json.loads(detente("sources", "list", "--json", "--config", config).stdout)["publishers"]
    found = {p["name"]: (p["owner"], p["grade"], p["decided_in"]) for p in listed}
    assert found["planet.example"] == ("Planet Group", "C", "publishers.yaml")
    assert found["BBC News"] == ("BBC", "B", "publishers.yaml")


@pytest.mark.parametrize(
    ("name", "options", "says"),
    [
        ("Wire", ("--grade", "Z"), "--grade: "),
        ("...", ("--grade", "A"), "NAME_OR_DOMAIN: "),
        ("Wire", ("--grade", "A", "--owner", "quarantined publishers"), "--owner: "),
        ("Wire", ("--grade", "A", "--country", "QQQ"), "--country: 'QQQ' is no country code"),
    ],
)
def test_a_decision_that_is_wrong_is_refused(tmp_path: Path, name: str, options: tuple[str, ...], says: str) -> None:
    config = own_config(tmp_path)
    done = detente("sources", "accept", name, "--reason", "x", "--config", config, *options)
    assert done.returncode == 2
    assert done.stderr.startswith(f"detente: {says}")
    assert not (Path(config) / "publishers.yaml").exists()


def test_mistakes_in_decisions_are_named(tmp_path: Path) -> None:
    config = own_config(tmp_path)
    (Path(config) / "publishers.yaml").write_text("publishers:\n  - {name: A, owner: A, grade: A, country: QQQ}\n")
    done = detente("config", "check", "--config", config)
    assert done.returncode == 2
    assert done.stderr.startswith(f"{config}/publishers.yaml:2: publishers.0.country: 'QQQ' is no country code")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("why", "abcd"), 1, "there is no alert 'abcd'"),
        (("why-not", "--receiver", "desk", "--subject", "dyad:IRN-PKA"), 1, "'PKA' is no country code; did you mean"),
        (("why-not", "--receiver", "desk", "--subject", "region:baluchistan"), 1, "did you mean region:balochistan"),
        (("why-not", "--receiver", "desk", "--subject", "m49:999"), 1, "nobody knows m49:999"),
        (("why-not", "--receiver", "desk", "--subject", "Iran"), 2, "begin with one of country"),
        (("why-not", "--receiver", "desk", "--subject", "country:IRN", "--at", "noon"), 2, "--at: 'noon' is no time"),
    ],
)
def test_names_nobody_knows_are_refused_with_what_is_near(
    tmp_path: Path, migrated: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    shutil.copy(migrated, tmp_path / "detente.db")
    done = detente(*arguments, data=tmp_path)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr


def test_why_not_answers_without_any_record(tmp_path: Path, migrated: Path) -> None:
    shutil.copy(migrated, tmp_path / "detente.db")
    asked = ("why-not", "--receiver", "desk", "--subject", "dyad:PAK-IRN", "--at", "2026-03-01T12:00:00Z")
    shown = json.loads(detente(*asked, "--json", data=tmp_path).stdout)
    assert set(shown) == {"receiver", "subject", "at", "answer", "told", "level", "rules"}
    assert (shown["subject"], shown["told"], shown["level"]) == ("dyad:IRN-PAK", False, 0)
    assert shown["answer"] == "rule level: there is no record of what the rule said: nothing is recorded yet"
    assert [link["link"] for link in shown["rules"][0]["missing"]] == ["record", "route"]
    read = detente(*asked, data=tmp_path)
    assert read.returncode == 0
    assert "LACKS route: no receiver is configured in routes.yaml" in read.stdout


@pytest.mark.parametrize("module", ["service.cli.asking", "service.cli.reading"])
def test_what_only_reads_loads_nothing_heavy(tmp_path: Path, module: str) -> None:
    heavy = ["celery", "redis", "alembic", "transformers", "onnxruntime", "apprise", "httpx2", "pysbd", "rensa"]
    code = f"import sys, {module}; sys.exit(' '.join(m for m in {heavy!r} if m in sys.modules) or 0)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_routes_are_shown_and_tried(tmp_path: Path) -> None:
    folder = tmp_path / "config"
    shutil.copytree(ROOT / "config", folder)
    text = "receivers: [{name: desk}, {name: pager}]\nroute:\n  receiver: desk\n  routes: [{receiver: pager, matchers: [severity=high]}]\n"
    (folder / "routes.yaml").write_text(text)
    tree = detente("routes", "show", "--config", str(folder), "--json")
    assert [node["receiver"] for node in json.loads(tree.stdout)["routes"]] == ["pager"]
    tried = detente("routes", "test", "severity=high", "--config", str(folder), "--json")
    assert [way["path"] for way in json.loads(tried.stdout)["destinations"]] == ["route.routes[0]"]
    wrong = detente("routes", "test", "severity=loud", "--config", str(folder))
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert wrong.stderr.startswith("detente: severity is never 'loud'")


def test_export_prints_tables_and_says_what_it_cannot(tmp_path: Path, migrated: Path) -> None:
    missing = detente("export", "alerts", data=tmp_path)
    assert (missing.returncode, "no Detente database" in missing.stderr) == (1, True)
    shutil.copy(migrated, tmp_path / "detente.db")
    head = detente("export", "alerts", data=tmp_path)
    assert (head.returncode, head.stderr, head.stdout.startswith("at,id,alert,rule,")) == (0, "", True)
    one = detente("export", "scores", "--subject", "dyad:IRN-PAK", "--format", "jsonl", data=tmp_path)
    assert [json.loads(line)["level"] for line in one.stdout.splitlines()] == [0]
    for wrong in (["wars"], ["alerts", "--since", "soon"]):
        assert detente("export", *wrong, data=tmp_path).returncode == 2, wrong
