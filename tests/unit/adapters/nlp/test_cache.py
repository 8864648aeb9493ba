"""Codings kept on disk."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from service.adapters.nlp.cache import AT_ONCE, FileCodingStore
from service.domain.events.casualties import Casualty
from service.domain.events.casualty_words import Harm
from service.domain.events.quantities import Bound
from service.errors import StorageUnavailable
from service.ports import KeptCoding
from tests.unit.domain.build import event

CODING = KeptCoding((event(text="Iran “struck” \ud800 Pakistan", places=["PAK"]), event("AGREE.meet")), ("IRN", "PAK"))


def test_what_is_put_is_there_for_the_next_process(tmp_path: Path) -> None:
    FileCodingStore(tmp_path / "c.db").put({"a": CODING, "b": KeptCoding((), (), "language fr")})
    found = FileCodingStore(tmp_path / "c.db").get(["b", "none", "a"])
    assert found == {"a": CODING, "b": KeptCoding((), (), "language fr")}


def test_casualties_come_back(tmp_path: Path) -> None:
    casualty = Casualty(Harm.KILLED, 9, Bound.AT_LEAST, "soldiers", cumulative=False, start=3, end=8)
    coding = KeptCoding((replace(event(), casualties=(casualty,), words=((0, 3, 0.5),)),))
    store = FileCodingStore(tmp_path / "c.db")
    store.put({"a": coding})
    assert store.get(["a"]) == {"a": coding}


def test_a_key_put_again_holds_the_last(tmp_path: Path) -> None:
    store = FileCodingStore(tmp_path / "c.db")
    store.put({"a": CODING})
    store.put({"a": KeptCoding(())})
    assert store.get(["a"]) == {"a": KeptCoding(())}


def test_more_keys_than_one_query_takes(tmp_path: Path) -> None:
    store = FileCodingStore(tmp_path / "c.db")
    many = {f"k{n}": KeptCoding((), (str(n),)) for n in range(2 * AT_ONCE + 1)}
    store.put(many)
    assert store.get(list(many)) == many


def test_an_entry_that_cannot_be_read_counts_as_absent(tmp_path: Path) -> None:
    store = FileCodingStore(tmp_path / "c.db")
    store.put({"a": CODING, "b": CODING})
    with sqlite3.connect(tmp_path / "c.db") as connection:
        connection.execute("UPDATE codings SET coding = x'00' WHERE key = 'a'")
    connection.close()
    assert store.get(["a", "b"]) == {"b": CODING}


def test_a_file_that_is_no_database_says_that_it_may_be_deleted(tmp_path: Path) -> None:
    (tmp_path / "c.db").write_bytes(b"no database " * 100)
    with pytest.raises(StorageUnavailable, match="may be deleted"):
        FileCodingStore(tmp_path / "c.db").get(["a"])
