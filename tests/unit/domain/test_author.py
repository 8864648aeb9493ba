"""Whose word it is."""

import pytest

from service.domain.access import LOCAL, TOKEN, Means, Principal

ANN = Principal(Means.SESSION, "Ann", frozenset())
BOT = Principal(Means.KEY, "bot", frozenset())


@pytest.mark.parametrize(
    ("asker", "given", "author", "signature"),
    [
        (ANN, "Bob", "Ann", "account:Ann"),
        (BOT, "Bob", "bot", "key:bot"),
        (TOKEN, " Bob ", "Bob", "api:Bob"),
        (LOCAL, "Bob", "Bob", "local:Bob"),
        (LOCAL, " ", "", "local"),
    ],
)
def test_an_account_speaks_for_itself_and_one_of_several_says_who_they_are(
    asker: Principal, given: str, author: str, signature: str
) -> None:
    assert (asker.author(given), asker.signature(given)) == (author, signature)
