"""Who is told and let in, and how messages leave."""

from collections.abc import Collection
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from service.adapters.channels.address import problem
from service.adapters.channels.personal import AddressBook
from service.bootstrap.folders import make_folder
from service.bootstrap.model import Model
from service.bootstrap.reach import reach_of
from service.config.codes import unknown_in_pattern
from service.domain.alerting.directory import Directory
from service.domain.alerting.message import Message
from service.domain.alerting.notification import Notification, Outgoing
from service.domain.alerting.subscription import joined
from service.domain.alerting.writing import Portrait
from service.errors import ConfigError
from service.flow import Task
from service.operations.accounts import Doorkeeper
from service.operations.canary import Canary
from service.operations.heartbeat import Heartbeat
from service.operations.portrait import portrait
from service.operations.status import Signs
from service.operations.subscribers import Confirmation, Registry
from service.pipeline.consent import subscribed
from service.pipeline.notify import PostOffice
from service.pipeline.objection import Objection, objection
from service.ports import IdentityProvider, Notifier, Parcel, Passwords, Recipient, UnitOfWork, Vault

TRIES = {"sign in by name": "10/15minute", "sign in by address": "30/15minute"}
"""How often somebody may try to sign in, counted in each process that serves pages."""


class Mailroom(Model):
    """Who is told, and how messages leave."""

    def directory_of(self, unit: UnitOfWork, receivers: Collection[str] | None = None) -> Directory:
        """Who can be told, and how alerts find them. Raises ConfigError."""
        configured_ones = Directory(
            self.route,
            self.receivers,
            self.intervals,
            self.inhibit_rules,
            countries_of=self.countries_of,
            canary=self.settings.notify.canary.receiver or "",
        )
        return joined(configured_ones, subscribed(unit, receivers), self.watchlists)

    @property
    def signs(self) -> Signs:
        """The signs of life that are configured. Raises ConfigError where a receiver or its channels are missing."""
        self.check_signs()
        beats, birds, receivers = self.settings.notify.heartbeat, self.settings.notify.canary, self.receivers
        heartbeat = canaries = None
        if beats.receiver:
            heartbeat = Heartbeat(receivers[beats.receiver], beats.every, self._title, lambda: self.versions)
        if birds.receiver:
            canaries = Canary(receivers[birds.receiver], birds.every, birds.within)
        return Signs(heartbeat, canaries)

    @staticmethod
    def _title(message: Message) -> str:
        from service.adapters.messages.compose import title

        return title(message)

    def portrait(self, subject: str, at: datetime, unit: UnitOfWork) -> Portrait:
        """What a message shows of a subject."""
        return portrait(subject, at, unit, self.gauge, self.versions, self.name_of)

    def post_office(self, notifier: Notifier) -> PostOffice:
        """How messages go out."""
        from service.adapters.messages.compose import Composer

        chosen, form = self.settings.notify, Composer(self.settings.public_url or "")

        def compose(row: Notification, message: Message, to: Recipient, late: timedelta | None) -> Parcel:
            return form(row, self.subscribers.completed(message, row.channel), to, late)

        return PostOffice(notifier, self.recipient_of, compose, self.objection, chosen.per_channel)

    def objection(self, unit: UnitOfWork, row: Notification, message: Message) -> Objection | None:
        """Why a message may not go out now."""
        return objection(
            row,
            message,
            unit,
            self.directory_of(unit, {row.receiver}),
            self.clock.now(),
            self.settings.notify.max_age,
        )

    def recipient_of(self, unit: UnitOfWork, receiver: str, channel: str) -> Recipient | None:
        """Who is at the end of a channel, None when there is none, or nothing may be sent there. Raises ConfigError."""
        if receiver.startswith("@"):
            return self.subscribers.recipient(unit, receiver, channel)
        address = self.addresses.get((receiver, channel))
        return Recipient(address) if address else None

    @property
    def vault(self) -> Vault:
        """Seals addresses and signs links; makes a key in the data folder when none is set. Raises ConfigError.

        The file is read each time, so that a key that was added while this process runs is known to it.
        """
        from service.adapters import vault

        if self.settings.secret_key:
            return vault.of(tuple(vault.parse_keys(self.settings.secret_key.get_secret_value())))
        self._need_own_key()
        make_folder(self.data_dir)
        return vault.of(tuple(vault.load_keys(self.data_dir)))

    def rotate_key(self) -> None:
        """Put a new key before those in the data folder; with `secret_key` that is the operator's to do.

        Raises ConfigError.
        """
        from service.adapters import vault

        if not self.settings.secret_key:
            self._need_own_key()
            make_folder(self.data_dir)
            vault.add_key(self.data_dir)

    def _need_own_key(self) -> None:
        """Machines that share a database must share the key."""
        if self.settings.database_url and "sqlite" not in self.database_url.partition("://")[0]:
            raise ConfigError(
                "secret_key: must be set where the database is not in the data folder, the same for all processes: "
                "set DETENTE_SECRET_KEY_FILE; make a key: openssl rand -hex 32"
            )

    @cached_property
    def address_book(self) -> AddressBook:
        """Judges and completes subscribers' addresses. Raises ConfigError."""
        server = self.settings.notify.mail_server
        written, reach = server.get_secret_value() if server else "", reach_of(self.settings.notify)
        if written and (why := problem(written, reach=reach)):
            raise ConfigError(f"notify.mail_server: the address is refused: {why}")
        return AddressBook(written, reach)

    @cached_property
    def subscribers(self) -> Registry:
        """Adds, changes and forgets subscribers."""
        return Registry(
            units=self.units,
            vault=lambda: self.vault,
            clock=self.clock,
            look=self.address_book.look,
            complete=self.address_book.complete,
            written_to=lambda unit, receiver: unit.outbox.written_to(receiver),
            subject_fault=self._subject_fault,
            send=self._send_confirmation,
            public_url=self.settings.public_url or "",
            is_owned=lambda unit, subscriber_id: bool(unit.desk.owner(subscriber_id)),
        )

    @property
    def page_url(self) -> str:
        """Where the pages are, without a slash at its end."""
        api = self.settings.api
        host = f"[{api.host}]" if ":" in api.host else api.host
        return self.settings.public_url or f"http://{host}:{api.port}"

    @cached_property
    def doorkeeper(self) -> Doorkeeper:
        """Lets people and programs in."""
        from service.adapters.limiter import Limiter

        return Doorkeeper(self.units, lambda: self._passwords, Limiter(TRIES))

    @property
    def identity_provider(self) -> IdentityProvider | None:
        """Where people may sign in elsewhere, None where that is not set. Raises ConfigError without the extra."""
        chosen = self.settings.oidc
        if not chosen.issuer or not chosen.client_id:
            return None
        from service.adapters.oidc import OidcProvider

        secret = chosen.client_secret
        return OidcProvider(
            chosen.issuer,
            chosen.client_id,
            lambda: secret.get_secret_value() if secret else None,
            allow_private=chosen.allow_private,
        )

    @cached_property
    def _passwords(self) -> Passwords:
        from service.adapters.passwords import Argon2Passwords

        return Argon2Passwords()

    def _subject_fault(self, pattern: str) -> str | None:
        """Why a pattern over subjects covers nothing there is."""
        return next(unknown_in_pattern(pattern, self.names), None)

    def _send_confirmation(self, unit: Any, asked: Confirmation) -> None:
        """Put the question into the outbox, in the transaction that counts it."""
        from service.adapters.messages.compose import title

        written = unit.outbox.write([Outgoing(asked.id, asked.message, title(asked.message), [asked.channel])])
        unit.after_commit(lambda: self.queue.nudge(Task.DELIVER, written))
