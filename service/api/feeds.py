"""Alerts for other programs: an Atom feed, and messages of the Common Alerting Protocol with a feed that lists them."""

from typing import Annotated, Any
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response

from service.adapters.publishing import atom, cap
from service.api.asked import base_of, subject_of
from service.api.conditional import answer
from service.bootstrap import Detente
from service.domain.alerting.rule import RuleKind, Severity
from service.domain.risk.subject import Subject
from service.operations import published
from service.ports import Cursor, Published, Wanted
from service.web.access import READ

ENTRIES = 50
"""Entries of a page."""
PREFIX = "/api/v1"


class Choice:
    """What of all a reader wants, and from where on."""

    def __init__(
        self,
        subject: Annotated[list[str], Query(max_length=100)] = [],  # noqa: B006  FastAPI copies it
        least: Severity = Severity.INFO,
        kind: RuleKind | None = None,
        before: Annotated[str | None, Query(max_length=200)] = None,
    ) -> None:
        self.subjects = tuple(subject_of(one) for one in subject if one)
        try:
            self.before: Cursor | None = published.cursor_of(before) if before else None
        except ValueError as error:
            raise HTTPException(422, str(error)) from None
        self.wanted = Wanted(self.subjects, str(kind or ""), least)
        self.least, self.kind = least, kind

    @property
    def query(self) -> list[tuple[str, str]]:
        """The same as an address says it, without the page, in one order whatever the reader's."""
        chosen = [("subject", one) for one in sorted(self.subjects)]
        chosen += [("least", str(self.least))] if self.least is not Severity.INFO else []
        return chosen + ([("kind", str(self.kind))] if self.kind else [])


def router(detente: Detente) -> APIRouter:
    """`/feeds/alerts.atom`, `/feeds/alerts.cap` and `/cap/{identifier}`."""
    found = APIRouter(tags=["feeds"])

    @found.get("/feeds/alerts.atom", dependencies=[READ], **_xml(atom.MEDIA_TYPE))
    def alerts_atom(request: Request, choice: Annotated[Choice, Depends()]) -> Response:
        """Changes of alerts as an Atom feed, the newest first."""
        return _feed(detente, request, choice, "alerts.atom", "Detente: alerts")

    @found.get("/feeds/alerts.cap", dependencies=[READ], **_xml(atom.MEDIA_TYPE, atom.CAP_TYPE))
    def alerts_cap(
        request: Request,
        choice: Annotated[Choice, Depends()],
        identifier: Annotated[str | None, Query(alias="id", max_length=40)] = None,
    ) -> Response:
        """An Atom feed of CAP 1.2 messages, the newest first; with `id` that message."""
        if identifier is not None:
            return _message(detente, request, identifier)
        return _feed(detente, request, choice, "alerts.cap", "Detente: alerts in CAP 1.2")

    @found.get("/cap/{identifier}", dependencies=[READ], **_xml(atom.CAP_TYPE))
    def cap_message(request: Request, identifier: str) -> Response:
        """One message in CAP 1.2: Alert, Update or Cancel."""
        return _message(detente, request, identifier)

    return found


def _xml(*kinds: str) -> dict[str, Any]:
    """For the description: what a route answers with, and that a reader may have it already."""
    content = {kind: {"schema": {"type": "string"}} for kind in kinds}
    about_one: dict[int | str, Any] = {404: {}} if atom.CAP_TYPE in kinds else {}
    unchanged = {"description": "Nothing is new since the tag or time that was sent."}
    return {"response_class": Response, "responses": {200: {"content": content}, 304: unchanged, **about_one}}


def _name(detente: Detente, one: Published) -> str:
    return detente.name_of(Subject.parse(one.alert.subject))


def _feed(detente: Detente, request: Request, choice: Choice, file: str, title: str) -> Response:
    found = published.page(detente.units, choice.wanted, choice.before, ENTRIES + 1)
    shown, base = found[:ENTRIES], base_of(detente, request)
    here = f"{base}{PREFIX}/feeds/{file}"
    page = [("before", published.token(choice.before))] if choice.before else []
    following = [("before", published.token(shown[-1].cursor))] if len(found) > ENTRIES else []
    head = atom.Head(
        key=f"{file}?{urlencode(choice.query)}",
        title=title,
        address=_with(here, choice.query + page),
        following=_with(here, choice.query + following) if following else "",
    )
    cap_first = file.endswith(".cap")
    items = [_item(detente, one, base, cap_first=cap_first) for one in shown]
    changed_at = max((one.stored_at for one in shown), default=atom.NEVER)
    return answer(request, atom.feed(head, items), changed_at, atom.MEDIA_TYPE)


def _with(address: str, query: list[tuple[str, str]]) -> str:
    return f"{address}?{urlencode(query)}" if query else address


def _item(detente: Detente, one: Published, base: str, *, cap_first: bool) -> atom.Item:
    message = f"{base}{PREFIX}/cap/{one.transition.id}"
    link, kind = (message, atom.CAP_TYPE) if cap_first else (_why(base, one), "application/json")
    headline = published.headline(one, _name(detente, one))
    return atom.Item(one, headline, published.text(one), link, kind, "" if cap_first else message)


def _why(base: str, one: Published) -> str:
    return f"{base}{PREFIX}/alerts/{one.alert.id}/why"


def _message(detente: Detente, request: Request, identifier: str) -> Response:
    chain = published.chain(detente.units, identifier)
    one, name = chain.last, _name(detente, chain.last)
    where = published.area(Subject.parse(one.alert.subject), name, detente.gazetteer.geography, detente.watchlists)
    public = detente.settings.public_url
    link = _why(public, one) if public else ""
    body = cap.message(_issuer(detente), chain, published.headline(one, name), published.text(one), where, link)
    return answer(request, body, one.stored_at, atom.CAP_TYPE)


def _issuer(detente: Detente) -> cap.Issuer:
    chosen, public = detente.settings.publish, detente.settings.public_url
    host = urlsplit(public).hostname if public else "localhost"
    restriction = chosen.restriction if chosen.scope == "restricted" else ""
    return cap.Issuer(chosen.sender or f"detente@{host}", restriction)
