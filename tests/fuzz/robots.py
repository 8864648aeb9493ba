"""robots.txt: whatever it says, it is yes or no."""

from tests.fuzz.harness import fuzz

if __name__ == "__main__":
    fuzz("robots")

from service.adapters.feeds.robots import AGENT, _parser

SEEDS = (
    b"User-agent: *\nDisallow: /private\n\nUser-agent: Detente\nAllow: /\n",
    "Crawl-delay: \u00b2\nDisallow: //[\nAllow: http://[\nUser-agent:\nDisallow: *".encode(),
)


def one(data: bytes) -> None:
    """One file, and a path from its end."""
    path = "".join(sign for sign in data[-20:].decode("ascii", "ignore") if sign.isprintable())
    assert _parser(data).can_fetch(AGENT, f"http://good.example/{path}") in {True, False}
