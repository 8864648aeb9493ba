"""`detente config check`."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

from service.adapters.nlp.encoder import OnnxClassifier
from service.api.app import check_exposure
from service.bootstrap import Detente
from service.cli.output import out
from service.domain.risk.subject import Subject
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
    checks: list[Callable[[], object]] = [
        lambda: detente.sources,
        lambda: detente.settings.database_url and detente.units,
        lambda: _known_subjects(detente),
        lambda: detente.addresses,
        lambda: check_exposure(detente.settings.api),
        lambda: OnnxClassifier.verify(detente.model_folder),
        lambda: detente.hub_model,
    ]
    mistakes: list[str] = []
    for look in checks:
        try:
            look()
        except DetenteError as error:
            mistakes += str(error).splitlines()
    return mistakes, [] if mistakes else _notes(detente)


def _known_subjects(detente: Detente) -> None:
    """Rules must name countries and places that exist. Raises ConfigError."""
    known = detente.gazetteer
    for rule in detente.rules:
        for pattern in rule.subjects:
            if any(c in pattern for c in "*?["):
                continue
            for code in Subject.parse(pattern).countries:
                if code not in known.country_codes:
                    where = f"{detente.config_dir / 'rules.yaml'}: rule {rule.name}: subjects"
                    raise ConfigError(
                        f"{where}: {pattern!r} names {code!r}, which is no country code (ISO 3166-1 alpha-3)"
                    )


def _notes(detente: Detente) -> list[str]:
    notes = []
    if not detente.route.receiver or not detente.route.receiver.channels:
        notes.append("no channel is configured in routes.yaml: alerts are shown by `detente alerts` only")
    if not detente.sources.feeds:
        notes.append("no feed is configured in sources.yaml: push articles, or use `detente ingest`")
    return notes
