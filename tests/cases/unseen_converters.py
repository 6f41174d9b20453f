"""Tweets as converters wrote them: html-to-text, html2text, Pandoc, markdownify, w3m, trafilatura.
Lists and emphasis that Markdown read as marks, addresses in brackets or broken in two, and marks
that Unicode composes with the letter before.
"""

import unicodedata
from collections.abc import Iterator

from case_book import Case
from reported_articles import reported
from standin_x import StandIn
from unseen_tweets import Written
from varied_parts import (
    CODE,
    FERRY,
    FERRY_ID,
    FERRY_LINE,
    FERRY_LINKED,
    FERRY_SIGNED,
    FERRY_WORDS,
    MARKED,
    QUEUE,
)

_BEFORE, _BEHIND = "<p>Before.</p>", "<p>After.</p>"
_ROUND = (_BEFORE, _BEHIND)
_TEXT_ROUND = ("Lead.", "End.")

_TALK = Written(501, "pier_talk", "Pier Talk", "- Is it running?<br>- No, not today.<br>- When?")
_LIST = Written(502, "pier_talk", "Pier Talk", "1. Buy a rope<br>2. Buy a boat<br>3. Leave them")
_LOUD = Written(503, "pier_talk", "Pier Talk", "*Breaking* _news_ from the pier: all is 3*4 m_l")
_SIGNS = Written(504, "pier_talk", "Pier Talk", "⚓🌊🚢")
_WOW = Written(505, "pier_talk", "Pier Talk", "Wow.")
_HALF = Written(506, "pier_talk", "Pier Talk", "2. Halbzeit beginnt am Hafen gleich wieder")
_BENGALI = Written(507, "bondor_bn", "বন্দর", "সোমবার থেকে ফেরি আবার চালু হচ্ছে, ছোট নৌকাও", "bn")
_TAGGED = Written(
    508,
    "pier_talk",
    "Pier Talk",
    'Ferry news by <a href="https://twitter.com/lena_quay">@lena_quay</a> at '
    '<a href="https://twitter.com/hashtag/harbour?src=hash">#harbour</a> today',
)
_TWEETS = (_TALK, _LIST, _LOUD, _SIGNS, _WOW, _HALF, _BENGALI, _TAGGED)


def teach_converted(x: StandIn) -> None:
    """Let X know them, each with a picture."""
    for one in _TWEETS:
        words = f"{one.words} {one.picture}"
        x.tweet(one.id, one.handle, one.name, words, lang=one.lang, date="March 5, 2024")
        x.code(one.code.rpartition("/")[2], f"{one.url}/photo/1")


def _lines(one: Written) -> list[str]:
    return f"{one.words} {one.code}".split("<br>")


def marks() -> Iterator[Case]:
    """Return tweets whose lists and emphasis Markdown read as marks: proved where they are escaped
    or still there, left as they are where they are lost, for the words are not the same then.
    """
    for name, one in {"dialogue": _TALK, "list": _LIST}.items():
        plain = [line.split(" ", 1)[1] for line in _lines(one)]
        items = "".join(f"<li>{line}</li>" for line in plain)
        tag = "ul" if one is _TALK else "ol"
        quote = f"<blockquote><{tag}>{items}</{tag}><p>{one.linked}</p></blockquote>"
        article = f"{_BEFORE}{quote}{_BEHIND}"
        yield reported(f"{name} in items", article, unchanged=True, embeds=[[one.id, "kept"]])
        linked = f"— {one.name} (@{one.handle}) [{one.date}]({one.url})"
        text = "Lead.\n\n" + "".join(f"> {line}  \n" for line in _lines(one)) + ">\n> "
        escaped = text.replace("> -", "> \\-").replace(". ", "\\. ").replace("Lead\\. ", "Lead. ")
        for form, told, article, found, state in (
            ("markdown", "plain", f"{text}{linked}", one.id, "kept"),
            ("markdown", "escaped", f"{escaped}{linked}", one.id, "embedded"),
            ("text", "plain", f"{text}{one.signed}", one.id, "embedded"),
            ("text", "escaped", f"{escaped}{one.signed}", None, "unidentified"),
        ):
            yield reported(
                f"{name} {form} {told}",
                f"{article}\n\nEnd.\n",
                form=form,
                keeps=_TEXT_ROUND,
                once=("(@pier_talk)",),
                embeds=[[found, state]],
            )
    loud = "<em>Breaking</em> <em>news</em> from the pier: all is 3*4 m_l"
    quote = f"<blockquote><p>{loud} {_LOUD.picture}</p><p>{_LOUD.linked}</p></blockquote>"
    article = f"{_BEFORE}{quote}{_BEHIND}"
    yield reported("emphasis", article, unchanged=True, embeds=[[_LOUD.id, "kept"]])
    lost = "<br>".join(line.split(" ", 1)[1] for line in _lines(_LIST))
    unidentified: list[list[str | None]] = [[None, "unidentified"]]
    for name, before in {"lines": "Lead.<br>", "a sentence": "They say: "}.items():
        article = f"{_BEFORE}<p>{before}{lost} {_LIST.signed}</p>{_BEHIND}"
        yield reported(f"numbers lost in {name}", article, unchanged=True, embeds=unidentified)
    for number in ("1. ", "", "3. "):  # of another half time
        other = f"<p>{number}{_HALF.words[3:]} {_HALF.code} {_HALF.signed}</p>"
        yield reported(f"half time {number}", other, unchanged=True, embeds=unidentified)


