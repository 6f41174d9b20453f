"""Every form of docs/interface.md 2 that is neither a blockquote nor words: what is a mention,
where, of which tweet; and what only looks so.
"""

import html
import time

import pytest

from service.core.detect import detect
from service.core.model import Form, Format

ID = "1988150000000000000"
URL = f"https://twitter.com/moctsyria/status/{ID}"
OTHER = "https://x.com/Interior/status/463440424141459456"
FRAME = f"https://platform.twitter.com/embed/Tweet.html?id={ID}"
QUOTE = (
    '<blockquote class="twitter-tweet"><p lang="en">Words</p>&mdash; N (@moctsyria) <a'
    f' href="{URL}">November 11, 2025</a></blockquote>'
)
SCRIPT = '<script async src="https://platform.x.com/widgets.js"></script>'


def wp(name: str, url: str, shown: str, caption: str = "") -> str:
    figure = (
        '<figure class="wp-block-embed is-type-rich"><div'
        f' class="wp-block-embed__wrapper">\n{shown}\n</div>{caption}</figure>'
    )
    return (
        f'<!-- wp:{name} {{"url":"{url}","type":"rich","providerNameSlug":"x"}} -->\n{figure}\n<!--'
        f" /wp:{name} -->"
    )


def substack(url: str) -> str:
    attributes = html.escape(
        f'{{"url":"{url}","full_text":"Words \\n","name":"N","quoted_tweet":{{"url":"{OTHER}"}}}}',
    )
    return (
        f'<div class="tweet" data-attrs="{attributes}" data-component-name="Twitter2ToDOM"><a'
        f' href="{URL}">Words</a></div>'
    )


# Each is one mention of the tweet, from its first character to its last.
WHOLE = [
    (Form.BLOCK, wp("embed", URL, URL)),
    (Form.BLOCK, wp("embed", URL, URL, f'<figcaption>Of <a href="{OTHER}">this</a></figcaption>')),
    (Form.BLOCK, wp("core-embed/twitter", URL + "?s=20", URL + "?s=20")),
    (
        Form.BLOCK,
        wp("embed", "https:\\/\\/x.com\\/a\\/status\\/" + ID, f"https://x.com/a/status/{ID}"),
    ),
    (Form.BLOCK, f'<!-- wp:embed {{"url":"{URL}"}} /-->'),
    (
        Form.BLOCK,
        (
            '<figure class="wp-block-embed is-provider-twitter"><div'
            f' class="wp-block-embed__wrapper">\n{URL}\n</div></figure>'
        ),
    ),
    (
        Form.BLOCK,
        (
            '<figure class="wp-block-embed"><div'
            f' class="wp-block-embed__wrapper">{QUOTE}{SCRIPT}</div></figure>'
        ),
    ),
    (Form.IFRAME, f'<iframe src="{FRAME}&amp;theme=dark"></iframe>'),
    (
        Form.IFRAME,
        (
            '<iframe loading="lazy"'
            f' data-src="//platform.x.com/embed/Tweet.html?dnt=true&amp;id={ID}"'
            ' src="about:blank"></iframe>'
        ),
    ),
    (
        Form.IFRAME,
        (
            "<iframe"
            f' data-lazy-src="https://platform.twitter.com/embed/index.html?theme=light&id={ID}#x"></iframe>'
        ),
    ),
    (
        Form.IFRAME,
        (
            "<iframe"
            f" src='https://twitframe.com/show?url=https%3A%2F%2Ftwitter.com%2Fa%2Fstatus%2F{ID}'>\n</iframe>"
        ),
    ),
    (Form.IFRAME, f'<iframe src="{URL}" width="550"></iframe>'),
    (Form.IFRAME, f'<iframe id="twitter-widget-0" data-tweet-id="{ID}"></iframe>'),
    (
        Form.WIDGET,
        (
            '<twitter-widget class="twitter-tweet twitter-tweet-rendered"'
            f' data-tweet-id="{ID}"></twitter-widget>'
        ),
    ),
    (
        Form.WIDGET,
        (
            f'<div class="twitter-tweet twitter-tweet-rendered"><iframe src="{FRAME}"'
            f' data-tweet-id="{ID}"></iframe></div>'
        ),
    ),
    (
        Form.AMP,
        f'<amp-twitter data-tweetid="{ID}" layout="responsive" width="4" height="3"></amp-twitter>',
    ),
    (Form.AMP, f"<amp-twitter width=4 data-tweetid={URL}></amp-twitter>"),
    (Form.AMP, f'<amp-twitter data-tweetid="{ID}">{QUOTE}</amp-twitter>'),
    (Form.OEMBED, f'<figure class="media"><oembed url="{URL}"></oembed></figure>'),
    (
        Form.OEMBED,
        f'<figure class="media"><div data-oembed-url="{URL}"><div>{QUOTE}</div></div></figure>',
    ),
    (Form.OEMBED, f'<oembed url="{URL}"></oembed>'),
    (Form.OEMBED, f"<oembed>{URL}</oembed>"),
    (Form.OEMBED, f'<o-embed url="{URL}"></o-embed>'),
    (Form.OEMBED, f'<div data-oembed-url="{URL}">{QUOTE}{SCRIPT}</div>'),
    (Form.OEMBED, f'<embed embedtype="media" url="{URL}"/>'),
    (Form.CARD, substack(URL)),
    (Form.CARD, substack(URL + ")")),
    (
        Form.CARD,
        (
            f'<figure class="kg-card kg-embed-card">{QUOTE}\n{SCRIPT}<figcaption>A'
            " caption</figcaption></figure>"
        ),
    ),
    (Form.CARD, f'<figure class="kg-card kg-embed-card"><p>{URL}</p></figure>'),
    (Form.CARD, f'<figure class="op-social"><iframe>{QUOTE}{SCRIPT}</iframe></figure>'),
    (
        Form.CARD,
        (
            f'<figure class="op-social"><iframe src="{FRAME}"></iframe><figcaption>A'
            " caption</figcaption></figure>"
        ),
    ),
    (Form.CARD, f'<embetty-tweet status="{ID}"></embetty-tweet>'),
]

