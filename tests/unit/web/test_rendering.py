"""What templates write, and data inside pages."""

import gzip
import json
import re

import pytest
from fastapi import FastAPI, Request, Response
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError

from service.web.packing import json_answer
from service.web.rendering import HEADERS, environment, json_block
from service.web.static_files import TYPES

BLOCK = re.compile(r'<script type="application/json" id="data">(.*)</script>', re.DOTALL)


@given(
    st.recursive(
        st.text() | st.integers() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_data_comes_out_of_the_page_as_it_went_in(data: object) -> None:
    [written] = BLOCK.findall(json_block("data", data))
    assert json.loads(written) == data
    assert not set("<>&") & set(written)


def test_no_data_ends_its_block() -> None:
    assert json_block("data", "</script><!--").count("<") == 2


def test_values_are_escaped_and_signs_that_disturb_are_replaced() -> None:
    text = environment().from_string("{{ name }}").render(name="<b>\u202e\x07")
    assert text == "&lt;b&gt;\ufffd\ufffd"


def test_a_name_that_was_not_given_is_a_mistake() -> None:
    with pytest.raises(UndefinedError):
        environment().from_string("{{ missing }}").render()


def test_a_page_needs_nothing_but_its_title_and_content() -> None:
    text = environment().from_string('{% extends "base.html" %}{% block title %}T{% endblock %}').render()
    assert "<title>T · Detente</title>" in text
    assert 'href="/sign-in"' in text
    assert "style=" not in text
    assert "<style" not in text
    assert all(tag.startswith("<script src=") for tag in re.findall(r"<script[^>]*>", text))


def test_pages_load_only_from_here() -> None:
    policy = HEADERS["Content-Security-Policy"]
    assert policy.startswith("default-src 'self';")
    assert "unsafe" not in policy
    assert ".js" in TYPES


@pytest.mark.parametrize("takes", [True, False])
def test_data_for_scripts_travels_packed(takes: bool) -> None:
    app = FastAPI()

    @app.get("/data")
    def data(request: Request) -> Response:
        return json_answer(request, {"names": ["Côte d'Ivoire"] * 99})

    with TestClient(app).stream("GET", "/data", headers={"Accept-Encoding": "gzip" if takes else "identity"}) as answer:
        sent = b"".join(answer.iter_raw())
    assert answer.headers["cache-control"] == "private, no-cache"
    assert (answer.headers.get("content-encoding") == "gzip") is takes
    assert json.loads(gzip.decompress(sent) if takes else sent)["names"][0] == "Côte d'Ivoire"
