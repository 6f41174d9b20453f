"""What a caller reads when a request cannot be served: problem details (RFC 9457), the same shape
on every path.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any

from service.core.errors import TweetEmbedError

MEDIA_TYPE = "application/problem+json"

_TITLES = {413: "Content Too Large", 422: "Unprocessable Content"}
"""RFC 9110's own words; `http.HTTPStatus` has them from Python 3.13 on only."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong in a request body: where (a JSON pointer, RFC 6901) and what."""

    pointer: str
    detail: str


class ProblemError(TweetEmbedError):
    """A request ends with this answer. `headers` are added to it; `errors` say where in the body
    the trouble is.
    """

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        """Keep the answer's parts; `detail` is read by people and never holds a word of an
        article.
        """
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = headers or {}

    def __reduce__(self) -> tuple[Any, ...]:
        """Cross between processes with all parts: an exception would with its words alone."""
        made = partial(ProblemError, errors=self.errors, headers=self.headers)
        return made, (self.status, self.code, self.detail)

    def members(self, instance: str, request_id: str) -> dict[str, Any]:
        """Write the problem as JSON members. `type` is `about:blank` (RFC 9457, 4.2.1): status and
        `code` say what it is.
        """
        members: dict[str, Any] = {
            "type": "about:blank",
            "title": _TITLES.get(self.status) or HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            "instance": instance,
            "code": self.code,
            "request_id": request_id,
        }
        if self.errors:
            members["errors"] = [
                {"pointer": fault.pointer, "detail": fault.detail} for fault in self.errors
            ]
        return members


def as_json(members: dict[str, Any]) -> bytes:
    """Write UTF-8 JSON. A lone surrogate, which the pointer to a caller's own key may hold, becomes
    `?`: it has no UTF-8 form.
    """
    return json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def pointer(*steps: str | int) -> str:
    """Write a JSON pointer to a place in the body (RFC 6901, section 3); no steps: the whole
    body.
    """
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)
