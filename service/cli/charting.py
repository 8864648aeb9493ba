"""`detente chart`."""

from pathlib import Path

from service.adapters.charts import png
from service.bootstrap import Detente
from service.cli.output import out, parse_at
from service.cli.reading import need_database, subject_of
from service.errors import ConfigError
from service.operations.chronicle import chronicle


def chart(detente: Detente, subject: str, since: str | None, until: str | None, path: Path) -> None:
    """Write a picture of what became of a subject. Raises ConfigError for bad times and where it cannot be written."""
    now = detente.clock.now()
    begin, end = parse_at(since, now, "--from") if since else None, parse_at(until, now, "--to")
    if begin and begin >= end:
        raise ConfigError(f"--from: {begin:%Y-%m-%dT%H:%M}Z is not before {end:%Y-%m-%dT%H:%M}Z")
    if path.suffix.lower() != ".png":
        raise ConfigError(f"--out: {path} must end in .png")
    chosen = subject_of(subject, detente)
    need_database(detente)
    found = chronicle(detente.units, chosen, begin, end, detente.gauge)
    try:
        path.write_bytes(png(found, detente.name_of(chosen)))
    except OSError as error:
        raise ConfigError(f"--out: {path}: {error.strerror}") from None
    out(f"{path}: {_counted(len(found.marks), 'incident')}, {_counted(len(found.firings), 'alert')}")


def _counted(n: int, what: str) -> str:
    return f"{n} {what}{'' if n == 1 else 's'}"
