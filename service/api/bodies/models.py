"""The bodies of the REST interface (docs/interface.md 6), as pydantic models.

Requests are read with the first half, strictly: an unknown field or a value of another type is an
error. Answers are written by `service/serialize.py` from plain values; the second half documents
them, and the tests hold the two together.
"""

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator

from service.core.model import Form, LinkState, Reason, ServedFrom, State
from service.core.vocabulary import LANGUAGES

FormatWord = Literal["auto", "html", "text", "markdown"]


class RequestModel(BaseModel):
    """A body that is read strictly."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


def _known_language(code: str) -> str:
    if code not in LANGUAGES:
        message = "X does not know this language"
        raise ValueError(message)
    return code


def _whole(value: object) -> object:
    """Take 3000.0 for 3000: to JSON Schema both are the same whole number (2020-12, 4.2.3)."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


# Bounds stand before what reads the number, or they are not in the description.
DeadlineMs = Annotated[
    Annotated[int, Field(ge=0, le=30_000), BeforeValidator(_whole)] | None,
    Field(
        description=(
            "How long to wait for X. 0: the cache alone. Left out: the service's own setting."
        ),
    ),
]


class OptionsRequest(RequestModel):
    """How the article is to be rewritten. Null is as the article's own embed says, else X's
    default.
    """

    render: Literal["blockquote", "consent", "amp", "link"] = "blockquote"
    intact: Literal["keep", "renew"] = "keep"
    script: Literal["keep", "none", "once"] = "keep"
    links: Literal["expand", "href", "keep"] = "expand"
    strip_tracking: bool = True
    gone: Literal["keep", "tombstone", "remove"] = "keep"
    unidentified: Literal["keep", "quote"] = "keep"
    theme: Literal["light", "dark"] | None = None
    lang: (
        Annotated[
            str,
            AfterValidator(_known_language),
            Field(json_schema_extra={"enum": sorted(LANGUAGES)}),
        ]
        | None
    ) = None
    dnt: bool = True
    align: Literal["left", "center", "right"] | None = None
    max_width: Annotated[int, Field(ge=220, le=550), BeforeValidator(_whole)] | None = None
    hide_media: bool | None = False
    hide_thread: bool | None = False


DEFAULT_OPTIONS = OptionsRequest()


class ResolveRequest(RequestModel):
    """An article, and how its tweets are to come back."""

    content: Annotated[str, Field(description="The article, as the CMS holds it.")]
    format: Annotated[FormatWord, Field(description="How it is written; `auto` finds out.")] = (
        "auto"
    )
    output: Annotated[
        Literal["auto", "html", "text"],
        Field(description="How it is to come back; `auto` keeps its format."),
    ] = "auto"
    deadline_ms: DeadlineMs = None
    url: Annotated[
        str | None,
        Field(
            max_length=2000,
            description="The article's public address, for the source `snapshot` alone.",
        ),
    ] = None
    explain: Annotated[
        bool,
        Field(description="Whether to list the candidates that were looked at."),
    ] = False
    options: OptionsRequest = DEFAULT_OPTIONS


def _name(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, str | int):
        message = "Input should be a string or a whole number"
        raise ValueError(message)  # noqa: TRY004 - pydantic collects ValueError, not TypeError
    return value


def _without_default(schema: dict[str, Any]) -> None:
    """Leave out the default of a field that is left out, not null."""
    schema.pop("default", None)


class ResolveLineRequest(ResolveRequest):
    """One line of an NDJSON request: an article, and the caller's own name for it."""

    id: Annotated[
        object,
        PlainValidator(_name, json_schema_input_type=str | int),
        Field(json_schema_extra=_without_default),
    ] = None


class DetectRequest(RequestModel):
    """A text to be read."""

    content: Annotated[str, Field(description="The text.")]
    format: Annotated[FormatWord, Field(description="How it is written; `auto` finds out.")] = (
        "auto"
    )


class ResponseModel(BaseModel):
    """An answer, as it is documented."""

    model_config = ConfigDict(extra="forbid")


class EmbedLink(ResponseModel):
    """A short link inside an embed."""

    url: str
    target: str | None
    state: LinkState


class ConsideredTweet(ResponseModel):
    """A candidate that was looked at."""

    tweet_id: str
    source: Annotated[str, Field(description="What named it.")]
    confidence: float | None
    reason: Annotated[str | None, Field(description="Why it was refused; null if it was not.")]
    handle: str | None
    created_at: dt.datetime | None
    text: str | None


