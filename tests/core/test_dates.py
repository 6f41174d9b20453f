import datetime as dt
import importlib.util
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.text import cldr_data
from service.core.text.dates import find_date, read_date
from service.core.urls.snowflake import snowflake_time

# docs/x-behaviour.md 4.3: ids of real tweets and the dates their embeds show.
REAL = """
2076516038792114264 July 13, 2026
2076556588610162714 July 13, 2026
1289865845053652994 August 2, 2020
1289865999425167360 August 2, 2020
1984399438924726293 October 31, 2025
1808845158160498887 July 4, 2024
1068837979437690881 2018年12月1日
681891856335032320 2015年12月29日
707437861881180160 2016年3月9日
696895800601739265 2016, 2月 9
1033577694498238464 2018年8月26日
1109015302619062272 2019年3月22日
964854589806784514 17 février 2018
565523044404580352 11 février 2015
996341944233099265 15 mai 2018
892290709478416384 1 août 2017
926197729931464705 November 2, 2017
845685838793129984 25. März 2017
694591217523363840 2. Februar 2016
663089099989889024 7. November 2015
991387772765310990 1 Mayıs 2018
699247420803309569 15 Şubat 2016
778700644249014272 21 Eylül 2016
828205291728625664 5 de fevereiro de 2017
506975850596536320 3 de setembro de 2014
702168652238426112 23 de fevereiro de 2016
807867739012530176 11 декабря 2016 г.
969664050367025152 2 марта 2018 г.
1109932072796336128 24 марта 2019 г.
754222264241926144 16 июля 2016 г.
1077247692223332353 2018년 12월 24일
984633981973901312 2018년 4월 13일
805423593005912064 2016년 12월 4일
275752910862831616 2012년 12월 4일
702973001600364544 2016년 2월 25일
475767564383961088 2014年6月8日
880859500185616387 2017年6月30日
1309487092657922048 2020年9月25日
896027465889587200 2017年8月11日
1033099146507509760 2018年8月24日
840806279236923392 2017年3月12日
843187365367767046 2017年3月18日
752447667469443076 11 ביולי 2016
435555976687923200 17 בפברואר 2014
942533003112341504 17 dicembre 2017
916720237357105152 7 ottobre 2017
802170435425234948 25 novembre 2016
865524687257862144 19 maggio 2017
655001270269399040 16 oktober 2015
514473420277694465 23 september 2014
1097061620570836993 17 februari 2019
733225955624263680 19 maja 2016
683479456019779585 3 stycznia 2016
712734440062074883 23 marca 2016
1120647321992204288 23 april 2019
1097557132566773760 18 februari 2019
712981101397016576 24. března 2016
532622405290971136 12. listopadu 2014
788666135843438592 19. lokakuuta 2016
712691530763472896 23. marts 2016
900887097631887360 25 d’agost de 2017
1063575250485555208 16 de novembre de 2018
720546563756539904 14 April 2016
826591961444384768 1 February 2017
1045698033734668289 28 September 2018
892478598765887488 August 1, 2017
1289697453143232513 August 1, 2020
1028940741047930880 August 13, 2018
1426762514369441793 August 15, 2021
1426285343188426756 August 13, 2021
1161237977638625281 August 13, 2019
1096469047024050176 February 15, 2019
463440424141459456 May 5, 2014
"""
NOVEMBER_11 = """
November 11, 2025|11 November 2025|11. listopadu 2025|11. november 2025|11. November 2025
11 de noviembre de 2025|11. marraskuuta 2025
11 novembre 2025|11 בנובמבר 2025|2025年11月11日|2025년 11월 11일|11 november 2025
11 listopada 2025|11 de novembro de 2025
11 ноября 2025 г.|11 ноября 2025\u202fг.|11 ноября 2025 г|11\u00a0ноября\u00a02025\u00a0г.
11 Kasım 2025|11 KASIM 2025|11 листопада 2025 р.
11 de novembre de 2025|11 de novembre del 2025|১১ নভেম্বর, ২০২৫|11 Νοεμβρίου 2025|11 ΝΟΕΜΒΡΊΟΥ 2025
۱۱ نوامبر ۲۰۲۵|Nobyembre 11, 2025
11 नवंबर 2025|११ नवंबर २०२५|2025. november 11.|11 noiembrie 2025|11 พฤศจิกายน 2025
11 พฤศจิกายน 2568|๑๑ พฤศจิกายน ๒๕๖๘|11 พ.ย. 2568
11 พฤศจิกายน พ.ศ. 2568|11 พฤศจิกายน ค.ศ. 2025|11 نومبر، 2025|11 tháng 11, 2025|11 tháng 11 2025
ngày 11 tháng 11 năm 2025|11 Tháng 11, 2025
١١ نوفمبر ٢٠٢٥|١١ نوفمبر، ٢٠٢٥|11 نوفمبر 2025|\u200f١١ نوفمبر \u200e٢٠٢٥\u200f
11 تشرين الثاني 2025|11月 11, 2025|11월 11, 2025
2025, 11月 11
2025, 11월 11|十一月 11, 2025|2025(e)ko azaroaren 11(a)|11. studenoga 2025.|11. новембар 2025.
11. novembar 2025.|11 ноември 2025 г.
11 de novembro 2025|Nov 11, 2025|Nov. 11, 2025|NOV 11, 2025|november 11, 2025|November 11 2025
11 Nov 2025|11 nov. 2025|11. Nov. 2025
2025-11-11
2025/11/11|2025.11.11|11 нояб. 2025 г.|11 lis 2025|11 Kas 2025|9:30 PM · Nov 11, 2025
9:30 PM - 11 Nov 2025|21:30 - 11. Nov. 2025
11th November 2025
午後9:30 · 2025年11月11日|오후 9:30 · 2025년 11월 11일|2025年11月11日 午後9:30
Nov 11, 2025, 9:30 PM|Nov 11, 2025 at 9:30 p.m.
11 novembre 2025 à 21:30
9:30 م · ١١ نوفمبر ٢٠٢٥|11\u202fnovembre\u202f2025|11\n  novembre\n  2025|11. 11月 2025
11 de nov. de 2025|11 tháng\u00a011, 2025
"""
OTHERS = {
    "1er août 2017": dt.date(2017, 8, 1),
    "1 aout 2017": dt.date(2017, 8, 1),
    "1 fevrier 2017": dt.date(2017, 2, 1),
    "5月 11, 2012": dt.date(2012, 5, 11),
    "7월 20, 2012": dt.date(2012, 7, 20),
    "2016, 2月 9": dt.date(2016, 2, 9),
    "7 Oct 2016": dt.date(2016, 10, 7),
    "١١ نوفمبر، ٢٠١٥": dt.date(2015, 11, 11),
    "2012-12-29": dt.date(2012, 12, 29),
    "1:23 PM - 5 May 2014": dt.date(2014, 5, 5),
    "25 d'agost de 2017": dt.date(2017, 8, 25),
    "11. listopada 2025.": dt.date(
        2025,
        10,
        11,
    ),  # Croatian, by its dots; in Polish this word is November
    "2 फरवरी 2018": dt.date(2018, 2, 2),
    "29 February 2016": dt.date(2016, 2, 29),
}
NO_DATES = """
May 1843|May 2014|2014|5 May|May 5|31 Feb 2014|February 30, 2014|29 February 2015|May 5, 1843
May 5, 2005|May 5, 2101|0 May 2014|32 May 2014
May 112025|20 May 14|5/11/2014|11.11.2025|13月 5, 2012|2012-13-01|2012-1212|2012-12/29
Maybe 5, 2014|5 Mayor 2014|about May 5, 2014
May 5, 2014 that|Mayo|11 พฤศจิกายน 2400|11 ноября|2025年11月|2025年|11월 11일|٢٠٢٥|نوفمبر ٢٠٢٥
16 मई|de mayo de 2014|11 11 2025
11 2025 November
11 Nov 2568|9:30 PM|9:30 PM 2014|2025年13月1日|2025년 2월 30일|31 aprile 2014|noon, May 5, 2014
May 5, 20145|24 марта 2019 года
"""


