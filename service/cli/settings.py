"""`detente config show` and `detente config schema`."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr

from service.bootstrap import shipped
from service.cli.output import out_json, table
from service.config.calibration import CalibrationFile
from service.config.own_feeds import FeedsFile
from service.config.routes import RoutesFile
from service.config.rule_tests import TestFile
from service.config.schema import PublishersFile, RulesFile, SourcesFile, WatchlistsFile
from service.config.settings import Settings, default_config_dir, traced_settings
from service.errors import NotFound

FILES: Mapping[str, type[BaseModel]] = {
    "detente.yaml": Settings,
    "rules.yaml": RulesFile,
    "routes.yaml": RoutesFile,
    "sources.yaml": SourcesFile,
    "publishers.yaml": PublishersFile,
    "feeds.yaml": FeedsFile,
    "watchlists.yaml": WatchlistsFile,
    "calibration.yaml": CalibrationFile,
    "tests": TestFile,
}
"""Configuration file → its shape; `tests` stands for each file in that folder."""
HIDDEN = "(set, not shown)"
_UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}


def config_show(config: Path | None, *, origin: bool, as_json: bool) -> None:
    """Print every setting."""
    settings, origins = traced_settings(config or default_config_dir() or shipped("config"))
    rows = [(".".join(key), _shown(value), origins.get(key, "default")) for key, value in _leaves(settings, ())]
    if as_json:
        out_json({key: {"value": value, **({"origin": where} if origin else {})} for key, value, where in rows})
        return
    shown = [[key, _plain(value), *([where] if origin else [])] for key, value, where in rows]
    table("Settings", ["key", "value", *(["from"] if origin else [])], shown)


def _plain(value: Any) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _leaves(model: BaseModel, above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name in type(model).model_fields:
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            yield from _leaves(value, (*above, name))
        else:
            yield (*above, name), value


def _shown(value: Any) -> Any:
    if isinstance(value, SecretStr):
        return HIDDEN
    return value if value is None or isinstance(value, bool | int | float | str) else _written(value)


def _written(value: Any) -> str:
    """As one would write it in the file."""
    if isinstance(value, timedelta):
        unit = next(unit for unit, size in _UNITS.items() if value.total_seconds() % size == 0 or size == 1)
        return f"{value.total_seconds() / _UNITS[unit]:g}{unit}"
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def config_schema(file: str) -> None:
    """Print the JSON Schema of a file. Raises NotFound for a file there is no shape of."""
    if file not in FILES:
        raise NotFound(f"{file!r} is no configuration file: {', '.join(FILES)}")
    out_json(FILES[file].model_json_schema(by_alias=True))
