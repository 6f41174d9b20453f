"""Tweets of which each paragraph became a quotation of its own, marks that are not seen in handles,
dates and addresses, the numbers of notes and links, and links that lead through a guard.
"""

import unicodedata
from collections.abc import Iterator
from urllib.parse import quote

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
        state = [FERRY_ID, "kept"] if FERRY in parts[-1] else [None, "unidentified"]
        yield reported(f"quotations {name} of another", other, unchanged=True, embeds=[state])
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


_NOTES = {
    "sup": "<sup>1</sup>",
    "linked": '<sup><a href="#fn1">12</a></sup>',
    "Pandoc's": '<a href="#fn1" class="footnote-ref" id="fnref1"><sup>1</sup></a>',
    "Substack's": '<a class="footnote-anchor" href="#footnote-1">1</a>',
    "WordPress'": '<sup data-fn="x" class="fn"><a href="#x" id="x-link">1</a></sup>',
}
_NOTED = {
    "paragraph": ("<p>", f"{FERRY_WORDS} {CODE} {FERRY_LINE}", "</p>"),
    "permalink": ("<p>", f"{FERRY_WORDS} {PICTURE}{FERRY_LINKED}", "</p>"),
    "two": (f"<p>{FERRY_WORDS} {CODE}</p><p>", FERRY_LINE, "</p>"),
    "quotation": (f"<blockquote><p>{FERRY_WORDS} {PICTURE}</p>", FERRY_LINKED, "</blockquote>"),
    "flattened": (f"<blockquote><p>{FERRY_WORDS} {CODE}</p><p>", FERRY_LINE, "</p></blockquote>"),
    "marked": (f"{MARKED}<p>{FERRY_WORDS} {PICTURE}</p>", FERRY_LINKED, "</blockquote>"),
}


def notes() -> Iterator[Case]:
    """Return tweets with the number of a note glued to the year: it stays behind the tweet."""
    for name, note in _NOTES.items():
        for where, (before, line, behind) in _NOTED.items():
            article = f"{_BEFORE}{before}{line}{note}{behind}{_BEHIND}"
            keeps = (*_ROUND, f"</blockquote><p>{note}</p>" if behind == "</p>" else note)
            yield reported(
                f"note {name} {where}", article, FERRY_ID, keeps=keeps, once=(FERRY_WORDS,)
            )
        other = f"<p>On March 5, 2024{note} they (@harbor_desk) said 20241 boats came.</p>"
        yield reported(f"note {name} in prose", other, unchanged=True)


_NUMBERED = {
    "lynx": f"""   {FERRY_WORDS}
   [1]{CODE} — Harbor Desk
   (@harbor_desk) [2]March 5, 2024""",
    "behind": f"{FERRY_WORDS} {CODE} [1] — Harbor Desk (@harbor_desk) March 5, 2024 [2]",
    "glued": f"{FERRY_WORDS} {CODE}[1] {FERRY_LINE}[2]",
    "quoted mail": f"""> > {FERRY_WORDS[:40]}
> > {FERRY_WORDS[40:].strip()}
> > {CODE} — Harbor Desk
> > (@harbor_desk) March 5,
> > 2024""",
    "wrapped mail": f"> {FERRY_WORDS}\n> {CODE}\n> — Harbor\n> Desk (@harbor_desk)\n> Mar 5, 2024",
}


def numbered() -> Iterator[Case]:
    """Return what text browsers and mails make of a tweet's links and lines."""
    for name, text in _NUMBERED.items():
        article = f"Lead.\n\n{text}\n\nEnd.\n\n   1. https://news.example/\n"
        keeps = ("Lead.", "End.")
        yield reported(f"numbered {name}", article, FERRY_ID, form="text", keeps=keeps)
    changed = f"{FERRY_WORDS.replace('six', '[6] six')} {CODE} {FERRY_LINE}"
    yield reported(
        "numbered words",
        changed,
        form="text",
        unchanged=True,
        embeds=[[None, "unidentified"]],
    )


def decomposed() -> Iterator[Case]:
    """Return tweets of every language in characters taken apart (NFD), as some systems paste."""
    for one in LANGUAGES:
        line = unicodedata.normalize("NFD", f"{one.words} {one.code} {one.signed}")
        article = f"{_BEFORE}<p>{line}</p>{_BEHIND}"
        yield reported(f"decomposed {one.handle}", article, one.id, keeps=_ROUND)


_REDIRECTS = {
    "Google": "https://www.google.com/url?q={}&amp;sa=D&amp;source=editors",
    "Outlook": "https://nam02.safelinks.protection.outlook.com/?url={}&amp;data=05",
    "Proofpoint": "https://urldefense.com/v3/__{}__;!!abc",
    "Facebook": "https://l.facebook.com/l.php?u={}&amp;h=AT",
    "Facebook's phone": "https://lm.facebook.com/l.php?u={}&amp;h=AT",
    "VK": "https://vk.com/away.php?to={}",
    "Tumblr": "https://t.umblr.com/redirect?z={}&amp;t=x",
}


def redirected() -> Iterator[Case]:
    """Return tweets whose links were made to lead through mail guards and other networks."""
    for name, redirect in _REDIRECTS.items():
        picture, permalink = (
            redirect.format(quote(address, safe=""))
            for address in ("https://t.co/Fr7kQ2LmZx", FERRY)
        )
        words = f'{FERRY_WORDS} <a href="{picture}">{CODE}</a>'
        line = f'— Harbor Desk (@harbor_desk) <a href="{permalink}">March 5, 2024</a>'
        for where, shape in {
            "paragraph": f"<p>{words} {line}</p>",
            "two": f"<p>{words}</p><p>{line}</p>",
            "quotation": f"<blockquote><p>{words}</p>{line}</blockquote>",
            "marked": f'{MARKED}<p lang="en" dir="ltr">{words}</p>{line}</blockquote>',
        }.items():
            yield reported(
                f"through {name} {where}",
                f"{_BEFORE}{shape}{_BEHIND}",
                FERRY_ID,
                keeps=_ROUND,
                once=(FERRY_WORDS,),
            )


SHAPES = [*apart(), *unseen_marks(), *notes(), *numbered(), *decomposed(), *redirected()]
