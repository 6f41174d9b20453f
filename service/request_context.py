"""What is known of the request being served: its id, the trace that it is part of, and whether
somebody waits for the answer.
"""

import re
from contextvars import ContextVar
from dataclasses import dataclass
from typing import NamedTuple

_TRACEPARENT = re.compile(
    rb"(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?"
)


class TraceParent(NamedTuple):
    """What a caller tells of the trace it is part of; ids in hexadecimal."""

    trace_id: str
    span_id: str
    flags: int


def read_traceparent(value: bytes) -> TraceParent | None:
    """Read a `traceparent` header; None if it is to be ignored
    (https://www.w3.org/TR/trace-context/, 3.2 and 4.3).
    """
    found = _TRACEPARENT.fullmatch(value.strip(b" \t"))
    if found is None or (found[1] == b"00" and found[5] is not None):
        return None
    return TraceParent(found[2].decode(), found[3].decode(), int(found[4], 16))


@dataclass(slots=True, eq=False)
class RequestPriority:
    """For whom X is asked. `background`: nobody waits for it now, which may change meanwhile."""

    background: bool = False


REQUEST_ID: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The id of the request at work; None outside of one. Tasks that a request starts keep it."""

TRACE_ID: ContextVar[str | None] = ContextVar("trace_id", default=None)
"""The trace that the request at work is part of, as its caller says (W3C Trace Context)."""

REQUEST_PRIORITY: ContextVar[RequestPriority] = ContextVar(
    "request_priority",
    default=RequestPriority(),  # noqa: B039
)
"""The priority of the task at work."""
