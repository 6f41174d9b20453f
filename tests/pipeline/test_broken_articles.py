"""Words of an article that broken markup mixes up with a tweet stay, whatever becomes of it."""

import pytest
from articles import LOST, MAY
from resolving import Bench

from service.core.article import Options
from service.core.model import Format, Reason, State

PERMALINK = f"https://x.com/Interior/status/{MAY}"
GONE = f"https://x.com/a/status/{LOST}"
SUNSETS = "Sunsets don't get much better"
CODE = '<a href="https://t.co/YuKy2rcjyU">pic.twitter.com/YuKy2rcjyU</a>'
SIGNED = f'— US Department of the Interior (@Interior) <a href="{PERMALINK}">May 5, 2014</a>'
REMOVE = Options(gone="remove", links="keep")


def stays(ask: Bench, article: str) -> None:
    result = ask(article, Format.HTML, options=REMOVE)

    assert result.content == article


# --- elements that nobody closed ---


@pytest.mark.parametrize(
    "article",
    [
        f"<ul><li><div class=twitter-tweet>Own words<li>(@Interior) <a href={PERMALINK}></a></ul>",
        f"<dl><dd><blockquote class=twitter-tweet></dd></dl>Own words{SIGNED}",
        f"<section><blockquote class=twitter-tweet></section><p>Own words</p>{SIGNED}",
    ],
)
def test_a_quotation_takes_no_permalink_from_behind_its_end(ask: Bench, article: str) -> None:
    stays(ask, article)


@pytest.mark.parametrize(
    "opening", ["November 11, 2025</a<p>><p>Own words</p>", "Own words", "<h3>Own words</h3>"]
)
def test_a_link_that_nobody_closed_makes_no_tweet_of_a_quotation(ask: Bench, opening: str) -> None:
    quoted = f'<p lang="en" dir="ltr">Gone</p>— A (@a) <a href="{GONE}">{opening}'

    stays(ask, f'<blockquote class="twitter-tweet">{quoted}</blockquote>')


def test_a_link_that_nobody_closed_may_be_a_date(ask: Bench) -> None:
    quoted = f'<p lang="en" dir="ltr">Gone</p>— A (@a) <a href="{GONE}">November 11, 2025'
    article = f'<blockquote class="twitter-tweet">{quoted}</blockquote>'

    assert ask(article, Format.HTML, options=REMOVE).content == ""


# --- start tags that lack a quote ---


@pytest.mark.parametrize(
    "article",
    [
        f'<p class="lead>Own words</p><p class="x">{GONE}</p>',
        f'<p>{SUNSETS} {CODE}— US (@Interior) <a href="/>Own words<b class="x">May 5, 2014</b></p>',
        (
            f'<blockquote class="twitter-tweet"><p>Gone</p>— A (@a) <a href="{GONE}>Own words</a>'
            '<a class="x">November 11, 2025</a></blockquote>'
        ),
        f'<p><a href="{GONE}>Own words</a><a href="/x"></a></p>',
        (
            f'<figure><iframe src="https://twitframe.com/show?url={GONE}></iframe>Own words'
            '<b class="x"></b></iframe></figure>'
        ),
    ],
)
def test_a_tag_that_took_words_in_stays(ask: Bench, article: str) -> None:
    stays(ask, article)


def test_a_short_link_in_a_tag_that_took_words_in_stays(ask: Bench) -> None:
    article = '<p><a href="https://t.co/abcdefghij>Own words</a> <a href="/x">More</a></p>'

    assert ask(article, Format.HTML).content == article


@pytest.mark.parametrize("title", ["a > b", "<b>c</b>", "it's"])
def test_a_value_may_hold_what_looks_like_a_tag(ask: Bench, title: str) -> None:
    article = f'<p title="{title}">{GONE}</p>'

    assert ask(article, Format.HTML, options=REMOVE).content == ""


# --- addresses over the edge of an element ---


