"""`calibration.yaml`: the scale that was fitted to the operator's feeds."""

from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Annotated, Any

from pydantic import AwareDatetime, Field
from ruamel.yaml import YAML

from service.config.load import load_file
from service.config.schema import Strict
from service.config.write import write_whole

FILE = "calibration.yaml"
_HEADER = "# Written by detente calibrate. Settings of scale in detente.yaml or the environment go before it.\n"


class CalibrationFile(Strict):
    """The fitted `scale`, when it was fitted, on which anchors, and the SHA-256 of what went into it."""

    c: Annotated[float, Field(gt=0)]
    r_max: Annotated[float, Field(gt=0)]
    usual: Annotated[float, Field(gt=0)]
    fitted_at: AwareDatetime
    anchors: tuple[str, ...]
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]

    @property
    def scale(self) -> dict[str, float]:
        """The settings of `scale`."""
        return {"c": self.c, "r_max": self.r_max, "usual": self.usual}

    @property
    def name(self) -> str:
        """What it is called beside scores."""
        return f"calibration {self.fitted_at.astimezone(UTC):%Y-%m-%d} {self.digest[:8]}"


def read(folder: Path) -> CalibrationFile | None:
    """The calibration in a configuration folder, None without one. Raises ConfigError."""
    path = folder / FILE
    return load_file(path, CalibrationFile) if path.exists() else None


def write(folder: Path, scale: dict[str, float], fitted_at: datetime, anchors: list[str], digest: str) -> Path:
    """Put a calibration in the place of the one before; returns the file. Raises ConfigError."""
    data: dict[str, Any] = {**scale, "fitted_at": f"{fitted_at:%Y-%m-%dT%H:%M:%SZ}", "anchors": anchors}
    text = StringIO()
    YAML().dump(data | {"digest": digest}, text)
    path = folder / FILE
    write_whole(path.resolve(), _HEADER + text.getvalue())
    return path
