"""The few words of our own that readers see: on the buttons of `consent` and on a tombstone, in X's
34 languages (docs/x-behaviour.md 4.1).
"""

from dataclasses import dataclass

RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})


@dataclass(frozen=True, slots=True)
class Messages:
    """What a reader is told in one language; `lang` is its language tag in HTML (BCP 47)."""

    lang: str
    load: str
    notice: str
    stop: str
    gone: str

    @property
    def dir(self) -> str:
        """The direction it is written in."""
        return "rtl" if self.lang in RIGHT_TO_LEFT else "ltr"


_EN = (
    "Load this post from X",
    "X then learns of your visit and may set cookies. Your choice is remembered.",
    "Stop loading posts from X",
    "This post is no longer available.",
)
_BY_LANGUAGE = {
    "en": _EN,
    "ar": (
        "تحميل هذا المنشور من X",
        "عندها يعلم X بزيارتك وقد يحفظ ملفات تعريف الارتباط. سيُحفظ اختيارك.",
        "إيقاف تحميل المنشورات من X",
        "لم يعد هذا المنشور متاحًا.",
    ),
    "bn": (
        "X থেকে এই পোস্টটি লোড করুন",
        "তখন X আপনার ভিজিট সম্পর্কে জানবে এবং কুকি রাখতে পারে। আপনার পছন্দ মনে রাখা হবে।",
        "X থেকে পোস্ট লোড করা বন্ধ করুন",
        "এই পোস্টটি আর উপলভ্য নেই।",
    ),
    "cs": (
        "Načíst příspěvek ze sítě X",
        "X se pak dozví o vaší návštěvě a může ukládat cookies. Vaše volba se zapamatuje.",
        "Přestat načítat příspěvky ze sítě X",
        "Tento příspěvek už není dostupný.",
    ),
    "da": (
        "Indlæs opslaget fra X",
        "X får så viden om dit besøg og kan sætte cookies. Dit valg bliver husket.",
        "Stop med at indlæse opslag fra X",
        "Dette opslag er ikke længere tilgængeligt.",
    ),
    "de": (
        "Diesen Beitrag von X laden",
        "X erfährt dann von Ihrem Besuch und kann Cookies setzen. Ihre Wahl wird gespeichert.",
        "Keine Beiträge mehr von X laden",
        "Dieser Beitrag ist nicht mehr verfügbar.",
    ),
    "el": (
        "Φόρτωση της ανάρτησης από το X",
        (
            "Το X θα μάθει για την επίσκεψή σας και μπορεί να ορίσει cookies. Η επιλογή σας θα"
            " απομνημονευτεί."
        ),
        "Διακοπή φόρτωσης αναρτήσεων από το X",
        "Αυτή η ανάρτηση δεν είναι πλέον διαθέσιμη.",
    ),
    "es": (
        "Cargar esta publicación desde X",
        "X sabrá entonces de su visita y podrá usar cookies. Se recordará su elección.",
        "Dejar de cargar publicaciones desde X",
        "Esta publicación ya no está disponible.",
    ),
    "fa": (
        "بارگیری این پست از X",
        (
            "در این صورت X از بازدید شما آگاه می‌شود و ممکن است کوکی ذخیره کند. انتخاب شما به خاطر"
            " سپرده می‌شود."
        ),
        "توقف بارگیری پست‌ها از X",
        "این پست دیگر در دسترس نیست.",
    ),
    "fi": (
        "Lataa julkaisu X:stä",
        "X saa silloin tiedon käynnistäsi ja voi asettaa evästeitä. Valintasi muistetaan.",
        "Lopeta julkaisujen lataaminen X:stä",
        "Tämä julkaisu ei ole enää saatavilla.",
    ),
    "fil": (
        "I-load ang post na ito mula sa X",
        (
            "Malalaman ng X ang iyong pagbisita at maaari itong maglagay ng cookies. Tatandaan ang"
            " iyong pinili."
        ),
        "Ihinto ang pag-load ng mga post mula sa X",
        "Hindi na available ang post na ito.",
    ),
    "fr": (
        "Charger ce post depuis X",
        (
            "X sera alors informé de votre visite et pourra déposer des cookies. Votre choix sera"
            " mémorisé."
        ),
        "Ne plus charger de posts depuis X",
        "Ce post n’est plus disponible.",
    ),
    "he": (
        "טעינת הפוסט מ-X",
        "אז X יידע על ביקורך ועשוי לשמור עוגיות. בחירתך תישמר.",
        "הפסקת טעינת פוסטים מ-X",
        "הפוסט הזה אינו זמין עוד.",
    ),
    "hi": (
        "यह पोस्ट X से लोड करें",
        "तब X को आपकी विज़िट का पता चलेगा और वह कुकी सेट कर सकता है। आपकी पसंद याद रखी जाएगी।",
        "X से पोस्ट लोड करना बंद करें",
        "यह पोस्ट अब उपलब्ध नहीं है।",
    ),
    "hu": (
        "Bejegyzés betöltése az X-ről",
        "Az X ekkor értesül a látogatásáról, és sütiket helyezhet el. A választását megjegyezzük.",
        "Ne töltődjenek be többé bejegyzések az X-ről",
        "Ez a bejegyzés már nem érhető el.",
    ),
    "id": (
        "Muat postingan ini dari X",
        "X akan mengetahui kunjungan Anda dan dapat menyimpan cookie. Pilihan Anda akan diingat.",
        "Berhenti memuat postingan dari X",
        "Postingan ini tidak lagi tersedia.",
    ),
    "it": (
        "Carica questo post da X",
        "X verrà così a sapere della visita e potrà impostare cookie. La scelta sarà ricordata.",
        "Non caricare più post da X",
        "Questo post non è più disponibile.",
    ),
    "ja": (
        "このポストをXから読み込む",
        "読み込むと、Xに閲覧の情報が送られ、Cookieが保存されることがあります。選択は記憶されます。",
        "Xからのポストの読み込みをやめる",
        "このポストは現在ご覧いただけません。",
    ),
    "ko": (
        "X에서 이 게시물 불러오기",
        "불러오면 X가 방문 사실을 알게 되고 쿠키를 저장할 수 있습니다. 선택은 기억됩니다.",
        "X에서 게시물 불러오기 중지",
        "이 게시물은 더 이상 볼 수 없습니다.",
    ),
    "msa": (
        "Muatkan siaran ini daripada X",
        (
            "X kemudian akan mengetahui lawatan anda dan mungkin menetapkan kuki. Pilihan anda akan"
            " diingati."
        ),
        "Berhenti memuatkan siaran daripada X",
        "Siaran ini tidak lagi tersedia.",
    ),
    "nl": (
        "Dit bericht van X laden",
        "X weet dan van je bezoek en kan cookies plaatsen. Je keuze wordt onthouden.",
        "Geen berichten van X meer laden",
        "Dit bericht is niet meer beschikbaar.",
    ),
    "no": (
        "Last inn innlegget fra X",
        "X får da vite om besøket ditt og kan sette informasjonskapsler. Valget ditt blir husket.",
        "Slutt å laste inn innlegg fra X",
        "Dette innlegget er ikke lenger tilgjengelig.",
    ),
    "pl": (
        "Wczytaj ten wpis z X",
        "X dowie się wtedy o wizycie i może zapisać pliki cookie. Wybór zostanie zapamiętany.",
        "Nie wczytuj więcej wpisów z X",
        "Ten wpis nie jest już dostępny.",
    ),
    "pt": (
        "Carregar este post do X",
        "O X fica então a saber da visita e pode guardar cookies. A escolha será lembrada.",
        "Deixar de carregar posts do X",
        "Este post já não está disponível.",
    ),
    "ro": (
        "Încarcă această postare de pe X",
        "X va afla atunci de vizita dvs. și poate seta cookie-uri. Alegerea va fi reținută.",
        "Nu mai încărca postări de pe X",
        "Această postare nu mai este disponibilă.",
    ),
    "ru": (
        "Загрузить этот пост из X",
        "Тогда X узнает о вашем посещении и сможет сохранить файлы cookie. Выбор будет сохранён.",
        "Больше не загружать посты из X",
        "Этот пост больше недоступен.",
    ),
    "sv": (
        "Läs in inlägget från X",
        "X får då veta om ditt besök och kan sätta kakor. Ditt val sparas.",
        "Sluta läsa in inlägg från X",
        "Inlägget är inte längre tillgängligt.",
    ),
    "th": (
        "โหลดโพสต์นี้จาก X",
        "เมื่อโหลดแล้ว X จะทราบการเข้าชมของคุณและอาจตั้งคุกกี้ ระบบจะจดจำตัวเลือกของคุณ",
        "หยุดโหลดโพสต์จาก X",
        "โพสต์นี้ไม่มีให้ดูแล้ว",
    ),
    "tr": (
        "Bu gönderiyi X’ten yükle",
        "X ziyaretinizi öğrenir ve çerez yerleştirebilir. Seçiminiz hatırlanır.",
        "X’ten gönderi yüklemeyi durdur",
        "Bu gönderi artık mevcut değil.",
    ),
    "uk": (
        "Завантажити цей допис з X",
        (
            "Тоді X дізнається про ваше відвідування і зможе зберегти файли cookie. Вибір буде"
            " збережено."
        ),
        "Більше не завантажувати дописи з X",
        "Цей допис більше недоступний.",
    ),
    "ur": (
        "یہ پوسٹ X سے لوڈ کریں",
        "تب X کو آپ کی آمد کا علم ہو گا اور وہ کوکیز رکھ سکتا ہے۔ آپ کا انتخاب یاد رکھا جائے گا۔",
        "X سے پوسٹس لوڈ کرنا بند کریں",
        "یہ پوسٹ اب دستیاب نہیں ہے۔",
    ),
    "vi": (
        "Tải bài đăng này từ X",
        (
            "Khi đó X sẽ biết lượt truy cập của bạn và có thể đặt cookie. Lựa chọn của bạn sẽ được"
            " ghi nhớ."
        ),
        "Ngừng tải bài đăng từ X",
        "Bài đăng này không còn nữa.",
    ),
    "zh-cn": (
        "从 X 加载此帖子",
        "加载后，X 会得知您的访问，并可能设置 Cookie。您的选择会被记住。",
        "不再从 X 加载帖子",
        "此帖子已无法查看。",
    ),
    "zh-tw": (
        "從 X 載入這則貼文",
        "載入後，X 會得知您的造訪，並可能設定 Cookie。您的選擇會被記住。",
        "不再從 X 載入貼文",
        "這則貼文已無法查看。",
    ),
}
_TAGS = {"msa": "ms", "zh-cn": "zh-CN", "zh-tw": "zh-TW"}  # X's own codes
_ALIASES = {
    "zh": "zh-cn",
    "zh-hans": "zh-cn",
    "zh-hant": "zh-tw",
    "ms": "msa",
    "iw": "he",
    "in": "id",
    "nb": "no",
    "nn": "no",
    "tl": "fil",
}


def messages(*languages: str | None) -> Messages:
    """Return the words in the first of these languages (X's codes or BCP 47, letter case aside)
    that is known; English if none is.
    """
    for language in languages:
        asked = (language or "").lower()
        for code in (asked, asked.partition("-")[0]):
            known = _ALIASES.get(code, code)
            if known in _BY_LANGUAGE:
                return Messages(_TAGS.get(known, known), *_BY_LANGUAGE[known])
    return Messages("en", *_EN)
