"""Names of countries for templates and for exchanging one country for another.

Written by us for training only: the product's gazetteer knows far more names.
"""

from dataclasses import dataclass

_TABLE = """
AFG Afghanistan Afghan Kabul
ALB Albania Albanian Tirana
DZA Algeria Algerian Algiers
AGO Angola Angolan Luanda
ARG Argentina Argentine Buenos_Aires
ARM Armenia Armenian Yerevan
AUS Australia Australian Canberra
AZE Azerbaijan Azerbaijani Baku
BHR Bahrain Bahraini Manama
BGD Bangladesh Bangladeshi Dhaka
BLR Belarus Belarusian Minsk
BOL Bolivia Bolivian La_Paz
BRA Brazil Brazilian Brasilia
BGR Bulgaria Bulgarian Sofia
BDI Burundi Burundian Bujumbura
KHM Cambodia Cambodian Phnom_Penh
CMR Cameroon Cameroonian Yaounde
CAN Canada Canadian Ottawa
TCD Chad Chadian N'Djamena
CHL Chile Chilean Santiago
CHN China Chinese Beijing
COL Colombia Colombian Bogota
CUB Cuba Cuban Havana
CYP Cyprus Cypriot Nicosia
ECU Ecuador Ecuadorian Quito
EGY Egypt Egyptian Cairo
ERI Eritrea Eritrean Asmara
EST Estonia Estonian Tallinn
ETH Ethiopia Ethiopian Addis_Ababa
FIN Finland Finnish Helsinki
FRA France French Paris
GEO Georgia Georgian Tbilisi
DEU Germany German Berlin
GRC Greece Greek Athens
GUY Guyana Guyanese Georgetown
HUN Hungary Hungarian Budapest
IND India Indian New_Delhi
IDN Indonesia Indonesian Jakarta
IRN Iran Iranian Tehran
IRQ Iraq Iraqi Baghdad
ISR Israel Israeli Jerusalem
ITA Italy Italian Rome
JPN Japan Japanese Tokyo
JOR Jordan Jordanian Amman
KAZ Kazakhstan Kazakh Astana
KEN Kenya Kenyan Nairobi
KWT Kuwait Kuwaiti Kuwait_City
KGZ Kyrgyzstan Kyrgyz Bishkek
LBN Lebanon Lebanese Beirut
LBY Libya Libyan Tripoli
MYS Malaysia Malaysian Kuala_Lumpur
MLI Mali Malian Bamako
MRT Mauritania Mauritanian Nouakchott
MEX Mexico Mexican Mexico_City
MDA Moldova Moldovan Chisinau
MAR Morocco Moroccan Rabat
MOZ Mozambique Mozambican Maputo
NER Niger Nigerien Niamey
NGA Nigeria Nigerian Abuja
PRK North_Korea North_Korean Pyongyang
NOR Norway Norwegian Oslo
OMN Oman Omani Muscat
PAK Pakistan Pakistani Islamabad
PER Peru Peruvian Lima
POL Poland Polish Warsaw
QAT Qatar Qatari Doha
ROU Romania Romanian Bucharest
RUS Russia Russian Moscow
RWA Rwanda Rwandan Kigali
SAU Saudi_Arabia Saudi Riyadh
SEN Senegal Senegalese Dakar
SRB Serbia Serbian Belgrade
SOM Somalia Somali Mogadishu
KOR South_Korea South_Korean Seoul
SSD South_Sudan South_Sudanese Juba
ESP Spain Spanish Madrid
SDN Sudan Sudanese Khartoum
SWE Sweden Swedish Stockholm
SYR Syria Syrian Damascus
TWN Taiwan Taiwanese Taipei
TJK Tajikistan Tajik Dushanbe
TZA Tanzania Tanzanian Dodoma
THA Thailand Thai Bangkok
TUN Tunisia Tunisian Tunis
TUR Turkey Turkish Ankara
UGA Uganda Ugandan Kampala
UKR Ukraine Ukrainian Kyiv
VEN Venezuela Venezuelan Caracas
VNM Vietnam Vietnamese Hanoi
YEM Yemen Yemeni Sanaa
ZMB Zambia Zambian Lusaka
ZWE Zimbabwe Zimbabwean Harare
AUT Austria Austrian Vienna
BEL Belgium Belgian Brussels
BEN Benin Beninese Cotonou
BFA Burkina_Faso Burkinabe Ouagadougou
BIH Bosnia Bosnian Sarajevo
BTN Bhutan Bhutanese Thimphu
CHE Switzerland Swiss Bern
CIV Ivory_Coast Ivorian Abidjan
COD Congo Congolese Kinshasa
CRI Costa_Rica Costa_Rican San_Jose
CZE Czechia Czech Prague
DJI Djibouti Djiboutian Djibouti_City
DNK Denmark Danish Copenhagen
FJI Fiji Fijian Suva
GBR Britain British London
GHA Ghana Ghanaian Accra
GIN Guinea Guinean Conakry
GTM Guatemala Guatemalan Guatemala_City
HND Honduras Honduran Tegucigalpa
HRV Croatia Croatian Zagreb
HTI Haiti Haitian Port-au-Prince
IRL Ireland Irish Dublin
LAO Laos Lao Vientiane
LBR Liberia Liberian Monrovia
LKA Sri_Lanka Sri_Lankan Colombo
LTU Lithuania Lithuanian Vilnius
LVA Latvia Latvian Riga
MDG Madagascar Malagasy Antananarivo
MKD North_Macedonia Macedonian Skopje
MMR Myanmar Burmese Naypyidaw
MNG Mongolia Mongolian Ulaanbaatar
MWI Malawi Malawian Lilongwe
NAM Namibia Namibian Windhoek
NIC Nicaragua Nicaraguan Managua
NLD Netherlands Dutch The_Hague
NPL Nepal Nepalese Kathmandu
NZL New_Zealand New_Zealand Wellington
PAN Panama Panamanian Panama_City
PHL Philippines Filipino Manila
PNG Papua_New_Guinea Papuan Port_Moresby
PRT Portugal Portuguese Lisbon
PRY Paraguay Paraguayan Asuncion
PSE Palestine Palestinian Ramallah
SLE Sierra_Leone Sierra_Leonean Freetown
SLV El_Salvador Salvadoran San_Salvador
SVK Slovakia Slovak Bratislava
SVN Slovenia Slovenian Ljubljana
TGO Togo Togolese Lome
TKM Turkmenistan Turkmen Ashgabat
URY Uruguay Uruguayan Montevideo
USA United_States American Washington
UZB Uzbekistan Uzbek Tashkent
XKX Kosovo Kosovan Pristina
ZAF South_Africa South_African Pretoria
"""


