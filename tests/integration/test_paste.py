"""The example as people paste it, read by the real model in a process of its own."""

import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from service.api.app import build
from tests.unit.api.conftest import put_together

pytestmark = pytest.mark.slow


def test_the_example_calms_iran_and_pakistan(migrated: Path, tmp_path: Path) -> None:
    (tmp_path / "detente.db").write_bytes(migrated.read_bytes())
    detente = put_together(tmp_path)
    with TestClient(build(detente), base_url="http://localhost") as client:
        page = client.get("/paste?example=1").text
        text = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page, re.DOTALL)
        assert text
        answer = client.post("/paste", data={"text": text[1], "published_at": "2024-01-19T18:00"})
    detente.close()
    assert answer.status_code == 200
    assert '<strong class="label">DE-ESCALATION</strong>' in answer.text
    moved = re.search(r"dyad:IRN-PAK</span>.*?direction (\w+)", answer.text, re.DOTALL)
    assert moved
    assert moved[1] == "down"
