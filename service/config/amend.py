"""Files in which commands write down what the operator decides: what stands in them stays, comments too."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedSeq

from service.config.load import LARGEST, check, load_file
from service.config.write import write_whole
from service.errors import ConfigError

Change = Callable[[CommentedSeq], None]
"""Alters a list of entries in its place."""


def amend(path: Path, key: str, model: type[BaseModel], change: Change, header: str) -> None:
    """Change the list under the file's only key; a file that is not there begins with the comment `header`.

    Raises ConfigError, and leaves the file as it was, when it cannot be written, is wrong or would be.
    """
    if path.exists():
        load_file(path, model)
    written = YAML()
    written.indent(mapping=2, sequence=4, offset=2)
    written.width = 1_000
    before = path.read_text(encoding="utf-8") if path.exists() else header
    data = written.load(before) or written.load(f"{before.rstrip()}\n{key}: []\n")
    data[key] = _entries(data.get(key))
    change(data[key])
    text = StringIO()
    written.dump(data, text)
    if len(text.getvalue().encode()) > LARGEST:
        raise ConfigError(f"{path}: it would be larger than {LARGEST} bytes, and could not be read any more")
    checked = YAML(typ="safe", pure=True).load(text.getvalue())
    check(checked, model, lambda _, said: f"{path}: {said}")
    write_whole(path.resolve(), text.getvalue())


def _entries(found: Any) -> CommentedSeq:
    """The list as it stands, or a new one."""
    listed = found if isinstance(found, CommentedSeq) else CommentedSeq()
    listed.fa.set_block_style()
    return listed


def plain(entry: BaseModel) -> dict[str, Any]:
    """What an entry says beyond defaults, as it stands in a file."""
    return {key: _plain(value) for key, value in entry.model_dump(exclude_defaults=True).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    return list(value) if isinstance(value, tuple) else str(value)
