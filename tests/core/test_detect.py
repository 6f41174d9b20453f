import re

import pytest
from articles import pages, texts
from hypothesis import given
from hypothesis import strategies as st

from service.core.detect import Mention, detect
from service.core.model import Form, Format, TweetRef

ID = "1988150000000000000"
OTHER = "1988160000000000000"
URL = f"https://x.com/a/status/{ID}"
LINK = f'<a href="{URL}">May</a>'
SIGNED = "— A (@a) November 11, 2025"
OPEN = '<blockquote class="twitter-tweet">'
EMBED = f"{OPEN}<p>w</p>— A (@a) {LINK}</blockquote>"


def _found(content: str, written_in: Format = Format.HTML) -> tuple[str, list[tuple[str, str]]]:
    """Return the article with every mention in guillemets, and form and id of each."""
    found = detect(content, written_in)
    marked, at = "", 0
    for one in found.embeds:
        marked += content[at : one.span.start] + "«" + content[one.span.start : one.span.end] + "»"
        at = one.span.end
    return marked + content[at:], [
        (one.form.value, one.tweet.id if one.tweet else "") for one in found.embeds
    ]


# the forms: the article with its mentions between « and »
NO_MARKS = str.maketrans("", "", "«»")
SIGNS = {
    "$W": "words enough for it",
    "$U": URL,
    "$S": SIGNED,
    "$L": LINK,
    "$B": OPEN,
    "$E": EMBED,
    "$J": "<script src=//platform.x.com/a.js></script>",
    "$N": "\r\n",
}
HTML = """
blockquote: a«$E»b
blockquote: a$N😀\x00«$E»$Nb
blockquote: \ufeff«$E»
blockquote: «$Bw — A (@a) $L</blockquote>»
blockquote: «$B$L</blockquote>»
blockquote: «$B<a href=$U></a></blockquote>»
blockquote: «$B<p>w</p><a href="$U">&mdash; A (@a) May 5, 2014</a></blockquote>»
blockquote: «$B<p>w</p><p>— A (@a) $L</p></blockquote>»
blockquote: «<blockquote class='x twitter-tweet y' lang=en><p>w</p>— A (@a) $L</blockquote>»$J
blockquote: «<div class="twitter-video"><p>w</p>— A (@a) $L</div>»
blockquote: «<BLOCKQUOTE CLASS=twitter-tweet><P>w</P>— A (@a) $L</BLOCKQUOTE>»
blockquote: «<blockquote><p>w</p>— A (@a) $L</blockquote>»
blockquote: «$Bw — A (@a) $L»<p>next</p>
blockquote: «$Bw — A (@a) $L»<p>$U.</p>
blockquote: <div>«$Bw — A (@a) $L»</div>b
blockquote blockquote: «$Bw — A (@a) $L»«$E»
blockquote: <blockquote>words «$E» words</blockquote>
blockquote: B«$E»</blockquote>
blockquote blockquote: <blockquote>«$E»«$E»</blockquote>
blockquote: <h2>«$E»</h2>
blockquote: <table><tr><td>«$E»</table>
flattened: <p>«$W $S»</p>
flattened: <p>«$W$N$S»</p>
flattened: <p>😀<br>«$W $S»$N</p>
flattened: <p>«$W <b>$S»</b></p>
flattened: <p>«$W &mdash; A (@a) November&nbsp;11, 2025»</p>
flattened: <p>«$W &#8212; A (&#64;a) November 11, 2025»</p>
flattened: <p>«$W<br>$S»</p>
flattened: <p>«$W<br>— A (@a)<br>November 11, 2025»</p>
flattened: <p>«$W $S more»</p>
flattened: <p>«$W $S»<br>more</p>
flattened flattened: <p>«$W $S» «$W $S»</p>
flattened flattened: <div>«$W $S»<br>between<br>«$W $S»</div>
flattened flattened: <div>«$W $S»$N$N«$W $S»</div>
flattened: <ul><li>«$W $S»<li>b</ul>
flattened: <p>«$W $S»<p>b
flattened: «<blockquote><p>$W</p><p>$S</p></blockquote>»
flattened: «<blockquote>$W<br>$S</blockquote>»
flattened: «<p>$W</p><p>$S</p>»
flattened: <h2>«$W $S»</h2>
flattened: <td>«$W $S»
url: «<p>$U</p>»
url: «<p> $U$N</p>»
url: «<p><a href="$U">$U</a></p>»
url: «<p><a href="https://t.co/abcdefghij">https://t.co/abcdefghij</a></p>»
url: a<div>«$U»</div>b
url: <p>a<br>«$U»<br>b</p>
url: <p>a<br>«<a href=$U>$U</a>»<br>c</p>
url: «<p><span><strong><a href=$U><b>$U</b></a></strong></span></p>»
url: «<p><font color=red>$U</font></p>»
url: «<p>\u200b<a href=$U>$U</a>&#8236;</p>»
url: <p>a<br>«<b><a href=$U>$U</a></b>»<br>c</p>
url: <div>a<br>«<i>$U</i>»<br>c</div>
url: «<p><a href=$U></a></p>»
url: «<p> <b><a href=$U> </a></b></p>»
url: <div>«<a href=$U></a>»</div>
url: «<p>\u202a<a href=$U>\u200b</a>\u202c<!-- x --></p>»
none: <p>words <a href=$U></a></p>
none: <p><a href=$U><i class=icon></i></a></p>
none: <p><a href=$U id=x></a></p>
none: <p><code><a href=$U></a></code></p>
none: <p><b><a href=$U></a></p>
url: «<p><a href=$U>x.com/…/status/198815…</a></p>»
url: «<p><a href="https://t.co/abcdefghij">twitter.com/Interior/st…</a></p>»
url: «<p><a href="https://www.google.com/url?q=$U&amp;sa=D">$U</a></p>»
url: <li>«$U»
none: <p>See $U.</p>
none: <p>See $L</p>
none: <li>$L
none: <pre>$S $U</pre><code>$U</code><kbd>$U</kbd><samp>$U</samp>
none: <textarea>$S</textarea><script>$S</script><style>$S</style>
none: <template>$E</template><svg><title>$S</title></svg><math>$S</math><title>$S</title>
none: <!-- $E --><p title="w S">b</p>
none: <blockquote>words — Ada (mathematician) May 1843</blockquote>
none: <p>— A (@a)</p><p>November 11, 2025</p>
none: $B<p>$W</p>
none: $B<p>$W</p>— A (@a) May 5
"""
TEXT = """
flattened: «$W $S»
flattened: a$N«$W $S»$Nb
flattened: «$W$N$S»$Nb
flattened: «$W$N— A (@a)$NNovember 11, 2025»
flattened: «one$Nof a few words$N$S»
flattened: a$N$N«$W $S more»$N$Nb
flattened: $W$N$N«$S»$N$Nb
flattened: \ufeff«$W $S»
flattened flattened: «$W $S» «$W $S»
flattened flattened: «$W $S»$N$N$N«$W $S»
flattened: «今日も明日も雨が降るでしょう$N—エイダ（＠ada）2014年5月5日»
url: «$U»
url: a$N «$U» $Nb
url: «https://t.co/abcdefghij»
url: «pic.twitter.com/abcdefghij»
none: See $U.
none: $U $U
"""


