"""What property tests make articles of, and the X that knows the tweets in them."""

import html
import re

from hypothesis import strategies as st
from standin_x import StandIn

from service.core.article import Result
from service.core.detect.format_sniffing import sniff_format
from service.core.model import Format, Reason, State

NOVEMBER = "1988150000000000000"  # 11 November 2025
MAY = "463440424141459456"  # 5 May 2014
LOST = "1988160000000000000"  # 11 November 2025, and gone
SHUT = "1988170000000000000"
MEDIA_ONLY = "1988180000000000000"

ARABIC = "سورية واليابان تتفقان على شراكة لتعزيز الاتصالات"


def teach(x: StandIn) -> None:
    """Let X know the tweets and codes that the pieces below speak of."""
    x.tweet(
        NOVEMBER,
        "moctsyria",
        "وزارة الاتصالات",
        f'{ARABIC}.<br><br>للمزيد : <a href="https://t.co/7Y7Z7nxgXj">https://t.co/7Y7Z7nxgXj</a><a'
        ' href="https://x.com/hashtag/a?src=hash">#الجمهورية_العربية</a> <a'
        ' href="https://t.co/gmGJ1TR9Ve">pic.twitter.com/gmGJ1TR9Ve</a>',
        lang="ar",
        dir="rtl",
    )
    x.tweet(
        MAY,
        "Interior",
        "US Department of the Interior",
        'Sunsets don&#39;t get much better <a href="https://t.co/YuKy2rcjyU">x.test</a>',
    )
    x.tweet(
        MEDIA_ONLY,
        "quiet",
        "Quiet",
        '<a href="https://t.co/MediaOnly1">pic.twitter.com/MediaOnly1</a>',
        lang="und",
    )
    x.code("gmGJ1TR9Ve", f"https://x.com/moctsyria/status/{NOVEMBER}/photo/1")
    x.code("7Y7Z7nxgXj", "https://moct.example.org/news?id=5&utm_source=x&lang=ar")
    x.code("YuKy2rcjyU", f"http://twitter.com/Interior/status/{MAY}/photo/1")
    x.code("MediaOnly1", f"https://x.com/quiet/status/{MEDIA_ONLY}/video/1")
    x.code("LeadsToMay", f"https://twitter.com/Interior/status/{MAY}?s=20")
    x.code("abcdefghij", "https://example.org/a_(b)?x=1&y=<2>")
    x.fault[SHUT] = "forbidden"


