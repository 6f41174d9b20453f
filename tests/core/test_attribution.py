import datetime as dt
import itertools
import json
import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.model import Attribution
from service.core.text.attribution import find_attributions
from service.core.text.dates import read_date
from service.core.urls.snowflake import snowflake_time
from service.core.urls.tweet_urls import read_permalink

FLATTENED = Path(__file__).parents[3] / "shared" / "corpus" / "flattened"
MAY_5 = dt.date(2014, 5, 5)

# before ¦ the attribution ¦ behind ¦ the name; ⏎ is a line end, ~ a no-break space
REAL_FORMS = """
Rain. pic.twitter.com/tCaUCG1dqg¦— Ada (@ada) May 5, 2014¦¦Ada
Rain. pic.twitter.com/tCaUCG1dqg ¦— Ada (@ada) May 5, 2014¦ More.¦Ada
Rain!⏎¦— Ada Lovelace (@ada) May 5, 2014¦⏎More.¦Ada Lovelace
Rain!⏎¦—~Ada~Lovelace~(@ada)~May~5,~2014¦⏎More.¦Ada Lovelace
Rain!⏎¦—⏎Ada⏎(@ada)⏎May 5, 2014¦⏎More.¦Ada
Rain!⏎¦— S. Lee, Esq.⏎(@ada) May 5, 2014¦⏎More.¦S. Lee, Esq.
Rain! pic.twitter.com/tCaUCG1dqg ¦— Sec.⏎Ada Lovelace (@ada) May 5, 2014¦⏎More.¦Sec. Ada Lovelace
Rain (1/3)⏎      ⏎      ¦— Ada (@ada) ⏎      ⏎        May 5, 2014¦⏎¦Ada
Rain¦—Ada(@ada)May 5, 2014¦More¦Ada
Rain.¦- Ada (@ada) May 5, 2014¦¦Ada
Rain –¦-- Ada (@ada) May 5, 2014¦¦Ada
Rain ¦– Ada (@ada) May 5, 2014¦ More¦Ada
Rain ¦― Ada (@ada) May 5, 2014¦ More¦Ada
Rain pic.twitter.com/rd19CBpTmU ¦\x96 Ada? (@ada) May 5, 2014¦ More¦Ada?
Rain.¦\x97 Ada (@ada) May 5, 2014¦ More¦Ada
Lunch - Bob #x pic.twitter.com/arGYZaZqjg⏎¦— Ada (@ada) 5 mai 2014¦⏎More¦Ada
So — I said — rain. ¦— Ada (@ada) 5. Mai 2014¦⏎More¦Ada
— Rain? — Yes. ¦— Ada (@ada) 5 мая 2014 г.¦⏎More¦Ada
- one⏎- two⏎¦— Ada (@ada) 5 de mayo de 2014¦⏎More¦Ada
Rain https://t.co/dKBsmOjzoL ¦— Ada — the coder (@ada) 5 maggio 2014¦¦Ada — the coder
Rain⏎¦— Anne-Marie – x - y (@ada) 5 maj 2014¦¦Anne-Marie – x - y
Rain⏎¦- Anne-Marie (@ada) 5 May 2014¦¦Anne-Marie
Rain⏎> ¦— Ada (@ada) 5 May 2014¦⏎>¦Ada
Rain⏎¦— Ada (she/her) (@ada) 5 Mayıs 2014¦¦Ada (she/her)
Rain⏎¦— Ada @ home (@ada) 5 maja 2014¦¦Ada @ home
Rain⏎¦— s-yoshiki | スクリプトカス (@ada) 2014年5月5日¦¦s-yoshiki | スクリプトカス
雨。¦— 透析テツ(脱被曝) (@ada) 2014年5月5日¦¦透析テツ(脱被曝)
雨⏎¦— imae masatoshiさん (@ada) 5月 5, 2014¦¦imae masatoshiさん
雨¦—エイダ（@ada）2014年5月5日¦次¦エイダ
雨⏎¦— 𝓐𝓭𝓪 🅰️👩‍💻🇬🇧 (@ada) 2014, 5月 5¦¦𝓐𝓭𝓪 🅰️👩‍💻🇬🇧
비 pic.twitter.com/tCaUCG1dqg ¦— 기계인간 Ada (@ada) 2014년 5월 5일¦이다¦기계인간 Ada
비⏎¦— 에이다 (@ada) 5월 5, 2014¦¦에이다
مطر pic.twitter.com/3YIVcsZBWF⏎¦— نادي الهلال (@ada) ٥ مايو ٢٠١٤¦⏎خبر¦نادي الهلال
مطر⏎¦— وزارة (@ada) ٥ مايو، ٢٠١٤¦⏎خبر¦وزارة
\u200fמטר ¦— עדה (@ada) \u200f5 במאי 2014¦¦עדה
باران ¦— ایدا (@ada) ۵ مهٔ ۲۰۱۴¦¦ایدا
बारिश⏎¦— एडा (@ada) 5 मई 2014¦⏎आगे¦एडा
বৃষ্টি⏎¦— এডা (@ada) ৫ মে, ২০১৪¦¦এডা
ฝน⏎¦— เอดา (@ada) 5 พฤษภาคม 2557¦¦เอดา
Mưa⏎¦— Ada (@ada) 5 tháng 5, 2014¦¦Ada
Дождь¦— Ада (@ada) 5 травня 2014 р.¦Далі¦Ада
Βροχή⏎¦— Άντα (@ada) 5 Μαΐου 2014¦¦Άντα
Rain⏎¦— Ada (@ada) · May 5, 2014¦¦Ada
Rain⏎¦— Ada (@ada) 1:23 PM - 5 May 2014¦¦Ada
Rain⏎¦— Ada (@ada)⏎9:30 PM · May 5, 2014¦⏎7 Retweets¦Ada
Rain⏎¦— (@ada) May 5, 2014¦¦
Lock them up!!!⏎¦Ada Lovelace (@ada) May 5, 2014¦⏎More¦Ada Lovelace
Lock them up!!! ¦Ada Lovelace (@ada) May 5, 2014¦¦Ada Lovelace
Rain pic.twitter.com/tCaUCG1dqg ¦Ada (@ada) May 5, 2014¦ More¦Ada
雨。⏎¦エイダ (@ada) 2014年5月5日¦⏎次¦エイダ
¦— Ada (@ada) May 5, 2014¦¦Ada
¦Ada von Love (@ada) May 5, 2014¦¦Ada von Love
"""

