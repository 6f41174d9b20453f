"""JSON as the checkpoint keeps it."""

import json
from typing import Any

import orjson


def write(value: Any) -> str:  # noqa: ANN401 - JSON is what it is
    """Write a value."""
    return orjson.dumps(value).decode()


def read(text: str) -> Any:  # noqa: ANN401 - JSON is what it is
    """Read what `write` wrote, or `json` in versions before it."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return json.loads(text)
