"""Log lines of the service: on standard error, as text or as one JSON object a line. Never an
article's text.
"""

import asyncio
import logging
import sys
from contextlib import nullcontext
from functools import lru_cache
from typing import Any, TextIO

from service.cli.support.io import printable
from service.request_context import REQUEST_ID, TRACE_ID
from service.serialize import as_ascii_json, timestamp
from service.settings import Settings

PIPE_BYTES = 4096
"""What is written to a pipe at once stays together up to so many bytes (pipe(7), `PIPE_BUF`),
whoever else writes to it.
"""


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
        return as_ascii_json(told)


class LineHandler(logging.StreamHandler[TextIO]):
    """Writes lines on standard error; those of requests together, once a round of the event loop:
    a call of the kernel for each would cost as much as the rest of the line.
    """

    def __init__(self) -> None:
        """Begin with nothing held back."""
        super().__init__(sys.stderr)
        self._held: list[str] = []
        self._held_bytes = 0
        # No line shows them (https://docs.python.org/3/howto/logging.html#optimization).
        logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
        logging._srcfile = None  # noqa: SLF001 - as that page says

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record, or hold it back until the others of this round are there."""
        if not hasattr(record, "told"):
            self.flush()
            super().emit(record)
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            super().emit(record)
            return
        line = self.format(record) + self.terminator
        if self._held_bytes + len(line) > PIPE_BYTES:
            self.flush()
        if not self._held:
            loop.call_soon(self.flush)
        self._held.append(line)
        self._held_bytes += len(line)

    def flush(self) -> None:
        """Write what was held back."""
        with self.lock or nullcontext():
            if self._held:
                lines, self._held, self._held_bytes = "".join(self._held), [], 0
                self.stream.write(lines)
            super().flush()


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
            "stderr": {"()": LineHandler, "formatter": "lines"},
        },
        "root": {"handlers": ["stderr"], "level": settings.log_level.upper()},
        "loggers": {
            "uvicorn": {"level": settings.log_level.upper()},
            "httpx": {"level": "WARNING"},  # at INFO it writes every address asked
        },
    }


def _written_at(record: logging.LogRecord) -> str:
    return f"{_second(int(record.created))}.{int(record.msecs):03}Z"


@lru_cache(maxsize=4)
def _second(at: int) -> str:
    """Write a second of UTC, without its `Z`."""
    return str(timestamp(float(at))).removesuffix("Z")
