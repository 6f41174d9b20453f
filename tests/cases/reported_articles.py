"""Articles as they were reported to plugins, converters and editors, each kind in words of our own.

What stands here went wrong once, or is a neighbour of what did.
"""

from typing import Any

from case_book import Case
from varied_parts import (
    CODE,
    FERRY,
    FERRY_ID,
    FERRY_LINE,
    FERRY_LINKED,
    FERRY_WORDS,
    FLAT,
    GONE,
    GONE_ID,
    GONE_LINKED,
    PICTURE,
    QUEUE,
    QUEUE_ID,
    QUEUE_LINKED,
    QUEUE_WORDS,
    SCRIPT,
)

QUOTES_ID = "1765301290398658617"
FERRY_P = f"<p>{FERRY_WORDS} {PICTURE}</p>"
QUEUE_FLAT = f"{QUEUE_WORDS} — Lena Quay (@lena_quay) March 8, 2024"
QUEUE_P = f"<p>{QUEUE_WORDS}</p>"


def reported(
    name: str,
    content: str,
    *ids: str,
    form: str = "auto",
    keeps: tuple[str, ...] = (),
    once: tuple[str, ...] = (),
    options: dict[str, Any] | None = None,
    **expect: Any,  # noqa: ANN401 - of a case
) -> Case:
    """Return a case in which tweets are embedded, in order, texts stay, and some stand there once;
    without tweets nothing is found.
    """
    told = {"embeds": [[each, "embedded"] for each in ids]} | expect
    texts = {"contains": list(keeps), "count": dict.fromkeys(once, 1)}
    return Case(name, content, form, options or {}, told | texts)


def _feed(content: str) -> str:
    return f"<item><description><![CDATA[{content}]]></description></item><p>Behind.</p>"


_FEED = ("<description><![CDATA[", "]]></description>")

LOST_QUOTATIONS = [
    reported(f"lost quotation: {name}", article, *ids, keeps=keeps, once=once)
    for name, article, ids, keeps, once in (
        ("alone", FERRY_P + FERRY_LINKED, [FERRY_ID], (), (FERRY_WORDS,)),
        (
            "between",
            f"<p>Lead.</p>{FERRY_P}{FERRY_LINKED}\n\n<p>End.</p>",
            [FERRY_ID],
            ("<p>Lead.</p>", "<p>End.</p>"),
            (FERRY_WORDS, "(@harbor_desk)"),
        ),
        (
            "in a section",
            f"<section><p>Lead.</p>{FERRY_P}{FERRY_LINKED}<p>End.</p></section>",
            [FERRY_ID],
            ("<section><p>Lead.</p>", "<p>End.</p></section>"),
            (FERRY_WORDS,),
        ),
        (
            "in a cell",
            f"<table><tr><td>{FERRY_P}{FERRY_LINKED}</td></tr></table>",
            [FERRY_ID],
            ("<table><tr><td>",),
            (FERRY_WORDS,),
        ),
        (
            "in an item",
            f"<ul><li>{FERRY_P}{FERRY_LINKED}</li><li>b</li></ul>",
            [FERRY_ID],
            ("<li>b</li>",),
            (FERRY_WORDS,),
        ),
        (
            "a script behind",
            f"{FERRY_P}{FERRY_LINKED}{SCRIPT}<p>End.</p>",
            [FERRY_ID],
            (SCRIPT, "<p>End.</p>"),
            (FERRY_WORDS,),
        ),
        (
            "words behind",
            f"{FERRY_P}{FERRY_LINKED} The mayor agrees.<p>End.</p>",
            [FERRY_ID],
            (" The mayor agrees.<p>End.</p>",),
            (FERRY_WORDS,),
        ),
        (
            "paragraphs of a classic editor behind",
            f"{FERRY_P}{FERRY_LINKED}\n\nA paragraph.\n\n{QUEUE}\n",
            [FERRY_ID, QUEUE_ID],
            ("\n\nA paragraph.\n\n",),
            (FERRY_WORDS, QUEUE_WORDS),
        ),
        (
            "two",
            f"{FERRY_P}{FERRY_LINKED} {QUEUE_P}{QUEUE_LINKED}\n<p>End.</p>",
            [FERRY_ID, QUEUE_ID],
            ("<p>End.</p>",),
            (FERRY_WORDS, QUEUE_WORDS),
        ),
        (
            "an anchor",
            f'<p id="x1">{FERRY_WORDS} {CODE}</p>{FERRY_LINKED}<p>End.</p>',
            [FERRY_ID],
            ('id="x1"', "<p>End.</p>"),
            (FERRY_WORDS,),
        ),
    )
]

