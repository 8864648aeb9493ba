"""Transactions."""

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from typing import Protocol

from service.domain.alerting.directory import Directory
from service.ports.access import Accounts
from service.ports.alerts import Alerts
from service.ports.answers import Answers
from service.ports.books import Decisions, Ledger
from service.ports.desk import Desk
from service.ports.feedback import Feedbacks
from service.ports.listings import Listings
from service.ports.outbox import Channels, Outbox, Silences
from service.ports.people import Audit, Subscribers
from service.ports.tallies import Tallies
from service.ports.texts import Articles, Feeds, Hosts, Texts
from service.ports.works import Marks, Works


class Books(Protocol):
    """What deciding needs of a transaction: texts, ledger, alerts, decisions, marks, who wants to hear of it."""

    ledger: Ledger
    alerts: Alerts
    decisions: Decisions
    marks: Marks
    subscribers: Subscribers
    audit: Audit

    @property
    def articles(self) -> Texts:
        """The texts and what they tell."""
        ...

    def after_commit(self, action: Callable[[], object]) -> None:
        """Run this once the transaction is safe; its failure harms nothing."""
        ...


class OpenBooks(Protocol):
    """Opens transactions on books alone."""

    def __call__(self, *, serial: bool = False, read_only: bool = False) -> AbstractContextManager[Books]:
        """A new transaction; `serial` ones run one after the other across all processes."""
        ...


class UnitOfWork(Books, Protocol):
    """One transaction: committed when its block ends well, rolled back otherwise."""

    works: Works
    accounts: Accounts
    answers: Answers
    articles: Articles
    channels: Channels
    desk: Desk
    feedback: Feedbacks
    feeds: Feeds
    hosts: Hosts
    listings: Listings
    outbox: Outbox
    silences: Silences
    tallies: Tallies


class Units(Protocol):
    """Opens transactions."""

    def __call__(self, *, serial: bool = False, read_only: bool = False) -> AbstractContextManager[UnitOfWork]:
        """A new transaction; `serial` ones run one after the other across all processes."""
        ...


class DirectoryOf(Protocol):
    """Who can be told, as it is in a transaction."""

    def __call__(self, unit: UnitOfWork, receivers: Collection[str] | None = None) -> Directory:
        """All who can be told, or of the subscribers only those among these receivers: thousands may subscribe."""
        ...
