"""Sending through Apprise, locked in, to real servers on this machine."""

import os
import signal
import socket
import ssl
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_network
from pathlib import Path

import psutil
import pytest
from pytest_httpserver import HTTPServer
from standardwebhooks import Webhook

from service.adapters.channels.apprise_notifier import AppriseNotifier
from service.ports import Delivery, Parcel
from tests.sinks import Mailbox, mail_server, raw_server, read_request

TITLE = "↑ Risk high Iran–Pakistan: high (63)"


@pytest.fixture(scope="module")
def notifier() -> Iterator[AppriseNotifier]:
    made = AppriseNotifier(allow_private=True, within=4)
    yield made
    made.close()


@pytest.fixture(scope="module")
def guarded() -> Iterator[AppriseNotifier]:
    made = AppriseNotifier(allow_private=False, within=10)
    yield made
    made.close()


def parcel(text: str = "Why: level 63.", **forms: str) -> Parcel:
    return Parcel(
        **{"key": "k1", "thread": "g1", "receiver": "desk", "channel": "c", "title": TITLE, "text": text} | forms
    )  # type: ignore[arg-type]


def hook(port: int, path: str = "/hook", schema: str = "json") -> str:
    return f"{schema}://127.0.0.1:{port}{path}"


def mailto(port: int, login: str = "", options: str = "mode=insecure") -> str:
    return f"mailto://{login}127.0.0.1:{port}/?from=detente@example.org&to=desk@example.org&{options}"


def test_a_web_hook_gets_the_message_once_with_its_key(httpserver: HTTPServer, notifier: AppriseNotifier) -> None:
    httpserver.expect_request("/hook", method="POST").respond_with_data("taken")
    assert notifier.send(parcel(), hook(httpserver.port)) == Delivery(ok=True)
    (request,) = [request for request, _ in httpserver.log]
    assert request.json["title"] == TITLE
    assert request.json["message"] == "Why: level 63."
    assert request.headers["Idempotency-Key"] == "k1"


@pytest.mark.parametrize("schema", ["xml", "form"])
def test_other_hooks_get_the_key_too(httpserver: HTTPServer, notifier: AppriseNotifier, schema: str) -> None:
    httpserver.expect_request("/hook").respond_with_data("taken")
    assert notifier.send(parcel(), hook(httpserver.port, schema=schema)).ok
    assert httpserver.log[0][0].headers["Idempotency-Key"] == "k1"


@pytest.mark.parametrize(
    ("status", "permanent"),
    [
        (400, True),
        (401, True),
        (404, True),
        (410, True),
        (408, False),
        (425, False),
        (429, False),
        (500, False),
        (503, False),
    ],
)
def test_a_refusal_is_asked_once_and_told_by_its_code(
    httpserver: HTTPServer, notifier: AppriseNotifier, status: int, permanent: bool
) -> None:
    httpserver.expect_request("/hook").respond_with_data("CANARY in the answer", status=status)
    answer = notifier.send(parcel(), hook(httpserver.port))
    assert answer == Delivery(ok=False, error=f"the channel answered {status}", permanent=permanent)
    assert len(httpserver.log) == 1


def test_a_wish_to_wait_is_heard_in_seconds_and_as_a_date(httpserver: HTTPServer, notifier: AppriseNotifier) -> None:
    at = format_datetime(datetime.now(UTC) + timedelta(minutes=2), usegmt=True)
    for wish in ("90", at, "soon", "-5"):
        httpserver.expect_ordered_request("/hook").respond_with_data("", status=429, headers={"Retry-After": wish})
    counted, dated, vague, negative = (notifier.send(parcel(), hook(httpserver.port)).retry_after for _ in range(4))
    assert counted == timedelta(seconds=90)
    assert dated is not None
    assert timedelta(seconds=110) < dated <= timedelta(seconds=120)
    assert vague is negative is None


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(httpserver: HTTPServer, notifier: AppriseNotifier, status: int) -> None:
    with raw_server(lambda end: elsewhere.append(end.recv(10))) as port:
        elsewhere: list[bytes] = []
        target = {"Location": f"http://127.0.0.1:{port}/elsewhere"}
        httpserver.expect_request("/hook").respond_with_data("", status=status, headers=target)
        answer = notifier.send(parcel(), hook(httpserver.port))
        assert answer == Delivery(ok=False, error=f"the channel answered {status}")
    assert elsewhere == []


def test_nobody_there_is_no_connection(notifier: AppriseNotifier) -> None:
    answer = notifier.send(parcel(), "json://127.0.0.1:2/CANARY")
    assert answer == Delivery(ok=False, error="no connection to the channel could be made")


