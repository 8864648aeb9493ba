"""Rows as CSV and JSON lines: no cell is a formula, and what was written comes back."""

import csv
import io
import json

import pytest

from service.operations.table import csv_head, csv_rows, json_rows

COLUMNS = ("text", "n")


def cell(value: object) -> str:
    read = list(csv.reader(io.StringIO(csv_rows([{"text": value, "n": 1}], COLUMNS), newline=""), strict=True))
    assert len(read) == 1
    assert read[0][1] == "1"
    return read[0][0]


@pytest.mark.parametrize(
    "text",
    [
        "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠x", '=HYPERLINK("http://x")',
        "-5 degrees", "=cmd|' /C calc'!A0",
    ],
)  # fmt: skip
def test_no_text_is_a_formula(text: str) -> None:
    assert cell(text) == f"'{text}"
    assert cell([text, "x"]) == f"'{text} | x"


@pytest.mark.parametrize(
    "text", ["", "plain", "a=b", "Iran–Pakistan", 'say "x", then\r\ny', "'=1", " =1", "a,b", "\u2028", "0"]
)
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert cell(text) == text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (-9.5, "-9.5"),
        (-3, "-3"),
        (0.0, "0.0"),
        (True, "true"),
        (False, "false"),
        (None, ""),
        ([], ""),
        (["a", "b"], "a | b"),
    ],
)
def test_numbers_truth_and_lists(value: object, expected: str) -> None:
    assert cell(value) == expected


def test_lines_end_as_the_standard_says() -> None:
    assert csv_head(COLUMNS) == "text,n\r\n"
    assert (
        csv_rows([{"text": 'a "b"', "n": 1}, {"text": "c,d", "n": 2, "more": 3}], COLUMNS)
        == '"a ""b""",1\r\n"c,d",2\r\n'
    )


def test_json_lines_hold_the_same() -> None:
    written = json_rows([{"text": ["=1", "ö\n"], "n": None, "more": 1}, {"text": "x", "n": -1.5}], COLUMNS)
    assert [json.loads(line) for line in written.splitlines()] == [
        {"text": ["=1", "ö\n"], "n": None},
        {"text": "x", "n": -1.5},
    ]
    assert "ö" in written
