"""Where countries are put on a map: facts of our own table, see docs/data.md."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

POINTS = Path(__file__).parent / "points.csv"


@dataclass(frozen=True, slots=True)
class Place:
    """A point inside a country, in degrees east and north, and the country's ISO 3166-1 number; Kosovo has none."""

    lon: float
    lat: float
    numeric: str


@lru_cache(maxsize=1)
def places() -> Mapping[str, Place]:
    """All countries by their alpha-3 code."""
    with POINTS.open(encoding="utf-8", newline="") as file:
        return {
            row["iso3"]: Place(float(row["lon"]), float(row["lat"]), row["numeric"]) for row in csv.DictReader(file)
        }
