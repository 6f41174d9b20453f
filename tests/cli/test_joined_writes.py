"""Head and body of an answer leave in one write, and nothing is ever held for good."""

import asyncio

import pytest

from service.cli.support.joined_writes import LONG, SHORT, JoinedWrites

pytestmark = pytest.mark.anyio

HEAD = b"HTTP/1.1 200 OK\r\n\r\n"


class Wire(asyncio.Transport):
    """What is written, piece by piece; None is the end."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes | None] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written.append(bytes(data))

    def close(self) -> None:
        self.written.append(None)

    def abort(self) -> None:
        self.written.append(None)


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
async def joined(wire: Wire) -> JoinedWrites:
    return JoinedWrites(wire, asyncio.get_running_loop().call_soon)


@pytest.mark.parametrize("body", [b"{}", b"a" * (LONG - 1)])
async def test_head_and_body_are_one_write(wire: Wire, joined: JoinedWrites, body: bytes) -> None:
    for _ in range(2):
        joined.write(HEAD)
        joined.write(body)
        await asyncio.sleep(0)

    assert wire.written == [HEAD + body] * 2


async def test_a_long_body_is_not_copied(wire: Wire, joined: JoinedWrites) -> None:
    joined.write(HEAD)
    joined.write(b"a" * LONG)

    assert wire.written == [HEAD, b"a" * LONG]


async def test_a_head_alone_leaves_by_itself(wire: Wire, joined: JoinedWrites) -> None:
    joined.write(HEAD)
    assert wire.written == []
    await asyncio.sleep(0)

    assert wire.written == [HEAD]


async def test_a_piece_of_a_stream_does_not_wait_for_the_next(
    wire: Wire, joined: JoinedWrites
) -> None:
    joined.write(HEAD)
    joined.write(b"1")
    joined.write(b"2")
    joined.write(b"3" * SHORT)
    joined.write(b"4" * SHORT)
    joined.write(b"5")
    await asyncio.sleep(0)

    assert wire.written == [HEAD + b"1", b"2" + b"3" * SHORT, b"4" * SHORT, b"5"]


async def test_what_is_held_leaves_before_the_end(wire: Wire, joined: JoinedWrites) -> None:
    joined.write(HEAD)
    joined.close()
    await asyncio.sleep(0)

    assert wire.written == [HEAD, None]


async def test_a_connection_that_is_cut_gets_nothing_more(wire: Wire, joined: JoinedWrites) -> None:
    joined.write(HEAD)
    joined.abort()
    await asyncio.sleep(0)

    assert wire.written == [None]
