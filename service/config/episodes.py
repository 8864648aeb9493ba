"""The operator's list of known episodes."""

from pathlib import Path

from service.domain.evaluation.episode import Episode, read_episodes
from service.errors import ConfigError

FILE = "episodes.csv"
"""Where the list stands in the folder of configuration files; there need be none."""


def read_known(path: Path, countries: frozenset[str]) -> tuple[list[Episode], list[str]]:
    """The episodes of a file and the mistakes in it. Raises ConfigError when it cannot be read."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            return read_episodes(lines, countries)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: is not UTF-8 text") from None
