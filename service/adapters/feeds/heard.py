"""What a reading process said, taken for no more than it is: it read what strangers wrote."""

from collections.abc import Mapping
from typing import Any, Protocol

from service.errors import Refusal
from service.ports import Refused


class Reader(Protocol):
    """Reads content from outside in a process of its own."""

    def read(self, kind: str, content: bytes, **given: Any) -> Mapping[str, Any]:
        """What stands in it, in JSON values. Raises RefusedInput or ReaderUnavailable."""
        ...


def records(said: Mapping[str, Any], key: str, most: int) -> list[dict[str, str]]:
    """The mappings in the list under a key, at most `most`, with those of their values that are texts."""
    found = said.get(key)
    listed = [one for one in found[:most] if isinstance(one, Mapping)] if isinstance(found, list) else []
    return [{name: text for name, text in one.items() if isinstance(text, str)} for one in listed]


def refusals(said: Mapping[str, Any], where: str, most: int) -> list[Refused]:
    """What was refused, with its place behind `where`."""
    return [
        Refused(f"{where}:{one['place']}", Refusal(one["refusal"]), one["message"])
        for one in records(said, "refused", most)
        if one.keys() >= {"place", "refusal", "message"} and one["refusal"] in {*Refusal}
    ]
