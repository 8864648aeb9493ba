"""Tables to take away, sent as they are read."""

from collections.abc import Iterator
from datetime import datetime
from itertools import chain, islice
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import StreamingResponse

from service.api.asked import moment_of, subject_of
from service.bootstrap import Detente
from service.operations.export import Chosen, Shelf, check, written
from service.operations.table import Form, What
from service.web.access import READ

MEDIA_TYPES = {Form.CSV: "text/csv; charset=utf-8; header=present", Form.JSONL: "application/jsonl; charset=utf-8"}


def router(detente: Detente) -> APIRouter:
    """`/export/{what}.{form}`."""
    found = APIRouter()

    @found.get("/export/{what}.{form}", response_class=StreamingResponse, dependencies=[READ])
    def export(
        what: What,
        form: Form,
        since: datetime | None = None,
        until: datetime | None = None,
        subject: Annotated[str | None, Query(max_length=100)] = None,
    ) -> StreamingResponse:
        """Alerts' changes, events or daily scores as CSV or JSON lines, the oldest first."""
        now = detente.clock.now()
        chosen = Chosen(what, moment_of(since, "since"), moment_of(until, "until"), subject_of(subject))
        try:
            check(chosen, now)
        except ValueError as error:
            raise HTTPException(422, str(error)) from None
        shelf = Shelf(detente.units, detente.gauge, detente.versions)
        name = f'attachment; filename="detente-{what}.{form}"'
        pieces = _begun(written(chosen, form, shelf, now))
        return StreamingResponse(pieces, media_type=MEDIA_TYPES[form], headers={"Content-Disposition": name})

    return found


def _begun(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same, with the first rows read at once: what goes wrong there is still told by the status."""
    return chain(list(islice(pieces, 2)), pieces)
