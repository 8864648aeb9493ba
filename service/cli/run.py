"""`detente up` and `detente migrate`."""

import sys

from service.adapters.telemetry.logs import configure
from service.bootstrap import Detente
from service.cli.accounts import welcome
from service.cli.checking import check_all
from service.cli.output import out, out_json
from service.daemon import Daemon
from service.domain.access import Role


def migrate(detente: Detente, *, as_json: bool) -> None:
    """Prepare the database, and print the revision it is at."""
    detente.prepare_database()
    if as_json:
        out_json({"revision": detente.revision()})
    else:
        out(f"the database is at revision {detente.revision()}")


def up(detente: Detente, *, api: bool) -> None:
    """Run until told to stop."""
    configure(detente.settings.log_level, sys.stdout)
    check_all(detente)
    daemon = Daemon(detente, api=api)
    try:
        daemon.start()
        if api:
            out(f"Detente is up: {detente.page_url}")
            greet(detente)
        daemon.run()
    finally:
        daemon.stop()


def greet(detente: Detente) -> None:
    """A link for the first account, while there is none; each start makes another."""
    if not detente.doorkeeper.exist():
        link = welcome(detente, detente.doorkeeper.invite(Role.ADMIN, "up"))
        out(f"nobody can sign in yet: make the first account at {link}")
