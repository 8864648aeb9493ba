"""Serves the files that pages load."""

from http import HTTPStatus

from fastapi import APIRouter, HTTPException, Request, Response

from service.web.access import OPEN
from service.web.assets import PREFIX, Assets, content
from service.web.packing import packed, takes_gzip

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
"""What is served, by the end of its name; nothing else is."""
FOR_EVER = "public, max-age=31536000, immutable"
"""For an address that names the content."""
ASK_AGAIN = "no-cache"


def router(assets: Assets | None = None) -> APIRouter:
    """`/static/…`: open to everybody, since nothing in it is about anybody."""
    routes = APIRouter(include_in_schema=False)
    files = assets or Assets()

    @routes.api_route(PREFIX + "{name:path}", methods=["GET", "HEAD"], dependencies=[OPEN])
    def static(name: str, request: Request, v: str = "") -> Response:
        path = files.path(name)
        if path is None or path.suffix not in TYPES:
            raise HTTPException(HTTPStatus.NOT_FOUND, "no such file")
        data, version = content(path)
        headers = {
            "Cache-Control": FOR_EVER if v == version else ASK_AGAIN,
            "ETag": f'"{version}"',
            "Vary": "Accept-Encoding",
            "X-Content-Type-Options": "nosniff",
        }
        if version in request.headers.get("if-none-match", ""):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        if takes_gzip(request):
            headers |= {"Content-Encoding": "gzip", "ETag": f'"{version}-gzip"'}
            data = packed(data)
        return Response(data, media_type=TYPES[path.suffix], headers=headers)

    return routes
