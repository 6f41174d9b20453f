"""What is known of the request being served: its id, and whether somebody waits for the answer."""

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True, eq=False)
class RequestPriority:
    """For whom X is asked. `background`: nobody waits for it now, which may change meanwhile."""

    background: bool = False


REQUEST_ID: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The id of the request at work; None outside of one. Tasks that a request starts keep it."""

REQUEST_PRIORITY: ContextVar[RequestPriority] = ContextVar(
    "request_priority",
    default=RequestPriority(),  # noqa: B039
)
"""The priority of the task at work."""
