"""Roles of single names, worked out by hand."""

from collections import Counter

import pytest

from service.domain.events.place import Mention, MentionKind
from training import name_roles
from training.metrics import share_interval


@pytest.mark.parametrize(
    ("country", "expected"),
    [("IRN", "actor"), ("PAK", "recipient"), ("ISR", "both"), ("SYR", "place"), ("CHN", "none")],
)
def test_role_by_the_lists(country: str, expected: str) -> None:
    assert name_roles.role(country, ["IRN", "ISR"], ["PAK:BLA", "ISR"], ["SYR", "PAK"]) == expected


def test_all_sides_of_a_mutual_act_are_both() -> None:
    assert name_roles.role("IRN", ["IRN", "PAK"], [], ["IRN"]) == "both"
    assert name_roles.role("IRN", ["IRN"], [], ["IRN"]) == "actor"


def test_names_stand_for_their_countries() -> None:
    mentions = [
        Mention(0, 5, "Hamas", "PSE:HAMAS", MentionKind.GROUP, ("PSE",)),
        Mention(0, 6, "Quetta", "city:quetta", MentionKind.CITY, ("PAK",)),
        Mention(0, 7, "Kashmir", "region:kashmir", MentionKind.REGION, ("IND", "PAK")),
        Mention(0, 2, "UN", "UN", MentionKind.IGO, ()),
    ]
    assert name_roles.countries(mentions) == {"PSE", "PAK"}


def test_f1_of_a_role_with_its_interval() -> None:
    counts = Counter({("actor", "actor"): 6, ("actor", "none"): 1, ("both", "actor"): 3, ("none", "none"): 50})
    middle, low, high = name_roles.f1(counts, "actor")
    assert middle == pytest.approx(2 * 6 / (7 + 9))
    share_low, share_high = share_interval(6, 10)
    assert (low, high) == pytest.approx((2 * share_low / (1 + share_low), 2 * share_high / (1 + share_high)))
    assert name_roles.f1(counts, "place") == (0.0, 0.0, 1.0)


def test_rows_are_labels_and_columns_what_is_told() -> None:
    rows = name_roles.confusion(Counter({("actor", "none"): 2, ("none", "actor"): 1}))
    assert rows[0][:6] == ["actor", 0, 0, 0, 0, 2]
    assert rows[4][:6] == ["none", 1, 0, 0, 0, 0]
