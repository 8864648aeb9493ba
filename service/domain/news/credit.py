"""Whose report a text is by its own words: the agency in its dateline, its byline or at its end."""

import re
from collections.abc import Sequence
from dataclasses import replace

from service.domain.news.article import Article
from service.domain.news.owner import Listed, name_key

HEAD, TAIL = 160, 400
"""Characters at both ends of a text in which an agency is credited."""
AMBIGUOUS = 4
"""Letters of a name up to which it must be spelt as listed or in capitals: "PA" is no "pa"."""
REUTERS = "Reuters"
"""The agency whose reports end with who reported and who edited them."""

_START = r"(?:[^\W\d_][^\n()]{0,70}?[,.:]?\s*)?"
"""A dateline up to the agency: a place, perhaps a date."""
_SMALL = re.compile("de|del|la|las|el|los|al|da|do|dos|di|am|jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec")
"""Words that stand in datelines without a capital."""
_ARTICLES = frozenset({"The", "A", "An", "In", "On", "At", "By", "Of", "From"})
"""Words that stand at the head of sentences and of no dateline."""
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_DESKS = re.compile(
    r"\((?:(?:Additional )?(?:Reporting|Writing)|Reporting and writing) by [^()]{3,400}?"
    r"(?:[;.] ?(?:Additional reporting|Writing|Editing|Edited) by|[;,] Editing)[^()]{2,300}\)",
    re.IGNORECASE,
)


class Agencies:
    """Recognises which of the agencies among these publishers a text is credited to. Pure; built once."""

    def __init__(self, publishers: Sequence[Listed]) -> None:
        agencies = [one for one in publishers if one.is_agency]
        self._names = {key: one.name for one in agencies for key in one.keys if key}
        written = sorted({name for one in agencies for name in (one.name, *one.aliases)}, key=len, reverse=True)
        self._credits = _patterns("|".join(map(_spelling, written))) if written else ()

    def credited(self, article: Article) -> str:
        """The listed name of the agency whose report this is in the hands of another publisher, "" for none.

        "According to" an agency, or with its contribution, is no report of it.
        """
        found = self._found(article.text.strip())
        return "" if found == self.own(article) else found

    def signed(self, article: Article) -> Article:
        """The article with whom it credits."""
        return replace(article, credit=self.credited(article))

    def own(self, article: Article) -> str:
        """The listed name of the agency that prints this itself, "" where its publisher is none."""
        return self._names.get(name_key(article.publisher), "")

    def _found(self, text: str) -> str:
        parts = {"head": text[:HEAD], "tail": text[-TAIL:]}
        for part, pattern in self._credits:
            for found in pattern.finditer(parts[part]):
                if not _is_sentence(found):
                    return self._names[name_key(found["name"])]
        return self._names.get(name_key(REUTERS), "") if _DESKS.search(parts["tail"]) else ""


def _spelling(name: str) -> str:
    """A name as it may be written. A short one in its own letter case or in capitals, blanks of any kind."""
    exact = "|".join(dict.fromkeys(r"\s+".join(map(re.escape, n.split())) for n in (name, name.upper())))
    return f"(?:{exact})" if len(name) <= AMBIGUOUS else f"(?i:{exact})"


def _patterns(names: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    name = rf"(?P<name>{names})(?!\w)"
    longer = rf"(?P<name>(?=\w{{3}})(?:{names}))(?!\w)"
    end = r"\s*(?:\.|\)|\])*\s*\Z"
    heads = (
        rf"\A(?P<before>{_START})\((?:The )?{name}\)",
        rf"\A(?P<before>{_START})/{name}/",
        rf"\A(?P<before>[A-Z][\w.,' ]{{1,60}}, )?{longer}\s*[-–—]{{1,2}}\s",
        rf"\A(?:[^\n]{{1,100}}\n+)?By (?:[^\n]{{1,60}}[,|/–-]\s*|[A-Z][\w.'-]+ [A-Z][\w.'-]+ (?:of )?)?(?:The )?{name}"
        r"(?: Staff| News(?: Agency)?| Writers?| reporters?)?\s*(?:\n|\Z|[-–—|])",
        rf"\APar {name}\s*(?:\n|\Z|[-–—|])",
    )
    tails = (
        rf"[.!?\"”’)\]\n]\s*[-–—(\[]{{1,2}}\s*(?:The )?{name}{end}",
        rf"\n\s*(?:The )?{name}{end}",
        rf"(?:©|\([cC]\)|Copyright)\s*(?:\d{{4}}\s*)?(?:The )?{name}(?:[^\n]{{0,80}}){end}",
        rf"(?:\n|\A|[.!?]\s+)\(?(?:Source|Agency|Quelle|Fuente|Fonte)\s*:\s*(?:The )?{name}{end}",
    )
    return (*(("head", re.compile(one)) for one in heads), *(("tail", re.compile(one)) for one in tails))


def _is_sentence(found: re.Match[str]) -> bool:
    """Whether what stands before the name is running text, or spells it out: "The Palestinian Authority (PA)"."""
    words = _WORD.findall(found.groupdict().get("before") or "")
    is_running = any(word.islower() and not _SMALL.fullmatch(word) for word in words) or not _ARTICLES.isdisjoint(
        words[:1]
    )
    return is_running or "".join(word[0] for word in words).endswith(found["name"])
