"""Every kind of feed, each asked in its own way."""

from collections.abc import Mapping
from datetime import datetime

from service.adapters.feeds.http import FeedFetcher
from service.adapters.feeds.reader import JailedReader, shared_reader
from service.adapters.net.addresses import Reach
from service.errors import FetchFailed
from service.ports import Feed, FeedKind, Fetcher, Reply


class EveryKind:
    """Implements `ports.Fetcher` for all kinds. `passwords` of mailboxes are by the feed's id: never log them."""

    def __init__(self, reach: Reach, passwords: Mapping[str, str], reader: JailedReader | None = None) -> None:
        self.reach, self.passwords, self.reader = reach, passwords, reader or shared_reader()

    def fetch(self, feed: Feed, now: datetime) -> Reply:
        """Poll once, as the feed's kind has it. Raises FetchFailed, Gone, RefusedInput or ReaderUnavailable."""
        return self._fetcher(feed.kind).fetch(feed, now)

    def _fetcher(self, kind: FeedKind) -> Fetcher:
        """A process loads what its feeds need: most have one kind alone."""
        match kind:
            case FeedKind.FEED:
                return FeedFetcher(self.reach, self.reader)
            case FeedKind.SITEMAP:
                from service.adapters.feeds.sitemap import SitemapFetcher  # noqa: PLC0415

                return SitemapFetcher(self.reach, self.reader)
            case FeedKind.GDELT:
                from service.adapters.feeds.gdelt import GdeltFetcher  # noqa: PLC0415

                return GdeltFetcher(self.reach, self.reader)
            case FeedKind.FOLDER:
                from service.adapters.feeds.folder import FolderFetcher  # noqa: PLC0415

                return FolderFetcher(self.reader)
            case FeedKind.MAILBOX:
                return self._mailboxes()

    def _mailboxes(self) -> Fetcher:
        try:
            from service.adapters.feeds.mailbox import MailboxFetcher  # noqa: PLC0415
        except ModuleNotFoundError as missing:
            if missing.name != "imapclient":
                raise
            raise FetchFailed("mailboxes need the extra imap: pip install 'detente[imap]'") from None
        return MailboxFetcher(self.reach, self.reader, self.passwords)
