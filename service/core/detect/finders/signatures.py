"""Whether `Name (@handle) DATE` closes a quotation, or is a byline, a photo's credit, a dateline or
the caption of another network.

In a blockquote every attribution closes one. Elsewhere it needs a short link or a permalink before
it or in it, or a dash with words in front: in its own element, or in the ones before where it is
all of its own.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator

from service.core.detect.paragraphs import Paragraph
from service.core.html.document import LINE_BREAK, HtmlDocument, InlineRun
from service.core.text.attribution import FoundAttribution
from service.core.urls.tweet_urls import find_addresses, read_permalink, read_short_link

_ENOUGH = 12  # letters of words that a dash parts from a name
_NEIGHBOURS = 10  # elements before
_LONGEST = 2000  # characters of an element before, from its end, that are looked at
_PIECES = 40
_BORDER = re.compile(r"<(?:hr|h[1-6]|/h[1-6]|img|figure|table|video|/?[uo]l)\b", re.IGNORECASE)
# What Instagram writes before the author of a post that a page shows, and above it.
_OPENER = re.compile(
    r"\W*(?:"
    r"(?:an? )?(?:post|photo|video|reel) (?:shared|posted) by"
    r"|(?:una? )?(?:publicaci[oó]n|foto|v[ií]deo|publica[cç][aã]o|post)"
    r" (?:compartid[ao]|publicad[ao]|condivis[ao]|pubblicat[ao]) (?:de|por|da)"
    r"|(?:uma? )?(?:publicação|foto|vídeo|post) (?:compartilhad[ao]|partilhad[ao]|publicad[ao]) por"
    r"|(?:une? )?(?:publication|photo|vidéo) (?:partagée|publiée) par"
    r"|(?:ein )?(?:beitrag|foto|video)(?:,)? (?:geteilt|gepostet|veröffentlicht) von"
    r"|ein von"
    r"|(?:een )?(?:bericht|foto|video) (?:gedeeld|geplaatst|die is geplaatst) door"
    r"|(?:post|zdjęcie|film) (?:udostępnion[yae]|opublikowan[yae]|zamieszczon[yae]) przez"
    r"(?: użytkownika)?"
    r"|(?:публикация|фото|видео) (?:от|опубликовано)"
    r"|(?:публикация|публикацията), споделена от"
    r"|допис,? (?:поширений|опублікований)"
    r"|(?:ett )?(?:inlägg|foto) (?:delat|publicerat) av|(?:et )?(?:opslag|innlegg|bilde) delt a[fv]"
    r"|příspěvek,? (?:sdílený|který sdílí)(?: uživatelem)?"
    r"|príspevok,? (?:zdieľaný|ktorý zdieľa)(?: používateľ)?"
    r"|objav[au],? (?:koju )?(?:dijeli|deli)"
    r"|henkilön|gönderiyi paylaşan|o postare (?:distribuită|împărtășită) de"
    r"|(?:sebuah )?kiriman (?:dibagikan|dikongsi) oleh|isang post na ibinahagi ni|bài viết do"
    r"|η δημοσίευση κοινοποιήθηκε από(?: το χρήστη| τον χρήστη)?"
    r"|تمت مشاركة منشور بواسطة|פוסט משותף על ידי|โพสต์ที่แชร์โดย"
    r")\b",
    re.IGNORECASE,
)
_OF_ANOTHER = re.compile(
    r"\s*(?:https?:)?//"
    # where these send who follows a link that leads elsewhere
    r"(?!lm?\.(?:facebook|instagram)\.com/|(?:m\.)?vk\.com/away|(?:www\.)?linkedin\.com/redir)"
    r"(?:[a-z0-9-]+\.)?(?:truthsocial\.com|weibo\.(?:com|cn)|bsky\.app"
    r"|threads\.(?:net|com)|(?:instagram|facebook|linkedin|tiktok|kooapp|gettr|gab|parler|vk)\.com"
    r"|t\.me|mastodon\.[a-z]{2,10}|mstdn\.[a-z]{2,10})/",
    re.IGNORECASE,
)
_NETWORK = re.compile(
    r"instagram\w*|инстаграм\w*|інстаграм\w*|[إا]نستغرام|اینستاگرام|אינסטגרם|インスタグラム|인스타그램|इंस्टाग्राम",
    re.IGNORECASE,
)
_PLACE = re.compile(r"\s*(?:[A-ZÀ-ÖØ-Þ][A-ZÀ-ÖØ-Þ.'’-]+[ ,/]{0,2}){1,4}(?:\([A-Za-z ]{2,20}\))?\s*")
_OPENS_SHORTLY = 60  # letters of `View this post on Instagram` in any language


def links_elsewhere(page: HtmlDocument, start: int, end: int) -> bool:
    """Return whether a stretch of source holds a link to a post of another network: its quotations
    are signed alike.
    """
    inside = page.elements_in(start, end)
    return any(_OF_ANOTHER.match(one.attrs.get("href", "")) for one in inside)


def closes_quotation(paragraph: Paragraph, one: FoundAttribution, begin: int) -> bool:
    """Return whether an attribution closes the words before it, which begin at `begin` at the
    earliest in its own paragraph.
    """
    stretch, text = paragraph.stretch, paragraph.stretch.readable
    named = one.attribution.name and is_of_another_network(one.attribution.name)
    in_quotation = stretch.page and stretch.page.nearest(stretch.container, "blockquote") >= 0
    if any(map(_OF_ANOTHER.match, stretch.hrefs(one.start, one.end))) or (
        named and not in_quotation
    ):
        return False
    if in_quotation:
        return True
    begin = max(begin, one.start - _LONGEST)
    letters = _letters(text[begin : one.start])
    if _links(text[begin : one.end], stretch.hrefs(begin, one.end)):
        return True
    if letters:
        return one.dash and letters >= _ENOUGH and not _is_dateline(text, begin, one.start)
    first = max(min(begin, paragraph.back), one.start - _LONGEST)
    before = text[first:begin]
    if not one.dash and before.strip():
        return _ends_in_link(before)
    # What comes first of all is an excerpt that begins with the end of a quotation.
    return (
        _links(before, stretch.hrefs(first, begin))
        or (one.dash and (_letters(before) >= _ENOUGH or _is_first(paragraph, one.start)))
        or (stretch.page is not None and _is_closed_before(paragraph, stretch.page, dash=one.dash))
    )


def is_of_another_network(name: str) -> bool:
    """Return whether an attribution's name begins with what another network writes before one."""
    return _OPENER.match(name) is not None


