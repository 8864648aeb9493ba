"""What stands in an update of GDELT 2.0: bytes of its zip in, plain values out. Runs in the reading process.

Columns as in "The GDELT Event Database, Data Format Codebook V2.0" (2015-02-19), counted from 0.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, NamedTuple

from service.adapters.feeds.announced import web_address
from service.domain.news.duplicate import canonical_url
from service.errors import Refusal, RefusedInput

MOST = 200
"""Articles of one update, unless another number is given."""
COLUMNS = 61
NUM_MENTIONS, DATE_ADDED, SOURCE_URL = 31, 59, 60
MOST_BYTES = 64 * 2**20
"""Bytes of the table in the zip; an update has about one million."""
MOST_RATIO = 100
"""How many times smaller its zip may be; tables are about five times smaller."""
LISTED = 500
"""Refused rows that are told of one by one."""
_STAMP = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)", re.ASCII)
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}


class _Row(NamedTuple):
    """What is used of a row. GDELT's own coding of the event is not."""

    mentions: int
    url: str
    added_at: datetime


def read_update(content: bytes, given: Mapping[str, Any]) -> dict[str, Any]:
    """The addresses that the events of an update were read at, each once, those most mentioned first.

    `most` of `given` is how many at most. `items` have url and published_at; `refused` have the place,
    refusal and message of rows that are none. Raises RefusedInput for what is no update.
    """
    found: dict[str, _Row] = {}
    refused: list[dict[str, str]] = []
    for number, line in enumerate(_lines(content), 1):
        try:
            row = _row(line)
        except RefusedInput as why:
            if len(refused) < LISTED:
                refused.append({"place": str(number), "refusal": str(why.refusal), "message": str(why)})
            continue
        key = canonical_url(row.url)
        if key not in found or found[key].mentions < row.mentions:
            found[key] = row
    first = sorted(found.values(), key=lambda row: (-row.mentions, row.url))[: given.get("most", MOST)]
    return {
        "items": [{"url": row.url, "published_at": row.added_at.isoformat()} for row in first],
        "refused": refused,
    }


_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError)
"""What zipfile raises for broken zips; NotImplementedError for one that asks for a version of the format to come."""


def _lines(content: bytes) -> Iterator[bytes]:
    table = _table(content)
    return (line.rstrip(b"\r") for line in table.split(b"\n") if line.strip())


def _table(content: bytes) -> bytes:
    """The one member of the zip."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as packed:
            members = packed.infolist()
            if len(members) != 1 or not members[0].filename.upper().endswith(".CSV"):
                raise RefusedInput(Refusal.UNSUPPORTED, "the zip must hold one table, a .CSV, and nothing else")
            return _member(packed, members[0], len(content))
    except _BROKEN as error:
        raise RefusedInput(Refusal.UNREADABLE, f"the zip is broken ({type(error).__name__})") from None


def _member(packed: zipfile.ZipFile, member: zipfile.ZipInfo, size: int) -> bytes:
    """What it says of its own size is not believed."""
    if member.flag_bits & 1 or member.compress_type not in _METHODS:
        raise RefusedInput(Refusal.UNSUPPORTED, "the table is encrypted, or compressed in a way of its own")
    most = min(MOST_BYTES, max(size, 1024) * MOST_RATIO)
    with packed.open(member) as table:
        found = table.read(most + 1)
    if len(found) > most:
        raise RefusedInput(Refusal.TOO_LARGE, f"the table is larger than {most} bytes")
    return found


def _row(line: bytes) -> _Row:
    """Raises RefusedInput."""
    try:
        cells = line.decode().split("\t")
    except UnicodeDecodeError:
        raise RefusedInput(Refusal.BAD_ENCODING, "the row is not UTF-8") from None
    if len(cells) != COLUMNS:
        raise RefusedInput(Refusal.MISSING_FIELD, f"the row has {len(cells)} columns, not {COLUMNS}")
    return _Row(_mentions(cells[NUM_MENTIONS]), web_address(cells[SOURCE_URL]), _added_at(cells[DATE_ADDED]))


def _mentions(cell: str) -> int:
    if not (cell.isascii() and cell.isdigit() and len(cell) < 10):  # noqa: PLR2004  no number of mentions is so long
        raise RefusedInput(Refusal.MISSING_FIELD, "NumMentions is no number")
    return int(cell)


def _added_at(cell: str) -> datetime:
    moment = moment_of(cell)
    if moment is None:
        raise RefusedInput(Refusal.BAD_DATE, "DATEADDED is no time as 20260301120000")
    return moment


def moment_of(stamp: str) -> datetime | None:
    """The time of a stamp such as 20260301120000, UTC; None if it is none."""
    parts = _STAMP.fullmatch(stamp)
    try:
        return datetime(*map(int, parts.groups()), tzinfo=UTC) if parts else None  # type: ignore[misc, arg-type]
    except ValueError:
        return None
