"""Who may do what: roles, scopes, and those who ask."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

LONGEST_NAME = 60
SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 256
FEWEST_SIGNS = 5
"""Different signs a password must have at least."""
IDLE, LONGEST_SESSION = timedelta(days=7), timedelta(days=30)
"""A session ends this long after it was last used, and this long after it began."""


class Scope(StrEnum):
    """What a route needs."""

    READ = "read"
    """Scores, events, alerts, articles, feeds, streams and exports."""
    FEEDBACK = "feedback"
    """Say whether an alert was right."""
    SUBSCRIBE = "subscribe"
    """One's own subscription."""
    PUSH = "push"
    """Put articles in, correct them and take them back."""
    OPERATE = "operate"
    """Silences, acknowledgements, thresholds, dead letters, the state of the service, who changed what."""
    PEOPLE = "people"
    """Everybody's subscriptions."""
    ADMIN = "admin"
    """Accounts and keys."""


class Role(StrEnum):
    """What an account is for; each may do what those before it may."""

    VIEWER = "viewer"
    SUBSCRIBER = "subscriber"
    OPERATOR = "operator"
    ADMIN = "admin"


SCOPES: Mapping[Role, frozenset[Scope]] = {
    Role.VIEWER: frozenset({Scope.READ}),
    Role.SUBSCRIBER: frozenset({Scope.READ, Scope.FEEDBACK, Scope.SUBSCRIBE}),
    Role.OPERATOR: frozenset({Scope.READ, Scope.FEEDBACK, Scope.SUBSCRIBE, Scope.PUSH, Scope.OPERATE}),
    Role.ADMIN: frozenset(Scope),
}


class Means(StrEnum):
    """How somebody was recognised."""

    SESSION = "session"
    KEY = "key"
    TOKEN = "token"  # noqa: S105  a kind, not a secret
    LOCAL = "local"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks. `subscriber_id` is the subscription that is theirs, empty without one."""

    means: Means
    name: str
    scopes: frozenset[Scope]
    role: Role | None = None
    account_id: str = ""
    subscriber_id: str = ""

    @property
    def actor(self) -> str:
        """As it stands in the record of changes."""
        if self.means in {Means.SESSION, Means.KEY}:
            return f"{'account' if self.means is Means.SESSION else 'key'}:{self.name}"
        return "api" if self.means is Means.TOKEN else str(self.means)

    @property
    def is_shared(self) -> bool:
        """Whether several people may be behind it, who have to say who they are."""
        return self.means not in {Means.SESSION, Means.KEY}

    def author(self, given: str) -> str:
        """Whose word it is: the account's or key's, or who one of several says they are; "" where nobody is named."""
        return given.strip() if self.is_shared else self.name

    def signature(self, given: str) -> str:
        """The same as it stands in the record of changes; there nobody has to be named."""
        return f"{self.actor}:{given.strip()}" if self.is_shared and given.strip() else self.actor

    def may(self, scope: Scope) -> bool:
        """Whether this is theirs to do."""
        return scope in self.scopes


NOBODY = Principal(Means.NOBODY, "", frozenset())
LOCAL = Principal(Means.LOCAL, "this machine", SCOPES[Role.ADMIN], Role.ADMIN)
"""Whoever is on this machine, while there is neither an account nor a token."""
TOKEN = Principal(Means.TOKEN, "token", SCOPES[Role.ADMIN], Role.ADMIN)


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who signs in. `hashed` is the hash of the password, empty for those who sign in elsewhere."""

    id: str
    name: str
    role: Role
    created_at: datetime
    hashed: str = field(default="", repr=False)
    is_disabled: bool = False
    subscriber_id: str = ""
    external_id: str = ""
    seen_at: datetime | None = None

    @property
    def principal(self) -> Principal:
        """As one who asks."""
        return Principal(Means.SESSION, self.name, SCOPES[self.role], self.role, self.id, self.subscriber_id)


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody is signed in. `digest` is the SHA-256 of the token that only their browser has."""

    digest: str
    account_id: str
    created_at: datetime
    seen_at: datetime

    def is_over(self, now: datetime) -> bool:
        """Whether it ended by itself."""
        return now - self.seen_at > IDLE or now - self.created_at > LONGEST_SESSION


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A program's key. `digest` is the SHA-256 of the secret, `beginning` its first signs, to be recognised by."""

    id: str
    name: str
    digest: str = field(repr=False)
    beginning: str
    scopes: frozenset[Scope]
    created_at: datetime
    created_by: str
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    used_at: datetime | None = None

    def is_good(self, now: datetime) -> bool:
        """Whether it opens anything."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    @property
    def principal(self) -> Principal:
        """As one who asks."""
        return Principal(Means.KEY, self.name, self.scopes)


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link that works once: it makes an account of this role, or gives the named one a new password.

    With an empty `name` whoever follows it chooses one. `digest` is the SHA-256 of its token.
    """

    digest: str
    name: str
    role: Role
    created_at: datetime
    expires_at: datetime


def name_fault(name: str) -> str:
    """What is wrong with an account's or key's name, empty when nothing is."""
    if not 1 <= len(name) <= LONGEST_NAME or name != name.strip() or not name.isprintable():
        return f"a name has 1 to {LONGEST_NAME} printable signs and no blanks at its ends"
    return ""


def password_fault(password: str, name: str) -> str:
    """What is wrong with a password, empty when nothing is."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        return f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} signs"
    if len(set(password)) < FEWEST_SIGNS:
        return f"a password has at least {FEWEST_SIGNS} different signs"
    if len(name) > 3 and name.casefold() in password.casefold():  # noqa: PLR2004  a short name is in many words
        return "a password does not hold the account's name"
    return ""
