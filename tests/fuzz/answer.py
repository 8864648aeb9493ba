"""What a server sends: an answer within the limits comes of it, or FetchFailed. No connection is made."""

from tests.fuzz.harness import fuzz

if __name__ == "__main__":
    fuzz("answer")

from unittest.mock import patch

import httpcore2

from service.adapters.net import names
from service.adapters.net.exchange import Reach, exchange
from service.errors import FetchFailed

MOST = 4096
SEEDS = (
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    b"HTTP/1.0 200 OK\r\n\r\nhello",
    b"HTTP/1.1 301 Moved\r\nLocation: /a\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 302 Moved\r\nLocation: //a@b\\c\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 503 No\r\nRetry-After: Fri, 31 Dec 1999 23:59:59 GMT\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff\xcbH\xcd\xc9\xc9\x07\x00",
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 304 Same\r\nETag: \xff\r\n\r\n",
)


def one(data: bytes) -> None:
    """One answer, given to every request."""

    def connect(*_: object, **__: object) -> httpcore2.NetworkStream:
        return httpcore2.MockStream([data])

    with patch.object(httpcore2.SyncBackend, "connect_tcp", connect), patch.object(names, "look_up", _here):
        try:
            answer = exchange(
                "http://good.example/a", reach=Reach(allow_private=True), most_wire=MOST, most_decoded=MOST, within=5.0
            )
        except FetchFailed as failed:
            assert failed.wait is None or 0 <= failed.wait <= 86400
            return
    assert answer.status in {200, 304}
    assert len(answer.body) <= MOST


def _here(*_: object) -> list[str]:
    return ["127.0.0.1"]
