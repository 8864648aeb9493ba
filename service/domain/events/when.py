"""When a sentence says its act happened: dates and words for days, read against the day of publication.

Words such as "two days later" are read against the last day told before them. Of the hour ("at dawn", "on Monday
night") only the day is taken: the text gives local time and no zone.

Only the date of the act itself is wanted. A date in a quotation, a relative clause or the name of something else ("the
12 May agreement", "Friday's raid") is passed over, and where two days are left none is taken.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum


class Precision(StrEnum):
    """How long the span is that the words leave open."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Said:
    """`last` is the last day the words can mean (UTC); the span of `precision` ends with it.

    It lies after publication only for what is still to come.
    """

    last: date
    precision: Precision


# Patterns of many words open with the letters these begin with, `(?=[…])`, and are not tried in vain elsewhere.
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LONG_MONTH = "January|February|March|April|May|June|July|August|September|October|November|December"
_MONTH = rf"(?:{_LONG_MONTH}|(?:Jan|Feb|Mar|Apr|Aug|Sept?|Oct|Nov|Dec)\b\.?)"
_SMALL = ("a", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_COUNT = rf"(?:{'|'.join(_SMALL)}|an|one|[1-9]\d?)"
_NEXT_DAY_IN_THE_EAST = 16
"""Hour (UTC) from which it is tomorrow in Manila and Beijing."""

_LIGHT = r"(?:dawn|daybreak|sunrise|first light|noon|midday|dusk|dark|sunset|nightfall|midnight)"
_ANY_DAY = re.compile(
    rf"(?:days?|night|tomorrow|morning|afternoon|evening|ago|weeks?|months?|hours|"
    rf"(?:minute|moment)s (?:later|earlier)|{_LIGHT})\b"
)
_ANY_MONTH = re.compile(_MONTH)
"""One of these is in every date; most sentences have none and need no second look. Days are lower-cased text."""
_TIME = rf"(?:(?:next|last) |today|tomorrow|yesterday|(?:mon|tues|wednes|thurs|fri|satur|sun)day|\d|{_MONTH} \d)"
_FEAST = re.compile(
    r"^(if|unless|should|were)\b|\b(anniversar(y|ies)|birthdays?|commemorat\w+|remembrance|marking|born)\b",
    re.IGNORECASE,
)
"""Days that are kept, and acts that are only imagined."""
_NAMED = re.compile(
    r"\b(?=[abefghmpstw])("
    r"(black|good|easter|ash|palm|bloody|holy|whit|sheffield) (mon|wednes|thurs|fri|satur|sun)day|may day|"
    r"every (\w+ )?(mon|tues|wednes|thurs|fri|satur|sun)day|(mon|tues|wednes|thurs|fri|satur|sun)days|"
    r"friday (prayers?|mosques?|sermons?)|sunday (times|mass|school|telegraph|mirror|express))\b",
    re.IGNORECASE,
)
_DONE_TO = (
    "signed|captured|agreed|reached|seized|arrested|detained|abducted|kidnapped|announced|imposed|adopted|brokered|"
    "concluded|launched|killed|wounded|injured|taken|issued|held|sealed|shelled|bombed|attacked|declared|passed|lost|"
    "fired|shot down|destroyed|damaged|set"
)
_ASIDE = re.compile(
    r"(?=[\"“(,]|\b[abcdefimorstuw])(?:[\"“][^\"”]*[\"”]|\([^)]*\)|"
    rf",\s(({_DONE_TO})|due|scheduled|planned)\b[^,;]*,|"
    r"\b(who|whom|whose|which|where|when|if|unless)\b[^,;]*|"
    r"\bthat (was|were|had|has|have|is|left|killed|began|took|started|broke|ended|came|went)\b[^,;]*|"
    rf"\b((by|from|beginning|starting|effective|beyond|through) (on )?(?={_TIME})|"
    r"after(?! tomorrow)|before(?! yesterday)|since|until|till|(?<!the )following|ahead of|"
    r"in (response|retaliation|answer|reply) (to|for)|despite|(?<!hand )(?<!handed )(?<!took )(?<!taken )over|"
    r"because of|in return for|unlike|accus\w+ [^,;]{1,80}? of|blam\w+ [^,;]{1,80}? for|"
    r"condemn\w*|denounc\w+|mourn\w*|investigat\w+|recall(s|ed|ing)? (?!its|their|his|her|the ambassador|the envoy))\b"
    rf"(?! (saying|telling|{_LIGHT})\b)(?!\s*([,.;]|$))[^,;]*)",
    re.IGNORECASE,
)
"""What is not said of the act: quotations, clauses about something else, the other end of "after" and the like.

"Before dawn" and "the day before" have no other end.
"""
_PART_OF = re.compile(r"\b((?:hours|morning|afternoon|evening|night) )of(?= )")
_DONE = re.compile(
    rf"(?<=\s)({_DONE_TO}|due|scheduled|planned)( (in|at|by|near|with|under) [^,;]{{1,40}}?)? "
    rf"((early |late )?on |last |{_COUNT} |the (day|night|week|month|previous) |"
    r"yesterday|(mon|tues|wednes|thurs|fri|satur|sun)day\b)[^,;]*",
    re.IGNORECASE,
)
_GOES_ON = re.compile(r"(day|night|morning|earlier|later|before|\d) (was|were|has|have|had|died|will|is|are)\b")
_VERB = re.compile(
    r"\b(\w{3,}ed|struck|hit|shot|held|took|made|met|sent|gave|freed|began|came|fell|broke|fought|has|have|will|was|"
    r"were|is|are|said|says|withdrew|won|lost|left|paid|put|set)\b",
    re.IGNORECASE,
)
_NOT_A_THING = re.compile(
    r"\b(was|were|been|be|had|has|have|also|and|or|then|not|they|it|he|she|we|\w+ly) $", re.IGNORECASE
)
_NAMES_A_THING = (
    r"(?:['’]s?\b|[- ](?:\w+ )?(?:agreements?|deals?|accords?|attacks?|strikes?|wars?|cease-?fires?|truces?|massacres?|"
    r"coups?|declarations?|summits?|elections?|revolutions?|uprisings?|protests?|clash(?:es)?|incidents?|raids?|"
    r"memorandum|bombings?|killings?|assaults?|meetings?|talks|votes?|referendum|resolutions?|movement|brigades?|"
    r"deadlines?|shootings?|earthquake|crash|offensives?|statements?|pacts?|treat(?:y|ies)|exchange|operations?|"
    r"edition|session|ultimatum|launch(?:es)?|understanding)\b)"
)
_AHEAD = re.compile(
    r"\b(will|would|shall|to be|(is|are|was|were) (to|due|expected|set|scheduled|planned)|due|plans?|planning|intends?|"
    r"vow(s|ed) to|promis\w+ to|threaten\w* to|agreed to|offer(s|ed) to|scheduled|expected|invited [^,;]* to)\b",
    re.IGNORECASE,
)
_TELLS = r"\b(said|says|told|tells|reported|reports|added|wrote|according to)\b"
_TOLD = re.compile(
    rf"{_TELLS} ((reporters|journalists|parliament|state television) )?((early|late) )?(on )?$", re.IGNORECASE
)
_CUT = re.compile(rf",|;|{_TELLS}", re.IGNORECASE)


def said(texts: Sequence[str], published_at: datetime, before: date | None = None) -> list[Said | None]:
    """For each sentence of an article the time of its act, None where it says none, or more than one.

    "Two days later" is read against the last day told before it, not after publication; `before` is what the first
    sentence follows, and without any that is publication. Beside a date of its own such words tell of a second act.
    What lies ahead is dated after publication; anything else never is.
    """
    answers: list[Said | None] = []
    last, today = before, published_at.astimezone(UTC).date()
    for text in texts:
        dates, relative = _told(text, published_at, last)
        days = set(dates or relative)
        answers.append(days.pop() if len(days) == 1 else None)
        last = max((one.last for one in (*dates, *relative) if one.last <= today), default=last)
    return answers


def _told(text: str, published_at: datetime, before: date | None) -> tuple[list[Said], list[Said]]:
    """The days that the text says itself, and those it tells by one told before: in it, or else before it.

    A day of telling counts only where there is no other.
    """
    if not _may_date(text) or _FEAST.search(text):
        return [], []
    act, published_at = _without_asides(text), published_at.astimezone(UTC)
    found = list(_dates(act, published_at))
    dates = [answer for at, answer in found if not _is_of_telling(act, at)]
    here = {answer.last for answer in dates or (answer for _, answer in found)}
    relative = _relative(act, here.pop() if len(here) == 1 else before, published_at)
    if not relative:
        dates = dates or [answer for _, answer in found]
    if not dates and not relative and _PART.search(act):
        return [Said(published_at.date(), Precision.DAY)], []
    return dates, relative


def _may_date(text: str) -> bool:
    return bool(_ANY_DAY.search(text.lower()) or _ANY_MONTH.search(text))


def _without_asides(text: str) -> str:
    """The text with blanks for what is said of something else; positions stay."""
    act = _ASIDE.sub(_blank, _NAMED.sub(_blank, _PART_OF.sub(r"\1on", text)))
    return _DONE.sub(lambda match: _blank(match) if _is_of_a_thing(match) else match[0], act)


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _is_of_a_thing(match: re.Match[str]) -> bool:
    """Whether it says what was done to a thing, not what the sentence tells: "freed the men captured on Monday"."""
    before = re.split("[,;]", match.string[: match.start()])[-1]
    has_verb = _VERB.search(before) or _GOES_ON.search(match[0])
    return bool(has_verb) and not _NOT_A_THING.search(before)


def _is_of_telling(act: str, start: int) -> bool:
    """Whether the date says when somebody told it, which is used only where there is no other."""
    return bool(_TOLD.search(act[:start]))


def _is_ahead(act: str, start: int) -> bool:
    """Whether the words before the date, in its part of the sentence, speak of what is to come."""
    begins = max((cut.end() for cut in _CUT.finditer(act, 0, start)), default=0)
    return bool(_AHEAD.search(act, begins, start))


_Reader = Callable[[re.Match[str], bool, datetime], Said | None]


def _weekday(match: re.Match[str], ahead: bool, published_at: datetime) -> Said:
    """The last such day, today included; the coming one for what is ahead."""
    today, wanted = published_at.date(), _DAYS.index(match["day"].lower())
    which = (match["which"] or "").lower()
    if which == "next" or ahead:
        return Said(today + timedelta(days=(wanted - today.weekday()) % 7 or 7), Precision.DAY)
    back = (today.weekday() - wanted) % 7
    if which == "last":
        back = back or 7
    elif back == 6 and published_at.hour >= _NEXT_DAY_IN_THE_EAST:  # noqa: PLR2004
        back = 0
    return Said(today - timedelta(days=back), Precision.DAY)


_NEAR_DAYS = {
    "the day before yesterday": -2,
    "yesterday": -1,
    "last night": -1,
    "tomorrow": 1,
    "the day after tomorrow": 2,
}


def _near(match: re.Match[str], _ahead: bool, published_at: datetime) -> Said:
    word = match["word"].lower()
    days = _NEAR_DAYS.get(word, 0)
    return Said(published_at.date() + timedelta(days=days), Precision.DAY)


_LATER_ON = frozenset({"later", "afterwards", "next", "following", "after"})
_HOURS = 24
_UNITS = {"day": (1, Precision.DAY), "week": (7, Precision.WEEK), "month": (30, Precision.MONTH)}


def _ago(match: re.Match[str], _ahead: bool, published_at: datetime) -> Said | None:
    count, unit = _number(match["count"]), match["unit"].lower()
    if unit == "hour":
        return Said((published_at - timedelta(hours=count)).date(), Precision.DAY)
    days, precision = _UNITS[unit]
    return Said(published_at.date() - timedelta(days=days * count), precision)


def _relative(act: str, before: date | None, published_at: datetime) -> list[Said]:
    """What is dated by the day told before; what would come after publication is none, or ahead."""
    found = []
    for pattern in (_COUNTED, _NEIGHBOUR, _THAT):
        for match in pattern.finditer(act):
            days, precision = _distance(match)
            day = (before or published_at.date()) + timedelta(days=days)
            if day <= published_at.date() or _is_ahead(act, match.start()):
                found.append(Said(day, precision))
    return found


def _distance(match: re.Match[str]) -> tuple[int, Precision]:
    """Days from the day told before, minus for what came earlier, and how exactly they are meant."""
    parts = {name.rstrip("_"): part.lower() for name, part in match.groupdict().items() if part}
    if "which" not in parts or "short" in parts:
        return 0, Precision.DAY
    days, precision = _UNITS.get(parts["unit"], _UNITS["day"])
    count = _number(parts.get("count", "one"))
    sign = 1 if parts["which"] in _LATER_ON else -1
    return sign * (count // _HOURS if parts["unit"] == "hour" else count * days), precision


def _number(word: str) -> int:
    low = word.lower()
    if low.isdigit():
        return int(low)
    return 1 if low in {"an", "one"} else _SMALL.index(low) + 1


def _span(match: re.Match[str], _ahead: bool, published_at: datetime) -> Said:
    """A week or month by its place: last, this, next."""
    today, which, unit = published_at.date(), match["which"].lower(), match["unit"].lower()
    monday, first = today - timedelta(days=today.weekday()), today.replace(day=1)
    precision = Precision.WEEK if unit == "week" else Precision.MONTH
    if which == "next":
        end = monday + timedelta(days=13) if unit == "week" else _month_end(_after(_month_end(today)))
        return Said(end, precision)
    if which == "last":
        return Said((monday if unit == "week" else first) - timedelta(days=1), precision)
    return Said(today, precision)


def _calendar(match: re.Match[str], ahead: bool, published_at: datetime) -> Said | None:
    """A day of a month: of the year named, or the nearest one on the right side of publication."""
    today, month, number = published_at.date(), _month_number(match["month"]), int(match["number"])
    years = [int(match["year"])] if match["year"] else [today.year, today.year + (1 if ahead else -1)]
    for year in years:
        day = _day(year, month, number)
        if day is not None and (day >= today if ahead else day <= _after(today)):
            return Said(day if ahead else min(day, today), Precision.DAY)
    return None


def _month(match: re.Match[str], ahead: bool, published_at: datetime) -> Said | None:
    """A month by its name: of the year named, or the nearest one on the right side of publication."""
    today, month = published_at.date(), _month_number(match["month"])
    years = [int(match["year"])] if match["year"] else [today.year, today.year + (1 if ahead else -1)]
    for first in (date(year, month, 1) for year in years):
        if (_month_end(first) >= today) if ahead else (first <= today):
            return Said(_month_end(first) if ahead else min(_month_end(first), today), Precision.MONTH)
    return None


def _month_number(name: str) -> int:
    return _MONTHS.index(name[:3].lower()) + 1


def _day(year: int, month: int, number: int) -> date | None:
    try:
        return date(year, month, number)
    except ValueError:
        return None


def _after(day: date) -> date:
    return day + timedelta(days=1)


def _month_end(day: date) -> date:
    following = day.replace(day=28) + timedelta(days=4)
    return following - timedelta(days=following.day)


_YEAR = r"(?:,? (?P<year>(?:19|20)\d\d)\b)?"
_NUMBER = r"(?P<number>[0-3]?\d)(?:st|nd|rd|th)?"
_NO_THING = rf"(?!{_NAMES_A_THING})"
_NOT_OF = r"(?<!\bof )(?<!\b[Tt]he )(?<!\bfor )(?<!\bdated )"
"""Stands behind `\\b` and the letters a match can begin with: looking back from every letter took most of the time."""
_FROM_HERE = r"(?:^|(?<=\b[Oo]n )|(?<=, )|(?<=\blate )|(?<=\bearly ))"
_WEEKDAY = re.compile(
    rf"\b(?=[A-Zlnt]){_NOT_OF}(?:(?P<which>[Ll]ast|[Tt]his|[Nn]ext) )?"
    rf"(?P<day>{'|'.join(d.title() for d in _DAYS)})\b{_NO_THING}"
)
_NEAR = re.compile(
    rf"\b(?=[lty]){_NOT_OF}(?P<word>today|tonight|(?:the day before )?yesterday|(?:the day after )?tomorrow|last night|"
    rf"this (?:morning|afternoon|evening))\b"
    rf"{_NO_THING}",
    re.IGNORECASE,
)
_AGO = re.compile(
    rf"\b(?=[aefnost\d])(?<!than )(?<!over )(?P<count>{_COUNT}) (?P<unit>hour|day|week|month)s? ago\b", re.IGNORECASE
)
_END = r"(?=\s*(?:[,.;]|$))"
_NO_OTHER = rf"(?!, (?:on )?(?:{'|'.join(_DAYS)}|\d|{_MONTH} \d))"
"""What follows is no date that says it better: "three days later, on 17 April"."""
_LATER = rf"(?P<which>later|afterwards|earlier|(?:before|after){_END})\b(?! than){_NO_OTHER}"
_COUNTED = re.compile(
    rf"\b(?=[aefhmnost\d])"
    rf"(?:(?P<count>{_COUNT}) (?P<unit>day|week|month|hour)s?|(?P<short>hour|minute|moment)s) {_LATER}",
    re.IGNORECASE,
)
_NEIGHBOUR = re.compile(
    rf"(?<!by )\bthe (?:(?P<which>next|following|previous|preceding) "
    rf"(?P<unit>day|week|month|morning|afternoon|evening|night)|"
    rf"(?P<unit_>day|week|month|morning|evening|night) (?P<which_>(?:before|after){_END}))\b{_NO_THING}"
    rf"(?! of\b){_NO_OTHER}",
    re.IGNORECASE,
)
_THAT = re.compile(
    rf"(?<!from )\b(?:that|the same) (?:very )?(?:day|morning|afternoon|evening|night)\b{_NO_THING}"
    r"(?! (?:that|as|when)\b)",
    re.IGNORECASE,
)
_PART = re.compile(
    rf"\b(?:(?:at|before|after|around|about|by) {_LIGHT}|(?<!the )overnight(?!-)|"
    r"(?:in|during) the (?:night|(?:early|small) hours|"
    rf"(?:early |late )?(?:morning|afternoon|evening)|(?:middle|dead) of the night)){_NO_THING}(?! (?:of|to)\b)",
    re.IGNORECASE,
)
"""Parts of a day that say of themselves no other day than that of publication; beside a date they say nothing."""
_SPAN = re.compile(rf"\b(?=[lnt]){_NOT_OF}(?P<which>last|this|next) (?P<unit>week|month)\b{_NO_THING}", re.IGNORECASE)
_MAY_12 = re.compile(
    rf"\b(?=[A-Z])(?<!\b[Ii]n ){_NOT_OF}(?<!\d )(?<!\d-)(?P<month>{_MONTH}) {_NUMBER}\b(?![-–.:]\d){_YEAR}{_NO_THING}"
)
_12_MAY = re.compile(rf"(?=\d){_FROM_HERE}{_NUMBER}(?: of)? (?P<month>{_MONTH})(?!\w){_YEAR}{_NO_THING}")
_IN_MAY = re.compile(
    rf"\b(?:[Ii]n|[Dd]uring)(?: early| mid| late)? (?P<month>{_LONG_MONTH})\b(?! \d\d?,? (?:19|20)){_YEAR}{_NO_THING}"
)
_READERS: tuple[tuple[re.Pattern[str], _Reader], ...] = (
    (_WEEKDAY, _weekday),
    (_NEAR, _near),
    (_AGO, _ago),
    (_SPAN, _span),
    (_MAY_12, _calendar),
    (_12_MAY, _calendar),
    (_IN_MAY, _month),
)


def _dates(act: str, published_at: datetime) -> Iterator[tuple[int, Said]]:
    """(position, time) of each date in the text."""
    for pattern, read in _READERS:
        for match in pattern.finditer(act):
            ahead = not _is_of_telling(act, match.start()) and _is_ahead(act, match.start())
            if (answer := read(match, ahead, published_at)) is not None:
                yield match.start(), answer
