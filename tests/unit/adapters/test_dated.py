"""Files of dated articles: plain or packed, whole or cut off."""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from service.adapters.feeds.files import read_dated
from service.errors import Refusal

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TEXT = "Iran attacked Pakistan on Sunday."


def lines(*given: object) -> bytes:
    return b"".join(json.dumps(one).encode() + b"\n" for one in given)


ONE = {"id": "a", "published_at": "2024-03-01T12:00:00Z", "text": TEXT}


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz"])
def test_a_file_may_be_packed(tmp_path: Path, name: str) -> None:
    content = lines(ONE)
    (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    (article,), refused = read_dated(tmp_path / name, NOW)
    assert (article.id, article.text, refused) == ("a", TEXT, [])
    assert article.published_at == article.fetched_at == datetime(2024, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "packed",
    [gzip.compress(lines(*[{**ONE, "id": n} for n in range(900)]))[:-40], b"no gzip", b"\x1f\x8b\x08" + b"\x00" * 30],
)
def test_a_damaged_file_is_refused_and_what_was_read_stays(tmp_path: Path, packed: bytes) -> None:
    (tmp_path / "a.jsonl.gz").write_bytes(packed)
    _, refused = read_dated(tmp_path / "a.jsonl.gz", NOW)
    assert [(r.where, r.refusal) for r in refused] == [(str(tmp_path / "a.jsonl.gz"), Refusal.UNREADABLE)]


@pytest.mark.parametrize("date", [None, "", "yesterday", "1890-01-01", "2026-03-02", "9999-12-31T23:59:59Z", 5])
def test_no_date_is_made_up(tmp_path: Path, date: object) -> None:
    (tmp_path / "a.jsonl").write_bytes(lines({**ONE, "published_at": date}))
    read, refused = read_dated(tmp_path / "a.jsonl", NOW)
    assert read == []
    assert [(r.where, r.refusal) for r in refused] == [(f"{tmp_path / 'a.jsonl'}:1", Refusal.BAD_DATE)]


def test_of_one_id_the_earliest_counts_wherever_it_stands(tmp_path: Path) -> None:
    later, other = {**ONE, "published_at": "2024-03-02"}, {**ONE, "text": "Zambia and Malawi met on Friday."}
    for order in ([ONE, later, other], [other, later, ONE], [later, ONE, other]):
        (tmp_path / "a.jsonl").write_bytes(lines(*order))
        read, refused = read_dated(tmp_path / "a.jsonl", NOW)
        assert [article.text for article in read] == [TEXT]
        assert [r.refusal for r in refused] == [Refusal.DUPLICATE_ID] * 2
        assert f"{tmp_path / 'a.jsonl'}:{order.index(ONE) + 1}" not in {r.where for r in refused}