SHORTCODES = [
    f"[tweet {ID}]",
    f"[tweet {URL}]",
    f"[tweet {URL} align='center' hide_thread=true]",
    f'[tweet id="{ID}" lang="fr"]',
    f"[tweet lang=fr id={ID}]",
    f'[tweet url="{URL}"]',
    f"[tweet id=“{ID}”]",
    f"[tweet]{URL}[/tweet]",
    f"[embed]{URL}[/embed]",
    f'[embed width="500"]{URL}?s=20[/embed]',
    f"[{URL}:embed]",
    f"[{URL}:embed:cite]",
    f"[{URL}:embed#日本語のタイトル https://t.co/V4sVoKJRsp]",
    f'{{{{< x user="moctsyria" id="{ID}" >}}}}',
    f"{{{{< tweet {ID} >}}}}",
    f"{{{{< tweet moctsyria {ID} >}}}}",
    f"{{{{< twitter_simple id='{ID}' >}}}}",
    f'{{{{% tweet user="moctsyria" id="{ID}" %}}}}',
    f"{{% twitter {URL} %}}",
    f"{{% twitter {URL}?ref_src=twsrc%5Etfw maxwidth=500 %}}",
    f"{{%- twitter oembed {URL} -%}}",
    f'{{% tweet "{ID}" %}}',
]

