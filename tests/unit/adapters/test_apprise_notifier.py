"""Sending through Apprise to real servers on this machine."""

import socket
import time
from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from service.adapters.channels.apprise_notifier import AppriseNotifier
from service.ports import Delivery, Parcel

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # Apprise imports it


class Mailbox:
    """Keeps what it is sent; `reply` is its answer."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []
        self.reply = "250 OK"

    async def handle_DATA(self, _server: object, _session: object, envelope: object) -> str:
        if self.reply.startswith("250"):
            self.mails.append(envelope.content)  # type: ignore[attr-defined]
        return self.reply


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, str]]:
    box = Mailbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port, ready_timeout=10)
    controller.start()
    yield box, f"mailto://127.0.0.1:{port}/?from=detente@example.org&to=desk@example.org&mode=insecure"
    controller.stop()


def send(address: str, *, allow_private: bool = True, body: str = "Why: level 63.") -> Delivery:
    parcel = Parcel("k", "t", "desk", "hook", "↑ Risk high Iran–Pakistan: high (63)", body)
    return AppriseNotifier(allow_private=allow_private).send(parcel, address)


def hook(server: HTTPServer, path: str = "/hook") -> str:
    return f"json://127.0.0.1:{server.port}{path}"


def test_a_webhook_gets_the_message_once(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/hook", method="POST").respond_with_data("taken")
    assert send(hook(httpserver)) == Delivery(ok=True)
    (request,) = [request for request, _ in httpserver.log]
    assert request.json["title"] == "↑ Risk high Iran–Pakistan: high (63)"
    assert request.json["message"] == "Why: level 63."


def test_a_mailbox_gets_the_message_once_and_no_header_can_be_smuggled_in(mailbox: tuple[Mailbox, str]) -> None:
    box, address = mailbox
    title = "Risk\r\nBcc: victim@example.org"
    parcel = Parcel("k", "t", "desk", "mail", title, "line one\n.\nBcc: other@example.org")
    assert AppriseNotifier(allow_private=True).send(parcel, address).ok
    (mail,) = box.mails
    headers = mail.partition(b"\r\n\r\n")[0].lower()
    assert b"\r\nbcc:" not in headers
    assert b"desk@example.org" in headers


@pytest.mark.parametrize("status", [400, 404, 429, 500, 503])
def test_a_channel_that_refuses_is_not_ok_and_asked_once(httpserver: HTTPServer, status: int) -> None:
    httpserver.expect_request("/hook").respond_with_data("CANARY in the answer", status=status)
    answer = send(hook(httpserver, "/hook"))
    assert not answer.ok
    assert not answer.permanent
    assert answer.error == "the channel did not take the message"
    assert len(httpserver.log) == 1


def test_a_mail_server_that_refuses_is_not_ok(mailbox: tuple[Mailbox, str]) -> None:
    box, address = mailbox
    box.reply = "451 greylisted, CANARY"
    answer = send(address)
    assert (answer.ok, answer.permanent) == (False, False)
    assert "CANARY" not in answer.error


def test_a_server_that_is_not_there_is_not_ok() -> None:
    answer = send("json://127.0.0.1:1/CANARY")
    assert (answer.ok, answer.permanent) == (False, False)
    assert "CANARY" not in answer.error


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(httpserver: HTTPServer, status: int) -> None:
    httpserver.expect_request("/hook").respond_with_data(
        "", status=status, headers={"Location": httpserver.url_for("/elsewhere")}
    )
    httpserver.expect_request("/elsewhere").respond_with_data("got it")
    assert not send(hook(httpserver)).ok
    assert [request.path for request, _ in httpserver.log] == ["/hook"]


@pytest.mark.parametrize(
    ("address", "allow_private"),
    [
        ("json://127.0.0.1/CANARY", False),
        ("file://CANARY", True),
        ("jsons://example.org/CANARY?verify=no", True),
        ("tgram://CANARY", True),
        ("discord://CANARY", True),
    ],
)
def test_an_address_that_is_refused_will_never_do(address: str, allow_private: bool) -> None:
    answer = send(address, allow_private=allow_private)
    assert (answer.ok, answer.permanent) == (False, True)
    assert "CANARY" not in answer.error
    assert answer.error


def test_markup_stays_text(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/hook").respond_with_data("taken")
    body = "<script>alert(1)</script> [x](javascript:alert(1)) {{7*7}} %s @everyone\n- second line"
    assert send(hook(httpserver), body=body).ok
    assert httpserver.log[0][0].json["message"] == body


def test_a_channel_that_never_answers_is_cut(httpserver: HTTPServer) -> None:
    def slow(_: Request) -> Response:
        time.sleep(3)
        return Response("late")

    httpserver.expect_request("/hook").respond_with_handler(slow)
    began = time.monotonic()
    answer = send(f"{hook(httpserver)}?rto=1&cto=1")
    assert not answer.ok
    assert time.monotonic() - began < 2.5
