"""`/api/v1/sources`: a feed that is calm is told from one that tells nothing."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from service.api.app import build
from service.bootstrap import Detente
from service.domain.news.pace import Pace
from service.flow import Kind, RowState
from service.ports import Feed, FeedKind, Reply
from tests.fakes import set_row
from tests.unit.api.conftest import put_together


@pytest.fixture
def detente(migrated: Path, tmp_path: Path) -> Iterator[Detente]:
    (tmp_path / "detente.db").write_bytes(migrated.read_bytes())
    found = put_together(tmp_path)
    yield found
    found.close()


def test_feeds_say_how_they_fare(detente: Detente) -> None:
    with detente.units() as unit:
        now = unit.marks.now()
        unit.feeds.sync(
            [
                Feed("calm", "https://calm.example/map.xml", "", kind=FeedKind.SITEMAP),
                Feed("gone", "https://me:CANARY@gone.example/rss?key=CANARY", "Gone"),
                Feed("new", "https://new.example/rss", ""),
            ]
        )
        reply = Reply((), "", "", not_modified=False, moved_to="https://there.example/x?key=CANARY")
        unit.feeds.record("calm", reply, Pace(timedelta(hours=1), 2.0), 5)
    set_row(detente.units.engine, Kind.FEED, "calm", last_new_at=now - timedelta(days=2))  # type: ignore[attr-defined]
    set_row(detente.units.engine, Kind.FEED, "gone", state=RowState.GONE, last_error="it says 410")  # type: ignore[attr-defined]
    with TestClient(build(detente), base_url="http://localhost") as client:
        answer = client.get("/api/v1/sources")
    assert "CANARY" not in answer.text
    calm, gone, new = answer.json()["feeds"]
    assert (calm["state"], calm["kind"], calm["articles"], calm["interval_seconds"]) == ("calm", "sitemap", 5, 3600)
    assert (calm["moved_to"], calm["lag_seconds"] < 60) == ("https://there.example/x", True)
    assert calm["last_new_at"] < calm["last_ok_at"]
    assert (gone["state"], gone["due_at"], gone["note"], gone["url"]) == (
        "gone",
        None,
        "it says 410",
        "https://gone.example/rss",
    )
    assert (new["state"], new["interval_seconds"], new["last_new_at"]) == ("new", None, None)
