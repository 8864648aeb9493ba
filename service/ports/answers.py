"""Answers that are given again to whoever asks the same thing once more."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Known:
    """A request that was seen before, since `at`. While it is being answered `status` is None and `body` its holder."""

    asked: str
    status: int | None
    body: str
    at: datetime


class Answers(Protocol):
    """Requests by a digest of who asks and the key they gave; `asked` is a digest of what they asked."""

    def claim(self, digest: str, asked: str, holder: str, at: datetime) -> bool:
        """A new request is being answered by this holder; False if its digest is known."""
        ...

    def get(self, digest: str) -> Known | None:
        """What is known of a request."""
        ...

    def take_over(self, digest: str, before: str, holder: str, at: datetime) -> bool:
        """Another holder answers now; False if the one before does not hold it any more."""
        ...

    def keep(self, digest: str, holder: str, status: int, body: str) -> bool:
        """This is the answer; False if the holder does not hold it any more."""
        ...

    def drop(self, digest: str, holder: str) -> None:
        """There is no answer: whoever asks again is a new one. Nothing happens where somebody else holds it."""
        ...

    def forget(self, before: datetime) -> None:
        """Throw away what was asked before then."""
        ...
