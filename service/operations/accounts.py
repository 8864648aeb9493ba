"""Who signs in: invitations, passwords, sessions, and the keys of programs.

Tokens are 32 random bytes, shown once; only their SHA-256 is kept. What was given is never named in an error.
"""

import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from service.domain.access import (
    IDLE,
    LONGEST_SESSION,
    Account,
    ApiKey,
    Invitation,
    Principal,
    Role,
    Scope,
    Session,
    name_fault,
    password_fault,
)
from service.errors import ConfigError, Conflict, Denied, NotFound, TooOften
from service.ports import Passwords, UnitOfWork, Units, Wait

KEY_PREFIX = "dtn_"
SHOWN = 8
"""Signs of a key that are kept to recognise it by."""
INVITED_FOR = timedelta(days=3)
REMEMBERED = timedelta(minutes=5)
"""A session's last use is written down no more often than this."""
WRONG = "name or password is wrong"
SPENT = "this link is not good, or not any more: ask for another"


def digest(secret: str) -> str:
    """The SHA-256 of a token, as 64 hexadecimal digits."""
    return sha256(secret.encode()).hexdigest()


def _fresh_id() -> str:
    return secrets.token_hex(8)


def _fresh_token() -> str:
    return secrets.token_urlsafe(32)


@dataclass(frozen=True, slots=True)
class Doorkeeper:
    """Lets people and programs in. Times are those of the database: a moved clock of the scores ends no session."""

    units: Units
    passwords: Callable[[], Passwords]
    wait: Wait
    new_id: Callable[[], str] = _fresh_id
    new_token: Callable[[], str] = _fresh_token

    # --- accounts

    def exist(self) -> bool:
        """Whether there is any account."""
        with self.units(read_only=True) as unit:
            return unit.accounts.exist()

    def all(self) -> list[Account]:
        """Every account, by name."""
        with self.units(read_only=True) as unit:
            return unit.accounts.all()

    def invite(self, role: Role, actor: str, name: str = "") -> str:
        """A token for a link that works once in three days. Raises ConfigError for a name that cannot be.

        For a name that has an account it gives a new password, and the account keeps its role.
        """
        if name and (fault := name_fault(name)):
            raise ConfigError(fault)
        token = self.new_token()
        with self.units(serial=True) as unit:
            now = unit.marks.now()
            unit.accounts.forget_invitations(now)
            known = unit.accounts.named(name) if name else None
            role = known.role if known else role
            unit.accounts.invite(Invitation(digest(token), name, role, now, now + INVITED_FOR))
            unit.audit.add(actor, "account.invite", f"account:{name or '(to choose)'}", None, {"role": str(role)})
        return token

    def invitation(self, token: str) -> Invitation:
        """What a link is for. Raises Denied."""
        with self.units(read_only=True) as unit:
            return _good(unit, token)

    def accept(self, token: str, name: str, password: str) -> Account:
        """Follow a link: make the account, or set its password; all its sessions end. Raises Denied, ConfigError."""
        invited = self.invitation(token)
        name = invited.name or name
        if fault := name_fault(name) or password_fault(password, name):
            raise ConfigError(fault)
        hashed = self.passwords().hashed(password)
        with self.units(serial=True) as unit:
            _good(unit, token)
            unit.accounts.withdraw(digest(token))
            return self._let_in(unit, invited, name, hashed)

    def _let_in(self, unit: UnitOfWork, invited: Invitation, name: str, hashed: str) -> Account:
        known = unit.accounts.named(name)
        if known and not invited.name:
            raise Conflict(f"another account is called {name}")
        new = replace(known, hashed=hashed) if known else Account(self.new_id(), name, invited.role, unit.marks.now())
        return _kept(unit, known, replace(new, hashed=hashed), f"account:{name}", "account.password")

    def change_password(self, account_id: str, old: str, new: str) -> None:
        """Raises Denied for a wrong old one, ConfigError for a new one that cannot be. All sessions end."""
        self._spare(account_id, "")
        account = self._get(account_id)
        if not self.passwords().match(old, account.hashed):
            raise Denied("the old password is wrong")
        if fault := password_fault(new, account.name):
            raise ConfigError(fault)
        hashed = self.passwords().hashed(new)
        with self.units(serial=True) as unit:
            found = _found(unit, account_id)
            _kept(unit, found, replace(found, hashed=hashed), f"account:{found.name}", "account.password")

    def change(self, name: str, actor: str, *, role: Role | None = None, is_disabled: bool | None = None) -> Account:
        """Another role, or shut out or let in again; all sessions end. Raises NotFound; Conflict on the last admin."""
        with self.units(serial=True) as unit:
            old = _known(unit, name)
            new = replace(
                old,
                role=old.role if role is None else role,
                is_disabled=old.is_disabled if is_disabled is None else is_disabled,
            )
            _keep_an_admin(unit, old, new)
            return _kept(unit, old, new, actor, "account.change")

    def remove(self, name: str, actor: str) -> None:
        """Forget an account. Raises NotFound, or Conflict on the last admin."""
        with self.units(serial=True) as unit:
            old = _known(unit, name)
            _keep_an_admin(unit, old, None)
            unit.accounts.delete(old.id)
            unit.audit.add(actor, "account.remove", f"account:{old.name}", _snapshot(old), None)

    def own(self, account_id: str, subscriber_id: str, actor: str) -> Account:
        """Make a subscription an account's own, empty for none. Raises NotFound."""
        with self.units(serial=True) as unit:
            old = _found(unit, account_id)
            new = replace(old, subscriber_id=subscriber_id)
            unit.accounts.save(new)
            unit.audit.add(actor, "account.own", f"account:{old.name}", _snapshot(old), _snapshot(new))
            return new

    def _get(self, account_id: str) -> Account:
        with self.units(read_only=True) as unit:
            return _found(unit, account_id)

    # --- sessions

    def sign_in(self, name: str, password: str, address: str) -> str:
        """The token of a new session. `address` is where the try comes from.

        Raises Denied, and TooOften after too many tries from there or on that name. A wrong name takes as long.
        """
        self._spare(name.casefold(), address)
        with self.units(read_only=True) as unit:
            account = unit.accounts.named(name)
        good = self.passwords().match(password, account.hashed if account else "")
        if account is None or not good or account.is_disabled:
            self._note_failure(account)
            raise Denied(WRONG)
        return self._begin(account)

    def _spare(self, name: str, address: str) -> None:
        tries = (("sign in by name", name), ("sign in by address", address))
        waits = [self.wait(kind, who) for kind, who in tries if who]
        if (longest := max(waits)) > 0:
            raise TooOften("too many tries to sign in: wait a while", longest)

    def _note_failure(self, account: Account | None) -> None:
        """Unknown names are not written down: people type passwords there."""
        if account:
            with self.units(serial=True) as unit:
                unit.audit.add("nobody", "session.refused", f"account:{account.name}", None, None)

    def _begin(self, account: Account) -> str:
        token = self.new_token()
        with self.units(serial=True) as unit:
            now = unit.marks.now()
            unit.accounts.forget_sessions(now - IDLE, now - LONGEST_SESSION)
            unit.accounts.begin(Session(digest(token), account.id, now, now))
            unit.accounts.seen(digest(token), now)
            unit.audit.add(f"account:{account.name}", "session.begin", f"account:{account.name}", None, None)
        return token

    def sign_in_external(self, external_id: str, name: str, role: Role) -> str:
        """The token of a new session of somebody another service vouches for; their account is made at the first time.

        Raises Denied for one who was shut out, Conflict when a local account has the name.
        """
        with self.units(serial=True) as unit:
            known = unit.accounts.external(external_id)
            if known and known.is_disabled:
                raise Denied("this account is shut out")
            account = known or Account(self.new_id(), name, role, unit.marks.now(), external_id=external_id)
            if not known:
                _kept(unit, None, account, "oidc", "account.add")
        return self._begin(account)

    def session_of(self, token: str) -> Principal | None:
        """Who is signed in with this token, None for nobody. Their account is looked at anew each time."""
        with self.units(read_only=True) as unit:
            found, now = unit.accounts.session(digest(token)), unit.marks.now()
            account = unit.accounts.get(found.account_id) if found and not found.is_over(now) else None
        if found is None or account is None or account.is_disabled:
            return None
        if now - found.seen_at > REMEMBERED:
            with self.units() as unit:
                unit.accounts.seen(found.digest, now)
        return account.principal

    def sign_out(self, token: str) -> None:
        """End a session; nothing happens where there is none."""
        with self.units() as unit:
            unit.accounts.end(digest(token))

    # --- keys

    def every_key(self) -> list[ApiKey]:
        """Every key, the newest first."""
        with self.units(read_only=True) as unit:
            return unit.accounts.every_key()

    def issue(
        self, name: str, scopes: Collection[Scope], actor: str, lasts: timedelta | None = None
    ) -> tuple[ApiKey, str]:
        """A new key and its secret, which is not kept. Raises ConfigError for a name, scopes or time that cannot be."""
        if fault := name_fault(name):
            raise ConfigError(fault)
        if not scopes:
            raise ConfigError("a key needs at least one scope")
        if lasts is not None and lasts <= timedelta(0):
            raise ConfigError("a key lasts longer than no time")
        secret = KEY_PREFIX + self.new_token()
        with self.units(serial=True) as unit:
            now = unit.marks.now()
            ends = now + lasts if lasts else None
            beginning = secret[: len(KEY_PREFIX) + SHOWN]
            key = ApiKey(self.new_id(), name, digest(secret), beginning, frozenset(scopes), now, actor, ends)
            unit.accounts.save_key(key)
            unit.audit.add(actor, "key.issue", f"key:{key.id}", None, _key_snapshot(key))
        return key, secret

    def revoke(self, key_id: str, actor: str) -> ApiKey:
        """A key opens nothing any more. Raises NotFound."""
        with self.units(serial=True) as unit:
            old = next((key for key in unit.accounts.every_key() if key.id == key_id), None)
            if old is None:
                raise NotFound(f"no key has the id {key_id!r}")
            if old.revoked_at:
                return old
            new = replace(old, revoked_at=unit.marks.now())
            unit.accounts.save_key(new)
            unit.audit.add(actor, "key.revoke", f"key:{new.id}", _key_snapshot(old), _key_snapshot(new))
        return new

    def key_of(self, secret: str) -> Principal | None:
        """Whose key this is, None for one that opens nothing."""
        with self.units(read_only=True) as unit:
            found, now = unit.accounts.key(digest(secret)), unit.marks.now()
        if found is None or not found.is_good(now):
            return None
        if found.used_at is None or now - found.used_at > REMEMBERED:
            with self.units() as unit:
                unit.accounts.used(found.digest, now)
        return found.principal