@pytest.mark.parametrize(
    "shown",
    [
        f"<span>{GONE}?s=20</span><span>Words</span>",
        f"{GONE}?<b>words</b>",
        f"{GONE[:-2]}<i>{GONE[-2:]}</i>",
        f"{GONE}#</s>words",
        "https://t.co/toLost<b>One1</b>",
    ],
)
def test_an_address_that_goes_on_in_another_element_is_left_alone(ask: Bench, shown: str) -> None:
    stays(ask, f"<p>{shown}</p>")


@pytest.mark.parametrize(
    "shown",
    [f"<span>{GONE}</span>", f"{GONE[:-2]}<wbr>{GONE[-2:]}", GONE.replace("/a/", "/<i>a</i>/")],
)
def test_an_address_whole_up_to_its_id_is_a_tweet(ask: Bench, shown: str) -> None:
    assert ask(f"<p>{shown}</p>", Format.HTML, options=REMOVE).content == ""


def test_a_permalink_behind_a_date_that_goes_on_takes_no_words(ask: Bench) -> None:
    signed = f"{SUNSETS} pic.twitter.com/YuKy2rcjyU — US (@Interior) May 5, 2014"

    assert "Own" in ask(f"<p>{signed} {PERMALINK}?<b>Own</b></p>", Format.HTML).content


def test_a_section_is_read_alike_whether_scripts_stay_or_not(ask: Bench) -> None:
    script = '<script src="https://platform.twitter.com/widgets.js"></script>'
    options = Options(script="none", gone="tombstone")
    result = ask(f"{script}<h2><![CDATA[<p>{GONE}</p>]]></h2>", Format.HTML, options=options)

    assert ask.again(result, options).content == result.content


def test_a_table_in_a_quote_of_markdown_stays(ask: Bench) -> None:
    quote = f"> {SUNSETS} pic.twitter.com/YuKy2rcjyU — US (@Interior) May 5, 2014\n"
    for table in ("> | a |\n> |---|\n> | own |", "| a |\n|---|\n| own |", ">\n> | a |\n> |---|"):
        assert table in ask(quote + table, Format.MARKDOWN).content


# --- embed blocks ---


@pytest.mark.parametrize(
    "block",
    [
        '<figure class="wp-block-embed">{}</figure>',
        (
            f'<!-- wp:embed {{{{"url":"{GONE}"}}}} --><figure class="wp-block-embed"><div'
            ' class="wp-block-embed__wrapper">{}</div></figure><!-- /wp:embed -->'
        ),
    ],
)
@pytest.mark.parametrize(
    "inside", [f"{GONE}<div>Words", f"{GONE}<li>9</li>", f"{GONE}<b>Words</b>"]
)
def test_words_in_an_embed_block_stay(ask: Bench, block: str, inside: str) -> None:
    stays(ask, block.format(inside))


def test_the_end_of_a_block_is_written_once(ask: Bench) -> None:
    opens, closes = "<!-- wp:paragraph -->\n<p>", "</p>\n<!-- /wp:paragraph Own words -->"
    result = ask(f"{opens}Before. {SUNSETS} {CODE}{SIGNED}<b>Behind</b>{closes}", Format.HTML)

    assert result.content.count("Own words") == 1


def test_the_caption_of_a_removed_block_stays(ask: Bench) -> None:
    article = (
        f'<!-- wp:embed {{"url":"{GONE}"}} -->\n<figure class="wp-block-embed"><div'
        f' class="wp-block-embed__wrapper">\n{GONE}\n</div><figcaption>Own words'
        "</figcaption></figure>\n<!-- /wp:embed -->"
    )
    result = ask(article, Format.HTML, options=REMOVE)
    again = ask.again(result, REMOVE)

    assert [(one.state, one.tweet_id) for one in result.embeds] == [(State.GONE, LOST)]
    assert result.content == (
        "<!-- wp:html -->\n<figure><figcaption>Own words</figcaption></figure>\n<!-- /wp:html -->"
    )
    assert again.content == result.content


# --- words that are not known to be the tweet's ---


