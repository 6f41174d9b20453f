"""Settings: what is read, what is refused and how it is told."""

import re
from pathlib import Path

import pytest

from service.core.errors import UpstreamError
from service.core.model import LinkState, LinkTarget, Reason, State, Tweet, UnavailableTweet
from service.settings import Settings, SettingsError

DAY = 86400


def test_defaults_are_those_that_docs_tell() -> None:
    settings = Settings.from_env({"PATH": "/usr/bin", "TWEET": "x"})
    assert settings == Settings()
    assert (settings.host, settings.port, settings.cache_path) == ("127.0.0.1", 8080, ":memory:")
    assert settings.oembed_endpoints == (
        "https://publish.x.com/oembed",
        "https://publish.twitter.com/oembed",
    )
    assert (
        settings.max_body_bytes,
        settings.max_mentions,
        settings.shorteners,
        settings.api_keys,
    ) == (2097152, 200, (), ())
    assert settings.recorded is None


def test_the_list_of_variables_holds_every_field_and_reads_back_as_the_defaults() -> None:
    variables = Settings.variables()
    assert all(each.meaning and each.name.startswith("TWEET_EMBED_") for each in variables)
    assert Settings.from_env({each.name: each.default for each in variables}) == Settings()


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("HOST", "0.0.0.0", "0.0.0.0"),  # noqa: S104
        ("HOST", "::1", "::1"),
        ("PORT", " 80 ", 80),
        ("PORT", "", 8080),
        ("WORKERS", "4", 4),
        ("LOG_LEVEL", "DEBUG", "debug"),
        ("LOG_FORMAT", "json", "json"),
        ("CACHE_PATH", "/var/lib/tweet-embed/cache.db", "/var/lib/tweet-embed/cache.db"),
        ("CACHE_MEMORY_MB", "512", 512),
        ("OEMBED_ENDPOINTS", "https://publish.x.com/oembed, ", ("https://publish.x.com/oembed",)),
        (
            "OEMBED_ENDPOINTS",
            "https://mirror.example.org:443/a?b=c",
            ("https://mirror.example.org:443/a?b=c",),
        ),
        ("SHORTENERS", " , ", ()),
        ("SHORTENERS", "bit.ly, BUFF.ly,bit.ly", ("bit.ly", "buff.ly")),
        ("UPSTREAM_RATE", "0.5", 0.5),
        ("UPSTREAM_CONCURRENCY", "20", 20),
        ("DEADLINE_MS", "0", 0),
        ("TTL_EMBEDDED", "30d", 30 * DAY),
        ("TTL_GONE", "6h", 6 * 3600),
        ("TTL_PROTECTED", "90s", 90),
        ("TTL_FAILED", "2m", 120),
        ("TTL_LINK", "52w", 364 * DAY),
        ("TTL_DEAD", "0s", 0),
        ("TTL_STALE", "1d", DAY),
        ("API_KEYS", "first-key,second-key,first-key", ("first-key", "second-key")),
        ("MAX_BODY_BYTES", "4194304", 4194304),
        ("MAX_MENTIONS", "1", 1),
        ("RECORDED", "/srv/recorded", Path("/srv/recorded")),
    ],
)
def test_each_variable_is_read(name: str, text: str, value: object) -> None:
    assert getattr(Settings.from_env({"TWEET_EMBED_" + name: text}), name.lower()) == value


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("HOST", "a b", "host name"),
        ("PORT", "65536", "0 to 65535"),
        ("PORT", "-1", "0 to 65535"),
        ("PORT", "8e3", "0 to 65535"),
        ("PORT", "٨٠٨٠", "0 to 65535"),
        ("PORT", "9" * 5000, "0 to 65535"),
        ("WORKERS", "0", "1 to 256"),
        ("LOG_LEVEL", "loud", "debug, info"),
        ("LOG_FORMAT", "xml", "text, json"),
        ("CACHE_PATH", "a\0b", ":memory:"),
        ("CACHE_MEMORY_MB", "none", "1 to 65536"),
        ("OEMBED_ENDPOINTS", ",", "https"),
        ("OEMBED_ENDPOINTS", "http://publish.x.com/oembed", "https"),
        ("OEMBED_ENDPOINTS", "publish.x.com/oembed", "https"),
        ("OEMBED_ENDPOINTS", "https:///oembed", "https"),
        ("OEMBED_ENDPOINTS", "https://localhost/oembed", "https"),
        ("OEMBED_ENDPOINTS", "https://127.0.0.1/oembed", "https"),
        ("OEMBED_ENDPOINTS", "https://127.1/oembed", "https"),
        ("OEMBED_ENDPOINTS", "https://[::1]/oembed", "https"),
        ("OEMBED_ENDPOINTS", "https://u:p@publish.x.com/oembed", "https"),
        ("OEMBED_ENDPOINTS", "https://publish.x.com\\@evil.test/oembed", "https"),
        ("OEMBED_ENDPOINTS", "https://publish.x.com:8443/oembed", "https"),
        ("OEMBED_ENDPOINTS", "https://publish.x.com:99999/oembed", "https"),
        ("OEMBED_ENDPOINTS", "https://publish.x.com/oembed,ftp://a.b/", "https"),
        ("OEMBED_ENDPOINTS", "https://publısh.x.com/oembed", "https"),
        ("SHORTENERS", "https://bit.ly", "link shorteners"),
        ("SHORTENERS", "t.co", "link shorteners"),
        ("SHORTENERS", "localhost", "link shorteners"),
        ("SHORTENERS", "127.0.0.1", "link shorteners"),
        ("SHORTENERS", "bit.ly:8443", "link shorteners"),
        ("UPSTREAM_RATE", "-1", "requests per second"),
        ("UPSTREAM_RATE", "nan", "requests per second"),
        ("UPSTREAM_CONCURRENCY", "101", "1 to 100"),
        ("DEADLINE_MS", "30001", "0 to 30000"),
        ("TTL_GONE", "30", "duration"),
        ("TTL_GONE", "1.5h", "duration"),
        ("TTL_GONE", "4000d", "duration"),
        ("TTL_LINK", "forever", "duration"),
        ("MAX_BODY_BYTES", "10", "1024"),
        ("MAX_MENTIONS", "0", "1 to 100000"),
        ("RECORDED", "a\0b", "folder"),
    ],
)
def test_a_wrong_value_is_told_in_one_line(name: str, text: str, told: str) -> None:
    with pytest.raises(SettingsError) as raised:
        Settings.from_env({"TWEET_EMBED_" + name: text})
    message = str(raised.value)
    assert message.startswith(f"TWEET_EMBED_{name}: ")
    assert repr(re.sub("//[^/@]*@", "//***@", text)) in message
    assert told in message
    assert len(message.splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("TWEET_EMBED_PROT", "PORT"),
        ("tweet_embed_port", "PORT"),
        ("TWEET_EMBED_TTL_GNOE", "TTL_GONE"),
    ],
)
def test_a_typing_mistake_in_a_name_is_refused(name: str, nearest: str) -> None:
    with pytest.raises(
        SettingsError,
        match=f"^{name}: no such setting; the nearest is TWEET_EMBED_{nearest}$",
    ):
        Settings.from_env({name: ""})


