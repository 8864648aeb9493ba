import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.news.owner import QUARANTINE
from service.domain.risk.caps import ALONE, FLOOD, QUARANTINED, QUARANTINED_FLOOD, cuts, day_of, is_flood
from service.domain.risk.ledger import MICRO, Channel, Entry, hour_of
from service.domain.risk.score import Scale, level, risk, score
from tests.unit.domain.build import NOW
from tests.unit.domain.strategies import entries, modest

E, D = Channel
HERE = hour_of(NOW)
SCALE = Scale()


def alone(mass: float, owner: str = "daily", hour: int = HERE, channel: Channel = E) -> Entry:
    return Entry(hour, channel, round(mass * MICRO), owner)


def counted(ledger: list[Entry], floods: frozenset[tuple[str, int]] = frozenset()) -> float:
    """Mass that counts."""
    cut = cuts(ledger, floods)
    return sum(e.micro * cut.get((e.owner, e.channel, e.hour), 1.0) for e in ledger) / MICRO


@pytest.mark.parametrize(
    ("ledger", "counts"),
    [
        pytest.param([alone(1.9)], 1.9, id="below the cap"),
        pytest.param([alone(0.9) for _ in range(5)], ALONE, id="five of one owner"),
        pytest.param(
            [alone(0.9, f"daily {n}") for n in range(5)], 4.5, id="five owners, each of an incident of its own"
        ),
        pytest.param([alone(0.9, "") for _ in range(5)], 4.5, id="told by several"),
        pytest.param([alone(1.5), alone(1.5, channel=D)], 3.0, id="each side has its own cap"),
        pytest.param([alone(1.5), alone(1.5, hour=HERE - 24)], 3.0, id="each day has its own cap"),
        pytest.param([alone(0.5, QUARANTINE) for _ in range(9)], QUARANTINED, id="quarantined"),
        pytest.param([alone(5.0), alone(0.4, "")], ALONE + 0.4, id="what others tell beside it is not cut"),
    ],
)
def test_what_counts(ledger: list[Entry], counts: float) -> None:
    assert counted(ledger) == pytest.approx(counts)


def test_a_flood_counts_nothing_but_what_others_tell_too() -> None:
    ledger = [alone(1.0), alone(1.0, ""), alone(1.0, "weekly"), alone(1.0, hour=HERE - 24)]
    assert counted(ledger, frozenset({("daily", day_of(HERE))})) == pytest.approx(3.0)


@pytest.mark.parametrize(
    ("owner", "reports", "flood"),
    [
        ("daily", FLOOD, False),
        ("daily", FLOOD + 1, True),
        (QUARANTINE, QUARANTINED_FLOOD, False),
        (QUARANTINE, QUARANTINED_FLOOD + 1, True),
    ],
)
def test_is_flood(owner: str, reports: int, flood: bool) -> None:
    assert is_flood(owner, reports) is flood


def test_ten_thousand_quarantined_reports_reach_no_alert_on_a_calm_subject() -> None:
    spam = [alone(0.9, QUARANTINE, HERE - n % 2_000) for n in range(10_000)]
    assert score(spam, NOW, SCALE).level < 40


def test_one_owner_alone_stays_below_severe_on_a_calm_subject() -> None:
    assert score([alone(0.9) for _ in range(10_000)], NOW, SCALE).level < 80
    assert level(risk(ALONE * 0.3, 0.0), SCALE) < 80


@modest
@given(st.lists(entries, max_size=12), entries)
def test_more_never_counts_less(ledger: list[Entry], more: Entry) -> None:
    slack = 1e-9
    before, after = score(ledger, NOW, SCALE), score([*ledger, more], NOW, SCALE)
    assert after.e >= before.e - slack
    assert after.d >= before.d - slack


@modest
@given(st.lists(entries, max_size=12))
def test_a_part_is_between_nothing_and_all(ledger: list[Entry]) -> None:
    assert all(0.0 <= part <= 1.0 for part in cuts(ledger).values())
