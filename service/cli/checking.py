"""`detente config check`."""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from service.bootstrap import Detente
from service.cli.output import out
from service.errors import ConfigError, DetenteError


def config_check(config: Path | None, *, as_json: bool) -> int:
    """Read every file and the model's manifest; say all that is wrong at once. 0 good, 2 not."""
    mistakes, notes = check(config)
    if as_json:
        out(json.dumps({"ok": not mistakes, "errors": mistakes, "notes": notes}))
    else:
        for line in mistakes:
            print(line, file=sys.stderr)
        for line in notes:
            out(f"note: {line}")
        out("the configuration is wrong" if mistakes else "the configuration is good")
    return 2 if mistakes else 0


def check(config: Path | None) -> tuple[list[str], list[str]]:
    """(mistakes, notes) of a configuration."""
    try:
        detente = Detente(config)
    except ConfigError as error:
        return str(error).splitlines(), []
    mistakes = _said_by([*_checks(detente), detente.verify_model])
    return mistakes, [] if mistakes else _notes(detente)


def check_all(detente: Detente) -> None:
    """What `config check` looks at, and the model. Raises ConfigError that lists every mistake, or ModelError."""
    if mistakes := _said_by(_checks(detente)):
        raise ConfigError("\n".join(mistakes))
    detente.verify_model()


def _checks(detente: Detente) -> list[Callable[[], object]]:
    return [
        detente.check_files,
        detente.check_passwords,
        lambda: detente.settings.database_url and detente.units,
        lambda: detente.address_book,
        lambda: detente.settings.secret_key and detente.vault,
    ]


def _said_by(checks: Sequence[Callable[[], object]]) -> list[str]:
    """Each mistake once, though several checks may come upon it."""
    mistakes: list[str] = []
    for look in checks:
        try:
            look()
        except DetenteError as error:
            mistakes += str(error).splitlines()
    return [*dict.fromkeys(mistakes)]


def _notes(detente: Detente) -> list[str]:
    notes = []
    if not any(receiver.channels for receiver in detente.receivers.values()):
        notes.append("no channel is configured in routes.yaml: alerts are shown by `detente alerts` only")
    notes += [*detente.doubtful_routes, *detente.doubtful_feeds]
    if all(feed.disabled for feed in detente.sources.feeds):
        notes.append("no feed is configured in sources.yaml or feeds.yaml: push articles, or use `detente ingest`")
    return notes
