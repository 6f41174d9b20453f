"""What else may stand in the element of a tweet, and stays; and the elements that are a tweet."""

from collections.abc import Iterator
from urllib.parse import quote

from varied_parts import (
    CODE,
    FERRY,
    FERRY_ID,
    FERRY_LINKED,
    FERRY_QUOTED,
    FERRY_WORDS,
    GONE,
    GONE_ID,
    GONE_LINKED,
    GONE_QUOTED,
    MARKED,
    PICTURE,
    QUEUE,
    QUEUE_ID,
    QUEUE_LINKED,
    QUEUE_QUOTED,
    QUEUE_WORDS,
    SCRIPT,
    Variation,
)

_SHOWS = {
    "paragraph": "<p>The art spoke.</p>",
    "heading": "<h2>Next</h2><p>x</p>",
    "picture": '<img src="/q.jpg" alt="q">',
    "figure": '<figure><img src="/q.jpg"><figcaption>Cap</figcaption></figure>',
    "list": "<ul><li>one</li></ul>",
    "rule": "<hr>",
    "table": "<table><tr><td>x</td></tr></table>",
    "video": '<video src="/a.mp4"></video>',
    "frame": '<iframe src="https://www.youtube.com/embed/x"></iframe>',
    "credit": "<small>Foto: dpa</small>",
    "words": " The editor wrote on.",
    "emphasis": "<em>Emphasis ours</em>",
    "quotation": "<blockquote><p>Another quote.</p></blockquote>",
    "caption": '<span class="caption">Foto</span>',
    "code": "<pre>x = 1</pre>",
    "details": "<details><summary>a</summary>b</details>",
    "footer": "<footer>Source: Agency</footer>",
    "cite": "<cite>The Harbour Times</cite>",
    "button": "<button>Share</button>",
    "drawing": '<svg><path d="M0"/><g><circle r="1" /></g></svg>',
    "form": "<form><input name=q></form>",
    "formula": "<math><mi>x</mi></math>",
    "Japanese": "<p>（写真：共同）</p>",
    "Arabic": '<p dir="rtl">الصورة: أرشيف</p>',
}
_UNSEEN = {
    "more": "<!--more-->",
    "comment": "<!-- ad slot 3 -->",
    "anchor": '<a name="s2"></a>',
    "script": "<script>var a=1</script>",
    "data": '<script type="application/ld+json">{"a":1}</script>',
    "style": "<style>.a{color:red}</style>",
    "sheet": '<link rel="stylesheet" href="/a.css">',
    "meta": '<meta itemprop="x" content="y">',
    "template": "<template><b>x</b></template>",
    "advertisement": '<ins class="adsbygoogle" data-ad-slot="1"></ins>',
    "own": '<ad-slot name="x"></ad-slot>',
}
_REMOVED, _TOMBSTONE = {"gone": "remove"}, {"gone": "tombstone"}


def inside() -> Iterator[Variation]:
    """Return quotations in which more stands than a tweet."""
    queue = f'<p lang="en" dir="ltr">{QUEUE_WORDS}</p>'
    gone = f'<p lang="en" dir="ltr">I was never here</p>{GONE_LINKED}'
    for name, more in (_SHOWS | _UNSEEN).items():
        for where, article in {
            "behind": f"{MARKED}{queue}{QUEUE_LINKED}{more}</blockquote>",
            "before": f"{MARKED}{more}{queue}{QUEUE_LINKED}</blockquote>",
            "around": f'<div class="twitter-tweet">{QUEUE_QUOTED}{more}</div>',
            "around before": f'<div class="twitter-tweet">{more}{QUEUE_QUOTED}</div>',
            "oembed": f'<div data-oembed-url="{QUEUE}">{QUEUE_QUOTED}{more}</div>',
            "card": f'<figure class="kg-card kg-embed-card">{QUEUE_QUOTED}{more}</figure>',
        }.items():
            yield Variation(f"inside {where} {name}", article, [QUEUE_ID], [more])
        for where, article, options in (
            ("gone", f"{MARKED}{gone}{more}</blockquote>", _REMOVED),
            ("gone around", f'<div class="twitter-tweet">{GONE_QUOTED}{more}</div>', _TOMBSTONE),
        ):
            yield Variation(f"inside {where} {name}", article, (), [more], options=options)


