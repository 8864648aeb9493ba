import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.events import modes
from service.domain.events.modes import decide
from service.domain.events.ontology import ROOTS, ROOTS_BY_SIGNAL, typical
from service.domain.events.signal import Signal
from tests.unit.domain.strategies import modest

ESCALATION, DE_ESCALATION, NEUTRAL = Signal

ESCALATING = [
    ("ASSAULT", "Both accuse each other of ceasefire violations", "ASSAULT.ceasefire_violation"),
    ("ASSAULT", "The army violated the truce with artillery fire", "ASSAULT.ceasefire_violation"),
    ("ASSAULT", "Hundreds were massacred in the village", "ASSAULT.mass_killing"),
    ("ASSAULT", "The mass killing of civilians went on", "ASSAULT.mass_killing"),
    ("ASSAULT", "A chemical attack killed forty", "ASSAULT.wmd"),
    ("ASSAULT", "Troops used a nerve agent", "ASSAULT.wmd"),
    ("ASSAULT", "Russia invaded at dawn", "ASSAULT.invasion"),
    ("ASSAULT", "Rebels captured the city of Goma", "ASSAULT.invasion"),
    ("ASSAULT", "A missile and drone attack hit a base", "ASSAULT.aerial"),
    ("ASSAULT", "Air strikes killed nine", "ASSAULT.aerial"),
    ("ASSAULT", "Airstrike on a convoy", "ASSAULT.aerial"),
    ("ASSAULT", "Artillery shelled the town", "ASSAULT.artillery"),
    ("ASSAULT", "Mortar rounds fell on the market", "ASSAULT.artillery"),
    ("ASSAULT", "A general was assassinated", "ASSAULT.targeted"),
    ("ASSAULT", "Gunmen abducted ten soldiers", "ASSAULT.abduct"),
    ("ASSAULT", "Hostages were taken", "ASSAULT.abduct"),
    ("ASSAULT", "A suicide bomber struck the mosque", "ASSAULT.terror"),
    ("ASSAULT", "Terrorists killed five", "ASSAULT.terror"),
    ("ASSAULT", "Pakistan's strikes on militants inside Iran", "ASSAULT.aerial"),
    ("ASSAULT", "Israel struck Damascus", "ASSAULT.aerial"),
    ("ASSAULT", "Guards exchanged fire across the river", "ASSAULT.clash"),
    ("ASSAULT", "Border guards clashed", "ASSAULT.clash"),
    ("SANCTION", "Algeria cut diplomatic ties with Morocco", "SANCTION.break_ties"),
    ("SANCTION", "It severed relations", "SANCTION.break_ties"),
    ("SANCTION", "Two envoys were declared persona non grata", "SANCTION.expel_diplomats"),
    ("SANCTION", "France expelled six diplomats", "SANCTION.expel_diplomats"),
    ("SANCTION", "Pakistan recalls its ambassador from Tehran", "SANCTION.recall"),
    ("SANCTION", "The ambassador was recalled", "SANCTION.recall"),
    ("SANCTION", "Iran suspends nuclear talks", "SANCTION.halt_talks"),
    ("COERCE", "The navy blockaded the port", "COERCE.blockade"),
    ("COERCE", "A cyber attack shut the grid", "COERCE.cyber"),
    ("COERCE", "Officers staged a coup", "COERCE.coup_martial_law"),
    ("COERCE", "Martial law was declared", "COERCE.coup_martial_law"),
    ("COERCE", "Turkey closed its border with Iraq", "COERCE.border_closure"),
    ("COERCE", "Airspace was closed", "COERCE.border_closure"),
    ("COERCE", "Guards seized a tanker", "COERCE.seize"),
    ("COERCE", "Twelve fishermen were arrested", "COERCE.arrest"),
    ("COERCE", "A couple from France was detained", "COERCE.arrest"),
    ("MOBILIZE", "North Korea tested a new ballistic missile", "MOBILIZE.test"),
    ("MOBILIZE", "A nuclear test shook the north", "MOBILIZE.test"),
    ("MOBILIZE", "Naval exercises began", "MOBILIZE.exercise"),
    ("MOBILIZE", "Riot police filled the square", "MOBILIZE.police"),
    ("THREATEN", "He threatened a nuclear answer", "THREATEN.wmd"),
    ("THREATEN", "It set an ultimatum", "THREATEN.ultimatum"),
    ("THREATEN", "Withdraw within 48 hours, it warned", "THREATEN.ultimatum"),
    ("THREATEN", "Brussels threatened new sanctions", "THREATEN.nonforce"),
    ("ACCUSE", "Kabul accused Islamabad of spying", "ACCUSE.allege"),
    ("ACCUSE", "It blamed the rebels", "ACCUSE.allege"),
    ("ASSAULT", "Islamabad said they had broken the ceasefire at three points", "ASSAULT.ceasefire_violation"),
    ("ASSAULT", "Sarin killed forty in the suburb", "ASSAULT.wmd"),
    ("ASSAULT", "The army has retaken the town of Palmyra", "ASSAULT.invasion"),
    ("ASSAULT", "Government forces recapture Kiwanja", "ASSAULT.invasion"),
    ("ASSAULT", "The militia took control of the port", "ASSAULT.invasion"),
    ("ASSAULT", "Jets pounded the harbour", "ASSAULT.aerial"),
    ("ASSAULT", "The regime has bombed a village", "ASSAULT.aerial"),
    ("ASSAULT", "Russian forces shell the city", "ASSAULT.artillery"),
    ("ASSAULT", "Gunmen opened fire on worshippers", "ASSAULT.terror"),
    ("ASSAULT", "A grenade went off in the bar", "ASSAULT.terror"),
    ("ASSAULT", "Troops rescued the last hostages in a raid", "ASSAULT.clash"),
    ("ASSAULT", "Security forces killed six terrorists in a raid", "ASSAULT.clash"),
    ("SANCTION", "France withdraws its ambassador to Italy", "SANCTION.recall"),
    ("SANCTION", "It announced the closing of its embassy in London", "SANCTION.break_ties"),
    ("SANCTION", "The envoy was given two days to leave", "SANCTION.expel_diplomats"),
    ("SANCTION", "The minister called off his visit", "SANCTION.halt_talks"),
    ("COERCE", "Besieged since May, the town has no bread", "COERCE.blockade"),
    ("COERCE", "A hacker group published the names of agents", "COERCE.cyber"),
    ("COERCE", "A crowd broke into the Swedish embassy", "COERCE.embassy_stormed"),
    ("COERCE", "Egypt shut the crossing", "COERCE.border_closure"),
    ("COERCE", "The navy intercepted a ship with weapons", "COERCE.seize"),
    ("COERCE", "Police fired tear gas", "COERCE.arrest"),
    ("COERCE", "Soldiers were jailed over a coup plot", "COERCE.arrest"),
    ("COERCE", "A state of emergency was declared", "COERCE.coup_martial_law"),
    ("MOBILIZE", "The North fires two projectiles into the sea", "MOBILIZE.test"),
    ("MOBILIZE", "A military parade was held", "MOBILIZE.exercise"),
    ("THREATEN", "Leave by Friday or face war", "THREATEN.ultimatum"),
    ("THREATEN", "He warned of consequences", "THREATEN.nonforce"),
    ("ACCUSE", "Prosecutors opened an inquiry", "ACCUSE.investigate"),
    ("ACCUSE", "Cairo condemned the raid", "ACCUSE.disapprove"),
    ("ACCUSE", "The report speaks of war crimes", "ACCUSE.allege"),
    ("PROTEST", "Crowds looted shops", "PROTEST.riot"),
]
LOOK_ALIKES = [
    ("ASSAULT", "Fire was exchanged under a Russian-brokered ceasefire", "ASSAULT.clash"),
    ("ASSAULT", "Two died in gunfire in the occupied West Bank", "ASSAULT.clash"),
    ("ASSAULT", "A rocket-propelled grenade hit the patrol", "ASSAULT.terror"),
    ("ASSAULT", "Missiles hit Kyiv in the tenth week of the invasion", "ASSAULT.aerial"),
    ("ASSAULT", "The bomb squad was caught in a firefight", "ASSAULT.clash"),
    ("MOBILIZE", "A drilling ship was sent to disputed waters", "MOBILIZE.troops"),
    ("MOBILIZE", "Troops relieved the police in the north", "MOBILIZE.troops"),
    ("THREATEN", "Strikes on nuclear sites will be answered", "THREATEN.force"),
    ("THREATEN", "New sanctions loom over the nuclear programme", "THREATEN.nonforce"),
]
PEACEFUL = [
    ("AGREE", "Qatar offers to mediate", "AGREE.mediate"),
    ("AGREE", "Both sides signed a peace treaty", "SUPPORT.sign"),
    ("AGREE", "Pakistan and Iran agree to de-escalate", "AGREE.deescalate"),
    ("AGREE", "They agreed on a ceasefire", "AGREE.deescalate"),
    ("AGREE", "The ministers are to meet on Monday", "AGREE.meet"),
    ("AGREE", "They will hold talks", "AGREE.meet"),
    ("CONSULT", "The ministers spoke by telephone", "CONSULT.phone"),
    ("CONSULT", "Talks mediated by Oman went on", "CONSULT.mediated"),
    ("CONSULT", "The president arrived in Cairo", "CONSULT.visit"),
    ("RETREAT", "Washington lifted sanctions", "RETREAT.lift_sanctions"),
    ("RETREAT", "Eighty prisoners were released", "RETREAT.release"),
    ("RETREAT", "The captives were freed", "RETREAT.release"),
    ("RETREAT", "The militia laid down arms and disarmed", "RETREAT.disarm"),
    ("RETREAT", "Troops withdrew from the town", "RETREAT.withdraw"),
    ("RETREAT", "The army pulled back", "RETREAT.withdraw"),
    ("RETREAT", "The ceasefire took hold", "RETREAT.ceasefire"),
    ("RETREAT", "The crossing reopened", "RETREAT.access"),
    ("RETREAT", "Freedom of movement through the corridor returned", "RETREAT.access"),
    ("CONCEDE", "Ankara lifted sanctions", "RETREAT.lift_sanctions"),
    ("CONCEDE", "It freed two pilots", "RETREAT.release"),
    ("CONCEDE", "The crossing was reopened", "RETREAT.access"),
    ("AGREE", "They accepted Norway as a go-between", "AGREE.mediate"),
    ("AGREE", "A truce brokered by Egypt was agreed", "AGREE.deescalate"),
    ("AGREE", "Talks on a significant deal will open", "AGREE.meet"),
    ("AGREE", "The cabinet approved the maritime deal", "SUPPORT.sign"),
    ("CONSULT", "He met the premier and called for calm", "CONSULT.visit"),
    ("CONSULT", "Peace talks opened after the delegates arrived", "CONSULT.negotiate"),
    ("CONSULT", "She holds talks with both sides", "CONSULT.mediated"),
    ("RETREAT", "The army handed over the base", "RETREAT.withdraw"),
    ("RETREAT", "After fighting that left 20 dead the truce holds", "RETREAT.ceasefire"),
    ("RETREAT", "The war is over, the spokesman said", "RETREAT.ceasefire"),
    ("RETREAT", "The president stepped down", "RETREAT.resign"),
    ("CONCEDE", "The state of emergency was lifted", "CONCEDE.declare"),
    ("CONCEDE", "The interior minister resigned", "RETREAT.resign"),
    ("SUPPORT", "The two restored relations", "SUPPORT.restore_ties"),
    ("SUPPORT", "Parliament ratified the treaty", "SUPPORT.sign"),
    ("SUPPORT", "The premier apologised for the killings", "SUPPORT.praise"),
    ("COOPERATE", "The navies began joint patrols", "COOPERATE.military"),
]
TYPICAL = [
    ("ASSAULT", ESCALATION, 4, "ASSAULT.artillery"),
    ("ASSAULT", ESCALATION, 0, "ASSAULT.ceasefire_violation"),
    ("SANCTION", ESCALATION, 2, "SANCTION.economic"),
    ("COERCE", ESCALATION, 1, "COERCE.arrest"),
    ("COERCE", ESCALATION, 2, "COERCE.arrest"),
    ("THREATEN", ESCALATION, 1, "THREATEN.force"),
    ("MOBILIZE", ESCALATION, 3, "MOBILIZE.troops"),
    ("THREATEN", ESCALATION, 2, "THREATEN.force"),
    ("ACCUSE", ESCALATION, 1, "ACCUSE.disapprove"),
    ("REJECT", ESCALATION, 1, "REJECT.generic"),
    ("PROTEST", ESCALATION, 2, "PROTEST.riot"),
    ("REQUEST", ESCALATION, 1, "REQUEST.demand"),
    ("REQUEST", DE_ESCALATION, 1, "REQUEST.appeal_restraint"),
    ("AGREE", DE_ESCALATION, 2, "AGREE.deescalate"),
    ("CONSULT", DE_ESCALATION, 1, "CONSULT.negotiate"),
    ("SUPPORT", DE_ESCALATION, 1, "SUPPORT.praise"),
    ("RETREAT", DE_ESCALATION, 4, "RETREAT.withdraw"),
    ("CONCEDE", DE_ESCALATION, 1, "CONCEDE.declare"),
    ("AID", DE_ESCALATION, 1, "AID.humanitarian"),
    ("COOPERATE", DE_ESCALATION, 1, "COOPERATE.economic"),
]


