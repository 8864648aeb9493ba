"""`detente sources import` and `detente sources export`: feeds as OPML."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from service.adapters.feeds.opml import LARGEST, Outline, read_opml, write_opml
from service.bootstrap import Detente
from service.cli.feeds import WHEN, recording
from service.cli.output import note, out, out_json
from service.cli.sources import need_own_folder
from service.config.load import check
from service.config.own_feeds import address_of, append
from service.config.schema import FeedEntry
from service.config.write import write_whole
from service.errors import ConfigError, Refusal, RefusedInput
from service.operations.feed_names import name_for
from service.ports import FeedKind, Refused


@dataclass
class Imported:
    """What became of the feeds of a list: `twins` are there already, each the line and the feed's name."""

    added: list[FeedEntry] = field(default_factory=list)
    twins: list[tuple[int, str]] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def sources_import(detente: Detente, file: Path, *, dry: bool, as_json: bool) -> int:
    """Write the feeds of a list to feeds.yaml, but for those there are; 1 when one was refused. Raises ConfigError."""
    if not dry:
        need_own_folder(detente)
    found = _sorted_out(detente, file)
    if found.added and not dry:
        with recording(detente, "feed.import", found.added):
            append(detente.feeds_file, found.added)
    if as_json:
        out_json(_shown(found, dry=dry))
    else:
        _print(detente, found, dry=dry)
    return 1 if found.refused else 0


def _sorted_out(detente: Detente, file: Path) -> Imported:
    listed = detente.sources.feeds
    names, addresses = {feed.name for feed in listed}, {address_of(feed): feed.name for feed in listed}
    found = Imported()
    for one in _read(file):
        entry = one if isinstance(one, Refused) else _entry(one, file, names)
        if isinstance(entry, Refused):
            found.refused.append(entry)
        elif twin := addresses.get(address_of(entry)):
            found.twins.append((one.line if isinstance(one, Outline) else 0, twin))
        else:
            names.add(entry.name)
            addresses[address_of(entry)] = entry.name
            found.added.append(entry)
    return found


def _read(file: Path) -> Iterator[Outline | Refused]:
    try:
        with file.open("rb") as opened:
            return read_opml(opened.read(LARGEST + 1), str(file))
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from None
    except RefusedInput as error:
        raise ConfigError(f"{file}: {error}") from None


def _entry(one: Outline, file: Path, names: set[str]) -> FeedEntry | Refused:
    where = f"{file}:{one.line}"
    try:
        values = {"name": name_for(one.title, one.url, names), "url": one.url}
        return check(values, FeedEntry, lambda key, said: f"{'xmlUrl' if 'url' in key else key}: {said}")
    except ConfigError as error:
        return Refused(where, Refusal.UNSUPPORTED, str(error))


def _shown(found: Imported, *, dry: bool) -> dict[str, Any]:
    return {
        "dry_run": dry,
        "added": [{"name": feed.name, "url": feed.url} for feed in found.added],
        "twins": [{"line": line, "of": name} for line, name in found.twins],
        "refused": [{"where": r.where, "reason": str(r.refusal), "detail": r.message} for r in found.refused],
    }


def _print(detente: Detente, found: Imported, *, dry: bool) -> None:
    note([f"{one.where}: {one.message}" for one in found.refused])
    for feed in found.added:
        out(f"{feed.name}: {feed.url}")
    to = "would be written" if dry else f"written to {detente.feeds_file}"
    out(f"{len(found.added)} {to}, {len(found.twins)} there already, {len(found.refused)} refused")
    if found.added and not dry:
        out("Their publishers are in quarantine unless they are listed: see detente sources accept.")
        out(WHEN)


def sources_export(detente: Detente, file: Path | None) -> None:
    """Write the feeds that are asked as OPML, to a file or to standard output. Raises ConfigError."""
    feeds = [(f.name, f.url) for f in detente.sources.feeds if f.kind is FeedKind.FEED and not f.disabled]
    written = write_opml("Feeds of Detente", feeds, detente.clock.now()).decode()
    if file:
        write_whole(file, written)
    else:
        sys.stdout.write(written)
