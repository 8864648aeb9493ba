"""Files that pages load: our own, and those of libraries where `make assets` has brought them."""

from functools import lru_cache
from hashlib import sha256
from pathlib import Path

STATIC = Path(__file__).parent / "static"
PREFIX = "/static/"
ATLAS = "vendor/countries-110m.json"
DIGITS = 16
"""Of a hash, in hexadecimal: enough to tell one version of a file from the next."""


class Assets:
    """The files below a folder, by their names with `/`. What is missing is no mistake: pages do without it."""

    def __init__(self, folder: Path = STATIC) -> None:
        self._folder = folder.resolve()

    def path(self, name: str) -> Path | None:
        """Where a file lies; None when there is none of this name below the folder."""
        if "\0" in name:
            return None
        found = (self._folder / name).resolve()
        return found if found.is_relative_to(self._folder) and found.is_file() else None

    def has(self, *names: str) -> bool:
        """Whether all of these are there."""
        return all(self.path(name) is not None for name in names)

    def url(self, name: str) -> str:
        """The address of a file, with a hash of its content: it may be kept for ever. Raises FileNotFoundError."""
        return f"{PREFIX}{name}?v={self.version(name)}"

    def version(self, name: str) -> str:
        """The first digits of the file's SHA-256. Raises FileNotFoundError."""
        path = self.path(name)
        if path is None:
            raise FileNotFoundError(f"no file {name!r} in {self._folder}")
        return content(path)[1]


def content(path: Path) -> tuple[bytes, str]:
    """A file's bytes and the first digits of their SHA-256; read again only when the file has changed."""
    about = path.stat()
    return _content(path, about.st_mtime_ns, about.st_size)


@lru_cache(maxsize=64)
def _content(path: Path, _changed: int, _size: int) -> tuple[bytes, str]:
    data = path.read_bytes()
    return data, sha256(data).hexdigest()[:DIGITS]
