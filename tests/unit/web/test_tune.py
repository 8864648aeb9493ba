"""The page of thresholds: what it says, who may see it, and how a threshold becomes the rule."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.api.app import build
from service.bootstrap import Detente
from service.bootstrap.workshop import listed_in, papers_of, stamps_of
from service.config import reading
from service.domain.access import Role
from service.operations.sheets import sheet_from_json, sheet_to_json, sheets, span_of
from service.operations.tune import stored
from service.operations.tuner import sheet_name
from service.ports import Job, JobKind, Work
from tests.unit.domain.build import NOW
from tests.unit.web.tuning import EPISODES, configured, end, prove, put_together

GOOD = "a good long password"
HERE = "http://localhost"


class FakeBench:
    """Implements `ports.Bench`: begins jobs and never ends them."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []
        self.stopped = 0
        self.now: Work | None = None

    def start(self, job: Job, at: Any) -> None:
        self.jobs.append(job)
        self.now = Work(job, at, is_running=True, phase="replaying the history", done=3, total=10)

    def work(self) -> Work | None:
        return self.now

    def stop(self) -> None:
        self.stopped += 1


def compute(detente: Detente) -> None:
    """The sheets, computed here."""
    history = stored(detente.units)
    assert history is not None
    made = sheets(
        history,
        detente.tunables,
        detente.rules,
        listed_in(detente),
        detente.replay_own,
        lambda _: None,
        span=span_of(history),
        at=NOW,
        figures=stamps_of(detente).figures,
    )
    for sheet in made:
        papers_of(detente).put(sheet_name(sheet.rule), sheet_to_json(sheet))
        assert sheet_from_json(papers_of(detente).get(sheet_name(sheet.rule)) or {}).tried == [
            replace(one, pages=[page._replace(quote="", level=round(page.level, 2)) for page in one.pages])
            for one in sheet.tried
        ]


