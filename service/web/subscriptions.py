"""Subscriptions on pages: one's own, or for those who look after people everybody's. Only the export has addresses."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from service.bootstrap import Detente
from service.config.load import check
from service.config.subscription import ChannelForm
from service.domain.access import Principal, Scope
from service.domain.alerting.rule import RuleKind, Severity
from service.domain.alerting.subscriber import (
    LANGUAGES,
    OPERATORS_KINDS,
    WEEKDAYS,
    ChannelState,
    DigestEvery,
    Subscriber,
    SubscriberState,
)
from service.domain.risk.subject import Subject
from service.errors import ConfigError, Conflict, NotFound
from service.operations import ownership
from service.operations.finding import alike, exactly
from service.operations.people import owner, people
from service.operations.would_hear import Heard, would_hear
from service.web import wishes
from service.web.access import SUBSCRIBE, asker_of, form_of
from service.web.names import Names
from service.web.rendering import HEADERS
from service.web.shell import Shell, done, status_of

HERE = "/subscriptions"
PAGE = 50
KINDS: Mapping[RuleKind, str] = {
    RuleKind.LEVEL: "the level is high",
    RuleKind.SURGE: "far more danger than is usual",
    RuleKind.RISE: "the level climbs",
    RuleKind.NOVEL: "a first act of its kind",
    RuleKind.DEESC: "peace news where there was danger",
    RuleKind.ALLCLEAR: "quiet after an alert",
    RuleKind.CUSTOM: "conditions of the operator's own",
    RuleKind.SILENCE: "feeds are silent: for those who look after the service",
}
"""Kind of rule → what it tells of."""
CHANNEL_LOOKS: Mapping[ChannelState, tuple[str, str]] = {
    ChannelState.UNCONFIRMED: ("pending", "waits for consent"),
    ChannelState.CONFIRMED: ("good", "confirmed"),
    ChannelState.UNSUBSCRIBED: ("inactive", "unsubscribed"),
}
"""State → the class that colours it, and its words."""
STATE_LOOKS: Mapping[SubscriberState, tuple[str, str]] = {
    SubscriberState.PENDING: ("pending", "waits for a confirmed channel"),
    SubscriberState.ACTIVE: ("good", "active"),
    SubscriberState.PAUSED: ("inactive", "paused: nothing is sent"),
}
CHOICES: Mapping[str, Any] = {
    "kinds": KINDS,
    "severities": list(Severity),
    "digests": list(DigestEvery),
    "weekdays": WEEKDAYS,
    "languages": {code: {"en": "English", "de": "Deutsch"}.get(code, code) for code in sorted(LANGUAGES)},
}


@dataclass(frozen=True, slots=True)
class Tried:
    """A form that could not be taken, with what is wrong with it. `channel` is the one of a new channel."""

    form: wishes.Typed | None = None
    errors: wishes.Errors | None = None
    channel: Mapping[str, str] | None = None
    channel_error: str = ""
    code_error: str = ""
    status: int = 422


@dataclass(frozen=True, slots=True)
class Desk:
    """What the routes share."""

    shell: Shell
    detente: Detente
    names: Names

    def show(self, request: Request, one: Subscriber, tried: Tried | None = None, **values: Any) -> Response:
        """A subscription."""
        failed, asker = tried or Tried(), asker_of(request)
        return self.shell.page(
            request,
            "subscription_page.html",
            status=failed.status if tried else 200,
            here=HERE,
            one=one,
            form=failed.form or wishes.of(one),
            errors=failed.errors or {},
            channel=failed.channel or {},
            channel_error=failed.channel_error,
            code_error=failed.code_error,
            is_own=asker.subscriber_id == one.id,
            account=owner(self.detente.units, one.id) if asker.may(Scope.PEOPLE) else "",
            **self._known(),
            **{"test": None, "asked": {"subject": "", "severity": "warning", "kind": "LEVEL"}, **values},
        )

    def new(self, request: Request, form: wishes.Typed, errors: wishes.Errors, status: int = 200) -> Response:
        """The form for somebody new."""
        values = {"form": form, "errors": errors, "is_own": not asker_of(request).subscriber_id, **self._known()}
        return self.shell.page(request, "subscription_new.html", status=status, here=HERE, **values)

    def _known(self) -> dict[str, Any]:
        return {
            **CHOICES,
            "zones": wishes.zones(),
            "watchlists": sorted(self.detente.watchlists),
            "channel_looks": CHANNEL_LOOKS,
            "state_looks": STATE_LOOKS,
            "needs_code": not self.detente.settings.public_url,
            "operators": OPERATORS_KINDS,
        }

    def find(self, written: str) -> list[str]:
        """Subjects that are called so."""
        return exactly(written, self.names.known(()))

    def subject(self, written: str) -> str:
        """The written form of a subject that is named or written. Raises ConfigError that says what may be meant."""
        found = self.find(written) if ":" not in written else []
        try:
            return str(Subject.parse(found[0] if len(found) == 1 else written))
        except ValueError as error:
            near = [*found, *alike(written, self.names.known(()))][:5]
            meant = f"; did you mean {', '.join(near)}?" if near else ""
            raise ConfigError(f"{error}{meant}") from None

    def seen(self, request: Request, subscriber_id: str) -> Subscriber:
        """A subscription that whoever asks may see. Raises NotFound."""
        return self.detente.subscribers.get(ownership.seen(asker_of(request), subscriber_id))


def router(shell: Shell, detente: Detente, names: Names) -> APIRouter:
    """The list, the form for a new one, and a page for each."""
    routes, desk = shell.router(), Desk(shell, detente, names)
    _add_list(routes, desk)
    _add_one(routes, desk)
    _add_channels(routes, desk)
    return routes


def _add_list(routes: APIRouter, desk: Desk) -> None:
    @routes.get(HERE, dependencies=[SUBSCRIBE])
    def everybody(
        request: Request,
        q: Annotated[str, Query(max_length=100)] = "",
        after: Annotated[str, Query(max_length=16)] = "",
    ) -> Response:
        asker = asker_of(request)
        if not asker.may(Scope.PEOPLE):
            mine = ownership.own(desk.detente.subscribers, asker)
            return RedirectResponse(f"{HERE}/{mine.id if mine else 'new'}", 303, HEADERS)
        found = people(desk.detente.units, PAGE, after, q.strip())
        shown = {"found": found, "written": q, "after": after}
        values: dict[str, Any] = {**shown, "own": asker.subscriber_id, "state_looks": STATE_LOOKS}
        return desk.shell.page(request, "subscriptions.html", here=HERE, **values)

    @routes.get(f"{HERE}/new", dependencies=[SUBSCRIBE])
    def blank(request: Request) -> Response:
        asker = asker_of(request)
        mine = ownership.own(desk.detente.subscribers, asker)
        if mine and not asker.may(Scope.PEOPLE):
            return RedirectResponse(f"{HERE}/{mine.id}", 303, HEADERS)
        name = asker.name if asker.account_id and not mine else ""
        return desk.new(request, wishes.of(Subscriber("", name, desk.detente.clock.now())), {})

    @routes.post(f"{HERE}/new", dependencies=[SUBSCRIBE])
    async def add(request: Request) -> Response:
        typed, asker = wishes.read(await form_of(request)), asker_of(request)

        def make() -> Response:
            try:
                changes = typed.changes(desk.find)
                made = ownership.add(desk.detente.subscribers, desk.detente.doorkeeper, changes, asker)
            except ConfigError as wrong:
                return desk.new(request, typed, wishes.errors(str(wrong)), 422)
            return done(f"{HERE}/{made.id}", "subscribed")

        return await run_in_threadpool(make)


def _add_one(routes: APIRouter, desk: Desk) -> None:
    registry, page = desk.detente.subscribers, f"{HERE}/{{subscriber_id}}"

    @routes.get(page, dependencies=[SUBSCRIBE])
    def one(
        subscriber_id: str,
        request: Request,
        subject: Annotated[str, Query(max_length=100)] = "",
        severity: Severity = Severity.WARNING,
        kind: RuleKind = RuleKind.LEVEL,
    ) -> Response:
        found = desk.seen(request, subscriber_id)
        asked = {"subject": subject, "severity": str(severity), "kind": str(kind)}
        return desk.show(request, found, asked=asked, test=_tested(desk, found, subject.strip(), severity, kind))

    @routes.post(page, dependencies=[SUBSCRIBE])
    async def change(subscriber_id: str, request: Request) -> Response:
        typed, asker = wishes.read(await form_of(request)), asker_of(request)

        def keep() -> Response:
            old = desk.seen(request, subscriber_id)
            try:
                ownership.change(registry, subscriber_id, typed.changes(desk.find), asker)
            except ConfigError as wrong:
                return desk.show(request, old, Tried(typed, wishes.errors(str(wrong))))
            return done(f"{HERE}/{subscriber_id}", "saved")

        return await run_in_threadpool(keep)

    @routes.post(f"{page}/pause", dependencies=[SUBSCRIBE])
    def pause(subscriber_id: str, request: Request) -> Response:
        registry.pause(desk.seen(request, subscriber_id).id, asker_of(request).actor)
        return done(f"{HERE}/{subscriber_id}", "paused")

    @routes.post(f"{page}/resume", dependencies=[SUBSCRIBE])
    def resume(subscriber_id: str, request: Request) -> Response:
        registry.resume(desk.seen(request, subscriber_id).id, asker_of(request).actor)
        return done(f"{HERE}/{subscriber_id}", "resumed")

    @routes.post(f"{page}/export", dependencies=[SUBSCRIBE])
    def export(subscriber_id: str, request: Request) -> Response:
        kept = registry.export(desk.seen(request, subscriber_id).id, asker_of(request).actor)
        name = f'attachment; filename="detente-{subscriber_id}.json"'
        headers = {**HEADERS, "Content-Disposition": name, "Cache-Control": "no-store"}
        return Response(json.dumps(kept, indent=2, ensure_ascii=False), 200, headers, "application/json")

    @routes.get(f"{page}/remove", dependencies=[SUBSCRIBE])
    def sure(subscriber_id: str, request: Request) -> Response:
        found = desk.seen(request, subscriber_id)
        is_own = asker_of(request).subscriber_id == subscriber_id
        return desk.shell.page(request, "subscription_remove.html", here=HERE, one=found, is_own=is_own)

    @routes.post(f"{page}/remove", dependencies=[SUBSCRIBE])
    def remove(subscriber_id: str, request: Request) -> Response:
        registry.remove(desk.seen(request, subscriber_id).id, asker_of(request).actor)
        return done(HERE if asker_of(request).may(Scope.PEOPLE) else f"{HERE}/new", "forgotten")


def _tested(desk: Desk, one: Subscriber, subject: str, severity: Severity, kind: RuleKind) -> Heard | str | None:
    """Whether one would be told; a sentence where the subject is none, nothing where none was asked for."""
    if not subject:
        return None
    try:
        return would_hear(one, desk.subject(subject), severity, kind, desk.detente.watchlists)
    except ConfigError as error:
        return str(error)


def _add_channels(routes: APIRouter, desk: Desk) -> None:
    registry, page = desk.detente.subscribers, f"{HERE}/{{subscriber_id}}"

    @routes.post(f"{page}/channels", dependencies=[SUBSCRIBE])
    async def add(subscriber_id: str, request: Request) -> Response:
        form, asker = await form_of(request), asker_of(request)
        return await run_in_threadpool(partial(_channel_added, desk, request, subscriber_id, form, asker))

    @routes.post(f"{page}/channels/{{name}}/ask", dependencies=[SUBSCRIBE])
    def ask(subscriber_id: str, name: str, request: Request) -> Response:
        one = desk.seen(request, subscriber_id)
        try:
            registry.ask(one.id, name, asker_of(request).actor)
        except Conflict as later:
            return desk.show(request, one, Tried(channel_error=str(later), status=409))
        return done(f"{HERE}/{subscriber_id}", "asked")

    @routes.post(f"{page}/channels/{{name}}/remove", dependencies=[SUBSCRIBE])
    def remove(subscriber_id: str, name: str, request: Request) -> Response:
        registry.remove_channel(desk.seen(request, subscriber_id).id, name, asker_of(request).actor)
        return done(f"{HERE}/{subscriber_id}", "removed")

    @routes.post(f"{page}/code", dependencies=[SUBSCRIBE])
    async def code(subscriber_id: str, request: Request) -> Response:
        form, asker = await form_of(request), asker_of(request)

        def confirm() -> Response:
            one = desk.seen(request, subscriber_id)
            try:
                registry.confirm_code(form.get("code", ""), asker.actor, one.id)
            except NotFound as wrong:
                return desk.show(request, one, Tried(code_error=str(wrong), status=404))
            return done(f"{HERE}/{subscriber_id}", "agreed")

        return await run_in_threadpool(confirm)


def _channel_added(
    desk: Desk, request: Request, subscriber_id: str, form: Mapping[str, str], asker: Principal
) -> Response:
    one = desk.seen(request, subscriber_id)
    given = {key: form.get(key, "").strip() for key in ("name", "address")}
    try:
        checked = check({**given, "confirmed": "confirmed" in form}, ChannelForm, _named)
        chosen = (one.id, checked.name, checked.address, asker)
        added = ownership.add_channel(desk.detente.subscribers, *chosen, confirmed=checked.confirmed)
    except (ConfigError, Conflict) as wrong:
        return desk.show(request, one, Tried(channel=given, channel_error=str(wrong), status=status_of(wrong)))
    if added.detail:
        return desk.show(request, added.subscriber, Tried(channel_error=f"Added. {added.detail}", status=200))
    return done(f"{HERE}/{subscriber_id}", "asked" if added.asked else "vouched")


def _named(key: tuple[str | int, ...], message: str) -> str:
    return f"{'.'.join(map(str, key))}: {message}"
