"""How texts are read: model, names, sentences, languages, and what is kept of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeVar

from service.domain.events.coding import Coding, Passage
from service.domain.events.event import Event
from service.domain.events.extraction import Sentence
from service.domain.events.place import Mention
from service.domain.news.article import Article
from service.domain.news.language import ENGLISH

Asked_contra = TypeVar("Asked_contra", contravariant=True)
Answer_co = TypeVar("Answer_co", covariant=True)


@dataclass(frozen=True, slots=True)
class CodedArticle:
    """What the model said of an article's sentences, with the names found in each (offsets into the sentence)."""

    sentences: tuple[Sentence, ...]
    codings: tuple[Coding, ...]
    mentions: tuple[tuple[Mention, ...], ...]
    model_version: str
    gazetteer_version: str


@dataclass(frozen=True, slots=True)
class KeptCoding:
    """What is kept of an article's coding: its events, and the countries it names, each once, in order.

    `ignored` says why it was not read, "" where it was.
    """

    events: tuple[Event, ...]
    named: tuple[str, ...] = ()
    ignored: str = ""


class Classifier(Protocol):
    """Codes passages."""

    @property
    def version(self) -> str:
        """Name, version and hash of the weights."""
        ...

    @property
    def languages(self) -> frozenset[str]:
        """The languages it reads, as ISO 639-1 codes."""
        ...

    def code(self, passages: Sequence[Passage]) -> list[Coding]:
        """One coding for each passage, in order. Raises ModelError."""
        ...


class Gazetteer(Protocol):
    """Finds and knows names of countries, groups, bodies and places."""

    @property
    def version(self) -> str:
        """Date and hash of the compiled names."""
        ...

    def mentions(self, text: str, language: str = ENGLISH, at: date | None = None) -> list[Mention]:
        """The names in a text, by position, without overlaps; as they were understood on a day, or now."""
        ...

    def name(self, code: str) -> str:
        """The English name of a code; the code itself when unknown."""
        ...


class Splitter(Protocol):
    """Cuts a text into sentences."""

    def spans(self, text: str, language: str = ENGLISH) -> list[tuple[int, int]]:
        """(start, end) offsets of the sentences, in order, not empty."""
        ...


class Recogniser(Protocol):
    """Tells languages apart by their words."""

    def shares(self, text: str) -> Mapping[str, float]:
        """Language (ISO 639-1) → probability, 0 … 1."""
        ...


class Aside(Protocol[Asked_contra, Answer_co]):
    """Does something outside this process, one piece at a time and none for longer than it may take."""

    def __call__(self, asked: Asked_contra) -> Answer_co:
        """The answer. Raises TooOften while there is other work, ModelError where it took too long or went wrong."""
        ...

    def close(self) -> None:
        """End what is kept for it."""
        ...


class Coder(Protocol):
    """Codes many articles, perhaps on several cores."""

    def code(self, batches: Sequence[Sequence[Article]]) -> Iterator[list[KeptCoding]]:
        """The codings of each batch, in order, as they are done. Raises ModelError."""
        ...


class CodingStore(Protocol):
    """Keeps codings by a key that holds all they depend on. It may forget; it never gives another key's."""

    def get(self, keys: Sequence[str]) -> Mapping[str, KeptCoding]:
        """Those of the keys that are kept."""
        ...

    def put(self, codings: Mapping[str, KeptCoding]) -> None:
        """Keep these, for good once this returns."""
        ...


class Tone(Protocol):
    """A lexicon of sentiment."""

    def __call__(self, text: str) -> float:
        """Of a text, −1 (bad) … 1 (good)."""
        ...


class Fingerprints(Protocol):
    """Min-hash of a text's shingles."""

    def bands(self, shingles: frozenset[str]) -> list[int]:
        """Signed 64-bit integers; near duplicates share at least one."""
        ...
