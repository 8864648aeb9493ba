"""Sending through Apprise, one object for each channel."""

import logging

from service.adapters.channels.address import problem
from service.ports import Delivery, Parcel

READ_TIMEOUT = 10
SEND_TIMEOUT = 25
"""Seconds; below the lease of a delivery."""


class AppriseNotifier:
    """Implements `ports.Notifier`."""

    def __init__(self, *, allow_private: bool) -> None:
        self.allow_private = allow_private

    def send(self, parcel: Parcel, address: str) -> Delivery:
        """Send now. The answer never holds the address, nor anything Apprise logged about it."""
        if why := problem(address, allow_private=self.allow_private):
            return Delivery(ok=False, error=f"the channel's address is refused: {why}", permanent=True)
        return _send(address, parcel.title, parcel.text)


def _send(address: str, title: str, body: str) -> Delivery:
    import apprise  # noqa: PLC0415  0.5 s that only the delivering worker should pay

    logging.getLogger("apprise").disabled = True  # it writes addresses into its messages, at every level
    asset = apprise.AppriseAsset(http_redirects=False, app_id="Detente", app_desc="Detente", secure_logging=True)
    sender = apprise.Apprise(asset=asset)
    if not sender.add(_with_timeouts(address)):
        return Delivery(ok=False, error="the channel's address was not understood", permanent=True)
    if sender.notify(title=title, body=body, body_format=apprise.NotifyFormat.TEXT, timeout=SEND_TIMEOUT):
        return Delivery(ok=True)
    return Delivery(ok=False, error="the channel did not take the message")


def _with_timeouts(address: str) -> str:
    if "rto=" in address:
        return address
    return f"{address}{'&' if '?' in address else '?'}rto={READ_TIMEOUT}&cto=5"
