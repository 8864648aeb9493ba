"""The shipped model reads every canary as what it says: peace between the two invented countries, and nothing else."""

from datetime import timedelta

import pytest

from service.bootstrap import Detente
from service.domain.alerting.canary import RULE
from service.domain.events.signal import Signal
from service.domain.news.canary import COUNTRIES, article
from tests.fakes import NOON


@pytest.fixture(scope="module")
def detente() -> Detente:
    return Detente()


def test_the_shipped_model_reads_canaries(detente: Detente) -> None:
    moments = [NOON + timedelta(days=n, seconds=n * 977) for n in range(30)]
    read = detente.desk.read([article(moment, moment) for moment in moments])
    for coded in read:
        told = [e for e in coded.events if e.is_somebodys and e.mass]
        assert {e.signal for e in told} == {Signal.DE_ESCALATION}, coded
        assert {code for e in told for code in (*e.actors, *e.recipients)} == set(COUNTRIES)
        assert max(e.intensity for e in told) > RULE.intensity