@pytest.mark.parametrize(
    "inside",
    [
        f'<p>Own words<br><a href="{GONE}">{GONE}</a></p>',
        f'<p>Own words</p><a href="{GONE}">{GONE}</a>',
        f'<p lang="en" dir="ltr">Gone</p><p>Own words</p>— A (@a) <a href="{GONE}">May</a>',
    ],
)
def test_words_above_a_lost_tweet_stay(ask: Bench, inside: str) -> None:
    stays(ask, f'<blockquote class="twitter-tweet">{inside}</blockquote>')


# --- links to the tweet itself ---


def test_a_heading_that_links_to_the_tweet_stays_beside_it(ask: Bench) -> None:
    heading = f'<p class="lead"><a href="{PERMALINK}">Own words</a></p>'
    article = f"<blockquote>{heading}<p>{SUNSETS} {CODE}</p>{SIGNED}</blockquote>"
    result = ask(article, Format.HTML)

    assert result.content.startswith(f"{heading}<blockquote class")
    assert [(one.state, one.tweet_id) for one in result.embeds] == [(State.EMBEDDED, MAY)]


# --- tweets in one quotation ---

NOVEMBER_QUOTED = (
    '<p lang="en" dir="ltr">Second words</p>— A (@a) <a href="https://x.com/a/status/'
    '1988200000000000000">November 11, 2025</a>'
)
MAY_QUOTED = f'<p lang="en" dir="ltr">{SUNSETS} {CODE}</p>{SIGNED}'


def merged(*inside: str) -> str:
    return f'<blockquote class="twitter-tweet">{"".join(inside)}</blockquote>'


@pytest.mark.parametrize(
    "options", [Options(render="link"), Options(render="consent"), Options(intact="renew")]
)
def test_tweets_in_one_quotation_are_cut_apart(ask: Bench, options: Options) -> None:
    ask.x.tweet("1988200000000000000", "a", "A", "Second words")
    result = ask(merged(MAY_QUOTED, NOVEMBER_QUOTED), Format.HTML, options=options)
    again = ask.again(result, options)

    assert [one.tweet_id for one in result.embeds] == [MAY, "1988200000000000000"]
    assert result.content == "".join(one.html or "" for one in result.embeds)
    assert again.content == result.content


@pytest.mark.parametrize(
    "article",
    [
        merged(MAY_QUOTED, "<p>Own words</p>", NOVEMBER_QUOTED),
        merged("<h3>Own words</h3>", MAY_QUOTED, NOVEMBER_QUOTED),
        merged(MAY_QUOTED, '<img src="/a.jpg">', NOVEMBER_QUOTED),
        merged(MAY_QUOTED, NOVEMBER_QUOTED.replace("Second", "Other")),
        merged(MAY_QUOTED, f'<p lang="en" dir="ltr">Gone</p>— A (@a) <a href="{GONE}">x</a>'),
    ],
    ids=["between", "above", "picture", "words", "gone"],
)
def test_of_tweets_in_one_quotation_all_are_written_or_none(ask: Bench, article: str) -> None:
    ask.x.tweet("1988200000000000000", "a", "A", "Second words")
    result = ask(article, Format.HTML, options=Options(links="keep"))

    assert result.content == article
    assert State.EMBEDDED not in {one.state for one in result.embeds}
    assert Reason.INTACT not in {one.reason for one in result.embeds}


@pytest.mark.parametrize(
    ("inside", "stays"),
    [
        ((MAY_QUOTED, NOVEMBER_QUOTED, "<p>Own words</p>"), "<p>Own words</p></blockquote>"),
        ((MAY_QUOTED, '<a id="here"></a>', NOVEMBER_QUOTED), '<a id="here"></a>'),
        ((MAY_QUOTED, "<div>", NOVEMBER_QUOTED, "</div><div>"), "</div><div></blockquote>"),
    ],
)
def test_beside_tweets_in_one_quotation_everything_stays(
    ask: Bench, inside: tuple[str, ...], stays: str
) -> None:
    ask.x.tweet("1988200000000000000", "a", "A", "Second words")
    result = ask(merged(*inside), Format.HTML)

    assert result.content.startswith('<blockquote class="twitter-tweet"><')
    assert stays in result.content
    assert ask.again(result).content == result.content


# --- what stands where an attribution or a card ends ---


