"""Files that pages load: found by name, served with the right headers, never from outside their folder."""

import gzip
import os
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from service.web import static_files
from service.web.assets import STATIC, Assets

TEXT = "body { margin: 0 }\n" * 200


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    static = tmp_path / "static"
    (static / "vendor").mkdir(parents=True)
    (static / "a.css").write_text(TEXT)
    (static / "notes.md").write_text("not for readers")
    (tmp_path / "secret.css").write_text("secret")
    return static


@pytest.fixture
def client(folder: Path) -> TestClient:
    app = FastAPI()
    app.include_router(static_files.router(Assets(folder)))
    return TestClient(app)


def test_a_hashed_address_may_be_kept_for_ever(folder: Path, client: TestClient) -> None:
    answer = client.get(Assets(folder).url("a.css"))
    assert answer.text == TEXT
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert answer.headers["cache-control"] == static_files.FOR_EVER
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("query", ["", "?v=0123456789abcdef"])
def test_any_other_address_is_asked_for_again(client: TestClient, query: str) -> None:
    assert client.get(f"/static/a.css{query}").headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    ("offer", "packed"),
    [("gzip", True), ("br, gzip;q=0.5", True), ("identity", False), ("gzip;q=0", False), ("", False)],
)
def test_packed_for_those_who_take_it(client: TestClient, offer: str, packed: bool) -> None:
    with client.stream("GET", "/static/a.css", headers={"Accept-Encoding": offer}) as answer:
        sent = b"".join(answer.iter_raw())
        assert answer.headers.get("content-encoding") == ("gzip" if packed else None)
        assert answer.headers["vary"] == "Accept-Encoding"
    assert (gzip.decompress(sent) if packed else sent) == TEXT.encode()


@pytest.mark.parametrize("offer", ["gzip", "identity"])
def test_what_is_known_is_not_sent_again(client: TestClient, offer: str) -> None:
    tag = client.get("/static/a.css", headers={"Accept-Encoding": offer}).headers["etag"]
    again = client.get("/static/a.css", headers={"Accept-Encoding": offer, "If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")


def test_asking_for_the_head_alone(client: TestClient) -> None:
    answer = client.head("/static/a.css")
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize(
    "name",
    [
        "missing.css",
        "notes.md",
        "vendor",
        "",
        "../secret.css",
        "%2e%2e/secret.css",
        "vendor/..%2f..%2fsecret.css",
        "a%00.css",
    ],
)
def test_nothing_else_is_served(client: TestClient, name: str) -> None:
    assert client.get(f"/static/{name}").status_code == 404


def test_no_link_leads_out_of_the_folder(folder: Path) -> None:
    (folder / "link.css").symlink_to(folder.parent / "secret.css")
    assert not Assets(folder).has("link.css")


def test_a_changed_file_has_another_address(folder: Path) -> None:
    before = Assets(folder).url("a.css")
    (folder / "a.css").write_text("other")
    os.utime(folder / "a.css", ns=(1, 1))
    assert Assets(folder).url("a.css") != before


def test_what_is_missing_is_said_and_has_no_address(folder: Path) -> None:
    assets = Assets(folder)
    assert assets.has("a.css")
    assert not assets.has("a.css", "b.css")
    with pytest.raises(FileNotFoundError, match=r"b\.css"):
        assets.url("b.css")


def test_all_our_own_files_are_of_kinds_that_are_served() -> None:
    ours = [p for p in STATIC.iterdir() if p.is_file()]
    assert ours
    assert {p.suffix for p in ours} <= set(static_files.TYPES)
