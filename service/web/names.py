"""What subjects are called, for pages: each name is looked up once."""

from collections.abc import Iterable, Mapping
from functools import cached_property

from service.bootstrap import Detente
from service.domain.risk.subject import Subject, SubjectKind


class Names:
    """Names of subjects."""

    def __init__(self, detente: Detente) -> None:
        self._detente = detente

    def of(self, subject: str) -> str:
        """How a subject in its written form is called."""
        return self._fixed.get(subject) or self._detente.name_of(Subject.parse(subject))

    def known(self, told: Iterable[str]) -> Mapping[str, str]:
        """All that can be asked for by name: countries, regions, watchlists, and what else anything was told of."""
        others = {subject: self.of(subject) for subject in (*self._detente.watchlists, *told)}
        return {**self._fixed, **others}

    def proposed(self, told: Iterable[str]) -> list[str]:
        """The names that a search offers, in order: of countries, sub-regions and watchlists, and of what was told of.

        Of other regions there are thousands.
        """
        few = (name for subject, name in self._fixed.items() if not subject.startswith(f"{SubjectKind.REGION}:"))
        return sorted({*few, *map(self.of, (*self._detente.watchlists, *told))})

    @cached_property
    def _fixed(self) -> Mapping[str, str]:
        geography = self._detente.gazetteer.geography
        subjects = [
            *(Subject.country(code) for code in geography.countries),
            *(Subject(SubjectKind.M49, number) for number in geography.subregion_names),
            *(Subject.parse(code) for code in geography.places if code.startswith(f"{SubjectKind.REGION}:")),
        ]
        return {str(subject): self._detente.name_of(subject) for subject in subjects}
