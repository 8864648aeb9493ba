"""Whose words state an event, on sentences made up and judged by hand."""

from collections.abc import Sequence
from dataclasses import replace
from time import perf_counter

import pytest

from service.domain.events.attribution import attribute
from service.domain.events.event import Event
from service.domain.events.extraction import Sentence, extract
from service.domain.events.parties import Named
from service.domain.events.place import Mention, MentionKind
from service.domain.events.signal import MentionRole, Modality
from service.domain.events.speech import quoted, sources
from tests.unit.domain.build import NOW, coding, event, sentence

ACTOR, RECIPIENT, BOTH, PLACE, THIRD, MENTION = MentionRole
ACTUAL, ALLEGED = Modality.ACTUAL, Modality.ALLEGED

NAMES = {
    "Iran": ("IRN", MentionKind.COUNTRY),
    "Pakistan": ("PAK", MentionKind.COUNTRY),
    "Israel": ("ISR", MentionKind.COUNTRY),
    "China": ("CHN", MentionKind.COUNTRY),
    "Syria": ("SYR", MentionKind.COUNTRY),
    "Turk": ("TUR", MentionKind.DEMONYM),
    "U.S.": ("USA", MentionKind.COUNTRY),
    "UN": ("UN", MentionKind.IGO),
    "Hamas": ("PSE:HAMAS", MentionKind.GROUP),
    "Quetta": ("city:quetta", MentionKind.CITY),
}


def mentions(text: str) -> list[Mention]:
    found = [
        Mention(at, at + len(name), name, code, kind, () if code == "UN" else (code[:3],))
        for name, (code, kind) in NAMES.items()
        for at in range(len(text))
        if text.startswith(name, at)
    ]
    places = [replace(m, countries=("PAK",)) if m.kind is MentionKind.CITY else m for m in found]
    return sorted(places, key=lambda m: m.start)


@pytest.mark.parametrize(
    ("text", "speakers"),
    [
        ("Iran's foreign ministry said on Monday that Israel had struck a depot.", "IRN"),
        ("Ten soldiers died, the Pakistani army said.", "PAK"),
        ("Ten soldiers died, the Pakistani army said on Sunday.", "PAK"),
        ("Ten soldiers died, the Pakistani army said in a statement on Sunday.", "PAK"),
        ("Ten soldiers died, said a spokesman for the Pakistani army.", "PAK"),
        ("Ten soldiers died in a raid, Pakistan reported.", "PAK"),
        ("Ten soldiers died, according to Pakistan and China.", "PAK CHN"),
        ("According to the navy of China, Israel and Iran met.", "CHN"),
        ("As Israel said, Iran struck a depot.", "ISR"),
        ("The minister, an old hand in Iran, said Israel had struck a depot.", "IRN"),
        ("Moshe Levi, Israel's defence minister, said Iran had struck a depot.", "ISR"),
        ("The UN said that Israel had struck a school.", "UN"),
        ("Hamas claims that Israel struck a school.", "PSE:HAMAS"),
        ("The head of the U.S. Central Command told reporters that Iran had struck a tanker.", "USA"),
        ("Iran confirms that Israel struck a depot.", "IRN"),
        ("Iran announces that it will pull back from the river.", "IRN"),
        ("China added that the ship had turned.", "CHN"),
        ("“We will answer,” said Iran's foreign minister.", "IRN"),
        ('"We will answer," Iran\'s army chief told state television.', "IRN"),
        ("Officials in Quetta said Iran had struck a camp.", "city:quetta"),
        ("Syrian state media said Israel had struck a depot.", "SYR"),
    ],
)
def test_who_speaks(text: str, speakers: str) -> None:
    found = [m.code for source in sources(text, mentions(text)) for m in source.speakers]
    assert list(dict.fromkeys(found)) == speakers.split()