def _is_dateline(text: str, begin: int, start: int) -> bool:
    """Return whether nothing but a place, in capitals, stands on the line before a dash, and all
    words on lines above: a title, say.
    """
    line = max(text.rfind("\n", 0, start), text.rfind(LINE_BREAK, 0, start)) + 1
    return line > begin and _PLACE.fullmatch(text, line, start) is not None


def _is_first(paragraph: Paragraph, start: int) -> bool:
    """Return whether nothing shows before a place in the whole article."""
    stretch = paragraph.stretch
    if start > _LONGEST or stretch.readable[:start].strip():
        return False
    page = stretch.page
    begins = paragraph.visible.source(start, start)[0]
    return page is None or (
        begins <= _LONGEST
        and not any(
            page.visible(run.pieces).text.strip()
            for run in page.runs[: bisect_left(page.run_starts, begins + 1) - 1]
        )
    )


def _is_closed_before(paragraph: Paragraph, page: HtmlDocument, *, dash: bool) -> bool:
    """Return whether the elements before hold a short link, or words that a dash closes."""
    start = paragraph.visible.source(*paragraph.lines[0])[0]
    letters = 0
    for words, hrefs in _elements_before(page, start):
        if not dash and words.strip():
            return _ends_in_link(words)
        if _links(words, hrefs):
            return True
        letters += _letters(words)
        if letters >= _ENOUGH:
            return True
    return False


def _ends_in_link(words: str) -> bool:
    """Return whether words end in an address, as those of a tweet with media do."""
    words = words.rstrip()
    found = find_addresses(words)
    return bool(found) and found[-1].end == len(words)


def _elements_before(page: HtmlDocument, start: int) -> Iterator[tuple[str, list[str]]]:
    """Return what shows in the elements before a place, the nearest first, and where links in them
    lead; up to a heading, a picture or the edge of a list.
    """
    number = bisect_left(page.run_starts, start + 1) - 1
    begins = page.runs[number].start if number >= 0 else 0
    for before in range(number - 1, max(-1, number - 1 - _NEIGHBOURS), -1):
        run = page.runs[before]
        if _BORDER.search(page.source, max(run.end, begins - _LONGEST), begins) or any(
            piece.kind == "object" for piece in run.pieces[-_PIECES:]
        ):
            return
        if not page.hidden(run.container):
            shown = page.visible(run.pieces[-_PIECES:]).text[-_LONGEST:]
            yield shown, list(_hrefs(page, run))
        begins = run.start


def _hrefs(page: HtmlDocument, run: InlineRun) -> Iterator[str]:
    for piece in run.pieces[-_PIECES:]:
        link = page.nearest(piece.element, "a")
        if link >= 0:
            yield page.elements[link].attrs.get("href", "")


def _links(words: str, hrefs: list[str]) -> bool:
    return bool(find_addresses(words)) or any(
        read_permalink(href) or read_short_link(href) for href in hrefs
    )


def _letters(words: str) -> int:
    """Return the number of letters of words, what Instagram writes above a post aside."""
    for one in reversed(find_addresses(words)):
        words = words[: one.start] + words[one.end :]
    letters = sum(map(str.isalpha, words))
    if letters > _OPENS_SHORTLY:
        return letters
    return 0 if _OPENER.match(words.strip()) or _NETWORK.search(words) else letters
