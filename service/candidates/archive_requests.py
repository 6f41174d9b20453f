"""Send the requests of candidate sources as all others are sent: to listed hosts alone, and within
the same bounds.
"""

from collections.abc import Mapping

from service.candidates.session import UNREACHABLE, Get, Reply
from service.core.errors import UpstreamError
from service.core.model import Reason
from service.request_context import REQUEST_PRIORITY, RequestPriority
from service.upstream.http.requester import REDIRECTS, Requester, Response

UNREADABLE = 599
"""The status of a reply that is too large, or packed in a way that was not asked for."""
_LOST = frozenset({Reason.UNREACHABLE, Reason.TIMEOUT})


def once_through(requester: Requester) -> Get:
    """Return what sends one request through `requester`, and never repeats it."""

    async def get(address: str, headers: Mapping[str, str], most_bytes: int) -> Reply:
        REQUEST_PRIORITY.set(RequestPriority(background=True))
        try:
            return await requester.get(
                address,
                _read,
                wire_bytes=most_bytes,
                body_bytes=most_bytes,
                headers=headers,
                tries=1,
            )
        except UpstreamError as error:
            return Reply(UNREACHABLE if error.reason in _LOST else UNREADABLE, {}, b"")

    return get


def _read(response: Response) -> Reply:
    location = None
    if response.status in REDIRECTS:
        try:
            location = response.location()
        except UpstreamError:
            location = ""  # nowhere that could be followed
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Reply(response.status, headers, response.body, location)
