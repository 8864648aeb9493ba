"""The signs of life of a real service: heartbeat and canary come to real sinks through the real model, the ping goes out."""

from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from ruamel.yaml import YAML

from service.operations.canary import Whereabouts, last_flight
from tests.e2e.harness import Service, running, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.timeout(200)]


def test_all_signs_of_life(tmp_path: Path, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/alive").respond_with_data("ok")

    def with_signs(service: Service) -> None:
        path, yaml = service.home / "config" / "detente.yaml", YAML(typ="safe")
        settings = yaml.load(path)
        settings["notify"] |= {
            "heartbeat": {"receiver": "desk"},
            "canary": {"receiver": "desk"},
            "ping": {"url": httpserver.url_for("/alive")},
        }
        with path.open("w") as file:
            yaml.dump(settings, file)

    with running(tmp_path / "home", prepare=with_signs) as service:

        def is_back() -> bool:
            with service.detente.units(read_only=True) as unit:
                flight = last_flight(unit)
            return flight is not None and flight.whereabouts is Whereabouts.ARRIVED

        wait_for(is_back, 90, f"the canary did not come back: {service.counts()}")
        wait_for(lambda: len(service.sinks.messages) >= 4, 60, f"{service.sinks.messages}")
        wait_for(lambda: bool(httpserver.log), 60, "nobody was called")
        assert service.detente.problems() == []
        tests = [m for m in service.sinks.messages if "Canaria Prima and Canaria Secunda" in m.body]
        beats = [m for m in service.sinks.messages if "Last article: none" in m.body]
        assert sorted(m.channel for m in tests) == sorted(m.channel for m in beats) == ["mail", "webhook"]
        with service.detente.units(read_only=True) as unit:
            assert unit.outbox.history() == []
            assert unit.ledger.subjects() == []
            flight = last_flight(unit)
        assert flight is not None
        assert 0 < (flight.seconds or 0) < 90
