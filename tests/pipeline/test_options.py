"""Every option of docs/interface.md 6.3, by what it does to an article."""

import pytest
from articles import FLATTENED, LOST, MAY, NOVEMBER
from resolving import Bench

from service.core.article import Options, Result
from service.core.model import Form, Format, Reason, State

PERMALINK = f"https://x.com/Interior/status/{MAY}"
LINE = f"<p>{PERMALINK}</p>"
WORDS = (
    '<p lang="en" dir="ltr">Sunsets don&#39;t get much better <a'
    ' href="https://t.co/YuKy2rcjyU">x.test</a></p>'
)
CLOSING = f'US Department of the Interior (@Interior) <a href="{PERMALINK}">May 5, 2014</a>'
INTACT = f'<blockquote class="twitter-tweet">{WORDS}— {CLOSING}</blockquote>'
RENEWED = INTACT.replace('tweet">', 'tweet" data-dnt="true">').replace("—", "&mdash;")
GONE = (
    '<blockquote class="twitter-tweet"><p lang="de">Weg</p>— A (@a) <a'
    f' href="https://x.com/a/status/{LOST}">November 11, 2025</a></blockquote>'
)
TOMBSTONE = (
    '<p class="tweet-embed-gone" lang="de" dir="ltr">Dieser Beitrag ist nicht mehr verfügbar.</p>'
)
SCRIPT = '<script async src="https://platform.twitter.com/widgets.js" charset="utf-8"></script>'
NEW_SCRIPT = '<script async src="https://platform.x.com/widgets.js" charset="utf-8"></script>'
# by WP Rocket, iubenda, Complianz, Cookiebot, Usercentrics: X is asked after consent only
PARKED = [
    (
        '<script type="rocketlazyloadscript" '
        'data-rocket-src="https://platform.twitter.com/widgets.js" async></script>'
    ),
    (
        '<script type="text/plain" class="_iub_cs_activate" '
        'data-suppressedsrc="//platform.twitter.com/widgets.js"></script>'
    ),
    '<script type="text/plain" data-service="twitter" data-cmplz-src="https://platform.x.com/widgets.js"></script>',
    '<script type="text/plain" data-cookieconsent="marketing" data-src="https://platform.twitter.com/widgets.js"></script>',
    '<script type="text/plain" data-usercentrics="X" src="https://platform.twitter.com/widgets.js"></script>',
]
OTHERS = (
    "Sunsets don't get much better pic.twitter.com/YuKy2rcjyU — Somebody Else (@else) May 5, 2014"
)


def once(ask: Bench, article: str, options: Options, written_in: Format = Format.HTML) -> Result:
    """Resolve an article, and see that it comes back as it is."""
    result = ask(article, written_in, options=options)
    again = ask.again(result, options)
    assert again.content == result.content
    return result


def test_consent_puts_the_embed_beside_a_button_and_takes_xs_script_out(ask: Bench) -> None:
    result = once(ask, f"{LINE}{SCRIPT}", Options(render="consent"))

    assert (
        result.content
        == f'<div class="tweet-embed" lang="en" dir="ltr">{RENEWED}<p class="tweet-embed-ask">X'
        " then learns of your visit and may set cookies. Your choice is remembered.</p><button"
        ' class="tweet-embed-load" type="button">Load this post from X</button><button'
        ' class="tweet-embed-stop" type="button" hidden="">Stop loading posts from'
        " X</button></div>"
    )
    assert result.script == "/embed.js"


def test_an_intact_embed_stays_byte_for_byte_within_consent_and_comes_out_again(ask: Bench) -> None:
    wrapped = once(ask, INTACT, Options(render="consent"))

    assert INTACT in wrapped.content
    assert once(ask, wrapped.content, Options()).content == INTACT


def test_a_wrapper_of_somebody_else_is_left_around(ask: Bench) -> None:
    theirs = f'<div class="tweet-embed">Our words. {INTACT}<p>More.</p></div>'

    assert once(ask, theirs, Options()).content == theirs


def test_amp_writes_its_element_with_the_words_inside(ask: Bench) -> None:
    result = once(ask, LINE, Options(render="amp", theme="dark"))
    inner = RENEWED.replace("<blockquote ", '<blockquote placeholder="" ').replace(
        'dnt="true"',
        'dnt="true" data-theme="dark"',
    )

    assert (
        result.content
        == f'<amp-twitter width="375" height="472" layout="responsive" data-tweetid="{MAY}"'
        f' data-dnt="true" data-theme="dark">{inner}</amp-twitter>'
    )
    assert result.script == "https://cdn.ampproject.org/v0/amp-twitter-0.1.js"


def test_a_link_is_one_paragraph(ask: Bench) -> None:
    result = once(ask, INTACT, Options(render="link"))

    assert (
        result.content
        == f'<p class="tweet-embed-link" dir="ltr"><a href="{PERMALINK}">US Department of the'
        " Interior (@Interior) · May 5, 2014</a></p>"
    )
    assert result.script is None
    assert once(ask, result.content, Options()).content == RENEWED