def test_a_link_that_a_cut_joined_with_another_closes_no_tweet(ask: Bench) -> None:
    link = f'<a href="{GONE}">May.co/toNonsense">Own words</a>'

    stays(ask, f'<blockquote class="twitter-tweet"><p>Gone</p>— A (@a) {link} and on')
    stays(ask, f'<blockquote class="twitter-tweet"><p>Gone</p>— A (@a) {link}</blockquote>')


def test_a_card_takes_no_words_of_the_article(ask: Bench) -> None:
    attributes = f"{{&quot;url&quot;:&quot;{GONE}&quot;}}"
    card = f'<div class="tweet" data-attrs="{attributes}"><a href="{GONE}">words</a>'

    stays(ask, f"{card}<p>Own words</p></div>")
    assert ask(f"{card}</div>", Format.HTML, options=REMOVE).content == ""


def test_an_embed_behind_an_attribution_makes_no_tweet_of_what_is_around(ask: Bench) -> None:
    article = (
        f"<blockquote><p>Edited words {SIGNED}</p>"
        f'<embed embedtype="media" url="{PERMALINK}"/></blockquote>'
    )
    result = ask(article, Format.HTML)

    assert "<p>Edited words —" in result.content
    assert ask.again(result).content == result.content


# --- what nobody reads, and other tweets, in the element of a tweet ---

OTHER = "<blockquote class=instagram-media><p>Own words</p></blockquote>"


@pytest.mark.parametrize(
    "unread", ["<pre>Own words</pre>", "<textarea>Own words</textarea>", OTHER]
)
@pytest.mark.parametrize("address", [PERMALINK, GONE])
@pytest.mark.parametrize("shape", ["{0}{1}", "{1}{0}"])
@pytest.mark.parametrize("element", ["blockquote", "div"])
def test_what_is_not_read_in_a_quotation_of_a_link_stays(
    ask: Bench, element: str, shape: str, address: str, unread: str
) -> None:
    inside = shape.format(unread, f'<a href="{address}">View on X</a>')
    result = ask(f"<{element} class=twitter-tweet>{inside}</{element}>", options=REMOVE)

    assert result.content.count(unread) == 1
    assert result.content != unread or address == GONE
    assert not ask.again(result, REMOVE).changed


@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        (f"<amp-twitter data-tweetid={LOST}>", "</amp-twitter>"),
        (f'<div data-oembed-url="{GONE}">', "</div>"),
    ],
)
def test_an_element_that_loses_another_tweet_is_no_tweet_then(
    ask: Bench, opening: str, closing: str
) -> None:
    other = f"https://x.com/a/status/{int(LOST) + 1}"
    inner = f'<blockquote class="twitter-tweet"><a href="{other}"></a></blockquote>'
    result = ask(f"<p>Lead.</p>{opening}{inner}{closing}", Format.HTML, options=REMOVE)

    assert not ask.again(result, REMOVE).changed


def test_words_between_a_tweet_and_its_copy_stay(ask: Bench) -> None:
    copy = f"{SUNSETS} {CODE}{SIGNED}"
    article = f"<blockquote><p>{copy} Own words [tweet {MAY}] and more {copy}</p></blockquote>"
    result = ask(article, Format.HTML)

    assert "Own words" in result.content
    assert "and more" in result.content


@pytest.mark.parametrize("gone", ["remove", "tombstone", "keep"])
@pytest.mark.parametrize("classes", ["kg-card kg-embed-card", "op-social"])
def test_a_short_link_below_a_card_that_goes_is_the_articles(
    ask: Bench, classes: str, gone: str
) -> None:
    quote = f'<blockquote class="twitter-tweet"><a href="{GONE}"></a></blockquote>'
    caption = "<figcaption>See t.co/abcdefghij</figcaption>"
    article = f'<figure class="{classes}">{quote}{caption}</figure><p>End.</p>'
    options = Options(gone=gone)  # type: ignore[arg-type]
    result = ask(article, Format.HTML, options=options)

    assert ("example.org" in result.content) is (gone != "keep")
    assert [one.url for one in result.links] == ["t.co/abcdefghij"] * (gone != "keep")
    assert not ask.again(result, options).changed
