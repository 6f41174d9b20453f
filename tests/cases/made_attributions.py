"""Flattened tweets whose closing line is written as people, languages and programs write it."""

import html
import re
from collections.abc import Callable

from made_articles import GLUE, SHOWN, Known, Maker, Part

_MARCH = [  # {0} the day, {1} and {2} the same in Arabic-Indic and Persian digits
    *("March {0}, 2024", "{0} March 2024", "Mar {0}, 2024", "{0} Mar 2024", "{0}th March 2024"),
    *("{0}. März 2024", "{0} mars 2024", "{0} de marzo de 2024", "{0} de março de 2024"),
    *("{0} marzo 2024", "{0} maart 2024", "{0}. marts 2024", "{0}. maaliskuuta 2024"),
    *("{0} marca 2024", "{0}. března 2024", "{0}. marca 2024", "{0}. ožujka 2024."),
    *("{0}. март 2024.", "{0} март 2024 г.", "2024. gada {0}. marts", "{0} марта 2024 г."),
    *("{0} березня 2024 р.", "{0} Mart 2024", "{0} Μαρτίου 2024", "{0} مارس 2024"),
    *("{1} مارس ٢٠٢٤", "{0} במרץ 2024", "{2} مارس ۲۰۲۴", "{0} मार्च 2024", "{0} मार्च, 2024"),
    *("{0} માર્ચ, 2024", "{0} மார்ச், 2024", "ಮಾರ್ಚ್ {0}, 2024", "{0} مارچ، 2024"),
    *("2024年3月{0}日", "2024年 3月 {0}日", "2024 年 3 月 {0} 日", "3月 {0}, 2024"),
    *(
        "2024년 3월 {0}일",
        "2024년, 3월 {0}일",
        "2024년3월{0}일",
        "{0} มีนาคม 2024",
        "{0} มีนาคม 2567",
    ),
    *("{0} Maret 2024", "{0} Mac 2024", "2024. március {0}.", "{0} martie 2024"),
    *("{0} tháng 3, 2024", "{0} de març de 2024", "Marso {0}, 2024", "{0}. mars 2024"),
]
_HANDLES = [
    *("(@{})", "(@{})", "(@{})", "（＠{}）", "( @{} )", "(@\u200b{})", "\u200e(@{})\u200e"),
    *("(\\@{})", "(@\u2060{})"),
]
_DASHES = ["—", "—", "&mdash;", "–", "--", "——", "―", "- "]
_TABLES = [str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"), str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")]


def _day(tweet: Known, form: str) -> str:
    day = re.sub(r"\D", "", tweet.date.partition(",")[0])
    return form.format(day, *(day.translate(table) for table in _TABLES))


def _words(make: Maker, tweet: Known) -> str:
    """Write the words as an editor's typography has them; the code stays."""
    text = tweet.text
    changes: list[Callable[[str], str]] = [
        lambda each: each,
        lambda each: each,
        lambda each: each.replace("'", "’").replace("...", "…"),
        lambda each: re.sub(r'"([^"]*)"', r"“\1”", each),
        lambda each: re.sub(r'"([^"]*)"', r"«\1»", each) if '"' in each else each,
        lambda each: each.replace("😀", make.pick(["?", "\ufffd", "??", ""])),
        lambda each: each.replace("ستة", "ســتة"),
        lambda each: each.replace(" ", "\u00a0", 2),
        lambda each: each.replace("scandal", "scan\u00addal"),
    ]
    return make.pick(changes)(text)


def _closed(make: Maker, tweet: Known) -> str:
    handle = tweet.handle
    if "_" in handle[1:-1] and make.pick(range(5)) == 0:
        handle = handle.replace("_", make.pick(["\\_", "\u00ad_"]))
    named = f"{tweet.name} {make.pick(_HANDLES).format(handle)}"
    return f"{make.pick(_DASHES)}{make.pick(['', ' '])}{named} {_day(tweet, make.pick(_MARCH))}"


def _with_code() -> list[Known]:
    return [each for each in SHOWN if "pic.twitter.com/" in each.html]


def attributed(make: Maker) -> Part:
    """Make a paragraph, an item or a quotation with words, code and closing line."""
    tweet = make.tweet(_with_code())
    words = html.escape(_words(make, tweet), quote=False)
    closed = _closed(make, tweet)
    between = make.pick([" ", "", "<br>", "<br>\n", "\n"])
    opening, closing = make.pick(
        [("<p>", "</p>"), ("<div>", "</div>"), ("<blockquote><p>", "</p></blockquote>")]
    )
    source = f"{opening}{words}{between}{closed}{closing}"
    return Part("attributed", source, f"{GLUE}{make.shown(tweet)}{GLUE}", tweet, must=True)


def plain_attributed(make: Maker) -> Part:
    """Make the same in plain text."""
    tweet = make.tweet(_with_code())
    between = make.pick([" ", "", "\n"])
    source = f"{_words(make, tweet)}{between}{html.unescape(_closed(make, tweet))}"
    return Part("attributed", source, f"{GLUE}{make.shown(tweet)}{GLUE}", tweet, must=True)