@pytest.fixture(scope="module")
def computed(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of papers, made once."""
    folder = tmp_path_factory.mktemp("computed")
    (configured(folder) / "episodes.csv").write_text(EPISODES, encoding="utf-8")
    found = put_together(folder, migrated)
    compute(found)
    end(found)
    return folder


@pytest.fixture
def detente(computed: Path, migrated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Detente]:
    monkeypatch.setattr(reading, "SETTLE", 0.001)
    (configured(tmp_path) / "episodes.csv").write_text(EPISODES, encoding="utf-8")
    found = put_together(tmp_path, migrated)
    papers, kept = papers_of(found), papers_of(found)
    kept = type(papers)(computed / "data" / "tuning")
    for rule in ("level", "surge", "deescalation"):
        papers.put(sheet_name(rule), kept.get(sheet_name(rule)) or {})
    found.__dict__["tuner"] = replace(found.tuner, bench=FakeBench())
    yield found
    found.close()


@pytest.fixture
def bench(detente: Detente) -> FakeBench:
    found = detente.tuner.bench
    assert isinstance(found, FakeBench)
    return found


@pytest.fixture
def client(detente: Detente) -> Iterator[TestClient]:
    with TestClient(build(detente), base_url=HERE, follow_redirects=False) as client:
        yield client


def told(page: Any) -> str:
    """The words of a page, without marks."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.text).split())


def test_the_rules_are_listed_with_what_they_bring(client: TestClient) -> None:
    page = client.get("/tune")
    assert page.status_code == 200
    assert re.search(r'<a href="/tune/level">level</a></th>.*?>40</td>.*?>1\.09</td>', page.text, re.DOTALL)
    assert 'href="/tune/all-clear"' not in page.text
    assert 'aria-current="page">Tune' in page.text


def test_a_threshold_shows_what_it_would_bring(client: TestClient) -> None:
    words = told(client.get("/tune/level?threshold=45"))
    assert "At 45 instead of 40" in words
    assert "Pages a week 0.55 (1.09 at 40)" in words
    assert "Would be new + 0 Would be lost − 5 Stay = 5" in words
    assert words.count("− would be lost") == 5
    assert words.count("= stays") == 5
    assert "Known episodes caught 1 of 3" in words
    assert "Precision 20%" in words


def test_episodes_tell_what_becomes_of_them_and_their_text_is_text(client: TestClient) -> None:
    page = client.get("/tune/level?threshold=45")
    rows = re.findall(r'<tr><th scope="row" dir="auto">(.*?)</th>.*?data-state>(.*?)</td>', page.text)
    assert rows == [
        ("Strikes &lt;b&gt;at dawn&lt;/b&gt;", "✓ caught"),
        ("Shelling", "− lost"),
        ("Nothing was reported", "○ caught by no threshold"),
    ]
    assert "Outside the history: 1" in told(page)


def test_page_and_script_have_the_same_numbers(client: TestClient) -> None:
    data = client.get("/tune/level/sheet.json").json()
    assert len(data["choices"]) >= 20
    for one in data["choices"]:
        page = client.get(f"/tune/level?threshold={one['label']}").text
        shown = dict(re.findall(r'data-fact="(\w+)">([^<]*)<', page))
        assert shown == one["facts"]
        rows = re.findall(r'<tr class="fate (\w+)">.*?datetime="([\d-]+)T([\d:]{5}).*?/subjects/([^"]+)"', page)
        assert [(mark, f"{day} {hour}", subject) for mark, day, hour, subject in rows] == [
            (mark, at, subject) for mark, at, subject, *_ in one["rows"]
        ]
        assert len(rows) == one["total"]


def test_what_lies_between_counts_as_the_nearest_and_it_is_said(client: TestClient) -> None:
    assert "41 was not tried; this is 40." in told(client.get("/tune/level?threshold=41"))
    assert "At 42.5 instead of 40" in told(client.get("/tune/level?threshold=41.25"))
    assert "At 95 instead of 40" in told(client.get("/tune/level?threshold=1e300"))
    assert "was not tried" not in told(client.get("/tune/level"))


def test_what_is_no_number_is_refused(client: TestClient) -> None:
    for written in ("nan", "inf", "x", "<b>"):
        page = client.get("/tune/level", params={"threshold": written})
        assert page.status_code == 422
        assert "write a number" in page.text
        assert client.post("/tune/level/dry-run", data={"threshold": written}).status_code == 422


HOSTILE = ("none", "all-clear", "..%2f..%2fetc%2fpasswd", "%3Cscript%3E", "level%00", "sheet-level.json.gz", "Level")


def test_only_rules_with_a_threshold_have_a_page(client: TestClient, bench: FakeBench) -> None:
    for rule in HOSTILE:
        for path in (f"/tune/{rule}", f"/tune/{rule}/sheet", f"/tune/{rule}/sheet.json"):
            page = client.get(path)
            assert page.status_code == 404
            assert "<script>" not in page.text
        for action in ("sheet", "stop", "dry-run", "save", "undo"):
            assert client.post(f"/tune/{rule}/{action}", data={"threshold": "45"}).status_code == 404
    assert (bench.jobs, bench.stopped) == ([], 0)


def test_without_a_sheet_it_offers_one_and_shows_how_far_it_is(
    client: TestClient, detente: Detente, bench: FakeBench
) -> None:
    (detente.data_dir / "tuning" / "sheet-level.json.gz").unlink()
    assert "has not been computed yet" in client.get("/tune/level").text
    assert client.get("/tune/level/sheet.json").status_code == 404
    started = client.post("/tune/level/sheet")
    assert (started.status_code, started.headers["location"]) == (303, "/tune/level?done=computing")
    assert bench.jobs == [Job(JobKind.SHEET, "local")]
    page = client.get("/tune/level")
    assert "replaying the history, 3 of 10" in told(page)
    assert "Look again" in page.text
    part = client.get("/tune/level/sheet", headers={"hx-request": "true"})
    assert 'data-hx-trigger="every 2s"' in part.text
    assert "<html" not in part.text
    assert "hx-refresh" not in part.headers
    assert client.get("/tune/level/sheet").headers["location"] == "/tune/level"
    assert client.post("/tune/level/stop").status_code == 303
    assert bench.stopped == 1
    assert bench.now is not None
    bench.now = replace(bench.now, is_running=False, error="It was stopped. <b>")
    part = client.get("/tune/level/sheet", headers={"hx-request": "true"})
    assert part.headers["hx-refresh"] == "true"
    assert "It was stopped. &lt;b&gt;" in part.text
    assert "every 2s" not in part.text


def test_a_dry_run_is_begun_for_a_threshold_of_the_ladder(client: TestClient, bench: FakeBench) -> None:
    answer = client.post("/tune/level/dry-run", data={"threshold": "45"})
    assert answer.headers["location"] == "/tune/level?threshold=45&done=computing"
    assert bench.jobs == [Job(JobKind.DRY_RUN, "local", "level", 45.0)]
    assert client.post("/tune/level/dry-run", data={"threshold": "41"}).status_code == 404


def fields(page: Any, action: str) -> dict[str, str]:
    """The hidden fields of the form with this action."""
    form = re.search(rf'<form method="post" action="/tune/level/{action}">(.*?)</form>', page.text, re.DOTALL)
    assert form, f"there is no form to {action}"
    return dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[1]))