NO_MENTION = [
    (
        "<iframe"
        ' src="https://platform.twitter.com/widgets/tweet_button.html#id=twitter-widget-0&amp;url=https%3A%2F%2Fexample.org"></iframe>'
    ),
    (
        "<iframe"
        ' src="https://platform.twitter.com/widgets/follow_button.html?screen_name=a&amp;id=twitter-widget-1"></iframe>'
    ),
    '<iframe src="https://platform.twitter.com/embed/Tweet.html"></iframe>',
    '<iframe src="https://platform.twitter.com/embed/Tweet.html?id=abc"></iframe>',
    f'<iframe src="https://platform.twitter.com.evil.test/embed/Tweet.html?id={ID}"></iframe>',
    f'<iframe src="https://platform.twitter.com@evil.test/embed/Tweet.html?id={ID}"></iframe>',
    f'<iframe src="https://notplatform.x.com/embed/Tweet.html?id={ID}"></iframe>',
    f'<iframe src="https://eviltwitframe.com/show?url={URL}"></iframe>',
    "<iframe src='https://twitframe.com/show?url=https%3A%2F%2Ftwitter.com%2Fa'></iframe>",
    f'<iframe src="https://www.youtube.com/embed/abc?origin={URL}"></iframe>',
    f'<iframe srcdoc="{html.escape(QUOTE)}"></iframe>',
    f"<iframe>{QUOTE}</iframe>",
    f'<pre><iframe src="{FRAME}"></iframe></pre>',
    f'<template><iframe src="{FRAME}"></iframe></template>',
    f'<!-- <iframe src="{FRAME}"></iframe> -->',
    f'<div title="{html.escape(f"<iframe src={FRAME}></iframe>")}">x</div>',
    (
        '<amp-twitter data-timeline-source-type="profile"'
        ' data-timeline-screen-name="wordpress"></amp-twitter>'
    ),
    f'<div class="tweet js-stream-tweet" data-tweet-id="{ID}" data-screen-name="a">x</div>',
    '<div class="twitter-tweet-rendered"></div>',
    '<a class="twitter-share-button" href="https://twitter.com/intent/tweet?text=a">Tweet</a>',
    '<a class="twitter-timeline" href="https://twitter.com/a">Tweets by a</a>',
    '<figure class="media"><oembed url="https://www.youtube.com/watch?v=1"></oembed></figure>',
    '<div data-oembed-url="https://twitter.com/moctsyria">x</div>',
    f'<embed embedtype="image" url="{URL}"/>',
    '<div class="tweet" data-attrs="{not json">x</div>',
    '<div class="tweet" data-attrs="{&quot;url&quot;:&quot;https://twitter.com/a&quot;}">x</div>',
    (
        '<figure class="kg-card kg-embed-card"><iframe'
        ' src="https://www.youtube.com/embed/a"></iframe></figure>'
    ),
    '<embetty-video status="1" type="youtube"></embetty-video>',
    wp("embed", "https://youtu.be/abc", "https://youtu.be/abc"),
    wp("embed", "https://twitter.com/moctsyria", "https://twitter.com/moctsyria"),
    f'<pre><!-- wp:embed {{"url":"{URL}"}} --><!-- /wp:embed --></pre>',
    "<p>[tweet this] twitter</p>",
    f"<code>[tweet {ID}]</code>",
    f"<pre>{{{{&lt; tweet {ID} &gt;}}}}</pre>",
]

NO_SHORTCODE = [
    "[tweetable]twitter[/tweetable]",
    f"[tweet_box id={ID}]",
    "[tweet 2] of the thread",
    "[tweet 12345 of 20000]",
    f"[[tweet {ID}]]",
    "[embed]https://www.youtube.com/watch?v=twitter[/embed]",
    "[embed]https://twitter.com/moctsyria[/embed]",
    "[https://twitter.com/moctsyria:embed]",
    "{{< youtube 1988150000000000000 >}} twitter",
    "{{</* tweet 1988150000000000000 */>}}",
    '{{< x user="moctsyria" >}}',
    "{{ tweet 1988150000000000000 }}",
    "{% twitter_card 1988150000000000000 %}",
    "{% twitter @moctsyria %}",
    "{% tweeting 1988150000000000000 %}",
]


@pytest.mark.parametrize(("form", "markup"), WHOLE)
def test_an_element_is_one_mention_from_end_to_end(form: Form, markup: str) -> None:
    found = detect(f"<p>Before.</p>\n{markup}\n<p>Behind.</p>", Format.HTML)

    assert [(one.form, one.tweet.id if one.tweet else None) for one in found.embeds] == [(form, ID)]
    start = len("<p>Before.</p>\n")
    assert (found.embeds[0].span.start, found.embeds[0].span.end) == (start, start + len(markup))
    assert not found.links


@pytest.mark.parametrize("markup", SHORTCODES)
@pytest.mark.parametrize("around", ["{}", "Before.\n\n{}\n\nBehind.", "Before.\n{}\nBehind."])
@pytest.mark.parametrize("written_in", list(Format))
def test_a_shortcode_on_its_line_is_a_mention_in_every_format(
    markup: str,
    around: str,
    written_in: Format,
) -> None:
    article = around.format(markup)

    found = detect(article, written_in)

    assert [
        (one.form, article[one.span.start : one.span.end], one.is_placeable) for one in found.embeds
    ] == [(Form.SHORTCODE, markup, True)]
    assert [one.tweet.id for one in found.embeds if one.tweet] == [ID]
    assert not found.links