def test_keys_are_shown_nowhere() -> None:
    assert "secret-key" not in repr(Settings.from_env({"TWEET_EMBED_API_KEYS": "secret-key"}))
    with pytest.raises(SettingsError) as raised:
        Settings.from_env({"TWEET_EMBED_API_KEYS": "secret-key,short"})
    assert "secret" not in str(raised.value)
    assert raised.value.__cause__ is None


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {
            "TWEET_EMBED_TTL_GONE": "90m",
            "TWEET_EMBED_TTL_FAILED": "0s",
            "TWEET_EMBED_TTL_LINK": "2w",
            "TWEET_EMBED_UPSTREAM_RATE": "0.25",
            "TWEET_EMBED_API_RATE": "100000",
            "TWEET_EMBED_ACCESS_LOG": "true",
            "TWEET_EMBED_SOURCES": "none",
            "TWEET_EMBED_SHORTENERS": "bit.ly,buff.ly",
            "TWEET_EMBED_CORS_ORIGINS": "*",
            "TWEET_EMBED_RECORDED": "/somewhere",
        },
    ],
)
def test_what_is_shown_is_read_again_as_it_was(environ: dict[str, str]) -> None:
    settings = Settings.from_env(environ)

    assert Settings.from_env(settings.shown()) == settings


