"""What is known about places and actors: names of codes, and which country lies where."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Place:
    """A group, organisation, region or city: its display name and the countries it lies in or belongs to."""

    name: str
    countries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Geography:
    """Pure look-ups over codes.

    `countries` maps alpha-3 codes to display names, `subregions` alpha-3 codes to UN M49 sub-region codes,
    `subregion_names` those to names, `places` the codes of groups, organisations, regions and cities to `Place`.
    `claimants` maps codes of disputed lands to all states that call them theirs, `sponsors` codes of groups to states
    commonly reported to arm, pay or host them; both hold alpha-3 codes and only what is known.
    """

    countries: Mapping[str, str]
    subregions: Mapping[str, str]
    subregion_names: Mapping[str, str]
    places: Mapping[str, Place]
    claimants: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sponsors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    _shared: dict[frozenset[str], list[str]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Regions by the countries they lie in: every accord asks for them."""
        for code, place in self.places.items():
            if code.startswith("region:"):
                self._shared.setdefault(frozenset(place.countries), []).append(code.removeprefix("region:"))

    def name(self, code: str) -> str:
        """The display name of a country, group, organisation, region, city or M49 code; the code itself if unknown."""
        if code in self.countries:
            return self.countries[code]
        if code in self.places:
            return self.places[code].name
        return self.subregion_names.get(code, code)

    def m49(self, country: str) -> str | None:
        """The M49 sub-region of a country ("IRN" → "034"); none for Antarctica and unknown codes."""
        return self.subregions.get(country)

    def m49_name(self, code: str) -> str | None:
        """The English name of an M49 sub-region ("034" → "Southern Asia")."""
        return self.subregion_names.get(code)

    def members(self, subregion: str) -> frozenset[str]:
        """The countries of an M49 sub-region."""
        return frozenset(country for country, code in self.subregions.items() if code == subregion)

    def countries_of(self, code: str) -> tuple[str, ...]:
        """The countries a code stands for: itself for a country, the home of a group, the states sharing a region."""
        if code in self.countries:
            return (code,)
        place = self.places.get(code)
        return place.countries if place else ()

    def claimants_of(self, code: str) -> tuple[str, ...]:
        """The states that claim a disputed country or region as theirs, the holder among them; none if undisputed."""
        return self.claimants.get(code, ())

    def sponsors_of(self, code: str) -> tuple[str, ...]:
        """The states commonly reported to arm, pay or host a group; none if none is."""
        return self.sponsors.get(code, ())

    def regions_of(self, country: str) -> frozenset[str]:
        """The named regions (`region:slug`) that lie wholly or partly in a country."""
        return frozenset(
            code for code, place in self.places.items() if code.startswith("region:") and country in place.countries
        )

    def shared_regions(self, one: str, other: str) -> tuple[str, ...]:
        """The named regions (slugs, sorted) that belong to exactly these two countries."""
        return tuple(sorted(self._shared.get(frozenset((one, other)), ())))