LINKS = "https://t.co/7Y7Z7nxgXj#الجمهورية_العربية pic.twitter.com/gmGJ1TR9Ve"
FLATTENED = [
    f"{ARABIC}. للمزيد : {LINKS} — وزارة الاتصالات (@moctsyria) November 11, 2025",
    f"{ARABIC}.للمزيد : {LINKS}— وزارة الاتصالات (@moctsyria) ١١ نوفمبر ٢٠٢٥",
    (
        "Sunsets don't get much better pic.twitter.com/YuKy2rcjyU — US Department of the Interior"
        " (@Interior) May 5, 2014"
    ),
    (
        "Other words pic.twitter.com/YuKy2rcjyU — US Department of the Interior (@Interior) May 5,"
        " 2014"
    ),
    "Sunsets don't get much better pic.twitter.com/YuKy2rcjyU — Somebody Else (@else) May 5, 2014",
    (
        "Sunsets don't get much better pic.twitter.com/YuKy2rcjyU — US Department of the Interior"
        " (@Interior) May 6, 2014"
    ),
    "pic.twitter.com/MediaOnly1 — Quiet (@quiet) November 11, 2025",
    "No code at all — Name (@name) November 11, 2025",
]
ADDRESSES = [
    f"https://x.com/moctsyria/status/{NOVEMBER}",
    f"https://twitter.com/Interior/status/{MAY}?s=20&t=abc",
    f"https://twitter.com/i/status/{LOST}",
    f"https://x.com/a/status/{SHUT}",
    "https://t.co/LeadsToMay",
    "https://t.co/abcdefghij",
    "http://t.co/unknown123",
    "pic.twitter.com/gmGJ1TR9Ve",
    "https://example.org/?u=https://t.co/abcdefghij",
    "https://t.co/abcdefghij#tag",
    "(https://t.co/abcdefghij).",
]
X_LINK = '<a href="https://t.co/YuKy2rcjyU">x.test</a>'
BLOCKQUOTES = [
    (
        '<blockquote class="twitter-tweet" data-lang="ar"><p lang="ar"'
        f' dir="rtl">{ARABIC}.</p>&mdash; N (@moctsyria) <a'
        f' href="https://twitter.com/moctsyria/status/{NOVEMBER}?ref_src=twsrc%5Etfw">November 11,'
        " 2025</a></blockquote>"
    ),
    (
        '<blockquote class="twitter-tweet"><p lang="en" dir="ltr">Sunsets don&#39;t get much'
        f" better {X_LINK}</p>&mdash; US Department of the Interior (@Interior) <a"
        f' href="https://x.com/Interior/status/{MAY}">May 5, 2014</a></blockquote>'
    ),
    (
        "<blockquote><p>Sunsets</p>— Interior (@Interior) <a"
        f' href="https://twitter.com/Interior/status/{MAY}">May 5, 2014</a></blockquote>'
    ),
    f'<blockquote class="twitter-tweet"><a href="https://x.com/a/status/{LOST}"></a></blockquote>',
    (
        '<blockquote class="twitter-tweet"><p>gone <b id=x>w</b></p>— A (@a) <a'
        f' href="https://x.com/a/status/{LOST}">May</a></blockquote>'
    ),
    (
        '<blockquote class="twitter-tweet"><p>open<a'
        f' href="https://x.com/Interior/status/{MAY}">May 5, 2014</a>'
    ),
    "<blockquote>Ordinary words.</blockquote>",
]
TAGS = [
    *[
        "<p>",
        "</p>",
        "<div>",
        "</div>",
        "<b>",
        "</b>",
        "<i>",
        "</i>",
        "<em>",
        "</em>",
        "<h2>",
        "</h2>",
        "<ul><li>",
        "</li></ul>",
    ],
    *["<table><tr><td>", "</td></tr></table>", "<br>", "<br/>"],
    *[
        "<a>",
        "</a>",
        "<span>",
        "</span>",
        "<pre>",
        "</pre>",
        "<code>",
        "</code>",
        "<blockquote>",
        "</blockquote>",
        "<!--x-->",
        "<!--",
        "</script>",
        "<script>",
        "<textarea>",
    ],
    *["</textarea>", "<svg>", "</svg>", "<style>", "<img>", "<hr>", "<figure>", "<", ">", "<p"],
    "<p class=x>",
    '<a href="',
    "<!-- wp:paragraph -->",
    "<!-- /wp:paragraph -->",
    "<!-- wp:quote -->",
    "<!-- /wp:quote -->",
]
SPACE = [" ", "\n", "\r\n", "\n\n", "\r", "\t", "\xa0", "\u2028", "\x0b", "\x1c"]
ODD = [
    "&amp;",
    "&lt;",
    "&mdash;",
    "&#64;",
    "\x00",
    "\u202e",
    "\u200b",
    "😀",
    "é",
    "e\u0301",
    "—",
    "(@",
    "@a",
    "`",
    "```",
    "](",
    "# ",
    "[x]: ",
    "{{",
    "…",
]

MARKS = [
    *("\n> ", "\n- ", "\n1. ", "\n    ", "\n# ", "\n```\n", "\n---\n", "\n===\n", "\n|-|\n"),
    *("|", "*", "**", "_", "[", "]", "[x]", "![", "](", "<", ">", "\\"),
]


def _marked_up(pieces: list[str]) -> list[str]:
    return [f"<p>{html.escape(piece)}</p>" for piece in pieces] + [
        f'<p><a href="{html.escape(piece)}">{piece}</a></p>' for piece in pieces
    ]


