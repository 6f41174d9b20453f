"""Which parts of an article with CDATA sections in it are read."""

import pytest

from service.core.detect.sections import read_passages_around_sections

TWEET = "https://x.com/ada/status/1988177428548464647"
OTHER = "https://x.com/bob/status/1988177428548464648"


@pytest.mark.parametrize(
    ("article", "read"),
    [
        (f"<item><![CDATA[{TWEET}]]></item>", [TWEET]),
        (f"<x><![CDATA[<p>x</p><p>{TWEET}</p>]]></x>", [f"<p>{TWEET}</p>"]),
        (f"<x><![CDATA[{TWEET}]]></x><b><![CDATA[{OTHER}]]></b>", [TWEET, OTHER]),
        (f"<x><![CDATA[x]]></x><p>{TWEET}</p><b><![CDATA[y]]></b>", [f"<p>{TWEET}</p>"]),
        (f"<title><![CDATA[{TWEET}]]></title><x><![CDATA[{OTHER}]]></x>", [OTHER]),
        (f"<script>//<![CDATA[\n{TWEET}\n//]]></script><p>{OTHER}</p>", [f"<p>{OTHER}</p>"]),
        (f"<script>//<![CDATA[\nx\n//]]>{TWEET}</script><p>{OTHER}</p>", [f"<p>{OTHER}</p>"]),
        (f"<pre><![CDATA[{TWEET}]]>{TWEET}", []),
        (f"<x><![CDATA[<!-- x ]]></x><p>{OTHER}</p>", [f"<p>{OTHER}</p>"]),
        (f'<x title="<pre>"><![CDATA[{TWEET}]]></x>', [TWEET]),
        (f"a < b <pre><![CDATA[{TWEET}]]></pre>", []),
        (f"<p>{TWEET}</p>", [f"<p>{TWEET}</p>"]),
    ],
)
def test_a_section_is_read_by_itself(article: str, read: list[str]) -> None:
    places = read_passages_around_sections(article)

    assert places is not None
    shown = [article[start:end] for start, end in places]
    assert [one for one in read if any(one in each for each in shown)] == read
    assert sum(each.count("status") for each in shown) == len(read)


@pytest.mark.parametrize(
    "article",
    [
        f"<!-- <![CDATA[{TWEET}]]> -->",
        f"<h2><![CDATA[{TWEET}]]></h2>",
        f"<!-- wp:list --><![CDATA[{TWEET}]]>",
        f"<svg><![CDATA[{TWEET}]]></svg>",
        f"<![CDATA[{TWEET}",
    ],
)
def test_what_is_no_section_is_read_with_the_article(article: str) -> None:
    assert read_passages_around_sections(article) is None
