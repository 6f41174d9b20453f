"""The door: which addresses are public, names looked up once, and no connection to anywhere else,
as the socket itself saw it.
"""

import asyncio
import ipaddress
import itertools
import random
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import httpx
import pytest
from standin_answers import Answer
from standin_x import StandIn

from service.core.errors import UpstreamError
from service.core.model import LinkTarget, Reason, ShortLink, TweetRef
from service.settings import Settings
from service.upstream.client import XClient, hosts_of, open_client
from service.upstream.http.dialling import CheckedDialler, Dial, Tunnel
from service.upstream.http.dns import DnsCache, NameRefusedError
from service.upstream.http.public_addresses import NOT_PUBLIC_4, NOT_PUBLIC_6, is_public
from service.upstream.http.transport import create_http_client

PUBLIC = "8.8.4.4"
NEW = "https://publish.x.com/oembed"
HOSTS = frozenset({"t.co", "publish.x.com"})


class Recorder:
    """What the sockets of this process were told to connect to, by Python's own audit."""

    def __init__(self) -> None:
        self.on = False
        self.connected: list[str] = []
        self.looked_up: list[str] = []
        sys.addaudithook(self.hear)

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.on and event == "socket.connect":
            self.connected.append(
                str(arguments[1][0] if isinstance(arguments[1], tuple) else arguments[1]),
            )
        elif self.on and event == "socket.getaddrinfo":
            self.looked_up.append(str(arguments[0]))

    @contextmanager
    def listening(self) -> Iterator["Recorder"]:
        self.connected, self.looked_up, self.on = [], [], True
        try:
            yield self
        finally:
            self.on = False


RECORDER = Recorder()

DANGEROUS_4 = [
    "0.0.0.0",  # noqa: S104
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "169.254.170.2",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.8",
    "192.0.0.192",
    "192.0.2.1",
    "192.31.196.1",
    "192.52.193.1",
    "192.88.99.1",
    "192.168.0.1",
    "192.168.255.255",
    "192.175.48.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "168.63.129.16",
]
DANGEROUS_6 = [
    "::",
    "::1",
    "fe80::1",
    "fe80::1%eth0",
    "2606:4700::1%eth0",
    "fc00::1",
    "fd00:ec2::254",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "2001::",
    "2001:db8::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a00:1",
    "100::1",
    "5f00::1",
    "3ffe::1",
    "3fff::1",
    "2620:4f:8000::1",
    "2001:10::1",
    "2001:20::1",
    "2a00:1450:4001:830:0:5efe:a00:1",
    "2a00:1450:4001:830:200:5efe:a9fe:a9fe",
    "4000::1",
    "e000::1",
]
GOOD = [
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "169.253.255.255",
    "169.255.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.0",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "168.63.129.15",
    "168.63.129.17",
    "104.244.42.1",
    "2606:4700:4700::1111",
    "2a00:1450:4001:830::200e",
    "2001:200::1",
    "2400:cb00::1",
    "2620:0:860::1",
]


def in_clothes(address: str) -> Iterator[str]:
    """One IPv4 address in every IPv6 form that leads to it."""
    number = int(ipaddress.IPv4Address(address))
    high, low = f"{number >> 16:x}", f"{number & 0xFFFF:x}"
    yield f"::ffff:{address}"
    yield f"::{address}" if number > 0xFFFF else f"::{low}"
    yield f"64:ff9b::{high}:{low}"
    yield f"64:ff9b:1::{high}:{low}"
    yield f"2002:{high}:{low}::"
    yield f"2001:0:{high}:{low}::"
    yield f"fe80::5efe:{high}:{low}"
    yield f"2a00:1450:4001:830:0:5efe:{high}:{low}"
    yield f"2a00:1450:4001:830:200:5efe:{high}:{low}"


def edges() -> Iterator[str]:
    for net in map(ipaddress.ip_network, (*NOT_PUBLIC_4, *NOT_PUBLIC_6)):
        yield str(net.network_address)
        yield str(net.broadcast_address)


