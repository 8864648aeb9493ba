import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.news.owner import QUARANTINE
from service.domain.risk.caps import QUARANTINED
from service.domain.risk.ledger import MICRO, Channel, Entry, hour_of
from service.domain.risk.surge import LEAST, Stir, stir
from tests.unit.domain.build import NOW
from tests.unit.domain.strategies import entries, modest

E, D = Channel
HERE = hour_of(NOW)


def stirred(much: float, hours: int = 1, channel: Channel = E, owner: str = "") -> Entry:
    return Entry(HERE - hours, channel, round(much * MICRO), owner, 0, round(much * MICRO))


@pytest.mark.parametrize(
    ("ledger", "expected"),
    [
        pytest.param([], Stir(), id="nothing"),
        pytest.param([stirred(0.8)], Stir(surge=0.8 / LEAST), id="news where there never was any"),
        pytest.param([stirred(0.8), stirred(0.8, 47)], Stir(surge=1.6 / LEAST), id="two days count"),
        pytest.param([stirred(0.8, 48)], Stir(), id="what was before is the usual"),
        pytest.param(
            [stirred(0.8), *(stirred(0.9, 48 + 24 * n) for n in range(90))],
            Stir(surge=0.8 / (0.9 + LEAST)),
            id="less than a usual day",
        ),
        pytest.param([stirred(0.8), stirred(50, 48 + 90 * 24)], Stir(surge=0.8 / LEAST), id="what is too old"),
        pytest.param([stirred(0.6, channel=D), stirred(0.6, 50, D)], Stir(peace=0.6), id="peace has no usual"),
        pytest.param([stirred(9, -1)], Stir(), id="what lies ahead"),
    ],
)
def test_stir(ledger: list[Entry], expected: Stir) -> None:
    found = stir(ledger, NOW)
    assert (found.surge, found.peace) == pytest.approx((expected.surge, expected.peace))


@pytest.mark.parametrize(("hours", "fresh"), [(0, 0.8), (23, 0.8), (24, 0.0), (47, 0.0)])
def test_danger_is_fresh_for_a_day(hours: int, fresh: float) -> None:
    assert stir([stirred(0.8, hours), stirred(0.5, hours, D)], NOW).fresh == pytest.approx(fresh)


def test_one_voice_is_capped_here_too() -> None:
    spam = [stirred(0.9, owner=QUARANTINE) for _ in range(100)]
    assert stir(spam, NOW).surge == pytest.approx(QUARANTINED / LEAST)
    assert stir(spam, NOW, {(QUARANTINE, (HERE - 1) // 24)}) == Stir()


@modest
@given(st.lists(entries, max_size=12), st.randoms())
def test_the_order_of_entries_changes_no_bit(ledger: list[Entry], chance: object) -> None:
    shuffled = list(ledger)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert stir(shuffled, NOW) == stir(ledger, NOW)
