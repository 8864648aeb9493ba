"""Writing the operator's decisions on publishers."""

from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedSeq

from service.config.load import check, load_file
from service.config.schema import Publisher, PublishersFile
from service.config.write import write_whole
from service.domain.news.owner import name_key

HEADER = """\
# Decisions on publishers. They go before sources.yaml; `detente sources accept` writes here.
publishers: []
"""


def record(path: Path, decision: Publisher) -> None:
    """Put a decision into the file, in place of an earlier one on that name; all else in it stays, comments too.

    Raises ConfigError, and leaves the file as it was, when it cannot be written or would be wrong.
    """
    if path.exists():
        load_file(path, PublishersFile)
    written = YAML()
    written.indent(mapping=2, sequence=4, offset=2)
    written.width = 1_000
    data = written.load(path.read_text(encoding="utf-8") if path.exists() else HEADER) or written.load(HEADER)
    data["publishers"] = _with(data.get("publishers") or (), decision)
    text = StringIO()
    written.dump(data, text)
    checked = YAML(typ="safe", pure=True).load(text.getvalue())
    check(checked, PublishersFile, lambda _, said: f"{path}: {said}")
    write_whole(path.resolve(), text.getvalue())


def _with(entries: Any, decision: Publisher) -> CommentedSeq:
    plain = {key: _plain(value) for key, value in decision.model_dump(exclude_defaults=True).items()}
    listed = entries if isinstance(entries, CommentedSeq) else CommentedSeq()
    listed.fa.set_block_style()
    same = [n for n, entry in enumerate(listed) if name_key(str(entry["name"])) == name_key(decision.name)]
    if same:
        listed[same[0]].update(plain)
    else:
        listed.append(plain)
    return listed


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else str(value)
