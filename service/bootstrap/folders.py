"""Folders that ship and folders of data, and mistakes told together."""

from collections.abc import Sequence
from pathlib import Path

import service
from service.errors import ConfigError


def shipped(name: str) -> Path:
    """A folder that comes with Detente: beside the package in a checkout, inside it when installed."""
    installed = Path(service.__file__).parent / "_shipped" / name
    return installed if installed.exists() else Path(service.__file__).parent.parent / name


def make_folder(path: Path) -> None:
    """Make the data folder if it is not there. Raises ConfigError."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be used as the data folder: {error.strerror}") from None


def read_secret(path: Path, key: str) -> str:
    """What the file that a key names holds: a secret and nothing else. Raises ConfigError."""
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{key} cannot be read ({type(error).__name__})") from None


def raise_all(mistakes: Sequence[str]) -> None:
    """Raise ConfigError with all of them, if there are any."""
    if mistakes:
        raise ConfigError("\n".join(mistakes))
