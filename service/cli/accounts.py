"""`detente accounts` and the keys of programs."""

from collections.abc import Sequence
from enum import StrEnum
from typing import TypeVar

import typer

from service.bootstrap import Detente
from service.cli.output import out, out_json, table
from service.cli.reading import need_database
from service.cli.users import actor
from service.config.schema import parse_duration
from service.domain.access import Role, Scope
from service.errors import ConfigError
from service.operations import present_access as present

Choice = TypeVar("Choice", bound=StrEnum)


def show_accounts(detente: Detente, *, as_json: bool) -> None:
    """Print all accounts."""
    need_database(detente)
    found = [present.account(one) for one in detente.doorkeeper.all()]
    if as_json:
        out_json(found)
        return
    rows = [[a["name"], a["role"], "shut out" if a["disabled"] else "", (a["seen_at"] or "never")[:16]] for a in found]
    table("Accounts", ["name", "role", "", "last here"], rows)


def invite(detente: Detente, role: str, name: str, *, as_json: bool) -> None:
    """Print a link that works once."""
    need_database(detente)
    link = welcome(detente, detente.doorkeeper.invite(_chosen(role, Role, "--role"), actor(), name))
    out_json({"link": link}) if as_json else out(link)


def welcome(detente: Detente, token: str) -> str:
    """The address of an invitation."""
    return f"{detente.page_url}/welcome/{token}"


def change(detente: Detente, name: str, role: str | None, *, is_disabled: bool | None, as_json: bool) -> None:
    """Another role, shut out or let in again."""
    need_database(detente)
    chosen = None if role is None else _chosen(role, Role, "--role")
    if chosen is None and is_disabled is None:
        raise ConfigError("say what to change: --role, --disable or --enable")
    changed = present.account(detente.doorkeeper.change(name, actor(), role=chosen, is_disabled=is_disabled))
    if as_json:
        out_json(changed)
    else:
        out(f"{changed['name']}: {changed['role']}{', shut out' if changed['disabled'] else ''}")


def remove(detente: Detente, name: str, *, sure: bool) -> None:
    """Forget an account."""
    need_database(detente)
    if not sure and not typer.confirm(f"Forget the account {name}?"):
        raise ConfigError("nothing was done")
    detente.doorkeeper.remove(name, actor())
    out(f"{name} is forgotten")


def show_keys(detente: Detente, *, as_json: bool) -> None:
    """Print the keys of programs."""
    need_database(detente)
    found = [present.key(one) for one in detente.doorkeeper.every_key()]
    if as_json:
        out_json(found)
        return
    rows = [
        [k["id"], k["name"], k["beginning"] + "…", " ".join(k["scopes"]), (k["expires_at"] or "")[:10], _standing(k)]
        for k in found
    ]
    table("Keys", ["id", "name", "begins", "opens", "ends", ""], rows)


def _standing(key: present.Json) -> str:
    return "revoked" if key["revoked_at"] else f"used {key['used_at'][:10]}" if key["used_at"] else "never used"


def add_key(detente: Detente, name: str, scopes: Sequence[str], lasts: str | None, *, as_json: bool) -> None:
    """Make a key and print it, this once."""
    need_database(detente)
    try:
        span = parse_duration(lasts) if lasts else None
    except ValueError as error:
        raise ConfigError(f"--for: {error}") from None
    opens = [_chosen(scope, Scope, "--scope") for scope in scopes]
    key, secret = detente.doorkeeper.issue(name, opens, actor(), span)
    if as_json:
        out_json({**present.key(key), "secret": secret})
    else:
        out(f"{secret}\nThis is shown once: only its sum is kept. Send it as Authorization: Bearer …")


def revoke_key(detente: Detente, key_id: str, *, as_json: bool) -> None:
    """From now on it opens nothing."""
    need_database(detente)
    revoked = present.key(detente.doorkeeper.revoke(key_id, actor()))
    out_json(revoked) if as_json else out(f"{revoked['name']} opens nothing any more")


def _chosen(written: str, choices: type[Choice], option: str) -> Choice:
    try:
        return choices(written)
    except ValueError:
        raise ConfigError(f"{option}: {written!r} is none of {', '.join(choices)}") from None
