"""Annotations: what they can say, what they refuse, and that no text and no template can do harm."""

import time
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.adapters.annotations import FILTERS, LONGEST, VALUES, annotate, problem
from tests.unit.domain.strategies import modest

SAID = {
    "subject": "dyad:IRN-PAK",
    "name": "Iran–Pakistan",
    "level": 52.4,
    "level_before": 20.0,
    "surge": 4.2,
    "severity": "high",
    "state": "firing",
    "reason": "level 52.4 (elevated) is 40 or more",
    "labels": {"team": "desk"},
    "owners": 2,
    "evidence": [
        {"publisher": "Wire", "url": "https://wire.example/1", "text": "Iran attacked <b>Pakistan</b>."},
        {"publisher": "BBC", "url": "", "text": "{{ 7 * 7 }} {% for x in y %}"},
    ],
}


def filled(template: str, values: Mapping[str, object] = SAID) -> str:
    assert problem(template) is None
    return annotate({"it": template}, values)["it"]


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("plain", "plain"),
        ("{{ name }}: {{ level }}, {{ level_before }} before", "Iran–Pakistan: 52.4, 20.0 before"),
        ("{{ severity|upper }} {{ labels.team }}", "HIGH desk"),
        ("{{ labels.nobody|default('-') }}", "-"),
        ("{% if level > 50 and owners >= 2 %}sure{% else %}not sure{% endif %}", "sure"),
        ("{% for q in evidence %}[{{ q.publisher }}]{% endfor %}", "[Wire][BBC]"),
        ("{{ evidence[0].text }}", "Iran attacked <b>Pakistan</b>."),
        ("{{ evidence[1].text }}", "{{ 7 * 7 }} {% for x in y %}"),
        ("{{ evidence|length }} {{ level|round(0) }}", "2 52.0"),
        ("{{ level - level_before }}", "32.4"),
        ("{{ 'up' if level > level_before else 'down' }}", "up"),
        ("{{ name ~ '!' }}", "Iran–Pakistan!"),
    ],
)
def test_what_a_template_says(template: str, text: str) -> None:
    assert filled(template) == text


@pytest.mark.parametrize(
    ("template", "says"),
    [
        ("{{ nobody }}", "names 'nobody', which is not known; known are subject, name"),
        ("{{ name", "is no template: "),
        ("{% if %}", "is no template: "),
        ("{{ name|shout }}", "is no template: No filter named 'shout'"),
        ("{{ 'x' * 1000000000 }}", "uses mul, which"),
        ("{{ 10 ** 10 ** 10 }}", "uses pow, which"),
        ("{{ '%1000000000d' % 1 }}", "uses mod, which"),
        ("{{ name.format(1) }}", "uses call, which"),
        ("{{ name.__class__ }}", "names something that begins with _"),
        ("{{ name['__class__'] }}", None),
        ("{% for x in range(9) %}x{% endfor %}", "uses call, which"),
        ("{% for x in name %}x{% endfor %}", "loops over something else than evidence or labels"),
        ("{% for x in evidence %}{% for y in evidence %}x{% endfor %}{% endfor %}", "has a loop within a loop"),
        ("{% for x in evidence recursive %}{{ loop(x) }}{% endfor %}", "uses call, which"),
        ("{% include 'x' %}", "uses include, which"),
        ("{% import 'x' as y %}", "uses import, which"),
        ("{% set x = 1 %}", "uses assign, which"),
        ("{% macro x() %}{% endmacro %}", "uses macro, which"),
        ("{{ level|round(999999999) }}", "gives round something else than a number up to 100"),
        ("{{ level|round(precision=999999999) }}", "uses keyword, which"),
        ("{{ labels|join(name)|join(name) }}", "gives join something else"),
        ("{{ labels|join('xx')|join('xx') }}", "joins what another filter made"),
        ("{{ name is callable }}", "is no template: No test named 'callable'"),
        ("{{ [name, name] }}", "uses list, which"),
        ("{{ name[:3] }}", "uses slice, which"),
        ("x" * (LONGEST + 1), "may have 2000 characters"),
    ],
)
def test_what_is_refused(template: str, says: str | None) -> None:
    found = problem(template)
    assert found is None if says is None else says in (found or "")


def test_what_looks_harmless_but_is_not_is_stopped_when_it_is_filled() -> None:
    assert filled("{{ name['__class__'] }}") == "(this annotation could not be written: SecurityError)"


@pytest.mark.parametrize(
    ("template", "error"),
    [
        ("{{ labels.nobody }}", "UndefinedError"),
        ("{{ evidence[9].text }}", "UndefinedError"),
        ("{{ name - 1 }}", "TypeError"),
    ],
)
def test_a_template_that_fails_says_so_in_its_place_and_the_others_are_written(template: str, error: str) -> None:
    assert problem(template) is None
    said = annotate({"bad": template, "good": "{{ name }}"}, SAID)
    assert said == {"bad": f"(this annotation could not be written: {error})", "good": "Iran–Pakistan"}


def test_a_template_that_was_never_checked_is_refused_when_it_is_filled() -> None:
    assert annotate({"it": "{{ 10 ** 10 ** 10 }}"}, SAID)["it"] == "(this annotation could not be written: ValueError)"


def test_what_is_too_long_is_cut() -> None:
    text = filled("{{ reason }}{{ reason }}", {**SAID, "reason": "long " * 1000})
    assert (len(text), text[-1]) == (LONGEST, "…")


@modest
@given(st.text(max_size=200))
def test_whatever_an_article_says_stays_text(said: str) -> None:
    values = {**SAID, "evidence": [{"publisher": said, "url": "", "text": said}]}
    assert filled("<{{ evidence[0].text }}>", values) == f"<{said}>"


PIECES = st.sampled_from(
    [
        *(f"{{{{ {name} }}}}" for name in VALUES),
        *(f"{{{{ name|{name} }}}}" for name in sorted(FILTERS)),
        *("{% for q in evidence %}", "{% endfor %}", "{% if level > 1 %}", "{% endif %}", "{{ labels.team * 9 }}"),
        *("{{ q.text|join('" + "x" * 100 + "') }}", "{{ evidence[0] }}", "{{ name|title|join('ab') }}"),
    ]
)


@modest
@given(st.lists(PIECES, max_size=60).map("".join))
def test_a_template_that_is_taken_is_filled_at_once(template: str) -> None:
    if problem(template) is None:
        began = time.monotonic()
        assert len(filled(template, {**SAID, "reason": "r" * 5000})) <= LONGEST
        assert time.monotonic() - began < 1.0
