"""Words without which an English sentence states no act of conflict or peace, so that it need not be read.

Much of the lower half of an article is weather, prices, scenery and what people feel. The model finds that neutral at
the price of all else, and now and then it errs. The list is wide on purpose, one word is enough, and a word that could
belong to an act is in it: of the labelled texts with a direction it passes over fewer than one in a hundred.
"""

import re

_WORDS = (
    # force
    "abduct advanc airstrike ambush annex artiller assail assassin assault attack battle beat behead besieg blast "
    "blaz blew blow boarded bomb bombing breach burn captiv captur clash collid conquer crack crash damag dead "
    "death destr die disrupt drown execut explo fight fighting fire firing fought gas genocid graves gun harass "
    "hijack hit hostage hurt injur invad invasi kidnap kill lynch maim massacr murder offensive overr overran "
    "overthr pira pogrom poison pound raid ram ramm ransack rap retak sank seiz shell shoot shot siege sink "
    "skirmish slain slay stab storm strik struck terror toppl topple torch tortur victim violen war wound wreck "
    # arms
    "aircraft airspace alert ammunit arm armed arms army battalion brigade build convoy corvette defen deploy "
    "destroyer drill drone drones enrich exercis fighter fleet forces fortif frigate garrison guards helicopter "
    "incursion intercept jet launch maneuv manoeuvr marines militar militia mine missile mobili mortar muster "
    "naval navy nuclear patrol reinforc rocket soldier soldiers submarin tanker tanks test troop uranium warhead "
    "warplane warship weapon "
    # coercion
    "arrest ban banned bar barricad blacklist block blockad boycott censor charg clos coerc confiscat convict "
    "coup court crackdown curfew cut cyber deni deny deport detain detention disband dispers dissol drove embargo "
    "emergency evacuat evict expel expuls extradit forbid forced freez froze hack impound imprison indict "
    "interrogat jail junta martial oust outlaw persona police prison prosecut purg quit recall restrict rig "
    "sabotag sack sanction sentenc sever shut spies spy stop stopp suspen tariff verdict warrant "
    # words
    "abus accus alleg answer ask blam call claim complain condemn contest criti defi defy demand denounc dismiss "
    "disput feud grievanc incit infring insist insult lodg mock object oppos protest provo quarrel rebuff rebuk "
    "refus regret reject retali rift slam summon tension threat ultimatum urg veto violat vow warn "
    # unrest
    "agitat anarch demonstrat insurg insurrect loot mob mutin occup parad picket rall rebel rebellio resist revol "
    "riot secede separat strike strikes unrest uprising "
    # peace
    "absolv accept accord agree amnest apolog appeal arbitrat armistice assur broker cancel cease ceasefire "
    "comply compromis concede concession conciliat deal defus demilitar demobili detente dialog disarm disengag "
    "dropped eas effect ended ending endors ends envoy escalat exchang free freed frees halt handed handing "
    "handov hands handshak held hosts hotline inspect invit joint leav left let liberat lift mediat meet meeting "
    "met negotiat normali observer offer open pact pardon peace pledg postpon prais promis propos pull ratif "
    "receiv recogni reconcil redeploy relax releas relief remov reopen repatriat resign resolv restor restrain "
    "resum retreat return revers roadmap settle shook signed signing signs spok summit surrender swap talk thank "
    "thaw treaty truce unfreez vacat visit welcom withdr withheld yield "
    # ties
    "access aid alli allow ambassador assist attache back border breakaway brought checkpoint contact control "
    "corridor crossing delegat deliver diplomat embass equip escort ferr frontier help humanitarian independen "
    "inspector interven intervene lorr lorries mission monitor mov occup partition passage peacekeep receiv "
    "refuge rescu send sends sent shadow smuggl sovereign supplies supply support ties transfer transit travel "
    "trucks unificat visa zone "
)
"""Beginnings of words; those of fewer than `STEM` letters stand for themselves and their inflections alone."""
STEM = 6
_WORD = re.compile("[a-z]+")
_ENDINGS = (
    *(
        "",
        "s",
        "es",
        "ed",
        "ing",
        "d",
        "ting",
        "ted",
        "ned",
        "ning",
        "ped",
        "ping",
        "bed",
        "bing",
        "ged",
        "ging",
        "ling",
    ),
    *("led", "y", "ies", "ied", "ry", "en", "er", "ers", "nt", "e", "men", "ion", "ions", "al", "als", "ment", "ments"),
    "ency",
)


