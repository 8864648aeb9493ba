"""The file of rules as the pages may change it: one threshold at a time, and only where it is the operator's own."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from service.config import thresholds
from service.config.load import LARGEST
from service.config.write import write_whole
from service.errors import ConfigError

INSTALLED = frozenset({"site-packages", "dist-packages"})


class FileRuleBook:
    """Implements `ports.RuleBook`. `package` is the folder of the program itself."""

    def __init__(self, path: Path, package: Path) -> None:
        self._path, self._package = path, package

    def text(self) -> str:
        """What the file says, each sign as it stands. Raises ConfigError."""
        try:
            with self._path.open("rb") as file:
                return file.read(LARGEST).decode()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{self._path}: cannot be read ({type(error).__name__})") from None

    def fault(self) -> str:
        """Why the file may not be written, empty where it may."""
        real = self._path.resolve()
        if self._package.resolve() in real.parents or INSTALLED & set(real.parts):
            return (
                f"{real} came with the program, and the next version would take its place: "
                "copy the folder and name it by --config"
            )
        if not real.is_file() or not os.access(real, os.W_OK) or not os.access(real.parent, os.W_OK | os.X_OK):
            return f"{real} cannot be written by the service: save the threshold by hand, or give it the right to"
        return ""

    def retuned(self, text: str, rule: str, threshold: float) -> str:
        """The text with one threshold changed, every other sign as it is. Raises ConfigError."""
        return thresholds.retuned(text, {rule: threshold}, str(self._path))

    def written(self, text: str, rule: str) -> Mapping[str, Any]:
        """What a rule's threshold is in a text, as plain JSON. Raises ConfigError."""
        return thresholds.written_of(text, rule, str(self._path))

    def write(self, text: str) -> None:
        """Put a text in its place, on the disk and at once, or not at all. Raises ConfigError."""
        write_whole(self._path.resolve(), text)