def test_the_settings_are_shown_without_their_secrets() -> None:
    shown = Settings.from_env(
        {
            "TWEET_EMBED_API_KEYS": "secret-key,other-key",
            "TWEET_EMBED_SHORTENERS": "bit.ly,buff.ly",
        },
    ).shown()
    assert shown["TWEET_EMBED_API_KEYS"] == "(2 hidden)"
    assert shown["TWEET_EMBED_SHORTENERS"] == "bit.ly,buff.ly"
    assert (shown["TWEET_EMBED_PORT"], shown["TWEET_EMBED_RECORDED"]) == ("8080", "")
    assert list(shown) == [each.name for each in Settings.variables()]


def test_who_says_when_to_ask_again_is_left_alone_no_longer() -> None:
    assert Settings(ttl_failed=4).tweet_lifetime(UpstreamError(Reason.BLOCKED, 7)) == 4


def test_lifetimes_go_by_state_and_reason() -> None:
    names = ("ttl_embedded", "ttl_gone", "ttl_protected", "ttl_failed", "ttl_link", "ttl_dead")
    settings = Settings(**dict(zip(names, range(1, 7), strict=True)))  # type: ignore[arg-type]
    tweet = Tweet("20", None, None, ())
    outcomes: list[Tweet | UnavailableTweet | UpstreamError] = [
        tweet,
        UnavailableTweet(State.GONE),
        UnavailableTweet(State.PROTECTED),
        UpstreamError(Reason.TIMEOUT),
        UpstreamError(Reason.BLOCKED),
    ]
    assert [settings.tweet_lifetime(each) for each in outcomes] == [1, 2, 3, 4, 40]
    targets = [
        LinkTarget(LinkState.RESOLVED),
        LinkTarget(LinkState.UNSAFE),
        LinkTarget(LinkState.REFUSED),
        LinkTarget(LinkState.DEAD),
    ]
    assert [settings.link_lifetime(each) for each in targets] == [5, 5, 5, 6]
    assert settings.link_lifetime(UpstreamError(Reason.RATE_LIMITED)) == 4


@pytest.mark.parametrize("service", ["TWEET_EMBED", "TWEET_EMBED_REDIS"])
def test_what_kubernetes_makes_of_a_service_is_no_setting(service: str) -> None:
    links = {
        f"{service}_SERVICE_HOST": "10.0.0.11",
        f"{service}_SERVICE_PORT": "8080",
        f"{service}_SERVICE_PORT_HTTP": "8080",
        f"{service}_PORT": "tcp://10.0.0.11:8080",
        f"{service}_PORT_8080_TCP": "tcp://10.0.0.11:8080",
        f"{service}_PORT_8080_TCP_PROTO": "tcp",
        f"{service}_PORT_8080_TCP_PORT": "8080",
        f"{service}_PORT_8080_TCP_ADDR": "10.0.0.11",
        f"{service}_PORT_53_UDP": "udp://[fd00::11]:53",
    }

    assert Settings.from_env(links) == Settings()
    assert Settings.from_env(links | {"TWEET_EMBED_WORKERS": "2"}) == Settings(workers=2)


@pytest.mark.parametrize("name", ["PORTS", "PORT_NAME", "SERVICE", "SERVICE_HOSTS", "PORT_8080"])
def test_a_name_that_only_resembles_one_of_kubernetes_is_refused(name: str) -> None:
    with pytest.raises(SettingsError, match=f"^TWEET_EMBED_{name}: no such setting"):
        Settings.from_env({f"TWEET_EMBED_{name}": "tcp:10.0.0.11"})


def test_a_password_in_an_address_is_not_told() -> None:
    address = "https://user:secret@publish.x.com/oembed"
    with pytest.raises(SettingsError) as refused:
        Settings.from_env({"TWEET_EMBED_OEMBED_ENDPOINTS": address})
    assert "secret" not in str(refused.value)
    assert "https://***@publish.x.com" in str(refused.value)
