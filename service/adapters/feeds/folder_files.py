"""The files of a watched folder: found in the order of their last change, and opened without leaving the folder."""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote, unquote_to_bytes

DEPTH = 5
"""How many folders deep files are looked for."""
UNFINISHED = (b".part", b".tmp")
"""Ends of names of files that are still being written."""


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """A file below the folder. `changed` is its ctime in nanoseconds, `name` its path from the folder on."""

    changed: int
    name: bytes
    size: int = field(compare=False, default=0)
    is_file: bool = field(compare=False, default=True)


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a folder has been read: whole up to this entry or, with `place`, up to a place in it."""

    changed: int = -1
    name: bytes = b""
    place: str = ""

    def __str__(self) -> str:
        return f"{self.changed} {quote(self.name)} {self.place}"

    @classmethod
    def parse(cls, written: str) -> "Mark":
        """The mark of a cursor; one that is none is that of the beginning."""
        changed, _, rest = written.partition(" ")
        name, _, place = rest.partition(" ")
        return cls(int(changed), unquote_to_bytes(name), place) if changed.isdecimal() else cls()

    def is_before(self, entry: Entry) -> bool:
        """Whether there is something of this entry still to be read."""
        here = (self.changed, self.name)
        return (entry.changed, entry.name) > here or (bool(self.place) and (entry.changed, entry.name) == here)

    def place_in(self, entry: Entry) -> str:
        """Where to go on in this entry; "" at its beginning."""
        return self.place if (entry.changed, entry.name) == (self.changed, self.name) else ""


def entries(root: Path) -> tuple[list[Entry], list[bytes]]:
    """All files in the order of their change, and folders that cannot be looked into. Raises OSError for the root.

    Links are not followed. What is hidden or unfinished is left out.
    """
    closed: list[bytes] = []
    found = sorted(_below(os.fsencode(root), b"", DEPTH, closed))
    return found, closed


def _below(root: bytes, within: bytes, depth: int, closed: list[bytes]) -> Iterator[Entry]:
    with os.scandir(os.path.join(root, within) if within else root) as listed:  # noqa: PTH118  bytes
        children = list(listed)
    for child in children:
        name = within + b"/" + child.name if within else child.name
        if child.name.startswith(b".") or child.name.lower().endswith(UNFINISHED):
            continue
        with suppress(FileNotFoundError):
            known = child.stat(follow_symlinks=False)
            if stat.S_ISDIR(known.st_mode):
                yield from _inside(root, name, depth - 1, closed)
            elif not stat.S_ISLNK(known.st_mode):
                yield Entry(known.st_ctime_ns, name, known.st_size, stat.S_ISREG(known.st_mode))


def _inside(root: bytes, name: bytes, depth: int, closed: list[bytes]) -> Iterator[Entry]:
    try:
        if depth >= 0:
            yield from _below(root, name, depth, closed)
    except FileNotFoundError:
        return
    except OSError:
        closed.append(name)


def opened(root: Path, name: bytes) -> BinaryIO:
    """The file, reached from the folder without a link anywhere. Raises OSError."""
    *folders, last = name.split(b"/")
    here = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for folder in folders:
            below = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=here)
            os.close(here)
            here = below
        file = os.open(last, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=here)
    finally:
        os.close(here)
    return os.fdopen(file, "rb")
