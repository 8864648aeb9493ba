"""A mailbox as a feed: newsletters that come by mail. Nothing in it is changed."""

import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from service.adapters.feeds.files import from_mapping, parse_time
from service.adapters.feeds.heard import Reader
from service.adapters.feeds.imap import Facts, Mailbox, Session, session
from service.adapters.net.addresses import Reach
from service.adapters.net.exchange import DEADLINE
from service.domain.news.article import Article
from service.errors import FetchFailed, Refusal, RefusedInput
from service.ports import Feed, Refused, Reply

MOST_MAILS = 50
MOST_BYTES = 10 * 2**20
"""Mails and bytes of one poll; what is more comes with the next, which follows at once."""
LARGEST = 5 * 2**20
"""Bytes of a mail that is read."""
BEGINS = timedelta(days=7)
"""How far back the first poll goes."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last mail read, in the server's numbering of that name."""

    validity: int
    uid: int

    def __str__(self) -> str:
        return f"{self.validity}:{self.uid}"

    @classmethod
    def parse(cls, written: str) -> "Cursor | None":
        """None for what is none."""
        validity, _, uid = written.partition(":")
        is_one = validity.isascii() and validity.isdigit() and uid.isascii() and uid.isdigit()
        return cls(int(validity), int(uid)) if is_one else None


class MailboxFetcher:
    """Implements `ports.Fetcher` for mailboxes. `passwords` are by the feed's id.

    With `trusted` other certificates count than those this machine trusts.
    """

    def __init__(
        self,
        reach: Reach,
        reader: Reader,
        passwords: Mapping[str, str],
        within: float = DEADLINE,
        trusted: ssl.SSLContext | None = None,
    ) -> None:
        self.reach, self.reader, self.passwords = reach, reader, passwords
        self.within, self.trusted = within, trusted

    def fetch(self, feed: Feed, now: datetime) -> Reply:
        """Read the mails after the last one, oldest first. Raises FetchFailed or ReaderUnavailable."""
        if feed.id not in self.passwords:
            raise FetchFailed("there is no password for this mailbox")
        ends = time.monotonic() + self.within
        where = Mailbox.parse(feed.url)
        with session(where, self.passwords[feed.id], self.reach, self.within, self.trusted) as opened:
            poll = _Poll(opened, feed, self.reader, now, ends)
            poll.read()
            return poll.reply()


class _Poll:
    """What one session brings. What was read before the time was up, or the server broke off, is kept."""

    def __init__(self, opened: Session, feed: Feed, reader: Reader, now: datetime, ends: float) -> None:
        self.opened, self.feed, self.reader, self.now, self.ends = opened, feed, reader, now, ends
        self.articles: list[Article] = []
        self.refused: list[Refused] = []
        self.uid, self.due = self._due()

    def _due(self) -> tuple[int, list[int]]:
        """The last mail that counts as read, and those after it. A numbering that is new is begun afresh."""
        cursor = Cursor.parse(self.feed.cursor)
        if cursor and cursor.validity == self.opened.validity:
            return cursor.uid, self.opened.after(cursor.uid)
        due = self.opened.since((self.now - BEGINS).date())
        return (due[0] if due else self.opened.following) - 1, due

    def read(self) -> None:
        """As many as may be at once."""
        chosen = self.due[:MOST_MAILS]
        facts = self.opened.facts(chosen)
        left = MOST_BYTES
        for number, uid in enumerate(chosen):
            known = facts.get(uid)
            size = known.size if known and known.size <= LARGEST else 0
            if number and (size > left or time.monotonic() >= self.ends):
                return
            left -= size
            try:
                found = list(self._mail(uid, known))
            except FetchFailed:
                if number:
                    return
                raise
            self.articles += [one for one in found if isinstance(one, Article)]
            self.refused += [one for one in found if isinstance(one, Refused)]
            self.uid = uid

    def reply(self) -> Reply:
        """What was found, and how far."""
        cursor = str(Cursor(self.opened.validity, self.uid)) if self.uid >= 0 else ""
        return Reply(
            items=tuple(self.articles),
            etag="",
            last_modified="",
            not_modified=not self.due and cursor == self.feed.cursor,
            refused=tuple(self.refused),
            cursor=cursor,
            more=bool(self.due) and self.uid < self.due[-1],
        )

    def _mail(self, uid: int, known: Facts | None) -> Iterator[Article | Refused]:
        """What a mail holds; nothing when it was taken away."""
        where = f"{self.feed.id} mail {uid}"
        if known and known.size > LARGEST:
            yield Refused(where, Refusal.TOO_LARGE, f"larger than {LARGEST} bytes")
            return
        content = self.opened.message(uid) if known else None
        if content is None or known is None:
            return
        try:
            yield self._article(self.reader.read("mail", content), known.came_at)
        except RefusedInput as refused:
            yield Refused(where, refused.refusal, str(refused))

    def _article(self, said: Mapping[str, Any], came_at: datetime | None) -> Article:
        """Whose it is counts only where somebody has vouched for it: the operator for the feed, or the mail server."""
        sender = self.feed.publisher or said.get("sender")
        told = {name: said.get(name) for name in ("title", "text", "language")}
        told |= {"publisher": sender, "url": said.get("url") if sender else None}
        return from_mapping(told | {"published_at": _written(said.get("published_at"), came_at, self.now)}, self.now)


def _written(said: Any, came_at: datetime | None, now: datetime) -> str | None:
    """The date of a mail or, where it is none, when it came."""
    with suppress(RefusedInput):
        if said:
            return parse_time(said, now).isoformat()
    return came_at.isoformat() if came_at else None
