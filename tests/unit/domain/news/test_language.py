"""Languages are told by script, declaration and recogniser, in this order of strength. All texts were written for this test."""

import pytest

from service.adapters.nlp.languages import LangidRecogniser
from service.domain.news.article import Article
from service.domain.news.language import LANGUAGES, LEAD, UNKNOWN, decide, opening, primary
from tests.fakes import NOON

LEADS = [
    ("en", "Peru closes a bridge\nThe government in Lima shut the bridge on Monday after shots were heard on the far bank."),
    ("en", "Ouagadougou hosts Bamako and Niamey\nThe three juntas of the Sahel met behind closed doors and said little."),
    ("en", "Lavrov, Araghchi, Fidan confer\nMinisters Sergei Lavrov, Abbas Araghchi and Hakan Fidan met in Antalya on Friday."),
    ("en", "TROOPS LEAVE THE RIDGE\nBOTH ARMIES PULLED BACK FROM THE RIDGE BEFORE DAWN, THE TWO MINISTRIES SAID."),
    ("fr", "Le pont est fermé\nLe gouvernement a fermé le pont lundi après des tirs entendus sur l'autre rive du fleuve."),
    ("fr", "Mali : une colonne attaquée\nDes hommes armés ont attaqué mardi une colonne de l'armée malienne près de Gao."),
    ("fr", "Trêve prolongée d'une semaine\nLes deux camps ont accepté de prolonger la trêve, selon le médiateur burkinabè."),
    ("es", "Cierran el puente\nEl gobierno cerró el puente el lunes tras escucharse disparos en la otra orilla del río."),
    ("es", "Bolivia retira a su embajador\nLa cancillería anunció que el embajador volverá a La Paz para consultas."),
    ("es", "Tregua en la frontera\nLos dos ejércitos acordaron una tregua de diez días y el regreso de los prisioneros."),
    ("pt", "Ponte fechada\nO governo fechou a ponte na segunda-feira depois de tiros ouvidos na outra margem do rio."),
    ("pt", "Angola envia tropas\nO ministro da Defesa disse que as tropas vão ficar na fronteira até ao fim do mês."),
    ("de", "Brücke gesperrt\nDie Regierung hat die Brücke am Montag gesperrt, nachdem am anderen Ufer Schüsse gefallen waren."),
    ("de", "Waffenruhe hält\nBeide Seiten ziehen ihre Truppen zurück, teilte das Außenministerium am Abend mit."),
    ("it", "Chiuso il ponte\nIl governo ha chiuso il ponte lunedì dopo gli spari sentiti sull'altra riva del fiume."),
    ("it", "Tregua di dieci giorni\nI due eserciti hanno concordato una tregua e lo scambio dei prigionieri."),
    ("nl", "Brug gesloten\nDe regering sloot maandag de brug nadat er schoten waren gehoord aan de overkant van de rivier."),
    ("pl", "Most zamknięty\nRząd zamknął most w poniedziałek, gdy po drugiej stronie rzeki padły strzały."),
    ("tr", "Köprü kapatıldı\nHükümet, karşı kıyıdan silah sesleri gelmesi üzerine köprüyü pazartesi günü kapattı."),
    ("id", "Jembatan ditutup\nPemerintah menutup jembatan itu pada hari Senin setelah terdengar tembakan di seberang sungai."),
    ("sw", "Daraja lafungwa\nSerikali ilifunga daraja hilo siku ya Jumatatu baada ya milio ya risasi kusikika ng'ambo ya mto."),
    ("ru", "Мост закрыт\nПравительство закрыло мост в понедельник после выстрелов на другом берегу реки."),
    ("ru", "Перемирие продлено\nСтороны договорились продлить перемирие на неделю, сообщил посредник."),
    ("uk", "Міст закрито\nУряд закрив міст у понеділок після пострілів, які пролунали на іншому березі річки."),
    ("ar", "إغلاق الجسر\nأغلقت الحكومة الجسر يوم الاثنين بعد سماع إطلاق نار على الضفة الأخرى من النهر."),
    ("ar", "تمديد الهدنة\nاتفق الطرفان على تمديد الهدنة أسبوعا واحدا بحسب ما قاله الوسيط."),
    ("fa", "پل بسته شد\nدولت روز دوشنبه پس از شنیده شدن صدای تیراندازی در آن سوی رودخانه پل را بست."),
    ("ur", "پل بند کر دیا گیا\nحکومت نے پیر کے روز دریا کے دوسرے کنارے پر فائرنگ کے بعد پل بند کر دیا۔"),
    ("zh", "大桥关闭\n对岸传来枪声后，政府于周一关闭了大桥。"),
    ("zh", "停火延长\n调解人说，双方同意将停火延长一周，并交换被俘人员。"),
    ("ja", "橋を閉鎖\n対岸で銃声が聞こえたため、政府は月曜日に橋を閉鎖した。"),
    ("ko", "다리 폐쇄\n강 건너편에서 총성이 들린 뒤 정부는 월요일 다리를 폐쇄했다."),
    ("he", "הגשר נסגר\nהממשלה סגרה את הגשר ביום שני לאחר שנשמעו יריות בגדה השנייה של הנהר."),
    ("el", "Έκλεισε η γέφυρα\nΗ κυβέρνηση έκλεισε τη γέφυρα τη Δευτέρα μετά από πυροβολισμούς στην απέναντι όχθη."),
    ("hi", "पुल बंद\nनदी के दूसरे किनारे पर गोलियाँ चलने के बाद सरकार ने सोमवार को पुल बंद कर दिया।"),
    ("am", "ድልድዩ ተዘጋ\nመንግሥት ድልድዩን ሰኞ ዕለት ዘጋው።"),
]  # fmt: skip
SHORT = [
    ("en", "Troops quit Goma"),
    ("en", "Macron, Scholz, Meloni meet in Paris"),
    ("en", "Junta in Niamey expels envoy"),
    ("en", "Sánchez visits Rabat amid Ceuta row"),
    ("en", "El Salvador jails gang chiefs"),
    ("en", "Hezbollah"),
    ("en", "Bongbong Marcos visits Palawan"),
    ("en", "Al-Shabaab seizes Adan Yabaal in Hirshabelle"),
    ("en", "Tamaulipas: Los Zetas, Sinaloa cartel clash"),
    ("en", "Aung San Suu Kyi moved to Naypyidaw"),
    ("ru", "Мост закрыт"),
    ("zh", "大桥关闭"),
    ("ar", "إغلاق الجسر"),
    ("ko", "다리 폐쇄"),
    ("ja", "橋を閉鎖"),
    ("th", "ปิดสะพาน"),
    ("ka", "ხიდი დაიკეტა"),
]
"""Without a declaration a few words in Latin script count as English, and a script with several languages as its commonest."""


