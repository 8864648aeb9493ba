"""The table of shipped feeds in the reference is what the file says."""

import pytest

from service.config.load import load_file
from service.config.schema import SourcesFile
from tools import feed_table

WIRE = {"name": "Harbour Wire", "aliases": ["HW"], "owner": "Harbour Press", "grade": "B", "country": "MLT"}
LATER = {"name": "wire-world", "url": "https://harbour.example/world.xml", "publisher": "HW"}
EARLIER = {"name": "wire-news", "url": "https://harbour.example/news.xml", "publisher": "The Harbour Wire"}
SOURCES = SourcesFile.model_validate({"publishers": [WIRE], "feeds": [LATER, EARLIER]})
LINES = "".join(
    f"| Southern Europe | `{name}` | Harbour Wire | Harbour Press | B |\n" for name in ("wire-news", "wire-world")
)


def test_the_page_holds_what_the_file_says() -> None:
    page = feed_table.PAGE.read_text(encoding="utf-8")
    assert feed_table.with_table(page, load_file(feed_table.LIST, SourcesFile)) == page, (
        "run python tools/feed_table.py"
    )


def test_a_feed_stands_with_its_publisher_and_sub_region() -> None:
    assert feed_table.table(SOURCES) == feed_table.HEADER + LINES


def test_only_the_table_is_made_anew() -> None:
    page = f"before\n\n{feed_table.HEADER}| old | line | of | the | table |\n\nbehind\n"
    assert feed_table.with_table(page, SOURCES) == f"before\n\n{feed_table.HEADER}{LINES}\nbehind\n"


def test_a_page_without_the_table_is_refused() -> None:
    with pytest.raises(SystemExit, match="one table"):
        feed_table.with_table("nothing\n", SOURCES)


def test_a_feed_of_nobody_listed_is_a_mistake() -> None:
    strange = SourcesFile.model_validate({"publishers": [WIRE], "feeds": [{**LATER, "publisher": "Nobody"}]})
    with pytest.raises(KeyError):
        feed_table.table(strange)