def test_a_name_that_does_not_exist_is_told_so(notifier: AppriseNotifier) -> None:
    answer = notifier.send(parcel(), "json://nowhere.invalid/CANARY")
    assert answer == Delivery(ok=False, error="the channel's name cannot be resolved")


def test_a_reply_after_the_status_line_is_not_waited_for(notifier: AppriseNotifier) -> None:
    def drip(end: socket.socket) -> None:
        read_request(end)
        end.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(60):
            end.sendall(b".")
            time.sleep(1)

    with raw_server(drip) as port:
        began = time.monotonic()
        patient = AppriseNotifier(allow_private=True, within=15)
        assert patient.send(parcel(), hook(port)).ok, "it said that it has taken the message"
        assert time.monotonic() - began < 14
        patient.close()


def test_a_channel_that_drips_its_headers_is_killed_at_the_deadline(notifier: AppriseNotifier) -> None:
    def drip(end: socket.socket) -> None:
        read_request(end)
        for letter in b"HTTP/1.1 200 OK and so on and on and on and on and on and on and on" * 2:
            end.sendall(bytes([letter]))
            time.sleep(0.5)

    with raw_server(drip) as port:
        began = time.monotonic()
        answer = notifier.send(parcel(), hook(port))
        assert 3.5 < time.monotonic() - began < 9
    assert answer == Delivery(ok=False, error="the send was cut off: it died or took over 4 s", unknown=True)
    wait_until_idle(notifier)


def test_a_channel_that_is_silent_may_have_taken_it(notifier: AppriseNotifier) -> None:
    with raw_server(lambda end: time.sleep(6)) as port:
        answer = notifier.send(parcel(), hook(port) + "?rto=1")
    assert answer == Delivery(ok=False, error="the channel did not answer in time", unknown=True)


def test_a_channel_that_resets_after_it_has_read_may_have_taken_it(notifier: AppriseNotifier) -> None:
    def reset(end: socket.socket) -> None:
        read_request(end)
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with raw_server(reset) as port:
        answer = notifier.send(parcel(), hook(port))
    assert answer == Delivery(ok=False, error="the channel broke off before it answered", unknown=True)


def test_an_endless_reply_is_not_read(notifier: AppriseNotifier) -> None:
    sent: list[int] = []

    def flood(end: socket.socket) -> None:
        read_request(end)
        end.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 419430400\r\n\r\n")
        for _ in range(400):
            end.sendall(b"x" * 2**20)
            sent.append(1)

    with raw_server(flood) as port:
        assert notifier.send(parcel(), hook(port)).ok
    assert len(sent) < 40, "MiB that were taken from the network"


def test_a_zipped_reply_is_not_unpacked(httpserver: HTTPServer, notifier: AppriseNotifier) -> None:
    httpserver.expect_request("/hook").respond_with_data(b"\x1f\x8b no gzip", headers={"Content-Encoding": "gzip"})
    assert notifier.send(parcel(), hook(httpserver.port)).ok
    assert httpserver.log[0][0].headers["Accept-Encoding"] == "identity"


def test_a_certificate_nobody_vouches_for_is_refused(notifier: AppriseNotifier, tmp_path: Path) -> None:
    context = _self_signed(tmp_path)

    def shake(end: socket.socket) -> None:
        with context.wrap_socket(end, server_side=True) as shaken:
            shaken.recv(1)

    with raw_server(shake) as port:
        answer = notifier.send(parcel(), hook(port, schema="jsons"))
        mail = notifier.send(parcel(), mailto(port, options="mode=ssl").replace("mailto:", "mailtos:"))
    refused = Delivery(ok=False, error="no trusted TLS connection to the channel could be made")
    assert answer == refused
    assert mail == refused


def _self_signed(folder: Path) -> ssl.SSLContext:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")]),
    )
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now - timedelta(1)).not_valid_after(now + timedelta(1))
    certificate = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (folder / "both.pem").write_bytes(private + certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "both.pem")
    return context


@pytest.mark.parametrize(
    ("command", "reply", "error", "permanent"),
    [
        ("MAIL", "421 busy, CANARY", "the mail server refused the sender (421)", False),
        ("RCPT", "450 greylisted, CANARY", "the mail server refused the address (450)", False),
        ("RCPT", "550 no such user CANARY", "the mail server refused the address (550)", True),
        ("DATA", "451 try later CANARY", "the mail server refused the message (451)", False),
        ("DATA", "554 spam CANARY", "the mail server refused the message (554)", True),
    ],
)
def test_a_mail_server_that_refuses(
    notifier: AppriseNotifier, command: str, reply: str, error: str, permanent: bool
) -> None:
    with mail_server(Mailbox({command: reply})) as port:
        answer = notifier.send(parcel(), mailto(port))
    assert answer == Delivery(ok=False, error=error, permanent=permanent)


