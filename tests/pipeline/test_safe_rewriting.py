"""What rewriting must never do: make inert text live, lose our own embeds, take one tweet for
another, or want a second pass.
"""

import pytest
from articles import LOST, MAY
from resolving import Bench

from service.core.article import Options
from service.core.model import Format, Reason, State

ADA = "1988150000000000999"
QUOTING = "Quote of the day — Ada (@ada) May 5, 2014"
PERMALINK = f"https://x.com/Interior/status/{MAY}"
OWN = (
    f'<blockquote class="twitter-tweet"><p lang="en" dir="ltr">{QUOTING}</p>&mdash; Ada (@ada) <a'
    f' href="https://x.com/ada/status/{ADA}">November 11, 2025</a></blockquote>'
)
GONE = (
    '<blockquote class="twitter-tweet"><p lang="en" dir="ltr">Words — Bob (@bob) May 5, 2014</p>'
    f'&mdash; A (@a) <a href="https://x.com/a/status/{LOST}">November 11, 2025</a></blockquote>'
)


@pytest.fixture(scope="module")
def ask(ask: Bench) -> Bench:
    ask.x.tweet(ADA, "ada", "Ada", QUOTING)
    return ask


@pytest.mark.parametrize("tag", ["textarea", "noframes", "noembed", "xmp", "iframe", "script"])
@pytest.mark.parametrize(
    "before",
    [
        f"<p>{PERMALINK}",
        f'<blockquote class="twitter-tweet"><p>w</p>— US (@Interior) <a href="{PERMALINK}">May 5',
        f"<li>{PERMALINK}",
    ],
)
def test_text_that_was_inert_stays_inert(ask: Bench, before: str, tag: str) -> None:
    inert = f"<{tag}><img src=x onerror=alert(1)>"
    result = ask(before + inert, Format.HTML)

    assert result.content.endswith(inert)


def test_our_embed_is_known_again_whatever_its_words_say(ask: Bench) -> None:
    kept, consent = ask(OWN), ask(OWN, options=Options(render="consent"))

    assert [embed.reason for embed in kept.embeds] == [Reason.INTACT]
    assert kept.script is not None
    assert "tweet-embed-load" in consent.content


@pytest.mark.parametrize(("gone", "left"), [("remove", ""), ("tombstone", "tweet-embed-gone")])
def test_a_gone_tweet_goes_whatever_its_words_say(ask: Bench, gone: str, left: str) -> None:
    result = ask(f"<p>a</p>{GONE}", options=Options(gone=gone))  # type: ignore[arg-type]

    assert "Bob" not in result.content
    assert left in result.content


@pytest.mark.parametrize(
    "frame",
    [
        "<figure>{}</figure>",
        '<figure class="wp-block-embed"><div>{}</div></figure>',
        "<!-- wp:html -->\n{}\n<!-- /wp:html -->",
    ],
)
def test_nothing_empty_is_left_of_a_removed_tweet(ask: Bench, frame: str) -> None:
    result = ask(f"<p>a</p>{frame.format(GONE)}", Format.HTML, options=Options(gone="remove"))

    assert result.content == "<p>a</p>"


@pytest.mark.parametrize(
    "frame",
    [
        '<figure id="f">{}</figure>',
        "<figure>{}<figcaption>c</figcaption></figure>",
        '<div id="d" class="embed">{}</div>',
    ],
)
def test_a_frame_with_a_name_or_a_caption_stays(ask: Bench, frame: str) -> None:
    result = ask(f"<p>a</p>{frame.format(GONE)}", Format.HTML, options=Options(gone="remove"))

    assert result.content == "<p>a</p>" + frame.format("")


def test_words_under_another_name_are_not_intact(ask: Bench) -> None:
    other = OWN.replace("Ada (@ada) <a", "Bob (@bob) <a")
    late = OWN.replace('">November 11, 2025', '">May 5, 2014')

    for article in (other, late):
        result = ask(article)
        assert {embed.tweet_id for embed in result.embeds} == {None}
        assert result.content == article


def test_a_lost_tweet_never_gets_the_permalink_of_another(ask: Bench) -> None:
    note = f'<br>Reply: <a href="{PERMALINK}">Interior</a></blockquote>'
    result = ask(GONE.replace("</blockquote>", note), options=Options(gone="keep"))

    assert [(embed.tweet_id, embed.state) for embed in result.embeds] == [(LOST, State.GONE)]
    assert f'<a href="https://x.com/a/status/{LOST}">November 11, 2025</a></blockquote>' in (
        result.content
    )
    assert f'Reply: <a href="{PERMALINK}">Interior</a>' in result.content


