"""A post saved in WordPress: what is stored, with the service well and in every kind of trouble."""

import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from articles import LINKS, LOST, MAY, NOVEMBER
from faulty_service import NOTHING_FOUND, FaultyService, said
from sampling import sampled
from standin_answers import FAULTS, Answer
from wordpress_plugin import (
    EMBED,
    FLAT,
    SECRET,
    SUNSETS,
    PluginSite,
    RunningService,
    article,
    html_block,
    login,
    paragraph,
)

TIMEOUT_S = 1
BEFORE = 'شهدت العاصمة دمشق &amp; مباحثات \\رسمية\\ "اليوم" 🚌'


def test_a_flattened_tweet_becomes_a_block_of_its_own(site: PluginSite) -> None:
    post = site.save(article(BEFORE, FLAT, "مرحلة مهمة:"))
    before, embed, after = site.stored(post).split("\n\n")

    assert (before, after) == (paragraph(BEFORE), paragraph("مرحلة مهمة:"))
    assert embed.startswith(
        '<!-- wp:html -->\n<blockquote class="twitter-tweet" data-dnt="true">'
        '<p lang="ar" dir="rtl">'
    )
    assert f"/status/{NOVEMBER}" in embed


def test_the_classic_editor_stores_the_same_embed(site: PluginSite) -> None:
    typed = f'It\\\'s "here":\r\n\r\n{SUNSETS}\r\n\r\nThe end.'
    post = site.save_classic(typed)

    assert site.stored(post) == typed.replace(SUNSETS, EMBED)


def test_saving_again_changes_nothing(site: PluginSite) -> None:
    post = site.save(article(SUNSETS))
    stored = site.stored(post)
    site.save(stored, post)

    assert stored == html_block(EMBED)
    assert site.stored(post) == stored


def test_a_draft_is_healed_and_a_page_too(site: PluginSite) -> None:
    post = site.save(article(SUNSETS), status="draft")
    page = site.rest(
        "POST", "/wp/v2/pages", {"content": article(SUNSETS), "status": "publish"}
    ).json()["id"]

    assert site.stored(post) == site.stored(page) == html_block(EMBED)


def test_readers_see_the_embed_and_its_looks(site: PluginSite) -> None:
    page = site.site.page(site.save(article(SUNSETS)))

    assert EMBED.partition("&mdash;")[0] in page
    assert "blockquote.twitter-tweet" in page.partition("</head>")[0]
    assert "blockquote.twitter-tweet {" not in site.site.page(site.save(article("No trace.")))


def test_a_post_without_a_trace_of_a_tweet_is_not_sent(
    site: PluginSite, faulty: FaultyService
) -> None:
    site.configure(address=faulty.url)
    faulty.asked.clear()
    post = site.save(article("An ordinary post with https://example.org/ in it."))

    assert faulty.asked == []
    assert site.next_try(post) is None


def test_an_author_who_may_not_post_scripts_gets_the_same_embed(site: PluginSite) -> None:
    site.do("add user", name="writer", secret=SECRET, role="author")
    login(site.client, "writer")
    try:
        post = site.save(article("<script>alert(1)</script>", SUNSETS))
    finally:
        login(site.client, "editor")

    assert "<script" not in site.stored(post)
    assert site.stored(post).endswith(html_block(EMBED))


def test_emoji_fit_an_old_table(site: PluginSite, service: RunningService) -> None:
    service.x.tweet("1988190000000000000", "moji", "Moji", "A bus 🚌 of books")
    site.do("set charset", charset="utf8mb3")
    try:
        post = site.save(article("https://x.com/moji/status/1988190000000000000"))
        stored = site.stored(post)
    finally:
        site.do("set charset", charset="utf8mb4")

    assert "A bus &#x1f68c; of books" in stored


def test_nothing_is_sent_while_it_is_switched_off(site: PluginSite, faulty: FaultyService) -> None:
    site.configure(address=faulty.url, on_save=False)
    faulty.asked.clear()
    post = site.save(article(SUNSETS))

    assert (faulty.asked, site.stored(post)) == ([], article(SUNSETS))


def test_the_editor_is_told_what_became_of_each_tweet(
    site: PluginSite, service: RunningService
) -> None:
    service.x.fault[LOST] = "not_found"
    heading = (
        f"<!-- wp:heading -->\n<h2>https://x.com/Interior/status/{MAY}</h2>\n<!-- /wp:heading -->"
    )
    lost = f"https://x.com/somebody/status/{LOST}"
    post = site.save(
        "\n\n".join(
            [
                article(
                    SUNSETS,
                    lost,
                    "No code leads anywhere from here — Name (@name) November 11, 2025",
                ),
                heading,
            ]
        )
    )
    report = site.report(post)

    assert [(tweet["state"], tweet["label"]) for tweet in report["tweets"]][:3] == [
        ("embedded", "Embedded"),
        ("gone", "Gone"),
        ("unidentified", "Not identified"),
    ]
    assert [bool(tweet["why"]) for tweet in report["tweets"]][:3] == [False, True, True]
    assert report["tweets"][0]["handle"] == "@Interior"
    assert report["summary"].startswith("Embedded tweets: 1 of ")
    assert report["whole"] is False


