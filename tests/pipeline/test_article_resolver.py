"""The way of an article from end to end, against the stand-in for X over real sockets."""

import gc
import time
from collections.abc import Iterator

import pytest
from articles import ARABIC, LINKS, LOST, MAY, NOVEMBER, SHUT, teach
from resolving import PATIENT_MS, Bench, bench
from standin_answers import Answer

from service.core.article import Article, Options, Result
from service.core.detect import Mention
from service.core.model import Form, Format, LinkState, Reason, ServedFrom, State
from service.pipeline.article_resolver import ArticleResolver
from service.pipeline.mention_resolver import MentionResolver
from service.pipeline.passage_resolver import Passage
from service.pipeline.resolution import ResolveContext, ResolvedMention
from service.settings import Settings

FLAT = f"{ARABIC}. للمزيد : {LINKS} — وزارة الاتصالات (@moctsyria) November 11, 2025"
BEFORE = "شهدت العاصمة دمشق & مباحثات < رسمية.\r\n\r\nمرحلة مهمة:"
AFTER = "وأوضح أن العام 2025\r\nيشكّل مرحلة."
SUNSETS = (
    "Sunsets don't get much better pic.twitter.com/YuKy2rcjyU — US Department of the Interior"
    " (@Interior) May 5, 2014"
)
EMBED = (
    '<blockquote class="twitter-tweet" data-dnt="true"><p lang="en" dir="ltr">Sunsets don&#39;t'
    ' get much better <a href="https://t.co/YuKy2rcjyU">x.test</a></p>&mdash; US Department of the'
    f' Interior (@Interior) <a href="https://x.com/Interior/status/{MAY}">May 5,'
    " 2014</a></blockquote>"
)


@pytest.fixture
def ask() -> Iterator[Bench]:
    with bench() as made:
        teach(made.x)
        yield made


def states(result: Result) -> list[tuple[Form, State, Reason | None]]:
    return [(embed.form, embed.state, embed.reason) for embed in result.embeds]


def test_an_article_of_the_seeds_shape_comes_back_with_its_tweet(ask: Bench) -> None:
    article = f"{BEFORE}\r\n\r\n{FLAT}\r\n\r\n{AFTER}"
    result = ask(article)
    (embed,) = result.embeds

    assert (embed.form, embed.state, embed.confidence) == (Form.FLATTENED, State.EMBEDDED, 1.0)
    assert (embed.tweet_id, embed.author_handle, embed.lang, embed.dir) == (
        NOVEMBER,
        "moctsyria",
        "ar",
        "rtl",
    )
    assert article[embed.start : embed.end] == FLAT
    assert embed.created_at is not None
    assert embed.created_at.date().isoformat() == "2025-11-11"
    assert embed.links[0].url == "https://t.co/7Y7Z7nxgXj"
    assert embed.links[0].target == "https://moct.example.org/news?id=5&lang=ar"
    assert embed.links[0].raw_target == "https://moct.example.org/news?id=5&utm_source=x&lang=ar"
    assert result.format is Format.HTML
    assert result.links == ()
    assert embed.html is not None
    assert (
        result.content
        == "<p>شهدت العاصمة دمشق &amp; مباحثات &lt; رسمية.</p>\r\n\r\n<p>مرحلة مهمة:</p>\r\n\r\n"
        f"{embed.html}\r\n\r\n<p>وأوضح أن العام 2025<br>\r\nيشكّل مرحلة.</p>"
    )
    assert result.script == "https://platform.x.com/widgets.js"
    assert ask.again(result).content == result.content


def test_a_code_that_leads_to_somebody_elses_tweet_proves_nothing(ask: Bench) -> None:
    ask.x.code("gmGJ1TR9Ve", "https://x.com/VVperiodistas/status/1988155000000000000/video/1")
    ask.x.tweet("1988155000000000000", "VVperiodistas", "VV", ARABIC)
    result = ask(f"{BEFORE}\n\n{FLAT}")

    assert states(result) == [(Form.FLATTENED, State.UNIDENTIFIED, Reason.OTHER_TWEET)]
    assert not result.changed
    assert result.embeds[0].tweet_id is None
    assert not any("oembed" in asked.path for asked in ask.x.asked)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("May 5, 2014", "May 6, 2014"), Reason.DATE),
        (("May 5, 2014", "May 4, 2014"), Reason.DATE),
        (("Sunsets", "Sunrises"), Reason.WORDS),
        (("@Interior", "@Exterior"), Reason.OTHER_TWEET),
        ((" pic.twitter.com/YuKy2rcjyU", ""), Reason.NOT_FOUND),
        (("YuKy2rcjyU", "Unknown123"), Reason.NOT_FOUND),
    ],
)
def test_what_does_not_agree_is_left_as_it_is(
    ask: Bench,
    change: tuple[str, str],
    reason: Reason,
) -> None:
    article = f"Before.\n\n{SUNSETS.replace(*change)}\n\nAfter."
    result = ask(article)

    assert states(result) == [(Form.FLATTENED, State.UNIDENTIFIED, reason)]
    assert result.content == article
    assert result.format is Format.TEXT