@pytest.mark.parametrize(
    "text",
    [
        "Iran struck a depot in Syria.",
        "Officials said Iran had struck a depot.",
        "A news agency said Iran had struck a depot.",
        "According to Turkish newspapers Iran struck a depot.",
        "Turkish media reported that Iran had struck a depot.",
        "Israel was told that Iran would strike.",
        "Iran is said to have struck a depot.",
        "Hamas claims responsibility for the raid.",
        "Iran denied claims that it had struck a depot.",
        "China confirmed the deal with Iran.",
        "Iran struck a depot, and Israel said that it would answer.",
        "Iran struck a depot. Israel said that it would answer.",
        "The minister, a lawyer, said Iran's army had pulled back.",
        "Iran says yes to the talks.",
    ],
)
def test_nobody_who_is_known_speaks(text: str) -> None:
    assert sources(text, mentions(text)) == []


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("Iran said its forces had struck a depot.", True),
        ("Iran said on Monday that it had struck a depot.", True),
        ("Iran says they struck a depot.", True),
        ('Iran says "we struck a depot".', True),
        ("Iran told reporters that its forces had struck a depot.", True),
        ("Iran said Israel had struck a depot.", False),
        ("Iran said the item had been struck.", False),
    ],
)
def test_whether_the_speaker_tells_of_itself(text: str, own: bool) -> None:
    assert [source.own for source in sources(text, mentions(text))] == [own]


def pieces(*texts: str, paragraphs: Sequence[int] = ()) -> list[Sentence]:
    numbers = paragraphs or [0] * len(texts)
    return [replace(sentence(t, n), paragraph=p) for n, (t, p) in enumerate(zip(texts, numbers, strict=True))]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (['"They bombed our villages," a minister said.'], [True]),
        (["“They bombed our villages,” a minister said."], [True]),
        (['"We will answer," he said, "with all our force."'], [True]),
        (['The minister said: "They bombed our villages at night."'], [True]),
        (['Iran spoke of a "grave error".'], [False]),
        (['He called it the "first clear sign" of a war and "the largest raid by far".'], [False]),
        (["They bombed our villages."], [False]),
        (
            ['"They bombed us.', "They burned our fields.", 'They will pay," he said.', "Nobody paid."],
            [True] * 3 + [False],
        ),
        (["“They bombed us.", "They burned our fields.”", "Nobody paid."], [True, True, False]),
        (['Cairo " The police said so.'], [False]),
    ],
)
def test_what_is_quoted(texts: list[str], expected: list[bool]) -> None:
    assert quoted(pieces(*texts)) == expected


def test_a_quotation_ends_with_its_paragraph() -> None:
    assert quoted(pieces('"They bombed us.', "They burned our fields.", paragraphs=(0, 1))) == [True, False]


def test_a_long_sentence_is_read_in_no_time() -> None:
    text = "Iran, the great country of the world and of more and more, told " * 800
    started = perf_counter()
    sources(text, mentions(text))
    assert perf_counter() - started < 1


def test_extraction_marks_what_is_quoted() -> None:
    told = extract(pieces('"They bombed our villages."', "Iran struck."), [coding(), coding()], NOW, 0.5)
    assert [e.quoted for e in told] == [True, False]


def coded(told: Event, roles: dict[str, MentionRole]) -> Event:
    """The one event of an article, its names found by their spelling."""
    names = [Named(m, roles.get(m.code, MENTION)) for m in mentions(told.text)]
    (found,) = attribute([replace(told, actors=(), recipients=())], {told.sentence: names})
    return found


def test_speakers_are_kept_with_the_event() -> None:
    told = coded(
        event(text="The Pakistani army and the UN said Iran had struck Quetta."), {"IRN": ACTOR, "PAK": RECIPIENT}
    )
    assert (told.attributed_to, told.actors, told.recipients) == (("PAK",), ("IRN",), ("PAK",))


def test_officials_of_a_town_speak_for_its_country() -> None:
    assert coded(event(text="Officials in Quetta said Iran had struck."), {"IRN": ACTOR}).attributed_to == ("PAK",)


