"""Which sentences of an article the model is asked about."""

from service.domain.events.coding import Coding
from service.domain.events.signal import MentionRole, Modality, Signal
from service.pipeline.classify import code_articles
from tests.fakes import FakeSplitter, World, article

LINES = (
    "Iran strikes Pakistan at night",
    "Iran attacked a camp in Pakistan on Sunday.",
    "In Quetta the weather was fine all day long.",
    "Rice in Pakistan is dear.",
    "Guards from Iran attacked a post.",
    "Tickets cost ten rupees.",
)


def test_the_lead_is_read_and_of_the_body_what_may_tell_an_act(world: World) -> None:
    told = article("a", "\n".join(LINES[1:]), title=LINES[0])
    (coded,) = code_articles([(told, "en")], world.classifier, world.gazetteer, FakeSplitter())
    assert world.classifier.calls == [4]
    assert [s.text for s in coded.sentences] == list(LINES)
    assert [coded.codings[n] == Coding.unread(len(coded.mentions[n])) for n in range(6)] == [False] * 3 + [
        True,
        False,
        True,
    ]
    assert coded.codings[4].signal[Signal.ESCALATION] == 1.0


def test_all_of_another_language_is_read(world: World) -> None:
    told = article("a", "\n".join(LINES[1:]), title=LINES[0])
    code_articles([(told, "de")], world.classifier, world.gazetteer, FakeSplitter())
    assert world.classifier.calls == [6]


def test_what_is_not_read_is_neutral_gives_nobody_a_part_and_may_be_of_any_time() -> None:
    coding = Coding.unread(2)
    assert max(coding.signal, key=coding.signal.__getitem__) == Signal.NEUTRAL
    assert [max(roles, key=roles.__getitem__) for roles in coding.roles] == [MentionRole.MENTION] * 2
    assert coding.modality[Modality.HISTORICAL] == 0.5
    parts = [coding.signal, coding.event_type, coding.level, coding.modality, *coding.roles]
    assert [sum(shares.values()) for shares in parts] == [1.0] * len(parts)
