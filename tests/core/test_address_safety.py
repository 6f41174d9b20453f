import datetime as dt

import pytest

from service.core.urls.safety import is_safe_address
from service.core.urls.snowflake import snowflake_time
from service.core.urls.tracking import strip_tracking

ID = "1988033932293046272"

SAFE = """
https://example.com http://example.com/ HTTPS://Example.COM/a?b=c#d https://example.com:8080/ https://a.b-c.example/ü?ñ=é
https://münchen.example/ https://example.com./ https://例え.jp/ https://sub_domain.example.com/ https://example.com/a@b:c(d)[e]
"""
UNSAFE = """
example.com //example.com/ /a javascript:alert(1) data:text/html,x ftp://example.com/ https:
https:// https:///example.com
https:/example.com https:example.com https://localhost/ https://localhost./ https://a..b/
https://.com/ https://-a.example/
https://user@example.com/ https://user:pw@example.com/ https://example.com@evil.test/ https://example.com\\@evil.test/
https://127.0.0.1/ https://127.1/ https://2130706433/ https://0x7f.1/ https://0177.0.0.1/
https://[::1]/ https://1.2.3.4./ https://[fe80::1%25a]/
https://１２７.０.０.１/ https://127。0。0。1/ https://0x7f.0x1/ https://example.0x/
https://evil.test\u2044/a https://a.b:80:80/
https://example.com/"onclick= https://example.com/<script> https://example.com/`
https://example.com/\u202egnp https://example.com/\u200b
https://exam\x00ple.com/ https://example.com:99999/ https://example.com:a/
https://example.com/\ud800 https://ex%61mple.com/
"""
UNSAFE_WITH_SPACE = [
    "",
    " https://a.b",
    "https://a.b ",
    "https://exa mple.com/",
    "https://a.b/a b",
    "https://a.b/\u00a0",
    "java\nscript:x",
    "https://a.b\t/",
]


@pytest.mark.parametrize("address", SAFE.split())
def test_an_ordinary_address_is_safe(address: str) -> None:
    assert is_safe_address(address)


@pytest.mark.parametrize("address", UNSAFE.split() + UNSAFE_WITH_SPACE)
def test_a_trap_is_not_safe(address: str) -> None:
    assert not is_safe_address(address)


def test_an_id_tells_its_time_from_the_first_snowflake_on() -> None:
    assert snowflake_time(ID) == dt.datetime(2025, 11, 11, tzinfo=dt.UTC)
    assert snowflake_time("1212161512043446272") == dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    assert snowflake_time("463440424141459456") == dt.datetime(
        2014,
        5,
        5,
        22,
        9,
        42,
        79000,
        tzinfo=dt.UTC,
    )
    for unknown in (
        "20",
        "15741693182",
        "29999999999",
        str(2**63),
        "9" * 20,
        "",
        "abc",
        "-5",
        "1_0",
        "١٢٣",
    ):
        assert snowflake_time(unknown) is None
    assert snowflake_time(str(2**63 - 1)) is not None


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://a.test/?utm_source=x&utm_medium=y", "https://a.test/"),
        (
            "https://a.test/?a=1&utm_source=x&b=%20+2&fbclid=z#utm_source=kept",
            "https://a.test/?a=1&b=%20+2#utm_source=kept",
        ),
        ("https://a.test/?UTM_Source=x&b", "https://a.test/?b"),
        ("https://a.test/?utm%5Fsource=x", "https://a.test/"),
        ("https://a.test/?gclid&b=&&c", "https://a.test/?b=&&c"),
        (
            "https://a.test/p;utm_source=x?ref=front&s=20&t=5&id=7&source=a",
            "https://a.test/p;utm_source=x?ref=front&s=20&t=5&id=7&source=a",
        ),
        ("https://a.test/?ref_src=twsrc%5Etfw", "https://a.test/"),
        ("https://a.test/?", "https://a.test/?"),
        ("https://a.test/#?utm_source=x", "https://a.test/#?utm_source=x"),
        (
            "https://a.test/?u=https://b.test/?utm_source=x",
            "https://a.test/?u=https://b.test/?utm_source=x",
        ),
    ],
)
def test_tracking_goes_and_all_else_stays(address: str, expected: str) -> None:
    assert strip_tracking(address) == expected
    assert strip_tracking(expected) == expected
