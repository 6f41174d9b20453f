"""Log lines of the service: on standard error, as text or as one JSON object a line. Never an
article's text.
"""

import json
import logging
from typing import Any

from service.cli.support.io import printable
from service.request_context import REQUEST_ID, TRACE_ID
from service.serialize import timestamp
from service.settings import Settings


class TextLogFormatter(logging.Formatter):
    """`2026-11-23T10:00:00Z INFO uvicorn.error: message [request id]`, with `trace` and its id
    behind that where there is one; what follows the message (a
    traceback) is kept as it is.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Write one record; line breaks and other control characters of the message are escaped, so
        that it cannot pass for two.
        """
        message = printable(record.getMessage())
        head = f"{_written_at(record)} {record.levelname} {record.name}: {message}"
        if request_id := REQUEST_ID.get():
            trace_id = TRACE_ID.get()
            head += f" [{request_id} trace {trace_id}]" if trace_id else f" [{request_id}]"
        return f"{head}\n{self.formatException(record.exc_info)}" if record.exc_info else head


class JsonLogFormatter(logging.Formatter):
    """`{"timestamp": …, "level": …, "logger": …, "event": …}`, with `request_id`, `trace_id`,
    `exception` and a record's own facts.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Write one record; JSON in ASCII, so that no character of it can steer a terminal."""
        told = {
            "timestamp": _written_at(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        told |= getattr(record, "told", {})
        if request_id := REQUEST_ID.get():
            told["request_id"] = request_id
        if trace_id := TRACE_ID.get():
            told["trace_id"] = trace_id
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        return json.dumps(told, default=str)


def log_config(settings: Settings) -> dict[str, Any]:
    """Return it as `logging.config.dictConfig` wants it, for uvicorn's loggers, our own and
    those of the libraries.
    """
    lines = JsonLogFormatter if settings.log_format == "json" else TextLogFormatter
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": lines}},
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "lines",
                "stream": "ext://sys.stderr",
            },
        },
        "root": {"handlers": ["stderr"], "level": settings.log_level.upper()},
        "loggers": {
            "uvicorn": {"level": settings.log_level.upper()},
            "httpx": {"level": "WARNING"},  # at INFO it writes every address asked
        },
    }


def _written_at(record: logging.LogRecord) -> str | None:
    return timestamp(record.created, timespec="milliseconds")
