"""The words that casualties are read by: who can come to harm, the verbs of harm, and what stands around them."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar

_Value = TypeVar("_Value")


class Harm(StrEnum):
    """What happened to people."""

    KILLED = "killed"
    WOUNDED = "wounded"
    CAPTURED = "captured"
    DISPLACED = "displaced"


def words(listed: str) -> frozenset[str]:
    """The words of a list with spaces between them."""
    return frozenset(listed.split())


def _each(listed: str, value: _Value) -> dict[str, _Value]:
    return dict.fromkeys(listed.split(), value)


PLURAL: Mapping[str, str] = MappingProxyType(
    {
        **_each("people persons individuals others men victims passengers workers labourers laborers miners", "people"),
        **_each("villagers residents inhabitants migrants refugees citizens nationals foreigners protesters", "people"),
        **_each("protestors demonstrators students teachers drivers farmers fishermen fishers pilgrims", "people"),
        **_each(
            "tourists worshippers mourners settlers activists diplomats judges lawyers inmates employees", "people"
        ),
        **_each("bystanders patients shoppers lawmakers politicians officials contractors smugglers members", "people"),
        **_each(
            "relatives brothers sisters sons daughters guests guards suspects leaders candidates survivors", "people"
        ),
        **_each("adults locals commuters travellers travelers herders shepherds engineers scientists lives", "people"),
        **_each("crewmen pilots captives hostages aides clerics priests imams monks nuns traders deserters", "people"),
        **_each("commanders generals colonels hikers believers supporters opponents dissidents aliens", "people"),
        **_each("spectators players fans sailors crewmembers firefighters rescuers immigrants pedestrians", "people"),
        **_each("motorcyclists loyalists executives businessmen clergymen gangsters traffickers robbers", "people"),
        **_each("families households", "families"),
        **_each("soldiers troops servicemen servicemembers marines paratroopers conscripts reservists", "soldiers"),
        **_each("commandos airmen infantrymen rangers recruits cadets servicewomen", "soldiers"),
        **_each("officers", "officers"),
        **_each("policemen policewomen constables gendarmes", "police"),
        **_each("peacekeepers", "peacekeepers"),
        **_each("civilians non-combatants noncombatants", "civilians"),
        **_each(
            "children schoolchildren babies infants minors teenagers pupils schoolgirls schoolboys toddlers", "children"
        ),
        **_each("girls boys kids youngsters", "children"),
        **_each("women mothers", "women"),
        **_each("militants militiamen fighters rebels insurgents gunmen terrorists jihadists jihadis", "militants"),
        **_each(
            "extremists attackers assailants guerrillas bombers bandits separatists operatives Islamists", "militants"
        ),
        **_each("islamists combatants mercenaries raiders infiltrators rioters", "militants"),
        **_each("journalists reporters correspondents photographers cameramen", "journalists"),
        **_each("medics doctors nurses paramedics", "medics"),
        **_each("prisoners detainees", "prisoners"),
    }
)
"""Plural noun → unit."""
_IRREGULAR: Mapping[str, str] = MappingProxyType(
    {
        "person": "people", "man": "people", "fisherman": "people", "serviceman": "soldiers", "policeman": "police",
        "woman": "women", "child": "children", "baby": "children", "gunman": "militants", "militiaman": "militants",
        "cameraman": "journalists", "policewoman": "police", "schoolchild": "children", "family": "families",
    }
)  # fmt: skip
SINGULAR: Mapping[str, str] = MappingProxyType(
    {**{word[:-1]: unit for word, unit in PLURAL.items() if word.endswith("s")}, **_IRREGULAR}
)
"""Noun for one → unit."""
INVARIANT: Mapping[str, str] = MappingProxyType(
    {
        **_each("police", "police"),
        **_each("taliban", "militants"),
        **_each("personnel staff crew", "people"),
    }
)
"""Nouns that count people without an ending, unless another noun follows ("police stations")."""
MODIFIER_UNITS: Mapping[str, str] = MappingProxyType(
    {
        **_each("police", "police"),
        **_each("army military navy naval", "soldiers"),
        **_each("aid humanitarian relief", "aid workers"),
        **_each("civilian", "civilians"),
        **_each("un peacekeeping", "peacekeepers"),
    }
)
"""What stands before a noun and says more than it: "police officers", "aid workers"."""
MODIFIED: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "police": frozenset({"people", "soldiers", "officers"}),
        "soldiers": frozenset({"people", "soldiers", "officers"}),
        "aid workers": frozenset({"people"}),
        "civilians": frozenset({"people"}),
        "peacekeepers": frozenset({"soldiers"}),
    }
)
"""The units that a modifier's may take the place of."""