GOES_ON = [
    reported(
        f"goes on behind its line: {behind} {signed[-4:]}",
        f"<p>Lead.</p>{FERRY_P}\n<p{look}>{signed}{behind}</p><p>End.</p>",
        FERRY_ID,
        keeps=("<p>Lead.</p>", f"<p{look}>{behind}</p><p>End.</p>"),
        once=(FERRY_WORDS, "(@harbor_desk)"),
    )
    for signed in (FERRY_LINKED, FERRY_LINE)
    for look, behind in (
        ("", " The mayor agrees."),
        (' class="x"', "<br>The <b>mayor</b> agrees."),
    )
]

PERMALINKS_BEHIND = [
    reported(
        f"permalink behind: {name} {form}",
        f"Lead.\n\n{QUEUE_FLAT}{behind}\n\nEnd.\n",
        QUEUE_ID,
        form=form,
        keeps=("Lead.", "End.", *keeps),
        once=(QUEUE_WORDS,),
        absent=[f"{QUEUE}{closes}" for closes in (")", ">", "]", " ")],
    )
    for form in ("text", "markdown")
    for name, behind, keeps in (
        ("bare", f" {QUEUE}", ()),
        ("round", f" ({QUEUE})", ()),
        ("angle", f" <{QUEUE}>", ()),
        ("square", f" [{QUEUE}]", ()),
        ("words", f" {QUEUE} More words.", ("More words.",)),
    )
]

MAIL = [
    reported(
        "mail: addresses in angles",
        f"Hi,\n\n{FERRY_WORDS} {CODE} <https://t.co/Fr7kQ2LmZx>\n{FERRY_LINE} <{FERRY}>\n\nbye\n",
        FERRY_ID,
        form="text",
        keeps=("Hi,", "bye"),
        once=(FERRY_WORDS,),
    ),
    reported(
        "mail: references",
        f"{FERRY_WORDS}&nbsp;{CODE}&nbsp;&mdash; Harbor&nbsp;Desk (@harbor_desk)"
        "&nbsp;March&nbsp;5, 2024",
        FERRY_ID,
        form="text",
        once=(FERRY_WORDS,),
    ),
    reported(
        "mail: quotes of TeX",
        "I don`t think ``six weeks'' is short... it´s a scandal — Lena Quay (@lena_quay) "
        f"March 6, 2024 https://twitter.com/lena_quay/status/{QUOTES_ID}",
        QUOTES_ID,
        form="text",
    ),
]

TWICE_IN_AN_ARTICLE = [
    reported(f"the same again: {name}", article, QUEUE_ID, QUEUE_ID, form=form, keeps=("x",))
    for name, article, form in (
        ("address behind", f"<p>{QUEUE_FLAT}</p><p>x</p><p>{QUEUE}</p>", "html"),
        ("address before", f"<p>{QUEUE}</p><p>x</p><p>{QUEUE_FLAT}</p>", "html"),
        ("linked", f"<p>{QUEUE_FLAT}</p>x{QUEUE_P}{QUEUE_LINKED}", "html"),
        ("Markdown", f"{QUEUE_FLAT}\n\nx\n\n{QUEUE}\n", "markdown"),
        ("text", f"{QUEUE_FLAT}\n\nx\n\n{QUEUE}\n", "text"),
    )
]

