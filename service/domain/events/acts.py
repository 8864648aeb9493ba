"""Words that say that something is done: a light test for where a sentence tells of one more act.

The lists are closed and short on purpose. A word that is missing leaves an act in the clause before it; a word that is
as often a noun or an adjective would cut a list of things in two.
"""

_REGULAR = (
    "abducted accepted accused advanced agreed ambushed announced apologised appealed arrested asked assassinated "
    "attacked blamed blockaded blocked bombarded bombed cancelled condemned declared demanded denied denounced "
    "deployed destroyed dispatched dissolved endorsed evacuated executed expelled extended fired hailed halted handed "
    "hijacked imposed impounded intercepted invaded invited kidnapped killed launched lifted mobilised mobilized "
    "murdered offered opened ordered pardoned pledged postponed praised promised proposed protested pulled raided "
    "ratified recalled rejected released renewed reopened repelled restored resumed retaliated revoked sanctioned "
    "scrapped seized severed shelled signed started stormed summoned surrendered suspended threatened torpedoed urged "
    "vetoed vowed warned welcomed"
)
_IRREGULAR = "began blew broke called cut fought froze held hit met put sank sent shot struck tore withdrew"
_DOUBTFUL = "banned barred captured closed detained downed eased freed jailed massed returned shut stopped"
"""As likely an adjective ("closed borders"): what follows must be an object with an article, a number or a name."""
_OBJECT = r"(?=\s+(?:the|an?|its|his|her|their|all|both|some|at least|up to|off|down|dozens|hundreds|\d|(?-i:[A-Z])))"


def _any_of(words: str) -> str:
    return "|".join(words.split())


ACTED = rf"(?:(?:{_any_of(_REGULAR)}|{_any_of(_IRREGULAR)})\b|(?:{_any_of(_DOUBTFUL)})\b{_OBJECT})"
"""A verb in the past that tells of an act, as a pattern."""
SPOKE = r"(?:accusing|calling (?:for|on)|demanding|denying|threatening|urging|vowing)\b"
"""A participle that tells of an act done by speaking, as a pattern."""
FORCE = (
    r"(?:air ?strikes?|(?:drone |missile |rocket )?(?:strikes?|raids?|attacks?)|ambush(?:es)?|bombings?|clash(?:es)?|"
    r"(?:gun)?fights?|fighting|gunfire|shelling|shootings?|skirmish(?:es)?|incursions?|kidnappings?|killings?)\b"
)
"""A noun that tells of an act of force, as a pattern."""
