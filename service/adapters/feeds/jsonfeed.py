"""JSON Feed 1.0 and 1.1: bytes in, plain values out. Runs in the reading process."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from service.adapters.feeds.dates import iso
from service.adapters.feeds.links import web_link
from service.adapters.feeds.markup import LONGEST_TEXT, LONGEST_TITLE, plain
from service.errors import Refusal, RefusedInput

_VERSION = "https://jsonfeed.org/version/1"
_LONGEST_DATE = 60


def looks_like_json(content: bytes) -> bool:
    """Whether it begins as an object of JSON does; no XML can."""
    return content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{"


def read_json_feed(content: bytes, most: int) -> dict[str, Any]:
    """`title`, `language` and at most `most` `items`. Raises RefusedInput for what is no JSON Feed."""
    try:
        said = json.loads(content.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        raise RefusedInput(Refusal.BAD_JSON, "this begins as JSON does, and is none") from None
    version = said.get("version")
    if not isinstance(version, str) or not version.replace("http:", "https:").startswith(_VERSION):
        raise RefusedInput(Refusal.NOT_A_FEED, "this is JSON, and no JSON Feed")
    items = said.get("items")
    found = items[:most] if isinstance(items, list) else []
    return {
        "title": plain(said.get("title"), LONGEST_TITLE, is_markup=False),
        "language": _string(said, "language"),
        "items": [_item(one, _string(said, "language")) for one in found if isinstance(one, dict)],
    }


def _item(item: Mapping[str, Any], language: str) -> dict[str, Any]:
    bodies = (
        plain(item.get("content_html"), LONGEST_TEXT, is_markup=True),
        plain(item.get("content_text"), LONGEST_TEXT, is_markup=False),
        plain(item.get("summary"), LONGEST_TEXT, is_markup=False),
    )
    return {
        "title": plain(item.get("title"), LONGEST_TITLE, is_markup=False),
        "text": max(bodies, key=len),
        "url": web_link(_string(item, "url")) or web_link(_string(item, "external_url")),
        "published_at": _time(item.get("date_published")) or _time(item.get("date_modified")),
        "language": _string(item, "language") or language,
    }


def _string(data: Mapping[str, Any], key: str) -> str:
    value = data.get(key)
    return value if isinstance(value, str) else ""


def _time(value: Any) -> str | None:
    if not isinstance(value, str) or len(value) > _LONGEST_DATE:
        return None
    try:
        moment = datetime.fromisoformat(value.strip())
        return iso(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return None