@pytest.mark.parametrize(("root", "text", "name"), ESCALATING)
def test_words_decide_the_mode_of_an_escalation(root: str, text: str, name: str) -> None:
    assert named(root, ESCALATION, 4, text) == name


@pytest.mark.parametrize(("root", "text", "name"), LOOK_ALIKES)
def test_words_that_only_look_so_decide_nothing(root: str, text: str, name: str) -> None:
    assert named_at(3, root, text) == name


def test_all_types_that_words_name_are_told_the_deciding_one_first() -> None:
    told = [kind.name for kind in modes.named("ASSAULT", ESCALATION, "Air strikes after clashes in the city")]
    assert told == ["ASSAULT.aerial", "ASSAULT.clash"]
    assert not list(modes.named("REJECT", ESCALATION, "Air strikes"))


@pytest.mark.parametrize(("root", "text", "name"), PEACEFUL)
def test_words_decide_the_mode_of_a_de_escalation(root: str, text: str, name: str) -> None:
    assert named(root, DE_ESCALATION, 1, text) == name


@pytest.mark.parametrize(("root", "signal", "level", "name"), TYPICAL)
def test_without_such_words_the_typical_type_of_the_level_stands(
    root: str, signal: Signal, level: int, name: str
) -> None:
    assert named(root, signal, level, "Something was done.") == name


