"""Promises 1, 2 and 3 of docs/interface.md, on made-up articles and on arbitrary strings."""

from itertools import pairwise

import pytest
from articles import BLOCKQUOTES, MAY, markdowns, outside_is_the_same, pages, texts
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from resolving import Bench

from service.core.model import Format, Reason, State

LAWS = settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
LAWS_SHORT = settings(LAWS, max_examples=25)
LAWS_WHOLE = settings(LAWS, max_examples=5000)


def hold(ask: Bench, content: str, written_in: Format | None) -> None:
    result = ask(content, written_in)
    again = ask.again(result)

    assert outside_is_the_same(content, result, written_in)
    assert again.content == result.content
    assert not again.changed
    assert result.changed == (result.content != content)
    spans = [(embed.start, embed.end) for embed in result.embeds]
    assert all(0 <= start <= end <= len(content) for start, end in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    assert not any(
        start <= (link.start or 0) < end for link in result.links for start, end in spans
    )


@LAWS
@given(content=pages)
def test_an_html_article_comes_back_whole_and_twice_is_once(ask: Bench, content: str) -> None:
    hold(ask, content, Format.HTML)


@LAWS
@given(content=texts)
def test_a_text_comes_back_whole_and_twice_is_once(ask: Bench, content: str) -> None:
    hold(ask, content, Format.TEXT)


@LAWS_SHORT
@given(content=markdowns)
def test_markdown_comes_back_whole_and_twice_is_once(ask: Bench, content: str) -> None:
    hold(ask, content, Format.MARKDOWN)


@LAWS
@given(content=st.text())
def test_any_string_comes_back_whole_and_twice_is_once(ask: Bench, content: str) -> None:
    hold(ask, content, None)


@LAWS
@given(content=st.one_of(pages, texts))
def test_a_format_told_from_the_content_keeps_the_laws(ask: Bench, content: str) -> None:
    result = ask(content)

    assert outside_is_the_same(content, result)
    assert ask.again(result).content == result.content


@LAWS
@given(content=st.one_of(pages, texts))
def test_from_the_cache_alone_nothing_unknown_is_written(ask: Bench, content: str) -> None:
    result = ask(content, deadline_ms=0)

    links = [*result.links, *(link for embed in result.embeds for link in embed.links)]
    reasons = {embed.reason for embed in result.embeds} | {link.reason for link in links}
    assert State.FAILED not in {embed.state for embed in result.embeds}
    assert result.complete != (Reason.CACHE_ONLY in reasons)


@pytest.mark.long
@LAWS_WHOLE
@given(content=pages)
def test_an_html_article_comes_back_whole_many_times_over(ask: Bench, content: str) -> None:
    hold(ask, content, Format.HTML)


@pytest.mark.long
@LAWS_WHOLE
@given(content=texts)
def test_a_text_comes_back_whole_many_times_over(ask: Bench, content: str) -> None:
    hold(ask, content, Format.TEXT)


@pytest.mark.long
@LAWS_WHOLE
@given(content=markdowns)
def test_markdown_comes_back_whole_many_times_over(ask: Bench, content: str) -> None:
    hold(ask, content, Format.MARKDOWN)


def test_an_amp_element_behind_an_open_quotation_is_the_same_the_second_time(ask: Bench) -> None:
    amp = f'<amp-twitter data-tweetid="{MAY}">{BLOCKQUOTES[1]}</amp-twitter>'
    result = ask(BLOCKQUOTES[5] + "</a>" + amp, Format.HTML)
    assert ask.again(result).content == result.content