NEAR_MISSES = """
Seven boys (GOT7, @GOT7Official) May 5, 2014
— Ada (mathematician) May 1843
— Ada (mathematician) May 5, 2014
— Ada (@ada)
— Ada (@ada) May 2014
— Ada (@ada) Nove
— Ada (@ada) yesterday
— Ada (@ada) 3h
— Ada (@ada) May 5, 1843
— Ada (@ada) February 31, 2014
— Ada (@ada) 5/5/2014
— Ada @ada May 5, 2014
— Ada [@ada] May 5, 2014
— Ada (ada) May 5, 2014
— Ada (@) May 5, 2014
— Ada (@a-da) May 5, 2014
— Ada (@adaadaadaadaadaadaada) May 5, 2014
Ada (@ada) said on May 5, 2014 that it rains
— Ada (@ada) said on May 5, 2014
— Ada (@ada) on May 5, 2014
A post shared by Ada (@ada) on May 5, 2014 at 4:43am PST
A post shared by Ada (@ada) May 5, 2014
we met Bob (@bob) May 5, 2014
we met Bob (@bob) May 5, 2014 in Rome
Yesterday we met Bob and Eve (@bob) May 5, 2014
Bob (@bob) May 5, 2014 was a good day
as told to the paper, Bob (@bob), May 5, 2014
See (@bob) in the list of May 5, 2014
Follow Times Opinion on Facebook, Twitter (@NYTopinion) and Instagram. May 5, 2014
Mail ada@example.com (May 5, 2014)
— Ada, May 5, 2014 (@ada)
May 5, 2014 — Ada (@ada)
엑소 멤버 백현(@B_hundred_Hyun)의 개인 계정 2014년 5월 5일
밥(@bob)은 2014년 5월 5일에 말했다
우리는 밥 (@bob) 2014년 5월 5일에 만났다
세븐틴(Seventeen, @pledis_17) 2014년 5월 5일
— 밥 (@bob) 2014년 5월
— 밥 (@bob) 어제
— 밥 (가수) 2014년 5월 5일
エイダ(@ada)さんは2014年5月5日に言った
私たちはボブ (@bob) 2014年5月5日に会った
— ボブ (@bob) 2014年13月1日
— ボブ (@bob) 5月
— ボブ (数学者) 2014年5月5日
— ボブ（＠）2014年5月5日
我们见到了鲍勃 (@bob) 2014年5月5日在北京
鲍勃(@bob)说,2014年5月5日
— 鲍勃 (@bob) 昨天
— 鲍勃 (@bob) 2014年
— 艾达 (数学家) 1843年5月
قال أحمد (@ahmad) يوم ٥ مايو ٢٠١٤
— أحمد (@ahmad) أمس
— أحمد (@ahmad) مايو ٢٠١٤
— أحمد (الشاعر) ٥ مايو ٢٠١٤
التقينا أحمد (@ahmad) ٥ مايو ٢٠١٤ في القاهرة
פגשנו את עדה (@ada) 5 במאי 2014 ברומא
— עדה (@ada) אתמול
— עדה (מתמטיקאית) 5 במאי 2014
мы видели Аду (@ada) 5 мая 2014 г. в Риме
Ада (@ada) сказала 5 мая 2014 г.
— Ада (@ada) май 2014 г.
— Ада (математик) 5 мая 2014 г.
— Ада (@ada) 31 апреля 2014 г.
είδαμε την Άντα (@ada) 5 Μαΐου 2014 στη Ρώμη
— Άντα (@ada) Μάιος 2014
एडा (@ada) ने 5 मई 2014 को कहा
— एडा (@ada) मई 2014
— एडा (गणितज्ञ) 5 मई 2014
— এডা (@ada) মে ২০১৪
เอดา (@ada) กล่าวเมื่อ 5 พฤษภาคม 2557
— เอดา (@ada) พฤษภาคม 2557
— ایدا (@ada) دیروز
"""


