"""How requests of Apprise's plugins go out over HTTP. Only for sending processes."""

import json
import os
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import certifi
import requests.sessions
from requests.adapters import HTTPAdapter
from requests.exceptions import ConnectTimeout, RequestException, SSLError, Timeout
from urllib3.exceptions import HTTPError

from service.adapters.channels.verdict import Exchange, Part, Trouble

MOST_OF_A_REPLY = 64 * 2**10
"""Bytes of a reply's body that are read."""
REPLY_WITHIN = 5.0
"""Seconds for a reply's body; what it says after its status line is of little weight."""
NO_PINGS: Mapping[str, Sequence[str]] = {"parse": ()}
"""For Discord: nothing in the text may ping anybody."""


def trusted() -> ssl.SSLContext:
    """Certificates we trust; made once, for reading them takes as long as a send."""
    named = (os.getenv(name) for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"))  # noqa: TID251  no settings of ours
    return ssl.create_default_context(cafile=next(filter(None, named), certifi.where()))


def install(exchange: Exchange, context: ssl.SSLContext, schema: str, extra: Mapping[str, str]) -> None:
    """From now on all requests of this process go through our adapter, with these headers added."""

    def adapter() -> "CarefulAdapter":
        return CarefulAdapter(exchange, context, schema, extra)

    requests.sessions.HTTPAdapter = adapter  # type: ignore[attr-defined, assignment]


class CarefulAdapter(HTTPAdapter):
    """No proxy, no redirect, no unverified certificate, no endless reply; the last answer is remembered."""

    def __init__(self, exchange: Exchange, context: ssl.SSLContext, schema: str, extra: Mapping[str, str]) -> None:
        self.exchange, self.context, self.schema, self.extra = exchange, context, schema, extra
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        """With the certificates read beforehand."""
        super().init_poolmanager(*arguments, **options, ssl_context=self.context)

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """The context checks certificates, whatever a plugin wishes."""
        del url, verify, cert
        conn.cert_reqs = "CERT_REQUIRED"

    def send(self, request: Any, *_: Any, timeout: Any = None, **__: Any) -> Any:
        """Send once; raises what requests raises."""
        request.headers.update({**self.extra, "Accept-Encoding": "identity"})
        if self.schema == "discord" and (body := without_discord_pings(request.body)):
            request.prepare_body(body, None)
        try:
            response = super().send(request, stream=True, timeout=timeout, verify=True, cert=None, proxies={})
        except RequestException as error:
            self._note(error)
            raise
        self.exchange.answered(Part.HTTP, response.status_code, response.headers.get("Retry-After", ""))
        response._content = _start_of(response.raw)  # noqa: SLF001  what requests itself sets when it has read all
        response._content_consumed = True  # noqa: SLF001
        response.headers.pop("Location", None)
        response.close()
        return response

    def _note(self, error: RequestException) -> None:
        """What the guard has noted of a dial stands; all else happened on a connection that was made."""
        if self.exchange.trouble:
            return
        if isinstance(error, SSLError):
            self.exchange.broke(Trouble.TLS)
        elif isinstance(error, Timeout):
            self.exchange.broke(Trouble.TIMEOUT, handed_over=not isinstance(error, ConnectTimeout))
        else:
            self.exchange.broke(Trouble.BROKEN, handed_over=True)


def without_discord_pings(body: bytes | str) -> str | None:
    """A message to Discord with the field that keeps it from calling anybody; None when it is no message."""
    try:
        message = json.loads(body)
    except (TypeError, ValueError):
        return None
    return json.dumps({**message, "allowed_mentions": NO_PINGS}) if isinstance(message, dict) else None


def _start_of(raw: Any, clock: Callable[[], float] = time.monotonic) -> bytes:
    """The first bytes of a reply's body. A body that breaks off takes nothing back: the status line has been read."""
    ends, parts, size = clock() + REPLY_WITHIN, [], 0
    try:
        while size < MOST_OF_A_REPLY and clock() < ends:
            part = raw.read1(MOST_OF_A_REPLY - size, decode_content=False)
            if not part:
                break
            parts.append(part)
            size += len(part)
    except (OSError, ValueError, HTTPError):
        pass
    return b"".join(parts)
