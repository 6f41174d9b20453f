"""What the site's owner works with: settings, bulk action, commands, and taking it all away."""

import re

import pytest
from bs4 import BeautifulSoup
from faulty_service import FaultyService
from standin_answers import FAULTS
from wordpress_plugin import (
    DEFAULTS,
    EMBED,
    SECRET,
    SUNSETS,
    PluginSite,
    RunningService,
    article,
    html_block,
    login,
)

PAGE = "/wp-admin/options-general.php?page=tweet-embed"


def form(site: PluginSite) -> BeautifulSoup:
    answer = site.client.get(PAGE)
    assert answer.status_code == 200
    return BeautifulSoup(answer.text, "html.parser")


def submit(site: PluginSite, **changes: str | list[str]) -> str:
    """Fill the settings form as a browser does, and send it; the page that comes then."""
    fields: dict[str, str | list[str]] = {}
    page = form(site).select_one("form[action='options.php']")
    assert page is not None
    for each in page.select("input[name], select[name]"):
        name = str(each["name"])
        chosen = each.select_one("option[selected]") if each.name == "select" else each
        if (
            chosen is None
            or (each.get("type") in {"checkbox", "radio"} and not each.has_attr("checked"))
            or each.has_attr("disabled")
        ):
            continue
        value = str(chosen.get("value", ""))
        fields[name] = [*fields.get(name, []), value] if name.endswith("[]") else value
    answer = site.client.post(
        "/wp-admin/options.php",
        data=fields | {f"tweet_embed[{name}]": value for name, value in changes.items()},
    )
    assert answer.status_code == 302, answer.text
    return site.client.get(answer.headers["location"]).text


def settings(site: PluginSite) -> dict[str, object]:
    return dict(site.do("settings"))


def test_the_settings_page_stores_what_is_typed(site: PluginSite) -> None:
    submit(
        site,
        address="https://embeds.example:8443/",
        timeout="9",
        render="consent",
        gone="tombstone",
        theme="dark",
    )

    assert settings(site) == DEFAULTS | {
        "address": "https://embeds.example:8443",
        "timeout": 9,
        "render": "consent",
        "gone": "tombstone",
        "theme": "dark",
    }


@pytest.mark.parametrize(
    "address",
    [
        "embeds.example",
        "ftp://a.example",
        "javascript:alert(1)",
        "http://user:pass@a.example",
        "https://a.example/?x=1",
    ],
)
def test_an_address_that_is_none_is_told_and_not_stored(
    address: str, site: PluginSite, service: RunningService
) -> None:
    page = submit(site, address=address)

    assert settings(site)["address"] == service.url
    assert "address of the service" in page
    assert "notice-error" in page


def test_the_key_is_never_shown_and_stays_when_the_field_is_empty(site: PluginSite) -> None:
    submit(site, key="abcdefgh12345")
    page = submit(site, timeout="3")

    assert settings(site)["key"] == "abcdefgh12345"
    assert "abcdefgh12345" not in page
    assert "notice-error" not in page
    submit(site, forget_key="1")
    assert settings(site)["key"] == ""


def test_a_value_outside_its_bounds_is_brought_in(site: PluginSite) -> None:
    submit(site, timeout="900", render="nonsense")

    assert (settings(site)["timeout"], settings(site)["render"]) == (15, "blockquote")


def test_a_form_without_its_nonce_changes_nothing(site: PluginSite) -> None:
    before = settings(site)
    answer = site.client.post(
        "/wp-admin/options.php",
        data={
            "option_page": "tweet_embed",
            "action": "update",
            "tweet_embed[address]": "http://evil.test",
        },
    )

    assert answer.status_code == 403
    assert settings(site) == before


def test_the_connection_is_tested_with_what_is_typed(
    site: PluginSite, service: RunningService, faulty: FaultyService
) -> None:
    site.configure(address="http://127.0.0.1:9")

    def test(url: str, key: str = "") -> tuple[bool, str]:
        answer = site.rest(
            "POST", "/tweet-embed/v1/test", {"address": url, "key": key, "timeout": 1}
        ).json()
        return answer["ok"], answer["message"]

    good, message = test(f"{service.url}/")
    assert good
    assert re.match(r"The service answered in \d+ ms\.", message)
    assert test("http://127.0.0.1:9")[0] is False
    faulty.answer = FAULTS["html"]
    assert test(faulty.url) == (False, "What answered is no tweet-embed service.")
    faulty.answers["/v1/resolve"] = FAULTS["forbidden"]
    assert test(faulty.url, "abcdefgh") == (False, "The service refuses the key.")
    assert faulty.asked[-1].headers["authorization"] == "Bearer abcdefgh"
    faulty.answers["/v1/resolve"] = FAULTS["hang"]
    assert test(faulty.url)[1].startswith("The service did not answer.")


def test_an_address_in_another_scheme_is_not_asked(site: PluginSite) -> None:
    answer = site.rest("POST", "/tweet-embed/v1/test", {"address": "file:///etc/passwd"})

    assert answer.status_code == 400
    assert answer.json()["code"] == "tweet_embed_address"


