"""What other systems make of a tweet: frames, widgets, cards, shortcodes; and quotes gone wrong."""

import re
from urllib.parse import quote

from made_articles import GLUE, Maker, Part


def card(make: Maker) -> Part:
    """Make an element that states a tweet the way some system writes it."""
    tweet = make.tweet()
    own = f"https://twitter.com/{tweet.handle}/status/{tweet.id}"
    lazy = make.pick(["src", "data-src", "data-lazy-src"])
    words, named = tweet.html, f"{tweet.name} (@{tweet.handle})"
    bare = re.sub(r"<[^<>]*>", "", words)
    source = make.pick(
        [
            f'<iframe {lazy}="https://platform.twitter.com/embed/Tweet.html?id={tweet.id}"></iframe>',
            f'<iframe {lazy}="https://platform.x.com/embed/Tweet.html?dnt=true&amp;id={tweet.id}"></iframe>',
            f'<iframe {lazy}="https://twitframe.com/show?url={quote(own, safe="")}"></iframe>',
            f'<iframe {lazy}="https://cdn.embedly.com/widgets/media.html?type=text%2Fhtml&amp;schema=twitter&amp;url={quote(own)}"></iframe>',
            (
                f'<div><twitter-widget class="twitter-tweet" data-tweet-id="{tweet.id}">'
                "</twitter-widget></div>"
            ),
            (
                '<div class="twitter-tweet twitter-tweet-rendered"><iframe '
                f'data-tweet-id="{tweet.id}"></iframe></div>'
            ),
            (
                f'<div><amp-twitter data-tweetid="{tweet.id}" width="375" height="472">'
                "</amp-twitter></div>"
            ),
            f'<figure class="media"><oembed url="{own}"></oembed></figure>',
            f'<div><o-embed url="{own}"></o-embed></div>',
            f'<div data-oembed-url="{own}"><div></div></div>',
            f'<div><embed embedtype="media" url="{own}"/></div>',
            f'<div data-ephox-embed-iri="{own}"><a href="{own}"><span>{bare}</span></a></div>',
            f'<div class="wpview" data-wpview-text="{quote(own, safe="")}"></div>',
            (
                f'<div class="iframely-embed"><a data-iframely-url="//iframely.net/a" href="{own}">'
                "</a></div>"
            ),
            f'<div><embetty-tweet status="{tweet.id}"></embetty-tweet></div>',
            (
                f'<blockquote class="twitter-tweet" data-tweet-id="{tweet.id}"><p>{words}</p>'
                "</blockquote>"
            ),
            f'<div class="twitter-tweet" data-id="{tweet.id}"></div>',
            (
                f'<blockquote class="twitter-tweet" cite="{own}"><p>{words}</p>— {named} '
                f"{tweet.date}</blockquote>"
            ),
            f'<blockquote class="twitter-tweet"><a href="{own}">Loading the post</a></blockquote>',
            (
                f'<aside class="onebox twitterstatus" data-onebox-src="{own}">'
                f'<header class="source"><a href="{own}">twitter.com</a></header>'
                f'<article class="onebox-body"><h4><a href="{own}">{named}</a></h4>'
                f'<div class="tweet">{bare}</div>'
                f'<div class="date"><a href="{own}">2:10 PM - 5 Mar 2024</a></div></article>'
                "</aside>"
            ),
            (
                f'<div class="tweet"><a class="tweet-link-top" href="{own}?s=20"><div '
                f'class="tweet-header"><span class="tweet-author">@{tweet.handle}</span></div>'
                f'{bare}</a><a class="tweet-link-bottom" href="{own}?s=20"><p class="tweet-date">'
                'March 5th 2024</p><p class="tweet-retweets">12 Retweets</p></a></div>'
            ),
            (
                '<figure class="op-interactive"><iframe><blockquote class="twitter-tweet"><p>'
                f"{words}</p>{make.closing(tweet)}</blockquote></iframe></figure>"
            ),
            (
                f'<figure class="op-social"><iframe><blockquote class="twitter-tweet"><p>'
                f"{words}</p>{make.closing(tweet)}</blockquote></iframe></figure>"
            ),
        ]
    )
    shown = f"{GLUE}{make.shown(tweet)}{GLUE}"
    return Part("card", source, rf"(?:<aside[^<>]*>)?{shown}(?:</aside>)?", tweet, must=True)


