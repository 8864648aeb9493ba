"""Copies and look-alikes of reports: pairs of texts of which it is known whether one repeats the other.

Every change is one that desks make to wire copy. What looks like a copy and is none: another report on the same
happening, a later one that repeats a part of an earlier one, and a bulletin with the figures of another day.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

SPELLINGS = (
    ("organis", "organiz"), ("mobilis", "mobiliz"), ("defence", "defense"), ("programme", "program"),
    ("centre", "center"), ("labour", "labor"), ("neighbour", "neighbor"), ("harbour", "harbor"), ("honour", "honor"),
    ("colour", "color"), ("favour", "favor"), ("armour", "armor"), ("travell", "travel"), ("cancell", "cancel"),
    ("kilometre", "kilometer"), ("tonne", "ton"), ("towards", "toward"), ("grey", "gray"), ("per cent", "percent"),
    ("recognis", "recogniz"), ("authoris", "authoriz"), ("criticis", "criticiz"),
)  # fmt: skip
"""British and American."""
SYNONYMS = (
    ("said", "stated"), ("killed", "slain"), ("attack", "assault"), ("officials", "authorities"), ("near", "close to"),
    ("wounded", "injured"), ("talks", "negotiations"), ("after", "following"), ("says", "states"), ("kill", "slay"),
    ("about", "around"), ("police", "officers"), ("soldiers", "troops"), ("during", "amid"), ("people", "persons"),
    ("government", "administration"), ("against", "versus"), ("while", "as"), ("and", "as well as"), ("the", "this"),
    ("a", "one"), ("in", "inside"), ("of", "from"), ("to", "toward"), ("on", "upon"), ("with", "alongside"),
)  # fmt: skip
"""Words and what a careful copyist puts in their place."""
LEADS = (
    "This newspaper has followed the matter from its beginning and asked people in the capital what they make of it.",
    "Readers will remember that our pages have often dealt with what happens there, and seldom with good news.",
    "It has been a long week for everybody who reports from the region, and this day was no exception to that.",
    "What follows reached our desk late in the evening, when the first pages had already gone to the printers.",
)
AGENCIES = ("Reuters", "AFP", "AP", "dpa", "Xinhua")
PLACES = ("GENEVA", "NEW YORK", "DUBAI", "LONDON", "NAIROBI", "SINGAPORE", "VIENNA")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Report:
    """A text in paragraphs."""

    title: str
    paragraphs: tuple[str, ...]

    @property
    def document(self) -> str:
        """As an article's."""
        return "\n\n".join((self.title, *self.paragraphs))


Change = Callable[[Report, Random], Report]


def headline(report: Report, random: Random) -> Report:
    """Another title of words of the text."""
    words = " ".join(report.paragraphs).split()
    start = random.randrange(max(1, len(words) - 9))
    return Report(" ".join(words[start : start + 9]).title(), report.paragraphs)


def cut(report: Report, random: Random) -> Report:
    """The first third to two thirds of the paragraphs."""
    kept = max(2, round(len(report.paragraphs) * random.uniform(0.34, 0.67)))
    return Report(report.title, report.paragraphs[:kept])


def own_lead(report: Report, random: Random) -> Report:
    """One or two paragraphs of the printer's own before it."""
    leads = tuple(random.sample(LEADS, random.choice((1, 2))))
    return Report(report.title, (*leads, *report.paragraphs))


def credits_changed(report: Report, random: Random) -> Report:
    """Another dateline, and a line on the printer at the end."""
    first = (
        f"{random.choice(PLACES)}, March {random.randint(1, 28)} ({random.choice(AGENCIES)}) - {report.paragraphs[0]}"
    )
    end = f"(Reporting by our desk in {random.choice(PLACES).title()}; Editing by the night desk)"
    return Report(report.title, (first, *report.paragraphs[1:], end))


def spelling(report: Report, _: Random) -> Report:
    """British for American, with its quotation marks and dashes."""

    def american(text: str) -> str:
        for british, other in SPELLINGS:
            text = re.sub(rf"\b{british}", other, text, flags=re.IGNORECASE)
        return text.replace("'", "’").replace(" - ", " — ")

    return Report(american(report.title), tuple(map(american, report.paragraphs)))


def reworded(share: float) -> Change:
    """Every so many of the words replaced: by a synonym where there is one, otherwise another word of the text."""
    synonyms = dict(SYNONYMS)

    def change(report: Report, random: Random) -> Report:
        vocabulary = _WORD.findall(" ".join(report.paragraphs))

        def other(found: re.Match[str]) -> str:
            if random.random() >= share:
                return found.group()
            return synonyms.get(found.group().lower()) or str(random.choice(vocabulary))

        return Report(report.title, tuple(_WORD.sub(other, p) for p in report.paragraphs))

    return change


def desk(report: Report, random: Random) -> Report:
    """What an editor does in a hurry: another title and dateline, three in a hundred words, the end cut."""
    for change in (headline, credits_changed, reworded(0.03), cut):
        report = change(report, random)
    return report


def spliced(report: Report, other: Report) -> Report:
    """Two reports printed as one."""
    return Report(report.title, (*report.paragraphs, *other.paragraphs))


COPIES: Mapping[str, Change] = {
    "headline changed": headline,
    "cut after a third to two thirds": cut,
    "own lead added": own_lead,
    "dateline and credits changed": credits_changed,
    "other spelling": spelling,
    "3 % of words changed": reworded(0.03),
    "6 % of words changed": reworded(0.06),
    "10 % of words changed": reworded(0.10),
    "all that a desk does in a hurry": desk,
}


def follow_up(report: Report, fresh: Sequence[str], share: float, random: Random) -> Report:
    """A later report: new paragraphs first, and a share of the old ones as background."""
    kept = max(1, round(len(report.paragraphs) * share))
    old = sorted(random.sample(range(len(report.paragraphs)), kept))
    news = fresh[: max(1, len(report.paragraphs) - kept)]
    return Report(news[0][:60], (*news, *(report.paragraphs[n] for n in old)))


_TOWNS = ("Quetta", "Zahedan", "Herat", "Kandahar", "Peshawar", "Mashhad", "Turbat", "Gwadar", "Multan", "Kerman")
_STANDING = (
    "The ministry publishes these figures each evening and asks all editors to print them without changes of any sort.",
    "Nobody outside the ministry was able to examine what it says about its own losses and about those of the enemy.",
    "Relatives can call the number that is printed in the paper every Monday, and are asked to have documents at hand.",
)


def bulletin(random: Random) -> Report:
    """A day's figures in sentences that are the same every day, and what stands under them every day."""
    lines = (
        f"In the sector of {random.choice(_TOWNS)} the forces of the eastern command went on with their operation, hit "
        f"the enemy's men and equipment near {random.choice(_TOWNS)}, and repelled {random.randint(2, 19)} attacks "
        f"during the day; the enemy lost up to {random.randint(20, 400)} men and {random.randint(2, 30)} vehicles."
        for _ in range(5)
    )
    return Report("The situation of the day", (*lines, *_STANDING))
