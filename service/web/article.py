"""The page of one article: where it stands, what was read in it, and what that moved."""

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response

from service.bootstrap import Detente
from service.domain.news.article import Flag
from service.domain.news.owner import QUARANTINE
from service.domain.risk.ledger import Channel
from service.operations.dossier import dossier
from service.web.access import READ
from service.web.links import article_page, outside, subject_page
from service.web.marking import Marking
from service.web.names import Names
from service.web.shell import Shell

ODD: Mapping[Flag, str] = {
    Flag.UNDATED: "it had no date that could be read, so it counts as published when it was fetched",
    Flag.FUTURE: "it was dated ahead of the clock, so it counts as published when it was fetched",
    Flag.OLD: "it is older than it said: its address, page or first line has an earlier date, which counts",
    Flag.LOOKALIKES: "letters of other alphabets stood inside its words, and were put into that of the word",
    Flag.CUT: "its title or text was longer than is kept",
}
"""What is said of a text that came oddly."""
DIRECTIONS = {Channel.ESCALATION: "escalation", Channel.DE_ESCALATION: "de-escalation"}


def router(shell: Shell, detente: Detente, names: Names) -> APIRouter:
    """The page. Ids hold any sign, slashes among them."""
    routes = shell.router()

    @routes.get("/articles/{article_id:path}", dependencies=[READ])
    def article(article_id: str, request: Request) -> Response:
        found = dossier(detente.units, article_id, detente.owner_of)
        title = found.article.title
        marking = Marking(found.article.document, found.events, found.names)
        parts = [marking.between(start, end) for start, end in found.shown]
        heading = marking.between(0, len(title))
        return shell.page(
            request,
            "article.html",
            found=found,
            link=outside(found.article.url),
            marking=marking,
            title=heading,
            parts=parts,
            odd=[ODD[flag] for flag in found.article.flags],
            linked={p.event for part in (heading, *parts) for p in part},
            quarantine=QUARANTINE,
            directions=DIRECTIONS,
            name_of=names.of,
            article_page=article_page,
            subject_page=subject_page,
        )

    return routes
