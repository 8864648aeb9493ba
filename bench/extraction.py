"""`python -m bench.extraction`: how well the article's text is got out of pages, and how fast; `--markdown` for tables.

The pages are our own, `tests/data/pages`: NAME.html, and beside it NAME.txt with title and text as a person reads them.
Both are measured by shingles of four words. Beside `read_page` stands trafilatura with the options that pages were read
with before; speed is given as a ratio to it as well, because machines are noisy and differ.
"""

import json
import re
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from service.adapters.feeds.page import read_page

FOLDER = Path(__file__).parents[1] / "tests" / "data" / "pages"
SHINGLE, DRAWS, SEED, REPEAT = 4, 1000, 7, 3
HIDDEN = "HIDDEN"
"""What every text that a page hides begins with."""
_WORD = re.compile("[\u3040-\u30ff\u3400-\u9fff]|[^\\W\u3040-\u30ff\u3400-\u9fff]+")
"""A word; where no blanks part them, a letter."""

Reader = Callable[[bytes], tuple[str, str]]


class Page(NamedTuple):
    """A page and what is to be read in it."""

    name: str
    content: bytes
    title: str
    text: str


class Match(NamedTuple):
    """How a text that was read agrees with the one that was to be read; shares from 0 to 1."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Harmonic mean of both."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


class Reading(NamedTuple):
    """A page as it was read."""

    page: Page
    match: Match
    is_title_right: bool
    shows_hidden: bool


def pages() -> list[Page]:
    """All pages by name."""
    return [_page(path) for path in sorted(FOLDER.glob("*.html"))]


def _page(path: Path) -> Page:
    title, _, text = path.with_suffix(".txt").read_text("utf-8").partition("\n\n")
    return Page(path.stem, path.read_bytes(), title.strip(), text.strip())


def match(found: str, wanted: str, size: int = SHINGLE) -> Match:
    """Precision and recall over the multiset of shingles of `size` words, as page benchmarks count them."""
    ours, theirs = _shingles(found, size), _shingles(wanted, size)
    common = (ours & theirs).total()
    return Match(common / max(ours.total(), 1), common / max(theirs.total(), 1))


def _shingles(text: str, size: int) -> Counter[tuple[str, ...]]:
    words = _WORD.findall(text.casefold())
    return Counter(tuple(words[at : at + size]) for at in range(max(1, len(words) - size + 1))) if words else Counter()


def ours(content: bytes) -> tuple[str, str]:
    """Title and text as Detente reads them."""
    found = read_page(content, "")
    return found["title"], found["text"]


def plain(content: bytes) -> tuple[str, str]:
    """Title and text by trafilatura alone."""
    import trafilatura  # noqa: PLC0415

    found = trafilatura.bare_extraction(content, include_comments=False, include_tables=False, with_metadata=True)
    return (found.title or "", found.text or "") if found else ("", "")


def readings(reader: Reader, wanted: Sequence[Page]) -> list[Reading]:
    """Every page as `reader` reads it."""
    return [_reading(page, *reader(page.content)) for page in wanted]


def _reading(page: Page, title: str, text: str) -> Reading:
    is_right = title.split() == page.title.split()
    return Reading(page, match(text, page.text), is_right, HIDDEN in text or HIDDEN in title)


def mean_f1(read: Sequence[Reading]) -> tuple[float, float, float]:
    """Mean over pages, and the ends of its bootstrap interval of 95 %."""
    scores, random = [reading.match.f1 for reading in read], Random(SEED)
    drawn = sorted(statistics.fmean(random.choices(scores, k=len(scores))) for _ in range(DRAWS))
    return statistics.fmean(scores), drawn[int(0.025 * DRAWS)], drawn[int(0.975 * DRAWS) - 1]


def main() -> None:
    """Measure and print."""
    found = pages()
    ways = {name: readings(reader, found) for name, reader in (("detente", ours), ("trafilatura", plain))}
    if "--markdown" in sys.argv:
        print(_table(ways))
        return
    print(json.dumps({name: _figures(read) for name, read in ways.items()} | _speed(found), indent=2))


def _figures(read: Sequence[Reading]) -> dict[str, Any]:
    """Means of all pages and of the halves: every second page by name was looked at when the cleaning was written."""
    return {
        "pages": len(read),
        **{
            half: [round(value, 3) for value in mean_f1(part)]
            for half, part in (("f1", read), ("f1_looked_at", read[::2]), ("f1_kept_back", read[1::2]))
        },
        "precision": round(statistics.fmean(one.match.precision for one in read), 3),
        "recall": round(statistics.fmean(one.match.recall for one in read), 3),
        "titles_right": sum(one.is_title_right for one in read),
        "pages_showing_hidden_text": sum(one.shows_hidden for one in read),
    }


def _speed(found: Sequence[Page]) -> dict[str, float]:
    """Pages a second of processor time, the best of several runs."""
    from bench.run import loops_per_second  # noqa: PLC0415  loads the whole service

    ours_a_second, plain_a_second = (_pages_a_second(reader, found) for reader in (ours, plain))
    return {
        "pages_per_second": round(ours_a_second, 1),
        "ratio_to_trafilatura": round(ours_a_second / plain_a_second, 2),
        "baseline_loops_per_second": round(loops_per_second()),
    }


def _pages_a_second(reader: Reader, found: Sequence[Page]) -> float:
    times = []
    for _ in range(REPEAT):
        began = time.process_time()
        for page in found:
            reader(page.content)
        times.append(time.process_time() - began)
    return len(found) / min(times)


def _table(ways: Mapping[str, Sequence[Reading]]) -> str:
    """A row a page, the worst first."""
    rows = [
        "| page | half | words | precision | recall | F1 | F1, trafilatura alone |",
        "|---|---|---|---|---|---|---|",
    ]
    numbered = enumerate(zip(ways["detente"], ways["trafilatura"], strict=True))
    for number, (one, other) in sorted(numbered, key=lambda row: row[1][0].match.f1):
        half = "kept back" if number % 2 else "looked at"
        counted = len(_WORD.findall(one.page.text))
        figures = (one.match.precision, one.match.recall, one.match.f1, other.match.f1)
        rows.append(f"| {one.page.name} | {half} | {counted} | " + " | ".join(f"{f:.3f}" for f in figures) + " |")
    return "\n".join(rows)


if __name__ == "__main__":
    main()
