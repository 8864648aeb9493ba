"""What servers ask programs not to read, by robots.txt."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from urllib.parse import unquote
from urllib.robotparser import RobotFileParser

from service.adapters.net.exchange import Reach, exchange
from service.adapters.net.target import Target
from service.errors import FetchFailed, Refusal, RefusedInput

AGENT = "Detente"
KEPT, KEPT_FAILURE = 86400.0, 600.0
"""Seconds for which an answer counts, and for which nothing is asked of a server that gave none."""
WITHIN = 10.0
MOST_HOSTS, MOST_TEXT = 2000, 2**25
"""Servers that are remembered, and bytes of their texts."""
LARGEST = 2**19
_READ = frozenset({200, *range(400, 500)} - {429})
"""Statuses that say something: one that has no such file, or does not show it, forbids nothing (RFC 9309, 2.3.1.3)."""
_ORIGIN = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class _Rules:
    """What a server asks; without a parser nothing. `failure` says why it is not known."""

    until: float
    parser: RobotFileParser | None = None
    size: int = 0
    failure: str = ""


class Robots:
    """Remembers what servers ask, for a day, in this process. Threads may ask at once."""

    def __init__(self, reach: Reach, within: float = WITHIN, seconds: Callable[[], float] = time.monotonic) -> None:
        self.reach, self.within, self.seconds = reach, within, seconds
        self._known: OrderedDict[_ORIGIN, _Rules] = OrderedDict()
        self._lock = Lock()

    def check(self, target: Target) -> None:
        """Raises RefusedInput for what is not to be read, FetchFailed while it is not known what is."""
        rules = self._rules(target)
        if rules.failure:
            raise FetchFailed(f"its robots.txt cannot be read: {rules.failure}", rules.until - self.seconds())
        if rules.parser and not rules.parser.can_fetch(AGENT, str(target)):
            raise RefusedInput(Refusal.UNSUPPORTED, "its server asks programs not to read it (robots.txt)")

    def _rules(self, target: Target) -> _Rules:
        with self._lock:
            known = self._known.get(target.origin)
        if known and known.until > self.seconds():
            return known
        asked = self._ask(target)
        with self._lock:
            self._keep(target.origin, asked)
        return asked

    def _ask(self, target: Target) -> _Rules:
        try:
            answer = exchange(
                f"{target.scheme}://{target.authority}/robots.txt",
                reach=self.reach,
                headers={"accept": "text/plain"},
                within=self.within,
                most_wire=LARGEST,
                most_decoded=LARGEST,
                takes=_READ,
            )
        except FetchFailed as failed:
            wait = max(KEPT_FAILURE, failed.wait or 0.0)
            return _Rules(self.seconds() + wait, failure=str(failed))
        if answer.status != 200:  # noqa: PLR2004
            return _Rules(self.seconds() + KEPT)
        return _Rules(self.seconds() + KEPT, _parser(answer.body), len(answer.body))

    def _keep(self, origin: _ORIGIN, rules: _Rules) -> None:
        self._known.pop(origin, None)
        self._known[origin] = rules
        size = sum(one.size for one in self._known.values())
        while len(self._known) > MOST_HOSTS or size > MOST_TEXT:
            _, oldest = self._known.popitem(last=False)
            size -= oldest.size


def _parser(content: bytes) -> RobotFileParser:
    """Without the lines that the parser would fail on or that we do not heed; empty lines part the groups."""
    parser = RobotFileParser()
    lines = (line.partition("#")[0].strip() for line in content.decode("utf-8-sig", "replace").splitlines())
    parser.parse([line for line in lines if not line or _is_heeded(line)])
    return parser


def _is_heeded(line: str) -> bool:
    name, _, value = line.partition(":")
    if name.strip().lower() not in {"allow", "disallow"}:
        return name.strip().lower() == "user-agent"
    path = unquote(value.strip())
    return not path or (path[0] in "/*" and not path.startswith("//"))
