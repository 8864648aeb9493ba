"""Write the table of shipped feeds into docs/reference/sources.md.

    python tools/feed_table.py

The table is what config/sources.yaml says, by the sub-region in which the publisher sits. A test holds both equal.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from service.adapters.nlp.gazetteer import CompiledGazetteer
from service.config.load import load_file
from service.config.schema import FeedEntry, Publisher, SourcesFile
from service.domain.news.owner import name_key

ROOT = Path(__file__).parents[1]
LIST = ROOT / "config" / "sources.yaml"
PAGE = ROOT / "docs" / "reference" / "sources.md"
HEADER = "| sub-region | feed | publisher | owner | grade |\n|---|---|---|---|---|\n"
_TABLE = re.compile(re.escape(HEADER) + r"(?:\|.*\n)*")

Row = tuple[str, FeedEntry, Publisher]


def rows(sources: SourcesFile) -> Iterator[Row]:
    """Sub-region, feed and publisher of each feed, in the order of the file. KeyError for a publisher not listed."""
    geography = CompiledGazetteer.load().geography
    listed = {key: publisher for publisher in sources.publishers for key in publisher.listed.keys}
    for feed in sources.feeds:
        publisher = listed[name_key(feed.publisher)]
        yield geography.name(geography.m49(publisher.country or "") or "nowhere"), feed, publisher


def table(sources: SourcesFile) -> str:
    """The table as it stands in the page, sub-regions and feeds in the order of the alphabet."""
    found = sorted(rows(sources), key=lambda row: (row[0], row[1].name))
    return HEADER + "".join(map(_line, found))


def _line(row: Row) -> str:
    region, feed, publisher = row
    return f"| {region} | `{feed.name}` | {publisher.name} | {publisher.owner} | {publisher.grade} |\n"


def with_table(page: str, sources: SourcesFile) -> str:
    """The page with its table made anew. SystemExit when it has none."""
    written, times = _TABLE.subn(lambda _: table(sources), page)
    if times != 1:
        raise SystemExit(f"{PAGE.name}: one table with the columns of {Path(__file__).name} was expected, not {times}")
    return written


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8"), load_file(LIST, SourcesFile)), encoding="utf-8")
