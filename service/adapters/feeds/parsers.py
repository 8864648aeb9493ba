"""What is done with content from outside, in a process that has nothing to lose: bytes in, JSON values out."""

from collections.abc import Callable, Mapping
from typing import Any

from service.adapters.feeds.gdelt_table import read_update
from service.adapters.feeds.letter import read_letter
from service.adapters.feeds.page import read_page
from service.adapters.feeds.sitemap_xml import read_sitemap
from service.adapters.feeds.syndicated import read_feed
from service.adapters.feeds.warm import warm_up
from service.adapters.jail.frames import TooLong
from service.adapters.jail.work import Limits
from service.errors import Refusal, RefusedInput

Parser = Callable[[bytes, Mapping[str, Any]], dict[str, Any]]


def _page(content: bytes, given: Mapping[str, Any]) -> dict[str, Any]:
    return read_page(content, given.get("address", ""), given.get("charset", ""))


PARSERS: dict[str, Parser] = {
    "feed": read_feed,
    "page": _page,
    "sitemap": read_sitemap,
    "gdelt": read_update,
    "mail": read_letter,
}
"""Each takes content and what else is known of it. They may raise RefusedInput, and need not be safe."""
LONGEST_MESSAGE = 500


class Reader:
    """Implements `jail.work.Work`: reads content of one kind."""

    limits = Limits(files=0)

    def __init__(self) -> None:
        warm_up(PARSERS)

    def do(self, request: Mapping[str, Any], content: bytes, /) -> dict[str, Any]:
        """What the parser says, under `read`, or why it refused, under `refused`."""
        try:
            return {"read": PARSERS[request["kind"]](content, request["given"])}
        except RefusedInput as refused:
            return _refused(refused.refusal, str(refused))

    def failed(self, error: BaseException, /) -> dict[str, Any]:
        """A parser that fails does so because of what it was given."""
        if isinstance(error, MemoryError):
            return _refused(Refusal.HOSTILE, f"reading it takes more than {self.limits.memory // 2**20} MiB of memory")
        if isinstance(error, TooLong):
            return _refused(Refusal.TOO_LARGE, "what stands in it is more than is taken at once")
        return _refused(Refusal.HOSTILE, f"reading it failed ({type(error).__name__})")


def _refused(refusal: Refusal, message: str) -> dict[str, Any]:
    return {"refused": [refusal, message[:LONGEST_MESSAGE]]}
