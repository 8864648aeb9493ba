"""Groups, organisations and regions the role head must learn even while the gazetteer does not know them.

Names the gazetteer finds win; these only fill gaps, so they change nothing once the gazetteer is complete.
"""

import re
from collections.abc import Sequence

from service.domain.events.place import Mention, MentionKind
from training.data import Finder

_GROUPS = """
Hamas:PSE Hezbollah:LBN Houthi:YEM Houthis:YEM Taliban:AFG Islamic_State:IRQ,SYR ISIL:IRQ,SYR ISIS:IRQ,SYR
Al-Qaeda:AFG al-Qaeda:AFG Al-Shabaab:SOM al-Shabaab:SOM al_Shabaab:SOM Boko_Haram:NGA PKK:TUR FARC:COL ELN:COL M23:COD
LTTE:LKA Tamil_Tigers:LKA Islamic_Jihad:PSE Lashkar-e-Taiba:PAK Abu_Sayyaf:PHL Fatah:PSE Rapid_Support_Forces:SDN
Maoists:NPL Syrian_Democratic_Forces:SYR Wagner_Group:RUS Free_Syrian_Army:SYR Al-Nusra_Front:SYR RSF:SDN RENAMO:MOZ
"""
_IGOS = """
United_Nations UN U.N. NATO European_Union EU E.U. African_Union Arab_League ECOWAS OSCE IAEA ASEAN OPEC OIC
UN_Security_Council United_Nations_Security_Council International_Criminal_Court G7 G8 G20
"""
_REGIONS = (
    "Gaza:PSE Gaza_Strip:PSE West_Bank:PSE Kashmir:IND,PAK Crimea:UKR Donbas:UKR Darfur:SDN Tigray:ETH Chechnya:RUS"
)


def _entries(table: str, kind: MentionKind) -> dict[str, tuple[MentionKind, tuple[str, ...]]]:
    entries = {}
    for entry in table.split():
        name, _, homes = entry.replace("_", " ").partition(":")
        entries[name] = (kind, tuple(homes.split(",")) if homes else ())
    return entries


_NAMES = (
    _entries(_GROUPS, MentionKind.GROUP) | _entries(_IGOS, MentionKind.IGO) | _entries(_REGIONS, MentionKind.REGION)
)
_ANY = re.compile(r"(?<!\w)(" + "|".join(re.escape(n) for n in sorted(_NAMES, key=len, reverse=True)) + r")(?!\w)")


def with_supplement(find: Finder) -> Finder:
    """A finder that adds our few names where `find` sees nothing."""

    def find_all(text: str) -> Sequence[Mention]:
        found = list(find(text))
        return found + [m for m in _supplement(text) if all(m.end <= f.start or m.start >= f.end for f in found)]

    return find_all


def _supplement(text: str) -> list[Mention]:
    return [_mention(hit) for hit in _ANY.finditer(text)]


def _mention(hit: re.Match[str]) -> Mention:
    kind, homes = _NAMES[hit[0]]
    code = hit[0] if kind is MentionKind.IGO else f"{homes[0]}:{hit[0]}"
    return Mention(hit.start(), hit.end(), hit[0], code, kind, homes)