def test_the_handle_is_compared_without_letter_case(ask: Bench) -> None:
    assert states(ask(SUNSETS.replace("@Interior", "@INTERIOR"))) == [
        (Form.FLATTENED, State.EMBEDDED, None),
    ]


@pytest.mark.parametrize(
    ("article", "expected"),
    [
        (f"<p>{SUNSETS}</p>", EMBED),
        (f'<div class="x">{SUNSETS}</div>', f'<div class="x">{EMBED}</div>'),
        (
            f'<p class="a">Before. {SUNSETS} After.</p>',
            f'<p class="a">Before. </p>{EMBED}<p class="a"> After.</p>',
        ),
        (f"<p>Before.<br>{SUNSETS}</p>", f"<p>Before.<br></p>{EMBED}"),
        (f"<li>{SUNSETS}", f"<li>{EMBED}"),
        (f"<table><tr><td>{SUNSETS}</table>", f"<table><tr><td>{EMBED}</table>"),
        (f"<blockquote><p>{SUNSETS}</p></blockquote>", EMBED),
        (f"<p>https://twitter.com/Interior/status/{MAY}</p>", EMBED),
        (
            (
                "<p><a"
                f' href="https://twitter.com/Interior/status/{MAY}">https://twitter.com/Interior/…</a></p>'
            ),
            EMBED,
        ),
        ("<p>https://t.co/LeadsToMay</p>", EMBED),
        (
            f"<!-- wp:paragraph -->\n<p>{SUNSETS}</p>\n<!-- /wp:paragraph -->",
            f"<!-- wp:html -->\n{EMBED}\n<!-- /wp:html -->",
        ),
    ],
)
def test_an_embed_takes_the_place_of_what_it_stands_for(
    ask: Bench,
    article: str,
    expected: str,
) -> None:
    result = ask(article, Format.HTML)

    assert result.content == expected
    assert ask.again(result).content == expected


@pytest.mark.parametrize(
    "article",
    [
        f"<h2>{SUNSETS}</h2>",
        f"<h2>https://x.com/Interior/status/{MAY}</h2>",
        f'<a href="/x"><div>{SUNSETS}</div></a>',
        f"<table>{SUNSETS}</table>",
    ],
)
def test_an_embed_is_not_put_where_block_content_cannot_stand(ask: Bench, article: str) -> None:
    result = ask(article, Format.HTML)

    assert [embed.state for embed in result.embeds] == [State.KEPT]
    assert result.content == article


def test_a_cut_never_falls_inside_an_inline_element(ask: Bench) -> None:
    article = f"<p><b>Before. {SUNSETS[:20]}</b>{SUNSETS[20:]}</p>"
    result = ask(article, Format.HTML)

    assert states(result) == [(Form.FLATTENED, State.KEPT, Reason.MIXED)]
    assert result.content == article


def test_an_unclosed_embed_does_not_swallow_the_article(ask: Bench) -> None:
    opened = EMBED.removesuffix("</blockquote>")
    result = ask(
        f"{opened}<p>The rest of the article.</p><p>https://x.com/moctsyria/status/{NOVEMBER}</p>",
        Format.HTML,
    )

    assert [embed.state for embed in result.embeds] == [State.EMBEDDED, State.EMBEDDED]
    assert result.content.startswith(f"{EMBED}<p>The rest of the article.</p><blockquote")


def test_what_is_whole_already_stays_byte_for_byte(ask: Bench) -> None:
    article = EMBED.replace("&mdash;", "—").replace(
        'class="twitter-tweet" data-dnt="true"',
        "data-theme='dark' class='twitter-tweet'",
    )
    result = ask(article, Format.HTML)

    assert states(result) == [(Form.BLOCKQUOTE, State.EMBEDDED, Reason.INTACT)]
    assert result.content == article


def test_an_embed_that_is_not_whole_is_written_anew(ask: Bench) -> None:
    result = ask(
        EMBED.replace("<p ", '<p onclick="x()" ').replace(
            'class="twitter-tweet" data-dnt="true"',
            'data-theme="dark"',
        ),
        Format.HTML,
    )

    assert result.content == EMBED.replace('data-dnt="true"', 'data-dnt="true" data-theme="dark"')