def beside() -> Iterator[Variation]:
    """Return paragraphs that are a tweet, and something that does not show."""
    tweets = {
        "address": FERRY,
        "link": f'<a href="{FERRY}">{FERRY}</a>',
        "empty link": f'<a href="{FERRY}"></a>',
        "flattened": f"{FERRY_WORDS} {PICTURE} {FERRY_LINKED}",
    }
    for name, more in _UNSEEN.items():
        for form, tweet in tweets.items():
            end = "<p>End</p>"
            told = f"beside {form} {name}"
            yield Variation(f"{told} behind", f"<p>{tweet} {more}</p>{end}", ..., [more, end])
            yield Variation(f"{told} before", f"<p>{more} {tweet}</p>{end}", ..., [more, end])
            block = f"<!-- wp:paragraph -->\n<p>{tweet}{more}</p>\n<!-- /wp:paragraph -->"
            yield Variation(f"{told} block", block, ..., [more])
        removed = f"<p>{GONE} {more}</p><p>End</p>"
        yield Variation(f"beside gone {name}", removed, (), [more], options=_REMOVED)


_TWEET_HTML = f"https://platform.twitter.com/embed/Tweet.html?id={FERRY_ID}"
_FRAMES = {
    "X": _TWEET_HTML,
    "x.com": f"//platform.x.com/embed/Tweet.html?dnt=true&amp;id={FERRY_ID}",
    "index": f"https://platform.twitter.com/embed/index.html?id={FERRY_ID}",
    "twitframe": f"https://twitframe.com/show?url={quote(FERRY, safe='')}",
    "embedly": f"//cdn.embedly.com/widgets/media.html?url={quote(FERRY, safe='')}&amp;key=x",
}
_ELEMENTS = {
    "widget": f'<twitter-widget data-tweet-id="{FERRY_ID}"></twitter-widget>',
    "shadow": f'<twitterwidget class="twitter-tweet" data-tweet-id="{FERRY_ID}"></twitterwidget>',
    "AMP": f'<amp-twitter width="1" height="1" data-tweetid="{FERRY_ID}"></amp-twitter>',
    "AMP's address": f'<amp-twitter data-tweetid="{FERRY}"></amp-twitter>',
    "oembed": f'<oembed url="{FERRY}"></oembed>',
    "oembed's text": f"<oembed>{FERRY}</oembed>",
    "figure": f'<figure class="media"><oembed url="{FERRY}"></oembed></figure>',
    "o-embed": f'<figure class="media"><o-embed url="{FERRY}"></o-embed></figure>',
    "CKEditor 4": f'<div data-oembed-url="{FERRY}"></div>',
    "Wagtail": f'<embed embedtype="media" url="{FERRY}"/>',
    "TinyMCE": f'<div class="ephox-summary-card" data-ephox-embed-iri="{FERRY}"></div>',
    "embetty": f'<embetty-tweet status="{FERRY_ID}"></embetty-tweet>',
    "social": f'<figure class="op-social"><iframe>{FERRY_QUOTED}{SCRIPT}</iframe></figure>',
    "interactive": f'<figure class="op-interactive"><iframe>{FERRY_QUOTED}</iframe></figure>',
    "id": f'<blockquote class="twitter-tweet" data-tweet-id="{FERRY_ID}"></blockquote>',
    "stub": f'{MARKED}<a href="{FERRY}"></a></blockquote>',
    "stub's text": f'{MARKED}<p><a href="{FERRY}">{FERRY}</a></p></blockquote>',
    "Tumblr": f'<figure class="tmblr-embed" data-provider="twitter">{FERRY_QUOTED}</figure>',
    "page": f'<div class="embed-block">{FERRY_QUOTED}{SCRIPT}</div>',
    "Substack": f'<div class="tweet" data-attrs="{{&quot;url&quot;:&quot;{FERRY}&quot;}}"></div>',
}