def test_a_tweet_that_went_since_is_told_with_the_day(
    site: PluginSite, service: RunningService
) -> None:
    service.x.fault[LOST] = "not_found"
    content = article(f"https://x.com/somebody/status/{LOST}")
    post = site.save(content)
    report = site.do("meta", post=post, key="_tweet_embed_report")
    report["tweets"][0]["state"] = "embedded"  # as it was when somebody saved it last
    site.do("set meta", post=post, key="_tweet_embed_report", value=report)
    site.save(content, post)
    label = site.report(post)["tweets"][0]["label"]
    site.save(content, post)

    assert label.startswith("Gone since ")
    assert site.report(post)["tweets"][0]["label"] == label


# --- trouble ---


def timed(act: Callable[[], int]) -> tuple[float, int]:
    """Do something; its seconds, and what it gave."""
    begun = time.monotonic()
    done = act()
    return time.monotonic() - begun, done


TROUBLE = {
    "hanging": FAULTS["hang"],
    "a byte at a time": replace(FAULTS["drip"], pause_s=0.05),
    "500": FAULTS["500"],
    "503 with a time": said({"detail": "overloaded"}, 503, ("Retry-After", "120")),
    "429": FAULTS["429"],
    "a page": FAULTS["html"],
    "half an answer": FAULTS["half_json"],
    "bytes": FAULTS["garbage"],
    "nothing": FAULTS["empty"],
    "no HTTP": FAULTS["no_http"],
    "hung up": FAULTS["close"],
    "a bomb": FAULTS["bomb"],
    "a flood": FAULTS["flood"],
    "another key": said({"title": "Unauthorized"}, 401),
    "sent elsewhere": Answer(302, [("Location", "http://127.0.0.1:9/")]),
    "a list": said([]),
    "a number": said(7),
    "no content": said({**NOTHING_FOUND, "content": None}),
    "empty content": said(NOTHING_FOUND),
    "other JSON": said({"hello": "world"}),
    "a text": said({**NOTHING_FOUND, "content": "x", "format": "text"}),
    "changed without a change": said({**NOTHING_FOUND, "content": "x", "changed": False}),
    "embeds that are none": said({**NOTHING_FOUND, "content": "x", "embeds": "x"}),
}


@pytest.mark.parametrize(
    "trouble", sampled(TROUBLE, "hanging", "503 with a time", "half an answer", "other JSON")
)
def test_in_trouble_a_post_is_saved_as_typed_and_healed_later(
    trouble: str, site: PluginSite, service: RunningService, faulty: FaultyService
) -> None:
    typed = article(BEFORE, SUNSETS)
    site.configure(address=faulty.url, timeout=TIMEOUT_S)
    faulty.answer = TROUBLE[trouble]
    usual, _ = timed(lambda: site.save("An ordinary post."))
    took, post = timed(lambda: site.save(typed))
    planned, report = site.next_try(post), site.report(post)

    assert site.stored(post) == typed
    assert took < TIMEOUT_S + 10 + usual
    assert planned is not None
    assert report["trouble"]
    assert report["next"].startswith("Next try by itself")

    site.configure(address=service.url)
    site.run_events(post)

    assert site.stored(post) == f"{paragraph(BEFORE)}\n\n{html_block(EMBED)}"
    assert site.next_try(post) is None
    assert site.report(post)["summary"] == "Embedded tweets: 1 of 1."


def test_a_service_that_is_not_there(site: PluginSite) -> None:
    site.configure(address="http://127.0.0.1:9", timeout=TIMEOUT_S)
    post = site.save_classic(SUNSETS)

    assert site.stored(post) == SUNSETS
    assert site.next_try(post) is not None


def test_after_a_time_out_the_next_save_does_not_wait(
    site: PluginSite, faulty: FaultyService
) -> None:
    site.configure(address=faulty.url, timeout=TIMEOUT_S)
    faulty.answer = FAULTS["hang"]
    site.save(article(SUNSETS))
    asked = len(faulty.asked)
    post = site.save(article(SUNSETS, "Another post."))

    assert asked == len(faulty.asked) > 0
    assert site.next_try(post) is not None


def test_retry_after_is_waited_for(site: PluginSite, faulty: FaultyService) -> None:
    site.configure(address=faulty.url)
    faulty.answer = said({}, 503, ("Retry-After", "4000"))
    planned = site.next_try(site.save(article(SUNSETS)))

    assert planned is not None
    assert 3900 < planned - time.time() <= 4001