@pytest.mark.parametrize(
    ("root", "signal"), [("ASSAULT", DE_ESCALATION), ("AGREE", ESCALATION), ("ASSAULT", NEUTRAL), ("NONE", ESCALATION)]
)
def test_a_root_that_cannot_carry_the_signal_has_no_mode(root: str, signal: Signal) -> None:
    assert decide(root, signal, 4, "A missile attack and a ceasefire") is None


@modest
@given(
    st.sampled_from([*ROOTS, "NONE"]),
    st.sampled_from(Signal),
    st.integers(0, 4),
    st.lists(st.sampled_from([text for _, text, _ in ESCALATING + PEACEFUL]), max_size=3).map(" ".join),
)
def test_no_words_turn_the_sign(root: str, signal: Signal, level: int, text: str) -> None:
    found = decide(root, signal, level, text)
    assert (found is None) is (root not in ROOTS_BY_SIGNAL[signal] or signal is NEUTRAL)
    if found is not None:
        assert found.intensity <= 0 if signal is ESCALATION else found.intensity >= 0
        assert typical(root, signal, level) is not None


def named_at(level: int, root: str, text: str) -> str:
    found = decide(root, ESCALATION, level, text)
    assert found is not None
    return found.name


def named(root: str, signal: Signal, level: int, text: str) -> str:
    found = decide(root, signal, level, text)
    assert found is not None
    return found.name
