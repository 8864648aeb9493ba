"""Messages read as the files beside this one say. `pytest tests/golden/messages --update-golden` writes them anew."""

from pathlib import Path

import pytest

from service.adapters.messages import Form, Rendered, render
from service.domain.alerting.message import MessageReason
from tests.golden.messages.cases import CASES

HERE = Path(__file__).parent


def written(form: Form, made: Rendered) -> dict[str, str]:
    """Ending of the file → what stands in it."""
    match form:
        case Form.MAIL:
            return {"mail.txt": f"Subject: {made.title}\n\n{made.text}", "mail.html": made.html}
        case Form.MARKDOWN:
            return {"md": f"# {made.title}\n\n{made.markdown}"}
        case Form.PLAIN:
            return {"txt": f"{made.title}\n\n{made.text}"}


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("name", CASES)
def test_a_message_reads_as_its_golden_file(name: str, form: Form, request: pytest.FixtureRequest) -> None:
    for ending, text in written(form, render(CASES[name][0], form, CASES[name][1])).items():
        path = HERE / f"{name}.{ending}"
        if request.config.getoption("--update-golden", default=False):
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8"), path.name


def test_every_reason_has_a_golden_file() -> None:
    assert {message.reason for message, _ in CASES.values()} == set(MessageReason)


def test_no_golden_file_is_left_over() -> None:
    expected = {f"{name}.{ending}" for name in CASES for ending in ("mail.txt", "mail.html", "md", "txt")}
    found = {path.name for path in HERE.iterdir() if path.suffix in {".txt", ".html", ".md"}}
    assert found == expected
