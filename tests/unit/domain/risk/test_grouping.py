"""What a change can touch is all that has to be worked out anew."""

from collections.abc import Sequence
from datetime import datetime

from hypothesis import example, given
from hypothesis import strategies as st

from service.domain.risk.grouping import Group, Telling, group, regroup, to_book
from tests.unit.domain.build import HOUR, NOW
from tests.unit.domain.strategies import modest


class Book:
    """The tellings of one key, with what was booked of them."""

    def __init__(self) -> None:
        self.rows: dict[str, Telling] = {}
        self.looked_at = 0

    def between(self, since: datetime, until: datetime) -> Sequence[Telling]:
        found = [t for t in self.rows.values() if since <= t.at <= until]
        self.looked_at += len(found)
        return found

    def window_before(self, moment: datetime) -> datetime | None:
        starts = [t.window_at for t in self.rows.values() if t.window_at is not None and t.window_at <= moment]
        return max(starts, default=None)

    def newest(self) -> datetime | None:
        return max((t.at for t in self.rows.values()), default=None)

    def change(self, add: Sequence[Telling] = (), remove: Sequence[str] = ()) -> int:
        """Add and take away, and book what that changes; returns how many happenings were booked."""
        gone = [self.rows.pop(i) for i in remove if i in self.rows]
        self.rows |= {t.id: t for t in add}
        times = [t.at for t in (*gone, *add)]
        if not times:
            return 0
        fresh = to_book(regroup(min(times), max(times), self), {t.incident_id for t in gone})
        for members in fresh:
            self._book(members)
        return len(fresh)

    def _book(self, members: Group) -> None:
        first = members[0]
        window = None if first.is_background else first.at
        for t in members:
            self.rows[t.id] = Telling(t.at, t.id, t.is_background, f"incident of {first.id}", window)

    def booked(self) -> set[tuple[str, ...]]:
        homes: dict[str, list[Telling]] = {}
        for t in self.rows.values():
            homes.setdefault(t.incident_id, []).append(t)
        return {tuple(t.id for t in sorted(members)) for members in homes.values()}


def told(hours: int, number: int, *, background: bool) -> Telling:
    return Telling(NOW + hours * HOUR, f"r{number:03}", background)


TELLINGS = st.lists(
    st.tuples(st.integers(0, 24 * 120), st.sampled_from([True, False, False])),
    min_size=1,
    max_size=40,
    unique_by=lambda t: t[0],
).map(lambda drawn: [told(hours, n, background=late) for n, (hours, late) in enumerate(drawn)])


@modest
@given(TELLINGS, st.data())
def test_booked_bit_by_bit_is_booked_at_once(tellings: list[Telling], data: st.DataObject) -> None:
    book, left = Book(), list(tellings)
    while left:
        size = data.draw(st.integers(1, 4))
        book.change(add=left[:size])
        left = left[size:]
        if book.rows and data.draw(st.booleans()):
            again = data.draw(st.sampled_from(sorted(book.rows)))
            back = Telling(*(getattr(book.rows[again], name) for name in ("at", "id", "is_background")))
            book.change(remove=[again])
            if data.draw(st.booleans()):
                book.change(add=[back])
        assert book.booked() == {tuple(t.id for t in members) for members in group(book.rows.values())}


@modest
@given(TELLINGS)
def test_telling_the_same_again_books_nothing(tellings: list[Telling]) -> None:
    book = Book()
    book.change(add=tellings)
    first, last = min(t.at for t in tellings), max(t.at for t in tellings)
    assert to_book(regroup(first, last, book), ()) == []


@example(reports=1000)
@given(st.integers(400, 600))
@modest
def test_a_report_in_time_costs_the_same_however_many_came_before(reports: int) -> None:
    book = Book()
    book.change(add=[told(6 * n, n, background=False) for n in range(reports)])
    book.looked_at = 0
    assert book.change(add=[told(6 * reports, 9999, background=False)]) == 1
    assert book.looked_at <= 4 * 31, "four a day for a month"


def test_a_late_report_is_looked_at_no_farther_than_where_the_windows_agree_again() -> None:
    book = Book()
    book.change(add=[told(72 * n, n, background=False) for n in range(100)])
    book.looked_at = 0
    assert book.change(add=[told(72 * 50 + 1, 999, background=False)]) == 1
    assert book.looked_at < 20


def test_windows_out_of_step_are_worked_out_to_their_end() -> None:
    book = Book()
    book.change(add=[told(30 * n, n, background=False) for n in range(1, 200)])
    before = book.booked()
    book.change(add=[told(1, 999, background=False)])
    assert len(before - book.booked()) > 90, "every window begins with another report"
    assert book.booked() == {tuple(t.id for t in members) for members in group(book.rows.values())}


def test_background_of_no_news_is_one_recall_a_day() -> None:
    late = [told(0, 1, background=True), told(3, 2, background=True), told(30, 3, background=True)]
    assert [len(members) for members in group(late)] == [2, 1]
    assert NOW.hour < 24 - 3, "or the first two fall on two days"
