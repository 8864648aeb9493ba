"""Words that decide the mode under a root the model has found.

Each entry says: for this root and signal, these words (a regular expression over lower-cased text) make this type.
The first that matches wins; without a match the root's typical type for the level stands. What an act is done with
(aircraft, shells, a bomb) comes before what else is told of it; what news repeats as background, such as the invasion
a war began with, comes late.
"""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from service.domain.events.ontology import TYPES, EventType, typical
from service.domain.events.signal import Signal

_TRUCE = r"(ceasefire|cease-fire|cease fire|truce)"
_PACT = r"(agreement|treaty|accord|deal|truce|ceasefire|pact|memorandum)"
_MISSION = r"(embassy|embassies|consulate)"
_WAY = r"(border|crossing|frontier|airspace)"
_ENVOY = r"(ambassador|envoy)"
_VESSEL = r"(ship|vessel|boat|tanker|trawler|flotilla)"
_FORCES = r"(forces|troops|army|police|soldiers|military|rebels|fighters|militants|insurgents|islamists|taliban)"
_LAND = r"(city|town|village|capital|airport|district|province|region|base|outpost|neighbou?rhood)"
_TALKS = r"(talks|negotiations?|dialogue|summit|meetings?|visit|trip)"

_LEXICON: Mapping[tuple[str, Signal], tuple[tuple[str, str], ...]] = MappingProxyType(
    {
        ("ASSAULT", Signal.ESCALATION): (
            (
                rf"{_TRUCE} (violation|breach)"
                rf"|\b(violat\w*|breach\w*|breaks?|breaking|broken?)( of)?( the| a| an| its)?( \w+)? {_TRUCE}",
                "ASSAULT.ceasefire_violation",
            ),
            (r"massacr|mass kill|genocid|slaughter", "ASSAULT.mass_killing"),
            (
                r"chemical (weapon|attack)|nerve (agent|gas)|nuclear strike|\bsarin\b|chlorine|(mustard|poison) gas",
                "ASSAULT.wmd",
            ),
            (
                r"\b(captur|recaptur|seiz|retak|retook|overr[au]n|conquer|occupi)\w*"
                rf"( (?!hostage|soldier|prisoner)[\w'-]+){{0,5}} {_LAND}\b"
                rf"|{_FORCES}( [\w'-]+){{0,2}} (capture|recapture|retake|retook)[sd]?"
                r" (?!\d|an? |two|three|four|several)"
                r"|\b(tak|took|gain|secur|seiz)\w* (full |complete )?control of"
                r"|ground (offensive|invasion)|offensive into|tanks.{0,20}cross\w* the border",
                "ASSAULT.invasion",
            ),
            (
                r"air ?-?strike|air raid|drone|missile|warplane|fighter jet|air force|bomb(ed|s|ing) raid|gunship"
                r"|rocket(?!-propelled)|barrel bomb|\bjets?\b(?! ski)|aircraft|air campaign|from the air"
                r"|helicopters? (attack|fire|bomb|strike)"
                r"|(government|army|military|forces|regime)( \w+){0,3} bomb(s|ed)\b",
                "ASSAULT.aerial",
            ),
            (
                r"\bshell(s|ed|ing)?\b|artillery|mortar|howitzer|bombard|heavy guns|\btanks? (fire|shell|bombard)",
                "ASSAULT.artillery",
            ),
            (r"assassin|attempt on .{0,20}life", "ASSAULT.targeted"),
            (r"\brescu\w*.{0,60}hostage|hostage.{0,20}\brescu", "ASSAULT.clash"),
            (r"kidnap|abduct|hostage|held captive|captives\b", "ASSAULT.abduct"),
            (
                rf"{_FORCES} .{{0,40}}\b(kill|neutrali[sz])\w* ([\w-]+ ){{0,3}}"
                r"(terrorist|militant|insurgent|rebel)s?\b",
                "ASSAULT.clash",
            ),
            (
                r"suicide|terror|bomb(?! (disposal|squad|shelter))|explosive|\bieds?\b|grenade|\bstab(s|bed|bings?)\b",
                "ASSAULT.terror",
            ),
            (r"strikes? on|struck", "ASSAULT.aerial"),
            (
                r"clash|exchang\w+ (of )?(fire|gunfire)|skirmish|firefight|gunfight|battle|fighting|gunfire",
                "ASSAULT.clash",
            ),
            (
                r"(gunm[ae]n|attackers?|assailants?|militants) .{0,60}"
                r"(civilian|worshipp|mosque|church|market|school|hotel|villager|people|their house)",
                "ASSAULT.terror",
            ),
            (r"\binvad|\binvasion", "ASSAULT.invasion"),
        ),
        ("SANCTION", Signal.ESCALATION): (
            (
                r"\b(cut|sever|break|broke)\w*( off)?( all| its| their)?( diplomatic)? (ties|relations)"
                r"|\b(suspend|end)(s|ed|ing)?( all| its| their)? diplomatic (ties|relations|contacts?)"
                rf"|\b(clos|shut)\w*.{{0,40}}{_MISSION}|{_MISSION}.{{0,20}}\b(clos|shut)",
                "SANCTION.break_ties",
            ),
            (
                r"expel|persona non grata|expulsion|(hours|days) to leave"
                rf"|\b(told|tells|order|ask)\w* .{{0,40}}({_ENVOY}|diplomat|attach).{{0,20}}(to go\b|leave|out\b)",
                "SANCTION.expel_diplomats",
            ),
            (
                rf"\b(recall|withdr[ae]w|pull)\w*.{{0,40}}{_ENVOY}|{_ENVOY}.{{0,30}}recall"
                rf"|\bcall\w* .{{0,20}}{_ENVOY}.{{0,20}}(home|back)",
                "SANCTION.recall",
            ),
            (
                r"\b(suspend|halt|cancel|call(s|ed|ing)? off|(br[eo]ke?|breaking)n?(s)? off|postpon|scrap)\w*"
                rf".{{0,40}}\b{_TALKS}|\b(walk\w* out of|withdr[ae]w\w* from).{{0,30}}\b(conference|{_TALKS})",
                "SANCTION.halt_talks",
            ),
        ),
        ("COERCE", Signal.ESCALATION): (
            (r"blockad|besieg|under siege|lays? siege|\bblock\w* the (only )?(road|port|strait)", "COERCE.blockade"),
            (r"cyber|\bhack(s|ed|ers?|ing)?\b|malware|ransomware|denial-of-service", "COERCE.cyber"),
            (
                rf"\b(storm|overr[au]n|ransack|br[eo]k\w* into|set fire to)\w*.{{0,40}}{_MISSION}"
                rf"|{_MISSION}.{{0,30}}\b(stormed|ransacked|overrun|set on fire)",
                "COERCE.embassy_stormed",
            ),
            (
                rf"\b(clos|shut|seal)\w*.{{0,30}}{_WAY}|{_WAY}.{{0,20}}\b(clos|shut|seal)|\b(ban|bar)\w*.{{0,40}}airspace",
                "COERCE.border_closure",
            ),
            (
                r"seiz|impound|\bboard(ed|ing)\b|confiscat|hijack|demolish|bulldoz"
                rf"|\b(captur|intercept)\w*.{{0,40}}\b({_VESSEL}|drone)",
                "COERCE.seize",
            ),
            (
                r"arrest|detain|detention|jail|custody|imprison|sentenc|indict|extradit|deport|tear gas|charged with",
                "COERCE.arrest",
            ),
            (
                r"\bcoups?\b|martial law|state of emergency|emergency rule|\b(toppl|overthr)\w+",
                "COERCE.coup_martial_law",
            ),
        ),
        ("MOBILIZE", Signal.ESCALATION): (
            (
                r"(missile|nuclear|rocket|weapons?) test|test-?(fir|launch)|test(ed|s) (a|its) .{0,30}missile"
                r"|\b(launch|fir)\w* .{0,40}(ballistic|missile|projectile)|\bdetonat\w*.{0,20}nuclear",
                "MOBILIZE.test",
            ),
            (r"\bexercises?\b|\bdrills?\b|war ?game|\bman(oeuvre|euver)s?\b|\bparades?\b", "MOBILIZE.exercise"),
            (r"^(?!.*\b(troops|soldiers|army|military)\b).*\bpolice", "MOBILIZE.police"),
        ),
        ("THREATEN", Signal.ESCALATION): (
            (
                r"nuclear (war|strike|attack|respon|answer|option|retaliat|arms|force)|atomic (weapon|bomb|strike)"
                r"|\b(us(e|es|ing)|deploy|resort)\w*.{0,30}nuclear weapon",
                "THREATEN.wmd",
            ),
            (
                r"ultimatum|deadline|within \w+ (hours|days)|\b(until|by) (sun|mon|tues|wednes|thurs|fri|satur)day",
                "THREATEN.ultimatum",
            ),
            (
                r"sanction|tariff|embargo|boycott|\bcut (off )?|\btrade\b|\baid\b|treaty|talks|negotiat|veto|\bmeasures"
                r"|consequences|pressure|relations|suspend|enrich|nuclear deal|duties on|will not tolerate",
                "THREATEN.nonforce",
            ),
        ),
        ("ACCUSE", Signal.ESCALATION): (
            (
                r"\b(open|launch|beg[iau]n|start|order)\w* .{0,30}\b(investigation|inquiry|enquiry|probe)"
                r"|\b(will|to) investigate\b|\blook(s|ing)? into\b|\bsu(es|ed|ing)\b"
                r"|\bfil(es|ed) .{0,20}(lawsuit|case)",
                "ACCUSE.investigate",
            ),
            (r"accus|blam(?!ed no)|alleg", "ACCUSE.allege"),
            (r"condemn|denounc|critici[sz]|deplor|summon|express\w* (deep |grave )?concern", "ACCUSE.disapprove"),
            (
                r"war crimes?|against humanity|claim|violat|\bconfirm|\b(is|was|are|were) (behind|responsible)"
                r"|\bsa(y|ys|id) .{0,60}\b(ha(s|ve|d) \w+|behind|responsible)\b",
                "ACCUSE.allege",
            ),
        ),
        ("PROTEST", Signal.ESCALATION): (
            (
                r"\briot(s|ed|ing|ers?)?\b(?! police)|\bloot|petrol bomb|molotov|ablaze|\bset fire to\b"
                r"|\bthr[oe]w\w* stones"
                r"|\b(torch|burn)(ed|ing|t)\b.{0,20}(car|bus|building|house|shop|office|station)",
                "PROTEST.riot",
            ),
        ),
        ("AGREE", Signal.DE_ESCALATION): (
            (
                rf"\bsign(s|ed|ing)?\b.{{0,40}}{_PACT}|{_PACT}.{{0,20}}\bsigned\b"
                rf"|\b(ratif|approv)\w*.{{0,40}}\b{_PACT}",
                "SUPPORT.sign",
            ),
            (r"\b(offer|agree|accept|willing|ready)\w* (to|as) (a )?(mediat|broker|go-between)", "AGREE.mediate"),
            (r"good offices|\b(offer|accept|welcom)\w* .{0,30}(mediation|go-between)", "AGREE.mediate"),
            (
                rf"de-?escalat|{_TRUCE}|tension|hostilit|violence|cut back"
                r"|\b(stop|end|halt)\w* .{0,12}(fighting|shooting|war\b)"
                r"|withdr[ae]w|pull\w* .{0,20}back|disarm|demilitari[sz]|denucleari[sz]|dismantl|reopen|evacuat"
                r"|peace (deal|plan|agreement)"
                r"|\b(suspend|freez|clos|end|halt)\w*.{0,40}(enrichment|nuclear|test site)",
                "AGREE.deescalate",
            ),
            (r"mediat|broker", "AGREE.mediate"),
            (r"(hold|resume|open|start|begin)\w* talks|to meet|talks|negotiat|summit", "AGREE.meet"),
        ),
        ("CONSULT", Signal.DE_ESCALATION): (
            (r"phone|\bhot ?line|video ?(call|link|conference)|\b(in|by|on) (a )?call\b", "CONSULT.phone"),
            (
                r"mediat|go-between|intermediar|\bshuttl|\bhost\w* (\w+ ){0,2}(talks|negotiations)|\bwith both sides",
                "CONSULT.mediated",
            ),
            (
                r"peace talks|negotiat|-level talks|\b(beg[aiu]n|start|open|resume|hold|held|round)\w*.{0,30}\btalks",
                "CONSULT.negotiate",
            ),
            (
                r"visit|arriv|\btrip\b|\bfl(ies|ew) to\b|\btravel|\bmeets?\b|\bmet\b|meetings?\b|summit",
                "CONSULT.visit",
            ),
        ),
        ("RETREAT", Signal.DE_ESCALATION): (
            (r"sanction|embargo|\bunfr[eo]", "RETREAT.lift_sanctions"),
            (
                r"\b(hand|g[ai]v|turn)\w* (back|over) .{0,60}"
                r"\b(base|camp|posts?|area|control|district|territory|airport)",
                "RETREAT.withdraw",
            ),
            (r"disarm|surrender|\bla(y|id)\w* down|demobili|\b(hand|turn)\w* in\b|himself in\b", "RETREAT.disarm"),
            (
                r"withdr|pull\w* (back|out)|\bmov\w* out\b|\bleav(e|es|ing)\b|\bleft (the|their|its)\b|evacuat"
                r"|went home",
                "RETREAT.withdraw",
            ),
            (
                r"releas|\bfree[ds]\b|swap|\blet go\b|exchang\w+ .{0,20}prisoner"
                r"|hand\w* over .{0,40}(hostage|prisoner|captive|body|bodies|remains)",
                "RETREAT.release",
            ),
            (r"resign|\bstep(s|ped)? down", "RETREAT.resign"),
            (
                rf"{_TRUCE}|cessation|fell silent|\b(halt|suspend|stop|end)\w* .{{0,20}}(operations|offensive|fighting)"
                r"|\bwar .{0,20}(is|was) over|\bend\w* .{0,20}(conflict|war\b)|victory",
                "RETREAT.ceasefire",
            ),
            (r"reopen|crossing|inspector|peacekeeper|convoy|corridor|\blet (in|into|through)\b", "RETREAT.access"),
        ),
        ("CONCEDE", Signal.DE_ESCALATION): (
            (
                r"sanction|embargo|\bunfr[eo]|\b(visa|travel) ban"
                r"|\b(cut|drop|lower|lift)\w*.{0,20}(tariff|dut(y|ies)\b)",
                "RETREAT.lift_sanctions",
            ),
            (r"releas|\bfree[ds]\b|swap|pardon|\blet go\b|repatriat", "RETREAT.release"),
            (r"emergency|curfew|martial law|\b(scrap|repeal)", "CONCEDE.declare"),
            (
                r"reopen|crossing|\bopen(s|ed|ing)?\b.{0,30}(border|road|port|corridor|airspace)|convoy"
                rf"|{_WAY}.{{0,20}}\bopen|\ballow\w* (\w+ ){{0,5}}(enter|visit|into|through|access)\b",
                "RETREAT.access",
            ),
            (r"resign|\bstep(s|ped)? down|\bquits?\b", "RETREAT.resign"),
        ),
        ("SUPPORT", Signal.DE_ESCALATION): (
            (
                r"\b(restor|resum|rebuil|establish|normali[sz]|re-?open|repair|mend|exchang)\w*.{0,40}"
                r"(\bties|relations|embass|ambassador|communication)|\bopen\w* .{0,20}embassy",
                "SUPPORT.restore_ties",
            ),
            (rf"\bratif|\bsign(s|ed)?\b.{{0,40}}{_PACT}", "SUPPORT.sign"),
            (r"apologi[sz]|welcom|prais|endors|congratulat|\bback(s|ed)\b|\bsupport(s|ed)?\b", "SUPPORT.praise"),
        ),
        ("COOPERATE", Signal.DE_ESCALATION): (
            (r"militar|\bnav(y|ies|al)\b|\barm(y|ies)\b|troops|intelligence|defen[cs]e|patrol", "COOPERATE.military"),
        ),
    }
)
_COMPILED = {
    key: tuple((re.compile(pattern, re.DOTALL), TYPES[name]) for pattern, name in rows)
    for key, rows in _LEXICON.items()
}


def decide(root: str, signal: Signal, level: int, text: str) -> EventType | None:
    """The type a root takes in this text, None when the root cannot carry the signal."""
    return next(named(root, signal, text), None) or typical(root, signal, level)


def named(root: str, signal: Signal, text: str) -> Iterator[EventType]:
    """The types that words of this text name under the root, the one that decides first; one may come twice."""
    lowered = text.lower()
    return (kind for pattern, kind in _COMPILED.get((root, signal), ()) if pattern.search(lowered))
