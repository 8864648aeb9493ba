"""Changes of single values in the text of a YAML file: every other character stays where it is."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode


class Edit(NamedTuple):
    """What stands from `start` to `end` (positions in the text) gives way to `text`."""

    start: int
    end: int
    text: str


def compose(text: str) -> Node | None:
    """The nodes of a text with their places, None where it cannot be read."""
    try:
        found: Node | None = YAML(typ="safe", pure=True).compose(text)
    except (YAMLError, ValueError):
        return None
    return found


def value_of(node: Node | None, key: str) -> Node | None:
    """The node under a key of a mapping."""
    pairs = node.value if isinstance(node, MappingNode) else ()
    return next((value for name, value in pairs if name.value == key), None)


def items_of(node: Node | None) -> Sequence[Node]:
    """The nodes of a sequence; none where it is none."""
    return node.value if isinstance(node, SequenceNode) else ()


def put(text: str, mapping: Node, values: Mapping[str, Any]) -> Iterator[Edit]:
    """Give keys of a mapping these numbers or words. A key that is not there comes before the last that is."""
    for key, value in values.items():
        found = value_of(mapping, key)
        if found is None:
            yield _inserted(text, mapping, key, value)
        elif not isinstance(found, ScalarNode):
            raise ValueError(f"{key} is no single value")
        elif not _says(found, value):
            yield Edit(found.start_mark.index, found.end_mark.index, written(value))


def _inserted(text: str, mapping: Node, key: str, value: Any) -> Edit:
    last = mapping.value[-1][0].start_mark
    apart = ", " if _is_flow(mapping) else f"{line_end(text)}{' ' * last.column}"
    return Edit(last.index, last.index, f"{key}: {written(value)}{apart}")


def _says(node: ScalarNode, value: Any) -> bool:
    try:
        return bool(node.value == value or float(node.value) == value)
    except ValueError:
        return False


def without_first(text: str, sequence: Node, count: int) -> Iterator[Edit]:
    """Take out the first items of a sequence, with the lines they stand on; those that follow stay."""
    if not count:
        return
    items = items_of(sequence)
    first, last = items[0].start_mark.index, items[count - 1]
    if _is_flow(sequence):
        yield Edit(first, items[count].start_mark.index, "")
    else:
        yield Edit(text.rfind("\n", 0, first) + 1, _next_line(text, _end(last)), "")


def _end(node: Node) -> int:
    """Where the last word of a node ends; that of a block is otherwise where the next begins."""
    if _is_flow(node) or not node.value:
        end: int = node.end_mark.index
        return end
    last = node.value[-1]
    return _end(last[1] if isinstance(node, MappingNode) else last)


def _is_flow(node: Node) -> bool:
    """Whether it is written as in JSON, or is one value: then its end is known."""
    return not isinstance(node, MappingNode | SequenceNode) or bool(node.flow_style)


def _next_line(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end + 1


def line_end(text: str) -> str:
    """How lines end in this text."""
    return "\r\n" if "\r\n" in text else "\n"


def written(value: Any) -> str:
    """A number or a word as it is written; a whole number without its point."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def applied(text: str, edits: Sequence[Edit]) -> str:
    """The text with these changes, which do not overlap."""
    for edit in sorted(edits, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text