TRICKS = sorted(
    {
        *DANGEROUS_4,
        *DANGEROUS_6,
        *edges(),
        *itertools.chain.from_iterable(map(in_clothes, DANGEROUS_4)),
    },
)
NOT_ADDRESSES = [
    "",
    "0",
    "127.1",
    "0x7f.1",
    "2130706433",
    "0177.0.0.1",
    "①②⑦.0.0.1",
    "127。0。0。1",
    "1.1.1.1 ",
    "1.1.1.1%eth0",
    "[::1]",
    "x.com",
]


@pytest.mark.parametrize("address", TRICKS)
def test_no_dangerous_address_is_public(address: str) -> None:
    assert not is_public(address)


def test_what_lies_beside_is_public_and_what_is_no_address_is_not() -> None:
    assert [address for address in GOOD if not is_public(address)] == []
    assert [text for text in NOT_ADDRESSES if is_public(text)] == []


def oracle(number: int, bits: int) -> bool:
    """IANA's registries once more, as prefixes in binary: written apart from the table, to disagree
    with its mistakes.
    """
    written = f"{number:0{bits}b}"
    if bits == 32:
        short = [
            "00000000",
            "00001010",
            "0110010001",
            "01111111",
            "1010100111111110",
            "101011000001",
            "1100000010101000",
            "111",
        ]
        octets = [
            "192.0.0",
            "192.0.2",
            "192.31.196",
            "192.52.193",
            "192.88.99",
            "192.175.48",
            "198.51.100",
            "203.0.113",
            "168.63.129.16",
        ]
        long = ["".join(f"{int(part):08b}" for part in octet.split(".")) for octet in octets]
        return not written.startswith((*short, *long, "110001100001001"))
    if not written.startswith("001") or written[64:96] in {f"{0x5EFE:032b}", f"{0x02005EFE:032b}"}:
        return False
    groups = [int(written[place : place + 16], 2) for place in range(0, 128, 16)]
    return not (
        (groups[0] == 0x2001 and groups[1] < 0x200)
        or (groups[0] == 0x2001 and groups[1] == 0xDB8)
        or groups[0] in {0x2002, 0x3FFE}
        or (groups[0] == 0x3FFF and groups[1] < 0x1000)
        or groups[:3] == [0x2620, 0x4F, 0x8000]
    )


def agree(many: int) -> None:
    chance = random.Random(5)  # noqa: S311 - a sample, the same each time
    for _ in range(many):
        four, six = chance.getrandbits(32), chance.getrandbits(128)
        six = six if chance.random() < 0.2 else (six >> 3) | (1 << 125)
        if chance.random() < 0.1:
            six = (
                int(ipaddress.IPv6Address(chance.choice(["2001::", "2002::", "3fff::", "3ffe::"])))
                | (six >> 32)
            ) & ((1 << 128) - 1)
        assert is_public(str(ipaddress.IPv4Address(four))) == oracle(four, 32)
        assert is_public(str(ipaddress.IPv6Address(six))) == oracle(six, 128)


def test_random_addresses_agree_with_an_oracle_of_their_own() -> None:
    agree(10_000)


@pytest.mark.long
def test_a_million_random_addresses_agree() -> None:
    agree(500_000)


# --- names ---


def resolve(look_up: Callable[[str], Sequence[str]], **options: float) -> list[str]:
    async def ask() -> list[str]:
        return await DnsCache(look_up, wait_s=options.get("wait_s", 2)).addresses("t.co")

    return asyncio.run(ask())


@pytest.mark.parametrize(
    "answers",
    [
        [PUBLIC, "10.0.0.1"],
        ["10.0.0.1", PUBLIC],
        [],
        [PUBLIC, "::1"],
        ["t.co"],
        [f"8.8.{n}.1" for n in range(99)],
    ],
)
def test_one_bad_answer_refuses_the_name(answers: list[str]) -> None:
    with pytest.raises(NameRefusedError):
        resolve(lambda _: answers)


def failing(error: Exception) -> Callable[[str], Sequence[str]]:
    def look_up(host: str) -> Sequence[str]:
        del host
        raise error

    return look_up


@pytest.mark.parametrize("error", [OSError("NXDOMAIN"), UnicodeError("label too long")])
def test_a_name_that_is_not_known_is_refused(error: Exception) -> None:
    with pytest.raises(NameRefusedError):
        resolve(failing(error))


