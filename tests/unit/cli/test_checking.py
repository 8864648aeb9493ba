"""What `detente config check` finds out about the files that feeds name."""

import shutil
from pathlib import Path

import pytest

from service.bootstrap import Detente, shipped
from service.cli.checking import check

BOX = "{name: box, kind: mailbox, url: 'imaps://reader@mail.example/INBOX', password_file: box.secret}"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    shutil.copytree(shipped("config"), tmp_path / "config")
    (tmp_path / "config" / "sources.yaml").write_text(f"publishers: []\nfeeds: [{BOX}]\n", encoding="utf-8")
    return tmp_path / "config"


def test_a_password_that_cannot_be_read_is_a_mistake_and_keeps_no_other_feed_from_being_asked(config: Path) -> None:
    mistakes, _ = check(config)
    assert mistakes == ["feed box: password_file cannot be read (FileNotFoundError)"]
    assert Detente(config).mailbox_passwords == {}
    assert Detente(config).fetcher


def test_a_password_that_can_be_read_is_handed_over(config: Path) -> None:
    (config / "box.secret").write_text("CANARY\n", encoding="utf-8")
    assert check(config)[0] == []
    assert dict(Detente(config).mailbox_passwords) == {"box": "CANARY"}