def _rows(table: str) -> list[str]:
    return table.strip("\n").splitlines()


@pytest.mark.parametrize("row", _rows(REAL_FORMS))
def test_an_attribution_is_found_from_its_dash_to_its_date(row: str) -> None:
    before, written, behind, name = row.replace("⏎", "\n").replace("~", "\u00a0").split("¦")
    (found,) = find_attributions(before + written + behind)
    assert (before + written + behind)[found.start : found.end] == written
    assert found.attribution == Attribution(name or None, "ada", MAY_5)


@pytest.mark.parametrize("text", _rows(NEAR_MISSES))
def test_what_only_looks_like_an_attribution_is_none(text: str) -> None:
    assert find_attributions(text) == []
    assert find_attributions(f"It rains.\n{text}\nIt snows.") == []


def test_the_table_of_near_misses_is_long_and_half_of_it_in_other_scripts() -> None:
    rows = _rows(NEAR_MISSES)
    assert len(rows) >= 60
    assert sum(bool(re.search("[\u0370-\u1fff\u3040-\ud7a3]", row)) for row in rows) * 2 >= len(
        rows,
    )


def test_one_line_holds_many() -> None:
    text = "— A (@a) May 5, 2014 rain — B (@b) May 5, 2014 — C (@c) 5. Mai 2014— D (@d) 5 mai 2014"
    found = find_attributions(text)
    assert [f.attribution.handle for f in found] == ["a", "b", "c", "d"]
    assert [f.attribution.name for f in found] == ["A", "B", "C", "D"]
    assert all(one.end <= other.start for one, other in itertools.pairwise(found))