class _Lexicon:
    """Words to look for; a set of forms and one of beginnings are many times faster than one regular expression."""

    def __init__(self, words: str) -> None:
        listed = words.split()
        self._forms = frozenset(word + ending for word in listed if len(word) < STEM for ending in _ENDINGS)
        self._stems = frozenset(word for word in listed if len(word) >= STEM)
        self._lengths = sorted({len(stem) for stem in self._stems})

    def is_in(self, text: str) -> bool:
        """Whether one of the words is in the text."""
        words = _WORD.findall(text.lower())
        return not self._forms.isdisjoint(words) or any(
            word[:length] in self._stems for word in words for length in self._lengths
        )


_ACT = _Lexicon(_WORDS)
_OF_ROOT = {
    root: _Lexicon(words)
    for root, words in {
        "ASSAULT": (
            "abduct advanc airstrike ambush artiller assail assassin assassinat assault attack battl beat behead "
            "besieg blast blew bloodshed blow blown bodies body bomb bombard breach bullet burn captiv captur "
            "casualt clash collid combat control counteroffensiv coup crush damag dead death defeat destroy "
            "detonat die died dies drone enter execut explo fatalit fight fir fire firebomb fought gas grenad gun "
            "gunfire gunman gunmen gunshot hack hammer helicopter hijack hit hostage hostil hurt incursion "
            "infiltrat injur invad invasion kidnap kill launch liquidat loot lynch maim massacr missile mortar "
            "murder offensive overran overrun overthr poison pound raid ram ransack rap recaptur regain repel "
            "retak retook rocket rout sabotag sank seiz shell shoot shot siege sink skirmish slain slaughter stab "
            "storm strik struck suicide target terror throw thrust toppl torch tortur trap violat violen war "
            "warplane wound "
        ),
        "REJECT": (
            "abandon absent against annul balk ban bar block boycott breach break broke cancel cannot cease "
            "collaps condition contest contradict declin decry defect defi defy delay den dismiss disobey disown "
            "disput disregard end exit expel fail freez frozen halt ignor insist leav neither never no nobody "
            "none nor not object off only oppos out outlaw pessimis postpon prohibit pull quit rebuff refus "
            "reject renounc repudiat rescind resign resist revok rip rule scept scrap shun skept spurn stall "
            "suspend tear terminat tore turn unaccept unless veto violat vot walk withdr withhold without "
        ),
        "RETREAT": (
            "abandon away back bow cease ceasefire clos cut declar demilitar demobili depart disarm disband "
            "discharg dismantl dissol down end evacuat exchang exit free freed gave give halt hand home hostag "
            "laid lay leav left let liberat lift lower lull open over paus peace pull quiet quit recall reduc "
            "releas relent relinquish remov renounc reopen resign return scrap stop surrender suspend thin truce "
            "vacat withdr yield "
        ),
        "CONCEDE": (
            "abolish accept admit agree allow amnest announc apolog appeas approv back bow cancel clear commut "
            "concede concession cut damages declar delay deliver dismiss drop eas end exchang exempt extend fall "
            "fre free freed gave give grant halt hand home hostag lay leav left legal let lift lower offer open "
            "pardon parol paus permit postpon pull readmit recogni reduc reinstat relax releas relent remov "
            "reopen repatriat repeal rescind resign restor resum return revers revok scrap shelv step stop "
            "surrender suspend swap tear unblock unfreez withdr yield "
        ),
        "AGREE": (
            "accept accord agree announc approv bury ceasefire commit compromis conced conclud consent cooper "
            "deal declar endors extend form framework invit joint mediat meet negotiat normali offer pact peace "
            "pledg promis promise propos ratif reach ready resolv restor resum roadmap settl signat signed "
            "signing signs summit talk treat truce understanding vow willing yes "
        ),
    }.items()
}
"""Roots for which the model takes sentences that only sound like them; one of the words is in an act of that kind."""


def may_tell(text: str) -> bool:
    """Whether an English sentence has a word with which acts of conflict or peace are told.

    >>> may_tell("The dogs have stopped hiding."), may_tell("In Paju, hotel bookings went up.")
    (True, False)
    """
    return _ACT.is_in(text)


def may_be(root: str, text: str) -> bool:
    """Whether an English sentence has a word with which acts of this root are told; true of roots without a list.

    >>> may_be("RETREAT", "The bombs had been dropped by the army."), may_be("RETREAT", "The army left.")
    (False, True)
    """
    words = _OF_ROOT.get(root)
    return words is None or words.is_in(text)
