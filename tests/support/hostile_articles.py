"""Units of which articles are made that keep the service busy: each is repeated to any length, by
itself, or between what opens and what closes.
"""

from typing import Final

PERMALINK: Final = "https://x.com/a/status/1988150000000000000"
DAY: Final = "November 11, 2025"
SAID: Final = "— A (@a) "
OPENING: Final = '<blockquote class="twitter-tweet">'
LINK: Final = f'<a href="{PERMALINK}">{DAY}</a>'
TWEET: Final = f'{OPENING}<p lang="en" dir="ltr">words</p>{SAID}{LINK}'
CODE: Final = "https://t.co/abcdefghij"
_DAY_FAR: Final = "— A (@a) May 5, 2014"
_ID: Final = "1988150000000000000"

REPEATED_KINDS: Final[dict[str, str]] = {
    # elements in elements, or none of them closed
    **{
        f"open {tag}": f"<{tag}>{PERMALINK} "
        for tag in (
            "address article aside button center code dd details dl dt fieldset figcaption figure"
            " form h1 header label li main nav nobr ol option p pre q section select small span"
            " summary sup svg td template th tr u ul var"
        ).split()
    },
    "tables in tables": f"<table><tr><td>{PERMALINK}",
    "words thrown out of tables": f"<table>{PERMALINK}<tr>",
    "formatting and blocks misnested": "<b><i><div>@</b></i>",
    "ends of what is not open": "</b></i></a></div></br>@",
    # tweets
    "true tweets": f"{TWEET}</blockquote>\n",
    "tweets with words of the article's": f"{OPENING}<p>own</p>{SAID}{LINK}<p>x</p></blockquote>",
    "tweets by attribute": f'<blockquote class="twitter-tweet" data-tweet-id="{_ID}">',
    "frames of X": f'<iframe src="https://platform.x.com/embed/Tweet.html?id={_ID}"></iframe>',
    "open frames": f'<iframe src="https://platform.x.com/embed/Tweet.html?id={_ID}">',
    "widgets": f'<twitter-widget data-tweet-id="{_ID}">',
    "AMP": f'<amp-twitter data-tweetid="{_ID}">',
    "figures around an address": f'<figure class="media"><oembed url="{PERMALINK}"></figure>',
    "X's scripts": '<script async src="https://platform.x.com/widgets.js"></script>',
    # links and codes
    "codes in a row": f"{CODE}{CODE}",
    "pictures' codes": "pic.twitter.com/abcdefghij ",
    "links of an address": f'<a href="{PERMALINK}">{PERMALINK}</a><br>',
    "empty links": f'<b><i><a href="{PERMALINK}"></a></i></b>',
    "permalinks in headings": f"<h2>{PERMALINK}</h2>\n",
    "permalinks in pieces": "https://x.com/<wbr>a/status/<b>198815</b>0000000000000 ",
    "addresses in references": "https&colon;&sol;&sol;x.com&sol;a&sol;status&sol;20 ",
    # attributes
    "values that nobody closed": f'<a href="{PERMALINK}>x</a>',
    "classes that nobody closed": f'<blockquote class="twitter-tweet>{SAID}</blockquote>',
    "values in typographic quotes": f"<a href=”{PERMALINK}”>x</a>",
    "values with ends of tags": '<a title="a>b"c="d>">@',
    # comments, sections, scripts, templates, shortcodes
    "comments": f"<!-- {PERMALINK} -->",
    "comments for one browser": f"<!--[if IE]>{PERMALINK}<![endif]-->",
    "sections": f"<![CDATA[<p>{PERMALINK}</p>]]>",
    "sections in sections": f"<![CDATA[<![CDATA[{PERMALINK}]]>",
    "JSON in scripts": f'<script type="application/json">{{"url":"{PERMALINK}"}}</script>',
    "open scripts": f"<script>{PERMALINK}",
    "embed blocks": f'<!-- wp:embed {{"url":"{PERMALINK}"}} -->',
    "half an embed block": '<!-- wp:embed {"url":"',
    "blocks in blocks": f"<!-- wp:group --><p>words {_DAY_FAR}</p>",
    "ends of blocks": f"<!-- /wp:paragraph -->{PERMALINK}\n",
    "shortcodes": f"[tweet {PERMALINK}]\n",
    "half shortcodes": "[embed]",
    "Hugo's shortcodes": f'{{{{< x user="a" id="{_ID}" >}}}}\n',
    "half of Hugo's": "{{< x ",
    "raw templates": f"{{% raw %}}{PERMALINK} ",
    "captions": f"[caption]{PERMALINK}[/caption]\n",
    "half captions": "[caption ",
    # characters
    "zero width": f"\u200b{PERMALINK}\u200b\n",
    "marks of direction": f"\u202e\u05d0\u05d1 {_DAY_FAR}\u202c ",
    "line ends of every kind": f"{PERMALINK}\r\n\r\x0b\x0c\x85\u2028",
    "attributions in Arabic": "<p>كلمات — A (@a) ١١ نوفمبر، ٢٠٢٥</p>",
    "emoji joined": "\U0001f469\u200d\U0001f467\ufe0f@",
    # Markdown
    "Markdown links": f"[{PERMALINK}]({PERMALINK})\n\n",
    "Markdown quotes": f"> words\n>\n> {SAID}[{DAY}]({PERMALINK})\n\n",
    "definitions": f"[a]: {PERMALINK} 'x\n",
    "uses of a definition": f"[a][b] {PERMALINK}\n",
    "emphasis": "*_**__*a ",
    "headings": f"# {PERMALINK}\n",
    "rows of a table": f"| {PERMALINK} |\n|---|\n",
    "lists": f"- [ ] {PERMALINK}\n",
    "fences and tildes": f"```\n{PERMALINK}\n~~~\n",
    "front matter": f"---\na: {PERMALINK}\n",
}
"""By name: what is written again and again."""

