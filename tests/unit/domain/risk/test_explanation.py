"""What a score would be without one of its incidents is told as if the books had never had it."""

from hypothesis import given
from hypothesis import strategies as st

from service.domain.news.owner import QUARANTINE
from service.domain.risk.baseline import surprise
from service.domain.risk.explanation import explain
from service.domain.risk.ledger import MICRO, Channel, Entry, hour_of
from service.domain.risk.score import Scale, score
from tests.unit.domain.build import DAY, NOW
from tests.unit.domain.strategies import entries, modest

SCALE = Scale()
booked = st.lists(entries, min_size=1, max_size=12).map(lambda found: {f"i{n}": e for n, e in enumerate(found)})
floods = st.sets(st.tuples(st.sampled_from(["agency", QUARANTINE]), st.just(hour_of(NOW) // 24)), max_size=1)


@modest
@given(booked, floods)
def test_leaving_one_out_is_scoring_the_rest(ledger: dict[str, Entry], flooded: set[tuple[str, int]]) -> None:
    _, told = explain(ledger, NOW, SCALE, flooded)
    for contribution in told:
        rest = [entry for incident, entry in ledger.items() if incident != contribution.incident_id]
        assert contribution.without == score(rest, NOW, SCALE, flooded).level


def test_what_a_loud_voice_had_no_room_for_counts_when_there_is_room() -> None:
    loud = {f"i{n}": Entry(hour_of(NOW) - n, Channel.ESCALATION, 2 * MICRO, "daily") for n in range(3)}
    whole, told = explain(loud, NOW, SCALE)
    assert all(c.without > 0.0 for c in told)
    assert [c.share for c in told] == [whole.e, 0.0, 0.0]


@modest
@given(st.lists(entries, max_size=12), st.randoms(use_true_random=False))
def test_not_a_bit_of_surprise_depends_on_the_order(ledger: list[Entry], chance: object) -> None:
    shuffled = list(ledger)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert surprise(ledger, NOW, 90 * DAY, 0.01) == surprise(shuffled, NOW, 90 * DAY, 0.01)