def _rows(table: str) -> list[tuple[list[str], str]]:
    rows = []
    for row in table.strip("\n").splitlines():
        forms, _, article = row.partition(": ")
        rows.append(([] if forms == "none" else forms.split(), article))
    return rows


def _filled(article: str) -> str:
    return re.sub(r"\$[A-Z]", lambda sign: SIGNS[sign[0]], article)


@pytest.mark.parametrize(
    ("forms", "article"),
    _rows(HTML),
    ids=[article for _, article in _rows(HTML)],
)
def test_mentions_in_html_stand_where_they_are_written(forms: list[str], article: str) -> None:
    marked, found = _found(_filled(article).translate(NO_MARKS))
    assert [form for form, _ in found] == forms
    assert marked == _filled(article)


@pytest.mark.parametrize(
    ("forms", "article"),
    _rows(TEXT),
    ids=[article for _, article in _rows(TEXT)],
)
def test_mentions_in_text_stand_where_they_are_written(forms: list[str], article: str) -> None:
    marked, found = _found(_filled(article).translate(NO_MARKS), Format.TEXT)
    assert [form for form, _ in found] == forms
    assert marked == _filled(article)


def _one(content: str, written_in: Format = Format.HTML) -> Mention:
    (one,) = detect(content, written_in).embeds
    return one


