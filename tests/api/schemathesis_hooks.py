"""What Schemathesis is not to send: it loads this file by its name."""

import re
from importlib import import_module
from typing import Any


def filter_body(_: Any, body: Any) -> bool:  # noqa: ANN401 - whatever was made up
    """Leave out HTML of Markdown, which no schema can tell and the service refuses."""
    if not isinstance(body, dict) or body.get("output") != "html":
        return True
    return body.get("format") in {"html", "text"}


def filter_query(_: Any, query: Any) -> bool:  # noqa: ANN401 - whatever was made up
    """Leave out bad requests by JSONP: a script has to load, so their answer is 200."""
    if not isinstance(query, dict) or "callback" not in query:
        return True
    is_address = re.match(r"(https?:)?//[A-Za-z0-9]", str(query.get("url", "")))
    return is_address is not None and query.get("format", "json") == "json"


for each in (filter_body, filter_query):
    import_module("schemathesis").hook(each)
