"""YAML files with their lines: every error names file, line and key."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from service.errors import ConfigError

Key = tuple[str | int, ...]
Model = TypeVar("Model", bound=BaseModel)
Name = Callable[[Key, str], str]
"""Makes a line of a key and what is wrong with it."""
UNKNOWN = "Extra inputs are not permitted"
"""What pydantic says of a key it does not know."""
_MARK = re.compile(r"(?<!\w)[&*]\S")
"""What an anchor or alias looks like; only where there is one the file is parsed once more, which takes its time."""
LARGEST = 4_000_000
"""Bytes of a configuration file; a larger one is a mistake."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where the keys of a file stand: `name` gives mistakes their file, line and key."""

    file: str
    lines: Mapping[Key, int]

    def name(self, key: Key, message: str) -> str:
        """The line of a mistake; a key that is missing has the line of what should hold it."""
        line = next((self.lines[key[:n]] for n in range(len(key), -1, -1) if key[:n] in self.lines), 1)
        dotted = ".".join(str(part) for part in key)
        said = message.replace(UNKNOWN, "unknown key")
        return f"{self.file}:{line}: {dotted}: {said}" if dotted else f"{self.file}:{line}: {said}"


def read_yaml(path: Path) -> tuple[Any, dict[Key, int]]:
    """The file's data and the line of every key. Raises ConfigError."""
    text = _read(path)
    try:
        _refuse_anchors(text, path)
        yaml = YAML(typ="safe", pure=True)
        node = yaml.compose(text)
        data = yaml.constructor.construct_document(node) if node else None
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigError(f"{path}:{line}: not valid YAML: {_problem(error)}") from None
    except RecursionError:
        raise ConfigError(f"{path}:1: not valid YAML: nested too deeply") from None
    except (YAMLError, ValueError, TypeError) as error:
        raise ConfigError(f"{path}:1: not valid YAML: {_one_line(str(error))}") from None
    return data, _lines(node, ())


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST:
            raise ConfigError(f"{path}: larger than {LARGEST} bytes, which no configuration file is")
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 text (byte {error.start})") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    return text


def _refuse_anchors(text: str, path: Path) -> None:
    """A few lines of aliases to aliases can stand for gigabytes."""
    if not _MARK.search(text):
        return
    for event in YAML(typ="safe", pure=True).parse(text):
        if getattr(event, "anchor", None):
            where = f"{path}:{event.start_mark.line + 1}"
            raise ConfigError(f"{where}: anchors and aliases (& and *) are not supported; write the value out")


def _lines(node: Node | None, key: Key) -> dict[Key, int]:
    if node is None:
        return {}
    found = {key: node.start_mark.line + 1}
    if isinstance(node, MappingNode):
        for name, value in node.value:
            named = (*key, str(name.value))
            found |= _lines(value, named)
            found[named] = name.start_mark.line + 1
    elif isinstance(node, SequenceNode):
        for index, value in enumerate(node.value):
            found |= _lines(value, (*key, index))
    return found


def load_file(path: Path, model: type[Model]) -> Model:
    """The file as a checked model. Raises ConfigError that lists every mistake with its line."""
    return load_placed(path, model)[0]


def load_placed(path: Path, model: type[Model]) -> tuple[Model, Places]:
    """The file as a checked model, and where its keys stand. Raises ConfigError that lists every mistake."""
    data, lines = read_yaml(path)
    places = Places(str(path), lines)
    return check(data if data is not None else {}, model, places.name), places


def check(data: Any, model: type[Model], name: Name) -> Model:
    """Data as a checked model. Raises ConfigError; values are named by key and never repeated."""
    if not isinstance(data, dict):
        raise ConfigError(name((), "must be a mapping of keys to values"))
    try:
        checked = model.model_validate(data)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)
        raise ConfigError("\n".join(name(e["loc"], e["msg"].removeprefix("Value error, ")) for e in found)) from None
    if bad := _first_not_finite(data, ()):
        raise ConfigError(name(bad, "must be a finite number"))
    return checked


def _first_not_finite(data: Any, key: Key) -> Key | None:
    if isinstance(data, float) and not math.isfinite(data):
        return key
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return next((bad for name, value in items if (bad := _first_not_finite(value, (*key, name)))), None)


def _problem(error: MarkedYAMLError) -> str:
    """What is wrong. Of a key that stands twice the parser would repeat both values, which may be secrets."""
    if isinstance(error, DuplicateKeyError):
        return "a key stands twice in one mapping"
    return _one_line(error.problem or "syntax error")


def _one_line(text: str) -> str:
    return " ".join(text.split())[:200]
