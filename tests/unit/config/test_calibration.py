"""`calibration.yaml`: written whole, read under the settings, and named beside scores."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from service.bootstrap import Detente
from service.config import calibration
from service.config.settings import ScaleSettings, load_settings
from service.errors import ConfigError

SCALE = {"c": 0.05, "r_max": 4.5, "usual": 0.002}
FITTED = datetime(2026, 3, 1, 12, tzinfo=UTC)
DIGEST = "0123456789abcdef" * 4
NAME = "calibration 2026-03-01 01234567"


def fitted(folder: Path, settings: str = "") -> Path:
    (folder / "detente.yaml").write_text(settings)
    return calibration.write(folder, SCALE, FITTED, ["war-2008", "raid-2010"], DIGEST)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = fitted(tmp_path)
    found = calibration.read(tmp_path)
    assert path == tmp_path / "calibration.yaml"
    assert found is not None
    assert (found.scale, found.fitted_at, found.anchors, found.digest) == (
        SCALE,
        FITTED,
        ("war-2008", "raid-2010"),
        DIGEST,
    )
    assert found.name == NAME
    assert path.read_text().startswith("# Written by detente calibrate.")


def test_without_one_the_defaults_stand(tmp_path: Path) -> None:
    assert calibration.read(tmp_path) is None
    assert load_settings(tmp_path).scale == ScaleSettings()
    assert Detente(tmp_path).gauge.version == "c 0.02, Rmax 2.5"


def test_it_counts_where_nothing_else_is_said_and_scores_carry_its_name(tmp_path: Path) -> None:
    fitted(tmp_path)
    gauge = Detente(tmp_path).gauge
    assert (gauge.scale.c, gauge.scale.r_max, gauge.usual) == (0.05, 4.5, 0.002)
    assert gauge.version == f"c 0.05, Rmax 4.5 ({NAME})"


def test_settings_go_before_it_and_it_is_named_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fitted(tmp_path, "scale:\n  c: 0.03\n")
    assert Detente(tmp_path).gauge.version == "c 0.03, Rmax 4.5"
    monkeypatch.setenv("DETENTE_SCALE__R_MAX", "9")
    assert load_settings(tmp_path).scale == ScaleSettings(c=0.03, r_max=9, usual=0.002)


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ("c: 0", "c: "),
        ("r_max: -1", "r_max: "),
        ("usual: x", "usual: "),
        ("extra: 1", "extra: unknown key"),
        ("c: .nan", "c: "),
    ],
)
def test_a_wrong_file_is_named_with_its_key(tmp_path: Path, bad: str, said: str) -> None:
    path = fitted(tmp_path)
    key = bad.split(":", maxsplit=1)[0]
    lines = [line for line in path.read_text().splitlines() if not line.startswith(f"{key}:")]
    path.write_text("\n".join([*lines, bad]))
    with pytest.raises(ConfigError, match=rf"calibration\.yaml:\d+: {said}"):
        load_settings(tmp_path)
