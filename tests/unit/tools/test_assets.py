"""Libraries of the pages: copied only as package.json names them, whole or not at all."""

import json
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tools import assets

ROOT = Path(__file__).parents[3]


def package(**changed: Any) -> dict[str, Any]:
    files = {"one/dist/one.min.js": b"1", "one/LICENSE": b"free"}
    digests = {path: sha256(data).hexdigest() for path, data in files.items()}
    return {"dependencies": {"one": "1.2.3"}, "devDependencies": {"two": "2.0.0"}, "shipped": digests, **changed}


@pytest.fixture
def modules(tmp_path: Path) -> Path:
    folder = tmp_path / "node_modules"
    (folder / "one" / "dist").mkdir(parents=True)
    (folder / "two").mkdir()
    (folder / "one" / "package.json").write_text(json.dumps({"version": "1.2.3", "license": "ISC"}))
    (folder / "one" / "dist" / "one.min.js").write_bytes(b"1")
    (folder / "one" / "LICENSE").write_bytes(b"free")
    return folder


@pytest.fixture
def vendor(tmp_path: Path) -> Path:
    return tmp_path / "static" / "vendor"


def test_files_licences_and_a_manifest(modules: Path, vendor: Path) -> None:
    assets.ship(package(), modules, vendor)
    assert (vendor / "one.min.js").read_bytes() == b"1"
    assert (vendor / "licences" / "one.txt").read_bytes() == b"free"
    [told] = json.loads((vendor / "manifest.json").read_text())
    assert (told["name"], told["version"], told["licence"]) == ("one", "1.2.3", "ISC")
    assert told["files"]["one.min.js"] == sha256(b"1").hexdigest()
    assert list(vendor.parent.iterdir()) == [vendor]


def test_copying_again_leaves_nothing_old(modules: Path, vendor: Path) -> None:
    vendor.mkdir(parents=True)
    (vendor / "old.js").touch()
    assets.ship(package(), modules, vendor)
    assert not (vendor / "old.js").exists()
    assert assets.is_current(package(), modules, vendor)


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"dependencies": {"one": "1.2.4"}}, r"one is 1\.2\.3 .*, not 1\.2\.4"),
        ({"dependencies": {"three": "1.0.0"}}, "three is not installed"),
        ({"shipped": {"one/dist/one.min.js": "0" * 64}}, "has the SHA-256 6b86"),
        ({"shipped": {"one/other.js": "0" * 64}}, r"other\.js is missing"),
    ],
)
def test_what_is_not_as_named_changes_nothing(
    modules: Path, vendor: Path, changed: dict[str, Any], complaint: str
) -> None:
    assets.ship(package(), modules, vendor)
    with pytest.raises(assets.AssetError, match=complaint):
        assets.ship(package(**changed), modules, vendor)
    assert assets.is_current(package(), modules, vendor)
    assert list(vendor.parent.iterdir()) == [vendor]


def test_a_changed_or_missing_file_is_not_current(modules: Path, vendor: Path) -> None:
    assert not assets.is_current(package(), modules, vendor)
    assets.ship(package(), modules, vendor)
    (vendor / "one.min.js").write_bytes(b"2")
    assert not assets.is_current(package(), modules, vendor)


def test_what_only_tests_need_belongs_to_it(modules: Path, vendor: Path) -> None:
    assets.ship(package(), modules, vendor)
    (modules / "two").rmdir()
    assert not assets.is_current(package(), modules, vendor)


@pytest.mark.parametrize(("options", "code"), [(["--if-possible"], 0), ([], 1)])
def test_no_npm_is_a_failure_only_when_it_is_insisted_on(tmp_path: Path, options: list[str], code: int) -> None:
    """A checkout of its own, in which nothing has been fetched, on a path without npm."""
    (tmp_path / "tools").mkdir()
    script = tmp_path / "tools" / "assets.py"
    script.write_bytes((ROOT / "tools" / "assets.py").read_bytes())
    (tmp_path / "package.json").write_bytes((ROOT / "package.json").read_bytes())
    ran = subprocess.run(
        [sys.executable, script, *options], env={"PATH": ""}, capture_output=True, text=True, check=False
    )
    assert ran.returncode == code
    assert "npm is not installed" in ran.stdout + ran.stderr
    assert not (tmp_path / "service" / "web" / "static" / "vendor").exists()


def test_package_json_names_exact_versions_and_no_address() -> None:
    text = (ROOT / "package.json").read_text(encoding="utf-8")
    named = json.loads(text)
    assert named["private"] is True
    for version in [*named["dependencies"].values(), *named["devDependencies"].values()]:
        assert version.replace(".", "").isdigit()
    assert "://" not in text
    assert not (ROOT / "package-lock.json").exists()
    assert {path.partition("/")[0] for path in named["shipped"]} == set(named["dependencies"])
    assert {f"{name}/LICENSE" for name in named["dependencies"]} <= set(named["shipped"])


def test_the_notice_names_every_library() -> None:
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8").casefold()
    data = (ROOT / "docs" / "data.md").read_text(encoding="utf-8").casefold()
    for name in json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["dependencies"]:
        plain = name.removesuffix(".org")
        assert plain in notice
        assert plain in data
