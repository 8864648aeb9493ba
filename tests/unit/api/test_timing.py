"""How long requests take, by the template of their address."""

from collections.abc import AsyncIterator

import pytest
from fastapi import APIRouter, FastAPI, HTTPException
from fastapi.responses import StreamingResponse
from fastapi.testclient import TestClient

from service.api.timing import Timing

Seen = list[tuple[str, str, str, float]]


@pytest.fixture
def seen() -> Seen:
    return []


@pytest.fixture
def client(seen: Seen) -> TestClient:
    inner, router = APIRouter(), APIRouter()

    @router.get("/articles/{article_id:path}")
    def read(article_id: str) -> str:
        if article_id == "none":
            raise HTTPException(404, "none")
        if article_id == "broken":
            raise RuntimeError("broken")
        return article_id

    @router.get("/stream")
    def stream() -> StreamingResponse:
        async def frames() -> AsyncIterator[bytes]:
            yield b"data: 1\n\n"
            seen.append(("later", "", "", 0.0))

        return StreamingResponse(frames(), media_type="text/event-stream")

    inner.include_router(router, prefix="/v1")
    app = FastAPI()
    app.add_middleware(Timing, observe=lambda *told: seen.append(told))
    app.include_router(inner, prefix="/api")
    return TestClient(app, raise_server_exceptions=False)


def test_the_template_is_told_and_never_the_address(client: TestClient, seen: Seen) -> None:
    assert client.get("/api/v1/articles/a/b?c=d").status_code == 200
    route, method, status, seconds = seen.pop()
    assert (route, method, status) == ("/api/v1/articles/{article_id:path}", "GET", "200")
    assert 0 < seconds < 5


@pytest.mark.parametrize(
    ("method", "path", "told"),
    [
        ("GET", "/api/v1/articles/none", ("/api/v1/articles/{article_id:path}", "GET", "404")),
        ("GET", "/api/v1/articles/broken", ("/api/v1/articles/{article_id:path}", "GET", "500")),
        ("PUT", "/api/v1/articles/a", ("/api/v1/articles/{article_id:path}", "PUT", "405")),
        ("GET", "/wp-login.php", ("unknown", "GET", "404")),
        ("MAKEUP", "/wp-login.php", ("unknown", "unknown", "404")),
    ],
)
def test_every_end_is_told_once(client: TestClient, seen: Seen, method: str, path: str, told: tuple[str, ...]) -> None:
    client.request(method, path)
    assert [one[:3] for one in seen] == [told]


def test_a_stream_is_told_of_when_it_begins(client: TestClient, seen: Seen) -> None:
    client.get("/api/v1/stream")
    assert [one[0] for one in seen] == ["/api/v1/stream", "later"]


def test_what_is_no_request_is_let_through(seen: Seen) -> None:
    begun: list[str] = []

    async def app(scope: object, receive: object, send: object) -> None:
        begun.append("lifespan")

    import asyncio

    asyncio.run(Timing(app, lambda *told: seen.append(told))({"type": "lifespan"}, None, None))  # type: ignore[arg-type]
    assert begun == ["lifespan"]
    assert seen == []
