"""Accounts and keys, for admins. What opens something is shown once, on the page that answers."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from service.bootstrap import Detente
from service.config.schema import parse_duration
from service.domain.access import Role, Scope
from service.errors import ConfigError, Conflict, NotFound
from service.web.access import ADMIN, asker_of, form_of
from service.web.shell import Shell, done, status_of

HERE = "/operations"
ROLES: Mapping[Role, str] = {
    Role.VIEWER: "reads",
    Role.SUBSCRIBER: "also looks after a subscription of their own",
    Role.OPERATOR: "also puts articles in, silences, tunes, replays",
    Role.ADMIN: "also looks after people, accounts and keys",
}
SCOPES: Mapping[Scope, str] = {
    Scope.READ: "scores, events, alerts, articles, feeds, streams and exports",
    Scope.FEEDBACK: "say whether an alert was right",
    Scope.SUBSCRIBE: "subscriptions of one's own: for programs only with people",
    Scope.PUSH: "put articles in, correct them and take them back",
    Scope.OPERATE: "silences, acknowledgements, thresholds, dead letters, the record of changes",
    Scope.PEOPLE: "everybody's subscriptions",
    Scope.ADMIN: "accounts and keys",
}
LASTS: Mapping[str, str] = {"30d": "30 days", "90d": "90 days", "365d": "a year", "": "no end"}
"""How long a new key may last."""
Choice = TypeVar("Choice", bound=StrEnum)


def router(shell: Shell, detente: Detente) -> APIRouter:
    """Two pages and what is done on them."""
    routes = shell.router()
    _add_accounts(routes, Office(shell, detente))
    _add_changes(routes, Office(shell, detente))
    _add_keys(routes, Office(shell, detente))
    return routes


class Office:
    """Draws the two pages."""

    def __init__(self, shell: Shell, detente: Detente) -> None:
        self._shell, self.detente, self.door = shell, detente, detente.doorkeeper

    def accounts(self, request: Request, status: int = 200, link: str = "", error: str = "") -> Response:
        """All accounts; a link is shown this once."""
        values: dict[str, Any] = {"accounts": self.door.all(), "roles": ROLES, "link": link, "error": error}
        return self._page(request, "accounts", status, values)

    def keys(
        self,
        request: Request,
        status: int = 200,
        secret: str = "",
        error: str = "",
        form: Mapping[str, str] | None = None,
    ) -> Response:
        """All keys; a secret is shown this once."""
        values: dict[str, Any] = {"keys": self.door.every_key(), "scopes": SCOPES, "lasts": LASTS, "secret": secret}
        return self._page(request, "keys", status, {**values, "error": error, "form": form or {"lasts": "90d"}})

    def _page(self, request: Request, name: str, status: int, values: dict[str, Any]) -> Response:
        answer = self._shell.page(
            request, f"{name}.html", status=status, here=HERE, part=f"{HERE}/{name}", **values, now=self._now()
        )
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def _now(self) -> datetime:
        with self.detente.units(read_only=True) as unit:
            return unit.marks.now()

    def sure(self, request: Request, name: str) -> Response:
        """Asks before an account is forgotten."""
        return self._shell.page(request, "account_remove.html", here=HERE, name=name)


def _add_accounts(routes: APIRouter, office: Office) -> None:
    path, door = f"{HERE}/accounts", office.door

    @routes.get(path, dependencies=[ADMIN])
    def accounts(request: Request) -> Response:
        return office.accounts(request)

    @routes.post(path, dependencies=[ADMIN])
    async def invite(request: Request) -> Response:
        form, actor = await form_of(request), asker_of(request).actor
        role, name = _chosen(form.get("role", ""), Role), form.get("name", "").strip()

        def answer() -> Response:
            try:
                link = f"{office.detente.page_url}/welcome/{door.invite(role, actor, name)}"
            except ConfigError as wrong:
                return office.accounts(request, 422, error=str(wrong))
            return office.accounts(request, link=link)

        return await run_in_threadpool(answer)


def _add_changes(routes: APIRouter, office: Office) -> None:
    path, door = f"{HERE}/accounts", office.door

    @routes.post(f"{path}/change", dependencies=[ADMIN])
    async def change(request: Request) -> Response:
        form, actor = await form_of(request), asker_of(request).actor
        role = _chosen(form["role"], Role) if "role" in form else None
        is_disabled = form["disabled"] == "yes" if "disabled" in form else None
        do = partial(door.change, form.get("name", ""), actor, role=role, is_disabled=is_disabled)
        return await run_in_threadpool(_tried, office, request, do, "saved")

    @routes.get(f"{path}/remove", dependencies=[ADMIN])
    def sure(request: Request, name: Annotated[str, Query(max_length=60)]) -> Response:
        if all(one.name != name for one in door.all()):
            raise NotFound(f"no account is called {name!r}")
        return office.sure(request, name)

    @routes.post(f"{path}/remove", dependencies=[ADMIN])
    async def remove(request: Request) -> Response:
        form, actor = await form_of(request), asker_of(request).actor
        do = partial(door.remove, form.get("name", ""), actor)
        return await run_in_threadpool(_tried, office, request, do, "removed")


def _tried(office: Office, request: Request, do: Callable[[], object], word: str) -> Response:
    """What is done, or the page that says why it cannot be: the last admin stays."""
    try:
        do()
    except Conflict as wrong:
        return office.accounts(request, status_of(wrong), error=str(wrong))
    return done(f"{HERE}/accounts", word)


def _add_keys(routes: APIRouter, office: Office) -> None:
    path, door = f"{HERE}/keys", office.door

    @routes.get(path, dependencies=[ADMIN])
    def keys(request: Request) -> Response:
        return office.keys(request)

    @routes.post(path, dependencies=[ADMIN])
    async def issue(request: Request) -> Response:
        form, actor = await form_of(request), asker_of(request).actor
        opens = [scope for scope in Scope if f"scope.{scope}" in form]

        def answer() -> Response:
            try:
                _, secret = door.issue(form.get("name", "").strip(), opens, actor, _lasts(form.get("lasts", "")))
            except ConfigError as wrong:
                return office.keys(request, 422, error=str(wrong), form=form)
            return office.keys(request, secret=secret)

        return await run_in_threadpool(answer)

    @routes.post(f"{path}/revoke", dependencies=[ADMIN])
    async def revoke(request: Request) -> Response:
        form, actor = await form_of(request), asker_of(request).actor
        await run_in_threadpool(door.revoke, form.get("id", ""), actor)
        return done(path, "revoked")


def _lasts(written: str) -> timedelta | None:
    if written not in LASTS:
        raise ConfigError("choose how long it lasts")
    return parse_duration(written) if written else None


def _chosen(written: str, choices: type[Choice]) -> Choice:
    try:
        return choices(written)
    except ValueError:
        raise HTTPException(422, f"{written!r} is none of {', '.join(choices)}") from None