@pytest.mark.parametrize("first", ["blockquote", "consent", "amp", "link"])
@pytest.mark.parametrize("second", ["blockquote", "consent", "amp", "link"])
def test_every_rendering_becomes_every_other(ask: Bench, first: str, second: str) -> None:
    # the words of the table
    wanted = once(ask, LINE, Options(render=second)).content  # type: ignore[arg-type]
    made = once(ask, LINE, Options(render=first)).content  # type: ignore[arg-type]

    assert once(ask, made, Options(render=second)).content == wanted  # type: ignore[arg-type]


def test_intact_is_kept_or_renewed(ask: Bench) -> None:
    assert not once(ask, INTACT, Options()).changed
    assert once(ask, INTACT, Options(intact="renew", theme="dark")).content == RENEWED.replace(
        'dnt="true"',
        'dnt="true" data-theme="dark"',
    )
    assert once(ask, RENEWED, Options(intact="renew")).embeds[0].reason is Reason.INTACT


def test_an_embed_with_other_words_is_not_intact(ask: Bench) -> None:
    assert once(ask, INTACT.replace("Sunsets", "Sunrises"), Options()).content == RENEWED


def test_a_name_that_shows_somebody_elses_address_gives_way_in_a_link(ask: Bench) -> None:
    ask.x.tweet("1988190000000000000", "ada", "evil.test", "Words")
    address = "https://x.com/ada/status/1988190000000000000"

    assert (
        f'<a href="{address}">{address}</a>'
        in once(ask, f"<p>{address}</p>", Options(render="link")).content
    )


def test_the_callers_wishes_come_before_the_embeds_own(ask: Bench) -> None:
    article = INTACT.replace(
        'tweet">',
        'tweet" data-theme="light" data-width="300" data-cards="hidden">',
    )
    asked = Options(intact="renew", theme="dark", align="center", hide_thread=True)

    assert once(ask, article, asked).content == RENEWED.replace(
        ' data-dnt="true"',
        ' data-align="center" data-cards="hidden" data-conversation="none" data-dnt="true"'
        ' data-theme="dark" data-width="300"',
    )


def test_a_language_is_asked_of_x_and_remembered_apart(ask: Bench) -> None:
    before = len(ask.x.asked)
    once(ask, LINE, Options(lang="fa"))
    once(ask, LINE, Options(lang="he"))
    asked = [one.path for one in ask.x.asked[before:] if "oembed" in one.path]

    assert len(asked) == 2
    assert ("lang=fa" in asked[0], "lang=he" in asked[1]) == (True, True)


@pytest.mark.parametrize(
    ("gone", "expected"),
    [("keep", GONE), ("tombstone", TOMBSTONE), ("remove", "")],
)
def test_a_tweet_that_is_gone(ask: Bench, gone: str, expected: str) -> None:
    # the words of the table
    result = once(ask, f"<p>A.</p>{GONE}<p>B.</p>", Options(gone=gone))  # type: ignore[arg-type]

    assert result.content == f"<p>A.</p>{expected}<p>B.</p>"
    assert [embed.state for embed in result.embeds] == [State.GONE]
    assert result.script is None


@pytest.mark.parametrize("gone", ["tombstone", "remove"])
def test_words_that_nobody_confirmed_are_neither_buried_nor_removed(ask: Bench, gone: str) -> None:
    ask.x.code("LeadsGone1", f"https://x.com/a/status/{LOST}")
    article = "<p>Some words pic.twitter.com/LeadsGone1 — A (@a) November 11, 2025</p>"
    # the words of the table
    result = once(ask, article, Options(gone=gone))  # type: ignore[arg-type]

    assert [(embed.form, embed.state) for embed in result.embeds] == [(Form.FLATTENED, State.GONE)]
    assert result.content == article


def test_a_tombstone_and_a_removal_in_plain_text(ask: Bench) -> None:
    article = f"A.\n\nhttps://x.com/a/status/{LOST}\n\nB."

    assert once(ask, article, Options(gone="remove"), Format.TEXT).content == "A.\n\n\n\nB."
    assert "tweet-embed-gone" in once(ask, article, Options(gone="tombstone"), Format.TEXT).content


def test_words_that_are_somebody_elses_tweet_are_quoted(ask: Bench) -> None:
    result = once(ask, f"<p>Before. {OTHERS} After.</p>", Options(unidentified="quote"))

    assert (
        result.content
        == '<p>Before. </p><blockquote class="tweet-embed-quote"><p dir="auto">Sunsets don&#39;t'
        ' get much better <a href="https://t.co/YuKy2rcjyU">pic.twitter.com/YuKy2rcjyU</a></p>—'
        " Somebody Else (@else) May 5, 2014</blockquote><p> After.</p>"
    )
    assert [(embed.state, embed.reason) for embed in result.embeds] == [
        (State.UNIDENTIFIED, Reason.OTHER_TWEET),
    ]


