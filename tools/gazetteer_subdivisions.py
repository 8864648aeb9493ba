"""First-level regions of ISO 3166-2 with the English names of config/places/subdivisions.yaml."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any


@dataclass(frozen=True, slots=True)
class Subdivision:
    """A region of a country (alpha-3): its names, the first to be shown, and the words of kind that follow them."""

    home: str
    names: tuple[str, ...]
    words: tuple[str, ...]


def subdivisions(ours: Mapping[str, Any]) -> Iterator[Subdivision]:
    """The regions we take, in the order of their ISO codes."""
    pycountry = import_module("pycountry")
    known = {str(entry.code) for entry in pycountry.subdivisions}
    unknown = [
        f"{two}-{local}" for two, names in ours["english"].items() for local in names if f"{two}-{local}" not in known
    ]
    if unknown:
        raise SystemExit(f"config/places/subdivisions.yaml: ISO knows no {unknown}")
    for entry in sorted(pycountry.subdivisions, key=lambda one: str(one.code)):
        alpha2, _, local = entry.code.partition("-")
        level_two = ours["also"].get(alpha2) == entry.type
        if alpha2 in ours["left_out"] or entry.type not in ours["types"] or (entry.parent_code and not level_two):
            continue
        name, _, others = ours["english"].get(alpha2, {}).get(local, plain_form(entry.name)).partition(" = ")
        if name:
            home = pycountry.countries.get(alpha_2=alpha2).alpha_3
            yield Subdivision(
                home, (name, *others.split(" / ")) if others else (name,), tuple(ours["types"][entry.type])
            )


def plain_form(name: str) -> str:
    """ISO's name without what it adds in brackets or after a comma."""
    return re.split(r" \[| \(|, ", name, maxsplit=1)[0].replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
