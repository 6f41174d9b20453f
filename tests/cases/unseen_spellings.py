"""How addresses, dashes, dates and handles are written, and what only looks like a tweet."""

from collections.abc import Iterator

from case_book import Case
from reported_articles import reported
from varied_parts import CODE, FERRY, FERRY_ID, FERRY_WORDS, FLAT, QUEUE, QUEUE_QUOTED

_AT = f"/harbor_desk/status/{FERRY_ID}"
_ADDRESSES = f"""\
http://twitter.com{_AT}
twitter.com{_AT}
//twitter.com{_AT}
https://www.x.com{_AT}
https://m.twitter.com{_AT}
https://mobile.x.com{_AT}/
https://twitter.com{_AT}/photo/1?s=20
https://x.com{_AT}/video/1
https://twitter.com{_AT}?s=20&amp;t=Ab-c_d
https://twitter.com{_AT}?utm_source=a&amp;fbclid=b
https://twitter.com{_AT}?cxt=HHwWgICz&amp;s=20
https://twitter.com/#!{_AT}
https://twitter.com/%23!{_AT}
https://twitter.com/harbor_desk/statuses/{FERRY_ID}
https://twitter.com/statuses/{FERRY_ID}
https://twitter.com/i/web/status/{FERRY_ID}
https://x.com/i/status/{FERRY_ID}
https://twitter.com/anyone/status/{FERRY_ID}
https://x.com{_AT}/analytics
https://x.com{_AT}/mediaViewer?currentTweet={FERRY_ID}&amp;currentTweetUser=harbor_desk
https://nitter.example.org{_AT}#m
https://fxtwitter.com{_AT}
https://xcancel.com{_AT}
https://TWITTER.COM/Harbor_Desk/Status/{FERRY_ID}
https://twitter.com:443{_AT}
https://twitter.com/harbor_desk/sta&shy;tus/{FERRY_ID}""".splitlines()
_NONE = f"""\
https://twitter.com/intent/tweet?in_reply_to={FERRY_ID}
https://twitter.com/harbor_desk/status/
https://twitter.com{_AT}…
https://twitter.com.evil.example{_AT}
https://evil.example/twitter.com{_AT}
https://api.twitter.com/1.1/statuses/show.json?id={FERRY_ID}
https://twitter.com/i/events/{FERRY_ID}
https://twitter.com/i/lists/{FERRY_ID}
https://twitter.com/search?q=https%3A%2F%2Ftwitter.com{_AT}
https://analytics.twitter.com/user/harbor_desk/tweet/{FERRY_ID}
https://threadreaderapp.com/thread/{FERRY_ID}.html
https://twitter.co{_AT}
https://maxx.com{_AT}
htps://twitter.com{_AT}
https://twitter.com/harbor_desk/status/ {FERRY_ID}
https:\\/\\/twitter.com\\/harbor_desk\\/status\\/{FERRY_ID}
https:&amp;#x2F;&amp;#x2F;twitter.com&amp;#x2F;harbor_desk&amp;#x2F;status&amp;#x2F;{FERRY_ID}""".splitlines()


def addresses() -> Iterator[Case]:
    """Return addresses alone in a paragraph: a tweet's, and what is none."""
    for one in _ADDRESSES:
        article, keeps = f"<p>Before.</p><p>{one}</p><p>After.</p>", ("<p>Before.</p>", "<p>After.")
        yield reported(f"address {one}", article, FERRY_ID, keeps=keeps)
        text = f"Before *x*.\n\n{one.replace('&amp;', '&')}\n\nAfter.\n"
        keeps = ("Before *x*.\n\n", "\n\nAfter.\n")
        yield reported(f"address {one} Markdown", text, FERRY_ID, form="markdown", keeps=keeps)
    for one in _NONE:
        yield reported(f"no address {one}", f"<p>Before.</p><p>{one}</p>", unchanged=True)


_BROKEN = r"""https:&amp;#x2F;&amp;#x2F;t.co/News12abCd
https&amp;#58;//t.co/News12abCd
https&amp;colon;//t.co/News12abCd
https:&amp;#47;&amp;#47;t.co/News12abCd
https:\/\/t.co\/News12abCd
https:\u002F\u002Ft.co\u002FNews12abCd
https%3A%2F%2Ft.co%2FNews12abCd
https: // t.co / News12abCd
https:///t.co/News12abCd
https://t[.]co/News12abCd""".splitlines()


