"""Addresses of subscribers: whom one reaches, and how a bare mailbox is reached through the operator's server."""

import logging
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from service.adapters.channels.address import problem
from service.adapters.net.addresses import PUBLIC, Reach
from service.errors import ConfigError
from service.ports import Destination

PERSONAL = frozenset({"mailto", "mailtos", "signal", "signals", "twilio"})
"""Schemas that reach people through a server that others share: whoever knows an address could flood it."""
_MAILBOX = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,63}")


@dataclass(frozen=True, slots=True)
class AddressBook:
    """Judges and completes addresses. `mail_server` is an Apprise address of mail without recipients, or ""."""

    mail_server: str = field(default="", repr=False)
    reach: Reach = PUBLIC

    def look(self, address: str) -> Destination:
        """Where an address leads. Raises ConfigError, which never repeats the address."""
        url = self.complete(address)
        if why := problem(url, reach=self.reach):
            raise ConfigError(f"the address is refused: {why}")
        schema = url.partition("://")[0]
        if schema not in PERSONAL:
            return Destination(schema, f"{schema} {url.partition('?')[0]}", is_personal=False)
        return Destination(schema, f"person {_only_one(_targets(url))}", is_personal=True)

    def complete(self, address: str) -> str:
        """The address as Apprise takes it: a bare mailbox is reached through the mail server. Raises ConfigError."""
        if "://" in address:
            return address
        if not _MAILBOX.fullmatch(address):
            raise ConfigError("the address is refused: it is neither a mailbox nor of the form schema://…")
        if not self.mail_server:
            raise ConfigError("a bare mailbox needs notify.mail_server, the address of the server that sends the mail")
        return f"{self.mail_server}{'&' if '?' in self.mail_server else '?'}to={quote(address, safe='')}"


def _targets(url: str) -> list[str]:
    """Everybody Apprise would send to: nobody else reads an address exactly as it does."""
    import apprise  # noqa: PLC0415  0.5 s that only adding a channel should pay

    logging.getLogger("apprise").disabled = True  # it writes addresses into its messages
    plugin: Any = apprise.Apprise.instantiate(url, suppress_exceptions=True)
    if plugin is None:
        raise ConfigError("the address is refused: it was not understood")
    named = [target[1] if isinstance(target, tuple) else target for target in plugin.targets]
    return [*named, *getattr(plugin, "cc", ()), *getattr(plugin, "bcc", ())]


def _only_one(targets: list[str]) -> str:
    """The person, in one spelling: without case, and of a mailbox without what stands behind a plus."""
    if len(targets) != 1:
        raise ConfigError(f"the address is refused: it reaches {len(targets)} people; a channel reaches one")
    local, at, host = targets[0].lower().partition("@")
    return f"{local.partition('+')[0]}{at}{host}"
