"""What a caller asks and what comes back (docs/interface.md 6), as plain values that every door
translates.
"""

import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from service.core.mentions import ArticleDetection
from service.core.model import Form, Format, LinkState, Reason, ServedFrom, State


class Options(NamedTuple):
    """How embeds are written (docs/interface.md 6); the defaults are those told there.

    Of `theme`, `lang`, `align` and `max_width` None is as the article's own embed says, else X's
    default. `hide_media` and `hide_thread` only ever add to what that embed says; so does `dnt`.
    """

    render: Literal["blockquote", "consent", "amp", "link"] = "blockquote"
    intact: Literal["keep", "renew"] = "keep"
    script: Literal["keep", "none", "once"] = "keep"
    links: Literal["expand", "href", "keep"] = "expand"
    strip_tracking: bool = True
    gone: Literal["keep", "tombstone", "remove"] = "keep"
    unidentified: Literal["keep", "quote"] = "keep"
    theme: str | None = None
    lang: str | None = None
    dnt: bool = True
    align: str | None = None
    max_width: int | None = None
    hide_media: bool = False
    hide_thread: bool = False


DEFAULT = Options()

_OPEN_STATES = frozenset({State.DEFERRED, State.FAILED})
_OPEN_LINK_STATES = frozenset({LinkState.DEFERRED, LinkState.FAILED})


class Article(NamedTuple):
    """An article as a caller sends it.

    `format` None tells it from the content. `output` is `auto`, `html` (for text and HTML) or
    `text`. `deadline_ms` bounds the waiting for X; 0 is the cache alone. `url` is its public
    address and `key` its name in its archive, where they are known; an earlier version of it is
    found by them. `explain` asks for the candidates that were looked at. `wait_for_sources` waits
    for sources of candidates that take long, whatever the deadline. `detection` is what is found in
    it, where somebody has looked before.
    """

    content: str
    format: Format | None = None
    output: str = "auto"
    deadline_ms: int = 3000
    options: Options = DEFAULT
    url: str | None = None
    key: str | None = None
    explain: bool = False
    wait_for_sources: bool = False
    detection: ArticleDetection | None = None


class LinkResult(NamedTuple):
    """What became of an address. `start` and `end` are None inside an embed; `raw_target` is the
    target before trackers were taken out.
    """

    url: str
    state: LinkState
    target: str | None = None
    raw_target: str | None = None
    hops: tuple[str, ...] = ()
    start: int | None = None
    end: int | None = None
    reason: Reason | None = None

    def moved(self, by: int) -> "LinkResult":
        """Return it as it stands behind `by` further characters."""
        if self.start is None or self.end is None or not by:
            return self
        return self.at(self.start + by, self.end + by)

    def at(self, start: int, end: int) -> "LinkResult":
        """Return it as it stands from `start` to `end`. Twice as fast as `_replace`."""
        return LinkResult(*self[:5], start, end, self.reason)

    @property
    def is_open(self) -> bool:
        """Whether asking again may tell more."""
        return self.state in _OPEN_LINK_STATES and self.reason is not Reason.LIMIT


@dataclass(frozen=True, slots=True)
class Considered:
    """A candidate that was looked at: which source named it, and why it was refused, if it was.

    `handle` and `text` are X's own, None where X showed no tweet.
    """

    tweet_id: str
    source: str
    confidence: float | None
    reason: str | None
    handle: str | None
    created_at: dt.datetime | None
    text: str | None


class EmbedResult(NamedTuple):
    """What became of a mention of a tweet. What is not known is None. `fresh_until` is when X is
    to be asked again.
    """

    start: int
    end: int
    form: Form
    state: State
    reason: Reason | None = None
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
    found_by: str | None = None
    considered: tuple[Considered, ...] | None = None
    served_from: ServedFrom | None = None
    checked_at: dt.datetime | None = None
    fresh_until: dt.datetime | None = None

    def moved(self, by: int) -> "EmbedResult":
        """Return it as it stands behind `by` further characters."""
        return self.at(self.start + by, self.end + by) if by else self

    def at(self, start: int, end: int) -> "EmbedResult":
        """Return it as it stands from `start` to `end`. Twice as fast as `_replace`."""
        return EmbedResult(start, end, *self[2:])

    @property
    def is_complete(self) -> bool:
        """Whether asking again would tell nothing more."""
        return self.state not in _OPEN_STATES and not any(one.is_open for one in self.links)


class Result(NamedTuple):
    """The article, and what became of everything in it. `script` is what the embeds want, None
    where there are none.

    `complete` is False while anything is deferred or failed; `retry_after_s` then says when to ask
    again.
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


Resolve = Callable[[Article], Awaitable[Result]]
"""What turns an article into its result: the pipeline, or a pool of processes in its place."""


@dataclass(frozen=True, slots=True)
class AddressEmbeds:
    """An embed for each address, in order. `retry_after_s` is None where all have their final
    state.
    """

    embeds: tuple[EmbedResult, ...]
    retry_after_s: int | None


@dataclass(frozen=True, slots=True)
class AddressTargets:
    """A target for each address, in order. `retry_after_s` is None where all are known for
    good.
    """

    links: tuple[LinkResult, ...]
    retry_after_s: int | None
