"""What ends the wait for a body: its own time, the end of the service, or somebody else."""

import asyncio
from collections.abc import Iterator

import pytest
from starlette.types import Message

from service.api.door.places import Places
from service.api.door.request_state import ClientGoneError, RequestLimits, RequestState
from service.api.door.stopping import StopSignal
from service.api.problems import ProblemError

pytestmark = pytest.mark.anyio

WAIT_S = 0.05


def _request(stop: StopSignal, *pieces: Message) -> RequestState:
    """A request whose body arrives in these pieces, and then no more."""
    coming: Iterator[Message] = iter(pieces)

    async def receive() -> Message:
        piece = next(coming, None)
        if piece is None:
            await asyncio.Event().wait()
        assert piece is not None
        return piece

    async def send(_: Message) -> None:
        """Nobody reads."""

    scope = {"type": "http", "path": "/v1/resolve", "headers": []}
    return RequestState(scope, receive, send, RequestLimits(100, Places(1), stop, logs=False))


def _piece(body: bytes, *, more: bool) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


async def test_a_body_in_pieces_is_read_whole() -> None:
    request = _request(StopSignal(WAIT_S), _piece(b"ab", more=True), _piece(b"c", more=False))

    assert await request.read_body() == b"abc"


@pytest.mark.parametrize("begun", [(), (_piece(b"ab", more=True),)])
async def test_a_body_has_its_time(begun: tuple[Message, ...]) -> None:
    with pytest.raises(ProblemError) as late:
        await _request(StopSignal(WAIT_S), *begun).read_body()

    assert (late.value.status, late.value.code) == (408, "timeout")


async def test_a_caller_who_leaves_is_not_answered() -> None:
    gone: Message = {"type": "http.disconnect"}
    for pieces in ([gone], [_piece(b"ab", more=True), gone]):
        with pytest.raises(ClientGoneError):
            await _request(StopSignal(WAIT_S), *pieces).read_body()


async def test_each_wait_has_its_own_time() -> None:
    stop = StopSignal(WAIT_S)
    loop = asyncio.get_running_loop()

    async def wait() -> float:
        began = loop.time()
        with pytest.raises(ProblemError):
            await _request(stop).read_body()
        return loop.time() - began

    async with asyncio.timeout(180):
        first = asyncio.create_task(wait())
        await asyncio.sleep(WAIT_S / 2)
        waited = await asyncio.gather(first, wait())

    assert all(each > WAIT_S * 0.9 for each in waited)


@pytest.mark.parametrize("ends_before", [True, False])
async def test_the_end_of_the_service_ends_every_wait(*, ends_before: bool) -> None:
    stop = StopSignal(60)
    if ends_before:
        stop()
    waits = [asyncio.create_task(_request(stop).read_body()) for _ in range(3)]
    await asyncio.sleep(0)
    stop()
    ended = await asyncio.gather(*waits, return_exceptions=True)

    assert [each.code for each in ended if isinstance(each, ProblemError)] == ["stopping"] * 3


async def test_who_cancels_a_request_is_not_taken_for_its_time() -> None:
    wait = asyncio.create_task(_request(StopSignal(60)).read_body())
    await asyncio.sleep(0)
    wait.cancel()

    with pytest.raises(asyncio.CancelledError):
        await wait


async def test_who_cancels_a_request_whose_time_is_up_is_heard() -> None:
    stop = StopSignal(60)
    wait = asyncio.create_task(_request(stop).read_body())
    await asyncio.sleep(0)
    stop()
    wait.cancel()

    with pytest.raises(asyncio.CancelledError):
        await wait
