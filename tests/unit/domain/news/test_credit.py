"""Whose report a text is stands in its dateline, its byline or at its end; who is quoted is nobody's author."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from service.domain.news.article import Article
from service.domain.news.credit import Agencies
from service.domain.news.owner import Listed

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
AGENCIES = Agencies(
    [
        Listed("Reuters", "Thomson Reuters", "A", ("Thomson Reuters",), is_agency=True),
        Listed("Agence France-Presse", "AFP", "A", ("AFP",), is_agency=True),
        Listed("Associated Press", "AP", "A", ("AP", "AP News"), is_agency=True),
        Listed("PA Media", "PA", "A", ("PA", "Press Association"), is_agency=True),
        Listed("TASS", "Russian state", "D", ("ITAR-TASS",), is_agency=True),
        Listed("Xinhua", "Chinese state", "D", is_agency=True),
        Listed("Agencia EFE", "EFE", "B", ("EFE",), is_agency=True),
        Listed("dpa", "dpa", "A", is_agency=True),
        Listed("Daily", "Daily", "B"),
    ]
)
BODY = "Iran struck targets in Pakistan on Tuesday, officials said. More was to come."


def credit(text: str, publisher: str = "Paper") -> str:
    return AGENCIES.credited(Article("a", "", text, publisher, "", NOW, NOW))


@pytest.mark.parametrize(
    ("text", "agency"),
    [
        (f"(Reuters) - {BODY}", "Reuters"),
        (f"KABUL (AFP) - {BODY}", "Agence France-Presse"),
        (f"KABUL, March 5 (Reuters) - {BODY}", "Reuters"),
        (f"KABUL, Afghanistan (AP) — {BODY}", "Associated Press"),
        (f"ISLAMABAD — (AP) {BODY}", "Associated Press"),
        (f"LONDON (PA) - {BODY}", "PA Media"),
        (f"KABUL (The Associated Press) - {BODY}", "Associated Press"),
        (f"New Delhi, Mar 5 (Reuters) {BODY}", "Reuters"),
        (f"BEIJING, March 5 (Xinhua) -- {BODY}", "Xinhua"),
        (f"MOSCOW, March 5. /TASS/. {BODY}", "TASS"),
        (f"Madrid, 5 mar (EFE).- {BODY}", "Agencia EFE"),
        (f"Berlin (dpa) - {BODY}", "dpa"),
        (f"Kabul, AFP - {BODY}", "Agence France-Presse"),
        (f"Reuters - {BODY}", "Reuters"),
        (f"By Reuters\n{BODY}", "Reuters"),
        (f"By Reuters Staff\n\n{BODY}", "Reuters"),
        (f"By Jane Doe, Reuters\n{BODY}", "Reuters"),
        (f"By JANE DOE Associated Press\n{BODY}", "Associated Press"),
        (f"Two hurt in Herat\nBy AFP\n{BODY}", "Agence France-Presse"),
        (f"Par AFP\n{BODY}", "Agence France-Presse"),
        (f"{BODY} - Reuters", "Reuters"),
        (f"{BODY}\n— AFP", "Agence France-Presse"),
        (f"{BODY} (Reuters)", "Reuters"),
        (f"{BODY}\n\n© AFP", "Agence France-Presse"),
        (f"{BODY}\nCopyright 2026 The Associated Press. All rights reserved.", "Associated Press"),
        (f"{BODY}\nSource: Xinhua", "Xinhua"),
        (f"{BODY}\n(Reporting by A. Shah in Kabul; Editing by T. Hill)", "Reuters"),
        (f"{BODY}\n(Reporting by A. Shah; Writing by B. Low; Editing by T. Hill and C. Day)", "Reuters"),
    ],
)
def test_a_credit_is_found(text: str, agency: str) -> None:
    assert credit(text) == agency


@pytest.mark.parametrize(
    "text",
    [
        BODY,
        f"According to Reuters, {BODY}",
        f"{BODY} He told Reuters.",
        f"{BODY} Officials spoke to the Associated Press",
        f"{BODY} Agence France-Presse contributed to this report.",
        f"{BODY} (With inputs from Reuters)",
        f"{BODY}\n(Additional reporting by Reuters)",
        f"{BODY} (Photo: AFP)",
        f"A photo by Reuters\n{BODY}",
        f"The Palestinian Authority (PA) - which rules there - said so. {BODY}",
        f"Palestinian Authority (PA) - the body that rules there. {BODY}",
        f"Iran's foreign minister (Reuters) said so. {BODY}",
        f"Reuters reports that Iran - {BODY}",
        f"Editors at Reuters - the agency - said so. {BODY}",
        f"Harrisburg, PA - {BODY}",
        f"kabul (pa) - {BODY}",
        f"By the AP's count - ten died. {BODY}",
        f"By air, land and sea - {BODY}",
        f"KABUL (Daily) - {BODY}",
        f"KABUL (Reuters Breakingviews) - {BODY}",
        "",
    ],
)
def test_who_is_quoted_or_only_helped_is_not_credited(text: str) -> None:
    assert credit(text) == ""


@pytest.mark.parametrize("publisher", ["Reuters", "reuters", "Thomson Reuters"])
def test_an_agency_does_not_credit_itself(publisher: str) -> None:
    assert credit(f"(Reuters) - {BODY}", publisher) == ""
    assert credit(f"(AFP) - {BODY}", publisher) == "Agence France-Presse"


def test_without_agencies_nobody_is_credited() -> None:
    without = Agencies([Listed("Reuters", "Thomson Reuters", "A")])
    assert (
        without.credited(Article("a", "", f"(Reuters) - {BODY}\n(Reporting by A; Editing by B)", "", "", NOW, NOW))
        == ""
    )


@pytest.mark.parametrize(
    "text",
    ["A" * 99_999, "A " * 50_000, "(" * 5_000, "(Reporting by " * 900, ". - " * 900, "\n" * 999, "By " + "A. " * 99],
)
def test_no_text_takes_long(text: str) -> None:
    assert credit(text) == ""


def test_an_agency_is_known_by_its_names() -> None:
    def own(publisher: str) -> str:
        return AGENCIES.own(Article("a", "", BODY, publisher, "", NOW, NOW))

    assert (own("thomson reuters"), own("AP"), own("Daily"), own("")) == ("Reuters", "Associated Press", "", "")


def test_an_article_is_signed_with_its_credit_or_with_none() -> None:
    article = Article("a", "", f"(Reuters) - {BODY}", "Paper", "", NOW, NOW)
    assert AGENCIES.signed(article).credit == "Reuters"
    assert AGENCIES.signed(replace(article, text=BODY, credit="Reuters")).credit == ""
