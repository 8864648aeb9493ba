"""Chats: Markdown where the service shows it, and nothing in a text that calls everybody or turns into a command."""

import json
import re
from collections.abc import Iterator

import pytest
from pytest_httpserver import HTTPServer

from service.adapters.channels.address import ALLOWED
from service.adapters.channels.apprise_notifier import AppriseNotifier
from service.adapters.channels.child import FORMATTED, MAILS, RENDERED, UNTOUCHED, without_pings
from service.adapters.channels.web import without_discord_pings
from service.ports import Parcel

MARKDOWN = "**Iran–Pakistan** rose to 63\n\n- [Reuters](https://example.org/a) said"
PINGS = "@everyone @here @channel @all @room @**all** <!channel> <!here> <@123> <#C1> @Everyone"


@pytest.fixture(scope="module")
def notifier() -> Iterator[AppriseNotifier]:
    made = AppriseNotifier(allow_private=True, within=10)
    yield made
    made.close()


def parcel(text: str = "plain", markdown: str = MARKDOWN) -> Parcel:
    return Parcel("key", "thread", "desk", "chat", "Title", text, markdown)


def sent(server: HTTPServer) -> str:
    """What the service was sent, with its JSON undone."""
    (request,) = [request for request, _ in server.log]
    body = request.get_data(as_text=True)
    return json.dumps(json.loads(body), ensure_ascii=False) + repr(dict(request.headers))


@pytest.mark.parametrize(
    ("address", "mark"),
    [
        ("mmost://127.0.0.1:{port}/3ccdd113474722377935511fc85d3dd4", "**Iran–Pakistan** rose"),
        (
            "rocket://a1b2c3d4e5f6g7h8i9/j1k2l3m4n5o6p7q8r9s0t1u2v3w4x5y6z@127.0.0.1:{port}/#general",
            "**Iran–Pakistan** rose",
        ),
        ("ntfy://127.0.0.1:{port}/topic", "**Iran–Pakistan** rose"),
        ("gotify://127.0.0.1:{port}/abcdefghijklmno", "**Iran–Pakistan** rose"),
    ],
)
def test_markdown_goes_where_it_is_shown(
    httpserver: HTTPServer, notifier: AppriseNotifier, address: str, mark: str
) -> None:
    httpserver.expect_request("/", method="POST").respond_with_json({"ok": True})
    for path in ("/topic", "/message", "/hooks/3ccdd113474722377935511fc85d3dd4"):
        httpserver.expect_request(path).respond_with_json({"ok": True})
    httpserver.expect_request(re.compile("/hooks/.*")).respond_with_json({"ok": True})
    answer = notifier.send(parcel(), address.format(port=httpserver.port))
    assert answer.ok, (answer, [request.path for request, _ in httpserver.log])
    assert mark in sent(httpserver)


def test_text_goes_where_there_is_no_markdown_and_where_none_was_written(
    httpserver: HTTPServer, notifier: AppriseNotifier
) -> None:
    httpserver.expect_request("/topic").respond_with_json({})
    httpserver.expect_request("/").respond_with_json({})
    assert notifier.send(parcel(markdown=""), f"ntfy://127.0.0.1:{httpserver.port}/topic").ok
    told = sent(httpserver)
    assert '"message": "plain"' in told
    assert "X-Markdown" not in told, "what is no Markdown must not be read as such"
    httpserver.clear_log()
    assert notifier.send(parcel(), f"json://127.0.0.1:{httpserver.port}/").ok
    assert '"message": "plain"' in sent(httpserver)


def test_nothing_in_a_text_calls_anybody(httpserver: HTTPServer, notifier: AppriseNotifier) -> None:
    for path in ("/", "/hooks/3ccdd113474722377935511fc85d3dd4"):
        httpserver.expect_request(path).respond_with_json({})
    for address in ("mmost://127.0.0.1:{port}/3ccdd113474722377935511fc85d3dd4", "ntfy://127.0.0.1:{port}/topic"):
        httpserver.clear_log()
        assert notifier.send(parcel(PINGS, PINGS), address.format(port=httpserver.port)).ok
        told = sent(httpserver)
        for call in PINGS.split():
            assert call not in told


def test_the_mark_between_is_the_only_change() -> None:
    held = without_pings(PINGS)
    assert held.replace("\u200b", "") == PINGS
    harmless = "mail me@example.org, 3 < 4, a@b, <b>, @everyday and @heresy"
    assert without_pings(harmless) == harmless


def test_discord_is_told_to_call_nobody() -> None:
    body = without_discord_pings(b'{"content": "hello", "allow_mentions": {"parse": ["everyone"]}}')
    assert body is not None
    assert json.loads(body)["allowed_mentions"] == {"parse": []}
    assert without_discord_pings(b"--boundary") is None
    assert without_discord_pings(b"[1]") is None


def test_every_schema_with_markdown_is_one_we_allow_and_has_one_way() -> None:
    ways = [MAILS, RENDERED, UNTOUCHED, FORMATTED]
    assert frozenset().union(*ways) <= ALLOWED
    assert sum(map(len, ways)) == len(frozenset().union(*ways))
