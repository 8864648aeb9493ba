"""What stands around an act in a text and takes its reality away: another time, a question, a game or a show.

The model reads a sentence at a time and knows no date; these are rules over words and dates, not its judgement.
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from service.domain.events.signal import Modality

# Patterns of many words open with the letters these begin with, `(?=[…])`, and are not tried in vain elsewhere.
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_YEAR = re.compile(
    rf"\b(?:in|of|from|until|till|by|after|before|during|to|and|early|mid|late|the|{_MONTHS}|\d{{1,2}},)[ -]"
    r"((?:19|20)\d\d)\b(?! (?:[a-z]+ )?(?:troops|soldiers|people|men|fighters|tanks|homes|others))|\(((?:19|20)\d\d)\)",
    re.IGNORECASE,
)
_CENTURY = re.compile("19|20")
_LONG_AGO = re.compile(r"\b(centur(y|ies)|last year|years? (ago|earlier)|anniversary)\b", re.IGNORECASE)
_ONGOING = re.compile(
    r"\b(?=[dfhlno])((?<!in )decades|for years|over the years|long[- ](waged|fought|running|standing)|"
    r"(has|have) (also |long )?(witnessed|seen|surged|festered|simmered|long)|"
    r"(has|have|had) ((been|always) )?(kept|stayed|remained|held|closed|shut|open|at war|in force)\b[^,;]* since "
    r"((19|20)\d\d|the \w+)|never (recogni[sz]|accept|ratifi|join|sign)\w*)\b",
    re.IGNORECASE,
)
"""Words of what goes on for long: a state of affairs, no event of today."""
_MADE_THEN = re.compile(
    r"\b(broker|sign|ma[dk]|conclud|reach|seal|mediat|negotiat)\w* (the|an?) ([\w-]+ ){1,3}of (19|20)\d\d\b",
    re.IGNORECASE,
)
"""Who brokered the peace of 2015 did so in 2015."""
_TIED = re.compile(
    r"^(\w+ (hours?|days?|weeks?|months?|years?) (later|after that)|(the|that) (next|following|same) \w+|"
    r"by then|then)\b|"
    r"^[\w ,]{0,30}\bof (its|their|his|her|those)\b",
    re.IGNORECASE,
)
"""Words that hang on the time or the subject of what was said before: "two days later", "thousands of its soldiers"."""
_OF_IT = re.compile(r"\b(it|this|that|them)\b", re.IGNORECASE)
_NOW = re.compile(
    r"\b(today|tonight|yesterday|now(?! and then)|this (morning|week|month)|"
    r"(mon|tues|wednes|thurs|fri|satur|sun)day)\b",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"(?=[,\"“f])(?:,\s+((in|of|on|under|for) )?(which|who|whom|whose|where|when)\b[^,;.]*|[\"“][^\"”]*[\"”]|"
    r"\b(for the )?first (time )?since [^,;.]*)",
    re.IGNORECASE,
)
"""What is said beside the act: a relative clause, a quotation, how long it had not happened."""
_AHEAD = re.compile(r"\b(will|would|shall|to be|is|are|due|next|planned|scheduled|until|by)\b", re.IGNORECASE)
_IN_MONTH = re.compile(rf"\b(?:in|during|of|since the|before the|after the) ({_MONTHS})\b(?! \d)", re.IGNORECASE)
_MONTH_NUMBER = {name.lower(): number for number, name in enumerate(_MONTHS.split("|"), 1)}
FRESH = timedelta(days=30)
"""How long after an act it is still news retold, and not history (the annotation guide's rule)."""
_PERFECT = re.compile(
    r"\b(has|have) (also |now |since |already )?(not )?(?!been\b)\w+(ed|en|de|id|ne|wn|ut)\b", re.IGNORECASE
)
"""The tense of what has just come about: no more of the story that went before."""
_PLUPERFECT = re.compile(r"\bhad (also |already |once )?\w+(ed|en|de|id|ne|wn|ut|un|ld|nt)\b", re.IGNORECASE)
_SUPPOSED = re.compile(r"\b(would|could|might|what if|should .* ever|if .* were to)\b.*\?\s*[\"'”’]?$", re.IGNORECASE)
_GAME = re.compile(
    r"\b(football|soccer|cricket|rugby|basketball|hockey|tennis|chess|semi-?finals?|quarter-?finals?|play-?offs?|"
    r"goalkeeper|midfielder|striker|half-?time|video ?games?|gamers?|computer games?|board games?|league table|"
    r"referee|kick-?off|extra time|equalis\w+|equaliz\w+|trophy|penalty (kick|shoot)\w*|\w+ penalties|hat-?trick|"
    r"beat [^.]{0,40}\d-\d)\b"
)
"""Over lower-cased text, which takes half the time of ignoring case."""
_SHOW = re.compile(
    r"\b(museum|films?|movie|novel|box office|re-?enact\w*|screenplay|theatre play|documentary)\b", re.IGNORECASE
)
_HARM = re.compile(
    r"\b(kill(s|ed|ing)?|dead|die[ds]?|deaths?|wound(s|ed|ing)?|bomb(s|ed|ing|ings)?|gunm[ae]n|riot\w*)\b",
    re.IGNORECASE,
)
FEWEST_OF_A_MATCH, SHARE_OF_A_MATCH = 3, 0.2
SHARE_OF_A_FIRE = 0.1
"""Fewer pieces than of a game: that nobody has a weapon says the rest."""
_FIRE = re.compile(
    r"\b((forest|bush|wild|brush) ?fires?|wildfires?|bushfires?|fire (brigades?|front|crews?|service)|"
    r"fire(fight\w+|m[ae]n)|"
    r"water bomb\w+|blaze|flames)\b",
    re.IGNORECASE,
)
"""Against flames one fights, lays siege and bombs without a foe."""
_WEAPON = re.compile(
    r"\b(missiles?|rockets?|shell(s|ed|ing)?|artillery|drones?|air ?strikes?|gunm[ae]n|explosi\w+|rebels?|militants?|"
    r"troops|arson\w*|riot\w*|attack(ed|ers?))\b",
    re.IGNORECASE,
)
_UNTRUE = re.compile(
    r"^(\d\d:\d\d - )?(the )?(reports?|claims?|rumou?rs?|accounts?|stories|news) (that|of) .*\b(is|are|was|were) "
    r"(untrue|false|not true|baseless|unfounded|wrong|fabricated|invented)\b",
    re.IGNORECASE,
)
_ADVICE = re.compile(
    r"\b(citizens|nationals|travel\w*|flights?|airlines?|evacuat\w*|embass\w+|non-essential|expatriates|leave|exercises?|drills?|simulat\w+)\b",
    re.IGNORECASE,
)
"""Advice to stay away is the one fear of what may come that is an act (the annotation guide's rule); so is a drill."""
_CROWD = re.compile(
    r"\b(peaceful\w*|(a few |several |some )?(dozens?|scores)|a (group|handful) of|"
    r"(?<![\d,.])\d{1,3} (?!people (were )?(killed|dead|hurt|injured))[a-z]+)\b",
    re.IGNORECASE,
)
_ROUGH = re.compile(
    r"\b(clash\w*|riot\w*|storm\w*|kill\w*|dead|die[ds]?|injur\w*|wound\w*|burn\w*|torch\w*|police\w*|soldiers|troops|"
    r"stones?|tear gas|arrest\w*|violen\w*|hundreds|thousands|million)\b",
    re.IGNORECASE,
)
_ONLOOKER = (
    r"(analysts?|commentators?|columnists?|pundits?|lecturers?|professors?|scholars?|academics?|researchers?|"
    r"historians?|economists?|fellows? (?:at|of) the|(?<!UN )(?<!Nations )experts?|vendors?|sellers?|shopkeepers?|"
    r"pensioners?|passers-by|residents?|villagers?|(eye)?witness(es)?)"
)
_SAYS = (
    r"(sa(id|ys?)|warn(s|ed)?|told|tells?|added|believ(es?|ed)|thinks?|thought|expect(s|ed)?|predict(s|ed)?|"
    r"fear(s|ed)?|argue[sd]?|wrote|writes?|reckon(s|ed)?)"
)
_BY_ONLOOKER = re.compile(
    rf"\b{_ONLOOKER}\b( (at|of|in|from|for) [^,;.\"”]{{1,50}})? "
    rf"(((has|have|had) )?{_SAYS}|(is|are|was|were) (saying|warning|believing|expecting|predicting|fearing))\b|"
    rf"[\"”,] (said|says|added) (?:[\w-]+ ){{0,4}}{_ONLOOKER}\b|"
    rf"[\"”,] {_SAYS} (an?|one|some|several|two) (?:[\w-]+ ){{0,3}}{_ONLOOKER}\b|"
    rf"\baccording to (?:[\w-]+ ){{0,4}}{_ONLOOKER}\b",
    re.IGNORECASE,
)
_PARTS_OF_ONLOOKERS = (
    *("analyst", "commentator", "columnist", "pundit", "lecturer", "professor", "scholar", "academic", "research"),
    *(
        "historian",
        "economist",
        "fellow",
        "expert",
        "vendor",
        "seller",
        "shopkeeper",
        "pensioner",
        "passers",
        "resident",
    ),
    *("villager", "witness", "editor", "correspondent", "ceptic", "keptic", "critic", "others"),
)
"""One of these stands in every such text; to look for them first takes a tenth of the time."""
_COMMENT = re.compile(
    rf"\b({_ONLOOKER}|editors?|correspondents?|s[ck]eptics?|critics?|others) [^.;\"”]{{0,40}}?"
    r"(writes?|wrote|argues?|argued|points? to|compares?|likens?|reckons?|doubts?|wonders?)\b|"
    rf"\b(writes?|wrote|argues?|reckons?) (an?|our|the|one) ([\w-]+ ){{0,3}}?({_ONLOOKER}|editors?|correspondents?)\b",
    re.IGNORECASE,
)
"""What somebody thinks of events, whatever the words are."""
"""Their saying, never what is said to them: "warned residents" and "residents were told" are others' words."""
_SAYS_AGAIN = re.compile(rf"\b(he|she|they) {_SAYS}\b", re.IGNORECASE)
_MIGHT_COME = re.compile(r"\b(could|might|can|may|if)\b", re.IGNORECASE)
_SPEAKS = re.compile(rf"\b({_SAYS}|vow(s|ed)?|threaten(s|ed)?|announce[sd]?)\b", re.IGNORECASE)
_MAY_COME = re.compile(r"\b(may|might|could|would|will|can|if|unless|likely|risks?|should)\b", re.IGNORECASE)
_QUOTED = re.compile('["“][^"”]*["”]?')
_WORDS = frozenset({"ACCUSE", "REJECT", "REQUEST", "THREATEN"})
"""Acts that are done by speaking, and only by those whose word binds somebody."""
_USE_OF_FORCE = frozenset({"ASSAULT", "COERCE"})
"""A museum can be bombed and a film festival raided: for these a show is no reason to doubt."""


class Told(Protocol):
    """A piece of text and the paragraph it stands in."""

    @property
    def text(self) -> str:
        """What it says."""
        ...

    @property
    def paragraph(self) -> int:
        """Number of its paragraph."""
        ...


def past(told: Sequence[Told], possible: Sequence[bool], published_at: datetime) -> list[bool]:
    """Which pieces tell of another time: of long ago, or going on in its paragraph from one that does.

    `possible` says for each piece whether its act may be history at all. A date needs that, because it can belong to
    something else in its sentence ("the 2015 nuclear deal"); what "had" been done, goes on for long, or goes on from
    such a piece does not.
    """
    answers: list[bool] = []
    for index, (piece, may_be) in enumerate(zip(told, possible, strict=True)):
        act = _ASIDE.sub(" ", piece.text)
        goes_on = index > 0 and answers[-1] and _goes_on(told[index - 1], piece)
        dated = is_dated_back(act, published_at) and (may_be or bool(_PLUPERFECT.search(act)))
        answers.append(goes_on or dated or bool(_ONGOING.search(act) or _was_made_then(piece.text)))
    return answers


def _was_made_then(text: str) -> bool:
    return bool(_CENTURY.search(text) and _MADE_THEN.search(text))


def _goes_on(before: Told, piece: Told) -> bool:
    """Whether a piece stays in the time of the one before: in its sentence, its paragraph, or tied to it by a word."""
    if _NOW.search(piece.text):
        return False
    same = before.paragraph == piece.paragraph
    if same and not before.text.rstrip(" \"”'’").endswith((".", "!", "?")) and _OF_IT.search(piece.text):
        return True
    return bool(same or _TIED.search(piece.text)) and not _PERFECT.search(piece.text)


def is_dated_back(act: str, published_at: datetime) -> bool:
    """Whether the text names a year before that of publication, a month well before it, or words of long ago."""
    years = [int(one or other) for one, other in _YEAR.findall(act)] if _CENTURY.search(act) else []
    return (
        bool(_LONG_AGO.search(act))
        or any(year < published_at.year for year in years)
        or _is_old_month(act, published_at)
    )


def _is_old_month(act: str, published_at: datetime) -> bool:
    """Whether a month without a year is named, looking back, that ended longer than `FRESH` before publication."""
    months = _IN_MONTH.findall(act)
    if not months or _AHEAD.search(act):
        return False
    return any(_since_end_of(_MONTH_NUMBER[name.lower()], published_at) > FRESH for name in months)


def _since_end_of(month: int, published_at: datetime) -> timedelta:
    """How long ago the last month of that number ended; negative within it."""
    year = published_at.year if month <= published_at.month else published_at.year - 1
    after = published_at.replace(year=year + month // 12, month=month % 12 + 1, day=1)
    return published_at - after


def is_match(told: Sequence[Told]) -> bool:
    """Whether the article as a whole reports a game: words of games in several of its pieces, and in many of them."""
    playing = sum(_is_of_game(piece.text) for piece in told)
    return playing >= FEWEST_OF_A_MATCH and playing >= SHARE_OF_A_MATCH * len(told)


def _is_of_game(text: str) -> bool:
    return bool(_GAME.search(text.lower()))


def is_blaze(told: Sequence[Told]) -> bool:
    """Whether the article as a whole is about a fire, with nobody's weapon in it: counted as for a game."""
    burning = sum(bool(_FIRE.search(piece.text)) for piece in told)
    is_much = burning >= FEWEST_OF_A_MATCH and burning >= SHARE_OF_A_FIRE * len(told)
    return is_much and not any(_WEAPON.search(piece.text) for piece in told)


def is_small_protest(text: str) -> bool:
    """Whether protesters are few or peaceful, with no word of violence or of anybody against them: a routine matter."""
    return bool(_CROWD.search(text)) and not _ROUGH.search(text)


def is_real_all_the_same(text: str) -> bool:
    """Whether what is feared or played through is an act: people are told to leave a place, or troops rehearse."""
    return bool(_ADVICE.search(text))


def is_bloody(text: str) -> bool:
    """Whether somebody comes to harm: that is no figure of speech, even at a game."""
    return bool(_HARM.search(text))


def unreal(text: str, root: str) -> Modality | None:
    """Hypothetical for a question what would be, negated for an untrue report, figurative for a show, or None."""
    if _SUPPOSED.search(text.strip()):
        return Modality.HYPOTHETICAL
    if _UNTRUE.search(text):
        return Modality.NEGATED
    if _is_of_game(text) or (root not in _USE_OF_FORCE and _SHOW.search(text)):
        return Modality.FIGURATIVE
    return None


def _is_onlookers(text: str) -> bool:
    low = text.lower()
    return any(part in low for part in _PARTS_OF_ONLOOKERS) and bool(_BY_ONLOOKER.search(text) or _COMMENT.search(text))


def by_onlookers(told: Sequence[Told]) -> list[bool]:
    """Which pieces are the words of people who speak for nobody, with what goes on from them in their paragraph."""
    answers: list[bool] = []
    for index, piece in enumerate(told):
        same = index > 0 and told[index - 1].paragraph == piece.paragraph
        goes_on = same and answers[-1] and _is_more_of_the_same(piece.text)
        answers.append(goes_on or _is_onlookers(piece.text))
    return answers


def _is_more_of_the_same(text: str) -> bool:
    """Whether it goes on from an onlooker's words: "she said", or what might come, said by nobody else."""
    return bool(_SAYS_AGAIN.search(text) or (_MIGHT_COME.search(text) and not _SPEAKS.search(text)))


def is_opinion(text: str, root: str) -> bool:
    """Whether an onlooker's words tell of no act: they say what may come, or are a quotation read as an act of speech.

    What a witness saw is an act like any other.
    """
    is_view = _MAY_COME.search(text) or _COMMENT.search(text)
    return bool(is_view) or (root in _WORDS and _is_mainly_quoted(text))


def _is_mainly_quoted(text: str) -> bool:
    return 2 * sum(len(quotation) for quotation in _QUOTED.findall(text)) > len(text)
