"""Changes of alerts as server-sent events: one look at the database a second for all who listen."""

import asyncio
import json
import signal
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import FrameType
from typing import Annotated

import structlog
from fastapi import APIRouter, FastAPI, Header, HTTPException, Query
from fastapi.responses import StreamingResponse
from fastapi.sse import KEEPALIVE_COMMENT, EventSourceResponse, format_sse_event
from starlette.types import Message, Receive, Scope, Send

from service.bootstrap import Detente
from service.errors import StorageUnavailable
from service.operations import published
from service.ports import Cursor, Published
from service.web.access import READ

log = structlog.get_logger()
EVERY = 1.0
"""Seconds between two looks at the database."""
HEARTBEAT = 15.0
"""Seconds without news after which a comment says that the connection stands."""
BEHIND = 500
"""News that may wait for one listener; whoever is further behind is let go, and comes back for the rest."""
SLOW = 30.0
"""Seconds that a listener may take to accept a piece."""
AGAIN = 3000
"""Milliseconds after which a listener that lost its connection should come back."""
BUSY = "30"
"""Seconds after which one that found no room should."""
BEGINNING = Cursor(datetime(1970, 1, 1, tzinfo=UTC), "0")


@dataclass(eq=False, slots=True)
class Listener:
    """What waits to be sent to one listener; None ends the stream."""

    waiting: asyncio.Queue[bytes | None] = field(default_factory=asyncio.Queue)


class Hub:
    """All who listen in this process. `most` may do so at once. Used from the event loop's thread alone."""

    def __init__(self, detente: Detente, most: int) -> None:
        self._detente, self._most = detente, most
        self._listeners: set[Listener] = set()
        self._admitted = 0
        self._position = BEGINNING
        self._poller: asyncio.Task[None] | None = None
        self._starting = asyncio.Lock()
        self._is_closed = False

    def admit(self) -> None:
        """Take a place, to be given back with `release`. Raises HTTPException where there is none."""
        if self._is_closed or self._admitted >= self._most:
            raise HTTPException(503, "too many listen already: come back later", {"Retry-After": BUSY})
        self._admitted += 1

    def release(self) -> None:
        """Give a place back."""
        self._admitted -= 1

    @property
    def admitted(self) -> int:
        """How many places are taken."""
        return self._admitted

    @property
    def most(self) -> int:
        """How many places there are."""
        return self._most

    def close(self) -> None:
        """End all streams, for good."""
        self._is_closed = True
        self._let_all_go()

    async def frames(self, after: Cursor | None) -> AsyncGenerator[bytes, None]:
        """What a listener is sent: all that was stored after the cursor, or all from now on; pieces end with a line."""
        listener = Listener()
        position = await self._join(listener)
        try:
            start = position if after is None else after
            yield format_sse_event(comment="Detente", id=published.token(start), retry=AGAIN)
            async for missed in self._missed(start, position):
                yield missed
            while (frame := await _next(listener)) is not None:
                yield frame
        finally:
            self._listeners.discard(listener)

    async def _join(self, listener: Listener) -> Cursor:
        """From now on the listener gets what is stored after the place returned."""
        async with self._starting:
            if self._poller is None:
                newest: Cursor | None = await asyncio.to_thread(published.newest, self._detente.units)
                self._position = newest or BEGINNING
            self._listeners.add(listener)
            if self._poller is None:
                self._poller = asyncio.create_task(self._poll())
        if self._is_closed:
            listener.waiting.put_nowait(None)
        return self._position

    async def _missed(self, after: Cursor, until: Cursor) -> AsyncIterator[bytes]:
        while after < until and not self._is_closed:
            found = await asyncio.to_thread(published.page_after, self._detente.units, after)
            for one in found:
                if one.cursor <= until:
                    yield _frame(one)
            if len(found) < published.PAGE:
                return
            after = found[-1].cursor

    async def _poll(self) -> None:
        """Look while somebody listens. Whoever joins and the end of the looking do not come between each other."""
        try:
            while self._listeners:
                found = await self._look()
                for one in found:
                    self._tell(_frame(one))
                    self._position = one.cursor
                if len(found) < published.PAGE:
                    await asyncio.sleep(EVERY)
        except Exception:
            log.exception("the stream broke off")
        finally:
            self._poller = None
            self._let_all_go()

    async def _look(self) -> list[Published]:
        try:
            return await asyncio.to_thread(published.page_after, self._detente.units, self._position)
        except StorageUnavailable as error:
            log.warning("the stream waits", error=str(error))
            return []

    def _tell(self, frame: bytes) -> None:
        for listener in list(self._listeners):
            if listener.waiting.qsize() >= BEHIND:
                self._let_go(listener)
            else:
                listener.waiting.put_nowait(frame)

    def _let_go(self, listener: Listener) -> None:
        self._listeners.discard(listener)
        listener.waiting.put_nowait(None)

    def _let_all_go(self) -> None:
        for listener in list(self._listeners):
            self._let_go(listener)


async def _next(listener: Listener) -> bytes | None:
    try:
        async with asyncio.timeout(HEARTBEAT):
            return await listener.waiting.get()
    except TimeoutError:
        return KEEPALIVE_COMMENT


def _frame(one: Published) -> bytes:
    body = json.dumps(published.entry(one), allow_nan=False)
    return format_sse_event(data_str=body, event="transition", id=published.token(one.cursor))


class Stream(EventSourceResponse):
    """A stream that gives its place back at its end, and does not wait for whoever takes nothing."""

    def __init__(self, hub: Hub, after: Cursor | None) -> None:
        self._hub, self._frames = hub, hub.frames(after)
        super().__init__(self._frames, headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until either side ends it."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._hub.release()

    async def stream_response(self, send: Send) -> None:
        """Send piece by piece, each in time."""

        async def in_time(message: Message) -> None:
            async with asyncio.timeout(SLOW):
                await send(message)

        async with aclosing(self._frames):
            try:
                await super().stream_response(in_time)
            except TimeoutError:
                log.warning("a listener was let go: it takes nothing")


def router(hub: Hub) -> APIRouter:
    """`/stream`."""
    found = APIRouter()

    @found.get(
        "/stream",
        response_class=StreamingResponse,
        responses={200: {"content": {"text/event-stream": {}}}},
        dependencies=[READ],
    )
    async def stream(
        after: Annotated[str | None, Query(max_length=200)] = None,
        last_event_id: Annotated[str | None, Header(max_length=200)] = None,
    ) -> Stream:
        """Changes of alerts as they are stored, as server-sent events; from `Last-Event-ID` on, or from now."""
        known = last_event_id or after
        try:
            cursor = published.cursor_of(known) if known else None
        except ValueError as error:
            raise HTTPException(422, str(error)) from None
        hub.admit()
        return Stream(hub, cursor)

    return found


@asynccontextmanager
async def open_while_served(app: FastAPI) -> AsyncIterator[None]:
    """Ends the streams of the application's hub when it is asked to stop: a server waits for them before it says so."""
    hub: Hub = app.state.hub
    with _told_of_the_end(hub):
        yield
    hub.close()


@contextmanager
def _told_of_the_end(hub: Hub) -> Iterator[None]:
    """Hear the signals that the server hears, and hand them on."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def hear(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(hub.close)
        handler = before[signal.Signals(number)]
        if callable(handler):
            handler(number, frame)

    heard = [number for number, handler in before.items() if callable(handler)]
    for number in heard:
        signal.signal(number, hear)
    try:
        yield
    finally:
        for number in heard:
            signal.signal(number, before[number])
