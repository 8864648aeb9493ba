"""A process that reads, without the process."""

from dataclasses import dataclass, field

from service.adapters.nlp.gazetteer import CompiledGazetteer
from service.domain.events.extraction import Band
from service.domain.news.article import Article
from service.errors import DetenteError
from service.operations.preview import Coded, Desk
from tests.fakes import FakeClassifier, FakeRecogniser, FakeSplitter


@dataclass
class FakeAside:
    """Implements `ports.Aside`: reads at once with the fake classifier, or raises `trouble`."""

    gazetteer: CompiledGazetteer
    trouble: DetenteError | None = None
    asked: list[Article] = field(default_factory=list)
    is_closed: bool = False

    def __call__(self, asked: Article) -> Coded:
        self.asked.append(asked)
        if self.trouble:
            raise self.trouble
        desk = Desk(FakeClassifier(), self.gazetteer, FakeSplitter(), FakeRecogniser(), Band(0.5, 0.5))
        return desk.read([asked])[0]

    def close(self) -> None:
        self.is_closed = True
