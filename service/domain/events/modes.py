"""Words that decide the mode under a root the model has found.

Each entry says: for this root and signal, these words (a regular expression over lower-cased text) make this type.
The first that matches wins; without a match the root's typical type for the level stands.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

from service.domain.events.ontology import TYPES, EventType, typical
from service.domain.events.signal import Signal

_LEXICON: Mapping[tuple[str, Signal], tuple[tuple[str, str], ...]] = MappingProxyType(
    {
        ("ASSAULT", Signal.ESCALATION): (
            (r"ceasefire violation|violat\w+ (the |a )?(ceasefire|truce)", "ASSAULT.ceasefire_violation"),
            (r"massacr|mass kill|genocid", "ASSAULT.mass_killing"),
            (r"chemical (weapon|attack)|nerve agent|nuclear strike", "ASSAULT.wmd"),
            (r"invad|invasion|ground offensive|captur\w+ (the )?(city|town|capital)|occup(y|ied)", "ASSAULT.invasion"),
            (
                r"air ?-?strike|air raid|drone|missile|warplane|fighter jet|air force|bomb(ed|s|ing) raid|rocket",
                "ASSAULT.aerial",
            ),
            (r"shell(s|ed|ing)|artillery|mortar|howitzer", "ASSAULT.artillery"),
            (r"assassinat", "ASSAULT.targeted"),
            (r"kidnap|abduct|hostage", "ASSAULT.abduct"),
            (r"suicide bomb|car bomb|terror|bomb", "ASSAULT.terror"),
            (r"strikes? on|struck", "ASSAULT.aerial"),
            (r"clash|exchang\w+ (of )?(fire|gunfire)|skirmish|firefight|battle|fighting|gunfire", "ASSAULT.clash"),
        ),
        ("SANCTION", Signal.ESCALATION): (
            (r"(cut|sever|break|broke)\w*( off)? (diplomatic )?(ties|relations)", "SANCTION.break_ties"),
            (r"expel|persona non grata|expulsion", "SANCTION.expel_diplomats"),
            (r"recall\w*.{0,40}(ambassador|envoy)|(ambassador|envoy).{0,30}recall", "SANCTION.recall"),
            (r"suspend\w*.{0,20}talks|halt\w*.{0,20}talks", "SANCTION.halt_talks"),
        ),
        ("COERCE", Signal.ESCALATION): (
            (r"blockad", "COERCE.blockade"),
            (r"cyber", "COERCE.cyber"),
            (r"\bcoups?\b|martial law", "COERCE.coup_martial_law"),
            (
                r"clos\w+.{0,30}(border|crossing|airspace)|(border|crossing|airspace).{0,20}clos",
                "COERCE.border_closure",
            ),
            (r"seiz|impound|board(ed|ing)", "COERCE.seize"),
            (r"arrest|detain|jail", "COERCE.arrest"),
        ),
        ("MOBILIZE", Signal.ESCALATION): (
            (r"(missile|nuclear|rocket) test|test-?fir|test(ed|s) (a|its) .{0,30}missile", "MOBILIZE.test"),
            (r"exercise|drill|war ?game", "MOBILIZE.exercise"),
            (r"riot police|police", "MOBILIZE.police"),
        ),
        ("THREATEN", Signal.ESCALATION): (
            (r"nuclear", "THREATEN.wmd"),
            (r"ultimatum|deadline|within \w+ hours", "THREATEN.ultimatum"),
            (r"sanction|tariff|cut (off )?(aid|ties)", "THREATEN.nonforce"),
        ),
        ("ACCUSE", Signal.ESCALATION): ((r"accus|blam|alleg", "ACCUSE.allege"),),
        ("AGREE", Signal.DE_ESCALATION): (
            (r"mediat|good offices|broker", "AGREE.mediate"),
            (r"sign\w*.{0,40}(agreement|treaty|accord|deal|truce|ceasefire)", "SUPPORT.sign"),
            (r"de-?escalat|ceasefire|cease-fire|truce|tension|stop fighting|end (the )?fighting", "AGREE.deescalate"),
            (r"(hold|resume|open|start|begin)\w* talks|to meet|talks", "AGREE.meet"),
        ),
        ("CONSULT", Signal.DE_ESCALATION): (
            (r"phone|telephone|call", "CONSULT.phone"),
            (r"mediat", "CONSULT.mediated"),
            (r"visit|arriv", "CONSULT.visit"),
        ),
        ("RETREAT", Signal.DE_ESCALATION): (
            (r"sanction", "RETREAT.lift_sanctions"),
            (r"releas|\bfree[ds]\b|swap|exchang\w+ .{0,20}prisoner|hand\w* over", "RETREAT.release"),
            (r"disarm|surrender|hand\w* in .{0,20}weapons", "RETREAT.disarm"),
            (r"withdr|pull\w* (back|out)|leav(e|es|ing)|left", "RETREAT.withdraw"),
            (r"ceasefire|cease-fire|truce", "RETREAT.ceasefire"),
            (r"reopen|crossing|inspector|peacekeeper|convoy|corridor", "RETREAT.access"),
        ),
        ("CONCEDE", Signal.DE_ESCALATION): (
            (r"sanction", "RETREAT.lift_sanctions"),
            (r"releas|\bfree[ds]\b|swap", "RETREAT.release"),
            (r"reopen|crossing", "RETREAT.access"),
        ),
    }
)
_COMPILED = {key: tuple((re.compile(pattern), TYPES[name]) for pattern, name in rows) for key, rows in _LEXICON.items()}


def decide(root: str, signal: Signal, level: int, text: str) -> EventType | None:
    """The type a root takes in this text, None when the root cannot carry the signal."""
    lowered = text.lower()
    for pattern, event_type in _COMPILED.get((root, signal), ()):
        if pattern.search(lowered):
            return event_type
    return typical(root, signal, level)
