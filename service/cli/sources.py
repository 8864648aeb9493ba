"""`detente sources list` and `detente sources accept`."""

from collections.abc import Mapping, Sequence
from typing import Any

from service.bootstrap import Detente, shipped
from service.cli.feed_listing import feed_rows, print_feeds
from service.cli.output import out, out_json, table
from service.cli.reading import need_database
from service.config.codes import STANDARD
from service.config.decisions import record
from service.config.load import check
from service.config.schema import Publisher, SourcesFile
from service.domain.news.owner import NOT_ASSESSED, Owners, is_host, name_key
from service.errors import ConfigError
from service.operations.quarantine import Stranger, strangers


def sources_list(detente: Detente, *, feeds: bool, quarantined: bool, as_json: bool) -> None:
    """Print the publishers somebody has decided on, or the feeds, and those who wait for a decision when asked."""
    waiting = None
    if quarantined:
        need_database(detente)
        waiting = strangers(detente.units, detente.owner_of)
    if as_json:
        quarantine = None if waiting is None else [_stranger(s) for s in waiting]
        listed = feed_rows(detente) if feeds else None
        out_json({"publishers": _decided(detente), "feeds": listed, "quarantined": quarantine})
        return
    if feeds:
        print_feeds(feed_rows(detente))
    else:
        _print_publishers(_decided(detente))
    if waiting is not None:
        table(
            "Not decided on",
            ["name", "articles", "last seen"],
            [[s.name, str(s.articles), f"{s.last_seen:%Y-%m-%d %H:%M}"] for s in waiting],
        )


def _print_publishers(rows: Sequence[Mapping[str, Any]]) -> None:
    shown = [[row["name"], row["grade"], row["owner"], row["country"] or "", row["reason"]] for row in rows]
    table("Publishers", ["name", "grade", "owner", "seat", "reason"], shown)


def _decided(detente: Detente) -> list[dict[str, Any]]:
    """The table with the operator's decisions, and the feeds' publishers it does not have, by name."""
    sources = detente.sources
    mine = {name_key(decision.name) for decision in detente.decisions}
    listed = [(p, "publishers.yaml" if name_key(p.name) in mine else "sources.yaml") for p in sources.publishers]
    known = Owners([p.listed for p in sources.publishers]).known
    fed = {name_key(f.publisher): f.publisher for f in sources.feeds if f.publisher}
    unlisted = [name for name in fed.values() if known(name, "") is None]
    named = [(Publisher(name=n, owner=n, grade=NOT_ASSESSED, reason="publisher of a feed"), "feeds") for n in unlisted]
    rows = [{**p.model_dump(mode="json"), "decided_in": where} for p, where in (*listed, *named)]
    return sorted(rows, key=lambda row: name_key(row["name"]))


def _find(written: str, sources: SourcesFile) -> Publisher | None:
    """The listed publisher of this name, other name or domain."""
    key, host = name_key(written), written.lower().removeprefix("www.")
    return next((p for p in sources.publishers if key in p.listed.keys or host in p.domain), None)


def _stranger(stranger: Stranger) -> dict[str, Any]:
    return {"name": stranger.name, "articles": stranger.articles, "last_seen": stranger.last_seen.isoformat()}


def sources_accept(detente: Detente, written: str, given: Mapping[str, str | None], *, as_json: bool) -> None:
    """Write the decision. Raises ConfigError for one that is wrong, and where it could not last."""
    need_own_folder(detente)
    decision = decision_on(detente, written.strip(), given)
    record(detente.decisions_file, decision)
    if as_json:
        out_json({**decision.model_dump(mode="json"), "file": str(detente.decisions_file)})
    else:
        out(f"{decision.name}: grade {decision.grade}, owner {decision.owner}; written to {detente.decisions_file}")
        out("It holds for articles booked from now on; a service that runs takes it within seconds.")


def need_own_folder(detente: Detente) -> None:
    """Raises ConfigError where what is written would not last."""
    if detente.config_dir.is_relative_to(shipped("config")) and "_shipped" in detente.config_dir.parts:
        raise ConfigError(
            f"{detente.config_dir}: the shipped configuration goes with the next upgrade: "
            "name a folder of your own with --config or DETENTE_CONFIG_DIR"
        )


def decision_on(detente: Detente, written: str, given: Mapping[str, str | None]) -> Publisher:
    """The decision on a publisher of this name or domain. Raises ConfigError for one that is wrong."""
    listed = _find(written, detente.sources)
    chosen: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    chosen["name"] = listed.name if listed else written
    chosen.setdefault("owner", listed.owner if listed else written)
    if listed is None and is_host(written):
        chosen["domain"] = [written]
    if (code := given.get("country")) and code not in detente.gazetteer.country_codes:
        raise ConfigError(f"--country: {code!r} is no country code ({STANDARD})")
    return check(chosen, Publisher, lambda key, said: f"{_OPTION.get(str(key[0]), 'NAME_OR_DOMAIN')}: {said}")


_OPTION = {key: f"--{key}" for key in ("grade", "owner", "reason", "country")}
