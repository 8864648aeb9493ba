"""`detente export`."""

import sys

from service.bootstrap import Detente
from service.cli.output import parse_at
from service.cli.reading import need_database, subject_of
from service.errors import ConfigError
from service.operations.export import Chosen, Shelf, check, written
from service.operations.table import Form, What


def export(detente: Detente, what: What, form: Form, since: str | None, until: str | None, subject: str | None) -> None:
    """Print a table as it is read."""
    now = detente.clock.now()
    chosen = Chosen(
        what,
        parse_at(since, now, "--since") if since else None,
        parse_at(until, now, "--until") if until else None,
        str(subject_of(subject, detente)) if subject else "",
    )
    try:
        check(chosen, now)
    except ValueError as error:
        raise ConfigError(f"--since, --until: {error}") from None
    need_database(detente)
    for piece in written(chosen, form, Shelf(detente.units, detente.gauge, detente.versions), now):
        sys.stdout.buffer.write(piece)
