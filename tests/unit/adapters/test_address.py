"""Channel addresses: what people use is accepted, what reads files or points inwards is refused, nothing is echoed."""

import logging
from ipaddress import ip_network

import pytest

from service.adapters.channels.address import ALLOWED, problem
from service.adapters.net.addresses import Reach

HERE = Reach(allow_private=True)

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # Apprise imports it

GOOD = [
    "tgram://123456789:AAEabcdefghijklmnop-qrstuv_wxyz12345/12315544/",
    "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js",
    "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#general",
    "pover://435jdj3k78435jdj3k78435jdj3k78@abcdefghijklmnop64b7f4a7e36",
    "ntfys://ntfy.example.org/topic",
    "ntfy://topic",
    "mailtos://user:password@mail.example.org?to=desk@example.org",
    "mailtos://user:pass@example.org?smtp=smtp.example.org",
    "gotifys://example.org/abcdefghijklmno",
    "matrixs://user:pass@matrix.example.org/#general/!room:example.org",
    "mmosts://example.org/3ccdd113474722377935511fc85d3dd4",
    "rockets://user:password@example.org/#Channel",
    "jsons://user:pass@hooks.example.org:8443/x?+X-Token=abc",
    "jsons://[2606:4700::1111]/x",
    "forms://8.8.8.8/x",
    "opsgenie://a6k4ABnck26hDh8AA3EDHoOVdDEUlw3nty/",
]

BAD = [
    # schemas that do something else than send
    *(f"{schema}://CANARY" for schema in ("file", "syslog", "dbus", "exec", "python", "gnome", "macosx", "windows", "ssh")),
    *(f"{schema}://CANARY.example.org/CANARY" for schema in ("http", "https", "apprise", "apprises", "smb", "gopher")),
    "include http://example.org/CANARY",
    "CANARY",
    "",
    # a mistyped schema with a password
    "maitlo://user:CANARY@example.org",
    "jsonss://user:CANARY@example.org",
    "JSON ://user:CANARY@example.org",
    "json:/user:CANARY@example.org",
    # inwards
    *(
        f"json://CANARY@{host}/"
        for host in (
            "127.0.0.1", "localhost", "LOCALHOST", "localhost.", "db.internal", "printer.local", "x.localhost",
            "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
            "255.255.255.255", "192.0.0.8", "2130706433", "0x7f000001", "017700000001", "127.1", "0x7f.1", "0",
            "[::1]", "[::]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[::127.0.0.1]",
            "[fec0::1]", "[fe80::1]", "[fc00::1]", "[ff02::1]", "%31%32%37.0.0.1", "①②⑦.0.0.1", "127。0。0。1",
            "good.example\\@127.0.0.1", "a@127.0.0.1", "metadata.google.internal", "127.0.0.1.", "exa mple.org",
        )
    ),
    "mailto://CANARY:CANARY@127.0.0.1",
    "mailto://u:CANARY@example.org?smtp=127.0.0.1",
    "mailto://u:CANARY@example.org/?to=a@b.example&SMTP=169.254.169.254",
    "mailto://u:CANARY@example.org?x=1;smtp=localhost",
    "ntfy://localhost/CANARY",
    "json://",
    "json:///CANARY",
    "json://:80/CANARY",
    "json://example.org:99999/CANARY",
    "json://example.org:CANARY/",
    # options that switch a check off or read something
    *(
        f"jsons://example.org/{query}"
        for query in (
            "?verify=no", "?x=CANARY&verify=no", "?x=CANARY;verify=no", "?VeRiFy=CANARY", "#?verify=no",
            "?x=1#&verify=no", "?verify%20=no", "?%0averify=no", "?%76erify=no", "?+verify=no", "?attach=/etc/passwd",
            "?attach=http://127.0.0.1/CANARY", "?x=y&;attach=/etc/passwd", "?config=CANARY", "?redirect=yes",
        )
    ),
    "slack://T1JJ3T3L2/A1BRTD4JD/CANARY/?template=/etc/passwd",
    "mailtos://u:CANARY@example.org?pgpprv=/etc/passwd",
    # length
    "json://example.org/" + "CANARY" * 1700,
]  # fmt: skip


@pytest.mark.parametrize("url", GOOD)
def test_what_people_use_is_accepted(url: str) -> None:
    assert problem(url) is None


@pytest.mark.parametrize("url", BAD, ids=[f"{n}-{url[:40]}" for n, url in enumerate(BAD)])
def test_what_is_dangerous_is_refused_without_an_echo(url: str) -> None:
    why = problem(url)
    assert why
    assert "CANARY" not in why
    assert len(why) < 600


@pytest.mark.parametrize("host", ["127.0.0.1:8025", "localhost:8025", "10.1.2.3", "[::1]"])
def test_a_private_host_may_be_allowed_and_nothing_else_with_it(host: str) -> None:
    assert problem(f"json://{host}/x") is not None
    assert problem(f"json://{host}/x", reach=HERE) is None
    assert problem(f"json://{host}/x?verify=no", reach=HERE) is not None
    assert problem(f"file://{host}/x", reach=HERE) is not None


def test_only_the_networks_named_may_be_used_and_names_are_looked_at_when_dialled() -> None:
    named = Reach(allow=(ip_network("10.1.0.0/16"),))
    assert problem("json://10.1.2.3/x", reach=named) is None
    assert problem("json://hook.internal/x", reach=named) is None
    assert "allow_networks" in (problem("json://10.2.0.1/x", reach=named) or "")
    assert problem("json://127.0.0.1/x", reach=named) is not None


def test_apprise_knows_every_schema_we_allow() -> None:
    import apprise

    logging.getLogger("apprise").disabled = True
    known: set[str] = set()
    for schema in apprise.Apprise().details()["schemas"]:
        known |= {*(schema["protocols"] or ()), *(schema["secure_protocols"] or ())}
    assert known >= ALLOWED


@pytest.mark.parametrize("url", [url for url in GOOD if "[" not in url])
def test_apprise_understands_what_we_accept(url: str) -> None:
    import apprise

    logging.getLogger("apprise").disabled = True
    sender = apprise.Apprise.instantiate(url)
    assert sender is not None
    assert sender.verify_certificate