PARTICIPLES: Mapping[str, Harm] = MappingProxyType(
    {
        **_each("killed slain murdered assassinated executed massacred slaughtered beheaded", Harm.KILLED),
        **_each("wounded injured hurt maimed hospitalised hospitalized", Harm.WOUNDED),
        **_each("captured detained arrested abducted kidnapped", Harm.CAPTURED),
        **_each("displaced uprooted evacuated", Harm.DISPLACED),
    }
)
"""Forms for the passive and, but for `PASSIVE_ONLY`, for the past."""
PASSIVE_ONLY = frozenset({"slain", "hurt"})
"""Sanctions hurt 2,000 farmers: as deeds these words harm no body."""
PHRASES: Mapping[str, Harm] = MappingProxyType(
    {
        "shot dead": Harm.KILLED,
        "shot and killed": Harm.KILLED,
        "gunned down": Harm.KILLED,
        "beaten to death": Harm.KILLED,
        "stabbed to death": Harm.KILLED,
        "burned to death": Harm.KILLED,
        "taken hostage": Harm.CAPTURED,
        "taken prisoner": Harm.CAPTURED,
        "taken captive": Harm.CAPTURED,
        "rounded up": Harm.CAPTURED,
        "forced to flee": Harm.DISPLACED,
        "forced to leave": Harm.DISPLACED,
        "forced from their homes": Harm.DISPLACED,
        "forced out of their homes": Harm.DISPLACED,
        "driven from their homes": Harm.DISPLACED,
        "made homeless": Harm.DISPLACED,
        "left homeless": Harm.DISPLACED,
    }
)
"""Participles of several words."""
ACTIVE: Mapping[str, Harm] = MappingProxyType(
    {
        **_each("kill kills killing murders murdering executes executing massacring slaughtering", Harm.KILLED),
        **_each("assassinating beheading", Harm.KILLED),
        **_each("wound wounds wounding injure injures injuring maims maiming", Harm.WOUNDED),
        **_each("capture captures capturing detain detains detaining arrest arrests arresting", Harm.CAPTURED),
        **_each("abduct abducts abducting kidnap kidnaps kidnapping", Harm.CAPTURED),
        **_each("displace displaces displacing uproots uprooting", Harm.DISPLACED),
    }
)
ACTIVE_PHRASES: Mapping[str, Harm] = MappingProxyType(
    {
        "shooting dead": Harm.KILLED,
        "shoots dead": Harm.KILLED,
        "shoot dead": Harm.KILLED,
        "gunning down": Harm.KILLED,
        "claimed the lives of": Harm.KILLED,
        "claims the lives of": Harm.KILLED,
        "claiming the lives of": Harm.KILLED,
        "causing the deaths of": Harm.KILLED,
        "caused the deaths of": Harm.KILLED,
        "led to the deaths of": Harm.KILLED,
        "leading to the deaths of": Harm.KILLED,
        "resulting in the deaths of": Harm.KILLED,
        "rounding up": Harm.CAPTURED,
    }
)
INTRANSITIVE: Mapping[str, Harm] = MappingProxyType(
    {
        **_each("died die dies perished", Harm.KILLED),
        **_each("fled flee", Harm.DISPLACED),
    }
)
INTRANSITIVE_PHRASES: Mapping[str, Harm] = MappingProxyType(
    {"lost their lives": Harm.KILLED, "lost his life": Harm.KILLED, "lost her life": Harm.KILLED}
)
PREDICATES: Mapping[str, Harm] = MappingProxyType(
    {
        "dead": Harm.KILLED,
        "hostage": Harm.CAPTURED,
        "prisoner": Harm.CAPTURED,
        "captive": Harm.CAPTURED,
        "homeless": Harm.DISPLACED,
    }
)
"""Words said of people who stand right before them: "left nine dead", "took nine sailors hostage"."""
HARM_NOUNS: Mapping[str, Harm] = MappingProxyType(
    {
        **_each("deaths fatalities death fatality", Harm.KILLED),
        **_each("injuries", Harm.WOUNDED),
    }
)
NO_HARM: Mapping[str, tuple[Harm, ...]] = MappingProxyType(
    {
        "casualties": (Harm.KILLED, Harm.WOUNDED),
        "deaths": (Harm.KILLED,),
        "fatalities": (Harm.KILLED,),
        "injuries": (Harm.WOUNDED,),
        "victims": (Harm.KILLED, Harm.WOUNDED),
    }
)
"""What "no …" or "without …" rules out."""

