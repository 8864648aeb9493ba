from dataclasses import replace
from datetime import timedelta

import pytest
from lxml import html

from service.adapters.messages import CHART_ID, Form, render
from service.adapters.messages.render import LONGEST_CHAT, LONGEST_MAIL
from service.domain.alerting.message import Item, Message, MessageReason
from tests.golden.messages.cases import CALMED, CASES, OPERATOR, QUOTES, RISEN, SUBSCRIBER

FIRED = CASES["fired"][0]
LONG = "Shells fell on the villages along the border all night. " * 20


def wordy(item: Item = RISEN) -> Item:
    quotes = tuple(replace(quote, text=LONG, publisher=LONG) for quote in QUOTES)
    notes = {f"note-{n}": LONG for n in range(9)}
    return replace(item, reason=LONG, ends_when=LONG, held=LONG, quotes=quotes, annotations=notes)


def many(n: int) -> Message:
    items = tuple(replace(wordy(), subject=f"watch:w{k}", name=f"Watch {k}", level=99 - k / 10) for k in range(n))
    return replace(FIRED, reason=MessageReason.FLOOD, items=items, group={})


def test_each_form_has_its_parts_and_no_others() -> None:
    mail, markdown, plain = (render(FIRED, form, OPERATOR) for form in Form)
    assert mail.html.startswith("<!DOCTYPE html>")
    assert mail.text
    assert mail.chart.startswith(b"\x89PNG")
    assert not mail.markdown
    assert markdown.markdown
    assert markdown.text == plain.text
    assert {markdown.html, plain.html, plain.markdown} == {""}
    assert {markdown.chart, plain.chart} == {b""}


@pytest.mark.parametrize("size", [1, 2, 7, 60, 400])
@pytest.mark.parametrize("form", Form)
def test_no_message_is_longer_than_its_channel_takes(form: Form, size: int) -> None:
    made = render(many(size), form, replace(SUBSCRIBER, silence_command="detente silence add", late=timedelta(hours=3)))
    if form is Form.MAIL:
        assert max(len(made.text.encode()), len(made.html.encode())) <= LONGEST_MAIL
    else:
        assert max(len(made.text), len(made.markdown)) <= LONGEST_CHAT
    for text in filter(None, (made.text, made.markdown, made.html)):
        assert SUBSCRIBER.unsubscribe_url in text


def test_what_does_not_fit_is_counted_and_the_loudest_stay() -> None:
    text = render(many(60), Form.PLAIN, OPERATOR).text
    shown = text.count("↑ Watch")
    assert 1 < shown < 60
    assert f"… and {60 - shown} more" in text
    assert "↑ Watch 0:" in text


def test_a_large_mail_holds_whole_alerts_and_counts_the_others() -> None:
    page = html.document_fromstring(render(many(400), Form.MAIL, OPERATOR).html.encode())
    shown = len(page.xpath("//h2"))
    assert 20 < shown < 400
    assert f"… and {400 - shown} more" in page.text_content()


def test_sentences_go_one_by_one_before_the_facts() -> None:
    text = render(replace(FIRED, items=(wordy(),)), Form.PLAIN, OPERATOR).text
    assert text.count("- “") == 1
    assert "note-0" not in text
    assert "Level: " in text
    assert "What ends it: " in text


def test_a_foot_outlives_a_body_that_is_far_too_long() -> None:
    context = replace(SUBSCRIBER, silence_command="detente silence add", base_url="https://a.example/" + "x" * 300)
    message = replace(FIRED, items=(wordy(),), note=LONG * 9, why=LONG)
    made = render(message, Form.PLAIN, replace(context, late=timedelta(hours=5)))
    assert len(made.text) <= LONGEST_CHAT
    assert "\n…\n" in made.text
    assert made.text.endswith(f"Unsubscribe: {SUBSCRIBER.unsubscribe_url}\n")


@pytest.mark.parametrize("name", CASES)
def test_a_mail_asks_nothing_of_anybody(name: str) -> None:
    made = render(CASES[name][0], Form.MAIL, CASES[name][1])
    page = html.document_fromstring(made.html.encode())
    assert set(page.xpath("//@src")) <= {f"cid:{CHART_ID}"}
    assert bool(page.xpath("//img")) == bool(made.chart)
    assert all(page.xpath("//img/@alt"))
    assert not page.xpath("//script | //link | //@background | //form | //iframe")
    assert "url(" not in made.html
    assert "@import" not in made.html


def test_only_a_mail_about_one_alert_has_a_picture() -> None:
    made = render(replace(FIRED, items=(RISEN, CALMED)), Form.MAIL, OPERATOR)
    assert made.chart == b""
    assert "cid:" not in made.html


def test_the_numbers_of_the_picture_stand_in_the_text() -> None:
    made = render(FIRED, Form.MAIL, OPERATOR)
    assert "24.9 → 63.4" in made.text
    assert "Trend: ▂▂" in made.text
    assert "from 20.0 to 63.4" in html.document_fromstring(made.html.encode()).text_content()


def test_the_templates_ship_in_the_package() -> None:
    from importlib.resources import files

    found = {path.name for path in files("service.adapters.messages").joinpath("templates").iterdir()}
    assert found == {"mail.html", "text.txt", "chat.md"}
