"""WordPress' own embeds, with the service as the provider for tweets."""

from urllib.parse import parse_qs, urlsplit

import pytest
from articles import LOST, MAY
from faulty_service import NOTHING_FOUND, FaultyService, said
from standin_answers import FAULTS
from wordpress_plugin import PluginSite, article

HTML = (
    '<blockquote class="twitter-tweet" data-dnt="true"><p lang="en" dir="ltr">Words</p>'
    '&mdash; A (@a) <a href="https://x.com/a/status/20">2006</a></blockquote>'
)
OEMBED = {
    "version": "1.0",
    "type": "rich",
    "provider_name": "X",
    "provider_url": "https://x.com",
    "url": "https://x.com/a/status/20",
    "author_name": "A",
    "author_url": "https://x.com/a",
    "width": 550,
    "height": None,
    "cache_age": 86400,
    "html": HTML,
}
TWEETS = [
    f"https://twitter.com/Interior/status/{MAY}",
    f"https://x.com/Interior/status/{MAY}?s=20",
    f"http://mobile.twitter.com/Interior/statuses/{MAY}",
    f"https://x.com/i/web/status/{MAY}",
    "https://t.co/LeadsToMay",
]
OTHERS = [
    "https://twitter.com/Interior",
    "https://x.com/search?q=a",
    "https://t.co/",
    "https://notx.com/a/status/20",
    "https://x.com.evil.test/a/status/20",
]


@pytest.fixture
def provider(plugin_site: PluginSite, faulty: FaultyService) -> FaultyService:
    """A provider that knows one tweet, and asks for a key."""
    faulty.answers["/oembed"] = said(OEMBED)
    plugin_site.configure(address=faulty.url, key="abcdefgh12345")
    faulty.asked.clear()
    return faulty


def get(site: PluginSite, url: str) -> str | bool:
    found: str | bool = site.do("oembed", url=url)
    return found


@pytest.mark.parametrize("url", TWEETS)
def test_a_tweet_is_asked_of_the_service(
    url: str, plugin_site: PluginSite, provider: FaultyService
) -> None:
    assert get(plugin_site, url) == HTML

    (asked,) = provider.asked
    assert parse_qs(urlsplit(asked.path).query)["url"] == [url]
    assert asked.headers["authorization"] == "Bearer abcdefgh12345"
    assert "abcdefgh12345" not in asked.path


@pytest.mark.parametrize("url", OTHERS)
def test_what_is_no_tweet_is_left_to_others(
    url: str, plugin_site: PluginSite, provider: FaultyService
) -> None:
    get(plugin_site, url)

    assert provider.asked == []


def test_nothing_else_of_the_same_network_may_be_asked(
    plugin_site: PluginSite, provider: FaultyService
) -> None:
    paths = ["/oembed?url=x", "/oembed", "/v1/tweets/20", "/"]
    allowed = plugin_site.do("may ask", urls=[provider.url + path for path in paths])

    assert allowed == [True, False, False, False]


def test_an_address_alone_on_its_line_is_embedded_for_readers(
    plugin_site: PluginSite, provider: FaultyService
) -> None:
    plugin_site.configure(address=provider.url, on_save=False)
    page = plugin_site.site.page(
        plugin_site.save(f"Before\n\nhttps://x.com/Interior/status/{MAY}\n\nAfter")
    )

    assert '<p lang="en" dir="ltr">Words</p>' in page


def test_a_failure_that_wordpress_would_keep_for_ever_goes_once_the_service_answers(
    plugin_site: PluginSite, provider: FaultyService
) -> None:
    url = f"https://x.com/Interior/status/{MAY}"
    block = (
        f'<!-- wp:embed {{"url":"{url}","type":"rich","providerNameSlug":"twitter"}} -->\n'
        '<figure class="wp-block-embed"><div class="wp-block-embed__wrapper">\n'
        f"{url}\n</div></figure>\n<!-- /wp:embed -->"
    )
    kept = {
        "state": "kept",
        "reason": "block",
        "tweet_id": MAY,
        "url": url,
        "author_name": None,
        "author_handle": "Interior",
    }
    provider.answers["/v1/resolve"] = said(
        {**NOTHING_FOUND, "content": block, "changed": False, "embeds": [kept]}
    )
    working = provider.answers["/oembed"]
    provider.answers["/oembed"] = FAULTS["500"]
    post = plugin_site.save(block)
    plugin_site.do("set meta", post=post, key="_oembed_other", value="<p>fine</p>")

    assert "Words" not in plugin_site.site.page(post)
    assert len(plugin_site.do("failures", post=post)) == 1
    assert plugin_site.next_try(post) is not None

    provider.answers["/oembed"] = working
    plugin_site.run_events(post)

    assert plugin_site.do("failures", post=post) == []
    assert "Words" in plugin_site.site.page(post)
    assert plugin_site.do("meta", post=post, key="_oembed_other") == "<p>fine</p>"
    assert plugin_site.next_try(post) is None
    assert plugin_site.report(post)["tweets"][0]["label"] == "Embed block"


def test_a_tweet_that_is_gone_is_not_asked_for_again_and_again(
    plugin_site: PluginSite, provider: FaultyService
) -> None:
    url = f"https://x.com/somebody/status/{LOST}"
    gone = {
        "state": "gone",
        "reason": None,
        "tweet_id": LOST,
        "url": url,
        "author_name": None,
        "author_handle": "somebody",
    }
    provider.answers["/v1/resolve"] = said(
        {**NOTHING_FOUND, "content": article(url), "changed": False, "embeds": [gone]}
    )
    provider.answers["/oembed"] = said({"error": 404, "message": "no such tweet"}, 404)
    post = plugin_site.save(article(f"\n{url}\n"))
    provider.answers["/v1/resolve"] = said(
        {**NOTHING_FOUND, "content": article(f"\n{url}\n"), "changed": False, "embeds": [gone]}
    )
    post = plugin_site.save(article(f"\n{url}\n"), post)
    plugin_site.site.page(post)

    assert len(plugin_site.do("failures", post=post)) == 1
    assert plugin_site.next_try(post) is None


@pytest.mark.parametrize("url", TWEETS)
def test_the_service_itself_answers_wordpress(url: str, site: PluginSite) -> None:
    found = get(site, url)

    assert isinstance(found, str)
    assert found.startswith('<blockquote class="twitter-tweet"')
    assert "Sunsets don&#39;t get much better" in found
