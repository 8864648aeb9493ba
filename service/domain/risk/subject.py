"""What carries a score."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class SubjectKind(StrEnum):
    """The kinds of subject, as they stand before the colon."""

    COUNTRY = "country"
    DYAD = "dyad"
    REGION = "region"
    M49 = "m49"
    WATCH = "watch"


_SHAPES = {
    SubjectKind.COUNTRY: re.compile(r"[A-Z]{3}"),
    SubjectKind.DYAD: re.compile(r"[A-Z]{3}-[A-Z]{3}"),
    SubjectKind.REGION: re.compile(r"[a-z][a-z0-9-]*"),
    SubjectKind.M49: re.compile(r"[0-9]{3}"),
    SubjectKind.WATCH: re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,59}"),
}


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """A country, dyad, named region, M49 subregion or watchlist, written `kind:name`."""

    kind: SubjectKind
    name: str

    def __str__(self) -> str:
        """The written form, e.g. `dyad:IRN-PAK`."""
        return f"{self.kind}:{self.name}"

    @classmethod
    def parse(cls, written: str) -> Self:
        """Read the written form; the two codes of a dyad may come in either order.

        Raises ValueError saying what would be right.
        """
        kind_text, _, name = written.partition(":")
        try:
            kind = SubjectKind(kind_text)
        except ValueError:
            kinds = ", ".join(SubjectKind)
            raise ValueError(f"{written!r} is no subject: begin with one of {kinds}, as in dyad:IRN-PAK") from None
        if not _SHAPES[kind].fullmatch(name):
            raise ValueError(f"{written!r} is no subject: a {kind} looks like {_EXAMPLES[kind]}")
        if kind is SubjectKind.DYAD:
            one, other = sorted(name.split("-"))
            if one == other:
                raise ValueError(f"{written!r} is no subject: a dyad has two different countries")
            name = f"{one}-{other}"
        return cls(kind, name)

    @classmethod
    def country(cls, code: str) -> Self:
        """The subject of an alpha-3 code."""
        return cls(SubjectKind.COUNTRY, code)

    @classmethod
    def dyad(cls, one: str, other: str) -> Self:
        """The subject of two alpha-3 codes in any order."""
        return cls(SubjectKind.DYAD, "-".join(sorted((one, other))))

    @property
    def countries(self) -> tuple[str, ...]:
        """The alpha-3 codes in the name: two of a dyad, one of a country, none otherwise."""
        return tuple(self.name.split("-")) if self.kind in {SubjectKind.DYAD, SubjectKind.COUNTRY} else ()


_EXAMPLES = {
    SubjectKind.COUNTRY: "country:IRN",
    SubjectKind.DYAD: "dyad:IRN-PAK",
    SubjectKind.REGION: "region:balochistan",
    SubjectKind.M49: "m49:034",
    SubjectKind.WATCH: "watch:gulf",
}