FEEDS = [
    reported("feed: words", _feed(FLAT), FERRY_ID, keeps=_FEED, once=(FERRY_WORDS,)),
    reported("feed: address", _feed(FERRY), FERRY_ID, keeps=_FEED),
    reported(
        "feed: words around",
        _feed(f"Lead.<br>{FLAT}<br>End."),
        FERRY_ID,
        keeps=("<![CDATA[Lead.", "End.]]>"),
    ),
    reported("feed: p", f"<p><![CDATA[{FLAT}]]></p>", FERRY_ID, keeps=("<![CDATA[", "]]>")),
    reported(
        "feed: no tag",
        f"<description><![CDATA[{FLAT}]]></description>",
        FERRY_ID,
        keeps=_FEED,
    ),
    reported(
        "feed: gone",
        _feed(GONE),
        options={"gone": "remove"},
        keeps=_FEED,
        embeds=[[GONE_ID, "gone"]],
    ),
    reported(
        "feed: title",
        f"<item><title><![CDATA[{FERRY}]]></title>{_feed(QUEUE)}",
        QUEUE_ID,
        keeps=(f"<title><![CDATA[{FERRY}]]></title>", *_FEED),
    ),
    reported(
        "feed: scripts that go",
        _feed(FLAT + SCRIPT),
        options={"script": "none"},
        keeps=_FEED,
        embeds=[[FERRY_ID, "kept"]],
    ),
]

BROKEN_DASHES = [
    reported(
        f"broken dash: {dash!r}",
        f"<p>{FERRY_WORDS} {CODE} {dash} {FERRY_LINE[2:]}</p>",
        FERRY_ID,
        once=(FERRY_WORDS,),
    )
    for dash in ("вЂ”", "вЂ“", "‚Äî", "ÔÇö", "Ã¢â‚¬â€\u009d", "Ã¢â‚¬â€", 'â€"', "â", "鈥?")
]

SCRIPTS = [
    reported(
        f"script: {archive}",
        f'<p>{FERRY}</p><script async src="{archive}https://platform.twitter.com/widgets.js">'
        "</script><p>End.</p>",
        FERRY_ID,
        options={"script": "none"},
        keeps=("<p>End.</p>",),
        absent=["widgets.js"],
    )
    for archive in ("https://web.archive.org/web/20240309121314js_/", "/web/20240309121314js_/")
]

ODD_QUOTES = [
    reported(
        f"quotes: {quote}",
        f"<p>Lead.</p><blockquote class={quote}twitter-tweet{quote}><a href={quote}{QUEUE}"
        f"{quote}></a></blockquote><p>End.</p>",
        QUEUE_ID,
        keeps=("<p>Lead.</p>", "<p>End.</p>"),
    )
    for quote in ("＂", '\\\\\\"', "”", "&rdquo;", "\\'")
]


def _marked(content: str) -> str:
    return f'<blockquote class="twitter-tweet">{content}</blockquote>'


_QUEUE_MARKED = f'<p lang="en" dir="ltr">{QUEUE_WORDS}</p>'

NOT_ITS_OWN = [
    reported(
        "a date in a sentence",
        _marked(f'<p lang="en" dir="ltr">On <a href="{FERRY}">March 5, 2024</a> they said so.</p>'),
        unchanged=True,
        forbid_ids=[FERRY_ID],
        embeds=[[None, "unidentified"]],
    ),
    reported(
        "a date before words",
        _marked(f'<p>On <a href="{FERRY}">March 5, 2024</a></p><p>More words</p>'),
        unchanged=True,
        forbid_ids=[FERRY_ID],
        embeds=[[None, "unidentified"]],
    ),
    reported(
        "a date alone before words",
        _marked(f'{_QUEUE_MARKED}<p><a href="{QUEUE}">March 8, 2024</a></p><p>More words</p>'),
        QUEUE_ID,
        keeps=("More words",),
        once=(QUEUE_WORDS,),
    ),
]

