"""Tweets in many languages and by authors of odd names, and how articles write them."""

from collections.abc import Iterator
from dataclasses import dataclass

from standin_x import StandIn


@dataclass(frozen=True)
class Written:
    """A tweet of 5 March 2024 with a picture, and its date in its own language."""

    number: int
    handle: str
    name: str
    words: str
    lang: str = "en"
    dir: str = "ltr"
    date: str = "March 5, 2024"

    @property
    def id(self) -> str:
        """Its id, of the day's noon."""
        return str(((1_709_640_000_000 - 1_288_834_974_657) << 22) + self.number)

    @property
    def url(self) -> str:
        """Its permalink."""
        return f"https://twitter.com/{self.handle}/status/{self.id}"

    @property
    def code(self) -> str:
        """The address of its picture, as X shows it."""
        return f"pic.twitter.com/Unseen{self.number:04d}"

    @property
    def picture(self) -> str:
        """The link to its picture, as X writes it."""
        return f'<a href="https://t.co/Unseen{self.number:04d}">{self.code}</a>'

    @property
    def signed(self) -> str:
        """Its attribution in plain text."""
        return f"— {self.name} (@{self.handle}) {self.date}"

    @property
    def linked(self) -> str:
        """Its attribution with the permalink."""
        name = self.name.replace("&", "&amp;")
        return f'&mdash; {name} (@{self.handle}) <a href="{self.url}">{self.date}</a>'


_ROWS = """\
minato_ja|港ニュース|フェリーが6週間ぶりに運航を再開しました。|ja|ltr|2024年3月5日
namal_il|חדשות הנמל|המעבורת חוזרת לפעול ביום שני אחרי שישה שבועות|he|rtl|5 במרץ 2024
bandar_fa|خبر بندر|کشتی پس از شش هفته تعمیر دوباره به راه می‌افتد|fa|rtl|۵ مارس ۲۰۲۴
bandar_ur|بندرگاہ نیوز|فیری چھ ہفتوں کی مرمت کے بعد پیر کو دوبارہ چلے گی|ur|rtl|5 مارچ، 2024
ghat_hi|घाट समाचार|छह सप्ताह की मरम्मत के बाद सोमवार से नौका सेवा फिर शुरू होगी|hi|ltr|5 मार्च 2024
hanggu_ko|항구뉴스|여객선이 6주간의 수리를 마치고 월요일 운항을 재개합니다|ko|ltr|2024년 3월 5일
gangkou_zh|港口新闻|经过六周维修，渡轮将于周一恢复运营。|zh|ltr|2024年3月5日
tharuea_th|ข่าวท่าเรือ|เรือข้ามฟากจะกลับมาให้บริการวันจันทร์หลังซ่อมหกสัปดาห์|th|ltr|5 มีนาคม 2567
iskele_tr|İskele Haber|Feribot altı haftalık onarımın ardından yeniden başlıyor|tr|ltr|5 Mart 2024
limani_el|Νέα Λιμανιού|Το φέρι επιστρέφει τη Δευτέρα μετά από έξι εβδομάδες|el|ltr|5 Μαρτίου 2024
port_ru|Порт Новости|Паром возобновит работу в понедельник после ремонта|ru|ltr|5 марта 2024 г.
mina_ar2|أخبار الميناء|تعود العبّارة إلى العمل يوم الاثنين بعد ستة أسابيع|ar|rtl|٥ مارس، ٢٠٢٤"""
_NAMES = """\
ann_pier|Ann — Pier Watch|Boats are late again this morning, says the pier
quay_off|Quay (Official) ⚓|The quay is closed until the storm has passed
capt_oneil|"Captain" O'Neil|Never seen waves like that in thirty years
ferrynews|Ferry / News|Timetables change on the first of the month
tide_live|Tide: Live|High water at six, low water at noon today
mr_dock|Mr. Dock, Jr.|The dock will be painted blue, the council said
sea_ua|🇺🇦 Sea 🌊|A rescue boat is on its way to the island
a_b_c_|A&B Shipping|Ropes and barrels are piling up on the pier
the_the|@the_the fan account|Someone left a piano on the jetty last night
longname|The Very Long Name Of A Harbour Society Since 1899|Membership is open to all with a rope
parenth|Bob (he/him) (parody)|Seagulls have taken over the ticket office
yearname|News 2024|The year in harbour pictures is online now
sitename|https://quay.example|Our website has a new address from today on"""
LANGUAGES = [Written(number, *row.split("|")) for number, row in enumerate(_ROWS.splitlines(), 1)]
NAMES = [Written(number, *row.split("|")) for number, row in enumerate(_NAMES.splitlines(), 101)]


def teach_unseen(x: StandIn) -> None:
    """Let X know them."""
    for one in every():
        words = f"{one.words.replace('&', '&amp;')} {one.picture}"
        known = (one.id, one.handle, one.name, words)
        x.tweet(*known, lang=one.lang, dir=one.dir, date="March 5, 2024")
        x.code(one.code.rpartition("/")[2], f"{one.url}/photo/1")


def every() -> Iterator[Written]:
    """Return all of them."""
    yield from (*LANGUAGES, *NAMES)
