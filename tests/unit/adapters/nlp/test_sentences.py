"""Sentences: where they begin and end, and that warnings of the library behind them stop nobody."""

import subprocess
import sys
from pathlib import Path

import pytest

from service.adapters.nlp.sentences import PysbdSplitter


@pytest.fixture(scope="module")
def splitter() -> PysbdSplitter:
    return PysbdSplitter()


@pytest.mark.parametrize(
    "sentences",
    [
        ["The U.S. struck two sites.", "Gen. Omar denied it."],
        ["Talks began at 9 a.m. in Oslo.", "They ended at noon."],
        ['"We want calm," he said.', "Nobody answered."],
        ["One line without an end"],
    ],
)
def test_spans_are_the_sentences(splitter: PysbdSplitter, sentences: list[str]) -> None:
    text = " ".join(sentences)
    assert [text[start:end] for start, end in splitter.spans(text)] == sentences


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("fr", ["M. Dupont a parlé à 10 h 30.", "La trêve tient."]),
        ("ru", ["В 2020 г. было иначе.", "Перемирие держится."]),
        ("hi", ["सरकार ने पुल बंद कर दिया।", "युद्धविराम जारी है।"]),
        ("ar", ["أغلقت الحكومة الجسر.", "اتفق الطرفان على الهدنة."]),
        ("ko", ["정부는 다리를 폐쇄했다.", "휴전은 유지된다."]),
    ],
)
def test_each_language_is_cut_by_its_own_rules_or_those_of_english(
    splitter: PysbdSplitter, language: str, sentences: list[str]
) -> None:
    text = " ".join(sentences)
    assert [text[start:end] for start, end in splitter.spans(text, language)] == sentences


def test_han_sentences_need_no_blank(splitter: PysbdSplitter) -> None:
    assert len(splitter.spans("政府关闭了大桥。调解人说停火延长。", "zh")) == 2


def test_paragraphs_end_sentences(splitter: PysbdSplitter) -> None:
    text = "Border shut\n\nGuards left their posts"
    assert [text[start:end] for start, end in splitter.spans(text)] == ["Border shut", "Guards left their posts"]


PLAIN = [
    "Guards fired on the post. Nobody was hurt in Yerevan on Wednesday. Talks were broken off.",
    "Prices rose 3.1 percent. The ministry said so.",
    "It was 2011. Then came the war. They met in the end. Nobody signed.",
    'The army had "every means ready" and waited. Talks went on.',
    "Thailand (Harbour Wire) recalled its envoy on Monday. Talks went on.",
    "One line without an end",
]
DOUBTFUL = [
    "Gen. Omar denied it. Talks go on.",
    "It is St. Petersburg he means. Others do not.",
    'They "want calm." Nobody answered.',
    "The U.S. struck. Nobody answered.",
    "The post of sgt. Omar was hit. Nobody answered.",
    '"Iron" Omar sang. Nobody answered.',
]


@pytest.mark.parametrize("text", PLAIN)
def test_where_full_stops_leave_no_doubt_pysbd_is_not_asked_and_would_say_the_same(
    splitter: PysbdSplitter, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_rules = splitter.spans(f"{text} (x)")[:-1] or splitter.spans(text)
    with monkeypatch.context() as patch:
        patch.setattr(splitter, "_in_piece", lambda *_: pytest.fail("pysbd was asked"))
        found = splitter.spans(text)
    assert [text[start:end] for start, end in found][: len(by_rules)] == [text[start:end] for start, end in by_rules]


@pytest.mark.parametrize("text", DOUBTFUL)
def test_where_they_do_pysbd_is(splitter: PysbdSplitter, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(splitter, "_in_piece", lambda *given: asked.append(given) or [])
    splitter.spans(text)
    assert asked


def test_it_loads_where_warnings_are_errors_and_no_byte_code_is_kept(tmp_path: Path) -> None:
    load = "from service.adapters.nlp.sentences import PysbdSplitter; PysbdSplitter()"
    command = [sys.executable, "-B", "-W", "error", "-X", f"pycache_prefix={tmp_path}", "-c", load]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[4])
    assert done.returncode == 0, done.stderr
