"""The same request twice has one effect and one answer: for programs that do not know whether their first one came.

A request is known by who asks, what for, and a key of their own. Kept for a day.
"""

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256

from service.errors import Conflict
from service.ports import Known, Units

KEPT = timedelta(hours=24)
GIVEN_UP = timedelta(seconds=60)
"""After this long without an answer whoever made it is taken for dead."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A request: who asks, what for (method and declared address), with which key, and all that was sent.

    `is_harmless` says that doing it once more changes nothing, so that one which broke off is simply done again.
    """

    who: str
    what: str
    key: str
    sent: bytes
    is_harmless: bool = False

    @property
    def digest(self) -> str:
        """The same for every try."""
        return sha256(f"{self.who}\n{self.what}\n{self.key}".encode()).hexdigest()

    @property
    def asked(self) -> str:
        """The same for every try that sends the same."""
        return sha256(self.sent).hexdigest()


@dataclass(frozen=True, slots=True)
class Ticket:
    """The right to answer a request."""

    digest: str
    holder: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered."""

    status: int
    body: str


@dataclass(frozen=True, slots=True)
class Underway:
    """It is being answered just now; ask again in so many seconds."""

    seconds: int = 1


@dataclass(frozen=True, slots=True)
class Repeats:
    """Knows requests again. `process` tells this process from others and from itself before a restart."""

    units: Units
    process: str = field(default_factory=lambda: secrets.token_hex(8))

    def begin(self, ask: Ask) -> Ticket | Answer | Underway:
        """The right to answer, or the answer there is. Raises Conflict where the key was used for something else."""
        ticket = Ticket(ask.digest, f"{self.process}:{secrets.token_hex(8)}")
        with self.units() as unit:
            now = unit.marks.now()
            unit.answers.forget(now - KEPT)
            if unit.answers.claim(ticket.digest, ask.asked, ticket.holder, now):
                return ticket
            known = unit.answers.get(ticket.digest)
            if known is None:
                return Underway()
            if known.asked != ask.asked:
                raise Conflict("this idempotency key was used for another request: take a new one")
            if known.status is not None:
                return Answer(known.status, known.body)
            is_free = self._is_free(known, ask) or now - known.at > GIVEN_UP
            if is_free and unit.answers.take_over(ticket.digest, known.body, ticket.holder, now):
                return ticket
        return Underway()

    def _is_free(self, known: Known, ask: Ask) -> bool:
        """Whether nobody here is at it, and it does no harm where somebody elsewhere is."""
        return ask.is_harmless and not known.body.startswith(f"{self.process}:")

    def keep(self, ticket: Ticket, answer: Answer) -> None:
        """This was answered."""
        with self.units() as unit:
            unit.answers.keep(ticket.digest, ticket.holder, answer.status, answer.body)

    def drop(self, ticket: Ticket) -> None:
        """It failed: the next try is the first."""
        with self.units() as unit:
            unit.answers.drop(ticket.digest, ticket.holder)
