"""Who signs in, by what, and how often it may be tried."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from service.domain.access import Account, ApiKey, Invitation, Session


class Accounts(Protocol):
    """Accounts, their sessions, invitations, and the keys of programs."""

    def all(self) -> list[Account]:
        """Every account, by name."""
        ...

    def get(self, account_id: str) -> Account | None:
        """One account."""
        ...

    def named(self, name: str) -> Account | None:
        """The account with this name, whatever its case."""
        ...

    def external(self, external_id: str) -> Account | None:
        """The account that signs in elsewhere under this id."""
        ...

    def exist(self) -> bool:
        """Whether there is any account."""
        ...

    def save(self, account: Account) -> None:
        """Keep an account, in the place of the one with its id. Raises Conflict where another has its name."""
        ...

    def delete(self, account_id: str) -> bool:
        """Forget an account with its sessions; False if there is none."""
        ...

    def begin(self, session: Session) -> None:
        """Keep a new session."""
        ...

    def session(self, digest: str) -> Session | None:
        """One session."""
        ...

    def seen(self, digest: str, at: datetime) -> None:
        """A session was used."""
        ...

    def end(self, digest: str) -> bool:
        """End a session; False if there is none."""
        ...

    def end_all(self, account_id: str) -> int:
        """End all sessions of an account; returns how many."""
        ...

    def forget_sessions(self, seen_before: datetime, begun_before: datetime) -> None:
        """Throw away what ended by itself."""
        ...

    def every_key(self) -> list[ApiKey]:
        """Every key, the newest first."""
        ...

    def key(self, digest: str) -> ApiKey | None:
        """The key with this digest."""
        ...

    def save_key(self, key: ApiKey) -> None:
        """Keep a key, in the place of the one with its id."""
        ...

    def used(self, digest: str, at: datetime) -> None:
        """A key was used."""
        ...

    def invite(self, invitation: Invitation) -> None:
        """Keep an invitation."""
        ...

    def invitation(self, digest: str) -> Invitation | None:
        """One invitation."""
        ...

    def withdraw(self, digest: str) -> bool:
        """An invitation is good no more; False if it was not there: whoever gets True has used it."""
        ...

    def forget_invitations(self, before: datetime) -> None:
        """Throw away those that ran out before then."""
        ...


class Passwords(Protocol):
    """Hashes passwords: slow on purpose."""

    def hashed(self, password: str) -> str:
        """A hash to keep."""
        ...

    def match(self, password: str, hashed: str) -> bool:
        """Whether it is the hash of the password. For an empty hash it takes as long, and is False."""
        ...


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody is on their way to sign in elsewhere: where they are sent, and what must be known when they are back."""

    address: str
    state: str
    nonce: str
    verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Vouched:
    """Whom another service knows: an id that is theirs for good, and how they are called."""

    external_id: str
    name: str


class IdentityProvider(Protocol):
    """Signs people in elsewhere."""

    def begin(self, back_to: str) -> Attempt:
        """Where to send somebody, who comes back to the address `back_to`. Raises Unavailable or ConfigError."""
        ...

    def finish(self, attempt: Attempt, came_to: str, back_to: str) -> Vouched:
        """Who came back to the address `came_to`. Raises Denied, Unavailable or ConfigError."""
        ...


Wait = Callable[[str, str], float]
"""Counts a try of a kind (first) by somebody (second): seconds until the next may come, 0 when this one may go on."""