def addresses() -> Iterator[Case]:
    """Return addresses in brackets behind what they were linked to, and in pieces."""
    named = (
        "Ferry news by @lena_quay [https://twitter.com/lena_quay?ref_src=twsrc%5Etfw] at #harbour "
        "[https://twitter.com/hashtag/harbour?src=hash] today"
    )
    for name, one, words in (
        ("names", _TAGGED, f"{named} {_TAGGED.code} [https://t.co/{_TAGGED.code[-10:]}]"),
        ("no code", _TAGGED, named),
        ("angles", _TAGGED, named.replace("[", "<").replace("]", ">")),
        ("signs", _SIGNS, f"{_SIGNS.words} {_SIGNS.code} [https://t.co/{_SIGNS.code[-10:]}]"),
        ("short", _WOW, _WOW.words),
    ):
        for gap in (" ", "\n> "):
            text = f"Lead.\n\n> {words}\n>\n> {one.signed}{gap}[{one.url}?ref_src=twsrc]\n\nEnd.\n"
            told = f"addresses {name} {gap!r}"
            once = ("(@pier_talk)",)
            yield reported(told, text, one.id, form="text", keeps=_TEXT_ROUND, once=once)
    host, _, code = CODE.partition("/")
    for name, piece in {
        "behind the slash": f"{host}/\n    {code}",
        "before the slash": f"{host}\n    /{code}",
        "number on the line before": f"[1]\n    {CODE}",
        "scheme alone": f"http:// {CODE}",
    }.items():
        text = f"Lead.\n\n    {FERRY_WORDS} {piece}\n\n    {FERRY_LINE}\n\nEnd.\n"
        found = (FERRY_WORDS, "(@harbor_desk)")
        yield reported(f"piece {name}", text, FERRY_ID, form="text", keeps=_TEXT_ROUND, once=found)
    scheme = f"<p>{FERRY_WORDS} https:// t.co/Fr7kQ2LmZx {FERRY_LINE}</p>"
    yield reported("piece scheme", f"{_BEFORE}{scheme}{_BEHIND}", FERRY_ID, keeps=_ROUND)


def composed() -> Iterator[Case]:
    """Return words with marks that Unicode composes with the letter before them."""
    for form in ("NFC", "NFD"):
        words = unicodedata.normalize(form, f"{_BENGALI.words} {_BENGALI.code} {_BENGALI.signed}")
        article = f"{_BEFORE}<p>{words}</p>{_BEHIND}"
        yield reported(f"composed {form}", article, _BENGALI.id, keeps=_ROUND)


_OTHER = "Something quite different was said of the boats here"
_NOT_ITS_WORDS = {
    "html": {
        "paragraph": f"<p>{_OTHER} {FERRY_LINKED}</p>",
        "neighbours": f"<p>{_OTHER}</p><p>{FERRY_LINKED}</p>",
        "bare": f"<p>{_OTHER}</p>{FERRY_LINKED}",
        "quotation": f"<p>{_OTHER}</p><blockquote>{FERRY_LINKED}</blockquote>",
    },
    "text": {"line": f"{_OTHER} {FERRY_LINE} {FERRY}"},
    "markdown": {"paragraph": f"{_OTHER} {FERRY_SIGNED} [March 5, 2024]({FERRY})"},
}