WITHIN_KINDS: Final[dict[str, tuple[str, str, str]]] = {
    "a tweet of attributions": (OPENING, f"<p>{SAID}{LINK}</p>", "</blockquote>"),
    "a quote of attributions of its day": ("<blockquote>", f"<p>{SAID}{LINK}</p>", "</blockquote>"),
    "a tweet of dated links": (
        f"{OPENING}<p>",
        f"words {LINK} more ",
        f"</p>{SAID}{LINK}</blockquote>",
    ),
    "a tweet of links to itself": (
        f"{OPENING}<p>",
        f'<a href="{PERMALINK}">words</a> ',
        f"</p>{SAID}{LINK}</blockquote>",
    ),
    "a tweet of codes": (
        f"{OPENING}<p>",
        f'<a href="{CODE}">{CODE}</a> ',
        f"</p>{SAID}{LINK}</blockquote>",
    ),
    "a tweet of paragraphs": (OPENING, "<p>words</p>", f"{SAID}{LINK}</blockquote>"),
    "a tweet of lines": (f"{OPENING}<p>", "x<br>", f"</p>{SAID}{LINK}</blockquote>"),
    "a tweet of open formatting": (OPENING, "<b>x", f"{SAID}{LINK}</blockquote>"),
    "a huge attribute": ('<p title="', "x", f'">{PERMALINK}</p>'),
    "an element of many attributes": ("<p ", 'a="x" ', f">{PERMALINK}</p>"),
    "a huge address": (f'<a href="{PERMALINK}?', "x", '">x</a>'),
    "a huge word": ("<p>", "a", f" {_DAY_FAR}</p>"),
    "a huge handle": ("<p>words — A (@", "a", f") {DAY}</p>"),
    "a huge block": (
        f'<!-- wp:embed {{"url":"{PERMALINK}","x":"',
        "x",
        '"} -->x<!-- /wp:embed -->',
    ),
    "a section of paragraphs": ("<![CDATA[", f"<p>{PERMALINK}</p>", "]]>"),
    "a paragraph of words in no width": (f"<p>{PERMALINK}", "\u200b", "</p>"),
    "words before one attribution": ("", "<p>words</p>", f"<p>{_DAY_FAR}</p>"),
    "front matter without an end": ("---\n", "a: b\n", PERMALINK),
    "a table of ticks": ("a|b\n-|-\n", "`|", f"|{PERMALINK}\n"),
    "a destination of brackets": ("[a](", "(", PERMALINK),
}
"""By name: what opens, what is written again and again, and what closes."""
