"""All words of the pages behind the links in messages, language by language, and which of them somebody reads."""

from collections.abc import Mapping

DEFAULT = "en"
ENGLISH: Mapping[str, str] = {
    "ask": "Do you want alerts?",
    "ask.text": "Somebody asked that alerts about news of conflict be sent to you. Press the button if you want them.",
    "ask.yes": "Yes, send me alerts",
    "ask.no": "If you do not, close this page: without your word nothing is sent.",
    "agreed": "Done",
    "agreed.text": "Alerts will be sent to you. Every one says how to stop them.",
    "leave": "Stop messages?",
    "leave.text": "Press a button, and nothing more is sent to you here.",
    "leave.one": "Stop these messages",
    "leave.all": "Stop all my channels",
    "left": "Done",
    "left.text": "Nothing more is sent to you here.",
    "none": "Nothing here",
    "none.text": "This link is not good, or not any more. Nothing was changed.",
    "later": "Not now",
    "later.text": "This cannot be done just now. Please try again later.",
}
GERMAN: Mapping[str, str] = {
    "ask": "Möchten Sie Meldungen?",
    "ask.text": "Jemand hat gebeten, Ihnen Meldungen über Nachrichten von Konflikten zu schicken. Drücken Sie den "
    "Knopf, wenn Sie das möchten.",
    "ask.yes": "Ja, schicken Sie mir Meldungen",
    "ask.no": "Wenn nicht, schließen Sie diese Seite: ohne Ihr Wort wird nichts geschickt.",
    "agreed": "Erledigt",
    "agreed.text": "Sie bekommen Meldungen. In jeder steht, wie Sie sie abbestellen.",
    "leave": "Meldungen abbestellen?",
    "leave.text": "Drücken Sie einen Knopf, und hierher kommt nichts mehr.",
    "leave.one": "Diese Meldungen abbestellen",
    "leave.all": "Alle meine Kanäle abbestellen",
    "left": "Erledigt",
    "left.text": "Hierher kommt nichts mehr.",
    "none": "Hier ist nichts",
    "none.text": "Dieser Link gilt nicht oder nicht mehr. Es wurde nichts geändert.",
    "later": "Jetzt nicht",
    "later.text": "Das geht gerade nicht. Bitte versuchen Sie es später noch einmal.",
}
CATALOGUES: Mapping[str, Mapping[str, str]] = {"en": ENGLISH, "de": GERMAN}
"""By the two letters of ISO 639-1."""
MOST = 20
"""Languages of a browser that are looked at."""


def accepted(header: str) -> str:
    """The language a browser likes best of those there are (RFC 9110), English where it names none of them."""
    wanted = [_weighed(part) for part in header.split(",")[:MOST]]
    known = [(weight, code) for weight, code in wanted if code in CATALOGUES and weight > 0]
    return max(known, key=lambda one: one[0], default=(0.0, DEFAULT))[1]


def _weighed(part: str) -> tuple[float, str]:
    tag, _, rest = part.partition(";")
    name, _, weight = rest.strip().partition("=")
    try:
        found = float(weight) if name.strip() == "q" else 1.0
    except ValueError:
        found = 0.0
    return found, tag.strip().partition("-")[0].lower()
