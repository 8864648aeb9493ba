"""Codings kept in a file, so that a history is coded once for each version of what codes it."""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from zlib import compress, decompress

from service.adapters.storage.records import event_from_json, event_to_json
from service.errors import StorageUnavailable
from service.ports import KeptCoding

FILE = "codings.db"
AT_ONCE = 500
"""Keys asked for in one query, below SQLite's limit of variables."""
_TABLE = "CREATE TABLE IF NOT EXISTS codings (key TEXT PRIMARY KEY, coding BLOB NOT NULL) WITHOUT ROWID"


class FileCodingStore:
    """Implements `ports.CodingStore` with an SQLite file of its own.

    The file may be deleted at any time. An entry that cannot be read counts as absent.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def get(self, keys: Sequence[str]) -> Mapping[str, KeptCoding]:
        """Those of the keys that are kept. Raises StorageUnavailable."""
        found: dict[str, KeptCoding] = {}
        with self._open() as connection:
            for start in range(0, len(keys), AT_ONCE):
                part = keys[start : start + AT_ONCE]
                marks = ",".join("?" * len(part))
                query = f"SELECT key, coding FROM codings WHERE key IN ({marks})"  # noqa: S608  only question marks
                for key, packed in connection.execute(query, part):
                    if coding := _unpacked(packed):
                        found[key] = coding
        return found

    def put(self, codings: Mapping[str, KeptCoding]) -> None:
        """Keep these. Raises StorageUnavailable."""
        rows = [(key, _packed(coding)) for key, coding in codings.items()]
        with self._open() as connection:
            connection.executemany("INSERT OR REPLACE INTO codings VALUES (?, ?)", rows)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = sqlite3.connect(self._path, timeout=20)
            try:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute(_TABLE)
                with connection:
                    yield connection
            finally:
                connection.close()
        except sqlite3.Error as error:
            raise StorageUnavailable(f"{self._path}: {error}; the file only keeps codings and may be deleted") from None


def _packed(coding: KeptCoding) -> bytes:
    body = {"events": [event_to_json(e) for e in coding.events], "named": coding.named, "ignored": coding.ignored}
    return compress(json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass"))


def _unpacked(packed: bytes) -> KeptCoding | None:
    try:
        body = json.loads(decompress(packed).decode("utf-8", "surrogatepass"))
        events = tuple(event_from_json(e) for e in body["events"])
        return KeptCoding(events, tuple(body["named"]), body["ignored"])
    except Exception:  # noqa: BLE001  whatever is wrong with an entry, it can be coded again
        return None