_QUOTED = BLOCKQUOTES[1]
_SHOWN = f"https://twitter.com/Interior/status/{MAY}"
SHORTCODES = [
    f"[tweet {MAY}]",
    f"[tweet https://twitter.com/i/status/{LOST}]",
    f"[embed]{_SHOWN}[/embed]",
    f"[{_SHOWN}:embed#title https://t.co/abcdefghij]",
    f'{{{{< x user="moctsyria" id="{NOVEMBER}" >}}}}',
    f"{{{{<tweet {MAY}>}}}}",
    f"{{% twitter {_SHOWN} %}}",
]
_WRAPPER = f'<div class="wp-block-embed__wrapper">\n{_SHOWN}\n</div>'
FORMS = [
    (
        f'<!-- wp:embed {{"url":"{_SHOWN}"}}'
        f" -->\n<figure>{_WRAPPER}<figcaption>Caption</figcaption></figure>\n<!-- /wp:embed -->"
    ),
    f'<figure class="wp-block-embed">{_WRAPPER}</figure>',
    (
        "<iframe"
        f' src="https://platform.twitter.com/embed/Tweet.html?id={NOVEMBER}&amp;theme=dark"></iframe>'
    ),
    f'<iframe src="https://platform.twitter.com/embed/Tweet.html?id={MAY}">',
    (
        '<div class="twitter-tweet twitter-tweet-rendered"><iframe'
        f' data-tweet-id="{LOST}"></iframe></div>'
    ),
    f'<amp-twitter data-tweetid="{MAY}">{_QUOTED}</amp-twitter>',
    f'<amp-twitter data-tweetid="{MAY}" />',
    f'<figure class="media"><oembed url="{_SHOWN}"></oembed></figure>',
    f'<div data-oembed-url="{_SHOWN}">{_QUOTED}</div>',
    f'<embed embedtype="media" url="{_SHOWN}"/>',
    (
        f'<div class="tweet" data-attrs="{{&quot;url&quot;:&quot;{_SHOWN})&quot;}}"><a'
        f' href="{_SHOWN}">words</a></div>'
    ),
    f'<figure class="kg-card kg-embed-card">{_QUOTED}<figcaption>Caption</figcaption></figure>',
    f'<figure class="op-social"><iframe>{_QUOTED}</iframe></figure>',
    f'<embetty-tweet status="{LOST}"></embetty-tweet>',
]
_TEXT_PIECES = [*FLATTENED, *ADDRESSES, *SHORTCODES]
text_pieces = st.sampled_from([*_TEXT_PIECES, *SPACE, *SPACE, *ODD, "words", "."])
html_pieces = st.sampled_from(
    [
        *_TEXT_PIECES,
        *BLOCKQUOTES,
        *FORMS,
        *_marked_up(_TEXT_PIECES),
        *(f"<a href={address}>words</a>" for address in ADDRESSES[:6]),
        *TAGS,
        *SPACE,
        *ODD,
        "words",
    ],
)
markdown_pieces = st.sampled_from(
    [
        *_TEXT_PIECES,
        *(f"\n\n{piece}\n\n" for piece in _TEXT_PIECES),
        *(f"\n> {piece}" for piece in _TEXT_PIECES),
        *(f"[words]({address})" for address in ADDRESSES[:6]),
        *(f"[{address}]({address} 'title')" for address in ADDRESSES[:6]),
        *(f"<{address}>" for address in ADDRESSES[:6]),
        *(f"\n\n[x]: {address}\n" for address in ADDRESSES[:6]),
        *BLOCKQUOTES,
        *(f"\n\n{blockquote}\n\n" for blockquote in BLOCKQUOTES),
        *SPACE,
        *ODD,
        *MARKS,
        "words",
    ],
)
texts = st.lists(text_pieces, max_size=12).map("".join)
pages = st.lists(html_pieces, max_size=12).map("".join)
markdowns = st.lists(markdown_pieces, max_size=12).map("".join)


def replaced(result: Result) -> list[tuple[int, int]]:
    """Return the spans in which an answer may differ from the article: embeds that were
    written, and links.
    """
    written = [
        (embed.start, embed.end)
        for embed in result.embeds
        if (
            embed.html is not None
            and embed.reason is not Reason.INTACT
            and embed.state is not State.KEPT
        )
        or embed.reason is Reason.BLOCK
    ]
    return sorted([*written, *((link.start or 0, link.end or 0) for link in result.links)])


def outside_is_the_same(content: str, result: Result, written_in: Format | None = None) -> bool:
    """Return whether everything outside the replaced spans stands in the answer as it stood in the
    article, in order.
    """
    parts = []
    at = 0
    for start, end in replaced(result):
        parts.append(content[at:start])
        at = end
    parts.append(content[at:])
    answer = result.content
    if (
        written_in or sniff_format(content)
    ) is Format.TEXT and result.format is Format.HTML:  # the same text, escaped
        for embed in result.embeds:
            answer = answer.replace(embed.html or "\ue000", "\ue000", 1)
        answer = html.unescape(re.sub(r"</?p>|<br>", "", answer))
    return re.fullmatch("(?s:.*?)".join(map(re.escape, parts)), answer) is not None
