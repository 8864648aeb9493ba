"""`detente sources add`, `disable` and `enable`."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from service.bootstrap import Detente
from service.cli.feed_checking import shown
from service.cli.output import out, out_json
from service.cli.sources import decision_on, need_own_folder
from service.cli.users import actor
from service.config.decisions import record
from service.config.load import check
from service.config.own_feeds import address_of, append, switch
from service.config.schema import FeedEntry, Publisher
from service.errors import ConfigError, DetenteError, NotFound
from service.operations import feed_check
from service.operations.feed_changes import recorded, revive
from service.operations.feed_check import Checked
from service.operations.feed_health import bare
from service.operations.feed_names import name_for
from service.operations.naming import near

WHEN = "A service that runs takes it within seconds; otherwise it holds from the next start."


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is said of a feed to be added; None where nothing is."""

    url: str
    name: str | None
    publisher: str | None
    kind: str
    pages: bool
    decided: Mapping[str, str | None]
    """`grade`, `owner`, `country` and `reason` of its publisher."""


def sources_add(detente: Detente, wanted: Wanted, *, checked: bool, as_json: bool) -> None:
    """Ask a new feed, and write it to feeds.yaml if it can be read.

    Raises ConfigError where it is there already or something is wrong with it, DetenteError where it cannot be read.
    """
    need_own_folder(detente)
    _need_grade(wanted)
    entry = _entry({"name": "new", "url": wanted.url, "kind": wanted.kind, "pages": wanted.pages})
    _refuse_twin(detente, entry)
    answer = _answer(detente, entry) if checked else None
    if answer and answer.moved_to:
        entry = _entry({**entry.model_dump(), "url": answer.moved_to})
        _refuse_twin(detente, entry)
    entry = _named(detente, wanted, entry, answer.title if answer else "")
    decision = decision_on(detente, entry.publisher, wanted.decided) if wanted.decided.get("grade") else None
    with recording(detente, "feed.add", [entry]):
        append(detente.feeds_file, [entry])
        if decision:
            record(detente.decisions_file, decision)
    if as_json:
        out_json(
            {
                "feed": entry.model_dump(mode="json"),
                "checked": answer and shown(answer),
                "publisher": _decided(decision),
            }
        )
    else:
        _tell_added(detente, entry, answer, decision)


def _need_grade(wanted: Wanted) -> None:
    for option in ("owner", "country", "reason"):
        if wanted.decided.get(option) and not wanted.decided.get("grade"):
            raise ConfigError(f"--{option} is part of a decision on the publisher: give --grade as well")


def _option(key: tuple[str | int, ...], said: str) -> str:
    name = str(key[0]) if key else ""
    return f"{'URL' if name == 'url' else f'--{name}'}: {said}"


def _entry(values: Mapping[str, Any]) -> FeedEntry:
    return check(dict(values), FeedEntry, _option)


def _refuse_twin(detente: Detente, entry: FeedEntry) -> None:
    """Raises ConfigError where the address is listed."""
    twin = next((one for one in detente.sources.feeds if address_of(one) == address_of(entry)), None)
    if twin:
        how = f", and is switched off: detente sources enable {twin.name}" if twin.disabled else ""
        raise ConfigError(f"{entry.url}: the feed {twin.name!r} has this address already{how}")


def _answer(detente: Detente, entry: FeedEntry) -> Checked:
    """What it answers. Raises DetenteError where that is of no use."""
    answer = feed_check.check(entry.feed, detente.fetcher, detente.clock.now())
    if not answer.is_good:
        raise DetenteError(f"{entry.url}: {answer.said}. Nothing is written; --unchecked would write it all the same")
    return answer


def _named(detente: Detente, wanted: Wanted, entry: FeedEntry, title: str) -> FeedEntry:
    """The entry under its name, and with its publisher, which a decision cannot do without."""
    taken = [feed.name for feed in detente.sources.feeds]
    name = wanted.name or name_for(wanted.publisher or title, entry.url, taken)
    if name in taken:
        raise ConfigError(f"--name: a feed {name!r} is there already")
    publisher = wanted.publisher or (title or name if wanted.decided.get("grade") else "")
    return _entry({**entry.model_dump(), "name": name, "publisher": publisher})


def recording(detente: Detente, action: str, entries: Sequence[FeedEntry]) -> AbstractContextManager[None]:
    """Within the block the files are changed so; where there is a database that is recorded."""
    after = {one.name: {"url": bare(one.url), "kind": str(one.kind), "disabled": one.disabled} for one in entries}
    return recorded(detente.units if detente.is_prepared() else None, actor(), action, after)


def _decided(decision: Publisher | None) -> dict[str, Any] | None:
    return decision.model_dump(mode="json") if decision else None


def _tell_added(detente: Detente, entry: FeedEntry, answer: Checked | None, decision: Publisher | None) -> None:
    out(f"{entry.name}: {entry.url}; written to {detente.feeds_file}")
    if answer:
        newest = f", the newest of {answer.newest:%Y-%m-%d %H:%M}" if answer.newest else ""
        out(f"It has {answer.items} articles{newest}.")
        if answer.said:
            out(f"Note: {answer.said}")
    if decision:
        out(f"{decision.name}: grade {decision.grade}, owner {decision.owner}; written to {detente.decisions_file}")
    elif not entry.publisher:
        out("Its publisher is in quarantine unless it is listed: see detente sources accept.")
    out(WHEN)


def sources_disable(detente: Detente, name: str, *, as_json: bool) -> None:
    """Write that a feed is not asked any more. Raises NotFound."""
    need_own_folder(detente)
    entry = _known(detente, name)
    if not entry.disabled:
        _switch(detente, entry, "feed.disable", disabled=True)
    _tell_switched(
        name, "disabled", "is not asked any more" if not entry.disabled else "was switched off before", as_json
    )


def sources_enable(detente: Detente, name: str, *, as_json: bool) -> None:
    """Write that a feed is asked again, also one that was gone. Raises NotFound."""
    entry = _known(detente, name)
    if entry.disabled:
        need_own_folder(detente)
        _switch(detente, entry, "feed.enable", disabled=False)
    is_back = detente.is_prepared() and revive(detente.units, actor(), name)
    said = "is asked again" if entry.disabled or is_back else "is asked already"
    _tell_switched(name, "enabled", said, as_json)


def _known(detente: Detente, name: str) -> FeedEntry:
    feeds = {feed.name: feed for feed in detente.sources.feeds}
    if name not in feeds:
        raise NotFound(f"{name!r} is no feed{near(name, feeds)}")
    return feeds[name]


def _switch(detente: Detente, entry: FeedEntry, action: str, *, disabled: bool) -> None:
    with recording(detente, action, [entry.model_copy(update={"disabled": disabled})]):
        switch(detente.feeds_file, entry.name, disabled=disabled)


def _tell_switched(name: str, state: str, said: str, as_json: bool) -> None:
    if as_json:
        out_json({"name": name, "state": state, "note": said})
    else:
        out(f"{name} {said}")