@pytest.mark.parametrize(
    "words",
    ["No code — A (@a) May 5, 2014", OTHERS.replace("Sunsets", "Sunrises")],
)
def test_words_that_nobody_confirmed_are_not_quoted(ask: Bench, words: str) -> None:
    assert not once(ask, f"<p>Before. {words}</p>", Options(unidentified="quote")).changed


@pytest.mark.parametrize(
    ("article", "none", "one"),
    [
        (f"{INTACT}\n{SCRIPT}", f"{INTACT}\n", f"{INTACT}\n{SCRIPT}"),
        (f"{SCRIPT}{INTACT}{SCRIPT}\n", f"{INTACT}\n", f"{INTACT}{SCRIPT}\n"),
        (f"<p>{SCRIPT}</p>{INTACT}", INTACT, f"{INTACT}\n{NEW_SCRIPT}"),
        (
            f"<div class=x>\n <p>{SCRIPT}</p> {SCRIPT}</div>{INTACT}",
            INTACT,
            f"{INTACT}\n{NEW_SCRIPT}",
        ),
        (
            f"<div>words{SCRIPT}</div>{INTACT}",
            f"<div>words</div>{INTACT}",
            f"<div>words</div>{INTACT}\n{NEW_SCRIPT}",
        ),
        (INTACT, INTACT, f"{INTACT}\n{NEW_SCRIPT}"),
        *((f"{INTACT}\n{parked}", f"{INTACT}\n", f"{INTACT}\n\n{NEW_SCRIPT}") for parked in PARKED),
        ("<p>No tweet.</p>", "<p>No tweet.</p>", "<p>No tweet.</p>"),
        (f"<pre>{SCRIPT.replace('<', '&lt;')}</pre>", None, None),
        ("<script>alert(1)</script>", None, None),
        (f"one{SCRIPT}two", "one<!---->two", None),
    ],
)
def test_xs_scripts_stay_go_or_become_one(
    ask: Bench,
    article: str,
    none: str | None,
    one: str | None,
) -> None:
    assert once(ask, article, Options()).content == article
    assert once(ask, article, Options(script="none")).content == (article if none is None else none)
    if one is not None:
        assert once(ask, article, Options(script="once")).content == one


def test_a_script_behind_a_tweet_in_its_paragraph_is_none_of_the_tweets(ask: Bench) -> None:
    result = once(ask, f"<div>{FLATTENED[0]}{SCRIPT}&amp; more</div>", Options(script="none"))

    assert [embed.state for embed in result.embeds] == [State.EMBEDDED]
    assert "<script" not in result.content
    assert result.content.endswith("</blockquote><!---->&amp; more</div>")


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        (
            "expand",
            (
                '<a href="https://moct.example.org/news?id=5&amp;lang=ar">a</a>'
                " https://moct.example.org/news?id=5&amp;lang=ar b"
            ),
        ),
        (
            "href",
            (
                '<a href="https://moct.example.org/news?id=5&amp;lang=ar">a</a>'
                " https://t.co/7Y7Z7nxgXj b"
            ),
        ),
        ("keep", "<a href=https://t.co/7Y7Z7nxgXj>a</a> https://t.co/7Y7Z7nxgXj b"),
    ],
)
def test_short_links_become_their_targets_where_asked(
    ask: Bench,
    links: str,
    expected: str,
) -> None:
    article = "<p>x <a href=https://t.co/7Y7Z7nxgXj>a</a> https://t.co/7Y7Z7nxgXj b</p>"

    # the words of the table
    assert once(ask, article, Options(links=links)).content == f"<p>x {expected}</p>"  # type: ignore[arg-type]


def test_tracking_stays_where_it_is_not_to_be_stripped(ask: Bench) -> None:
    result = once(ask, "<p>x https://t.co/7Y7Z7nxgXj b</p>", Options(strip_tracking=False))

    assert (
        result.content
        == "<p>x https://moct.example.org/news?id=5&amp;utm_source=x&amp;lang=ar b</p>"
    )


def test_the_button_speaks_the_tweets_language(ask: Bench) -> None:
    result = once(
        ask,
        f"<p>https://x.com/moctsyria/status/{NOVEMBER}</p>",
        Options(render="consent"),
    )

    assert '<div class="tweet-embed" lang="ar" dir="rtl">' in result.content


def test_a_quotation_in_which_more_stands_is_not_quoted(ask: Bench) -> None:
    article = f'<blockquote class="twitter-tweet"><p>Our desk says:</p><p>{OTHERS}</p></blockquote>'
    result = once(ask, article, Options(unidentified="quote"))

    assert "Our desk says:" in result.content
