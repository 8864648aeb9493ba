"""`detente up`."""

import sys

from service.adapters.nlp.encoder import OnnxClassifier
from service.adapters.telemetry.logs import configure
from service.api.app import check_exposure
from service.bootstrap import Detente
from service.cli.output import out
from service.daemon import Daemon


def up(detente: Detente, *, api: bool) -> None:
    """Run until told to stop."""
    configure(detente.settings.log_level, sys.stdout)
    check_exposure(detente.settings.api)
    _ = detente.rules, detente.addresses, detente.sources, detente.hub_model
    OnnxClassifier.verify(detente.model_folder)
    daemon = Daemon(detente, api=api)
    try:
        daemon.start()
        if api:
            out(f"Detente is up: http://{detente.settings.api.host}:{detente.settings.api.port}/readyz")
        daemon.run()
    finally:
        daemon.stop()
