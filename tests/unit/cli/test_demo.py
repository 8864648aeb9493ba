"""What `detente demo --json` prints."""

import json

from service.cli.demo import summary
from service.demo.sinks import Message

MESSAGES = [Message("mail", "↑ Risk high A–B", "Why"), Message("hook", "All clear A–B", "Calm")]


def test_promises_and_deliveries_are_told() -> None:
    shown = json.loads(json.dumps(summary([("an alert fires", True), ("it ends", False)], MESSAGES)))
    assert shown == {
        "ok": False,
        "promises": [{"promise": "an alert fires", "held": True}, {"promise": "it ends", "held": False}],
        "deliveries": [
            {"channel": "mail", "title": "↑ Risk high A–B", "body": "Why"},
            {"channel": "hook", "title": "All clear A–B", "body": "Calm"},
        ],
    }
    assert summary([("an alert fires", True)], [])["ok"] is True
