"""Coroutines waited for together, or run where none of them waits; and long texts worked on in a
thread.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final, ParamSpec, TypeVar

LONG_TEXT: Final = 50_000
"""Characters from which a text is read and written in a thread: it takes long enough for other
requests to be felt by them.
"""

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")

Gather = Callable[[Sequence[Coroutine[Any, Any, T]]], Coroutine[Any, Any, list[T]]]
"""Waits for several, each of which may wait."""


async def gather_all(waiting: Sequence[Coroutine[Any, Any, T]]) -> list[T]:
    """Wait for several at the same time. One alone, or none, needs no task of its own."""
    if len(waiting) > 1:
        return list(await asyncio.gather(*waiting))
    return [await one for one in waiting]


async def one_by_one(waiting: Sequence[Coroutine[Any, Any, T]]) -> list[T]:
    """Run several that do not wait, in order."""
    try:
        return [await one for one in waiting]
    finally:
        for one in waiting:
            one.close()  # where one raised, those behind it were never begun


def run_at_once(work: Coroutine[Any, Any, T]) -> T:
    """Return what a coroutine returns that waits for nothing. Raise `RuntimeError` if it waits."""
    try:
        work.send(None)
    except StopIteration as ended:
        result: T = ended.value
        return result
    work.close()
    message = "what should not wait waits"
    raise RuntimeError(message)


async def in_thread_if_long(
    text: str, work: Callable[P, R], *arguments: P.args, **named: P.kwargs
) -> R:
    """Return what work on a text returns: done here, or in a thread where the text is long enough
    to hold up others.
    """
    if len(text) < LONG_TEXT:
        return work(*arguments, **named)
    return await asyncio.to_thread(work, *arguments, **named)