SINGULAR_AUXILIARIES = words("was is has")
PLURAL_AUXILIARIES = words("were are have")
FOR_ONE, FOR_MANY = SINGULAR_AUXILIARIES | words("dies flees"), PLURAL_AUXILIARIES | words("die flee")
"""Forms that only one, and only several people can be the subject of."""
AUXILIARIES = SINGULAR_AUXILIARIES | PLURAL_AUXILIARIES | words("had been be being got")
UNREAL = words(
    "could would might may can will shall should must not never cannot feared hardly couldn't wouldn't weren't "
    "wasn't haven't hasn't didn't"
)
"""Words between people and a verb, or before it, that take its reality away."""
UNREAL_BEFORE = words("to without avoid avoided avoiding")
"""Words right before a verb that do the same."""
BELIEVED = words("believed thought presumed")
ADVERBS = words(
    "also reportedly already again instantly immediately later then now overnight either all both even further "
    "allegedly apparently themselves still only just together subsequently accidentally fatally severely seriously "
    "critically badly lightly slightly mostly"
)
REPORTED = words("reported confirmed known believed thought presumed said found to")
"""Words between an auxiliary and the verb it helps: "are believed to have been killed"."""
PREPOSITIONS = words(
    "in on at by from of during near after before as when while amid across outside inside with over under since "
    "for around between within along through following aboard against near alongside including among despite about "
    "and or but because so than that who whom which where until to"
)
WHEN = words(
    "yesterday today tonight overnight monday tuesday wednesday thursday friday saturday sunday late early earlier "
    "last this instantly there here nearby onboard each"
)
NOT_PEOPLE = words(
    "january february march april may june july august september october november december monday tuesday wednesday "
    "thursday friday saturday sunday"
)
CLAUSE_STOPS = words(
    "said says say told tells claimed reported when as while after because that but where if who whose whom which "
    "until before whether although though so"
)
POSTMODIFIERS = words(
    "in on at from of near with aboard inside outside for across along around under accused suspected travelling "
    "traveling riding working belonging trapped held armed fleeing returning sleeping waiting trying guarding living "
    "linked loyal including"
)
"""Words that may begin what is said of people between them and their verb."""
SUBSETS = frozenset({"including", "include", "included", "among"})
OF_THEM = ("of them", "of whom", "of those", "of the victims", "of the dead", "among them")
TAKING: Mapping[str, tuple[Harm, frozenset[str]]] = MappingProxyType(
    {
        **_each("lives life", (Harm.KILLED, words("claimed claims claiming took taking cost costing"))),
        **_each(
            "hostages prisoners captives hostage prisoner captive",
            (Harm.CAPTURED, words("take takes took taking taken seized seizes")),
        ),
    }
)
"""Nouns that say what was done to those who are taken: "claimed 12 lives", "took 12 hostages"."""
FORCING = words("forced forcing forces force driving drove drives sent sending prompting prompted causing")
FLEEING = ("to flee", "from their homes", "out of their homes", "to leave their homes")
CIVIL = frozenset({"people", "civilians", "children", "women", "families"})
"""The units whose flight is displacement, and no escape."""
TOLL_VERBS = words(
    "rises rose risen climbs climbed jumps jumped grows grew reaches reached hits hit passes passed tops topped "
    "exceeds exceeded stands stood raising bringing brings brought raises raised pushing increased "
    "soars soared surpasses surpassed mounts now is was rising climbing "
    "increases reaching passing topping"
)
