import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.risk.subject import Subject, SubjectKind
from tests.unit.domain.strategies import modest

CODES = st.text("ABCXYZ", min_size=3, max_size=3)
SUBJECTS = st.one_of(
    CODES.map(Subject.country),
    st.tuples(CODES, CODES).filter(lambda pair: pair[0] != pair[1]).map(lambda pair: Subject.dyad(*pair)),
    st.from_regex("[a-z][a-z0-9-]{0,20}", fullmatch=True).map(lambda name: Subject(SubjectKind.REGION, name)),
    st.from_regex("[0-9]{3}", fullmatch=True).map(lambda number: Subject(SubjectKind.M49, number)),
)


@modest
@given(SUBJECTS)
def test_what_is_written_is_read_as_the_same_subject(subject: Subject) -> None:
    assert Subject.parse(str(subject)) == subject


@modest
@given(CODES, CODES)
def test_a_dyad_has_no_order(one: str, other: str) -> None:
    assert Subject.dyad(one, other) == Subject.dyad(other, one)


@modest
@given(st.text(max_size=20))
def test_anything_else_is_refused_with_a_reason(written: str) -> None:
    try:
        subject = Subject.parse(written)
    except ValueError as error:
        assert "is no subject" in str(error)
    else:
        assert str(subject).isascii()


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("IRN", "begin with one of country, dyad, region, m49"),
        ("planet:earth", "begin with one of"),
        ("country:Iran", "a country looks like country:IRN"),
        ("country:irn", "looks like"),
        ("dyad:IRN", "a dyad looks like dyad:IRN-PAK"),
        ("dyad:IRN-IRN", "two different countries"),
        ("region:Balochistan", "a region looks like region:balochistan"),
        ("m49:34", "a m49 looks like m49:034"),
        ("m49:٠٣٤", "a m49 looks like m49:034"),
        ("country:IRN ", "looks like"),
        ("country:IRN\n", "looks like"),
        ("", "is no subject"),
    ],
)
def test_a_refusal_says_what_would_be_right(written: str, says: str) -> None:
    with pytest.raises(ValueError, match="is no subject") as refused:
        Subject.parse(written)
    assert says in str(refused.value)


def test_a_dyad_may_be_written_in_either_order() -> None:
    assert str(Subject.parse("dyad:PAK-IRN")) == "dyad:IRN-PAK"


def test_a_subject_knows_its_countries() -> None:
    assert Subject.parse("dyad:IRN-PAK").countries == ("IRN", "PAK")
    assert Subject.parse("country:IRN").countries == ("IRN",)
    assert Subject.parse("region:balochistan").countries == ()
    assert Subject.parse("m49:034").countries == ()
