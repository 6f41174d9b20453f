"""Tweets of which each paragraph became a quotation of its own, and marks that are not seen, in
handles, dates and addresses.
"""

from collections.abc import Iterator

from case_book import Case
from reported_articles import reported
from unseen_tweets import LANGUAGES
from varied_parts import (
    CODE,
    FERRY,
    FERRY_ID,
    FERRY_LINE,
    FERRY_LINKED,
    FERRY_WORDS,
    MARKED,
    PICTURE,
)

_BEFORE, _BEHIND = "<p>Before.</p>", "<p>After.</p>"
_ROUND = (_BEFORE, _BEHIND)
_HALF = FERRY_WORDS.index(" on Monday")
_FIRST, _LAST = FERRY_WORDS[:_HALF], FERRY_WORDS[_HALF + 1 :]
_QUOTE = '<blockquote class="wp-block-quote">'
_BLOCK = "<!-- wp:quote -->\n{}\n<!-- /wp:quote -->"
_IN_BLOCK = "<!-- wp:paragraph -->\n{}\n<!-- /wp:paragraph -->"


def _quote(content: str) -> str:
    return f"<blockquote>{content}</blockquote>"


def _wordpress(content: str) -> str:
    return _BLOCK.format(f"{_QUOTE}{_IN_BLOCK.format(content)}</blockquote>")


_APART = {
    "two": [f"<p>{FERRY_WORDS} {PICTURE}</p>", f"<p>{FERRY_LINE}</p>"],
    "linked": [f"<p>{FERRY_WORDS} {PICTURE}</p>", f"<p>{FERRY_LINKED}</p>"],
    "three": [f"<p>{_FIRST}</p>", f"<p>{_LAST} {CODE}</p>", f"<p>{FERRY_LINE}</p>"],
    "picture alone": [f"<p>{FERRY_WORDS}</p>", f"<p>{CODE}</p>", f"<p>{FERRY_LINKED}</p>"],
}


def apart() -> Iterator[Case]:
    """Return tweets whose paragraphs are quotations of their own, in HTML, blocks and Markdown."""
    once = (FERRY_WORDS, "(@harbor_desk)")
    for name, parts in _APART.items():
        for gap in ("", "\n", "\n\n", "<p>&nbsp;</p>"):
            article = f"{_BEFORE}{gap.join(map(_quote, parts))}{_BEHIND}"
            told = f"quotations {name} {gap!r}"
            yield reported(told, article, FERRY_ID, form="html", keeps=_ROUND, once=once)
        blocks = "\n\n".join(map(_wordpress, parts))
        article = f"{_IN_BLOCK.format(_BEFORE)}\n\n{blocks}\n\n{_IN_BLOCK.format(_BEHIND)}"
        absent = ["wp:quote"]
        yield reported(
            f"quotations {name} blocks", article, FERRY_ID, keeps=_ROUND, once=once, absent=absent
        )
        last = f"{MARKED}{parts[-1]}</blockquote>"
        article = f"{_BEFORE}{''.join(parts[:-1])}{last}{_BEHIND}"
        yield reported(f"quotations {name} marked", article, FERRY_ID, keeps=_ROUND, once=once)
        other = f"{_BEFORE}{_quote('<p>Somebody said so.</p>')}{_quote(parts[-1])}{_BEHIND}"
        yield reported(
            f"quotations {name} of another",
            other,
            unchanged=True,
            embeds=[[None, "unidentified"]],
        )
    lines = [f"{FERRY_WORDS} {CODE}", FERRY_LINE]
    for name, opens in {"all": ("> ", "> "), "words": ("> ", ""), "line": ("", "> ")}.items():
        quoted = "\n\n".join(mark + line for mark, line in zip(opens, lines, strict=True))
        text = f"Lead *x*.\n\n{quoted}\n\nEnd.\n"
        keeps = ("Lead *x*.\n\n", "\n\nEnd.\n")
        yield reported(
            f"quotations Markdown {name}",
            text,
            FERRY_ID,
            form="markdown",
            keeps=keeps,
            once=(FERRY_WORDS,),
        )


_UNSEEN = {
    "text sign": "\ufe0e",
    "emoji sign": "\ufe0f",
    "tag": "\U000e0020",
    "variant": "\U000e0100",
    "joiner": "\u034f",
    "non-joiner": "\u200c",
    "soft hyphen": "\u00ad",
}


def unseen_marks() -> Iterator[Case]:
    """Return what nobody sees, where an editor or a lost emoji left it."""
    flat = f"{FERRY_WORDS} {CODE} {FERRY_LINE}"
    for name, mark in _UNSEEN.items():
        for where, line in {
            "before the handle": flat.replace("@", mark + "@"),
            "behind the sign": flat.replace("@", "@" + mark),
            "in the handle": flat.replace("@harbor", f"@harbor{mark}"),
            "behind the handle": flat.replace("_desk)", f"_desk{mark})"),
            "before the brackets": flat.replace(" (@", f" {mark}(@"),
            "in the date": flat.replace("March", f"March{mark}"),
        }.items():
            article = f"{_BEFORE}<p>{line}</p>{_BEHIND}"
            yield reported(f"{name} {where}", article, FERRY_ID, keeps=_ROUND)
        for where, line in {"linked": FERRY_LINKED, "date": FERRY_LINE}.items():
            odd = line.replace("_desk)", f"_desk{mark})")
            article = f"{_BEFORE}<blockquote><p>{FERRY_WORDS} {PICTURE}</p>{odd}</blockquote>"
            yield reported(f"{name} quoted {where}", article, FERRY_ID, keeps=(_BEFORE,))
        article = f"{_BEFORE}<p>{mark}{FERRY}{mark}</p>{_BEHIND}"
        yield reported(f"{name} around an address", article, FERRY_ID, keeps=_ROUND)
    for one in LANGUAGES:
        line = one.signed.replace(" (@", "\u200c (\u200c@").replace(")", "\u200c)\u200c")
        article = f"{_BEFORE}<p>{one.words} {one.code} {line}</p>{_BEHIND}"
        yield reported(f"non-joiners {one.handle}", article, one.id, keeps=_ROUND)


SHAPES = [*apart(), *unseen_marks()]