def _rows(table: str) -> list[str]:
    return [row for line in table.strip("\n").splitlines() for row in line.split("|")]


@pytest.mark.parametrize("row", REAL.strip().splitlines())
def test_the_date_of_a_real_embed_is_the_utc_day_of_its_id(row: str) -> None:
    tweet_id, text = row.split(" ", 1)
    written = snowflake_time(tweet_id)
    assert written is not None
    assert read_date(text) == written.date()


# The table's own rows hold line ends in the middle of a date, so it is parted by hand.
@pytest.mark.parametrize(
    "text",
    [
        row
        for row in (
            NOVEMBER_11.replace("\n  ", "\x1f")
            .strip()
            .replace("\n", "|")
            .replace("\x1f", "\n  ")
            .split("|")
        )
        if row
    ],
)
def test_one_day_in_every_language_and_form(text: str) -> None:
    assert read_date(text) == dt.date(2025, 11, 11)
    assert read_date(f"\u200f {text}\n") == dt.date(2025, 11, 11)


@pytest.mark.parametrize(("text", "date"), OTHERS.items())
def test_older_and_rarer_forms(text: str, date: dt.date) -> None:
    assert read_date(text) == date


MARCH_5 = """
2024 年 3 月 5 日|2024年 3月 5日|2024 年3月5号|2024年3月5號|上午10:30 · 2024 年 3 月 5 日
2024년, 3월 5일
2024 년 3 월 5 일|2024년 3월 5일|5. marca 2024|5. mar 2024|5.marca 2024|5. ožujka 2024.|5. ožu 2024
5. mart 2024.|5. marta 2024|5. марта 2024.|5. мар 2024.|5 март 2024 г.|5 мар 2024 г.
2024. gada 5. marts|2024. g. 5. marts|५ मार्च, २०२४|5 मार्च, 2024|5 માર્ચ, 2024|5 மார்ச், 2024
5 மார்., 2024|ಮಾರ್ಚ್ 5, 2024|5 ಮಾರ್ಚ್ 2024
"""