def _good(unit: UnitOfWork, token: str) -> Invitation:
    found = unit.accounts.invitation(digest(token))
    if found is None or unit.marks.now() >= found.expires_at:
        raise Denied(SPENT)
    return found


def _known(unit: UnitOfWork, name: str) -> Account:
    found = unit.accounts.named(name)
    if found is None:
        raise NotFound(f"no account is called {name!r}")
    return found


def _found(unit: UnitOfWork, account_id: str) -> Account:
    found = unit.accounts.get(account_id)
    if found is None:
        raise NotFound("this account is gone")
    return found


def _keep_an_admin(unit: UnitOfWork, old: Account, new: Account | None) -> None:
    """Somebody must be able to let others in."""
    admins = {one.id for one in unit.accounts.all() if one.role is Role.ADMIN and not one.is_disabled}
    stays = new is not None and new.role is Role.ADMIN and not new.is_disabled
    if old.id in admins and not stays and len(admins) == 1:
        raise Conflict(f"{old.name} is the last admin: make another one first")


def _kept(unit: UnitOfWork, old: Account | None, new: Account, actor: str, action: str) -> Account:
    unit.accounts.save(new)
    unit.accounts.end_all(new.id)
    before = _snapshot(old) if old else None
    unit.audit.add(actor, action if old else "account.add", f"account:{new.name}", before, _snapshot(new))
    return new


def _snapshot(account: Account) -> dict[str, Any]:
    return {
        "role": str(account.role),
        "disabled": account.is_disabled,
        "subscriber": account.subscriber_id,
        "external": bool(account.external_id),
    }


def _key_snapshot(key: ApiKey) -> dict[str, Any]:
    return {
        "name": key.name,
        "scopes": sorted(map(str, key.scopes)),
        "expires_at": _written(key.expires_at),
        "revoked_at": _written(key.revoked_at),
    }


def _written(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