def test_the_words_of_a_lost_tweet_stay_within_the_allow_list(ask: Bench) -> None:
    own = EMBED.replace(MAY, LOST).replace("May 5, 2014", "November 11, 2025")
    lost = own.replace("<p ", "<script>x()</script><p onclick=x ")
    result = ask(f"a{lost}b", Format.HTML)

    assert states(result) == [(Form.BLOCKQUOTE, State.GONE, None)]
    assert result.content == f"a<script>x()</script>{own}b"
    assert result.embeds[0].served_from is ServedFrom.ARTICLE
    assert states(ask(f"https://x.com/a/status/{SHUT}")) == [(Form.URL, State.PROTECTED, None)]


def test_short_links_are_written_out_where_they_stand(ask: Bench) -> None:
    article = (
        "<p>See https://t.co/abcdefghij, and <a href=http://T.CO/abcdefghij>this</a>, not"
        " https://t.co/abcdefghij#tag.</p>"
    )
    result = ask(article, Format.HTML)
    target = "https://example.org/a_(b)?x=1&amp;y=%3C2%3E"

    assert (
        result.content
        == f'<p>See {target}, and <a href="{target}">this</a>, not https://t.co/abcdefghij#tag.</p>'
    )
    assert [link.state for link in result.links] == [LinkState.RESOLVED] * 3
    assert ask(article.replace("abcdefghij", "deadcode12")).links[0].state is LinkState.DEAD


def test_more_mentions_than_allowed_are_left() -> None:
    with bench(Settings(upstream_rate=0, max_mentions=2)) as strict:
        teach(strict.x)
        result = strict("\n\n".join([SUNSETS] * 3))

    assert [embed.reason for embed in result.embeds] == [None, None, Reason.LIMIT]
    assert result.complete


TROUBLE = {
    "500": Reason.UPSTREAM_ERROR,
    "402": Reason.BLOCKED,
    "429": Reason.RATE_LIMITED,
    "html": Reason.NONSENSE,
    "half_json": Reason.NONSENSE,
    "hang": Reason.DEADLINE,
    "drip": Reason.DEADLINE,
}


@pytest.mark.parametrize(("fault", "reason"), TROUBLE.items())
def test_whatever_x_does_the_article_comes_back_in_time(
    ask: Bench,
    fault: str,
    reason: Reason,
) -> None:
    ask.x.fault["oembed"] = fault
    article = (
        "<p>Before &amp;"
        f" after.</p><p>https://x.com/Interior/status/{MAY}</p>{EMBED.replace('<p ', '<p id=x ')}"
    )
    deadline_ms = 300 if reason is Reason.DEADLINE else PATIENT_MS
    began = time.monotonic()
    result = ask(article, Format.HTML, deadline_ms)

    assert time.monotonic() - began < deadline_ms / 1000 + 5
    assert result.content == article
    assert {embed.reason for embed in result.embeds} == {reason}
    assert not result.complete
    assert result.retry_after_s is not None


def test_x_switched_off_is_no_trouble_to_the_article() -> None:
    with bench() as ask:
        ask.x.fault |= {"oembed": "close", "tco": "close"}
        result = ask(f"{SUNSETS}\n\nhttps://t.co/abcdefghij")

        assert states(result) == [(Form.FLATTENED, State.FAILED, Reason.UNREACHABLE)]
        assert result.links[0].state is LinkState.FAILED
        assert not result.changed


def test_work_that_the_deadline_cut_short_is_found_by_the_next_call(ask: Bench) -> None:
    ask.x.held |= {"oembed", "tco"}
    first = ask(SUNSETS, deadline_ms=50)
    ask.x.held.clear()
    until = time.monotonic() + 180
    while ask(SUNSETS, deadline_ms=0).embeds[0].state is not State.EMBEDDED:
        assert time.monotonic() < until
        ask.wait(0.05)
    asked = len(ask.x.asked)
    second = ask(SUNSETS)

    assert states(first) == [(Form.FLATTENED, State.DEFERRED, Reason.DEADLINE)]
    assert states(second) == [(Form.FLATTENED, State.EMBEDDED, None)]
    assert second.embeds[0].served_from is ServedFrom.CACHE
    assert len(ask.x.asked) == asked


