"""Bounds under load: bombs, crowds, and look-ups that hang."""

import asyncio
import gzip
import threading
import time
import tracemalloc
import zlib
from collections.abc import Sequence

import pytest
from standin_answers import Answer
from standin_x import StandIn

from service.app import open_service
from service.cache.memory import Deadline
from service.core.errors import UpstreamError
from service.core.model import ServedFrom, Tweet, TweetRef
from service.settings import Settings
from service.upstream.client import XClient, open_client
from service.upstream.http.dns import DnsCache, NameRefusedError

NEW = "https://publish.x.com/oembed"
ID = "1988000000000000000"
MANY = 64 * 1024 * 1024


def packed(many: int = MANY, wbits: int = 31) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, wbits)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(many >> 20)) + packer.flush()


def coded(coding: str, body: bytes) -> Answer:
    return Answer(200, [("Content-Type", "application/json"), ("Content-Encoding", coding)], body)


GZIP = packed()
BOMBS: dict[str, Answer] = {
    "gzip": coded("gzip", GZIP),
    "gzip in pieces": Answer(
        raw=b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
        + b"".join(b"1000\r\n%b\r\n" % GZIP[at : at + 4096] for at in range(0, 61440, 4096)),
    ),
    "gzip in gzip": coded("gzip", gzip.compress(GZIP)),
    "gzip told twice": coded("gzip, gzip", gzip.compress(GZIP)),
    "deflate": coded("deflate", packed(wbits=15)),
    "raw deflate": coded("deflate", packed(wbits=-15)),
    "brotli": coded("br", b"\x5f\xff\xff\x3f" * 100),
    "zstd": coded("zstd", b"\x28\xb5\x2f\xfd" * 2000),
    "x-gzip": coded("x-gzip", GZIP),
    "many members": coded("gzip", gzip.compress(bytes(1 << 16)) * 1000),
    "flood": Answer(200, body=b" " * (3 << 20)),
    "endless chunks": Answer(
        raw=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        + (b"10000\r\n" + b" " * 65536 + b"\r\n") * 60,
    ),
    "a length that lies": Answer(
        raw=b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n" + b" " * (3 << 20),
    ),
    "deep JSON": Answer(200, body=b"[" * 200_000),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_refused_in_little_memory(x: StandIn, bomb: str) -> None:
    async def ask() -> int:
        async with open_client(Settings(oembed_endpoints=(NEW,))) as client:
            upstream = XClient(client, endpoints=(NEW,), deadline_s=5)
            x.fault["oembed"] = "html"  # everything imported and warm
            with pytest.raises(UpstreamError):
                await upstream.fetch(TweetRef("20"), None)
            x.fault["oembed"] = BOMBS[bomb]
            sent = len(BOMBS[bomb].bytes())
            tracemalloc.start()
            try:
                with pytest.raises(UpstreamError):
                    await upstream.fetch(TweetRef("20"), None)
                # The stand-in lives in this process: its own copy of what it sends is not the
                # service's.
                return tracemalloc.get_traced_memory()[1] - 2 * sent
            finally:
                tracemalloc.stop()

    assert asyncio.run(ask()) < 4 << 20


def test_a_thousand_askers_are_one_request_and_the_last_gets_its_answer_though_the_rest_leave(
    x: StandIn,
) -> None:
    x.tweet(ID, "ab", "A", "words")
    x.delay_s = 0.3

    async def story() -> None:
        async with open_service(Settings()) as parts:
            asking = [asyncio.create_task(parts.tweets((TweetRef(ID), None))) for _ in range(1000)]
            await asyncio.sleep(0.1)
            for each in asking[:999]:
                each.cancel()
            held = await asking[999]
            assert isinstance(held.value, Tweet)
            assert all(each.cancelled() for each in asking[:999])

    asyncio.run(story())
    assert len(x.asked) == 1


def test_while_look_ups_hang_a_hit_is_as_quick_as_ever(x: StandIn) -> None:
    x.tweet(ID, "ab", "A", "words")
    released = threading.Event()

    def hang(host: str) -> Sequence[str]:
        released.wait(20)
        return [host]

    async def quickest(parts: object, hits: int = 200) -> float:
        ask = parts.tweets  # type: ignore[attr-defined]
        best = 9.0
        for _ in range(5):
            started = time.perf_counter()
            for _ in range(hits):
                assert (
                    await ask((TweetRef(ID), None), Deadline.for_ms(1000))
                ).served_from is ServedFrom.CACHE
            best = min(best, (time.perf_counter() - started) / hits)
        return best

    async def story() -> tuple[float, float]:
        async with open_service(Settings()) as parts:
            await parts.tweets((TweetRef(ID), None))
            control = await quickest(parts)
            names = DnsCache(hang, wait_s=30)
            hanging = [asyncio.create_task(names.addresses(f"h{number}")) for number in range(64)]
            await asyncio.sleep(0.05)
            loaded = await quickest(parts)
            released.set()
            for each in await asyncio.gather(*hanging, return_exceptions=True):
                assert isinstance(each, NameRefusedError)
            return control, loaded

    control, loaded = asyncio.run(story())
    assert loaded < control * 2 + 100e-6
