"""Names of countries in other languages: CLDR's, and ours of config/places/languages.yaml; Russian with its endings."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

VOWELS_WITHOUT_CASES = "оеиую"
ENDINGS = (
    ("ия", ("ия", "ии", "ию", "ией")),
    ("ья", ("ья", "ьи", "ью", "ьей")),
    ("я", ("я", "и", "ю", "ей", "е")),
    ("ка", ("ка", "ки", "ку", "кой", "ке")),
    ("га", ("га", "ги", "гу", "гой", "ге")),
    ("острова", ("острова", "островов", "островам", "островами", "островах")),
    ("а", ("а", "ы", "у", "ой", "е")),
    ("й", ("й", "я", "ю", "ем", "е")),
    ("ь", ("ь", "я", "ю", "ем", "е", "и")),
    ("ство", ("ство", "ства", "ству", "ством", "стве")),
    ("ье", ("ье", "ья", "ью", "ьем")),
    ("ы", ("ы", "ов", "ам", "ами", "ах", "")),
)
"""Nouns by their last letters: nominative, then the other cases; the longest that fits is used."""
ADJECTIVES = {
    "ая": ("ая", "ой", "ую"),
    "яя": ("яя", "ей", "юю"),
    "ий": ("ий", "ого", "ому", "им", "ом"),
    "ый": ("ый", "ого", "ому", "ым", "ом"),
    "ое": ("ое", "ого", "ому", "ым", "им", "ом"),
    "ые": ("ые", "ых", "ым", "ыми"),
    "ие": ("ие", "их", "им", "ими"),
}
CONSONANT = ("", "а", "у", "ом", "ем", "е")


def languages(ours: Mapping[str, Any], codes: Mapping[str, str], kinds: Mapping[str, str]) -> dict[str, Any]:
    """The content of gazetteer_languages.json. `codes` maps alpha-2 to alpha-3, `kinds` other codes to their kind."""
    return {language: _tongue(language, entry, codes, kinds) for language, entry in ours.items()}


def _tongue(
    language: str, ours: Mapping[str, Any], codes: Mapping[str, str], kinds: Mapping[str, str]
) -> dict[str, Any]:
    names: dict[str, list[str]] = {}
    for form, code, kind in _listed(language, ours, codes, kinds):
        for written in _written(form, ours):
            names.setdefault(written, [code, kind])
    return {
        "script": ours["script"],
        "exact": sorted(ours["exact"]),
        "persons": sorted(ours.get("persons", ())),
        "masks": sorted(ours["masks"]),
        "names": dict(sorted(names.items())),
    }


def _listed(
    language: str, ours: Mapping[str, Any], codes: Mapping[str, str], kinds: Mapping[str, str]
) -> Iterator[tuple[str, str, str]]:
    """Names with code and kind, ours first: the first meaning given wins."""
    for code, forms in ours["names"].items():
        yield from ((form, code, kinds.get(code, "country")) for form in forms)
    for code, forms in ours["seats"].items():
        yield from ((form, code, "capital") for form in forms)
    for variety in (language, *ours.get("also", ())):
        territories = import_module("babel").Locale.parse(variety).territories
        for alpha2, code in sorted(codes.items()):
            name = territories.get(alpha2)
            if name and code not in ours["drop"]:
                yield from ((form, code, "country") for form in _parts(str(name)))


def _parts(name: str) -> Iterator[str]:
    """CLDR's name as news writes it: without a qualification in brackets, a special zone or a second name."""
    name = (
        name.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
        .replace("ё", "е")
        .replace("о-ва", "острова")
        .replace("о-в ", "остров ")
    )
    for mark in (" (", "（", " - ", " – ", "：", ": ", "中国", "中國"):
        before, found, after = name.partition(mark)
        if found and (before or len(after) > 2):
            name = before or after
    yield name.removesuffix("特别行政区").removesuffix("特別行政區")


def _written(form: str, ours: Mapping[str, Any]) -> Iterator[str]:
    """A name in the forms a text may give it."""
    form = form.replace("ё", "е")
    if ours["script"] == "arabic":
        yield form
        if form.startswith("ال"):
            yield "لل" + form[2:]
    elif ours.get("inflect"):
        yield from sorted(inflected(form))
    else:
        yield form


def inflected(name: str) -> set[str]:
    """A Russian name in all cases: adjectives before the noun agree with it, what follows the noun stays as it is."""
    words = name.split(" ")
    adjectives = 0
    while adjectives < len(words) - 1 and words[adjectives][-2:] in ADJECTIVES:
        adjectives += 1
    noun, rest = words[adjectives], words[adjectives + 1 :]
    forms = {name}
    for number in range(6):
        heads = [_adjective(word, number) for word in words[:adjectives]]
        forms.update(" ".join([*heads, ending, *rest]) for ending in _noun(noun))
    return forms


def _adjective(word: str, number: int) -> str:
    endings = ADJECTIVES[word[-2:]]
    return word[:-2] + endings[min(number, len(endings) - 1)]


def _noun(word: str) -> tuple[str, ...]:
    """The cases of a noun; acronyms and foreign vowels have none."""
    bare = word[-1] in VOWELS_WITHOUT_CASES and not word.endswith(("ство", "ье"))
    if word.isupper() or bare or word.endswith("оа"):
        return (word,)
    for ending, cases in sorted(ENDINGS, key=lambda entry: -len(entry[0])):
        if word.endswith(ending):
            return tuple(word.removesuffix(ending) + case for case in cases)
    return tuple(word + case for case in CONSONANT)