def test_a_blockquote_tells_its_tweet_and_words() -> None:
    pic = '<a href="https://t.co/abcdefghij">pic.twitter.com/abcdefghij</a>'
    closing = f"— A (@a) <a href={URL}>November 10, 2025</a>"
    one = _one(f"{OPEN}<p>Ben &amp; {pic}</p>{closing}</blockquote>")
    assert one.tweet is not None
    assert one.tweet.id == ID
    assert one.attribution is not None
    assert (one.attribution.handle, str(one.date)) == ("a", "2025-11-10")
    assert one.text == "Ben & pic.twitter.com/abcdefghij"
    assert "https://t.co/abcdefghij" in one.urls


def test_a_flattened_tweet_tells_its_words_addresses_and_attribution() -> None:
    one = _one(f"<p>Ben &amp; Jerry https://t.co/abcdefghij#tag {SIGNED}</p>")
    assert one.tweet is None
    assert one.text == "Ben & Jerry https://t.co/abcdefghij#tag"
    assert one.urls == ("https://t.co/abcdefghij",)
    assert one.attribution is not None
    assert (one.attribution.name, one.attribution.handle, str(one.date)) == ("A", "a", "2025-11-11")


def test_where_the_links_of_a_flattened_tweet_lead_is_told_too() -> None:
    one = _one(
        '<p>Rain <a href="https://t.co/abcdefghij"><b>example.org</b></a> — A (@a) <a'
        f' href="{URL}?s=20">November 11, 2025</a></p>',
    )
    assert one.form is Form.FLATTENED
    assert one.urls == ("https://t.co/abcdefghij", f"{URL}?s=20")


def test_a_blank_line_between_handle_and_date_parts_nothing() -> None:
    one = _one("article\n\nwords\n\n  — A (@a) \n  \n  November 11, 2025\n\nmore", Format.TEXT)
    assert one.flat is not None
    assert one.flat.text.endswith("words\n\n  ")


def test_the_second_of_two_flattened_tweets_is_not_told_the_words_of_the_first() -> None:
    first, second = detect(
        f"<p>one two three four {SIGNED} five six seven — B (@b) May 5, 2014 three</p>",
        Format.HTML,
    ).embeds
    assert (first.text, second.text) == ("one two three four", "five six seven")
    assert first.attribution is not None
    assert second.attribution is not None
    assert (first.attribution.handle, second.attribution.handle) == ("a", "b")


def test_words_and_code_may_stand_a_blank_line_before_the_attribution() -> None:
    one = _one(f"article\n\none\n\ntwo pic.twitter.com/abcdefghij\n\n{SIGNED}", Format.TEXT)
    assert one.urls == ("pic.twitter.com/abcdefghij",)
    assert one.flat is not None
    assert one.flat.text.endswith("one\n\ntwo pic.twitter.com/abcdefghij\n\n")


