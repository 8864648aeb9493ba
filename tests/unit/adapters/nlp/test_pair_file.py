"""The weights of the second reading, as they lie in the model's folder."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from service.adapters.nlp.pair_file import PAIRS, load_pairs
from service.domain.events.pairs import FEATURES
from service.errors import ModelError

FOLDER = Path(__file__).parents[4] / "models" / "detente-coder"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "model", ignore=shutil.ignore_patterns("*.onnx")))


def list_in_manifest(folder: Path, digest: str | None) -> None:
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    files = {name: known for name, known in manifest["files"].items() if name != PAIRS}
    manifest["files"] = files if digest is None else {**files, PAIRS: digest}
    path.write_text(json.dumps(manifest), "utf-8")


def test_the_shipped_reader_fits_what_this_version_sees() -> None:
    reader = load_pairs(FOLDER)
    assert reader is not None
    assert 0 < reader.threshold < 1
    assert {len(row) for row in reader.hidden} == {len(FEATURES) + 1}
    assert len(reader.out) == len(reader.hidden) + 1


def test_a_folder_that_lists_none_has_none(copy: Path) -> None:
    list_in_manifest(copy, None)
    assert load_pairs(copy) is None


def test_a_changed_file_is_refused(copy: Path) -> None:
    (copy / PAIRS).write_text("{}", "utf-8")
    with pytest.raises(ModelError, match="wrong hash"):
        load_pairs(copy)


def test_weights_for_other_features_are_refused(copy: Path) -> None:
    told = json.loads((copy / PAIRS).read_text("utf-8"))
    content = json.dumps({**told, "features": told["features"][1:]}).encode()
    (copy / PAIRS).write_bytes(content)
    list_in_manifest(copy, hashlib.sha256(content).hexdigest())
    with pytest.raises(ModelError, match=r"training\.pairs"):
        load_pairs(copy)