def _corpus(name: str) -> list[dict[str, str]]:
    path = FLATTENED / name
    if not path.exists():
        pytest.skip("the corpus is not beside the repository")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_every_real_sample_with_handle_and_date_is_found() -> None:
    for row in _corpus("samples.open.jsonl"):
        if row["kind"] != "tweet" or not row["date"]:
            continue
        before, written = row["before"], row["attribution"]
        dash = (before + written).rfind("—", 0, len(before) + written.index("(@"))
        found = [
            f
            for f in find_attributions(before + written + row["after"])
            if f.start < len(before + written) and f.end > len(before)
        ]
        assert [(f.attribution.handle, f.attribution.date) for f in found] == [
            (row["handle"], read_date(row["date"])),
        ], row
        if dash >= len(before):
            assert found[0].start == dash


@pytest.mark.parametrize("form", ["flat_concat", "flat_br_newline", "flat_br_space"])
def test_the_attribution_of_a_flattened_embed_tells_the_handle_and_day_of_its_tweet(
    form: str,
) -> None:
    checked = 0
    for row in _corpus("derived_from_blockquotes.open.jsonl"):
        text, permalink = row[form], read_permalink(row["status_url"])
        assert permalink is not None
        if not re.search(r"\(@\w+\)\s*\S", text):
            continue
        found = find_attributions(text)
        assert found, text
        assert not text[found[-1].end :].strip()
        assert found[-1].attribution.handle == permalink.handle
        written = snowflake_time(permalink.id)
        assert written is None or found[-1].attribution.date == written.date()
        checked += 1
    assert checked > 200


@pytest.mark.parametrize(
    "hostile",
    [
        "— A (@a) ",
        "(@a)",
        "(@a) 5 May 2014 ",
        "— (@a) 5 ",
        "—",
        "(@a)    \n",
        "(@",
        "— - (@a) 5 May 2014",
        "A" * 150 + "(@a) 5 May 2014\n",
        " ",
        "\n",
        "@",
    ],
)
def test_time_grows_with_the_length_of_hostile_text_and_no_faster(hostile: str) -> None:
    def seconds(times: int) -> float:
        text = hostile * times
        began = time.process_time()
        find_attributions(text)
        return time.process_time() - began

    small, large = min(seconds(250) for _ in range(3)), min(seconds(1000) for _ in range(2))
    assert large < 12 * small + 0.05


@pytest.mark.parametrize("run", [" ", "\n", "-", "—", "A", "5", ".", "\u200f", "e\u0301"])
@pytest.mark.parametrize(
    "text",
    [
        "{}(@a) May 5, 2014",
        "— A{}(@a) May 5, 2014",
        "— A (@a){}May 5, 2014",
        "A (@a) May{}5, 2014",
        "A (@a) May 5, 2014{}x",
    ],
)
def test_a_run_of_anything_anywhere_is_passed_over_soon(text: str, run: str) -> None:
    text = text.format(run * 100_000)
    began = time.process_time()
    find_attributions(text)
    assert time.process_time() - began < 0.5


@given(
    st.lists(
        st.sampled_from(
            [
                *"—-(@a) \n.雨!",
                "May 5, 2014",
                "(@ada)",
                "t.co/abc",
                "\u200f",
                "— Ada (@ada) May 5, 2014",
            ],
        ),
        max_size=25,
    ).map("".join),
)
def test_attributions_are_in_order_disjoint_and_hold_their_handle(text: str) -> None:
    end = 0
    for found in find_attributions(text):
        assert end <= found.start < found.end <= len(text)
        assert f"@{found.attribution.handle}" in text[found.start : found.end]
        assert found.attribution.date == MAY_5
        end = found.end
