"""Mailboxes on a real IMAP server: what is read, in what order, and that nothing in them is changed."""

import logging
import random
import socket
import ssl
import time
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

pytest.importorskip("imapclient")

from service.adapters.feeds import mailbox as module
from service.adapters.feeds.imap import Mailbox
from service.adapters.feeds.mailbox import Cursor, MailboxFetcher
from service.adapters.feeds.reader import shared_reader
from service.adapters.net.addresses import PUBLIC, Reach
from service.domain.news.article import Flag
from service.errors import FetchFailed, Refusal
from service.ports import Feed, FeedKind, Reply
from tests.imap import PASSWORD, USER, MailServer, mail_server

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def mail(n: int, *headers: str, subject: str = "", date: str = "Sun, 01 Mar 2026 10:00:00 +0100") -> bytes:
    said = "".join(f"{one}\r\n" for one in headers)
    return (
        f"From: The Paper <news@paper.example>\r\nTo: {USER}\r\nSubject: {subject or f'Talks {n}'}\r\nDate: {date}\r\n{said}"
        f"\r\nDelegations of Kestrel and Marl met for the {n}th time and agreed to talk.\r\n"
    ).encode()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServer]:
    with mail_server(tmp_path_factory.mktemp("mail")) as server:
        yield server


@pytest.fixture(autouse=True)
def _calm(server: MailServer) -> None:
    server.cut_after, server.pause = None, 0.0
    server.heard.clear()


@pytest.fixture
def fetcher(server: MailServer, reach: Reach, reader: Any) -> MailboxFetcher:
    return MailboxFetcher(reach, reader, {"box": PASSWORD}, within=10, trusted=server.trusted)


@pytest.fixture
def box(server: MailServer, request: pytest.FixtureRequest) -> Feed:
    """A folder of this test's own."""
    server.put(request.node.name)
    return feed(server, request.node.name)


def feed(server: MailServer, folder: str, **known: Any) -> Feed:
    url = f"imaps://{USER.replace('@', '%40')}@localhost:{server.port}/{folder}"
    return Feed("box", url, known.pop("publisher", ""), kind=FeedKind.MAILBOX, **known)


def folder_of(box: Feed) -> str:
    return Mailbox.parse(box.url).folder


def titles(reply: Reply) -> list[str]:
    return [item.title for item in reply.items]


# --- what is read


def test_mails_become_articles_oldest_first(server: MailServer, fetcher: MailboxFetcher, box: Feed) -> None:
    server.put(folder_of(box), mail(1), mail(2))
    reply = fetcher.fetch(replace(box, publisher="The Paper"), NOW)
    assert titles(reply) == ["Talks 1", "Talks 2"]
    first = reply.items[0]
    assert (first.publisher, first.published_at) == ("The Paper", datetime(2026, 3, 1, 9, tzinfo=UTC))
    assert first.text == "Delegations of Kestrel and Marl met for the 1th time and agreed to talk."
    assert (reply.refused, reply.more, reply.not_modified) == ((), False, False)


def test_a_mail_is_read_once_and_stays_unread(server: MailServer, fetcher: MailboxFetcher, box: Feed) -> None:
    server.put(folder_of(box), mail(1))
    reply = fetcher.fetch(box, NOW)
    again = fetcher.fetch(replace(box, cursor=reply.cursor), NOW)
    assert (again.items, again.not_modified, again.cursor) == ((), True, reply.cursor)
    server.put(folder_of(box), mail(2))
    assert titles(fetcher.fetch(replace(box, cursor=reply.cursor), NOW)) == ["Talks 2"]
    with server.client() as client:
        client.select_folder(folder_of(box))
        flags = client.get_flags(client.search())
    assert not any(b"\\Seen" in one for one in flags.values())
    words = bytes(server.heard).upper()
    assert b"EXAMINE" in words
    assert not any(word in words for word in (b" SELECT ", b"STORE", b"EXPUNGE", b" BODY[]", b"DELETE", b"COPY"))