def consent_tool(make: Maker) -> Part:
    """Make a consent tool's notice beside a tweet: the notice stays, the tweet stands there
    once.
    """
    tweet = make.tweet()
    word = make.word()
    own = f"https://twitter.com/{tweet.handle}/status/{tweet.id}"
    opening = (
        '<div class="embed-privacy-container"><div class="embed-privacy-overlay">'
        f'<p>Click {word}.</p><a href="{own}">Open content directly</a></div>'
        '<div class="embed-privacy-content">'
    )
    inside = f"<p>{tweet.html}</p>{make.closing(tweet)}"
    source = f'{opening}<blockquote class="twitter-tweet">{inside}</blockquote></div></div>'
    result = f"{re.escape(opening)}{GLUE}{make.shown(tweet)}{GLUE}</div></div>"
    return Part("consent tool", source, result, tweet, must=True)


_QUOTES = [("”", "”"), ("“", "”"), ("″", "″"), ('\\"', '\\"'), ('3D"', '"'), ("’", "’"), ("", "")]


def misquoted(make: Maker) -> Part:
    """Make an element whose attributes lost their quotes to a program."""
    tweet = make.tweet()
    own = f"https://twitter.com/{tweet.handle}/status/{tweet.id}"
    opening, closing = make.pick(_QUOTES)
    source = make.pick(
        [
            (
                f'<blockquote class="twitter-tweet"><p lang="en" dir="ltr">{tweet.text}</p>&mdash; '
                f'{tweet.name} (@{tweet.handle}) <a href="{own}">{tweet.date}</a></blockquote>'
            ),
            f'<blockquote class="twitter-tweet"><a href="{own}"></a></blockquote>',
            f'<p><a href="{own}">{own}</a></p>',
            f'<figure class="media"><oembed url="{own}"></oembed></figure>',
        ]
        if "<" not in tweet.text
        else [f'<blockquote class="twitter-tweet"><a href="{own}"></a></blockquote>']
    )
    source = re.sub(r'="([^"]*)"', lambda found: f"={opening}{found[1]}{closing}", source)
    return Part("misquoted", source, f"{GLUE}{make.shown(tweet)}{GLUE}", tweet, must=True)


def feed_item(make: Maker) -> Part:
    """Make an item of a feed, its content in a CDATA section."""
    tweet = make.tweet()
    word = make.word()
    own = f"https://twitter.com/{tweet.handle}/status/{tweet.id}"
    inside = make.pick(
        [
            (
                f'<blockquote class="twitter-tweet"><p>{tweet.html}</p>'
                f"{make.closing(tweet)}</blockquote>"
            ),
            f"<p>{own}</p>",
            f"<p>{tweet.html}{make.closing(tweet)}</p>",
        ]
    )
    lead = make.pick(["", f"<p>The {word}y.</p>"])
    opening = f"<item><title>{word}</title><content:encoded><![CDATA[{lead}"
    closing = "<p>Next.</p>]]></content:encoded></item>"
    result = f"{re.escape(opening)}{GLUE}{make.shown(tweet)}{GLUE}{re.escape(closing)}"
    return Part("feed item", f"{opening}{inside}{closing}", result, tweet, must=True)


def shortcode(make: Maker) -> Part:
    """Make a shortcode alone on its line."""
    tweet = make.tweet()
    own = f"https://twitter.com/{tweet.handle}/status/{tweet.id}"
    source = make.pick(
        [
            f"[tweet {own}]",
            f"[tweet {tweet.id}]",
            f"[tweet]{tweet.id}[/tweet]",
            f'[tweet id="{tweet.id}" align="center"]',
            f"[embed]{own}[/embed]",
            f"[{own}:embed]",
            f"[MEDIA=twitter]{tweet.id}[/MEDIA]",
            f'{{{{< x user="{tweet.handle}" id="{tweet.id}" >}}}}',
            f"{{{{< tweet {tweet.id} >}}}}",
            f"{{% twitter {own} %}}",
            f"{{% embed {own} %}}",
            f"(tweet: {own})",
            f"(tweet: {own} class: wide)",
        ]
    )
    return Part("shortcode", source, f"{GLUE}{make.shown(tweet)}{GLUE}", tweet, must=True)


def paragraph_shortcode(make: Maker) -> Part:
    """Make a paragraph of a shortcode."""
    part = shortcode(make)
    source = part.source.replace("<", "&lt;").replace(">", "&gt;")
    return Part(part.kind, f"<p>{source}</p>", part.result, part.tweet, part.must)
