"""Results kept as files in a folder."""

import gzip
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from service.errors import StorageUnavailable

LARGEST = 200_000_000
"""Bytes of a paper, unpacked; a larger one is not ours."""


class FilePapers:
    """Implements `ports.Papers`: a packed file for each name. The folder may be deleted at any time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, name: str) -> Mapping[str, Any] | None:
        """What is kept under a name; None where nothing that can be read is."""
        try:
            with gzip.open(self._path(name)) as file:
                found = json.loads(file.read(LARGEST))
        except (OSError, EOFError, ValueError):
            return None
        return found if isinstance(found, dict) else None

    def put(self, name: str, paper: Mapping[str, Any]) -> None:
        """Keep it, only for whoever runs the service. Raises StorageUnavailable."""
        packed = gzip.compress(json.dumps(paper, ensure_ascii=False, separators=(",", ":")).encode(), mtime=0)
        try:
            replace_file(self._path(name), packed)
        except OSError as error:
            raise StorageUnavailable(f"{self._folder}: {error.strerror}") from None

    def _path(self, name: str) -> Path:
        """Names are written by us, of words and names of rules, which hold no dot and no slash."""
        assert "/" not in name, "a name is no path"
        return self._folder / f"{name}.json.gz"


def replace_file(path: Path, content: bytes) -> None:
    """Put a whole file in a place, making its folder. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(beside).replace(path)
    finally:
        Path(beside).unlink(missing_ok=True)
