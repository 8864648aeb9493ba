"""What the pipeline needs of the world, as small Protocols. Implementations stand in `service.adapters`."""

from service.ports.access import Accounts, Attempt, IdentityProvider, Passwords, Vouched, Wait
from service.ports.alerts import ANY, Acknowledgement, Alerts, Published, Wanted
from service.ports.answers import Answers, Known
from service.ports.books import Columns, Decisions, Ledger, Stamp, Withdrawn
from service.ports.desk import Desk, Heard, Sending
from service.ports.feedback import Feedbacks
from service.ports.listings import ALWAYS, History, Listings, Shelved, Span
from service.ports.outbox import Arrival, Channels, Course, Fate, Outbox, Settled, Silences
from service.ports.people import Audit, Enrolled, Subscribers
from service.ports.reading import (
    Aside,
    Classifier,
    CodedArticle,
    Coder,
    CodingStore,
    Fingerprints,
    Gazetteer,
    KeptCoding,
    Recogniser,
    Splitter,
    Tone,
)
from service.ports.sending import Delivery, Destination, Notifier, Parcel, Purpose, Recipient, Vault
from service.ports.tallies import AlertTally, Tallies
from service.ports.texts import Articles, Cursor, Feeds, StoredEvent, Texts, Version
from service.ports.unit import Books, DirectoryOf, OpenBooks, UnitOfWork, Units
from service.ports.works import Claim, Dead, Marks, Works
from service.ports.world import BrokerTrouble, Clock, Feed, Fetcher, Queue, Refused, Reply

__all__ = [
    "ALWAYS",
    "ANY",
    "Accounts",
    "Acknowledgement",
    "AlertTally",
    "Alerts",
    "Answers",
    "Arrival",
    "Articles",
    "Aside",
    "Attempt",
    "Audit",
    "Books",
    "BrokerTrouble",
    "Channels",
    "Claim",
    "Classifier",
    "Clock",
    "CodedArticle",
    "Coder",
    "CodingStore",
    "Columns",
    "Course",
    "Cursor",
    "Dead",
    "Decisions",
    "Delivery",
    "Desk",
    "Destination",
    "DirectoryOf",
    "Enrolled",
    "Fate",
    "Feed",
    "Feedbacks",
    "Feeds",
    "Fetcher",
    "Fingerprints",
    "Gazetteer",
    "Heard",
    "History",
    "IdentityProvider",
    "KeptCoding",
    "Known",
    "Ledger",
    "Listings",
    "Marks",
    "Notifier",
    "OpenBooks",
    "Outbox",
    "Parcel",
    "Passwords",
    "Published",
    "Purpose",
    "Queue",
    "Recipient",
    "Recogniser",
    "Refused",
    "Reply",
    "Sending",
    "Settled",
    "Shelved",
    "Silences",
    "Span",
    "Splitter",
    "Stamp",
    "StoredEvent",
    "Subscribers",
    "Tallies",
    "Texts",
    "Tone",
    "UnitOfWork",
    "Units",
    "Vault",
    "Version",
    "Vouched",
    "Wait",
    "Wanted",
    "Withdrawn",
    "Works",
]