def test_after_a_good_dry_run_it_is_saved_and_taken_back(client: TestClient, detente: Detente) -> None:
    before = detente.rules_file.read_bytes()
    assert "as the rule" not in client.get("/tune/level").text
    prove(detente, 45.0)
    page = client.get("/tune/level?threshold=45")
    assert "all rule tests passed: 1" in page.text
    saved = client.post("/tune/level/save", data=fields(page, "save"))
    assert saved.headers["location"] == "/tune/level?threshold=45&done=tuned"
    page = client.get(saved.headers["location"])
    assert "level: 45 now" in told(page)
    assert "Saved. The rule goes by it" in page.text
    assert "as the rule" not in page.text
    back = client.post("/tune/level/undo", data=fields(page, "undo"))
    assert back.headers["location"] == "/tune/level?done=restored"
    assert detente.rules_file.read_bytes() == before


def test_a_dry_run_whose_tests_failed_cannot_be_saved(client: TestClient, detente: Detente) -> None:
    before = detente.rules_file.read_bytes()
    after = prove(detente, 45.0, failures=["strike.yaml:3: expected <b>firing</b>"])
    page = client.get("/tune/level?threshold=45")
    assert "it cannot be saved" in page.text
    assert "expected &lt;b&gt;firing&lt;/b&gt;" in page.text
    assert "as the rule" not in page.text
    answer = client.post("/tune/level/save", data={"threshold": "45", "proof": after})
    assert answer.status_code == 409
    assert "no good dry run of 45" in answer.text
    assert detente.rules_file.read_bytes() == before


def test_a_file_that_changed_is_told_and_not_saved(client: TestClient, detente: Detente) -> None:
    form = {"threshold": "45", "proof": prove(detente, 45.0)}
    theirs = detente.rules_file.read_text() + "# theirs\n"
    detente.rules_file.write_text(theirs)
    page = client.get("/tune/level?threshold=45")
    assert "Files have changed since" in page.text
    assert "The figures are of what held then" in page.text
    answer = client.post("/tune/level/save", data=form)
    assert (answer.status_code, "let it run again" in answer.text) == (409, True)
    assert detente.rules_file.read_text() == theirs


def test_without_a_list_it_says_how_to_bring_one(client: TestClient, detente: Detente) -> None:
    paper = dict(papers_of(detente).get("sheet-level") or {})
    papers_of(detente).put("sheet-level", {**paper, "has_list": False})
    words = told(client.get("/tune/level?threshold=45"))
    assert "There is no list of episodes" in words
    assert "Precision" not in words
    assert client.get("/tune/level/sheet.json").json()["choices"][0]["known"] == []


@pytest.mark.parametrize(("role", "status"), [(Role.VIEWER, 403), (Role.SUBSCRIBER, 403), (Role.OPERATOR, 200)])
def test_it_is_for_operators_and_forms_carry_the_word_of_the_session(
    client: TestClient, detente: Detente, bench: FakeBench, role: Role, status: int
) -> None:
    detente.doorkeeper.accept(detente.doorkeeper.invite(role, "cli:test"), "desk", GOOD)
    assert client.get("/tune").headers["location"] == "/sign-in?next=/tune"
    client.post("/sign-in", data={"name": "desk", "password": GOOD, "next": "/"})
    prove(detente, 45.0)
    for path in ("/tune", "/tune/level", "/tune/level/sheet.json"):
        assert client.get(path).status_code == status
    for action in ("sheet", "stop", "dry-run", "save", "undo"):
        assert client.post(f"/tune/level/{action}", data={"threshold": "45"}).status_code == 403
    assert bench.jobs == []
    if role is Role.OPERATOR:
        given = fields(client.get("/tune/level"), "save")
        assert client.post("/tune/level/save", data=given).status_code == 303
        with detente.units(read_only=True) as unit:
            last = unit.audit.entries()[-1]
        assert (last.actor, last.action, last.subject) == ("account:desk", "rule.change", "rule:level")
