"""Addresses: what is taken is read the same by every reader of addresses."""

from tests.fuzz.harness import fuzz

if __name__ == "__main__":
    fuzz("address")

import ipaddress
from urllib.parse import urlsplit

import httpx2
import urllib3

from service.adapters.net.target import read
from service.errors import FetchFailed

SEEDS = (
    b"http://good.example/a?b=c#d", b"https://[2606:4700::1111]:8443/", b"http://127.0.0.1\\@good.example/",
    "http://b\u00fccher.example/".encode(), b"http://0x7f.1/", b"http://user:pw@good.example/", b"http://[::ffff:7f00:1]/",
)  # fmt: skip


def one(data: bytes) -> None:
    """One address."""
    agree(data.decode("utf-8", "replace"))


def agree(url: str) -> None:
    """Fails where an address is taken that others read in another way."""
    try:
        target = read(url)
    except FetchFailed:
        return
    again = str(target)
    readers = [httpx2.URL(url).raw_host.decode(), httpx2.URL(again).raw_host.decode(), urlsplit(again).hostname or ""]
    if (written := urlsplit(url).hostname or "").isascii():
        readers += [written, (urllib3.util.parse_url(url).host or "").strip("[]")]
    assert {_plain(one) for one in readers} == {target.host}
    assert {httpx2.URL(again).port, urlsplit(again).port} <= {target.port, None}
    assert read(again) == target
    assert again.isascii()


def _plain(host: str) -> str:
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return host.lower()
