"""Contrast lines of our own, made from patterns: the same words in another order, another voice, another tense.

Fine-tuning on news alone learns that "air strikes" is escalation and "truce" is not; these lines make the ORDER
decide. Pakistan and Iran never appear, so the article the project grew from stays unseen.
"""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

from training.names import COUNTRIES, Country

HELD_OUT = frozenset({"PAK", "IRN"})
_SLOT = re.compile(r"\{(\w)(?:\.(\w+))?\}")
_FORM = {None: 0, "adj": 1, "cap": 2}

# signal|type|level|modality|roles of a, b, c (A actor, R recipient, B both, P place, T third, M mention)|text
_PATTERNS = """
D|AGREE|2|actual|BB|{a} and {b} settle for calm after bombing raids on one another
E|ASSAULT|3|actual|BB|{a}, {b} swap bombing raids after settling for calm
D|AGREE|2|actual|BB|{a}, {b} promise to cool tempers days after trading missile fire
E|ASSAULT|3|actual|BB|{a} and {b} trade missile fire days after promising to cool tempers
D|AGREE|2|actual|BB|{a} and {b} accepted a truce on Monday, hours after shelling each other's border towns.
E|ASSAULT|3|actual|BB|{a} and {b} shelled each other's border towns on Monday, hours after accepting a truce.
D|AGREE|2|actual|BB|After a week of drone attacks on each other, {a} and {b} signed a ceasefire.
E|ASSAULT|3|actual|BB|A week after they signed a ceasefire, {a} and {b} launched drone attacks on each other.
D|CONSULT|1|actual|BB|{a} and {b} hold talks to defuse crisis after border clash
E|ASSAULT|3|actual|BB|{a} and {b} troops clash at border after talks to defuse crisis
D|CONSULT|1|actual|BB|Envoys of {a} and {b} met at the frontier to calm the crisis.
E|SANCTION|2|actual|BB|{a} and {b} break off talks that were to calm the crisis.
E|ASSAULT|3|actual|BB|Lull between {a} and {b} falls apart as rockets fly again
D|RETREAT|3|actual|BB|Rockets between {a} and {b} fall silent as lull begins
E|ASSAULT|3|actual|BB|Truce breaks down as {a.adj} and {b.adj} forces resume shelling
D|RETREAT|3|actual|BB|Shelling ends as {a.adj} and {b.adj} forces observe truce
E|REJECT|1|actual|AR|{a} pulls out of ceasefire with {b}
D|RETREAT|3|actual|AR|{a} pulls troops out of {b} under ceasefire
D|RETREAT|3|actual|AR|{a} halts air strikes on {b}
E|ASSAULT|3|actual|AR|{a} resumes air strikes on {b}
E|ASSAULT|3|actual|AR|{a} sent a swarm of drones against rebel hideouts in {b}.
E|ASSAULT|3|actual|AR|{a} hit back with a raid on insurgent bases deep within {b}.
E|ASSAULT|3|actual|RA|Insurgent bases deep within {a} were raided by {b.adj} aircraft overnight.
E|ASSAULT|3|actual|RA|The {a.adj} embassy was attacked by {b.adj} commandos.
E|ASSAULT|3|actual|RA|{a.adj} border posts were shelled by {b.adj} artillery, killing four soldiers.
E|ASSAULT|3|actual|AR|{a.adj} artillery shelled {b.adj} border posts, killing four soldiers.
E|ASSAULT|3|actual|ARP|{a.adj} agents killed a {b.adj} diplomat in {c}.
E|ASSAULT|3|actual|RAP|A {a.adj} diplomat was killed by {b.adj} agents in {c}.
E|COERCE|2|actual|RA|Two {a.adj} ships have been seized by {b}.
D|CONCEDE|3|actual|RA|Two {a.adj} ships seized last month have been released by {b}.
E|SANCTION|2|actual|AR|{a} has called its envoy home from {b.cap} and shut {b}'s legation over the raid.
D|SUPPORT|2|actual|AR|{a} has sent its envoy back to {b.cap} and let {b}'s legation open after the raid.
E|SANCTION|2|actual|AR|{a} expels {b.adj} envoy
D|SUPPORT|2|actual|AR|{a} lets expelled {b.adj} envoy return
E|SANCTION|2|actual|RA|{a} hit by new sanctions from {b}
D|CONCEDE|2|actual|RA|{a} freed from sanctions by {b}
E|SANCTION|2|actual|AR|{a} imposes sanctions on {b} after lifting them last year
D|CONCEDE|2|actual|AR|{a} lifts sanctions imposed on {b} last year
E|REJECT|1|actual|AR|{a} refuses to lift sanctions on {b}
D|CONCEDE|2|actual|AR|{a} drops plan for sanctions on {b}
E|THREATEN|1|threatened|AR|{a} warns {b} of sanctions if troops stay
D|CONCEDE|1|threatened|AR|{a} promises {b} an end to sanctions if troops leave
E|REJECT|1|actual|AR|{a} rejects {b.adj} offer of ceasefire talks
D|AGREE|2|actual|AR|{a} accepts {b.adj} offer of ceasefire talks
E|REJECT|1|actual|AR|{a} rules out talks with {b} and will not stop the bombing.
D|AGREE|1|actual|AR|{a} no longer rules out talks with {b} and will stop the bombing.
E|COERCE|2|actual|AR|{a} closes border with {b} again
D|CONCEDE|3|actual|AR|{a} opens border with {b} again
E|MOBILIZE|2|actual|AR|{a} masses troops on {b.adj} border as talks fail
D|RETREAT|3|actual|AR|{a} moves troops back from {b.adj} border as talks succeed
D|REQUEST|1|actual|RRA|{c} asks {a} and {b} to hold back after bombing raids
D|REQUEST|1|actual|RRA|{c} offered to mediate between {a} and {b}.
E|REJECT|1|actual|ARM|{a} turned down an offer by {c} to mediate with {b}.
D|CONSULT|1|actual|BBP|{a} and {b} open peace talks in {c.cap}
E|ACCUSE|1|actual|RMA|{c} condemns {a}'s attack on {b}
E|ACCUSE|1|actual|AR|{a} accuses {b} of arming rebels
D|SUPPORT|1|actual|AR|{a} withdraws accusation that {b} arms rebels
E|ACCUSE|1|denied|AR|{a} denies it shelled {b.adj} villages
E|ACCUSE|1|denied|AR|{a} denied that its jets had crossed into {b}.
E|ASSAULT|3|alleged|RA|{a} says {b.adj} jets bombed a village on its side of the border.
N|NONE|0|denied|MM|{a} denies reports of a coming war with {b} and says all is calm.
D|AGREE|2|actual|BBM|{a} and {b} sign truce while fighting goes on in {c}
N|ASSAULT|0|historical|BB|{a} and {b} have fought three wars since independence.
N|ASSAULT|0|historical|AR|In 1998, {a} bombed what it said were rebel camps in {b}.
N|AGREE|0|historical|BB|{a} and {b} signed a peace treaty in 1994 after years of fighting.
N|ASSAULT|0|historical|PP|Thousands died in the border war between {a} and {b} in the 1980s.
N|ASSAULT|0|historical|AR|{a} marks the anniversary of its victory over {b}
N|NONE|0|none|MM|{a} and {b} share a long border crossed by traders every day.
N|NONE|0|none|MM|Trade between {a} and {b} grew by a tenth last year, officials said.
N|NONE|0|hypothetical|MM|Scholars doubt that {a} or {b} would gain from a wider war.
N|NONE|0|hypothetical|MM|If {a} attacked {b}, oil prices could double, a bank wrote.
N|NONE|0|none|MM|{a} strike late to beat {b} in World Cup qualifier
N|CONSULT|0|actual|BB|{a} and {b} foreign ministers meet to discuss tourism and trade
N|COOPERATE|0|actual|BB|{a} and {b} hold joint search-and-rescue exercise
E|ASSAULT|3|actual|AR|{a} fired missiles at what it said were rebel bases in {b} on Tuesday.
N|NONE|0|none|AP|{a} opened a clinic for flood victims in {b} on Tuesday.
E|ASSAULT|3|actual|RA|Bases in {a} came under {b.adj} drone attack, in reply to an earlier raid.
D|RETREAT|3|actual|RA|Bases in {a} were left by {b.adj} troops, as agreed after an earlier raid.
E|ASSAULT|3|actual|RAP|A {a.adj} consulate in {c} was bombed by {b}.
D|CONCEDE|3|actual|RAP|A {a.adj} consulate in {c} was given back by {b}.
E|ASSAULT|3|actual|AR|Jets from {a} struck targets across {b} in response.
D|CONCEDE|2|actual|AR|Jets from {a} held their fire and spared targets across {b}.
E|REJECT|1|actual|AR|{a} calls off prisoner exchange with {b} at the last hour
D|CONCEDE|3|actual|BB|{a} and {b} carry out prisoner exchange put off last month
E|REJECT|1|actual|AR|{a} puts off reopening of border with {b} for an indefinite time
D|CONCEDE|2|actual|AR|{a} brings forward reopening of border with {b}
E|REJECT|1|actual|AR|{a} delays release of {b.adj} detainees
D|CONCEDE|3|actual|AR|{a} speeds up release of {b.adj} detainees
E|ASSAULT|3|actual|AR|{a} ends three-month truce and resumes attacks on {b.adj} forces.
D|RETREAT|3|actual|AR|{a} ends three months of attacks on {b.adj} forces and returns to the truce.
E|SANCTION|2|actual|RA|Military aid for {a} was cut off by {b} over the fighting.
D|SUPPORT|2|actual|RA|Aid for {a} was restored by {b} after the fighting ended.
E|SANCTION|2|actual|RA|The {a.adj} ambassador was handed an order to leave within a week by {b}.
D|SUPPORT|2|actual|RA|The {a.adj} ambassador, once ordered to leave, was welcomed back by {b}.
E|REJECT|1|actual|MRA|{c} waved away a call by {b} to stop shelling {a}.
D|AGREE|1|actual|MRA|{c} gave in to a call by {b} to stop shelling {a}.
E|COERCE|2|actual|AR|{a} seals last crossing with {b} as drills begin
D|CONCEDE|3|actual|AR|{a} unseals last crossing with {b} as drills end
E|MOBILIZE|2|actual|AR|{a} abandons pullback and moves guns within range of {b.adj} posts
D|RETREAT|3|actual|AR|{a} completes pullback and moves guns out of range of {b.adj} posts
D|CONSULT|1|actual|BBM|As fighting raged in {c}, envoys of {a} and {b} held peace talks.
E|ASSAULT|3|actual|BBP|As envoys held peace talks in {c}, fighting raged between {a} and {b}.
N|ASSAULT|0|historical|PM|Banditry is old in the hills of {a}, and families once fled to {b}.
N|NONE|0|none|MM|Shopkeepers in {a} sell more cloth from {b} than before.
"""
SIGNALS = {"E": "escalation", "D": "de-escalation", "N": "neutral"}
ROLE_LETTERS = {"A": "actor", "R": "recipient", "B": "both", "P": "place", "T": "third", "M": "mention"}


