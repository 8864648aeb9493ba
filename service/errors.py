"""Everything that can go wrong, drawn once.

DetenteError
├── ConfigError        bad settings or YAML: names file, line, key            retry: no
├── RefusedInput       an article or feed we do not take, with a reason       retry: no
├── ModelError         model missing, wrong hash, bad output                  retry: no
├── NotFound           an id or subject nobody knows                          retry: no
├── Conflict           what is asked for does not go with what there is       retry: no
├── Denied             whoever asks is not known, or may not                  retry: no
├── TooOften           it was tried too often; says when it may be again      retry: yes
└── Unavailable        something outside does not answer                      retry: yes
    ├── BrokerUnavailable
    ├── StorageUnavailable
    │   └── StorageFull
    └── FetchFailed    a feed or page could not be fetched
        └── Gone       its server says that it will not come back
"""

from enum import StrEnum


class Refusal(StrEnum):
    """Why an input was not taken. A closed list: it labels counters and reports."""

    EMPTY = "empty"
    NO_TEXT = "no_text"
    BINARY = "binary"
    BAD_ENCODING = "bad_encoding"
    BAD_JSON = "bad_json"
    BAD_DATE = "bad_date"
    BAD_ID = "bad_id"
    MISSING_FIELD = "missing_field"
    DUPLICATE_ID = "duplicate_id"
    TOO_LARGE = "too_large"
    NOT_A_FEED = "not_a_feed"
    UNSUPPORTED = "unsupported"
    UNREADABLE = "unreadable"
    HOSTILE = "hostile"
    """Reading it took too long or too much memory, or brought the reader down; it would the next time too."""


class DetenteError(Exception):
    """Base of all errors Detente raises on purpose."""

    retryable = False


class ConfigError(DetenteError):
    """A setting or configuration file is wrong. The message names file, line and key, and what would be right."""


class RefusedInput(DetenteError):
    """An article or feed that is not taken; `refusal` says why in one word, the message in a sentence."""

    def __init__(self, refusal: Refusal, message: str) -> None:
        super().__init__(message)
        self.refusal = refusal


class ModelError(DetenteError):
    """The model cannot be loaded or gave an answer that is none."""


class NotFound(DetenteError):
    """Nobody knows this id or subject."""


class Conflict(DetenteError):
    """What is asked for is well formed and does not go with what there is; the message says why."""


class Denied(DetenteError):
    """Whoever asks is not known by what they gave, or may not do what they ask for."""


class TooOften(DetenteError):
    """It was tried too often; `wait` is the seconds until it may be tried again."""

    retryable = True

    def __init__(self, message: str, wait: float) -> None:
        super().__init__(message)
        self.wait = wait


class Unavailable(DetenteError):
    """Something outside does not answer; trying again later may help."""

    retryable = True


class BrokerUnavailable(Unavailable):
    """The message broker does not answer."""


class StorageUnavailable(Unavailable):
    """The database does not answer."""


class StorageFull(StorageUnavailable):
    """There is no room for what was to be stored; nothing of it was."""


class ReaderUnavailable(Unavailable):
    """What came cannot be read now: no process could be started for it, or all were busy."""


class FetchFailed(Unavailable):
    """A feed or page could not be fetched. `wait` is for how long the server wants to be left alone, in seconds."""

    def __init__(self, message: str, wait: float | None = None) -> None:
        super().__init__(message)
        self.wait = wait


class Gone(FetchFailed):
    """The server says that it is gone for good."""