@pytest.mark.parametrize(
    ("kind", "text", "roles", "actors", "recipients"),
    [
        pytest.param(
            "ASSAULT.aerial",
            "The UN said Israel had struck Syria.",
            {"UN": ACTOR, "ISR": ACTOR, "SYR": RECIPIENT},
            ("ISR",),
            ("SYR",),
            id="a reporter is no actor",
        ),
        pytest.param(
            "ASSAULT.aerial",
            "Israel had struck Syria, the UN said.",
            {"UN": ACTOR, "ISR": ACTOR, "SYR": RECIPIENT},
            ("ISR",),
            ("SYR",),
            id="nor after what was said",
        ),
        pytest.param(
            "ASSAULT.aerial",
            "Syria said Israel had struck a depot.",
            {"SYR": RECIPIENT, "ISR": ACTOR},
            ("ISR",),
            ("SYR",),
            id="a victim stays one",
        ),
        pytest.param(
            "RETREAT.withdraw",
            "China says Israel will leave Syria.",
            {"CHN": BOTH, "ISR": ACTOR},
            ("ISR",),
            ("CHN",),
            id="who acts and gets, gets",
        ),
        pytest.param(
            "ASSAULT.aerial",
            "Iran said it had struck Israel together with Hamas.",
            {"IRN": ACTOR, "PSE:HAMAS": ACTOR, "ISR": RECIPIENT},
            ("IRN", "PSE:HAMAS"),
            ("ISR",),
            id="who speaks of itself acts",
        ),
        pytest.param(
            "ACCUSE.disapprove",
            "China said Israel had struck Syria.",
            {"CHN": ACTOR, "ISR": ACTOR, "SYR": RECIPIENT},
            ("CHN", "ISR"),
            ("SYR",),
            id="what is done by speaking is the speaker's",
        ),
        pytest.param(
            "AGREE.deescalate",
            "China says that Israel and Syria have agreed on a truce.",
            {"CHN": BOTH, "ISR": BOTH, "SYR": BOTH},
            ("ISR", "SYR"),
            (),
            id="who announces the truce of two others is no side",
        ),
        pytest.param(
            "AGREE.deescalate",
            "Syria says that Israel has agreed on a truce.",
            {"SYR": BOTH, "ISR": BOTH},
            ("ISR", "SYR"),
            (),
            id="the other side is one",
        ),
    ],
)
def test_who_only_reports_does_not_act(
    kind: str, text: str, roles: dict[str, MentionRole], actors: tuple[str, ...], recipients: tuple[str, ...]
) -> None:
    told = coded(event(kind, text=text), roles)
    assert (told.actors, told.recipients) == (actors, recipients)


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("Iran said its forces had struck Israel.", ALLEGED, ACTUAL),
        ("Israel confirms that Iran struck a depot.", ALLEGED, ACTUAL),
        ("Iran said its forces had struck Israel, which Israel denied.", ALLEGED, ALLEGED),
        ("Israel claims that Iran struck a depot.", ALLEGED, ALLEGED),
        ("Israel said that Iran had struck a depot.", ACTUAL, ACTUAL),
    ],
)
def test_what_a_party_owns_to_or_confirms_is_no_allegation(text: str, before: Modality, after: Modality) -> None:
    told = coded(event(text=text, modality=before), {"IRN": ACTOR, "ISR": RECIPIENT})
    assert told.modality is after


@pytest.mark.parametrize(
    ("kind", "text", "is_quoted", "expected"),
    [
        ("ASSAULT.aerial", '"Iran bombed our villages," Pakistan said.', True, ALLEGED),
        ("ASSAULT.aerial", "Iran bombed our villages, Pakistan said.", False, ACTUAL),
        ("ASSAULT.aerial", '"Iran bombed their villages," the Iranian army said.', True, ACTUAL),
        ("ASSAULT.aerial", '"Iran bombed our villages," a man said.', True, ACTUAL),
        ("ACCUSE.disapprove", '"Iran bombed our villages," Pakistan said.', True, ACTUAL),
    ],
)
def test_a_deed_in_the_words_of_another_is_alleged(
    kind: str,
    text: str,
    is_quoted: bool,
    expected: Modality,
) -> None:
    told = coded(replace(event(kind, text=text), quoted=is_quoted), {"IRN": ACTOR, "PAK": RECIPIENT})
    assert told.modality is expected


def test_he_who_goes_on_speaking_is_the_speaker_of_the_sentence_before() -> None:
    first = event(text="Pakistan said Iran had struck a camp.", sentence=1)
    again = event("THREATEN.force", text="We will strike back, he said.", sentence=2)
    later = replace(again, sentence=4)
    names = {1: [Named(m, MENTION) for m in mentions(first.text)]}
    assert [e.attributed_to for e in attribute([first, again], names)] == [("PAK",), ("PAK",)]
    assert [e.attributed_to for e in attribute([first, later], names)] == [("PAK",), ()]
