"""Sends a second: rows in the outbox to a web hook that takes 50 ms, through the real jail and a real SQLite file.

`python -m bench.delivery_sends [--rows 400] [--threads 8] [--channels 8]` prints one line of JSON: sends a second with
and without the rows, and the processor time of each send by who used it.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from service.adapters.channels.apprise_notifier import AppriseNotifier
from service.adapters.messages.compose import Composer
from service.adapters.storage import migrate
from service.adapters.storage.database import SqlUnits, make_engine, sqlite_url
from service.domain.alerting.message import Message, MessageReason
from service.domain.alerting.notification import Outgoing
from service.flow import Task
from service.pipeline.line import Patience, carry
from service.pipeline.notify import PostOffice, notify
from service.ports import Parcel, Recipient

SINK = """
import socketserver, sys, time
class Hook(socketserver.StreamRequestHandler):
    def handle(self):
        length = 0
        for line in self.rfile:
            if line.lower().startswith(b"content-length"):
                length = int(line.split(b":")[1])
            if line == b"\\r\\n":
                break
        self.rfile.read(length)
        time.sleep(0.05)
        self.wfile.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\nConnection: close\\r\\n\\r\\n")
class Server(socketserver.ThreadingTCPServer):
    daemon_threads, request_queue_size = True, 256
server = Server(("127.0.0.1", 0), Hook)
print(server.server_address[1], flush=True)
server.serve_forever()
"""
BEGAN = datetime(2026, 3, 1, 12, tzinfo=UTC)


@contextmanager
def sink() -> Iterator[int]:
    """A web hook in a process of its own that answers after 50 ms; gives the port."""
    with subprocess.Popen([sys.executable, "-c", SINK], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()


def rate(jobs: int, threads: int, send: Callable[[int], object]) -> float:
    """Jobs done a second."""
    with ThreadPoolExecutor(threads) as pool:
        began = time.monotonic()
        done = list(pool.map(send, range(jobs)))
        took = time.monotonic() - began
    assert all(done), "a send failed"
    return jobs / took


def fill(units: SqlUnits, rows: int, channels: int) -> list[str]:
    """So many deliveries, turn by turn to so many channels."""
    names = [f"c{n}" for n in range(channels)]
    messages = [
        Outgoing(f"m{n}", Message(MessageReason.TEST, "desk", BEGAN, "t", note="Text"), "Title", names)
        for n in range(-(-rows // channels))
    ]
    with units() as unit:
        return unit.outbox.write(messages)[:rows]


def measure(rows: int, threads: int, channels: int) -> dict[str, Any]:
    """The figures."""
    notifier = AppriseNotifier(allow_private=True)
    with sink() as port, tempfile.TemporaryDirectory() as folder:
        address = f"json://127.0.0.1:{port}/hook"
        engine = make_engine(sqlite_url(Path(folder)))
        migrate.upgrade(engine)
        units = SqlUnits(engine)
        ids = fill(units, rows, channels)
        office = PostOffice(notifier, lambda *_: Recipient(address), Composer(), lambda *_: None, at_once=threads)
        notifier.send(Parcel("k", "t", "desk", "c", "t", "x"), address)

        def by_row(n: int) -> int:
            return carry(Task.DELIVER, [ids[n]], units, [lambda claims: notify(claims, units, office)], Patience())

        alone = rate(rows, threads, lambda n: notifier.send(Parcel(f"{n}", "t", "desk", "c", "t", "x"), address).ok)
        before, ours = cpu(notifier.jail.pid), time.process_time()
        with_rows = rate(rows, threads, by_row)
        used, mine = cpu(notifier.jail.pid) - before, time.process_time() - ours
        notifier.close()
        engine.dispose()
    return {
        "sends_per_second": round(with_rows, 1),
        "without_rows": round(alone, 1),
        "worker_ms": round(1000 * mine / rows, 1),
        "jail_ms": round(1000 * used / rows, 1),
        "worker_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "rows": rows,
        "threads": threads,
        "channels": channels,
    }


def cpu(pid: int | None) -> float:
    """Seconds of processor time of a process and of its children that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return sum(int(field) for field in fields[11:15]) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("rows", 400), ("threads", 8), ("channels", 8)):
        parser.add_argument(f"--{name}", type=int, default=default)
    print(json.dumps(measure(**vars(parser.parse_args()))))


if __name__ == "__main__":
    main()
