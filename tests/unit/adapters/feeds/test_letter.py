"""Mails as newsletters write them, and as nobody should."""

from base64 import b64encode
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.adapters.feeds.letter import read_letter
from service.adapters.feeds.reader import shared_reader
from service.errors import Refusal, RefusedInput

STORY = (
    "<tr><td><h2>Talks {n}</h2><p>Delegations of Kestrel and Marl met on Monday for the {n}th time and agreed to restore their "
    "ambassadors within weeks, officials of both countries said in the evening.</p></td></tr>"
)
LETTER = (
    "<html lang='en'><head><style>p {color: red}</style></head><body><div style='display:none'>Preheader</div><table>"
    f"<tr><td>{{link}}</td></tr>{STORY.format(n=1)}{STORY.format(n=2)}"
    "<tr><td>You get this because you signed up. <a href='https://paper.example/u'>Unsubscribe</a></td></tr></table></body></html>"
)
PLAIN = "Delegations of Kestrel and Marl met on Monday and agreed to talk."


def letter(html: str = "", plain: str = "", **headers: str) -> bytes:
    message = EmailMessage()
    if plain or not html:
        message.set_content(plain)
    if html:
        (message.add_alternative if plain else message.set_content)(html, subtype="html")
    for name, value in {"From": "The Paper <news@paper.example>", "Subject": "Talks", **headers}.items():
        message[name.replace("_", "-")] = value
    return message.as_bytes()


def read(content: bytes) -> dict[str, Any]:
    return read_letter(content, {})


def test_the_text_of_a_newsletter_laid_out_in_tables_is_read() -> None:
    said = read(letter(LETTER, "View this mail in your browser"))
    assert said["text"].count("restore their ambassadors") == 2
    assert "Preheader" not in said["text"]
    assert "color" not in said["text"]
    assert said["language"] == "en"


def test_a_plain_mail_is_read_as_it_is() -> None:
    said = read(
        letter(plain=f"{PLAIN}\r\n\r\nAnd more.", Date="Sun, 01 Mar 2026 10:00:00 +0100", Content_Language="en-GB")
    )
    assert said["text"].startswith(PLAIN)
    assert "\r" not in said["text"]
    assert (said["title"], said["published_at"], said["language"]) == ("Talks", "2026-03-01T10:00:00+01:00", "en-GB")


def test_the_plain_part_counts_where_the_other_says_little() -> None:
    assert read(letter("<p>Please switch on HTML.</p>", PLAIN * 10))["text"].startswith(PLAIN)
    assert read(letter("<html></html>", PLAIN))["text"].startswith(PLAIN)


def test_attachments_are_left_alone() -> None:
    message = EmailMessage()
    message["Subject"] = "Talks"
    message.set_content(PLAIN)
    message.add_attachment(b"secret plans", maintype="application", subtype="pdf", filename="a.pdf")
    message.add_attachment("secret plans", subtype="html", filename="a.html")
    said = read(message.as_bytes())
    assert "secret" not in str(said)
    assert said["text"].startswith(PLAIN)


@pytest.mark.parametrize(
    ("label", "is_marked"),
    [
        ("View this email in your browser", True),
        ("Read online", True),
        ("Web version", True),
        ("Im Browser öffnen", True),
        ("Voir la version en ligne", True),
        ("Ver en el navegador", True),
        ("Talks begin online", False),
        ("Unsubscribe", False),
        ("Read how the talks went, and then what was said of them for a long time by all papers, in a browser", False),
    ],
)
def test_the_version_on_the_web_is_found_where_it_is_plainly_marked(label: str, is_marked: bool) -> None:
    link = f"<a href='https://paper.example/web?id=1'><b>{label}</b></a>"
    assert read(letter(LETTER.replace("{link}", link)))["url"] == (
        "https://paper.example/web?id=1" if is_marked else ""
    )


def test_a_link_that_leads_nowhere_is_none() -> None:
    assert read(letter(LETTER.replace("{link}", "<a href='javascript:alert(1)'>View online</a>")))["url"] == ""
    assert read(letter(plain=PLAIN, Archived_At="<https://paper.example/a>"))["url"] == "https://paper.example/a"


@pytest.mark.parametrize(
    ("checked", "sender"),
    [
        ("mx.example; dmarc=pass header.from=paper.example", "paper.example"),
        ("mx.example; DMARC = PASS", "paper.example"),
        ("mx.example; spf=pass; dkim=pass", ""),
        ("mx.example; dmarc=none", ""),
        ("mx.example; dmarc=passable", ""),
    ],
)
def test_a_sender_is_told_where_it_was_checked(checked: str, sender: str) -> None:
    assert read(letter(plain=PLAIN, Authentication_Results=checked))["sender"] == sender


def test_of_several_senders_none_is_told() -> None:
    content = letter(plain=PLAIN, Authentication_Results="mx.example; dmarc=pass")
    assert read(content.replace(b"<news@paper.example>", b"<a@paper.example>, b@marl.example"))["sender"] == ""


@pytest.mark.parametrize(
    "content",
    [
        b"From: <\r\nDate: never\r\nSubject: =?x?y?z\r\n\r\n" + PLAIN.encode(),
        b"Content-Type: text/plain; charset=nonsense\r\n\r\n" + PLAIN.encode(),
        b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n" + b64encode(PLAIN.encode()),
        b"Content-Type: multipart/alternative; boundary=a\r\n\r\n--a\r\n\r\n" + PLAIN.encode(),
        b"Date: Sun, 99 Foo 99999 99:99:99 +9999\r\n\r\n" + PLAIN.encode(),
        PLAIN.encode(),
    ],
)
def test_odd_mails_are_read_as_far_as_they_go(content: bytes) -> None:
    try:
        said = read(content)
    except RefusedInput as refused:
        assert refused.refusal is Refusal.NO_TEXT
    else:
        assert "agreed to talk" in said["text"]
        assert said["published_at"] == ""


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", Refusal.EMPTY),
        (b"Subject: A\r\n\r\n", Refusal.NO_TEXT),
        (letter(plain=PLAIN, Authentication_Results="mx.example; dmarc=fail"), Refusal.UNSUPPORTED),
    ],
)
def test_what_is_no_mail_for_us_is_refused(content: bytes, refusal: Refusal) -> None:
    with pytest.raises(RefusedInput) as caught:
        read(content)
    assert caught.value.refusal is refusal


@settings(deadline=None)
@given(st.binary(max_size=60), st.integers(0, 2000))
def test_whatever_is_in_a_mail_it_is_read_or_refused_in_the_jail(noise: bytes, at: int) -> None:
    whole = letter(LETTER, PLAIN, Date="Sun, 01 Mar 2026 10:00:00 +0100")
    at %= len(whole)
    try:
        said = shared_reader().read("mail", whole[:at] + noise + whole[at + len(noise) :])
    except RefusedInput as refused:
        assert refused.refusal is not Refusal.HOSTILE, str(refused)
    else:
        assert set(said) == {"title", "text", "language", "published_at", "url", "sender"}