@dataclass(frozen=True, slots=True)
class Pattern:
    """One line of the table, `roles` by slot."""

    signal: str
    event_type: str
    level: str
    modality: str
    roles: dict[str, str]
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A made line with the character spans and roles of its names; `group` joins lines made from one set of names."""

    pattern: Pattern
    text: str
    spans: tuple[tuple[int, int, str], ...]
    group: str


def _pattern(row: str) -> Pattern:
    signal, event_type, level, modality, letters, text = row.split("|")
    roles = {slot: ROLE_LETTERS[letter] for slot, letter in zip("abc", letters, strict=False)}
    return Pattern(SIGNALS[signal], event_type, level, modality, roles, text)


PATTERNS = tuple(_pattern(row) for row in _PATTERNS.strip().splitlines())


def fill(pattern: Pattern, slots: dict[str, Country], group: str) -> Line:
    """The pattern's text with names put into its slots."""
    text, spans, at = "", [], 0
    for slot in _SLOT.finditer(pattern.text):
        text += pattern.text[at : slot.start()]
        name = slots[slot[1]].form(_FORM[slot[2]])
        spans.append((len(text), len(text) + len(name), pattern.roles[slot[1]]))
        text, at = text + name, slot.end()
    return Line(pattern, text + pattern.text[at:], tuple(spans), group)


def generate(per_pattern: int, seed: int) -> Iterator[Line]:
    """`per_pattern` lines of every pattern; neighbouring patterns, which contrast, get the same countries."""
    rng = random.Random(seed)
    pool = [country for country in COUNTRIES if country.code not in HELD_OUT]
    for round_ in range(per_pattern):
        for at in range(0, len(PATTERNS), 2):
            slots = dict(zip("abc", rng.sample(pool, 3), strict=True))
            for pattern in PATTERNS[at : at + 2]:
                yield fill(pattern, slots, f"template-{round_}-{at}")