@pytest.fixture(scope="module")
def recogniser() -> LangidRecogniser:
    return LangidRecogniser()


def none(text: str) -> dict[str, float]:
    raise AssertionError(f"nobody should be asked about {text!r}")


@pytest.mark.parametrize(("language", "text"), LEADS)
def test_title_and_lead_tell_the_language_without_a_declaration(
    recogniser: LangidRecogniser, language: str, text: str
) -> None:
    assert decide(text, "", recogniser.shares) == language


@pytest.mark.parametrize(("language", "text"), SHORT)
def test_a_few_words(recogniser: LangidRecogniser, language: str, text: str) -> None:
    assert decide(text, "", recogniser.shares) == language


HEADLINES = [
    ("fr", "Le Mali rappelle son ambassadeur à Alger"),
    ("fr", "Tirs à la frontière : trois morts"),
    ("es", "Venezuela moviliza tropas hacia el Esequibo"),
    ("de", "Serbien versetzt Armee in Alarmbereitschaft"),
    ("sv", "Finland stänger gränsen mot Ryssland"),
    ("cs", "Česká vláda vyhostila dva diplomaty"),
    ("ro", "România convoacă ambasadorul rus"),
    ("vi", "Việt Nam phản đối Trung Quốc tập trận"),
    ("de", "Grenze zu Polen gesperrt"),
    ("pt", "Brasil condena ataque em Gaza"),
    ("it", "Attacco a Kiev, morti e feriti"),
    ("tr", "Ankara büyükelçisini geri çağırdı"),
    ("pl", "Rosja grozi odwetem za ataki"),
    ("id", "Tentara menutup perbatasan"),
    ("nl", "Leger sluit grens met België"),
    ("so", "Ciidamada oo la wareegay magaalada"),
    ("ha", "Sojoji sun kashe 'yan bindiga a Zamfara"),
]


@pytest.mark.parametrize(("language", "text"), HEADLINES)
def test_a_headline_that_cannot_be_english_is_told(recogniser: LangidRecogniser, language: str, text: str) -> None:
    assert decide(text, "", recogniser.shares) == language


def test_kindred_languages_share_a_headline_and_still_nobody_takes_it_for_english(recogniser: LangidRecogniser) -> None:
    headline = "Ejército colombiano bombardea campamento rebelde"
    assert decide(headline, "", recogniser.shares) in {"es", "it", "gl"}
    assert decide(headline, "es-CO", recogniser.shares) == "es", "what is declared decides between kindred languages"


@pytest.mark.parametrize(
    ("declared", "text", "language"),
    [
        ("en-GB", "Troops quit Goma", "en"),
        ("en_US", LEADS[0][1], "en"),
        ("fr-FR", "Mali: Kidal", "fr"),
        ("es", "Tregua en Kiev", "es"),
        ("PT-br", LEADS[10][1], "pt"),
        ("nb", "Broen er stengt for trafikk", "no"),
        ("uk", "Мост", "uk"),
        ("zh-Hant", "大桥关闭", "zh"),
    ],
)
def test_a_plausible_declaration_is_believed(
    recogniser: LangidRecogniser, declared: str, text: str, language: str
) -> None:
    assert decide(text, declared, recogniser.shares) == language


