"""A text that somebody pastes: what is read in it and what it alone would do. Nothing of it is kept."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from service.adapters.feeds.files import from_mapping
from service.adapters.limiter import Limiter
from service.bootstrap import Detente
from service.domain.risk.subject import Subject
from service.errors import DetenteError, Refusal, RefusedInput, TooOften
from service.operations.highlight import names_in
from service.operations.preview import Preview, weighed
from service.web.access import READ, asker_of, form_of
from service.web.links import subject_page
from service.web.marking import Marking
from service.web.rates import who_of
from service.web.shell import Shell, status_of

HERE = "/paste"
FIELDS = ("title", "text", "publisher", "published_at")
MOST_BYTES = 100_000
"""Bytes of all that is pasted."""
RATE = "10/minute"
EXAMPLE = "seed-retold"
"""The demonstration's article that is offered as an example."""
Fields = Mapping[str, str]


def router(shell: Shell, detente: Detente) -> APIRouter:
    """The page, and what it answers."""
    routes = shell.router()
    wait = Limiter({HERE: RATE})

    @routes.get(HERE, dependencies=[READ])
    def ask(request: Request, example: bool = False) -> Response:
        return shell.page(request, "paste.html", here=HERE, alone=False, **_values(_example() if example else {}))

    @routes.post(HERE, dependencies=[READ])
    async def answer(request: Request) -> Response:
        form = await form_of(request)
        fields = {name: form.get(name, "") for name in FIELDS}
        seconds = wait(HERE, who_of(request, asker_of(request)))
        return await run_in_threadpool(_answer, shell, detente, request, fields, seconds)

    return routes


def _answer(shell: Shell, detente: Detente, request: Request, fields: Fields, seconds: float) -> Response:
    """The page with the result, or only that for a script that puts it there."""
    is_alone = "hx-request" in request.headers
    template = "paste_result.html" if is_alone else "paste.html"
    try:
        if seconds:
            raise TooOften("too many texts in a minute", seconds)
        values = _values(fields, _read(detente, fields), detente)
    except DetenteError as error:
        status, again = (
            status_of(error),
            {"Retry-After": str(int(error.wait) + 1)} if isinstance(error, TooOften) else {},
        )
        page = shell.page(
            request, template, status=status, here=HERE, alone=is_alone, **_values(fields, error=str(error))
        )
        page.headers.update(again)
        return page
    return shell.page(request, template, here=HERE, alone=is_alone, **values)


def _read(detente: Detente, fields: Fields) -> Preview:
    """Read the text and weigh it. Raises RefusedInput, TooOften, ModelError or StorageUnavailable."""
    if sum(len(value.encode("utf-8", "replace")) for value in fields.values()) > MOST_BYTES:
        raise RefusedInput(Refusal.TOO_LARGE, f"the text is larger than {MOST_BYTES // 1000} kB: paste one article")
    now = detente.clock.now()
    article = detente.agencies.signed(from_mapping(fields, now))
    return weighed(
        article,
        detente.aside(article),
        detente.owner_in_history,
        detente.gazetteer.geography,
        detente.rules,
        detente.scale,
        detente.units,
        now,
    )


def _values(
    fields: Fields, shown: Preview | None = None, detente: Detente | None = None, error: str = ""
) -> dict[str, Any]:
    """What the templates read."""
    values = {"fields": {name: fields.get(name, "") for name in FIELDS}, "error": error, "shown": shown}
    if shown is None or detente is None:
        return values
    document = shown.article.document
    marking = Marking(document, shown.coded.events, names_in(shown.coded.answer))
    return {
        **values,
        "marking": marking,
        "text": marking.between(0, len(document)),
        "name_of": lambda subject: detente.name_of(Subject.parse(subject)),
        "subject_page": subject_page,
    }


@cache
def _example() -> Fields:
    lines = (files("service.data") / "demo" / "articles.jsonl").read_text(encoding="utf-8").splitlines()
    told = next(one for one in map(json.loads, lines) if one["id"] == EXAMPLE)
    return {**{name: told[name] for name in FIELDS}, "published_at": told["published_at"][:16]}
