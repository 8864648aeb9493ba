"""What is dialled, and what is not."""

import ipaddress
import socket
import threading
import time

import httpcore2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.adapters.net import names
from service.adapters.net.addresses import Reach, is_public
from service.adapters.net.guard import Allowance, Guard, TimedStream
from service.errors import FetchFailed
from tests.servers import FakeResolver

HERE = Reach(allow_private=True)
Connected = list[tuple[str, int]]


@pytest.fixture
def dialled(monkeypatch: pytest.MonkeyPatch) -> Connected:
    """What was dialled; every connection is refused there."""
    made: Connected = []

    def refuse(address: tuple[str, int], *arguments: object, **options: object) -> socket.socket:
        made.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", refuse)
    return made


def resolver(monkeypatch: pytest.MonkeyPatch, **answers: list[list[str] | OSError]) -> FakeResolver:
    made = FakeResolver(**answers)
    monkeypatch.setattr(socket, "getaddrinfo", made)
    return made


def dial(host: str, port: int = 80, *, reach: Reach | None = None, within: float = 5) -> httpcore2.NetworkStream:
    return Guard(reach or Reach(), Allowance(within, 10**6)).connect_tcp(host, port)


def is_refused(host: str, why: str, port: int = 80, **wished) -> None:
    with pytest.raises(FetchFailed, match=why):
        dial(host, port, **wished)


def test_all_addresses_are_tried_in_turn(monkeypatch: pytest.MonkeyPatch, dialled: Connected) -> None:
    six, four = ["2606:4700::1", "2606:4700::2", "2606:4700::3"], ["8.8.8.8", "8.8.4.4"]
    resolver(monkeypatch, a_example=[[*six, *four, four[0]]])
    is_refused("a.example", "no connection")
    assert [address for address, _ in dialled] == [six[0], four[0], six[1], four[1], six[2]]


def test_an_address_that_leads_nowhere_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        resolver(monkeypatch, a_example=[["::1", "2001:db8::1", "127.0.0.2", "127.0.0.1"]])
        stream = dial("a.example", port, reach=HERE)
        assert stream.get_extra_info("server_addr") == ("127.0.0.1", port)
        stream.close()


def test_one_inner_address_among_many_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch, dialled: Connected) -> None:
    resolver(monkeypatch, a_example=[["8.8.8.8", "10.0.0.1"]], b_example=[["8.8.8.8", "fe80::1%lo"]])
    is_refused("a.example", "not a public one")
    is_refused("b.example", "not a public one")
    assert dialled == []


def test_what_was_checked_is_what_is_dialled(monkeypatch: pytest.MonkeyPatch, dialled: Connected) -> None:
    asked = resolver(monkeypatch, a_example=[["8.8.8.8"], ["127.0.0.1"]])
    is_refused("a.example", "no connection")
    assert (asked.asked, dialled) == (["a.example"], [("8.8.8.8", 80)])
    is_refused("a.example", "not a public one")
    assert dialled == [("8.8.8.8", 80)]


@pytest.mark.parametrize("port", [0, 1, 22, 25, 81, 3306, 5432, 6379, 8081, 9200, 65535])
def test_a_port_of_no_web_server_is_dialled_only_in_networks_of_ours(dialled: Connected, port: int) -> None:
    named = Reach(allow=(ipaddress.ip_network("10.1.0.0/16"),))
    is_refused("8.8.8.8", f"port {port} is not one of a web server", port)
    is_refused("8.8.8.8", f"port {port} is not one of a web server", port, reach=named)
    assert dialled == []
    is_refused("10.1.0.1", "no connection", port, reach=named)
    is_refused("8.8.8.8", "no connection", port, reach=HERE)
    assert dialled == [("10.1.0.1", port), ("8.8.8.8", port)]


