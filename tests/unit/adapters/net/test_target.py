"""What an address says, against other readers of addresses."""

from urllib.parse import urlsplit

import httpx2
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from service.adapters.net.target import LONGEST, _host, read
from service.errors import FetchFailed
from tests.fuzz.address import agree

ODD = {
    "": "neither",
    "good.example": "neither",
    "//good.example/": "neither",
    "file:///etc/passwd": "neither",
    "ftp://good.example/": "neither",
    "http:good.example": "neither",
    "http:///x": "names no host",
    "http://": "names no host",
    "http://:80/": "names no host",
    "http://?x": "names no host",
    r"http://127.0.0.1\@good.example/": "backslash",
    r"http:\\good.example": "backslash",
    "http://good.example/a b": "blank",
    "http://good.example\t/": "blank",
    " http://good.example/": "blank",
    "http://good.example/\r\nHost: evil": "blank",
    "http://good\x00.example/": "control",
    "http://good\u00a0.example/": "blank",
    "http://user:SECRET@good.example/": "user name or password",
    "http://SECRET@good.example/": "user name or password",
    "http://good.example@127.0.0.1/": "user name or password",
    "http://good.example#@127.0.0.1/": "",
    "http://good.example?@127.0.0.1/": "",
    "http://127.0.0.1%2f@good.example/": "user name or password",
    "http://%31%32%37.0.0.1/": "unusual|malformed",
    "http://good%2eexample/": "malformed",
    "http://good.example./": "ends with a dot",
    "http://127.0.0.1./": "unusual spelling|malformed|ends with a dot",
    "http://good..example/": "malformed",
    "http://.good.example/": "malformed",
    "http://-good.example/": "malformed",
    "http://good_one.example/": "",
    "http://2130706433/": "unusual spelling",
    "http://0x7f000001/": "unusual spelling",
    "http://017700000001/": "unusual spelling",
    "http://0177.0.0.1/": "unusual|malformed",
    "http://127.1/": "unusual spelling",
    "http://0x7f.1/": "unusual spelling",
    "http://good.0x7f/": "unusual spelling",
    "http://0/": "unusual spelling",
    "http://1.2.3.4.5/": "unusual spelling",
    "http://①②⑦.0.0.1/": "unusual|malformed",
    "http://１２７.0.0.1/": "unusual|malformed",
    "http://١٢٧.0.0.1/": "unusual|malformed",
    "http://127。0。0。1/": "unusual|malformed",
    "http://good。example/": "unusual|malformed",
    "http://good\u200b.example/": "unusual|malformed",
    "http://ﬁne.example/": "unusual|malformed",
    "http://[::1/": "malformed",
    "http://[2::]80/": "malformed",  # found by the fuzzer: some take it without the number
    "http://[::1%25lo]/": "malformed|unusual",
    "http://[fe80::1%lo]/": "malformed|unusual",
    "http://[127.0.0.1]/": "malformed|unusual",
    "http://[good.example]/": "malformed|unusual",
    "http://[v1.x]/": "malformed|unusual",
    "http://::1/": "malformed|unusual",
    "http://good.example:0/": "malformed",
    "http://good.example:65536/": "malformed",
    "http://good.example:-1/": "malformed",
    "http://good.example:8o/": "malformed",
    "http://good.example:８０/": "malformed",
    "http://good.example:80:80/": "malformed",
    "http://" + "a" * 64 + ".example/": "malformed",
    "http://" + "a." * 130 + "example/": "malformed",
    "http://good.example/" + "a" * LONGEST: "longer than",
    "http://good.example/" + "é" * 700: "longer than",  # found by the fuzzer: in ASCII it is six times as long
}


@pytest.mark.parametrize("url", ODD)
def test_an_odd_address_is_refused_and_not_repeated(url: str) -> None:
    if not ODD[url]:
        assert read(url).host in {"good.example", "good_one.example"}
        return
    with pytest.raises(FetchFailed, match=ODD[url]) as caught:
        read(url)
    assert "SECRET" not in str(caught.value)
    assert "good" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "authority", "path"),
    [
        ("http://Good.Example", "good.example", "/"),
        ("HTTPS://good.example:443/a?b=c#d", "good.example", "/a?b=c"),
        ("https://good.example:8443/?", "good.example:8443", "/?"),
        ("http://[2606:4700:0:0::1111]:8080/", "[2606:4700::1111]:8080", "/"),
        ("http://8.8.8.8/", "8.8.8.8", "/"),
        ("http://bücher.example/é?é", "xn--bcher-kva.example", "/%C3%A9?%C3%A9"),
        ("http://президент.рф/", "xn--d1abbgf6aiiy.xn--p1ai", "/"),
        ("http://xn--d1abbgf6aiiy.xn--p1ai/", "xn--d1abbgf6aiiy.xn--p1ai", "/"),
        ("http://good.example/%2e%2E/a%20b//c;d=1", "good.example", "/%2e%2E/a%20b//c;d=1"),
    ],
)
def test_a_plain_address_says_where_it_leads(url: str, authority: str, path: str) -> None:
    target = read(url)
    assert (target.authority, target.path) == (authority, path)
    assert read(str(target)) == target


def test_two_readers_that_differ_are_not_believed() -> None:
    with pytest.raises(FetchFailed, match="can be read in two ways"):
        _host(urlsplit("http://good.example/"), httpx2.URL("http://127.0.0.1/"))


HOSTS = st.one_of(
    st.ip_addresses().map(lambda one: f"[{one}]" if one.version == 6 else str(one)),
    st.text(st.sampled_from("ab1.-_:@%[]\\/#?0x７①。é\u200b\t "), max_size=12),
    st.sampled_from(["good.example", "localhost", "bücher.example", "127.1", "0x7f.1", "2130706433"]),
)
URLS = st.builds(
    "{}{}{}{}{}".format,
    st.sampled_from(["http://", "https://", "HTTP://", "http:/", "ftp://", "http:\\\\"]),
    st.sampled_from(["", "", "user@", "user:pw@", "127.0.0.1\\@", "good.example%2f@"]),
    HOSTS,
    st.sampled_from(["", ":80", ":8080", ":", ":99999", ":x", ":８０"]),
    st.text(st.sampled_from("/?#@:\\a b%2f.é\n"), max_size=8).map("/{}".format)
    | st.sampled_from(["", "#@evil/", "?@evil"]),
)


@given(URLS | st.text(max_size=30).map("http://{}".format))
@example("http://[::ffff:7f00:1]/")
@example("http://good.example:/")
def test_what_is_taken_is_read_the_same_by_all(url: str) -> None:
    agree(url)
