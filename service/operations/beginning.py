"""What there is to begin with, for one who finds no subject yet."""

from dataclasses import dataclass

from service.flow import Kind
from service.ports import Units


@dataclass(frozen=True, slots=True)
class Beginning:
    """How many articles were taken in, and how many feeds are asked."""

    articles: int
    feeds: int


def beginning(units: Units) -> Beginning:
    """How far a service has come of which nothing can be shown yet."""
    with units(read_only=True) as unit:
        return Beginning(sum(unit.works.counts()[Kind.ARTICLE].values()), len(unit.feeds.health()))