def broken_short_links() -> Iterator[Case]:
    """Return short links that are broken: left alone, never replaced in half."""
    for one in _BROKEN:
        for form, said in (("html", one), ("text", one.replace("&amp;", "&")), ("markdown", one)):
            article = f"<p>See {said} today.</p>" if form == "html" else f"See {said} today."
            yield reported(f"broken {one} {form}", article, form=form, unchanged=True)


_LINES = """\
 — Harbor Desk (@harbor_desk) 2024-03-05
 — Harbor Desk (@harbor_desk) 9:41 AM · Mar 5, 2024
 — Harbor Desk (@harbor_desk) · March 5, 2024
 — Harbor Desk (@harbor_desk), March 5, 2024
 — Harbor Desk (@harbor_desk) | March 5, 2024
 — Harbor Desk (@harbor_desk) March 05, 2024.
 — Harbor Desk (@Harbor_Desk) 5 March 2024
 — Harbor Desk ( @harbor_desk ) March 5, 2024
 — Harbor Desk ✓ (@harbor_desk) March 5, 2024
 — (@harbor_desk) March 5, 2024
 ― Harbor Desk (@harbor_desk) March 5, 2024
 − Harbor Desk (@harbor_desk) March 5, 2024
 ‒ Harbor Desk (@harbor_desk) March 5, 2024
 --- Harbor Desk (@harbor_desk) March 5, 2024
 -Harbor Desk (@harbor_desk) March 5, 2024
—Harbor Desk (@harbor_desk) March 5, 2024
\u2009—\u2009Harbor Desk (@harbor_desk) March 5, 2024""".splitlines()


def lines() -> Iterator[Case]:
    """Return how the line below a tweet is written."""
    for line in _LINES:
        for form, around in (("html", ("<p>", "</p>")), ("text", ("x\n\n", "\n\nx"))):
            flat = f"{FERRY_WORDS} {CODE}{line}"
            article = flat.join(around)
            yield reported(f"line {line} {form}", article, FERRY_ID, form=form)


_SAYS = "Some words that were said there by somebody."
_LOOKALIKES = {
    "byline": "<p>By Anna Example (@anna_ex) March 5, 2024</p>",
    "photo": "<p>Photo — Anna Example (@anna_ex) March 5, 2024</p>",
    "dateline": "<p>LONDON — Anna Example (@anna_ex) March 5, 2024 — The city said.</p>",
    "update": "<p>Updated: Anna Example (@anna_ex), March 5, 2024</p>",
    "meeting": "<p>Join us with Anna Example (@anna_ex) March 5, 2024 at the harbour hall</p>",
    "another network": f"<p>{_SAYS} — Anna (@anna_ex@social.example) March 5, 2024</p>",
    "a host": f"<p>{_SAYS} — Anna (@anna.social.example) March 5, 2024</p>",
    "mail": f"<p>{_SAYS} — Anna (anna@news.example) March 5, 2024</p>",
    "no day": f"<p>{_SAYS} — Anna (@anna_ex) 2024</p>",
    "play": "<blockquote><p>To be.</p><p>— Will (Hamlet) March 5, 2024</p></blockquote>",
    "code": "<p><code>https://t.co/News12abCd</code></p>",
    "preformatted": f"<pre>{FLAT}</pre>",
    "field": f"<textarea>{QUEUE_QUOTED}</textarea>",
    "data": f'<script type="application/ld+json">{{"articleBody":"{FLAT}"}}</script>',
    "canonical": f'<link rel="canonical" href="{QUEUE}">',
    "alternative": f'<img src="/x.jpg" alt="{QUEUE}">',
    "attribute": f'<p data-url="{QUEUE}" title="https://t.co/News12abCd">x</p>',
    "share": f'<a href="https://twitter.com/intent/tweet?url={QUEUE}">Share</a>',
    "label": f"<p>Tweet: {FERRY}</p>",
    "card": f'<figure><a href="{QUEUE}"><div>Lena Quay on X</div><div>“{_SAYS}”</div></a></figure>',
    "escaped": f'<p>&lt;blockquote&gt;&lt;a href="{QUEUE}"&gt;x&lt;/a&gt;&lt;/blockquote&gt;</p>',
    "two addresses": f"<p>{FERRY} {QUEUE}</p>",
}


def lookalikes() -> Iterator[Case]:
    """Return what is no tweet."""
    for name, article in _LOOKALIKES.items():
        yield reported(f"lookalike {name}", f"<p>Before.</p>{article}<p>x</p>", unchanged=True)


SPELLINGS = [*addresses(), *broken_short_links(), *lines(), *lookalikes()]
