"""The words behind the links in messages: complete in each language, and in the language whoever reads them likes."""

import pytest

from service.domain.alerting.subscriber import LANGUAGES
from service.web.leaflet import CATALOGUES, ENGLISH, accepted


def test_every_language_of_messages_has_all_words() -> None:
    assert set(CATALOGUES) == LANGUAGES
    for words in CATALOGUES.values():
        assert set(words) == set(ENGLISH)
        assert all(words.values())
    assert not [key for key in ENGLISH if ENGLISH[key] == CATALOGUES["de"][key]]


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("fr, DE;q=0.5", "de"),
        ("en-GB, de", "en"),
        ("en;q=0.2, de ; q=0.7", "de"),
        ("de;q=0, *", "en"),
        ("de;q=high", "en"),
        (";;,=,q=1", "en"),
        ("fr,es", "en"),
    ],
)
def test_a_browser_gets_what_it_likes_best_of_what_there_is(header: str, language: str) -> None:
    assert accepted(header) == language