TRANSLATIONS = [
    reported(
        f"a translation before the line, {told[1]} {gone}",
        _marked(f"{words}<p><em>They wait in vain.</em></p>{signed}"),
        options={"gone": gone},
        keeps=("They wait in vain.",),
        embeds=[told],
    )
    for gone in ("keep", "remove", "tombstone")
    for words, signed, told in (
        (_QUEUE_MARKED, QUEUE_LINKED, [QUEUE_ID, "kept"]),
        ('<p lang="en" dir="ltr">I was here.</p>', GONE_LINKED, [GONE_ID, "gone"]),
    )
]

LOUD_SCRIPT = reported(
    "script: in capitals",
    f'<p>{FERRY}</p><SCRIPT SRC="HTTP://PLATFORM.TWITTER.COM/WIDGETS.JS"></SCRIPT><p>End.</p>',
    FERRY_ID,
    options={"script": "none"},
    keeps=("<p>End.</p>",),
    absent=["WIDGETS.JS"],
)

EXAMPLES = [
    reported(
        f"example: {opens}",
        f"Lead *in*.\n\n{opens}\n{example}\n{closes}\n\n{QUEUE}\n",
        QUEUE_ID,
        form=form,
        keeps=(f"{opens}\n{example}\n{closes}",),
    )
    for opens, closes, form in (
        ("{%- highlight html -%}", "{%- endhighlight -%}", "markdown"),
        ("{{< highlight html >}}", "{{< /highlight >}}", "markdown"),
        ("{% codeblock lang:html %}", "{% endcodeblock %}", "markdown"),
        ("{% comment %}", "{% endcomment %}", "html"),
        ("[code]", "[/code]", "html"),
        ('[sourcecode language="html"]', "[/sourcecode]", "html"),
        ("[CODE]", "[/CODE]", "html"),
    )
    for example in [f"{FERRY}\nhttps://t.co/News12abCd"]
]
RAW = [
    reported(
        f"raw: {opens}",
        f"{opens}\n{{% twitter {FERRY} %}}\n\n{QUEUE}\n{closes}\n\nEnd *so*.\n",
        QUEUE_ID,
        form="markdown",
        keeps=(f"{opens}\n{{% twitter {FERRY} %}}\n", f"{closes}\n\nEnd *so*."),
    )
    for opens, closes in (("{% raw %}", "{% endraw %}"), ("{%- raw -%}", "{%- endraw -%}"))
]
NO_EXAMPLES = [
    reported(f"no example: {opens}", f"{opens}\n\n{QUEUE}\n\nEnd.", QUEUE_ID, form="text")
    for opens in ("[code]", "[codes]\n\n[/codes]", "{% raw %}", "[code]x[/code]", "[[code]]")
]

CAPTIONS = [
    reported(
        f"caption shortcode: {name}",
        f'[caption id="a" width="300"]<img src="a.jpg"> {caption}[/caption]\n\n<p>End.</p>',
        unchanged=True,
        embeds=[[FERRY_ID, "kept"]],
    )
    for name, caption in (("words", FLAT), ("address", f"\n{FERRY}\n"))
]

ARABIC_ID = "1764954002027458617"
ARABIC = "عادت العبّارة إلى العمل بعد ستة أسابيع من الإصلاحات pic.twitter.com/Ar7kQ2LmZx"
BOTH_MONTHS = [
    reported(
        f"both months: {date}",
        f'<p dir="rtl">{ARABIC} — مكتب الميناء (@mina_desk) {date}</p>',
        ARABIC_ID,
    )
    for date in (
        "5 آذار/مارس 2024",
        "5 آذار (مارس) 2024",
        "5 مارس / آذار، 2024",
        "آذار/مارس 5, 2024",
        "٥ آذار/مارس ٢٠٢٤",
    )
]

