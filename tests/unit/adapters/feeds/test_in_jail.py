"""What can be read outside the jail can be read inside, where nothing can be loaded any more."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from service.adapters.feeds.page import read_page
from service.adapters.feeds.reader import JailedReader

PAGES = sorted((Path(__file__).parents[3] / "data" / "pages").glob("*.html"))
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def reader() -> Iterator[JailedReader]:
    made = JailedReader()
    yield made
    made.close()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_every_page_is_read_as_it_is_outside(reader: JailedReader, path: Path) -> None:
    inside = reader.read("page", path.read_bytes(), address="")
    assert dict(inside) == read_page(path.read_bytes(), "")