def other_words() -> Iterator[Case]:
    """Return words that are not those of the tweet whose permalink closes them: it is told, and
    they stay.
    """
    for form, shapes in _NOT_ITS_WORDS.items():
        for name, article in shapes.items():
            state = [[FERRY_ID, "kept"]]
            yield reported(
                f"other words {form} {name}", article, form=form, unchanged=True, embeds=state
            )
    strange = f'{FERRY_SIGNED} <a href="{QUEUE}">March 5, 2024</a>'
    article = f"<p>{_OTHER}</p><p>{strange}</p>"
    none = [[None, "unidentified"]]
    yield reported("other words and author", article, unchanged=True, embeds=none)


def together() -> Iterator[Case]:
    """Return tweets of one author and day, or one tweet twice, that stand in one quotation, as
    Pandoc writes what Word keeps of quotations one behind the other.
    """
    for name, (one, other) in {"thread": (_WOW, _HALF), "the same": (_HALF, _HALF)}.items():
        ids = (one.id, other.id)
        for told, shape in {
            "bare": "<p>{words}</p>{line}",
            "paragraphs": "<p>{words}</p><p>{line}</p>",
            "lines": "<p>{words} {line}</p>",
        }.items():
            parts = [
                shape.format(words=f"{each.words} {each.picture}", line=each.linked)
                for each in (one, other)
            ]
            for tag in ("<blockquote>", MARKED):
                article = f"{_BEFORE}{tag}{''.join(parts)}</blockquote>{_BEHIND}"
                named = f"{name} {told} {tag}"
                yield reported(named, article, *ids, keeps=_ROUND)
    line_twice = f"<p>{_HALF.words} {_HALF.picture}</p>{_HALF.linked}<cite>{_HALF.linked}</cite>"
    for tag in ("<blockquote>", MARKED):
        article = f"{tag}{line_twice}</blockquote>"
        state = [[_HALF.id, "kept"]]
        yield reported(f"line twice {tag}", article, unchanged=True, embeds=state)


_SAID = "The mayor said:"


def within() -> Iterator[Case]:
    """Return ordinary quotations that end in a tweet without a permalink: what stands before it
    stays, and the quotation around both.
    """
    words, line = f"{FERRY_WORDS} {CODE}", FERRY_LINE
    for name, (before, tweet) in {
        "paragraph": (f"<p>{_SAID}</p>", f"<p>{words} {line}</p>"),
        "paragraphs": (f"<p>{_SAID}</p>", f"<p>{words}</p>\n<p>{line}</p>"),
        "line": (f"{_SAID}<br>", f"{words}<br>{line}"),
        "bold": (f"<p><b>{_SAID}</b></p>", f"<p>{words}<br>{line}</p>"),
    }.items():
        keeps = (f"{_BEFORE}<blockquote>{before}", f"</blockquote></blockquote>{_BEHIND}")
        article = f"{_BEFORE}<blockquote>{before}{tweet}</blockquote>{_BEHIND}"
        yield reported(f"within {name}", article, FERRY_ID, keeps=keeps, once=(FERRY_WORDS,))
    for name, content in {
        "sentence": f"<blockquote><p>{_SAID} {words} {line}</p></blockquote>",
        "mark": f"<blockquote><p>“{words} {line}</p></blockquote>",
        "block": f"<!-- wp:quote -->\n<blockquote>{_SAID}<br>{words}<br>{line}</blockquote>\n"
        "<!-- /wp:quote -->",
        "unclosed": f"<blockquote><p>{_SAID}</p><p>{words} {line}</p>",
    }.items():
        kept = [[FERRY_ID, "kept"]]
        yield reported(f"within {name}", content, form="html", unchanged=True, embeds=kept)
    stranger = f"<blockquote><p>{_SAID}</p><p>{words} — Old Pier (@old_pier) March 5, 2024</p>"
    yield reported(
        "within, of another",
        f"{stranger}</blockquote>",
        options={"unidentified": "quote", "links": "keep"},
        unchanged=True,
        embeds=[[None, "unidentified"]],
    )
    for head in ("[!NOTE]", "[!quote]- Tweet"):
        text = f"Lead.\n\n> {head}\n> {words}\n> {line}\n\nEnd.\n"
        told = f"call-out {head}"
        yield reported(told, text, FERRY_ID, form="markdown", keeps=_TEXT_ROUND)


CONVERTED = [*marks(), *addresses(), *composed(), *other_words(), *together(), *within()]