def test_the_first_poll_goes_back_a_week(server: MailServer, fetcher: MailboxFetcher, box: Feed) -> None:
    server.put(folder_of(box), mail(1), came_at=NOW - timedelta(days=30))
    reply = fetcher.fetch(box, NOW)
    assert (reply.items, reply.more) == ((), False)
    server.put(folder_of(box), mail(2), came_at=NOW - timedelta(days=2))
    assert titles(fetcher.fetch(box, NOW)) == ["Talks 2"]
    assert titles(fetcher.fetch(replace(box, cursor=reply.cursor), NOW)) == ["Talks 2"]


def test_an_empty_mailbox_has_a_cursor_too(server: MailServer, fetcher: MailboxFetcher, box: Feed) -> None:
    reply = fetcher.fetch(box, NOW)
    assert Cursor.parse(reply.cursor) is not None
    server.put(folder_of(box), mail(1), came_at=NOW - timedelta(days=300))
    assert titles(fetcher.fetch(replace(box, cursor=reply.cursor), NOW)) == ["Talks 1"]


def test_with_another_numbering_it_is_begun_afresh(server: MailServer, fetcher: MailboxFetcher, box: Feed) -> None:
    server.put(folder_of(box), mail(1))
    assert titles(fetcher.fetch(replace(box, cursor="7:4000000"), NOW)) == ["Talks 1"]


def test_folders_of_other_alphabets_are_opened(server: MailServer, fetcher: MailboxFetcher) -> None:
    server.put("Zeitung & Größe", mail(1))
    assert titles(fetcher.fetch(feed(server, "Zeitung%20&%20Gr%C3%B6%C3%9Fe"), NOW)) == ["Talks 1"]


def test_a_date_that_is_none_gives_way_to_when_it_came(server: MailServer, fetcher: MailboxFetcher, box: Feed) -> None:
    came_at = NOW - timedelta(days=1)
    server.put(folder_of(box), mail(1, date="once"), mail(2, date="Thu, 01 Jan 1970 00:00:00 +0000"), came_at=came_at)
    assert [item.published_at for item in fetcher.fetch(box, NOW).items] == [came_at, came_at]


def test_a_date_ahead_counts_as_now(server: MailServer, fetcher: MailboxFetcher, box: Feed) -> None:
    server.put(folder_of(box), mail(1, date="Sun, 01 Mar 2036 10:00:00 +0000"))
    (article,) = fetcher.fetch(box, NOW).items
    assert article.published_at == NOW
    assert Flag.UNDATED not in article.flags


# --- whose it is


def test_without_a_check_nobody_is_believed_to_be_the_sender(
    server: MailServer, fetcher: MailboxFetcher, box: Feed
) -> None:
    linked = mail(1, "Archived-At: <https://paper.example/1>")
    server.put(folder_of(box), linked)
    (article,) = fetcher.fetch(box, NOW).items
    assert (article.publisher, article.url) == ("", "")
    (article,) = fetcher.fetch(replace(box, publisher="The Paper"), NOW).items
    assert (article.publisher, article.url) == ("The Paper", "https://paper.example/1")


def test_a_sender_that_the_server_has_checked_is_believed(
    server: MailServer, fetcher: MailboxFetcher, box: Feed
) -> None:
    checked = "Authentication-Results: mx.example; spf=pass; dmarc=pass header.from=paper.example"
    server.put(folder_of(box), mail(1, checked, "Archived-At: <https://paper.example/1>"))
    (article,) = fetcher.fetch(box, NOW).items
    assert (article.publisher, article.url) == ("paper.example", "https://paper.example/1")


def test_a_forged_mail_is_refused(server: MailServer, fetcher: MailboxFetcher, box: Feed) -> None:
    forged = "Authentication-Results: mx.example; dmarc=fail (p=reject)"
    below = "Authentication-Results: evil.example; dmarc=pass"
    server.put(folder_of(box), mail(1, forged, below), mail(2))
    reply = fetcher.fetch(replace(box, publisher="The Paper"), NOW)
    assert titles(reply) == ["Talks 2"]
    assert [one.refusal for one in reply.refused] == [Refusal.UNSUPPORTED]


# --- much at once, and broken off


def polls(fetcher: MailboxFetcher, box: Feed) -> list[Reply]:
    replies = [fetcher.fetch(box, NOW)]
    while replies[-1].more:
        replies.append(fetcher.fetch(replace(box, cursor=replies[-1].cursor), NOW))
    return replies