@pytest.mark.parametrize("markup", SHORTCODES)
def test_a_shortcode_is_read_as_html_shows_it_and_has_no_place_amid_words(markup: str) -> None:
    alone, amid = (
        detect(f"<p>{words}</p>", Format.HTML).embeds
        for words in (html.escape(markup), f"See {html.escape(markup)} there")
    )

    assert [(one.form, one.is_placeable) for one in (*alone, *amid)] == [
        (Form.SHORTCODE, True),
        (Form.SHORTCODE, False),
    ]


def test_a_shortcode_that_html_takes_for_a_tag_or_a_link_is_read() -> None:
    for markup in (
        f"{{{{<tweet {ID}>}}}}",
        f'{{{{<x user="a" id="{ID}">}}}}',
        f'[embed]<a href="{URL}">{URL}</a>[/embed]',
    ):
        article = f"<p>{markup}</p>"
        (one,) = detect(article, Format.HTML).embeds
        assert (one.form, article[one.span.start : one.span.end], one.is_placeable) == (
            Form.SHORTCODE,
            markup,
            True,
        )


@pytest.mark.parametrize("markup", NO_MENTION)
def test_what_looks_like_an_embed_is_no_mention(markup: str) -> None:
    assert detect(markup, Format.HTML).embeds == ()


@pytest.mark.parametrize("markup", NO_SHORTCODE)
@pytest.mark.parametrize("written_in", list(Format))
def test_what_looks_like_a_shortcode_is_no_mention(markup: str, written_in: Format) -> None:
    assert detect(markup, written_in).embeds == ()


def test_an_element_with_two_tweets_gives_way_to_what_is_in_it() -> None:
    other = (
        QUOTE.replace(URL, OTHER).replace("moctsyria", "Interior").replace("November 11, 2025", "x")
    )
    for opening, closing in (
        ('<figure class="kg-embed-card">', "</figure>"),
        (f'<div data-oembed-url="{URL}">', "</div>"),
    ):
        found = detect(f"{opening}{QUOTE}{other}{closing}", Format.HTML)
        assert [one.form for one in found.embeds] == [Form.BLOCKQUOTE, Form.BLOCKQUOTE]


def test_an_element_that_nobody_closed_has_no_place() -> None:
    for markup in (
        f'<iframe src="{FRAME}">',
        f'<amp-twitter data-tweetid="{ID}" />',
        f'<o-embed url="{URL}"/>',
    ):
        (one,) = detect(f"{markup}<p>Words.</p>", Format.HTML).embeds
        assert (one.span.start, one.span.end, one.is_placeable) == (0, len(markup), False)


def test_an_embed_beside_a_flattened_tweet_is_no_part_of_it() -> None:
    frame = f'<iframe src="{FRAME}"></iframe>'
    article = f"<p>{frame} Words pic.twitter.com/YuKy2rcjyU — Interior (@Interior) May 5, 2014</p>"

    found = detect(article, Format.HTML)

    assert [one.form for one in found.embeds] == [Form.IFRAME, Form.FLATTENED]
    assert article[found.embeds[1].span.start :].startswith("Words")


def test_an_element_says_how_its_embed_is_to_look() -> None:
    look = (
        detect(f'<iframe src="{FRAME}&amp;theme=dark&amp;lang=ar&amp;hideThread=true"></iframe>')
        .embeds[0]
        .style
    )
    assert look is not None
    assert (look.theme, look.lang, look.hide_thread) == ("dark", "ar", True)
    assert detect(f'[tweet {ID} lang="xx" theme=red]').embeds[0].style is None


@pytest.mark.parametrize(
    "unit",
    [
        f'<iframe src="{FRAME}"></iframe>words ',
        f'<b><iframe data-tweet-id="{ID}"></iframe>',
        f"{{{{<tweet {ID}>}}}}<hr>",
        f'<figure class="kg-embed-card"><div data-oembed-url="{URL}">',
        f'<!-- wp:embed {{"url":"{URL}"}} --><figcaption>',
        f'<figure class="op-social"><iframe>{QUOTE}</iframe></figure>',
        "[embed][tweet [https://t.co/a:embed#{{< x {% twitter ",
        f"[tweet {ID}]\n",
    ],
)
def test_cost_grows_with_the_length_of_the_article_and_no_faster(unit: str) -> None:
    def cost(length: int) -> float:
        article = unit * (length // len(unit))
        began = time.process_time()
        detect(article, Format.HTML)
        return time.process_time() - began

    once = min(cost(10_000) for _ in range(3))
    assert min(cost(40_000) for _ in range(2)) < 4 * 2.6 * once + 0.02
