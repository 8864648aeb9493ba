"""What many commands share: options, and the service they work on. Loads nothing heavy."""

from pathlib import Path
from typing import Annotated, Any

import typer

ConfigDir = Annotated[Path | None, typer.Option("--config", metavar="DIR", help="Folder of the configuration files.")]
DataDir = Annotated[Path | None, typer.Option("--data", metavar="DIR", help="Folder of the embedded database.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
AtTime = Annotated[
    str | None, typer.Option("--at", metavar="TIME", help="Moment, as 2026-03-01T12:00:00Z; now if absent.")
]


def open_detente(config: Path | None, data: Path | None = None, *, cores: int = 1) -> Any:
    """The service of this configuration and data folder. Raises ConfigError."""
    from service.adapters.telemetry.logs import configure  # noqa: PLC0415
    from service.bootstrap import Detente  # noqa: PLC0415  0.5 s that --help should not pay

    configure("ERROR")
    return Detente(config, {"data_dir": data} if data else None, cores=cores)