def test_look_ups_that_hang_hold_up_each_other_and_nobody_else() -> None:
    released = threading.Event()

    def hang(host: str) -> Sequence[str]:
        released.wait(10)
        return [PUBLIC] if host else []

    async def story() -> tuple[float, float, list[str]]:
        names = DnsCache(hang, wait_s=0.2)
        started = time.monotonic()
        refused = await asyncio.gather(
            *(names.addresses(f"h{number}") for number in range(64)),
            return_exceptions=True,
        )
        assert all(isinstance(each, NameRefusedError) for each in refused)
        took = time.monotonic() - started
        started = time.monotonic()
        await asyncio.to_thread(lambda: None)  # asyncio's own threads are free
        hop = time.monotonic() - started
        released.set()
        async with asyncio.timeout(180):  # on a busy machine the threads take their time to end
            while True:
                with suppress(NameRefusedError):
                    return took, hop, await names.addresses("t.co")

    took, hop, found = asyncio.run(story())
    assert took < 5
    assert hop < 5
    assert found == [PUBLIC]


# --- connections ---


class ToStandIn:
    """Notes the address it is told to connect to, and connects to the stand-in instead, as the
    proxy it is.
    """

    def __init__(self, x: StandIn, peer: str | None = None) -> None:
        self.told: list[str] = []
        self._tunnel = Tunnel(x.proxy_url)
        self._peer = peer

    async def __call__(self, address: str, port: int) -> tuple[socket.socket, str]:
        assert port == 443
        self.told.append(address)
        return await self._tunnel("t.co"), self._peer or address


def expand_directly(
    x: StandIn,
    look_up: Callable[[str], Sequence[str]],
    inner: Dial,
) -> LinkTarget:
    x.code("a", "https://example.org/")

    async def ask() -> LinkTarget:
        async with create_http_client(
            HOSTS, connect=CheckedDialler(HOSTS, DnsCache(look_up), inner)
        ) as client:
            return await XClient(client, endpoints=(NEW,)).expand(ShortLink("a"))

    return asyncio.run(ask())


