"""Subjects are found by what people type."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from lxml import html

from service.api.app import build
from service.bootstrap import Detente
from service.domain.access import Role
from tests.unit.web.newsroom import newsroom, service_at, week

HERE = "http://localhost"


@pytest.fixture(scope="module")
def detente(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Detente]:
    with newsroom(migrated, tmp_path_factory.mktemp("subjects"), *week()) as found:
        yield found


@pytest.fixture(scope="module")
def client(detente: Detente) -> Iterator[TestClient]:
    with TestClient(build(detente), base_url=HERE, follow_redirects=False) as client:
        yield client


@pytest.mark.parametrize(
    ("query", "subject"),
    [
        ("Iran", "country:IRN"),
        ("iran pakistan", "dyad:IRN-PAK"),
        ("IRN-PAK", "dyad:IRN-PAK"),
        ("Chad Fiji", "dyad:FJI-TCD"),
        ("balochistan", "region:balochistan"),
        ("034", "m49:034"),
    ],
)
def test_what_can_mean_one_leads_there(client: TestClient, query: str, subject: str) -> None:
    answer = client.get("/subjects", params={"q": query})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/subjects/{subject}")


def listed(client: TestClient, query: str) -> tuple[str, list[str]]:
    answer = client.get("/subjects", params={"q": query})
    assert answer.status_code == 200
    page = html.fromstring(answer.text)
    return page.text_content(), page.xpath("//table//th/a/@href")


def test_what_can_mean_several_is_a_list_the_highest_first(client: TestClient) -> None:
    text, found = listed(client, "pakis")
    assert found[:2] == ["/subjects/country:PAK", "/subjects/dyad:IRN-PAK"]
    assert "/subjects/dyad:IND-PAK" in found
    assert "found" in text


def test_of_what_is_not_known_the_likest_are_proposed(client: TestClient) -> None:
    text, found = listed(client, "Pakistn")
    assert "No subject is called Pakistn. Did you mean one of these?" in text
    assert "/subjects/country:PAK" in found


@pytest.mark.parametrize(
    ("query", "said"),
    [("", "Type the name"), ("qqqqqqqq", "nor anything like it"), ("<%_\x00>", "No subject is called")],
)
def test_nothing_found_says_what_to_do(client: TestClient, query: str, said: str) -> None:
    text, found = listed(client, query)
    assert said in text
    assert "The world lists all that have a level" in text
    assert found == []


def test_what_was_typed_stays_and_is_harmless(client: TestClient) -> None:
    answer = client.get("/subjects", params={"q": '"><script>x'})
    assert "<script>x" not in answer.text
    assert html.fromstring(answer.text).xpath("//input[@name='q']/@value") == ['"><script>x']


def test_a_query_has_an_end(client: TestClient) -> None:
    assert client.get("/subjects", params={"q": "x" * 101}).status_code == 422


def test_strangers_are_led_to_the_door(migrated: Path, tmp_path: Path) -> None:
    shutil.copy(migrated, tmp_path / "detente.db")
    detente = service_at(tmp_path)
    detente.doorkeeper.accept(detente.doorkeeper.invite(Role.VIEWER, "cli:test"), "desk", "a good long password")
    with TestClient(build(detente), base_url=HERE, follow_redirects=False) as client:
        assert client.get("/subjects?q=iran").headers["location"] == "/sign-in?next=/subjects"
    detente.close()
