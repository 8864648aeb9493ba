import pytest

from service.domain.events.clause import Link, clauses

NONE, BEFOREHAND, NEXT, SAME_DOER, OUTCOME, EARLIER = Link


def cut(text: str) -> list[tuple[Link, str]]:
    return [(clause.link, text[clause.start : clause.end]) for clause in clauses(text)]


@pytest.mark.parametrize(
    "text",
    [
        "Iran struck a camp in Pakistan.",
        "Iran struck, while Pakistan waited for days.",
        "Iran struck a camp in Pakistan, but missed.",
        "Iranian and allied forces struck a camp near Quetta.",
        "A gunman shot and killed four guards at the gate.",
        "Police opened fire at the gate and killed four people.",
        "The minister was arrested in Kabul and released on bail.",
        "Police look for a man who shot a guard and seized his car.",
        "The ministry said that Iran struck a camp and expelled an envoy.",
        "Iran will close its border crossing and armed groups will be watched.",
        "Seven people were killed after suicide bombers attacked a power station.",
        "Iran closed its border on Monday after two days in which rebels attacked a bus.",
        "Iran closed its border on Monday after the attack on a bus in Zahedan.",
        "Iran reopened its border, two years after the country closed it in haste.",
        "After the attack on a bus in Zahedan, Iran closed its border.",
        "After shelling two border villages, Iran closed its border.",
        "Iran urged India and Pakistan agreed to hold talks.",
        "Iran, which had shelled the border, and its allies were silent.",
    ],
)
def test_a_sentence_stays_whole(text: str) -> None:
    assert cut(text) == [(NONE, text)]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "Iran struck a camp in Pakistan, prompting Islamabad to recall its envoy.",
            [(NONE, "Iran struck a camp in Pakistan"), (OUTCOME, "Islamabad to recall its envoy.")],
        ),
        (
            "Iran struck a camp in Pakistan; two days later Pakistan struck back.",
            [(NONE, "Iran struck a camp in Pakistan"), (NEXT, "two days later Pakistan struck back.")],
        ),
        (
            "Iran struck a base in Iraq, while Iraq prepared to answer with rockets.",
            [(NONE, "Iran struck a base in Iraq"), (NEXT, "Iraq prepared to answer with rockets.")],
        ),
        (
            "US jets bombed two sites in Iran, and Iran hit a base in Qatar.",
            [(NONE, "US jets bombed two sites in Iran"), (NEXT, "Iran hit a base in Qatar.")],
        ),
        (
            "Kenya released twelve Somali fishermen and Somalia lifted its ban on khat.",
            [(NONE, "Kenya released twelve Somali fishermen"), (NEXT, "Somalia lifted its ban on khat.")],
        ),
        (
            "India agreed to a truce after four days of clashes that killed sixty.",
            [(NONE, "India agreed to a truce"), (EARLIER, "four days of clashes that killed sixty.")],
        ),
        (
            "The army struck a depot, hours after rebels killed nine soldiers.",
            [(NONE, "The army struck a depot"), (EARLIER, "rebels killed nine soldiers.")],
        ),
        (
            "Iran recalled its envoy less than two weeks after rebels attacked a bus.",
            [(NONE, "Iran recalled its envoy"), (EARLIER, "rebels attacked a bus.")],
        ),
        (
            "Hours after rebels killed nine soldiers, the army struck a depot.",
            [(BEFOREHAND, "rebels killed nine soldiers"), (NEXT, "the army struck a depot.")],
        ),
    ],
)
def test_a_sentence_is_cut_between_its_acts(text: str, parts: list[tuple[Link, str]]) -> None:
    assert cut(text) == parts


@pytest.mark.parametrize(
    ("text", "subject", "part"),
    [
        (
            "Iran recalled its ambassador on Monday and barred the envoy's return.",
            "Iran",
            "barred the envoy's return.",
        ),
        ("The armed forces shelled Tegh, then fired rockets at Goris.", "The armed forces", "fired rockets at Goris."),
        ("The United States welcomed the truce and urged both to talk.", "The United States", "urged both to talk."),
        ("Kabul expelled two Iranian diplomats, accusing Tehran of theft.", "Kabul", "accusing Tehran of theft."),
        ("Iran agreed to a truce after shelling two border towns.", "Iran", "shelling two border towns."),
        ("Iran agreed to a truce after engaging in deadly strikes.", "Iran", "engaging in deadly strikes."),
    ],
)
def test_a_part_without_a_subject_has_that_of_the_part_before(text: str, subject: str, part: str) -> None:
    first, second = clauses(text)
    assert first.subject == ""
    assert (second.subject, text[second.start : second.end]) == (subject, part)


def test_a_subject_goes_on_from_part_to_part() -> None:
    text = "North Korea severed the lines in June, blew up the office at Kaesong and tore up a pact."
    assert [(c.link, c.subject) for c in clauses(text)] == [
        (NONE, ""),
        (SAME_DOER, "North Korea"),
        (SAME_DOER, "North Korea"),
    ]


def test_what_follows_an_earlier_act_may_belong_to_it() -> None:
    text = "Iran recalled its envoy after rebels attacked a bus and seized its driver."
    assert [link for link, _ in cut(text)] == [NONE, EARLIER]
