"""Sending through Apprise, locked in."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from service.adapters.channels.address import problem
from service.adapters.jail.jail import CutOff, Jail, NotStarted
from service.adapters.net.addresses import Network, Reach
from service.ports import Delivery, Parcel

SENDER = "service.adapters.channels.child:Sender"
SEND_WITHIN = 25.0
"""Seconds for a whole send; with its start it stays below the lease of a delivery."""


class AppriseNotifier:
    """Implements `ports.Notifier`. Threads may send at once; every send has a process of its own."""

    def __init__(self, *, allow_private: bool, allow: tuple[Network, ...] = (), within: float = SEND_WITHIN) -> None:
        self.reach, self.within, self.jail = Reach(allow_private, allow), within, Jail(SENDER)

    def send(self, parcel: Parcel, address: str) -> Delivery:
        """Send now. The answer never holds the address, nor anything Apprise or the channel said."""
        if why := problem(address, reach=self.reach):
            return Delivery(ok=False, error=f"the channel's address is refused: {why}", permanent=True)
        try:
            return _delivery(self.jail.run(self._request(parcel, address), parcel.chart, self.within))
        except NotStarted:
            return Delivery(ok=False, error="no process to send in could be started", untried=True)
        except CutOff:
            return Delivery(
                ok=False, error=f"the send was cut off: it died or took over {self.within:g} s", unknown=True
            )

    def close(self) -> None:
        """End the sending processes."""
        self.jail.close()

    def _request(self, parcel: Parcel, address: str) -> dict[str, Any]:
        reach = {"allow_private": self.reach.allow_private, "allow": [str(network) for network in self.reach.allow]}
        said = asdict(parcel) | {"address": address} | reach
        del said["chart"]  # it goes beside the request, as bytes
        return said


def _delivery(said: Any) -> Delivery:
    wait = said["retry_after"]
    return Delivery(
        ok=said["ok"],
        error=said["error"],
        permanent=said["permanent"],
        retry_after=None if wait is None else timedelta(seconds=wait),
        unknown=said["unknown"],
    )