def test_a_name_half_in_a_network_of_ours_has_no_port_of_its_own(
    monkeypatch: pytest.MonkeyPatch, dialled: Connected
) -> None:
    resolver(monkeypatch, a_example=[["10.1.0.1", "8.8.8.8"]])
    named = Reach(allow=(ipaddress.ip_network("10.1.0.0/16"),))
    is_refused("a.example", "not one of a web server", 6379, reach=named)
    assert dialled == []
    is_refused("a.example", "no connection", 443, reach=named)
    assert dialled == [("10.1.0.1", 443), ("8.8.8.8", 443)]


@given(st.lists(st.ip_addresses(), max_size=4), st.sampled_from([80, 443, 22, 8080]))
def test_the_verdict_is_that_on_every_address(
    addresses: list[ipaddress.IPv4Address | ipaddress.IPv6Address], port: int
) -> None:
    guard, is_fine = Guard(Reach(), Allowance(1, 1)), False
    try:
        guard.check([str(one) for one in addresses], port)
        is_fine = True
    except FetchFailed:
        pass
    assert is_fine == (bool(addresses) and all(map(is_public, addresses)) and port != 22)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"), "cannot be resolved: Temporary"),
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "cannot be resolved: Name or service"),
        ([], "it has no address"),
    ],
)
def test_a_name_without_an_answer_is_a_failed_fetch(
    monkeypatch: pytest.MonkeyPatch, answer: list[str] | OSError, why: str
) -> None:
    resolver(monkeypatch, a_example=[answer])
    is_refused("a.example", why)
    is_refused("a.example", why, reach=HERE)


def test_a_name_of_nonsense_is_a_failed_fetch() -> None:
    is_refused("a" * 70 + ".example", "cannot be resolved")


def test_a_resolver_that_is_silent_is_left_behind_and_may_hold_only_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    held, waiting = threading.Event(), []

    def silent(host: str, *arguments: object, **options: object) -> list[tuple]:
        waiting.append(host)
        held.wait(20)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", silent)
    try:
        began = time.monotonic()
        is_refused("a.example", "no answer in time", within=0.2)
        assert time.monotonic() - began < 1
        for n in range(1, names.MOST):
            with pytest.raises(FetchFailed, match="no answer in time"):
                names.look_up(f"{n}.example", 80, 0.0)
        is_refused("b.example", "64 others are being looked up")
        assert len(waiting) == names.MOST
    finally:
        held.set()
    ends = time.monotonic() + 5
    while names._places._value < names.MOST and time.monotonic() < ends:
        time.sleep(0.01)
    is_refused("c.example", "it has no address")


def test_what_is_left_of_the_time_is_shared_among_the_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    given_time: list[float] = []

    def blackhole(address: tuple[str, int], timeout: float, **options: object) -> socket.socket:
        given_time.append(timeout)
        raise TimeoutError

    monkeypatch.setattr(socket, "create_connection", blackhole)
    resolver(monkeypatch, a_example=[["8.8.8.8", "8.8.4.4"]])
    is_refused("a.example", "no connection", within=4)
    assert given_time == [pytest.approx(2, abs=0.2), pytest.approx(4, abs=0.2)]
    given_time.clear()
    is_refused("a.example", "no connection", within=60)
    assert given_time == [5.0, 5.0]


def test_nothing_is_left_after_the_time_and_the_bytes() -> None:
    spent = Allowance(0, 10)
    with pytest.raises(FetchFailed, match="took too long"):
        spent.seconds()
    few = Allowance(5, 10)
    few.use(10)
    with pytest.raises(FetchFailed, match="more than is ever read"):
        few.use(1)
    assert few.seconds(2) == 2


def test_a_stream_counts_what_it_reads_and_writes_all() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        reading = TimedStream(httpcore2.SyncBackend().connect_tcp(*server.getsockname()), Allowance(5, 4))
        other, _ = server.accept()
        with other:
            other.sendall(b"abcde")
            assert reading.read(3) == b"abc"
            with pytest.raises(FetchFailed, match="more than is ever read"):
                reading.read(3)
            sender = threading.Thread(target=reading.write, args=(b"x" * 300_000,))
            sender.start()
            count = 0
            while count < 300_000:
                count += len(other.recv(65536))
            sender.join()
        reading.close()
