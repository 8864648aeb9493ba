"""`detente sources`: publishers, and the feeds they are read from."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from service.cli.options import AsJson, ConfigDir, DataDir, open_detente

sources_app = typer.Typer(help="Publishers, what is decided on them, and feeds.", no_args_is_help=True)
FeedName = Annotated[str, typer.Argument(metavar="NAME", help="Of a feed, as sources list --feeds shows it.")]
Grade = Annotated[str | None, typer.Option(metavar="A…F", help="How far its publisher is believed: a decision.")]
Owner = Annotated[str | None, typer.Option(help="Owner, or who funds and oversees it; as listed, or itself.")]
Country = Annotated[str | None, typer.Option(metavar="CODE", help="Seat of its newsroom, as DEU.")]


class Kind(StrEnum):
    """Kinds of feeds that have an address on the web; `ports.FeedKind` would take its time to load."""

    FEED = "feed"
    SITEMAP = "sitemap"
    GDELT = "gdelt"


@sources_app.command("list")
def sources_list(
    feeds: Annotated[bool, typer.Option("--feeds", help="List feeds, and how each fares.")] = False,
    quarantined: Annotated[
        bool, typer.Option("--quarantined", help="Also list those seen in the database that nobody has decided on.")
    ] = False,
    config: ConfigDir = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Publishers with their owners, grades and reasons, or feeds."""
    from service.cli.sources import sources_list as run  # noqa: PLC0415

    run(open_detente(config, data), feeds=feeds, quarantined=quarantined, as_json=as_json)


@sources_app.command("accept")
def sources_accept(
    publisher: Annotated[str, typer.Argument(metavar="NAME_OR_DOMAIN", help="As it stands in the list, or its host.")],
    grade: Annotated[str, typer.Option(metavar="A…F", help="How far it is believed.")],
    reason: Annotated[str, typer.Option(help="Why this grade.")],
    owner: Owner = None,
    country: Country = None,
    config: ConfigDir = None,
    as_json: AsJson = False,
) -> None:
    """Decide on a publisher: write owner and grade to publishers.yaml."""
    from service.cli.sources import sources_accept as run  # noqa: PLC0415

    given = {"grade": grade, "reason": reason, "owner": owner, "country": country}
    run(open_detente(config), publisher, given, as_json=as_json)


@sources_app.command("check")
def sources_check(
    wanted: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME|URL…]", help="Feeds; all that are asked if absent.")
    ] = None,
    config: ConfigDir = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Ask feeds now and say what each would bring; changes nothing. Exit 1 when one cannot be read."""
    from service.cli.feed_checking import sources_check as run  # noqa: PLC0415

    sys.exit(run(open_detente(config, data), wanted or [], as_json=as_json))


@sources_app.command("add")
def sources_add(
    url: Annotated[str, typer.Argument(metavar="URL", help="Where it is.")],
    name: Annotated[str | None, typer.Option(help="How it is called; of its title or host if absent.")] = None,
    publisher: Annotated[str | None, typer.Option(help="Who publishes it; its own title if absent.")] = None,
    kind: Annotated[Kind, typer.Option(help="How it is read.")] = Kind.FEED,
    pages: Annotated[
        bool, typer.Option("--pages/--no-pages", help="Read the pages of articles that come without their text.")
    ] = True,
    grade: Grade = None,
    owner: Owner = None,
    country: Country = None,
    reason: Annotated[str | None, typer.Option(help="Why this grade.")] = None,
    unchecked: Annotated[bool, typer.Option("--unchecked", help="Do not ask it first.")] = False,
    config: ConfigDir = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Add a feed: ask it, and write it to feeds.yaml; with --grade decide on its publisher too."""
    from service.cli.feeds import Wanted  # noqa: PLC0415
    from service.cli.feeds import sources_add as run  # noqa: PLC0415

    decided = {"grade": grade, "owner": owner, "country": country, "reason": reason}
    wanted = Wanted(url, name, publisher, kind, pages=pages, decided=decided)
    run(open_detente(config, data), wanted, checked=not unchecked, as_json=as_json)


@sources_app.command("disable")
def sources_disable(name: FeedName, config: ConfigDir = None, data: DataDir = None, as_json: AsJson = False) -> None:
    """Ask a feed no more; it stays listed."""
    from service.cli.feeds import sources_disable as run  # noqa: PLC0415

    run(open_detente(config, data), name, as_json=as_json)


@sources_app.command("enable")
def sources_enable(name: FeedName, config: ConfigDir = None, data: DataDir = None, as_json: AsJson = False) -> None:
    """Ask a feed again that was disabled, or whose server had said that it is gone."""
    from service.cli.feeds import sources_enable as run  # noqa: PLC0415

    run(open_detente(config, data), name, as_json=as_json)


@sources_app.command("import")
def sources_import(
    file: Annotated[Path, typer.Argument(metavar="FILE.opml", help="A list of feeds from a feed reader.")],
    dry: Annotated[bool, typer.Option("--dry-run", help="Write nothing.")] = False,
    config: ConfigDir = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Add the feeds of an OPML file to feeds.yaml. Exit 1 when an entry is refused; the others are added."""
    from service.cli.feed_lists import sources_import as run  # noqa: PLC0415

    sys.exit(run(open_detente(config, data), file, dry=dry, as_json=as_json))


@sources_app.command("export")
def sources_export(
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="Standard output if absent.")] = None,
    config: ConfigDir = None,
) -> None:
    """Write the RSS and Atom feeds that are asked as OPML 2.0, for other readers."""
    from service.cli.feed_lists import sources_export as run  # noqa: PLC0415

    run(open_detente(config), file)
