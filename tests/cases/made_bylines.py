"""Lines that name a person, a handle and a day and are no tweet's: bylines, credits, datelines."""

import html
import re

from made_articles import Maker, Part

_DAYS = {
    "en": "November 11, 2018",
    "de": "11. November 2018",
    "fr": "11 novembre 2018",
    "es": "11 de noviembre de 2018",
    "pt": "11 de novembro de 2018",
    "it": "11 novembre 2018",
    "nl": "11 november 2018",
    "sv": "11 november 2018",
    "fi": "11. marraskuuta 2018",
    "pl": "11 listopada 2018",
    "cs": "11. listopadu 2018",
    "ru": "11 ноября 2018 г.",
    "uk": "11 листопада 2018 р.",
    "tr": "11 Kasım 2018",
    "el": "11 Νοεμβρίου 2018",
    "ar": "11 نوفمبر 2018",
    "he": "11 בנובמבר 2018",
    "fa": "۱۱ نوامبر ۲۰۱۸",
    "hi": "11 नवंबर 2018",
    "ja": "2018年11月11日",
    "zh": "2018年11月11日",
    "ko": "2018년 11월 11일",
    "th": "11 พฤศจิกายน 2018",
    "id": "11 November 2018",
    "hu": "2018. november 11.",
    "ro": "11 noiembrie 2018",
}
_OPENERS = {
    "en": ["By", "Written by", "Photo:", "Photo by", "Reporting by", "Story:", ""],
    "de": ["Von", "Foto:", "Text:", "Aus Berlin:", ""],
    "fr": ["Par", "Crédit photo :", "Texte :", ""],
    "es": ["Por", "Foto:", "Redacción:", ""],
    "pt": ["Por", "Foto:", "Texto:"],
    "it": ["Di", "Foto:", "A cura di"],
    "nl": ["Door", "Foto:", "Tekst:"],
    "sv": ["Av", "Foto:", "Text:"],
    "fi": ["Kirjoittanut", "Kuva:", "Teksti:"],
    "pl": ["Autor:", "Fot.", "Tekst:"],
    "cs": ["Autor:", "Foto:", "Napsala"],
    "ru": ["Автор:", "Фото:", "Текст:"],
    "uk": ["Автор:", "Фото:"],
    "tr": ["Yazan:", "Fotoğraf:"],
    "el": ["Του", "Φωτογραφία:"],
    "ar": ["بقلم", "تصوير:"],
    "he": ["מאת", "צילום:"],
    "fa": ["نویسنده:", "عکس:"],
    "hi": ["लेखक:", "फोटो:"],
    "ja": ["文：", "写真：", "取材・文"],
    "zh": ["作者：", "图：", "记者"],
    "ko": ["글", "사진:", "기자"],
    "th": ["โดย", "ภาพ:"],
    "id": ["Oleh", "Foto:"],
    "hu": ["Írta:", "Fotó:"],
    "ro": ["De", "Foto:"],
}
_NAMES = ["Anna Beispiel (@anna_b)", "Ada (@ada)", "J. van Dam (@jvdam)", "José Pérez (@jperez1)"]
_DATELINES = ["PARIS – ", "BERLIN — ", "LONDON, Nov 11 - ", "(Reuters) - ", "الرياض – ", "東京 — "]
_CAPTIONS = [
    "A post shared by {} on Nov 11, 2018 at 9:03am PST",
    "A photo posted by {} on November 11, 2018",
    "Ein Beitrag geteilt von {} am Nov 11, 2018 um 9:03 PST",
    "Une publication partagée par {} le 11 Nov. 2018 à 9 :03 PST",
    "Una publicación compartida de {} el 11 Nov, 2018 a las 9:03 PST",
    "Un post condiviso da {} in data: Nov 11, 2018 at 9:03 PST",
    "Uma publicação compartilhada por {} em 11 de Nov, 2018 às 9:03 PST",
    "Een bericht gedeeld door {} op 11 Nov 2018 om 9:03 PST",
    "Post udostępniony przez {} 11 Lis, 2018 o 9:03 PST",
    "Публикация от {} 11 Ноя 2018 в 9:03 PST",
    "{}(@ada)'in paylaştığı bir gönderi (11 Kas 2018)",
]
_NO_TWEETS = [
    "— Ada Lovelace (mathematician) May 1843",
    "— Karl Marx (1818-1883)",
    "— Ada (@ada)",
    "Follow Ada (@ada) on X for more",
    "Contact: Ada (@ada), ada@example.org, November 11, 2018",
]


def line(make: Maker) -> str:
    """Return such a line."""
    language = make.pick(list(_DAYS))
    name, day = make.pick(_NAMES), _DAYS[language]
    opener = make.pick(_OPENERS[language])
    joint = make.pick([" ", " ", " | ", ", ", "\u00a0"])
    return make.pick(
        [
            f"{opener} {name}{joint}{day}".strip(),
            f"{opener} {name}{joint}{day}".strip(),
            f"{make.pick(_DATELINES)}{name} {day}",
            make.pick(_CAPTIONS).format(name),
            make.pick(_NO_TWEETS),
        ]
    )


def byline(make: Maker) -> Part:
    """Make such a line in an element of its own."""
    opening, closing = make.pick(
        [
            ("<p>", "</p>"),
            ('<p class="byline">', "</p>"),
            ('<div class="meta"><span>', "</span></div>"),
            ("<p><em>", "</em></p>"),
            ("<h4>", "</h4>"),
            ('<figure><img src="/a.jpg"><figcaption>', "</figcaption></figure>"),
            ('<blockquote class="instagram-media"><p>', "</p></blockquote>"),
            ("<header>", "</header>"),
            ("<ul><li>", "</li></ul>"),
        ]
    )
    source = f"{opening}{line(make)}{closing}"
    return Part("byline", source, re.escape(source))


def plain_byline(make: Maker) -> Part:
    """Make such a line in Markdown or plain text, which may come back as HTML."""
    lead = make.pick(["", "", "Why the ferry matters\n\n"])
    source = f"{lead}{line(make)}{make.pick(['', chr(10) + 'Words.'])}"
    escaped = [html.escape(each, quote=False) for each in source.split("\n\n")]
    written = "\n\n".join(f"<p>{each}</p>" for each in escaped).replace("\nWords", "<br>\nWords")
    return Part("byline", source, f"(?:{re.escape(source)}|{re.escape(written)})")
