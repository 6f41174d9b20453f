"""Whose request is being served: what ties log lines to an answer."""

from contextvars import ContextVar

REQUEST_ID: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The id of the request at work; None outside of one. What a request sets going keeps it."""