def test_no_article_is_held_for_what_is_asked_behind_the_answer(ask: Bench) -> None:
    ask.x.held |= {"oembed", "tco"}
    first = ask(f"{SUNSETS} held while X is asked", deadline_ms=50)
    gc.collect()

    assert not first.complete
    assert not [held for held in gc.get_objects() if isinstance(held, Passage | Mention)]


def test_a_link_of_another_author_is_not_asked_for_behind_the_answer(ask: Bench) -> None:
    ask.x.held.add("tco")
    ask.x.code("leadsAway1", "https://x.com/somebody_else/status/20")
    ask("Words https://t.co/leadsAway1 — A (@a_writer) May 5, 2014", deadline_ms=20)
    while not ask.x.asked:
        ask.wait(0.01)
    ask.x.held.clear()
    ask.wait(0.3)

    assert [asked.host for asked in ask.x.asked] == ["t.co"]


def test_no_patience_at_all_asks_nothing_now_or_later(ask: Bench) -> None:
    result = ask(f"{SUNSETS}\n\nhttps://x.com/Interior/status/{MAY}", deadline_ms=0)
    ask.wait(0.1)

    assert {embed.reason for embed in result.embeds} == {Reason.CACHE_ONLY}
    assert ask.x.asked == []


def test_a_tweet_is_asked_for_once_however_often_it_stands(ask: Bench) -> None:
    article = "\n\n".join(
        [SUNSETS, f"https://twitter.com/x/status/{MAY}", "https://t.co/LeadsToMay"] * 5,
    )
    result = ask(article)

    assert {embed.state for embed in result.embeds} == {State.EMBEDDED}
    assert len({(asked.host, asked.path) for asked in ask.x.asked}) == len(ask.x.asked) == 3


def test_text_that_becomes_html_gets_the_script_it_is_asked_for(ask: Bench) -> None:
    once = Options(script="once")
    result = ask(f"Before.\n\n{SUNSETS}", options=once)

    assert result.content.endswith(
        '</blockquote>\n<script async src="https://platform.x.com/widgets.js"'
        ' charset="utf-8"></script>',
    )
    assert ask.again(result, once).content == result.content
    assert "<script" not in ask("Before.", options=once).content


def test_a_fault_of_our_own_costs_one_mention(
    ask: Bench,
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Faulty(MentionResolver):
        async def mention(
            self,
            text: str,
            mention: Mention,
            context: ResolveContext,
        ) -> ResolvedMention:
            if mention.form is Form.URL:
                message = f"{text} {mention} {context}"
                raise RuntimeError(message)
            return await super().mention(text, mention, context)

    content = f"{SUNSETS}\n<p>https://x.com/Interior/status/{MAY}</p>"

    async def resolve() -> Result:
        # the parts of the real one
        faulty = Faulty(ask.resolver._mentions.follow, ask.resolver._mentions.fetch)  # noqa: SLF001
        return await ArticleResolver(faulty, max_mentions=9)(Article(content))

    result = ask.runner.run(resolve())

    assert [(each.state, each.reason) for each in result.embeds][-1] == (
        State.FAILED,
        Reason.INTERNAL,
    )
    assert result.embeds[0].state is State.EMBEDDED
    assert not result.complete
    assert result.content.endswith(content.rpartition("\n")[2])
    assert "RuntimeError in mention" in caplog.text
    assert "Sunsets" not in caplog.text


def test_an_absurd_date_to_ask_again_costs_nothing(ask: Bench) -> None:
    for absurd in ("Fri, 31 Dec 9999 23:59:59 -2359", "Mon, 01 Jan 0001 00:00:00 +2359", "9" * 400):
        busy = Answer(429, [("Retry-After", absurd)], b"")
        ask.x.fault["1988150000000000777"] = busy
        result = ask("<p>https://x.com/a/status/1988150000000000777</p>", Format.HTML)
        assert [each.reason for each in result.embeds] == [Reason.RATE_LIMITED]
        assert result.retry_after_s


def test_many_stranded_addresses_cost_what_their_article_is_long(ask: Bench) -> None:
    quoted = "Slow mornings pic.twitter.com/Str4nded1 — Ada (@Ada_L) November 11, 2025"
    paragraph = f"<p>{quoted} https://t.co/DeadEnd001</p>\n"
    ask.x.tweet("1988150000000000123", "Ada_L", "Ada", "Slow mornings")
    ask.x.code("Str4nded1", "https://x.com/Ada_L/status/1988150000000000123/photo/1")

    began = time.process_time()
    result = ask(paragraph * 199)

    assert time.process_time() - began < 2
    assert {embed.reason for embed in result.embeds} == {Reason.MIXED}
    assert result.content == paragraph * 199