def test_tries_come_later_each_time_and_end(site: PluginSite, faulty: FaultyService) -> None:
    site.configure(address=faulty.url, timeout=TIMEOUT_S)
    post = site.save(article(SUNSETS))
    waits: list[float] = []
    while (planned := site.next_try(post)) is not None and len(waits) < 20:
        waits.append(planned - time.time())
        site.run_events(post)

    assert waits == sorted(waits)
    assert 5 <= len(waits) < 20
    assert "not tried again" in site.report(post)["next"]
    assert site.stored(post) == article(SUNSETS)


def test_x_in_trouble_is_tried_again(site: PluginSite, service: RunningService) -> None:
    tweet = "1988210000000000000"
    service.x.tweet(tweet, "slowly", "Slowly", "Takes its time")
    service.x.fault[tweet] = "503"
    post = site.save(article(f"https://x.com/slowly/status/{tweet}"))

    assert site.report(post)["tweets"][0]["state"] in {"failed", "deferred"}
    assert site.next_try(post) is not None


def test_the_key_is_sent_and_goes_nowhere_else(site: PluginSite, faulty: FaultyService) -> None:
    site.configure(address=faulty.url, key="abcdefgh12345")
    faulty.answer = Answer(302, [("Location", f"{faulty.url}/elsewhere")])
    faulty.asked.clear()
    site.save(article(SUNSETS))

    assert [(asked.path, asked.headers["authorization"]) for asked in faulty.asked] == [
        ("/v1/resolve", "Bearer abcdefgh12345")
    ]


# --- healing what is stored ---


def test_a_background_run_keeps_what_an_administrator_put_in_and_the_times(
    site: PluginSite, service: RunningService
) -> None:
    scripted = html_block('<script>1</script><iframe src="https://maps.example/"></iframe>')
    typed = f"{scripted}\n\n{article(SUNSETS)}"
    site.configure(address="http://127.0.0.1:9")
    post = site.save(typed)
    long_ago = dict.fromkeys(("post_modified", "post_modified_gmt"), "2019-03-04 05:06:07")
    site.do("set row", post=post, row=long_ago)
    before = site.do("times", post=post)
    site.configure(address=service.url)
    site.run_events(post)

    assert site.stored(post) == typed.replace(paragraph(SUNSETS), html_block(EMBED))
    assert site.do("times", post=post) == before


def test_nobody_is_pinged_for_an_old_post(site: PluginSite, service: RunningService) -> None:
    site.configure(address="http://127.0.0.1:9")
    post = site.save(article(SUNSETS))
    assert site.do("meta", post=post, key="_pingme") == "1", "as for every post that is saved"
    site.do("delete meta", post=post, key="_pingme")
    site.configure(address=service.url)
    assert site.rest("POST", f"/tweet-embed/v1/posts/{post}").is_success  # events would ping

    assert site.stored(post) == html_block(EMBED)
    assert site.do("meta", post=post, key="_pingme") == ""


def test_the_old_words_are_among_the_revisions(site: PluginSite, service: RunningService) -> None:
    site.configure(address="http://127.0.0.1:9")
    post = site.save(article(SUNSETS))
    site.do("delete revisions", post=post)
    site.configure(address=service.url)
    site.run_events(post)
    kept = site.do("revisions", post=post)

    assert sorted(kept) == sorted([article(SUNSETS), html_block(EMBED)])


def test_what_an_editor_saves_meanwhile_stands(site: PluginSite, faulty: FaultyService) -> None:
    newer = article("An editor was faster.")
    site.configure(address="http://127.0.0.1:9")
    post = site.save(article(SUNSETS))
    site.configure(address=faulty.url)
    faulty.answer = said({**NOTHING_FOUND, "content": html_block(EMBED)})
    site.do("heal while saved", post=post, newer=newer)

    assert site.stored(post) == newer


def test_a_post_that_is_open_in_an_editor_is_left_alone(
    site: PluginSite, service: RunningService
) -> None:
    site.configure(address="http://127.0.0.1:9")
    post = site.save(article(SUNSETS))
    site.configure(address=service.url)
    site.do("lock", post=post)
    site.run_events(post)

    assert site.stored(post) == article(SUNSETS)
    assert site.next_try(post) is not None


def test_an_answer_that_the_database_cannot_hold_changes_nothing(
    site: PluginSite, faulty: FaultyService
) -> None:
    site.configure(address=faulty.url)
    faulty.answer = said({**NOTHING_FOUND, "content": "日本"})
    site.do("set charset", charset="latin1")
    try:
        post = site.save(article(SUNSETS))
        stored = site.stored(post)
    finally:
        site.do("set charset", charset="utf8mb4")

    assert stored == article(SUNSETS)


def test_links_are_treated_in_the_same_pass(site: PluginSite) -> None:
    post = site.save(article('Read <a href="https://t.co/7Y7Z7nxgXj">more</a>.'))

    assert site.stored(post) == article(
        'Read <a href="https://moct.example.org/news?id=5&amp;lang=ar">more</a>.'
    )
    assert LINKS not in site.stored(post)