def test_a_poll_takes_so_many_mails(
    server: MailServer, fetcher: MailboxFetcher, box: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_MAILS", 2)
    server.put(folder_of(box), *map(mail, range(5)))
    assert [titles(reply) for reply in polls(fetcher, box)] == [
        ["Talks 0", "Talks 1"],
        ["Talks 2", "Talks 3"],
        ["Talks 4"],
    ]


def test_a_poll_takes_so_many_bytes(
    server: MailServer, fetcher: MailboxFetcher, box: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 300)
    server.put(folder_of(box), *map(mail, range(3)))
    assert [len(reply.items) for reply in polls(fetcher, box)] == [1, 1, 1]


def test_a_mail_that_is_too_large_is_not_even_asked_for(
    server: MailServer, fetcher: MailboxFetcher, box: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LARGEST", 2000)
    server.put(folder_of(box), mail(1), mail(2) + b"x" * 3000, mail(3))
    reply = fetcher.fetch(box, NOW)
    assert titles(reply) == ["Talks 1", "Talks 3"]
    assert [one.refusal for one in reply.refused] == [Refusal.TOO_LARGE]
    assert bytes(server.heard).count(b"BODY.PEEK[]") == 2


def test_what_came_before_the_server_broke_off_is_kept(server: MailServer, fetcher: MailboxFetcher, box: Feed) -> None:
    server.put(folder_of(box), *(mail(n) + b"and on " * 1500 for n in range(4)))
    server.cut_after = 18_000
    reply = fetcher.fetch(box, NOW)
    assert titles(reply) == ["Talks 0"]
    assert reply.more
    server.cut_after = None
    rest = polls(fetcher, replace(box, cursor=reply.cursor))
    assert [title for one in rest for title in titles(one)] == ["Talks 1", "Talks 2", "Talks 3"]


def test_whoever_dies_between_polls_skips_nothing(
    server: MailServer, fetcher: MailboxFetcher, box: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mails come while polls come and go; what a poll found is lost when its worker dies."""
    monkeypatch.setattr(module, "MOST_MAILS", 2)
    dice, written, stored = random.Random(7), [], []
    for n in range(15):
        come = [f"Talks {n}.{m}" for m in range(dice.choice([0, 1, 3]))]
        server.put(folder_of(box), *(mail(n, subject=title) for title in come))
        written += come
        reply = fetcher.fetch(box, NOW)
        assert fetcher.fetch(box, NOW) == reply
        if dice.random() < 0.6:
            stored += titles(reply)
            box = replace(box, cursor=reply.cursor)
    stored += [title for reply in polls(fetcher, box) for title in titles(reply)]
    assert stored == written


def test_a_mail_that_is_taken_away_meanwhile_is_passed_over(
    server: MailServer, fetcher: MailboxFetcher, box: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.put(folder_of(box), mail(1), mail(2))
    whole = module.Session.facts
    monkeypatch.setattr(module.Session, "facts", lambda self, uids: dict(list(whole(self, uids).items())[1:]))
    assert titles(fetcher.fetch(box, NOW)) == ["Talks 2"]


# --- what can go wrong


def test_a_wrong_password_is_told_without_it(
    server: MailServer, reach: Reach, reader: Any, box: Feed, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    fetcher = MailboxFetcher(reach, reader, {"box": "not the one"}, within=10, trusted=server.trusted)
    with pytest.raises(FetchFailed, match="refuses the user or the password") as caught:
        fetcher.fetch(box, NOW)
    assert "not the one" not in f"{caught.value} {caplog.text}"


def test_the_password_is_never_logged(
    server: MailServer, fetcher: MailboxFetcher, box: Feed, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.put(folder_of(box), mail(1))
    fetcher.fetch(box, NOW)
    assert PASSWORD not in caplog.text
    assert b"Sesame" in bytes(server.heard), "the test would see it"
    assert "Sesame" not in caplog.text


def test_a_password_of_other_letters_is_sent_in_the_way_that_knows_them(
    server: MailServer, reach: Reach, reader: Any, box: Feed, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    fetcher = MailboxFetcher(reach, reader, {"box": "Größe"}, within=10, trusted=server.trusted)
    with pytest.raises(FetchFailed, match="refuses the user or the password"):
        fetcher.fetch(box, NOW)
    assert b64encode(f"\0{USER}\0Größe".encode()) in bytes(server.heard)
    assert b64encode(f"\0{USER}\0Größe".encode()).decode() not in caplog.text


def test_without_a_password_nobody_is_asked(reach: Reach, reader: Any, box: Feed, server: MailServer) -> None:
    server.heard.clear()
    with pytest.raises(FetchFailed, match="no password"):
        MailboxFetcher(reach, reader, {}).fetch(box, NOW)
    assert not server.heard


def test_a_folder_that_is_not_there_is_a_failure(server: MailServer, fetcher: MailboxFetcher) -> None:
    with pytest.raises(FetchFailed, match="folder"):
        fetcher.fetch(feed(server, "none"), NOW)


def test_a_certificate_nobody_trusts_is_refused(reach: Reach, reader: Any, box: Feed, server: MailServer) -> None:
    server.heard.clear()
    with pytest.raises(FetchFailed, match="certificate is refused"):
        MailboxFetcher(reach, reader, {"box": PASSWORD}, within=5).fetch(box, NOW)
    assert not server.heard


def test_a_certificate_of_another_name_is_refused(fetcher: MailboxFetcher, box: Feed) -> None:
    other = replace(box, url=box.url.replace("localhost", "localhost.localdomain"))
    with pytest.raises(FetchFailed, match=r"certificate is refused|cannot be resolved"):
        fetcher.fetch(other, NOW)


def test_private_addresses_and_other_ports_are_not_dialled(server: MailServer, reader: Any, box: Feed) -> None:
    server.heard.clear()
    fetcher = MailboxFetcher(PUBLIC, reader, {"box": PASSWORD}, within=5, trusted=server.trusted)
    with pytest.raises(FetchFailed, match="not a public one"):
        fetcher.fetch(box, NOW)
    with pytest.raises(FetchFailed, match="not one of a mail server"):
        fetcher.fetch(replace(box, url="imaps://me@93.184.215.14:443/INBOX"), NOW)
    assert not server.heard


def test_a_slow_server_is_given_up(server: MailServer, reach: Reach, reader: Any, box: Feed) -> None:
    server.pause = 0.4
    fetcher = MailboxFetcher(reach, reader, {"box": PASSWORD}, within=1, trusted=server.trusted)
    began = time.monotonic()
    with pytest.raises(FetchFailed, match="too long"):
        fetcher.fetch(box, NOW)
    assert time.monotonic() - began < 3


@pytest.mark.parametrize(
    "greeting",
    [
        b"",
        b"* BYE\r\n",
        b"220 smtp\r\n",
        b"* OK " + b"x" * 1_100_000,
        b"\xff\xfe\r\n",
        b"* OK hello\r\n* 1 FETCH ({99999999}\r\n",
    ],
)
def test_what_speaks_something_else_is_a_failure(
    greeting: bytes, server: MailServer, fetcher: MailboxFetcher, box: Feed, tmp_path: Any
) -> None:
    from tests.imap import certificate
    from tests.servers import raw_server

    cert, key = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)

    def greet(connection: socket.socket) -> None:
        connection.sendall(greeting)
        connection.shutdown(socket.SHUT_RDWR)

    with raw_server(greet, context=context) as url:
        port = url.rpartition(":")[2].partition("/")[0]
        other = replace(box, url=f"imaps://me@localhost:{port}/INBOX")
        fetcher.trusted = ssl.create_default_context(cafile=str(cert))
        fetcher.within = 0.7
        with pytest.raises(FetchFailed):
            fetcher.fetch(other, NOW)


def test_a_mail_is_read_in_the_jail(server: MailServer, reach: Reach, box: Feed) -> None:
    server.put(folder_of(box), mail(1, subject="=?utf-8?q?Gr=C3=B6=C3=9Fe?="))
    fetcher = MailboxFetcher(reach, shared_reader(), {"box": PASSWORD}, within=10, trusted=server.trusted)
    assert titles(fetcher.fetch(box, NOW)) == ["Größe"]


@pytest.mark.parametrize("written", ["", "nonsense", "1", "1:", ":1", "1:x", "-1:2", "²:1"])
def test_a_cursor_that_is_none_is_none(written: str) -> None:
    assert Cursor.parse(written) is None
