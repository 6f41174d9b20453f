"""What a caller asks and what comes back (contract, section 4), as plain values that every door translates."""

import datetime as dt
from dataclasses import dataclass, field

from service.core.model import Form, Format, LinkState, ServedFrom, State, Why


@dataclass(frozen=True, slots=True)
class Options:
    """How embeds are written. Of each, the default is what is built; the doors refuse the rest as `not_supported`."""

    render: str = "blockquote"
    intact: str = "keep"
    script: str = "keep"
    links: str = "expand"
    strip_tracking: bool = True
    gone: str = "keep"
    unidentified: str = "keep"
    theme: str | None = None
    lang: str | None = None
    dnt: bool = True
    align: str | None = None
    max_width: int | None = None
    hide_media: bool = False
    hide_thread: bool = False


@dataclass(frozen=True, slots=True)
class Article:
    """An article as a caller sends it.

    `format` None tells it from the content. `deadline_ms` bounds the waiting for X; 0 is the cache alone.
    """

    content: str
    format: Format | None = None
    output: str = "auto"
    deadline_ms: int = 3000
    options: Options = field(default_factory=Options)


@dataclass(frozen=True, slots=True)
class LinkResult:
    """What became of an address. `start` and `end` are None inside an embed; `raw_target` is the target before trackers were taken out."""

    url: str
    state: LinkState
    target: str | None = None
    raw_target: str | None = None
    hops: tuple[str, ...] = ()
    start: int | None = None
    end: int | None = None
    reason: Why | None = None


@dataclass(frozen=True, slots=True)
class EmbedResult:
    """What became of a mention of a tweet. What is not known is None."""

    start: int
    end: int
    form: Form
    state: State
    reason: Why | None = None
    confidence: float | None = None
    tweet_id: str | None = None
    url: str | None = None
    author_name: str | None = None
    author_handle: str | None = None
    text: str | None = None
    lang: str | None = None
    dir: str | None = None
    created_at: dt.datetime | None = None
    html: str | None = None
    links: tuple[LinkResult, ...] = ()
    served_from: ServedFrom | None = None
    checked_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """The article, and what became of everything in it. `script` is what the embeds want, None where there are none.

    `complete` is False while anything is deferred or failed; `retry_after_s` then says when to ask again.
    """

    content: str
    format: Format
    changed: bool
    complete: bool
    script: str | None
    elapsed_ms: float
    embeds: tuple[EmbedResult, ...] = ()
    links: tuple[LinkResult, ...] = ()
    retry_after_s: int | None = None
