"""Writing configuration files."""

import os
import stat
import tempfile
from pathlib import Path

from service.errors import ConfigError


def write_whole(path: Path, text: str) -> None:
    """At once or not at all: the new file takes the old one's place when it is whole and on the disk.

    Raises ConfigError.
    """
    beside = None
    try:
        handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(beside).chmod(stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o644)
        Path(beside).replace(path)
        _settle(path.parent)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {error.strerror}") from None
    finally:
        if beside:
            Path(beside).unlink(missing_ok=True)


def _settle(folder: Path) -> None:
    """A change of names is on the disk when its folder is."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