def test_a_removed_tweet_leaves_no_new_one_behind(ask: Bench) -> None:
    nested = (
        f'<blockquote class="twitter-tweet"><p lang="en" dir="ltr">outer</p>{GONE}— US Department'
        f' of the Interior (@Interior) <a href="{PERMALINK}">May 5, 2014</a></blockquote>'
    )
    glued = (
        '<p>https://t.co/7Y7Z7<iframe src="https://platform.twitter.com/embed/Tweet.html?id='
        f'{LOST}"></iframe>nxgXj and</p>'
    )
    for article in (nested, glued):
        options = Options(gone="remove")
        result = ask(article, Format.HTML, options=options)
        assert ask.again(result, options).content == result.content
        assert "7Y7Z7nxgXj" not in result.content


def test_a_captions_links_are_written_out_in_the_same_pass(ask: Bench) -> None:
    block = (
        f'<!-- wp:embed {{"url":"{PERMALINK}"}} -->\n<figure class="wp-block-embed"><div'
        f' class="wp-block-embed__wrapper">\n{PERMALINK}\n</div><figcaption>See'
        " https://t.co/7Y7Z7nxgXj</figcaption></figure>\n<!-- /wp:embed -->"
    )
    result = ask(block, options=Options(render="link"))

    assert "<figcaption>See https://moct.example.org/" in result.content
    assert not ask.again(result, Options(render="link")).changed


def test_amp_is_written_in_markdown(ask: Bench) -> None:
    result = ask(f"words\n\n{PERMALINK}\n\nmore", Format.MARKDOWN, options=Options(render="amp"))

    assert "\n\n<amp-twitter " in result.content
    assert not ask.again(result, Options(render="amp")).changed


FLATTENED = (
    "Sunsets don&#39;t get much better pic.twitter.com/YuKy2rcjyU — US (@Interior) May 5, 2014"
)


def test_only_the_embed_beside_what_would_become_a_tweet_is_left_out(ask: Bench) -> None:
    """The first cut would leave the address behind it alone in its paragraph."""
    script = "<script src=https://platform.twitter.com/widgets.js></script>"  # read as a whole
    first, second = f"<p>{FLATTENED} https://t.co/LeadsToMay</p>", f"<p>Words. {FLATTENED}</p>"
    article = f"{first}<p>own</p>{second}{script}"
    result = ask(article, Format.HTML, options=Options(script="none"))

    assert [(one.state, one.reason) for one in result.embeds[:2]] == [
        (State.KEPT, Reason.MIXED),
        (State.EMBEDDED, None),
    ]


def test_a_removed_script_changes_nothing_of_how_an_article_is_read(ask: Bench) -> None:
    """Without the script it is read by passages the second time, each by itself."""
    script = "<script src=https://platform.twitter.com/widgets.js></script>"
    pic = '<a href="">pic.twitter.com/YuKy2rcjyU</a>'
    words = f"Sunsets don&#39t get much better{pic}"
    quotation = f'<blockquote class="twitter-tweet"><p>x</p><p>{words}</p>(@Interior)<a>May 5 2014'
    article = f"<p>{words} (@Interior)<a>May 5 2014</a>{script}//t.co/y</p>{quotation}"
    options = Options(render="link", script="once")
    once = ask(article + "</a></blockquote>", Format.HTML, options=options)

    assert ask.again(once, options).content == once.content


@pytest.mark.parametrize("opening", ["<blockquote>", '<blockquote class="twitter-tweet">'])
def test_a_link_that_nobody_closed_takes_no_words_of_the_article(ask: Bench, opening: str) -> None:
    words = "Sunsets don&#39;t get much better"
    cut = f"{opening}<p>{words}</p>— US (@Interior) <a href={PERMALINK}>May 5, 2"

    assert "The mayor spoke." in ask(f"{cut} The mayor spoke.", Format.HTML).content


def test_a_quotation_that_ends_amid_a_line_holds_no_other_tweet(ask: Bench) -> None:
    first = f'<blockquote class="twitter-tweet"><p>open<a href="{PERMALINK}">May 5, 2014</a>own'
    second = f'<br>{FLATTENED.rpartition(" May")[0]} <a href="{PERMALINK}">May 5, 2014</a>'
    result = ask(f"{first}{second} own words\n<p>more</p>", Format.HTML)

    assert not any(one.reason is Reason.INTERNAL for one in result.embeds)
    assert "own" in result.content


def test_an_empty_link_below_words_makes_no_tweet_of_them(ask: Bench) -> None:
    lost = f"https://x.com/a/status/{LOST}"
    for link in (f"<a href={lost}>", f"\n<v><a href={lost}>", f"<a href={lost}></a>"):
        article = f'<div class="twitter-tweet">own words<p>{link}</div>'
        assert "own words" in ask(article, options=Options(gone="remove")).content