@pytest.mark.parametrize(("greeting", "code"), [(b"421 too many", 421), (b"554 go away", 554)])
def test_a_mail_server_that_turns_us_away_at_the_door_is_asked_again(
    notifier: AppriseNotifier, greeting: bytes, code: int
) -> None:
    with raw_server(lambda end: (end.sendall(greeting + b"\r\n"), time.sleep(0.2))) as port:
        answer = notifier.send(parcel(), mailto(port))
    assert answer == Delivery(ok=False, error=f"the mail server answered {code}")


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")
def test_a_login_that_is_refused_will_never_do_and_a_right_one_does(notifier: AppriseNotifier) -> None:
    box = Mailbox()
    with mail_server(box, password="CANARY-right") as port:
        wrong = notifier.send(parcel(), mailto(port, "user:CANARY-wrong@"))
        right = notifier.send(parcel(), mailto(port, "user:CANARY-right@"))
    assert wrong == Delivery(ok=False, error="the mail server refused the login (535)", permanent=True)
    assert right == Delivery(ok=True)
    assert len(box.mails) == 1


def test_a_mail_server_without_tls_is_not_sent_anything_in_the_clear(notifier: AppriseNotifier) -> None:
    box = Mailbox()
    with mail_server(box) as port:
        answer = notifier.send(parcel(), mailto(port, options="mode=starttls").replace("mailto:", "mailtos:"))
    assert answer == Delivery(ok=False, error="no trusted TLS connection to the channel could be made")
    assert box.mails == []


def test_a_mail_server_that_falls_silent_after_the_message_may_have_taken_it(notifier: AppriseNotifier) -> None:
    def silent(end: socket.socket) -> None:
        lines = end.makefile("rwb", buffering=0)
        lines.write(b"220 hello\r\n")
        for line in lines:
            if line.startswith(b"DATA"):
                lines.write(b"354 go on\r\n")
            elif line == b".\r\n":
                return
            elif line[:4] in {b"ehlo", b"mail", b"rcpt"}:
                lines.write(b"250 fine\r\n")
            elif line.startswith(b"data"):
                lines.write(b"354 go on\r\n")

    with raw_server(silent) as port:
        answer = notifier.send(parcel(), mailto(port))
    assert answer == Delivery(ok=False, error="the channel broke off before it answered", unknown=True)


@pytest.mark.parametrize(
    ("address", "allow_private"),
    [
        ("json://127.0.0.1/CANARY", False),
        ("file://CANARY", True),
        ("jsons://example.org/CANARY?verify=no", True),
        ("mailtos://user:CANARY@example.org?pgp=encrypt", True),
        ("tgram://CANARY", True),
        ("discord://CANARY", True),
    ],
)
def test_an_address_that_is_refused_will_never_do(
    notifier: AppriseNotifier, guarded: AppriseNotifier, address: str, allow_private: bool
) -> None:
    answer = (notifier if allow_private else guarded).send(parcel(), address)
    assert (answer.ok, answer.permanent) == (False, True)
    assert "CANARY" not in answer.error
    assert answer.error