@pytest.mark.parametrize("declared", ["en", "en-GB", "zh", "x-default", "English", "de", "", "tlh"])
@pytest.mark.parametrize(("language", "text"), [LEADS[4], LEADS[7], LEADS[21], LEADS[24], LEADS[28], LEADS[30]])
def test_a_wrong_declaration_does_not_make_a_text_what_it_is_not(
    recogniser: LangidRecogniser, declared: str, language: str, text: str
) -> None:
    assert decide(text, declared, recogniser.shares) == language


@pytest.mark.parametrize("declared", ["fr", "es-ES", "ru", "zh-CN", "de-DE"])
def test_english_under_a_foreign_flag_is_english(recogniser: LangidRecogniser, declared: str) -> None:
    told = [decide(text, declared, recogniser.shares) for _, text in (LEADS[0], LEADS[1], LEADS[3])]
    assert told == ["en"] * 3


def test_a_text_of_little_but_names_is_what_it_is_declared_as(recogniser: LangidRecogniser) -> None:
    """Nothing in it speaks against English, nor for it."""
    names = LEADS[2][1]
    assert [decide(names, declared, recogniser.shares) for declared in ("", "en", "tr")] == ["en", "en", "tr"]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Minister speaks of peace\nThe minister said «nous voulons la paix et rien que la paix», then left in haste."),
        ("en", "Graffiti in Tehran\nThe slogan مرگ بر دیکتاتور was seen on walls in the north of the city on Friday."),
        ("en", "Xi Jinping (习近平) arrives\nThe Chinese leader landed in Moscow on Monday for talks with Vladimir Putin (Путин)."),
        ("fr", "Le ministre parle de paix\nLe ministre a dit « we want peace and nothing but peace » avant de quitter la salle."),
        ("ru", "Заявление НАТО\nВ НАТО заявили: «no comment», — и отказались отвечать на вопросы о ракетах ATACMS."),
        ("zh", "美国国务卿访问\n国务卿 Marco Rubio 周一在 NATO 总部与外长会谈，讨论停火与撤军。"),
    ],
)  # fmt: skip
def test_in_a_mixed_text_the_greater_part_decides(recogniser: LangidRecogniser, language: str, text: str) -> None:
    assert decide(text, "", recogniser.shares) == language


@pytest.mark.parametrize("text", ["", "   \n ", "2026", "12:30 – 14:00 (+3 %)", "🚀🔥", "— … —"])
def test_without_letters_nothing_contradicts(text: str) -> None:
    assert decide(text, "", none) == "en"
    assert decide(text, "en-GB", none) == "en"
    assert decide(text, "fr", none) == "fr"


def test_nobody_is_asked_where_the_script_decides_or_the_text_is_too_short() -> None:
    assert decide("다리 폐쇄 " * 40, "en", none) == "ko"
    assert decide("Troops quit", "", none) == "en"
    assert decide("Мост", "en", none) == "ru"


@pytest.mark.parametrize("text", ["ᠮᠣᠩᠭᠣᠯ ᠪᠢᠴᠢᠭ", "ᏣᎳᎩ ᎦᏬᏂᎯᏍᏗ"])
def test_a_script_of_no_language_we_know_is_never_english(text: str) -> None:
    assert decide(text, "en", none) == UNKNOWN


def test_look_alike_letters_do_not_change_the_script(recogniser: LangidRecogniser) -> None:
    assert decide(LEADS[0][1].replace("o", "о").replace("a", "а"), "", recogniser.shares) == "en"


def test_the_opening_is_title_and_lead() -> None:
    told = Article("a", "A title", "word " * 1000, "", "", NOON, NOON)
    assert opening(told) == f"A title\n{'word ' * (LEAD // 5)}".strip()
    assert opening(Article("a", "", "Alone.", "", "", NOON, NOON)) == "Alone."
    assert opening(Article("a", "Alone", "", "", "", NOON, NOON)) == "Alone"


@pytest.mark.parametrize(
    ("tag", "language"),
    [("en-GB", "en"), (" FR ", "fr"), ("zh_Hans_CN", "zh"), ("iw", "he"), ("", ""), ("mul", ""), ("12", ""), ("e", "")],
)
def test_a_tag_names_a_language(tag: str, language: str) -> None:
    assert primary(tag) == language


def test_the_recogniser_knows_every_language_we_name(recogniser: LangidRecogniser) -> None:
    shares = recogniser.shares(LEADS[4][1])
    assert set(shares) == set(LANGUAGES)
    assert sum(shares.values()) == pytest.approx(1, abs=1e-4)
