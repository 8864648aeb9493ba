"""`detente sources check`: feeds asked now."""

from collections.abc import Sequence
from typing import Any

from service.bootstrap import Detente
from service.cli.output import out, out_json, progress, table
from service.errors import NotFound
from service.operations.feed_check import Checked, check_all
from service.operations.naming import near
from service.operations.present import moment
from service.ports import Feed


def sources_check(detente: Detente, wanted: Sequence[str], *, as_json: bool) -> int:
    """Ask feeds now and say what each would bring; 1 when one of them is of no use now."""
    feeds = _wanted(detente, wanted)
    with progress("asking", "feeds", len(feeds)) as advance:
        pause = detente.settings.intake.host_gap
        found = check_all(feeds, detente.fetcher, detente.clock, advance, pause)
    if as_json:
        out_json([shown(one) for one in found])
    else:
        _print(found)
    return 0 if all(one.is_good for one in found) else 1


def _wanted(detente: Detente, wanted: Sequence[str]) -> list[Feed]:
    """The feeds of these names or addresses; without any all that are asked. Raises NotFound."""
    known = {entry.name: entry for entry in detente.sources.feeds}
    if not wanted:
        return [entry.feed for entry in known.values() if not entry.disabled]
    return [known[one].feed if one in known else _unlisted(one, list(known)) for one in wanted]


def _unlisted(written: str, known: Sequence[str]) -> Feed:
    if "://" not in written:
        raise NotFound(f"{written!r} is no feed and no address{near(written, known)}")
    return Feed(written, written, "")


def shown(one: Checked) -> dict[str, Any]:
    """What it answered, as JSON."""
    return {
        "name": one.name,
        "url": one.url,
        "outcome": str(one.outcome),
        "items": one.items,
        "refused": one.refused,
        "newest": moment(one.newest),
        "whole_texts": one.whole,
        "title": one.title,
        "moved_to": one.moved_to,
        "note": one.said,
    }


def _print(found: Sequence[Checked]) -> None:
    rows = [
        [
            one.name,
            str(one.outcome),
            str(one.items) if one.is_good else "",
            f"{one.newest:%Y-%m-%d %H:%M}" if one.newest else "",
            "" if one.whole is None else f"{one.whole:.0%}",
            one.said,
        ]
        for one in found
    ]
    table("Feeds", ["name", "outcome", "articles", "newest", "whole texts", "note"], rows)
    good = sum(one.is_good for one in found)
    out(f"{good} of {len(found)} can be read now")