@pytest.mark.parametrize("text", _rows(MARCH_5))
def test_languages_and_gaps_that_x_does_not_write(text: str) -> None:
    assert read_date(text) == dt.date(2024, 3, 5)


@pytest.mark.parametrize("text", ["", " ", "—", *_rows(NO_DATES)])
def test_what_is_no_whole_date_is_none(text: str) -> None:
    assert read_date(text) is None


@pytest.mark.parametrize("row", cldr_data.LOCALES, ids=lambda row: row[0])
def test_every_name_of_every_month_is_read_in_every_order_of_its_language(
    row: tuple[str, str, str],
) -> None:
    _, patterns, months = row
    for pattern in patterns.split("|"):
        for number, names in enumerate(months.split(";"), 1):
            for name in names.split("|"):
                text = (
                    pattern.replace("'gada'", "\1")
                    .replace("MMM", "\0")
                    .replace("M", str(number))
                    .replace("y", "2016")
                    .replace("'", "")
                    .replace("G ", "")
                )
                text = (
                    text.replace("d", "29")
                    if "d'" not in pattern and "de" not in pattern
                    else text.replace("d ", "29 ", 1)
                )
                text = text.replace("\0", name).replace("\1", "gada")
                assert read_date(text) == dt.date(2016, number, 29), text
                assert read_date(text.upper()) in {dt.date(2016, number, 29), None}


def test_the_longest_date_from_a_position_is_found() -> None:
    text = "— Ada (@ada) 24 марта 2019 г.\nNext"
    found = find_date(text, text.index("24"))
    assert found is not None
    assert (text[: found.end], found.date) == (
        "— Ada (@ada) 24 марта 2019 г.",
        dt.date(2019, 3, 24),
    )
    assert find_date(text, 0) is None
    glued = find_date("December 11, 2021Next", 0)
    assert glued is not None
    assert glued.end == len("December 11, 2021")


@given(st.dates(dt.date(2006, 1, 1), dt.date(2100, 12, 31)))
def test_every_day_is_read_back(day: dt.date) -> None:
    month = cldr_data.LOCALES[0][2].split(";")[day.month - 1].split("|")[0]
    for text in (
        f"{month} {day.day}, {day.year}",
        f"{day.day} {month} {day.year}",
        f"{day.year}年{day.month}月{day.day}日",
        day.isoformat(),
    ):
        assert read_date(text) == day


@given(
    st.text(
        alphabet=st.sampled_from([*"0123456789 .,:-—年月日년월일 '’dе\u200f\u00a0mayМай٣ਅ"]),
        max_size=30,
    ),
)
def test_no_text_breaks_it(text: str) -> None:
    date = read_date(text)
    assert date is None or 2006 <= date.year <= 2100


@pytest.mark.parametrize(
    "hostile",
    ["5 ", "May ", "5 May ", " ", "12:30 ", "tháng ", "2014 May ", "d’", "1"],
)
def test_hostile_text_is_left_soon(hostile: str) -> None:
    text = hostile * 100_000
    began = time.process_time()
    for _ in range(20):
        find_date(text, 0)
    assert time.process_time() - began < 0.5


def test_the_table_is_what_babel_says() -> None:
    babel = pytest.importorskip("babel")
    if babel.__version__ != cldr_data.BABEL:
        pytest.skip(f"Babel is {babel.__version__}, the table is of {cldr_data.BABEL}")
    path = Path(__file__).parents[2] / "bench" / "make_cldr.py"
    spec = importlib.util.spec_from_file_location("make_cldr", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.write() == Path(str(cldr_data.__file__)).read_text(encoding="utf-8")