FRAMES = [
    reported(
        f"frames: {name}", article, FERRY_ID, keeps=("<p>End.</p>", *keeps), once=(FERRY_WORDS,)
    )
    for name, article, keeps in (
        ("both", f"<div>{FERRY_P}</div><div><p>{FERRY_LINKED}</p></div><p>End.</p>", ()),
        ("two deep", f"{FERRY_P}\n<div><div><p>{FERRY_LINKED}</p></div></div><p>End.</p>", ()),
        ("one", f"{FERRY_P}<div><p>{FERRY_LINKED}</p></div><p>End.</p>", ()),
        (
            "anchor",
            f'<div>{FERRY_P}</div><div id="x1"><p>{FERRY_LINKED}</p></div><p>End.</p>',
            ('id="x1"',),
        ),
    )
]

ESCAPED = [
    reported(f"escaped underscore: {form}", article, FERRY_ID, form=form)
    for form, article in (
        ("text", f"Lead.\n\n{FERRY}\n".replace("_", r"\_")),
        ("html", f"<p>{FERRY}</p>".replace("_", r"\_")),
        ("markdown", f"{FERRY}\n\n# End\n".replace("_", r"\_")),
    )
]

OTHER_NETWORKS = [
    reported(f"other network: {name} {host}", article.format(signed=signed), unchanged=True)
    for host in ("truthsocial.com/@a/1", "weibo.com/1/2", "www.threads.net/@a/post/1")
    for signed in [f'— Harbor Desk (@harbor_desk) <a href="https://{host}">March 5, 2024</a>']
    for name, article in (
        ("quotation", f"<blockquote><p>{FERRY_WORDS}</p>{{signed}}</blockquote>"),
        ("paragraph", f"<p>{FERRY_WORDS} {{signed}}</p>"),
        ("paragraphs", f"<p>{FERRY_WORDS}</p><p>{{signed}}</p>"),
    )
]

LINKING_ID, LINKING_WORDS = "1765000000000000005", "Read this piece on ferries and more"
LINKING_HTML = (
    f'{LINKING_WORDS} <a href="https://t.co/News12abCd">https://t.co/News12abCd</a> '
    '<a href="https://t.co/Lnk1234567">pic.twitter.com/Lnk1234567</a>'
)
LINKING_PHOTO = f"https://twitter.com/lena_quay/status/{LINKING_ID}/photo/1"
SHORTENED = [
    reported(
        f"shortened address: {label}",
        f"<p>{LINKING_WORDS} {label} pic.twitter.com/Lnk1234567 — Lena Quay (@lena_quay) "
        "March 5, 2024</p>",
        LINKING_ID,
        once=(LINKING_WORDS,),
    )
    for label in (
        "news.example/story…",
        '<a href="https://t.co/News12abCd">news.example/story…</a>',
        '<a href="https://news.example/story?id=7">news.example/story?id=7</a>',
    )
]
SHORTENED.append(
    reported(
        "words for an address",
        f"<p>{LINKING_WORDS}: our story pic.twitter.com/Lnk1234567 — Lena Quay (@lena_quay) "
        "March 5, 2024</p>",
        unchanged=True,
        embeds=[[None, "unidentified"]],
    )
)

REPORTED = [
    *GOES_ON,
    *FRAMES,
    *ESCAPED,
    *OTHER_NETWORKS,
    *SHORTENED,
    *NOT_ITS_OWN,
    *TRANSLATIONS,
    LOUD_SCRIPT,
    *EXAMPLES,
    *RAW,
    *NO_EXAMPLES,
    *CAPTIONS,
    *BOTH_MONTHS,
    *LOST_QUOTATIONS,
    *PERMALINKS_BEHIND,
    *MAIL,
    *FEEDS,
    *BROKEN_DASHES,
    *SCRIPTS,
    *ODD_QUOTES,
]