@dataclass(frozen=True, slots=True)
class Country:
    """A country in the forms the news uses: its name, its adjective, its capital for its government."""

    code: str
    name: str
    adjective: str
    capital: str

    def form(self, which: int) -> str:
        """Name, adjective or capital by number 0, 1, 2."""
        return (self.name, self.adjective, self.capital)[which]


def _country(line: str) -> Country:
    code, *forms = line.split()
    name, adjective, capital = (form.replace("_", " ") for form in forms)
    return Country(code, name, adjective, capital)


COUNTRIES = tuple(_country(line) for line in _TABLE.strip().splitlines())

_OTHER_FORMS = {
    "U.S.": ("USA", 0),
    "US": ("USA", 0),
    "the US": ("USA", 0),
    "UK": ("GBR", 0),
    "United Kingdom": ("GBR", 0),
    "Burma": ("MMR", 0),
    "DR Congo": ("COD", 0),
    "Democratic Republic of the Congo": ("COD", 0),
    "Palestinians": ("PSE", 1),
    "Kyiv": ("UKR", 2),
    "Kiev": ("UKR", 2),
    "Delhi": ("IND", 2),
}
FORMS = {country.form(which): (country.code, which) for country in COUNTRIES for which in range(3)} | _OTHER_FORMS
"""Every name → its country's code and which form it is."""
