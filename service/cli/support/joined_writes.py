"""Head and body of an answer in one write.

An ASGI server gets them one after the other, and uvicorn writes each as it comes: two calls of the
kernel, two packets, and two looks of the reader. The call is a tenth of what a short answer costs.
"""

import asyncio
from collections.abc import Callable
from typing import Any

SHORT = 4096
"""Bytes of what is held back for what follows: heads are shorter."""
LONG = 65_536
"""Bytes from which on writing twice is cheaper than copying."""

Written = bytes | bytearray | memoryview


class JoinedWrites(asyncio.Transport):
    """A transport that holds a short write back until the next one, or until the loop has nothing
    else to do for this connection now.
    """

    def __init__(
        self, transport: asyncio.Transport, call_soon: Callable[[Callable[[], None]], object]
    ) -> None:
        """Write to `transport`; `call_soon` is that of its loop."""
        super().__init__()
        self._transport = transport
        self._call_soon = call_soon
        self._held: Written = b""

    def write(self, data: Written) -> None:
        """Write what was held back and this; or hold this back."""
        held = self._held
        if held:
            self._held = b""
            if len(data) < LONG:
                self._transport.write(b"".join((held, data)))
                return
            self._transport.write(held)
        elif len(data) < SHORT:
            self._held = data
            self._call_soon(self._flush)
            return
        self._transport.write(data)

    def _flush(self) -> None:
        if self._held:
            held, self._held = self._held, b""
            self._transport.write(held)

    def close(self) -> None:
        """Close, once all is written."""
        self._flush()
        self._transport.close()

    def abort(self) -> None:
        """Close at once."""
        self._held = b""
        self._transport.abort()

    def is_closing(self) -> bool:
        """Return whether it is closed, or about to be."""
        return self._transport.is_closing()

    def pause_reading(self) -> None:
        """Read no more."""
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Read on."""
        self._transport.resume_reading()

    def get_extra_info(self, name: str, default: Any = None) -> Any:  # noqa: ANN401 - asyncio's own
        """Return what is known of the connection."""
        return self._transport.get_extra_info(name, default)
