"""Which addresses are of the public internet, and what configuration adds to it."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.adapters.net.addresses import PUBLIC, Reach, is_public

INNER = [
    "127.0.0.1", "127.255.255.254", "10.0.0.1", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1",
    "100.127.255.254", "0.0.0.0", "0.1.2.3", "192.0.0.8", "192.0.0.170", "192.0.2.1", "192.88.99.1", "198.18.0.1",
    "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::8.8.8.8", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0:8.8.8.8",
    "64:ff9b::7f00:1", "64:ff9b::8.8.8.8", "64:ff9b:1::1", "100::1", "2001::1", "2001:0:7f00:1::1", "2001:10::1",
    "2001:20::1", "2001:db8::1", "2002:7f00:1::", "2002:808:808::1", "3fff::1", "4000::1", "5f00::1", "fec0::1",
    "fe80::1", "fe80::1%lo", "fc00::1", "fd00:ec2::254", "ff02::1", "ff0e::1", "2606:4700::1111%eth0",
]  # fmt: skip
OUTER = ["8.8.8.8", "93.184.216.34", "1.1.1.1", "100.63.255.255", "100.128.0.1", "2606:4700::1111", "2001:200::1"]


@pytest.mark.parametrize("address", INNER)
def test_no_inner_address_is_public(address: str) -> None:
    assert not is_public(address)
    assert not is_public(ipaddress.ip_address(address))
    assert not PUBLIC.permits(address)


@pytest.mark.parametrize("address", OUTER)
def test_the_internet_is_public(address: str) -> None:
    assert is_public(address)
    assert PUBLIC.permits(address)
    assert not PUBLIC.is_named(address)


@given(st.ip_addresses(v=4))
def test_an_address_inside_another_is_never_public(inner: ipaddress.IPv4Address) -> None:
    number = int(inner)
    wrapped = [
        number,
        0xFFFF << 32 | number,
        0xFFFF << 48 | number,
        0x64FF9B << 96 | number,
        0x2002 << 112 | number << 80,
        0x20010000 << 96 | (number ^ 0xFFFFFFFF),
    ]
    assert not any(is_public(ipaddress.IPv6Address(one)) for one in wrapped)


@given(st.ip_addresses())
def test_what_python_calls_private_is_never_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    if address.is_private or address.is_multicast or address.is_reserved or address.is_link_local:
        assert not is_public(address)


def reach(*networks: str) -> Reach:
    return Reach(allow=tuple(ipaddress.ip_network(one) for one in networks))


def test_a_named_network_may_be_dialled_and_no_other() -> None:
    named = reach("10.1.0.0/16", "fd00::/8")
    assert [named.permits(one) for one in ("10.1.2.3", "fd00::1", "8.8.8.8")] == [True] * 3
    assert [named.permits(one) for one in ("10.2.0.1", "127.0.0.1", "fc00::1", "::ffff:10.1.2.3")] == [False] * 4
    assert [named.is_named(one) for one in ("10.1.2.3", "8.8.8.8")] == [True, False]


def test_everything_may_be_dialled_where_configuration_says_so() -> None:
    assert all(Reach(allow_private=True).permits(one) for one in [*INNER, *OUTER])