def elements() -> Iterator[Variation]:
    """Return the elements that are a tweet, in what editors put around them."""
    for name, address in _FRAMES.items():
        for attribute in ("src", "data-src", "data-lazy-src"):
            frame = f'<iframe {attribute}="{address}"></iframe>'
            yield Variation(f"frame {name} {attribute}", frame, [FERRY_ID])
            copy = f'<noscript><iframe src="{address}"></iframe></noscript>'
            yield Variation(f"frame {name} {attribute} copy", frame + copy, [FERRY_ID])
            yield Variation(f"frame {name} {attribute} copied", f"{copy}\n{frame}", [FERRY_ID])
        other = f'<noscript><iframe src="{_TWEET_HTML}"></iframe></noscript>'.replace(
            FERRY_ID, QUEUE_ID
        )
        both = f'<iframe data-src="{address}"></iframe>{other}'
        yield Variation(f"frame {name} other copy", both, [FERRY_ID, QUEUE_ID])
    for name, element in _ELEMENTS.items():
        yield Variation(f"element {name}", element, [FERRY_ID])
        for around in ("center", "section", "li", "td"):
            frame = f"<{around}>{element}</{around}>"
            before, behind = {
                "li": ("<ul>", "</ul>"),
                "td": ("<table><tr>", "</tr></table>"),
            }.get(around, ("", ""))
            yield Variation(f"element {name} {around}", before + frame + behind, [FERRY_ID])
        written = f"Intro *x*\n\n{element}\n\n## End\n"
        yield Variation(f"element {name} Markdown", written, [FERRY_ID], ["\n## End\n"], "markdown")
        if element.count(FERRY_ID) == 1 and "harbor_desk" not in element:
            gone = f"<p>a</p>{element.replace(FERRY_ID, GONE_ID)}<p>b</p>"
            keeps = ["<p>a</p>", "<p>b</p>"]
            yield Variation(f"element {name} gone", gone, (), keeps, options=_REMOVED)


_LINKS = {
    "credit": "Harbor Desk / X",
    "discussion": "Discuss on X",
    "Arabic": "شاهد التغريدة",
    "Japanese": "ツイートを見る",
    "picture": '<img src="a.jpg" alt="t">',
    "pictures": '<picture><source srcset="a"><img src="a.jpg"></picture>',
    "button": "<button>Tweet</button>",
    "drawing": "<svg></svg>",
    "icon": '<i class="fa fa-twitter"></i>',
    "icon span": '<span class="icon-x"></span>',
    "date": "March 5, 2024",
    "handle": "@harbor_desk",
    "arrow": "→",
    "number": "1",
    "emoji": "🐦",
    "video": '<video src="a"></video>',
    "unseen": '<span class="sr-only">Tweet</span>',
}
_PLACES = {
    "p": ("<p>", "</p>"),
    "div": ('<div class="credit">', "</div>"),
    "caption": ('<figure><img src="a.jpg"><figcaption>', "</figcaption></figure>"),
    "item": ("<ul><li>", "</li></ul>"),
    "cell": ("<table><tr><td>", "</td></tr></table>"),
    "quotation": ("<blockquote><p>x said.</p><p>", "</p></blockquote>"),
}


def links() -> Iterator[Variation]:
    """Return links to tweets that have words of their own, or show something: they stay."""
    for name, words in _LINKS.items():
        for address, options in ((FERRY, {}), (GONE, _REMOVED)):
            link = f'<a href="{address}">{words}</a>'
            for place, (before, behind) in _PLACES.items():
                told = f"link {name} {place} {options}"
                yield Variation(told, before + link + behind, ..., options=options, whole=True)
            written = f"Text *x*.\n\n{link}\n\n## End"
            yield Variation(
                f"link {name} Markdown {options}", written, ..., (), "markdown", whole=True
            )


def lists() -> Iterator[Variation]:
    """Return lists of sources, and mail's and wikis' ways with an address: they stay."""
    for name, text in {
        "reference": f"[1] {FERRY}",
        "brackets": f"Foto: Harbor ({FERRY})",
        "label": f"Discuss on X: {FERRY}",
        "code": f"{CODE}x is no code",
    }.items():
        yield Variation(f"list {name}", text, ..., (), "text", whole=True)