class Embed(ResponseModel):
    """A tweet in the article, and what became of it."""

    start: Annotated[
        int | None,
        Field(description="First code point of the mention in the article as sent."),
    ]
    end: Annotated[int | None, Field(description="The code point after its last one.")]
    form: Form | None
    state: State
    reason: Reason | None
    confidence: float | None
    tweet_id: str | None
    url: str | None
    author_name: str | None
    author_handle: str | None
    text: str | None
    lang: str | None
    dir: str | None
    created_at: Annotated[
        dt.datetime | None,
        Field(description="From the tweet's id; null for ids older than that scheme."),
    ]
    html: Annotated[str | None, Field(description="The sanitized embed HTML.")]
    links: list[EmbedLink]
    found_by: Annotated[
        str | None,
        Field(
            description=(
                "Where the id came from: `markup`, `code`, `index`, `revision`, `import`, `x_api`,"
                " `snapshot` or `wayback`."
            ),
        ),
    ]
    served_from: ServedFrom | None
    checked_at: Annotated[dt.datetime | None, Field(description="When X was last asked about it.")]
    considered: Annotated[
        list[ConsideredTweet] | None,
        Field(
            max_length=10,
            description="The candidates that were looked at, where `explain` asked for them.",
        ),
    ] = None


class Link(ResponseModel):
    """A link of the article itself, and where it leads."""

    start: int | None
    end: int | None
    url: str
    state: LinkState
    reason: Reason | None
    target: Annotated[str | None, Field(description="What stands in the article now.")]
    raw_target: Annotated[
        str | None,
        Field(description="The address as X gave it, tracking and all."),
    ]
    hops: Annotated[list[str], Field(description="Addresses passed on the way.")]


class Resolved(ResponseModel):
    """The article, and what became of every mention in it."""

    content: str
    format: Literal["html", "text", "markdown"]
    changed: bool
    complete: Annotated[
        bool,
        Field(
            description=(
                "False while anything is `deferred` or `failed`: ask again after `Retry-After`"
                " seconds."
            ),
        ),
    ]
    script: Annotated[
        str | None,
        Field(description="The script that the embeds in `content` want."),
    ]
    elapsed_ms: float
    embeds: list[Embed]
    links: list[Link]


class Version(ResponseModel):
    """What is running."""

    version: str
    commit: str | None
    python: str


class ResolvedLine(Resolved):
    """One line of an NDJSON answer."""

    line: Annotated[int, Field(description="Which line of the request this is, from 1.")]
    id: Annotated[
        str | int | None,
        Field(description="The caller's own name for it; left out if it gave none."),
    ] = None


class DetectedEmbed(ResponseModel):
    """A place in the text that means a tweet."""

    start: int
    end: int
    form: Form
    tweet_id: str | None
    urls: list[str]
    author_handle: str | None
    author_name: str | None
    date: dt.date | None
    text: str | None


class DetectedLink(ResponseModel):
    """A link that could lead to a tweet, or hides where it leads."""

    start: int
    end: int
    url: str


class Detected(ResponseModel):
    """What a text mentions, by the text alone."""

    format: Literal["html", "text", "markdown"]
    embeds: list[DetectedEmbed]
    links: list[DetectedLink]


class Health(ResponseModel):
    """A sign of life. `degraded`: the store's file cannot be used, and the service goes on from
    memory; `store` says why.
    """

    status: Literal["up", "ready", "degraded"]
    store: str | None = None
    version: str | None = None


class TweetChange(ResponseModel):
    """A change of a tweet's state."""

    at: dt.datetime
    state: State
    reason: Reason | None


class StoredTweetAnswer(ResponseModel):
    """An answer of X that is stored: the language asked for, and its times."""

    lang: str | None
    state: State
    checked_at: dt.datetime
    fresh_until: dt.datetime


class StoredTweet(ResponseModel):
    """All that is stored of a tweet."""

    tweet_id: str
    url: str
    state: State | None
    reason: Reason | None
    author_name: str | None
    author_handle: str | None
    text: str | None
    lang: str | None
    dir: str | None
    created_at: dt.datetime | None
    first_seen: dt.datetime | None
    history: list[TweetChange]
    answers: list[StoredTweetAnswer]


class Takedown(ResponseModel):
    """The receipt of a takedown. `on_disk` false: the store could not write it, and only the
    running service knows.
    """

    tweet_id: str
    state: Literal["gone"]
    reason: Literal["takedown"]
    taken_down_at: dt.datetime
    forgotten: Annotated[int, Field(description="How many stored answers were forgotten.")]
    on_disk: bool


class ProblemFault(ResponseModel):
    """One thing wrong in the body."""

    pointer: Annotated[str, Field(description="JSON pointer (RFC 6901) into the request body.")]
    detail: str


class Problem(ResponseModel):
    """Problem details (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: Literal[
        "bad_http",
        "bad_json",
        "unauthorized",
        "forbidden",
        "not_found",
        "method_not_allowed",
        "timeout",
        "too_large",
        "head_too_large",
        "unsupported_media_type",
        "invalid",
        "not_supported",
        "not_stored",
        "overloaded",
        "rate_limited",
        "stopping",
        "internal",
    ]
    request_id: str
    errors: list[ProblemFault] | None = None


class NdjsonError(ResponseModel):
    """The line of an NDJSON answer for one of the request that could not be used."""

    line: int
    id: str | int | None = None
    error: Problem
