"""The feeds of `detente sources list --feeds`."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from service.bootstrap import Detente
from service.cli.output import table
from service.config.schema import FeedEntry
from service.operations.feed_health import FeedHealth, FeedState, bare, feeds_in
from service.operations.present import feed as present

DISABLED = "disabled"


def feed_rows(detente: Detente) -> list[dict[str, Any]]:
    """All configured feeds and how each fares; one that the service has not taken over yet is new."""
    known: Mapping[str, FeedHealth] = {}
    if detente.is_prepared():
        with detente.units(read_only=True) as unit:
            known = {feed.id: feed for feed in feeds_in(unit)}
    return [_row(detente, entry, known.get(entry.name)) for entry in detente.sources.feeds]


def _row(detente: Detente, entry: FeedEntry, health: FeedHealth | None) -> dict[str, Any]:
    owner = detente.owner_of(entry.publisher, "") if entry.publisher else None
    fares = present(health) if health and not entry.disabled else {"state": str(FeedState.NEW)}
    return {
        **fares,
        "id": entry.name,
        "url": bare(entry.url),
        "publisher": entry.publisher,
        "kind": str(entry.kind),
        "owner": owner.group if owner else None,
        "grade": owner.grade if owner else None,
        "pages": entry.pages,
        **({"state": DISABLED} if entry.disabled else {}),
    }


def print_feeds(rows: Sequence[Mapping[str, Any]]) -> None:
    """The same as a table."""
    columns = [
        "name",
        "kind",
        "publisher",
        "owner",
        "grade",
        "state",
        "good answer",
        "new article",
        "every",
        "articles",
    ]
    table("Feeds", [*columns, "note"], [_cells(row) for row in rows])


def _cells(row: Mapping[str, Any]) -> list[str]:
    return [
        row["id"],
        row["kind"],
        row["publisher"],
        row["owner"] or "",
        row["grade"] or "",
        row["state"],
        _minute(row.get("last_ok_at")),
        _minute(row.get("last_new_at")),
        _span(row.get("interval_seconds")),
        str(row.get("articles", "")),
        _note(row),
    ]


def _minute(moment: str | None) -> str:
    return moment[:16].replace("T", " ") if moment else ""


def _span(seconds: int | None) -> str:
    return "" if seconds is None else str(timedelta(seconds=seconds))


def _note(row: Mapping[str, Any]) -> str:
    moved = f"has moved to {row['moved_to']}" if row.get("moved_to") else ""
    return "; ".join(part for part in (row.get("note", ""), moved) if part)