def test_no_words_are_looked_for_before_the_attribution_of_another_tweet() -> None:
    _, second = detect(
        f"one two three four {SIGNED}\n\nfive six seven\n\n{SIGNED}", Format.TEXT
    ).embeds
    assert second.flat is not None
    assert second.flat.text == "five six seven\n\n"


@pytest.mark.parametrize(
    ("content", "links"),
    [
        (f"<p>See {URL}.</p>", [URL]),
        (f'<p>See <a href="{URL}">{URL}</a></p>', [URL, URL]),
        ("<p>See <a href=https://t.co/abcdefghij>words</a></p>", ["https://t.co/abcdefghij"]),
        (f"{EMBED}<p>and https://t.co/abcdefghij too</p>", ["https://t.co/abcdefghij"]),
        ("<p>one https://t.co/7Y7Z7nxgXj#tag two</p>", ["https://t.co/7Y7Z7nxgXj"]),
        (
            (
                f"<pre>{URL}</pre><!-- {URL} --><p"
                f" title='{URL}'>{URL.replace('x.com', 'x.com.evil.test')}</p>"
            ),
            [],
        ),
        (
            (
                "<p>see https://twitter.com/a, https://x.com/search?q=b and"
                " https://x.com/i/lists/1</p>"
            ),
            [],
        ),
    ],
)
def test_every_other_address_is_a_link_at_its_place(content: str, links: list[str]) -> None:
    found = detect(content, Format.HTML).links
    assert [content[one.span.start : one.span.end] for one in found] == links


@pytest.mark.parametrize("before", ["", "\ufeff", "😀\r\n", "\x00", "\r\r\n\n", "é\u0301"])
@pytest.mark.parametrize(
    "content",
    [f"<p>words enough for it {SIGNED}</p>", EMBED, f"<p>{URL}</p>", f"{OPEN}w — A (@a) {LINK}"],
)
def test_what_stands_before_moves_a_mention_by_its_length(before: str, content: str) -> None:
    alone, moved = _one(content), _one(before + "<hr>" + content)
    assert (moved.span.start, moved.span.end) == (
        alone.span.start + len(before) + 4,
        alone.span.end + len(before) + 4,
    )


def test_an_outer_element_with_more_than_one_tweet_gives_way_to_the_inner_ones() -> None:
    other = EMBED.replace(ID, OTHER)
    assert _found(f"<blockquote class=twitter-tweet>{EMBED}{other}<a href={URL}></a></blockquote>")[
        1
    ] == [
        ("blockquote", ID),
        ("blockquote", OTHER),
    ]


@given(st.one_of(pages, texts, st.text()), st.sampled_from([None, *Format]))
def test_mentions_and_links_are_in_order_disjoint_and_not_empty(
    content: str,
    written_in: Format | None,
) -> None:
    found = detect(content, written_in)
    at = 0
    for one in found.embeds:
        assert at <= one.span.start < one.span.end <= len(content)
        at = one.span.end
    at = 0
    for link in found.links:
        assert at <= link.span.start < link.span.end <= len(content)
        at = link.span.end
        assert not any(one.span.start <= link.span.start < one.span.end for one in found.embeds)


@given(pages)
def test_a_permalink_or_attribution_stands_in_every_mention(content: str) -> None:
    for one in detect(content, Format.HTML).embeds:
        assert one.tweet is not None or one.urls or one.attribution is not None
        assert one.form is not Form.LINK


@pytest.mark.parametrize("date", ["", "M", "May", "May ", "May 5,", "May 5, 20", "May 5, 2014"])
def test_an_embed_that_was_cut_off_within_its_date_is_a_tweet(date: str) -> None:
    cut = (
        '<p>Words.</p><blockquote class="twitter-tweet"><p>Sunsets</p>&mdash; Interior (@Interior)'
        f' <a href="https://twitter.com/Interior/status/463440424141459456">{date}'
    )

    assert [one.tweet for one in detect(cut).embeds] == [TweetRef("463440424141459456")]
