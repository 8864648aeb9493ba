from string import Formatter

import pytest

from service.adapters.messages.catalogue import CATALOGUES, ENGLISH
from service.domain.alerting.rule import Severity, State
from service.domain.risk.score import Band


def holes(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("code", CATALOGUES)
def test_every_language_says_everything_with_the_same_holes(code: str) -> None:
    assert {key: holes(text) for key, text in CATALOGUES[code].items()} == {
        key: holes(text) for key, text in ENGLISH.items()
    }


@pytest.mark.parametrize("code", CATALOGUES)
def test_every_language_has_the_days_and_months(code: str) -> None:
    assert len(CATALOGUES[code]["weekdays"].split()) == 7
    assert len(CATALOGUES[code]["months"].split()) == 12


def test_all_bands_severities_and_states_have_a_name() -> None:
    expected = (
        {f"band.{one}" for one in Band} | {f"severity.{one}" for one in Severity} | {f"state.{one}" for one in State}
    )
    assert expected <= set(ENGLISH)