def test_a_channel_may_be_in_a_network_that_is_named_and_in_no_other(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/hook").respond_with_data("")
    notifiers = [
        AppriseNotifier(allow_private=False, allow=(ip_network(written),), within=10)
        for written in ("127.0.0.0/8", "10.0.0.0/8")
    ]
    answers = []
    for notifier in notifiers:
        answers += [
            notifier.send(parcel(), f"json://{host}:{httpserver.port}/hook") for host in ("127.0.0.1", "localhost")
        ]
        notifier.close()
    assert [answer.ok for answer in answers] == [True, True, False, False]
    assert answers[2].permanent
    assert answers[3].error == "the channel's name leads into this machine or a private network"


@pytest.mark.parametrize("port", [22, 25, 5432, 6379])
def test_a_web_hook_may_not_talk_to_another_kind_of_server(notifier: AppriseNotifier, port: int) -> None:
    answer = notifier.send(parcel(), hook(port))
    assert answer == Delivery(ok=False, error="the channel's port is not one of its kind of server", permanent=True)


@pytest.mark.parametrize(
    "address",
    ["json://{name}:8080/CANARY", "mailto://u:CANARY@{name}/?to=a@example.org&from=b@example.org&mode=insecure"],
)
def test_a_name_that_leads_inwards_is_not_dialled(guarded: AppriseNotifier, address: str) -> None:
    name = next((n for n in _names_of_this_machine() if "." in n or n.isalnum()), None)
    if name is None:
        pytest.skip("this machine has no name but localhost")
    answer = guarded.send(parcel(), address.format(name=name))
    assert answer == Delivery(ok=False, error="the channel's name leads into this machine or a private network")


def _names_of_this_machine() -> list[str]:
    """Names that resolve to a private address and do not look like it."""
    found = []
    for name in (socket.gethostname(), "ip6-localhost", "ip6-loopback"):
        try:
            socket.getaddrinfo(name, 80)
        except OSError:
            continue
        found.append(name)
    return found


def test_markup_stays_text(httpserver: HTTPServer, notifier: AppriseNotifier) -> None:
    httpserver.expect_request("/hook").respond_with_data("taken")
    body = "<script>alert(1)</script> [x](javascript:alert(1)) {{7*7}} %s \\n @everyone :smile:\n- second line"
    assert notifier.send(parcel(body), hook(httpserver.port)).ok
    assert httpserver.log[0][0].json["message"] == body


def test_many_send_at_once(notifier: AppriseNotifier) -> None:
    def slow(end: socket.socket) -> None:
        read_request(end)
        time.sleep(0.5)
        end.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    with raw_server(slow) as port, ThreadPoolExecutor(8) as threads:
        began = time.monotonic()
        answers = list(threads.map(lambda _: notifier.send(parcel(), hook(port)), range(16)))
    assert answers == [Delivery(ok=True)] * 16
    assert time.monotonic() - began < 16 * 0.5, "one after the other"
    wait_until_idle(notifier)


def children(notifier: AppriseNotifier) -> list[psutil.Process]:
    assert notifier.jail.pid
    return living(psutil.Process(notifier.jail.pid))


def living(parent: psutil.Process) -> list[psutil.Process]:
    return [child for child in parent.children() if child.status() != psutil.STATUS_ZOMBIE]


def staying(parent: psutil.Process) -> list[psutil.Process]:
    """The children that are still there a moment later: those of sends that are done go by themselves."""
    ends = time.monotonic() + 10
    while time.monotonic() < ends:
        before = living(parent)
        time.sleep(0.3)
        if before and before == living(parent):
            return before
    return []


def wait_until_idle(notifier: AppriseNotifier) -> None:
    ends = time.monotonic() + 5
    while children(notifier):
        assert time.monotonic() < ends, "a child outlives its send"
        time.sleep(0.01)


def wait_for_child(notifier: AppriseNotifier) -> psutil.Process:
    ends = time.monotonic() + 10
    while time.monotonic() < ends:
        if notifier.jail.pid and (found := children(notifier)):
            return found[0]
        time.sleep(0.01)
    raise AssertionError("no child")


def test_a_child_that_is_killed_leaves_its_send_unknown_and_others_alone(notifier: AppriseNotifier) -> None:
    asked: list[bytes] = []

    def talk(end: socket.socket) -> None:
        asked.append(read_request(end))
        time.sleep(2)
        end.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    with raw_server(talk) as port, ThreadPoolExecutor(1) as threads:
        wait_until_idle(notifier)
        sending = threads.submit(notifier.send, parcel(), hook(port))
        child = wait_for_child(notifier)
        while not asked:
            time.sleep(0.01)
        child.kill()
        answer = sending.result()
        assert (answer.ok, answer.unknown, answer.permanent) == (False, True, False)
        assert notifier.send(parcel(), hook(port)).ok


def test_a_zygote_that_died_is_replaced_and_nothing_is_lost(httpserver: HTTPServer, notifier: AppriseNotifier) -> None:
    httpserver.expect_request("/hook").respond_with_data("taken")
    assert notifier.send(parcel(), hook(httpserver.port)).ok
    first = notifier.jail.pid
    assert first
    os.kill(first, signal.SIGKILL)
    assert notifier.send(parcel(), hook(httpserver.port)).ok
    assert notifier.jail.pid != first
    assert len(httpserver.log) == 2


def test_where_no_process_can_be_started_nothing_was_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    broken = AppriseNotifier(allow_private=True)
    answer = broken.send(parcel(), hook(1))
    broken.close()
    assert answer == Delivery(ok=False, error="no process to send in could be started", untried=True)


WORKER = """
import sys
from service.adapters.channels.apprise_notifier import AppriseNotifier
from service.ports import Parcel
notifier = AppriseNotifier(allow_private=True)
print(notifier.send(Parcel("k", "t", "r", "c", "title", "text"), sys.argv[1]).ok, notifier.jail.pid, flush=True)
notifier.send(Parcel("k", "t", "r", "c", "title", "text"), sys.argv[2])
"""


def test_a_worker_that_is_killed_leaves_nothing_behind_and_tells_its_children_nothing(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/hook").respond_with_data("taken")
    secret = {"DETENTE_SECRET": "CANARY", "HTTP_PROXY": "http://CANARY@127.0.0.1:1", "http_proxy": "http://127.0.0.1:1"}
    with raw_server(lambda end: time.sleep(20)) as port:
        worker = subprocess.Popen(
            [sys.executable, "-c", WORKER, hook(httpserver.port), hook(port, "/CANARY")],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **secret},
        )
        assert worker.stdout
        sent, pid = worker.stdout.readline().split()
        assert sent == "True", "a proxy of the environment is not asked"
        zygote = psutil.Process(int(pid))
        family = [zygote, *staying(zygote)]
        assert len(family) == 2
        for process in family:
            assert "CANARY" not in repr(process.environ()) + repr(process.cmdline())
        worker.kill()
        worker.wait()
        worker.stdout.close()
        _gone, alive = psutil.wait_procs(family, timeout=5)
    assert alive == []


def confined(child: psutil.Process) -> dict[str, int]:
    """A child's limits, once it has had the time to set the last of them."""
    import resource

    ends = time.monotonic() + 1.5
    while time.monotonic() < ends and child.rlimit(resource.RLIMIT_CPU)[1] == resource.RLIM_INFINITY:
        time.sleep(0.01)
    names = ("RLIMIT_AS", "RLIMIT_CORE", "RLIMIT_FSIZE")
    return {name: child.rlimit(getattr(resource, name))[1] for name in names}


def test_a_child_cannot_write_files_nor_dump_itself_nor_grow_without_end(notifier: AppriseNotifier) -> None:
    with raw_server(lambda end: time.sleep(2)) as port, ThreadPoolExecutor(1) as threads:
        notifier.send(parcel(), hook(2))  # so that whoever forks is there
        wait_until_idle(notifier)
        sending = threads.submit(notifier.send, parcel(), hook(port) + "?rto=1")
        child = wait_for_child(notifier)
        limits = confined(child)
        assert os.getpgid(child.pid) == child.pid
        sending.result()
    assert limits == {"RLIMIT_AS": 2**30, "RLIMIT_CORE": 0, "RLIMIT_FSIZE": 0}


SECRET = "whsec_" + "A" * 43 + "="


def test_a_signed_webhook_can_be_verified_by_its_receiver(httpserver: HTTPServer, notifier: AppriseNotifier) -> None:
    httpserver.expect_request("/in", method="POST").respond_with_data("", status=204)
    data = {"reason": "fired", "title": "↑ high", "created_at": "2026-03-01T12:00:00Z"}
    address = f"webhook://127.0.0.1:{httpserver.port}/in?secret={SECRET}"
    assert notifier.send(replace(parcel(), data=data), address) == Delivery(ok=True)
    (request,) = [request for request, _ in httpserver.log]
    read = Webhook(SECRET).verify(request.get_data(), dict(request.headers))
    assert (read["type"], read["data"]) == ("alert.fired", data)
    assert request.headers["webhook-id"] == "k1"
    assert SECRET not in request.url


@pytest.mark.parametrize(("status", "permanent"), [(410, True), (307, False), (503, False)])
def test_what_a_signed_webhook_answers_counts(
    httpserver: HTTPServer, notifier: AppriseNotifier, status: int, permanent: bool
) -> None:
    httpserver.expect_request("/in").respond_with_data("", status=status, headers={"Location": "/elsewhere"})
    delivery = notifier.send(parcel(), f"webhook://127.0.0.1:{httpserver.port}/in?secret={SECRET}")
    assert (delivery.ok, delivery.permanent, str(status) in delivery.error) == (False, permanent, True)
    assert len(httpserver.log) == 1


def test_a_signed_webhook_into_this_machine_is_refused_at_the_dial(guarded: AppriseNotifier) -> None:
    delivery = guarded.send(parcel(), f"webhooks://localtest.invalid/in?secret={SECRET}")
    assert not delivery.ok
    assert "WHSEC" not in delivery.error.upper()
