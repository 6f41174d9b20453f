"""Read requests: raw headers and bytes in; an article to resolve out, or a `ProblemError` that says
what is wrong with them.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NoReturn, TypeVar

from pydantic import BaseModel, ValidationError

from service.api.bodies.address_models import EmbedOptionsRequest
from service.api.bodies.models import (
    DEFAULT_OPTIONS,
    DetectRequest,
    OptionsRequest,
    ResolveRequest,
)
from service.api.problems import FieldError, ProblemError, pointer
from service.core.article import DEFAULT, Article, Options
from service.core.detect.format_sniffing import is_structured_text, sniff_format
from service.core.model import Format

JSON = "application/json"
NDJSON = "application/x-ndjson"

MAX_FAULTS = 50
"""Faults told of one body. A body of nothing but unknown fields would otherwise be answered with a
longer one.
"""

_WAIT = re.compile(r"""wait\s*=\s*"?([0-9]{1,9})"?""", re.IGNORECASE | re.ASCII)
_SURROGATE = re.compile("[\ud800-\udfff]")
_FORMATS: dict[str, Format | None] = {"auto": None} | {each.value: each for each in Format}
_UNBUILT_FORMATS = frozenset({"lexical", "portable-text", "editorjs", "prosemirror"})
_STRUCTURED = (
    "This is JSON, into whose strings no HTML may be written. Send the texts in it, each by itself,"
    " or say in /format that it is html, markdown or text."
)
_UNBUILT_OPTION = "options", "embed_node"
_MARK = b"\xef\xbb\xbf"
_UNCOMPRESSED = frozenset({b"", b"identity"})
_UTF8 = frozenset({"utf-8", "utf8", '"utf-8"', '"utf8"'})

Headers = Sequence[tuple[bytes, bytes]]
Asked = TypeVar("Asked", bound=BaseModel)


def header_values(headers: Headers, name: bytes) -> list[str]:
    """Read every value of a header, in order."""
    return [value.decode("latin-1") for key, value in headers if key == name]


def read_media_type(headers: Headers, allowed: Sequence[str]) -> str:
    """Return which of the allowed media types the body has; 415 if it is none of them, not
    UTF-8, or compressed.
    """
    given = []
    for name, value in headers:
        if name == b"content-type":
            given.append(value)
        elif name == b"content-encoding" and value.strip().lower() not in _UNCOMPRESSED:
            raise ProblemError(
                415,
                "unsupported_media_type",
                "Send the body as it is, not compressed.",
                headers={"Accept-Encoding": "identity"},
            )
    media_type, is_utf8 = _media_type_of(given[0]) if len(given) == 1 else ("", True)
    if media_type not in allowed or not is_utf8:
        detail = f"Send the body as {' or '.join(allowed)}, in UTF-8, and say so in Content-Type."
        raise ProblemError(
            415,
            "unsupported_media_type",
            detail,
            headers={"Accept": ", ".join(allowed)},
        )
    return media_type


@lru_cache(maxsize=64)
def _media_type_of(content_type: bytes) -> tuple[str, bool]:
    """Read `Content-Type`: the media type, and whether its charset, if it names one, is UTF-8."""
    media_type, *parameters = (
        part.strip().lower() for part in content_type.decode("latin-1").split(";")
    )
    charsets = {
        value.strip()
        for name, _, value in (each.partition("=") for each in parameters)
        if name.strip() == "charset"
    }
    return media_type, charsets <= _UTF8


def read_wait(headers: Headers) -> int | None:
    """Read the seconds of `Prefer: wait=N` (RFC 7240, 4.3); the first of several counts (section
    2). None if none can be read.
    """
    for value in header_values(headers, b"prefer"):
        for preference in value.split(","):
            wait = _WAIT.fullmatch(preference.split(";")[0].strip())
            if wait is not None:
                return int(wait[1])
    return None


def read_request(model: type[Asked], body: bytes) -> Asked:
    """Read a body strictly; 400 if it is no JSON, 422 with pointers if it is not what the model
    wants.
    """
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        _explain(body, error)


def article_of(asked: ResolveRequest, deadline_ms: int, wait_s: int | None) -> Article:
    """Return what the resolver is to do: the smaller of the two waits counts; 422
    `not_supported` for what is not built yet.

    `deadline_ms` stands in where the request has none.
    """
    _refuse_structured(asked)
    if asked.output == "html" and _is_markdown(asked):
        _refuse("not_supported", [_unbuilt(asked.output, "output")])
    return Article(
        content=asked.content,
        format=format_of(asked.format),
        output=asked.output,
        deadline_ms=deadline_of(asked.deadline_ms, deadline_ms, wait_s),
        options=options_of(asked.options),
        url=asked.url,
        explain=asked.explain,
    )


def deadline_of(asked_ms: int | None, default_ms: int, wait_s: int | None) -> int:
    """Return the milliseconds that X may take: the smaller of the two waits, or the default."""
    deadline_ms = default_ms if asked_ms is None else asked_ms
    return deadline_ms if wait_s is None else min(deadline_ms, wait_s * 1000)


def embed_options_of(asked: EmbedOptionsRequest) -> Options:
    """Return how the embeds of addresses are to be written."""
    return Options(render=asked.render, gone=asked.gone)


def options_of(asked: OptionsRequest) -> Options:
    """Return how embeds are to be written."""
    if asked is DEFAULT_OPTIONS:
        return DEFAULT
    return Options(
        **{name: value for name, value in asked.model_dump().items() if value is not None},
    )


def detect_of(asked: DetectRequest) -> tuple[str, Format | None]:
    """Return what is to be read, and as what."""
    _refuse_structured(asked)
    return asked.content, format_of(asked.format)


def format_of(word: str) -> Format | None:
    """Read a format as clients name it; None for `auto`."""
    return _FORMATS[word]


def _refuse_structured(asked: DetectRequest | ResolveRequest) -> None:
    """Refuse the JSON of an editor, into whose strings no HTML may be written, unless the caller
    says that it is something else; 422 `not_supported`.
    """
    if format_of(asked.format) is None and is_structured_text(asked.content):
        _refuse("not_supported", [FieldError("/content", _STRUCTURED)])


def _is_markdown(asked: ResolveRequest) -> bool:
    return (format_of(asked.format) or sniff_format(asked.content)) is Format.MARKDOWN


def _unbuilt(value: object, *steps: str) -> FieldError:
    return FieldError(pointer(*steps), f"{json.dumps(value)} is not supported yet.")


def _refuse(code: str, faults: Sequence[FieldError]) -> NoReturn:
    first = faults[0]
    more = f" And {len(faults) - 1} more." if len(faults) > 1 else ""
    raise ProblemError(
        422,
        code,
        f"{first.pointer or 'The body'}: {first.detail}{more}",
        errors=faults,
    )


def _explain(body: bytes, error: ValidationError) -> NoReturn:
    """Return what is wrong with a body. Never quotes it: it may be an article."""
    if error.error_count() > MAX_FAULTS:
        _refuse(
            "invalid",
            [
                FieldError(
                    "",
                    f"{error.error_count()} things are wrong; most are fields that this service"
                    " does not know.",
                ),
            ],
        )
    details = error.errors(include_url=False)
    if details[0]["type"] == "json_invalid":
        _refuse_json(body, details[0]["ctx"]["error"])
    unbuilt = [each for each in map(_unbuilt_of, details) if each is not None]
    if len(unbuilt) == len(details):
        _refuse("not_supported", unbuilt)
    _refuse("invalid", [_fault(detail) for detail in details])


def _unbuilt_of(detail: Mapping[str, Any]) -> FieldError | None:
    """Return a fault that is one of this version alone: formats of structured text."""
    place, given = detail["loc"], detail["input"]
    if place == ("format",) and isinstance(given, str) and given in _UNBUILT_FORMATS:
        return _unbuilt(given, *place)
    if place == _UNBUILT_OPTION:
        return FieldError(pointer(*place), "This is not supported yet.")
    return None


def _fault(detail: Mapping[str, Any]) -> FieldError:
    if detail["type"] == "extra_forbidden":
        return FieldError(pointer(*detail["loc"]), "There is no such field.")
    if detail["type"] == "missing":
        return FieldError(pointer(*detail["loc"]), "This field is required.")
    return FieldError(pointer(*detail["loc"]), detail["msg"].removeprefix("Value error, ") + ".")


def _refuse_json(body: bytes, parser_says: str) -> NoReturn:
    """Answer 400; or 422 for JSON that holds half a surrogate pair (RFC 8259, 8.2), which
    pydantic's parser calls broken.
    """
    try:
        surrogates = [
            FieldError(place, "A lone surrogate is no character.")
            for place in _surrogates(json.loads(body.decode("utf-8")), "")
        ]
    except UnicodeDecodeError as error:
        parser_says, surrogates = f"byte {error.start} is not UTF-8", []
    except (ValueError, RecursionError):
        surrogates = []
    if body.startswith(_MARK):
        parser_says = "it begins with a byte order mark; send it without"
    if surrogates:
        _refuse("invalid", surrogates[:MAX_FAULTS])
    raise ProblemError(
        400,
        "bad_json",
        f"The body is not JSON: {parser_says}." if body.strip() else "The body is empty.",
    )


def _surrogates(value: object, place: str) -> Iterator[str]:
    if isinstance(value, str):
        if _SURROGATE.search(value):
            yield place
    elif isinstance(value, dict):
        for key, member in value.items():
            if _SURROGATE.search(key):
                yield place
            yield from _surrogates(member, place + pointer(key))
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from _surrogates(member, place + pointer(index))