@pytest.fixture
def direct(x: StandIn, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    """X, with no proxy in the environment."""
    for variable in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.delenv(variable)
    return x


def test_the_connection_goes_to_the_address_that_was_checked_under_the_hosts_own_name(
    direct: StandIn,
) -> None:
    lookups: list[str] = []
    inner = ToStandIn(direct)

    def look_up(host: str) -> Sequence[str]:
        lookups.append(host)
        return [PUBLIC]

    target = expand_directly(direct, look_up, inner)
    assert target.url == "https://example.org/"
    assert (lookups, inner.told) == (["t.co"], [PUBLIC])
    assert (
        direct.asked[0].headers["host"] == "t.co"
    )  # and TLS held t.co's certificate, or there would be no answer


@pytest.mark.parametrize(
    "answers",
    [["127.0.0.1"], [PUBLIC, "169.254.169.254"], ["::ffff:10.0.0.1"], []],
)
def test_a_name_that_leads_inside_is_not_connected_to(direct: StandIn, answers: list[str]) -> None:
    inner = ToStandIn(direct)
    with pytest.raises(UpstreamError) as raised:
        expand_directly(direct, lambda _: answers, inner)
    assert (raised.value.reason, inner.told) == (Reason.UNREACHABLE, [])


def test_an_answer_from_elsewhere_is_not_believed(direct: StandIn) -> None:
    inner = ToStandIn(direct, peer="10.0.0.1")
    with pytest.raises(UpstreamError):
        expand_directly(direct, lambda _: [PUBLIC], inner)
    assert direct.asked == []


def test_a_name_that_changes_its_mind_never_leads_inside(direct: StandIn) -> None:
    turns = itertools.cycle([[PUBLIC], ["127.0.0.1"], [PUBLIC, "10.0.0.1"], ["::1"]])
    inner = Nowhere()

    async def story() -> None:
        connect = CheckedDialler(HOSTS, DnsCache(lambda _: next(turns)), inner)
        for _ in range(400):
            with pytest.raises(httpx.ConnectError):
                await connect("t.co")

    asyncio.run(story())
    assert direct.asked == []
    assert set(inner.told) == {PUBLIC}
    assert len(inner.told) == 100


class Nowhere:
    """Notes where it is told to connect to, and does not."""

    def __init__(self) -> None:
        self.told: list[str] = []

    async def __call__(self, address: str, port: int) -> tuple[socket.socket, str]:
        del port
        self.told.append(address)
        raise OSError


@pytest.mark.parametrize("host", ["evil.test", "127.0.0.1", "T.CO", "t.co.", "x.com", ""])
def test_the_door_opens_to_the_list_alone(host: str) -> None:
    inner = Nowhere()

    async def story() -> None:
        connect = CheckedDialler(HOSTS, DnsCache(lambda _: [PUBLIC]), inner)
        with pytest.raises(httpx.ConnectError):
            await connect(host)

    asyncio.run(story())
    assert inner.told == []


# --- tricks in addresses, through the whole of X ---

SPELLINGS = [
    "https://{}",
    "https://{}/oembed",
    "https://{}:443/",
    "https://{}:80/",
    "https://u:p@{}/",
    "https://publish.x.com@{}/",
    "https://{}#@publish.x.com/",
    "https://{}\\@publish.x.com/",
    "https://publish.x.com\\@{}/",
    "https://{}%2f@publish.x.com/",
    "http://{}/",
    "//{}/",
    "\\\\{}/",
    "https:{}",
    "https:///{}/",
    "ftp://{}/",
    "gopher://{}:443/",
    "https://{}?publish.x.com",
    "https://{};publish.x.com/",
    "https://publish.x.com.{}/",
    "https://publish.x.com%00.{}/",
]
HOSTS_OF_TRICKS = [
    *(f"[{each}]" if ":" in each else each for each in (*DANGEROUS_4, *DANGEROUS_6)),
    *(
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "127.1",
        "017700000001",
        "0",
        "①②⑦.⓪.⓪.①",
        "127。0。0。1",
        "localhost",
        "localhost.",
        "metadata",
    ),
    *(
        "evil.test",
        "x.com.evil.test",
        "publish.x.com.evil.test",
        "xpublish.x.com",
        "publish.x.co",
        "publish-x.com",
        "publish.х.com",
    ),
    *(
        "publish.x.com.",
        "publish.x.com..",
        "PUBLISH.X.COM.",
        "publish。x.com.evil.test",
        "ｐublish.x.co",
        "internal",
        "t.co.internal",
        "[::1]:443",
    ),
]
ADDRESS_TRICKS = [spelling.format(host) for spelling in SPELLINGS for host in HOSTS_OF_TRICKS]


def follow(tricks: Sequence[str]) -> None:
    """Ask for each trick itself, and for a tweet whose endpoint redirects to it."""
    with StandIn() as x, pytest.MonkeyPatch.context() as patch:
        for variable, value in x.env.items():
            patch.setenv(variable, value)

        async def story() -> None:
            async with open_client(Settings(oembed_endpoints=(NEW,))) as client:
                for trick in tricks:
                    upstream = XClient(client, endpoints=(NEW,))
                    with pytest.raises(UpstreamError):
                        await upstream.requester.get(
                            trick,
                            lambda answer: answer.status,
                            wire_bytes=100,
                            body_bytes=100,
                        )
                    assert x.asked == []
                    x.fault["oembed"] = Answer(302, [("Location", trick)])
                    with pytest.raises(UpstreamError):
                        await upstream.fetch(TweetRef("20"), None)
                    assert [asked.host for asked in x.asked] == ["publish.x.com"]
                    x.asked.clear()

        with RECORDER.listening() as heard:
            asyncio.run(story())
        assert x.refused == []
        assert set(heard.connected) == {"127.0.0.1"}  # the stand-in
        assert set(heard.looked_up) <= {"127.0.0.1"}


def test_a_sample_of_address_tricks_connects_to_nothing() -> None:
    follow(ADDRESS_TRICKS[::17])


@pytest.mark.long
def test_all_address_tricks_connect_to_nothing() -> None:
    assert len(ADDRESS_TRICKS) >= 1500
    follow(ADDRESS_TRICKS)


def test_the_list_is_t_co_the_endpoints_and_the_shorteners() -> None:
    assert hosts_of((NEW,), ("bit.ly",)) == {"t.co", "publish.x.com", "bit.ly"}
