"""Whom a subscriber's address reaches; a refusal never repeats it."""

import logging

import pytest

from service.adapters.channels.personal import AddressBook
from service.adapters.net.addresses import Reach
from service.errors import ConfigError

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # Apprise imports it
SERVER = "mailtos://user:CANARY@mail.example.org?from=detente@example.org"
BOOK = AddressBook(SERVER)


@pytest.mark.parametrize(
    "address",
    [
        "bob@example.org",
        "Bob@Example.ORG",
        "bob+alerts@example.org",
        "mailtos://user:CANARY@mail.example.org?to=bob@example.org",
        "mailto://other:CANARY@mail.example.net/bob@example.org",
        "mailtos://user:CANARY@mail.example.org?to=Bob%20%3Cbob%2Bx%40example.org%3E",
        "mailtos://bob:CANARY@example.org",
    ],
)
def test_a_mailbox_is_the_same_person_however_it_is_written(address: str) -> None:
    found = BOOK.look(address)
    assert (found.whom, found.is_personal) == ("person bob@example.org", True)
    assert "bob" not in repr(found)


def test_a_bare_mailbox_goes_through_the_server() -> None:
    assert BOOK.complete("bob@example.org") == f"{SERVER}&to=bob%40example.org"
    assert AddressBook("mailtos://u:p@h.example.org").complete("a&cc=x@example.org") == (
        "mailtos://u:p@h.example.org?to=a%26cc%3Dx%40example.org"
    )
    assert BOOK.complete("jsons://example.org/x") == "jsons://example.org/x"
    assert "CANARY" not in repr(BOOK)


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("bob", "neither a mailbox"),
        ("bob@localhost", "neither a mailbox"),
        ("CANARY @example.org", "neither a mailbox"),
        ("bob@example.org,al@example.org", "neither a mailbox"),
        ("bob@example.org\nBcc: al@example.org", "neither a mailbox"),
        ("mailtos://u:CANARY@mail.example.org/bob@example.org/al@example.org", "reaches 2 people"),
        ("mailtos://u:CANARY@mail.example.org?to=bob@example.org&cc=al@example.org", "reaches 2 people"),
        ("mailtos://u:CANARY@mail.example.org?to=bob@example.org&bcc=al@example.org", "reaches 2 people"),
        ("mailtos://u:CANARY@127.0.0.1?to=bob@example.org", "private network"),
        ("jsons://CANARY.local/x", "private network"),
        ("nope://CANARY", "its schema"),
        ("mailtos://u:CANARY@mail.example.org?to=@@", "reaches 0 people"),
        ("twilio://CANARY", "not understood"),
        ("mailtos://CANARY:CANARY@", "refused"),
    ],
)
def test_what_is_refused_is_not_repeated(address: str, why: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(ConfigError, match=why) as caught:
        BOOK.look(address)
    assert "CANARY" not in str(caught.value) + caplog.text
    assert "bob" not in str(caught.value) + caplog.text


def test_without_a_server_a_bare_mailbox_cannot_be_reached() -> None:
    with pytest.raises(ConfigError, match=r"notify\.mail_server"):
        AddressBook().look("bob@example.org")


def test_a_hook_is_nobody_and_options_do_not_make_it_another() -> None:
    one, other = BOOK.look("jsons://example.org/a?x=1"), BOOK.look("jsons://example.org/a?x=2")
    assert (one.is_personal, one.schema, one.whom) == (False, "jsons", other.whom)
    assert BOOK.look("jsons://example.org/b").whom != one.whom


def test_private_hosts_are_fine_where_the_operator_permits_them() -> None:
    assert AddressBook(reach=Reach(allow_private=True)).look("json://127.0.0.1/x").schema == "json"