def test_only_who_may_is_let_in(site: PluginSite, service: RunningService) -> None:
    post = site.save(article(SUNSETS))
    site.do("add user", name="reader", secret=SECRET, role="subscriber")
    login(site.client, "reader")
    try:
        answers = [
            site.client.get(PAGE),
            site.rest("POST", "/tweet-embed/v1/test", {"address": service.url}),
            site.rest("GET", f"/tweet-embed/v1/posts/{post}"),
            site.rest("POST", f"/tweet-embed/v1/posts/{post}"),
        ]
    finally:
        login(site.client, "editor")

    assert [answer.status_code for answer in answers] == [403, 403, 403, 403]
    assert (
        site.client.post(f"/index.php?rest_route=/tweet-embed/v1/posts/{post}").status_code == 401
    )  # without its nonce


def test_old_posts_are_healed_from_their_list(site: PluginSite, service: RunningService) -> None:
    site.configure(on_save=False, address=service.url)
    posts = [
        site.save(article(SUNSETS)),
        site.save("Nothing here."),
        site.save(article(SUNSETS, "More.")),
    ]
    page = BeautifulSoup(site.client.get("/wp-admin/edit.php").text, "html.parser")
    nonce = page.select_one("#_wpnonce")
    assert nonce is not None
    assert page.select_one("option[value=tweet_embed_heal]") is not None
    answer = site.client.get(
        "/wp-admin/edit.php",
        params={"action": "tweet_embed_heal", "_wpnonce": str(nonce["value"]), "post[]": posts},
    )
    told = site.client.get(answer.headers["location"]).text

    assert [site.stored(post) for post in posts] == [
        html_block(EMBED),
        "Nothing here.",
        f"{html_block(EMBED)}\n\n{article('More.')}",
    ]
    assert "2 posts were changed" in told
    assert "In 1 post there was nothing to change" in told


def test_a_service_in_trouble_leaves_the_list_as_it_is(site: PluginSite) -> None:
    site.configure(on_save=False, address="http://127.0.0.1:9")
    post = site.save(article(SUNSETS))
    nonce = BeautifulSoup(site.client.get("/wp-admin/edit.php").text, "html.parser").select_one(
        "#_wpnonce"
    )
    assert nonce is not None
    answer = site.client.get(
        "/wp-admin/edit.php",
        params={"action": "tweet_embed_heal", "_wpnonce": str(nonce["value"]), "post[]": [post]},
    )

    assert "1 post stays as it is" in site.client.get(answer.headers["location"]).text
    assert site.stored(post) == article(SUNSETS)
    assert site.next_try(post) is not None


def command(site: PluginSite, name: str, *ids: int, **options: str) -> list[str]:
    answer = site.client.post(
        "/wp-cli.php", json={"name": name, "ids": [str(each) for each in ids], "options": options}
    )
    said: list[str] = answer.json()
    return said


def test_the_command_heals_the_posts_that_are_named(
    site: PluginSite, service: RunningService
) -> None:
    site.configure(on_save=False, address=service.url)
    posts = [site.save(article(SUNSETS)), site.save("Nothing here."), site.save(article(SUNSETS))]

    assert command(site, "heal", *posts[:2]) == [
        "left: 0",
        (
            "success: 1 changed, 0 with nothing to change, 1 without a tweet, "
            "0 open in an editor, 0 in trouble."
        ),
    ]
    assert [site.stored(post) for post in posts] == [
        html_block(EMBED),
        "Nothing here.",
        article(SUNSETS),
    ]


def test_the_command_says_what_is_in_trouble(site: PluginSite, service: RunningService) -> None:
    site.configure(on_save=False, address="http://127.0.0.1:9")
    post = site.save(article(SUNSETS))
    said = command(site, "heal", post)

    assert said[0] == f"warning: Post {post} stays as it is: The service did not answer."
    assert said[-1].startswith("error: 0 changed")
    site.configure(address=service.url)
    assert command(site, "test")[0].startswith("success: The service answered in ")


def test_an_arabic_site_reads_arabic(site: PluginSite) -> None:
    locale = site.site.folder / "locale"
    locale.write_text("ar")
    try:
        page = form(site).get_text()
        summary = site.report(site.save(article(SUNSETS)))["summary"]
    finally:
        locale.unlink()

    assert "عنوان الخدمة" in page
    assert "Test the connection" not in page
    assert re.search("[\u0600-\u06ff]", summary)


def test_it_is_taken_away_whole(site: PluginSite) -> None:
    site.configure(address="http://127.0.0.1:9")
    post = site.save(article(SUNSETS))
    assert {"tweet_embed", "_tweet_embed_report", "tweet_embed_retry"} <= set(site.do("traces"))
    try:
        site.do("uninstall")
        left, stored = site.do("traces"), site.stored(post)
    finally:
        site.do("activate")

    assert left == []
    assert stored == article(SUNSETS)
