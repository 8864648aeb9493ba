"""Which network addresses may be dialled."""

import ipaddress
from dataclasses import dataclass

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

WEB_PORTS = frozenset({80, 443, 8000, 8080, 8443})
_UNICAST = ipaddress.ip_network("2000::/3")
_NOT_PUBLIC = tuple(
    ipaddress.ip_network(written)
    for written in ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)
"""Protocol assignments, relays, tunnels (Teredo, 6to4) and documentation, some of which Python takes for public."""


def is_public(address: str | Address) -> bool:
    """Whether this is a unicast address of the public internet, in plain form: not by a translation prefix or zone."""
    parsed = ipaddress.ip_address(address)
    if any(parsed in network for network in _NOT_PUBLIC) or not parsed.is_global or parsed.is_multicast:
        return False
    return isinstance(parsed, ipaddress.IPv4Address) or (parsed in _UNICAST and not parsed.scope_id)


@dataclass(frozen=True, slots=True)
class Reach:
    """What may be dialled besides the public internet: everything with `allow_private`, otherwise the networks named.

    Only configuration makes one. A network is what it says: 64:ff9b::/96 allows all that is behind that translation.
    """

    allow_private: bool = False
    allow: tuple[Network, ...] = ()

    def permits(self, address: str | Address) -> bool:
        """Whether this address may be dialled at all."""
        return self.is_named(address) or is_public(address)

    def is_named(self, address: str | Address) -> bool:
        """Whether configuration permits this address, and with it every port."""
        parsed = ipaddress.ip_address(address)
        return self.allow_private or any(parsed in network for network in self.allow)


PUBLIC = Reach()
"""The public internet alone."""
