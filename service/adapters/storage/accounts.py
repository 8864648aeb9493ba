"""Who signs in, and by what; of tokens and keys only digests come here."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from service.adapters.storage.schema import account, api_key, invitation, session
from service.domain.access import Account, ApiKey, Invitation, Role, Scope, Session
from service.errors import Conflict


class SqlAccounts:
    """Implements `ports.Accounts`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def all(self) -> list[Account]:
        """Every account, by name."""
        return [_account(row) for row in self.connection.execute(select(account).order_by(account.c.folded))]

    def get(self, account_id: str) -> Account | None:
        """One account."""
        return self._one(account.c.id == account_id)

    def named(self, name: str) -> Account | None:
        """The account with this name."""
        return self._one(account.c.folded == name.casefold())

    def external(self, external_id: str) -> Account | None:
        """The account that signs in elsewhere under this id."""
        return self._one(account.c.external_id == external_id)

    def _one(self, condition: ColumnElement[bool]) -> Account | None:
        row = self.connection.execute(select(account).where(condition)).one_or_none()
        return _account(row) if row else None

    def exist(self) -> bool:
        """Whether there is any account."""
        return self.connection.execute(select(account.c.id).limit(1)).scalar() is not None

    def save(self, new: Account) -> None:
        """Keep an account."""
        values = {
            **asdict(new),
            "role": str(new.role),
            "folded": new.name.casefold(),
            "subscriber_id": new.subscriber_id or None,
            "external_id": new.external_id or None,
        }
        try:
            with self.connection.begin_nested():
                self._put(account, "id", values)
        except IntegrityError:
            raise Conflict(f"another account is called {new.name}, or that subscription is gone") from None

    def _put(self, table: Table, key: str, values: dict[str, Any]) -> None:
        changed = update(table).where(table.c[key] == values[key]).values(values)
        if not self.connection.execute(changed).rowcount:
            self.connection.execute(insert(table).values(values))

    def delete(self, account_id: str) -> bool:
        """Its sessions go with it."""
        return self._delete(account, account.c.id == account_id) > 0

    def _delete(self, table: Table, condition: ColumnElement[bool]) -> int:
        return self.connection.execute(delete(table).where(condition)).rowcount

    def begin(self, new: Session) -> None:
        """Keep a new session."""
        self.connection.execute(insert(session).values(asdict(new)))

    def session(self, digest: str) -> Session | None:
        """One session."""
        row = self.connection.execute(select(session).where(session.c.digest == digest)).one_or_none()
        return Session(**row._asdict()) if row else None

    def seen(self, digest: str, at: datetime) -> None:
        """A session was used, and with it its account."""
        self.connection.execute(update(session).where(session.c.digest == digest).values(seen_at=at))
        whose = select(session.c.account_id).where(session.c.digest == digest).scalar_subquery()
        self.connection.execute(update(account).where(account.c.id == whose).values(seen_at=at))

    def end(self, digest: str) -> bool:
        """End a session."""
        return self._delete(session, session.c.digest == digest) > 0

    def end_all(self, account_id: str) -> int:
        """End all sessions of an account."""
        return self._delete(session, session.c.account_id == account_id)

    def forget_sessions(self, seen_before: datetime, begun_before: datetime) -> None:
        """Throw away what ended by itself."""
        self._delete(session, or_(session.c.seen_at < seen_before, session.c.created_at < begun_before))

    def every_key(self) -> list[ApiKey]:
        """Every key."""
        newest = select(api_key).order_by(api_key.c.created_at.desc(), api_key.c.id)
        return [_key(row) for row in self.connection.execute(newest)]

    def key(self, digest: str) -> ApiKey | None:
        """The key with this digest."""
        row = self.connection.execute(select(api_key).where(api_key.c.digest == digest)).one_or_none()
        return _key(row) if row else None

    def save_key(self, new: ApiKey) -> None:
        """Keep a key."""
        self._put(api_key, "id", {**asdict(new), "scopes": sorted(map(str, new.scopes))})

    def used(self, digest: str, at: datetime) -> None:
        """A key was used."""
        self.connection.execute(update(api_key).where(api_key.c.digest == digest).values(used_at=at))

    def invite(self, new: Invitation) -> None:
        """Keep an invitation."""
        self.connection.execute(insert(invitation).values({**asdict(new), "role": str(new.role)}))

    def invitation(self, digest: str) -> Invitation | None:
        """One invitation."""
        row = self.connection.execute(select(invitation).where(invitation.c.digest == digest)).one_or_none()
        return Invitation(**{**row._asdict(), "role": Role(row.role)}) if row else None

    def withdraw(self, digest: str) -> bool:
        """An invitation is good no more."""
        return self._delete(invitation, invitation.c.digest == digest) > 0

    def forget_invitations(self, before: datetime) -> None:
        """Throw away those that ran out."""
        self._delete(invitation, invitation.c.expires_at < before)


def _account(row: Row[Any]) -> Account:
    said = {name: value for name, value in row._asdict().items() if name != "folded"}
    empty = {"subscriber_id": row.subscriber_id or "", "external_id": row.external_id or ""}
    return Account(**{**said, **empty, "role": Role(row.role)})


def _key(row: Row[Any]) -> ApiKey:
    return ApiKey(**{**row._asdict(), "scopes": frozenset(map(Scope, row.scopes))})
