"""Casualty figures read from a sentence, by rules over its words.

First the groups of people that are counted ("nine soldiers", "a civilian", "no one"), then what each of them suffered:
by the verb right before it, by the passive after it, or by the group it is listed with.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from service.domain.events import casualty_words as w
from service.domain.events.casualties import Casualty
from service.domain.events.casualty_words import Harm
from service.domain.events.quantities import Bound, Number, Token, numbers, tokens, words_at

LONGEST_PHRASE, FURTHEST_VERB, FURTHEST_OBJECT = 6, 16, 8
"""Words of a noun phrase; between people and their verb; between a verb and the second of its objects."""
_YEARS = range(1900, 2100)
_STOPS = (
    w.PREPOSITIONS
    | w.AUXILIARIES
    | w.UNREAL
    | w.WHEN
    | w.ADVERBS
    | frozenset({*w.PARTICIPLES, *w.ACTIVE, *w.INTRANSITIVE, *w.PREDICATES})
    | w.words("a an the his her its their it he she they them shot gunned beaten")
)
_OWNERS = w.words("them whom those the its their his her our")
_MANY = 2
"""Any number that takes a plural: "one of its soldiers"."""
_OF_ANOTHER = w.words("of for with from at")
"""Words before "killing" that make it another event: "accused of killing", "jailed for killing"."""
_DEMONYM = re.compile(r"[A-Z][\w’'-]*(s|ese|ish|ch|men)")
_TOLL_RISES = re.compile(
    r"\b(?:death|human|casualty|civilian) toll\b[^.;]{0,80}"
    rf"\b(?:{'|'.join(sorted(w.TOLL_VERBS))}|of|at)\b(?: (?:to|at|past|above|from|now))*\s*$|"
    r"\b(?:rais|bring|push|tak)\w*\b[^.;]{0,40}\btoll\b[^.;]{0,60}\bto\s*$|"
    r"\bnumber of (?:dead|deaths|fatalities|(?:people )?killed)\b[^.;]{0,60}\b(?:to|at|passed|passes)\s*$",
    re.IGNORECASE,
)
_CLAUSE_ENDS = re.compile(
    r"[;:]|(?<![A-Z])[.!?][\"”’]?\s+(?=[A-Z“\"])|,\s+(?:which|who|whose|where|while|but|after|when)\b|[,\s](?:—|–)\s"
)
_DAYS = "(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_LONG_PAST = re.compile(
    rf"\bsince (?!{_DAYS}|dawn|midnight|(?:the |this |early )?morning|yesterday)|"
    r"\b(?:in|during|of|between|from|the) (?:19|20)\d\d(?:s)?\b|\blast year\b|\bthis year\b|"
    r"\b(?:over|in|during|for|within) (?:the )?(?:past|last|previous) (?:[\w-]+ )?"
    r"(?:months?|years?|decades?|century)\b|"
    r"\b(?:years|decades|months) of\b|\b(?:years|decades) ago\b|\b(?:every|each|a) (?:year|month)\b|\bannually\b|"
    r"\bover the years\b|\bto date\b|"
    r"\b\d+ BC\b|\bWorld War\b|\b(?:Great|Korean|Vietnam) War\b",
    re.IGNORECASE,
)
_RECORD = re.compile(r"\b(?:\w+est|worst|first|most \w+)\b[^,;]{0,40}$", re.IGNORECASE)
"""A superlative before a date: "the deadliest attack since 2014" dates other attacks, not this one."""
_IF = re.compile(r"\b(?:if|unless|in case)\b", re.IGNORECASE)
_GOES_ON = re.compile(rf"\bso far\b|\bsince (?:{_DAYS}|dawn|midnight|yesterday)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Group:
    """People who are counted. `begin` and `end` are token indices, `named` whether a noun says that they are people.

    `part` marks those who are counted among others already, `harm` what their noun says ("nine deaths").
    """

    number: Number
    begin: int
    end: int
    unit: str
    named: bool
    part: bool = False
    harm: Harm | None = None

    @property
    def count(self) -> int:
        return self.number.count


@dataclass(frozen=True, slots=True)
class _Link:
    """What a group suffered, and the token indices between which it is said."""

    harm: Harm
    begin: int
    end: int
    bound: Bound | None = None
    cumulative: bool = False
    is_deed: bool = False


def read(text: str, offset: int = 0) -> tuple[Casualty, ...]:
    """The casualty figures of a sentence, in order. `offset` is where it starts in its document."""
    told = tokens(text)
    reader = _Reader(text, told, _groups(told))
    found = [*reader.figures(), *_nobody(told)]
    return tuple(
        replace(c, start=c.start + offset, end=c.end + offset) for c in sorted(found, key=lambda c: (c.start, c.end))
    )


def _nobody(told: Sequence[Token]) -> Iterator[Casualty]:
    """As in "no casualties", "without casualties"; no *further* ones, or no word of any, say nothing."""
    for at, token in enumerate(told[:-1]):
        if token.low in {"no", "without"} and told[at + 1].low in w.NO_HARM:
            for harm in w.NO_HARM[told[at + 1].low]:
                yield Casualty(
                    harm, 0, Bound.EXACT, "people", cumulative=False, start=token.start, end=told[at + 1].end
                )


# Who is counted.


def _groups(told: Sequence[Token]) -> list[_Group]:
    found: list[_Group] = []
    for number in sorted([*numbers(told), *_indefinite(told)], key=lambda n: (n.begin, -n.end)):
        if not found or number.begin >= found[-1].end:
            group = _group(told, number)
            if group is not None:
                found.append(group)
    return [replace(g, part=_is_part(told, found, at)) for at, g in enumerate(found)]


def _indefinite(told: Sequence[Token]) -> Iterator[Number]:
    """As in "a soldier", "no soldiers", "no one"."""
    for at, token in enumerate(told):
        if token.low in {"a", "an", "another"}:
            yield Number(at, at + 1, 1, 1, Bound.EXACT)
        elif token.low in {"no", "nobody", "none"}:
            yield Number(at, at + 1 + words_at(told, at, "no one"), 0, 0, Bound.EXACT)


def _group(told: Sequence[Token], number: Number) -> _Group | None:
    """The people that a number counts; None where it counts something else."""
    at = _after_of(told, number.end)
    end, unit, harm = _noun(told, at, number.count if told[at - 1].low not in _OWNERS else _MANY)
    if unit:
        end, unit = _with_more_nouns(told, end, unit)
        return _Group(number, number.begin, end, unit, named=True, harm=harm)
    alone = told[number.end - 1].low not in {"a", "an", "no"}
    bare = end == at and alone and _may_stand_alone(told, number)
    others = told[at - 1].low == "more"
    return _Group(number, number.begin, end, "people", named=others) if bare else None


def _after_of(told: Sequence[Token], at: int) -> int:
    """Past "of its", "of the 12", "more", "wounded": up to the noun."""
    at = _past_more(told, at)
    if at + 1 < len(told) and told[at].low == "of":
        if told[at + 1].low in _OWNERS:
            at += 2
        inner = next((n for n in numbers(told[at : at + 4]) if n.begin <= 1), None)
        if inner is not None:
            at += inner.end
    return _past_more(told, at)


def _past_more(told: Sequence[Token], at: int) -> int:
    while at < len(told) and told[at].low in {"more", "other"}:
        at += 1
    is_state = at + 1 < len(told) and told[at].low in w.PARTICIPLES and told[at + 1].low in w.PLURAL
    return at + is_state


def _noun(told: Sequence[Token], begin: int, count: int) -> tuple[int, str, Harm | None]:
    """(end, unit, harm) of the noun phrase that begins here; the unit is "" where it names no people."""
    at = begin
    while at < min(len(told), begin + LONGEST_PHRASE) and _may_be_in_phrase(told[at]):
        unit = _unit(told, at, count)
        if unit:
            return at + 1, _modified(unit, told[begin:at]), None
        if told[at].low in w.HARM_NOUNS and _is_free(told, at + 1, also=w.AUXILIARIES):
            return at + 1, _modified("people", told[begin:at]), w.HARM_NOUNS[told[at].low]
        at += 1
    return (at, "people", None) if at > begin and _is_demonym(told[at - 1], count) else (at, "", None)


def _may_be_in_phrase(token: Token) -> bool:
    return (token.is_word or "-year-old" in token.low) and token.low not in _STOPS


def _unit(told: Sequence[Token], at: int, count: int) -> str:
    word = told[at].low
    if count != 1 and word in w.PLURAL:
        return "" if at + 1 < len(told) and told[at + 1].low in w.PLURAL else w.PLURAL[word]
    unit = (w.SINGULAR.get(word, "") if count in {0, 1} else "") or (w.INVARIANT.get(word, "") if count != 1 else "")
    return unit if unit and _is_free(told, at + 1, also=_STOPS) else ""


def _modified(unit: str, before: Sequence[Token]) -> str:
    for token in before:
        better = w.MODIFIER_UNITS.get(token.low, "")
        if better and unit in w.MODIFIED[better]:
            return better
    return unit


def _is_demonym(token: Token, count: int) -> bool:
    """A nationality or creed that stands for its people: "nine Palestinians", "an Israeli"."""
    if not token.is_capitalised or token.text.isupper() or token.low in w.NOT_PEOPLE:
        return False
    return count == 1 or bool(_DEMONYM.fullmatch(token.text))


def _with_more_nouns(told: Sequence[Token], end: int, unit: str) -> tuple[int, str]:
    """As in "12 women and children" are one figure."""
    if end + 1 < len(told) and told[end].low == "and" and told[end + 1].low in w.PLURAL:
        return end + 2, unit if w.PLURAL[told[end + 1].low] == unit else "people"
    return end, unit


def _may_stand_alone(told: Sequence[Token], number: Number) -> bool:
    """Whether a number without a noun may count people: not a sum, share, age, year or number of a flight."""
    before = told[number.begin - 1] if number.begin else None
    after = told[number.end] if number.end < len(told) else None
    is_year = number.count in _YEARS and "," not in told[number.end - 1].text and told[number.end - 1].text.isdigit()
    is_age = before is not None and after is not None and before.low == after.low == ","
    is_measure = (before is not None and before.text in "$€£¥#") or (after is not None and after.text in "%°/")
    is_name = before is not None and number.begin > 1 and before.is_capitalised and before.low not in _VERBS
    return not (is_year or is_age or is_measure or is_name)


_VERBS = frozenset({*w.ACTIVE, *w.PARTICIPLES, *w.PREDICATES, "leaves", "leaving", "to", "at"})


def _is_part(told: Sequence[Token], groups: Sequence[_Group], at: int) -> bool:
    """Whether it is counted in another group: "including three children", "two of them women", and so on in a list."""
    group = groups[at]
    before = told[group.begin - 1].low if group.begin else ""
    if before in w.SUBSETS or words_at(told, group.begin - 2, "among them") or words_at(told, group.end, "among them"):
        return True
    if any(words_at(told, group.number.end, words) for words in w.OF_THEM):
        return True
    if at == 0 or before not in {"and", ","}:
        return False
    listed = groups[at - 1].end == group.begin - 1
    return listed and _is_part(told, groups, at - 1)


# What they suffered.


class _Reader:
    """Reads one sentence."""

    def __init__(self, text: str, told: Sequence[Token], groups: Sequence[_Group]) -> None:
        self.text, self.told, self.groups = text, told, groups

    def figures(self) -> Iterator[Casualty]:
        links: list[_Link | None] = []
        for at in range(len(self.groups)):
            links.append(self._link(at, links[-1] if links else None))
        for group, link in zip(self.groups, links, strict=True):
            if link is not None and self._fits(group, link):
                figure = self._figure(group, link)
                if figure is not None:
                    yield figure

    def _link(self, at: int, before: _Link | None) -> _Link | None:
        group = self.groups[at]
        return (
            self._toll(group)
            or self._by_noun(group)
            or self._object(group)
            or (None if group.part and not self._says_of_them(group) else self._subject(at))
            or self._listed(at, before)
            or self._second_object(group)
        )

    def _fits(self, group: _Group, link: _Link) -> bool:
        """A number alone is people for the killed and wounded; a gunman who flees is not displaced."""
        if link.harm is Harm.DISPLACED:
            return group.unit in w.CIVIL and group.named
        return group.named or link.harm is not Harm.CAPTURED or group.count == 0

    def _figure(self, group: _Group, link: _Link) -> Casualty | None:
        start = self.told[min(group.begin, link.begin)].start
        end = self.told[max(group.end, link.end) - 1].end
        clause_start, clause_end = self._clause(start, end)
        if not link.cumulative and self._is_long_past(clause_start, clause_end):
            return None
        if _IF.search(self.text, clause_start, start):
            return None
        number = group.number
        rose = link.cumulative and self.told[number.begin - 1].low == "from"
        return Casualty(
            harm=link.harm,
            count=number.upper if rose else number.count,
            bound=Bound.EXACT if rose else link.bound or number.bound,
            unit=group.unit,
            cumulative=link.cumulative or bool(_GOES_ON.search(self.text, clause_start, clause_end)),
            start=start,
            end=end,
        )

    def _clause(self, start: int, end: int) -> tuple[int, int]:
        """Offsets of the clause around a span."""
        before = [m.end() for m in _CLAUSE_ENDS.finditer(self.text) if m.end() <= start]
        after = _CLAUSE_ENDS.search(self.text, end)
        return (before[-1] if before else 0), (after.start() if after else len(self.text))

    def _is_long_past(self, start: int, end: int) -> bool:
        """Whether the clause dates the figure to an earlier time or to a long one."""
        return any(
            not _RECORD.search(self.text[start : found.start()]) for found in _LONG_PAST.finditer(self.text, start, end)
        )

    def _toll(self, group: _Group) -> _Link | None:
        if not _TOLL_RISES.search(self.text[: self.told[group.begin].start]):
            return None
        return _Link(Harm.KILLED, group.begin, group.end, cumulative=True)

    def _by_noun(self, group: _Group) -> _Link | None:
        return _Link(group.harm, group.begin, group.end) if group.harm else None

    def _object(self, group: _Group) -> _Link | None:
        """As in "killing nine soldiers"."""
        found = self._deed_before(group.begin)
        if found is not None:
            return found
        harm, verbs = w.TAKING.get(self.told[group.end - 1].low, (Harm.CAPTURED, frozenset()))
        if group.begin and self.told[group.begin - 1].low in verbs:
            return _Link(harm, group.begin - 1, group.end)
        return self._forced(group)

    def _forced(self, group: _Group) -> _Link | None:
        """As in "forcing 5,000 people to flee"."""
        forced = group.begin > 0 and self.told[group.begin - 1].low in w.FORCING
        words = next((words for words in w.FLEEING if words_at(self.told, group.end, words)), None)
        if not forced or words is None:
            return None
        return _Link(Harm.DISPLACED, group.begin - 1, group.end + len(words.split()))

    def _deed_before(self, end: int) -> _Link | None:
        """The verb that ends right before this token, unless it is passive, a noun or not real."""
        found = self._deed_ending(end)
        if found is None:
            return None
        begin, harm = found
        before = self.told[begin - 1].low if begin else ""
        is_other = before in _OF_ANOTHER and self.told[begin].low.endswith("ing")
        if is_other or before in {"was", "were", "been", "be", "being", "the", "a"} or self._is_unreal(begin):
            return None
        return _Link(harm, begin, end, is_deed=True)

    def _deed_ending(self, end: int) -> tuple[int, Harm] | None:
        for phrases in (w.PHRASES, w.ACTIVE_PHRASES):
            for words, harm in phrases.items():
                begin = end - len(words.split())
                if words_at(self.told, begin, words):
                    return begin, harm
        word = self.told[end - 1].low if end else ""
        harm_of_word = w.ACTIVE.get(word) or (w.PARTICIPLES.get(word) if word not in w.PASSIVE_ONLY else None)
        return (end - 1, harm_of_word) if harm_of_word else None

    def _is_unreal(self, at: int) -> bool:
        """Whether the words before a verb say that it may, shall or will not happen."""
        for back, token in enumerate(reversed(self.told[max(0, at - 4) : at])):
            if not token.is_word:
                return False
            if token.low in w.UNREAL or (back == 0 and token.low in w.UNREAL_BEFORE):
                return True
        return False

    def _second_object(self, group: _Group) -> _Link | None:
        """As in "killing the commander and two aides"."""
        told, begin = self.told, group.begin
        if begin < 2 or told[begin - 1].low != "and" or not group.named or not _is_free(told, group.end):  # noqa: PLR2004
            return None
        for at in range(begin - 2, max(-1, begin - 2 - FURTHEST_OBJECT), -1):
            if not told[at].is_word or told[at].low in w.PREPOSITIONS - {"of"}:
                return None
            deed = self._deed_before(at + 1)
            if deed is not None:
                return deed if at < begin - 2 else None
        return None

    def _says_of_them(self, group: _Group) -> bool:
        """As in "nine of whom were killed" is said of the part itself."""
        return any(words_at(self.told, group.number.end, words) for words in w.OF_THEM[:2]) and not group.named

    def _subject(self, at: int) -> _Link | None:
        """The verb after the group: "were killed", "killed in …", "died", "dead"; or that of those listed with it."""
        group = self.groups[at]
        following = self.groups[at + 1] if at + 1 < len(self.groups) else None
        if following is not None and not following.part and self._is_list(group, following):
            rest = None if self._object(following) else self._subject(at + 1)
            return replace(rest, begin=group.begin, end=group.end) if rest else None
        listed = at > 0 and self._is_list(self.groups[at - 1], group)
        return self._verb_after(group, group.end, agree=not listed)

    def _is_list(self, group: _Group, following: _Group) -> bool:
        between = [t.low for t in self.told[group.end : following.begin]]
        return between in ([","], ["and"], [",", "and"], ["as", "well", "as"], ["along", "with"])

    def _listed(self, at: int, before: _Link | None) -> _Link | None:
        """As in "killing nine soldiers, three policemen and a child"."""
        if not (at and before and before.is_deed) or self.groups[at].part:
            return None
        if not self._is_list(self.groups[at - 1], self.groups[at]):
            return None
        return replace(before, begin=self.groups[at].begin, end=self.groups[at].end)

    def _verb_after(self, group: _Group, at: int, *, agree: bool) -> _Link | None:
        at, apart = self._past_aside(at)
        bound, helped = None, False
        for j in range(at, min(len(self.told), at + FURTHEST_VERB)):
            word = self.told[j].low
            if word in w.UNREAL or (agree and not _agrees(word, group.count)):
                return None
            verb = self._verb_at(j, helped=helped, near=not apart or helped or j == at)
            if verb is not None:
                return _Link(verb[0], group.begin, verb[1], bound)
            bound = Bound.ABOUT if word in w.BELIEVED else bound
            if word in w.AUXILIARIES:
                helped = True
            elif not (word in w.ADVERBS or self._leads_to_verb(j, helped=helped)):
                if helped or not self._passes(group, j, at):
                    return None
                apart = True
        return None

    def _past_aside(self, at: int) -> tuple[int, bool]:
        """Past ", two of them children," or what stands in brackets: the index after it."""
        closing = {",": ",", "(": ")"}.get(self.told[at].low) if at < len(self.told) else None
        if closing:
            for j in range(at + 1, min(len(self.told), at + FURTHEST_VERB)):
                if self.told[j].low == closing:
                    return j + 1, False
        return at, False

    def _leads_to_verb(self, at: int, *, helped: bool) -> bool:
        """As in "were ambushed and killed", "are believed to have been killed", "reported dead"."""
        told = self.told
        if told[at].low in w.REPORTED:
            return helped or (at + 1 < len(told) and told[at + 1].low in {*w.PREDICATES, *w.PARTICIPLES})
        if not helped or at + 2 >= len(told):
            return False
        if told[at].low == "and":
            return told[at + 1].low in w.PARTICIPLES
        return told[at].low.endswith(("ed", "shot")) and told[at + 1].low == "and" and told[at + 2].low in w.PARTICIPLES

    def _passes(self, group: _Group, at: int, begin: int) -> bool:
        """Whether the search for the verb may go past this word: part of what is said of the people, no new clause."""
        token = self.told[at]
        if at == begin and token.low not in w.POSTMODIFIERS:
            return False
        is_said_of_them = self.told[at - 1].low in w.POSTMODIFIERS
        starts_other = not is_said_of_them and any(g.begin == at and not g.part for g in self.groups if g is not group)
        return token.is_word and token.low not in w.CLAUSE_STOPS and not starts_other

    def _verb_at(self, at: int, *, helped: bool, near: bool) -> tuple[Harm, int] | None:
        """(harm, end) of a verb that says what people suffered; a bare participle only right after them."""
        for words, harm in (*w.PHRASES.items(), *w.INTRANSITIVE_PHRASES.items()):
            end = at + len(words.split())
            if words_at(self.told, at, words) and (helped or words in w.INTRANSITIVE_PHRASES or self._ends(end)):
                return harm, end
        word = self.told[at].low
        if word in w.PARTICIPLES and (helped or (near and self._ends(at + 1))):
            return self._worse(at)
        if word in w.PREDICATES and _is_free(self.told, at + 1):
            return w.PREDICATES[word], at + 1
        return (w.INTRANSITIVE[word], at + 1) if word in w.INTRANSITIVE else None

    def _ends(self, at: int) -> bool:
        """Whether what came before has no object here."""
        return _is_free(self.told, at) and not any(g.begin == at for g in self.groups)

    def _worse(self, at: int) -> tuple[Harm, int]:
        """Of "killed or wounded" only that they were wounded is sure of all."""
        told, harm = self.told, w.PARTICIPLES[self.told[at].low]
        if at + 2 < len(told) and told[at + 1].low in {"or", "and"} and told[at + 2].low in w.PARTICIPLES:
            other = w.PARTICIPLES[told[at + 2].low]
            if {harm, other} == {Harm.KILLED, Harm.WOUNDED} and _is_free(told, at + 3):
                return Harm.WOUNDED, at + 3
        return harm, at + 1


def _agrees(word: str, count: int) -> bool:
    if word in w.FOR_ONE:
        return count in {0, 1}
    return word not in w.FOR_MANY or count != 1


def _is_free(told: Sequence[Token], at: int, also: frozenset[str] = frozenset()) -> bool:
    """Whether no noun or object follows: the end, a sign, or a word that begins something else."""
    if at >= len(told):
        return True
    token = told[at]
    opens = token.low in w.PREPOSITIONS or token.low in w.WHEN or token.low in also
    return opens or not (token.is_word or token.text[0].isdigit())
