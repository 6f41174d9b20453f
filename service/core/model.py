"""The values that everything else works with (docs/interface.md 1): tweets, links, formats, states,
reasons; all of them frozen. Imports nothing of ours.
"""

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType

SafeHtml = NewType("SafeHtml", str)
"""HTML that holds only what the allow-list of `core/sanitize/sanitizer.py` lets through. Only that
module mints it.
"""


class Format(StrEnum):
    """How an article is written."""

    HTML = "html"
    TEXT = "text"
    MARKDOWN = "markdown"


class Form(StrEnum):
    """How a mention is written (docs/interface.md 2)."""

    BLOCKQUOTE = "blockquote"
    FLATTENED = "flattened"
    URL = "url"
    BLOCK = "block"
    IFRAME = "iframe"
    WIDGET = "widget"
    AMP = "amp"
    OEMBED = "oembed"
    SHORTCODE = "shortcode"
    CARD = "card"
    LINK = "link"


class State(StrEnum):
    """What became of an embed (docs/interface.md 3)."""

    EMBEDDED = "embedded"
    KEPT = "kept"
    GONE = "gone"
    PROTECTED = "protected"
    UNIDENTIFIED = "unidentified"
    DEFERRED = "deferred"
    FAILED = "failed"


class LinkState(StrEnum):
    """What became of a link (docs/interface.md 3)."""

    RESOLVED = "resolved"
    DEAD = "dead"
    UNSAFE = "unsafe"
    REFUSED = "refused"
    DEFERRED = "deferred"
    FAILED = "failed"


class ServedFrom(StrEnum):
    """Where the words of an embed came from."""

    UPSTREAM = "upstream"
    CACHE = "cache"
    STALE = "stale"
    ARTICLE = "article"


class Reason(StrEnum):
    """The reason beside a state, in one word."""

    INTACT = "intact"
    # of `kept`
    PLACE = "place"
    MIXED = "mixed"
    WORDS = "words"
    BLOCK = "block"
    TEXT = "text"
    LIMIT = "limit"
    # of `unidentified`, with `words`
    NO_CODE = "no_code"
    OTHER_TWEET = "other_tweet"
    DATE = "date"
    NOT_FOUND = "not_found"
    AMBIGUOUS = "ambiguous"
    # of `gone`
    TAKEDOWN = "takedown"
    # of `deferred`
    DEADLINE = "deadline"
    CACHE_ONLY = "cache_only"
    SEARCHING = "searching"
    # of `failed`
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    BLOCKED = "blocked"
    RATE_LIMITED = "rate_limited"
    UPSTREAM_ERROR = "upstream_error"
    NONSENSE = "nonsense"
    UNSAFE = "unsafe"
    NOT_A_TWEET = "not_a_tweet"
    SUSPECT = "suspect"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open stretch of an article, in Unicode code points of the article as sent."""

    start: int
    end: int

    def __post_init__(self) -> None:
        """Refuse a span that runs backwards."""
        if not 0 <= self.start <= self.end:
            message = f"no span: {self.start}..{self.end}"
            raise ValueError(message)


@dataclass(frozen=True, slots=True)
class TweetRef:
    """The address of a tweet. Identity is the id, a string of digits; the handle is only how it was
    written.
    """

    id: str
    handle: str | None = field(default=None, compare=False)

    @property
    def url(self) -> str:
        """The canonical form; `i` stands where the handle is not known (docs/x-behaviour.md
        5.1).
        """
        return f"https://x.com/{self.path}"

    @property
    def path(self) -> str:
        """The path of its address, without the slash in front."""
        return f"{self.handle or 'i'}/status/{self.id}"


@dataclass(frozen=True, slots=True)
class ShortLink:
    """A t.co code. pic.twitter.com/CODE and pic.x.com/CODE are the same code (docs/x-behaviour.md
    1.4).
    """

    code: str

    @property
    def url(self) -> str:
        """The form it is asked in."""
        return f"https://t.co/{self.code}"


@dataclass(frozen=True, slots=True)
class Attribution:
    """The line that closes an embed: `— Name (@handle) DATE`. The date is the tweet's UTC day
    (docs/x-behaviour.md 4.2).
    """

    name: str | None
    handle: str | None
    date: dt.date | None


@dataclass(frozen=True, slots=True)
class TweetText:
    """A run of plain text in a tweet."""

    text: str


@dataclass(frozen=True, slots=True)
class LineBreak:
    """A line break in a tweet."""


@dataclass(frozen=True, slots=True)
class TweetLink:
    """A link in a tweet: what is shown and where it leads. In X's answers the href is t.co, a
    profile or a hashtag.
    """

    text: str
    href: str


TweetPiece = TweetText | LineBreak | TweetLink


@dataclass(frozen=True, slots=True)
class Tweet:
    """A tweet as its known parts, from X's oEmbed answer or from a blockquote in an article.

    `pieces` are the tweet's own words in order; `date_text` is the attribution's date as written,
    None if there is none.
    """

    id: str
    author_name: str | None
    author_handle: str | None
    pieces: tuple[TweetPiece, ...]
    lang: str | None = None
    dir: str | None = None
    date_text: str | None = None

    @property
    def permalink(self) -> TweetRef:
        """Its address."""
        return TweetRef(self.id, self.author_handle)

    @property
    def text(self) -> str:
        """The words as plain text, breaks as newlines, links as shown."""
        return "".join(
            "\n" if isinstance(piece, LineBreak) else piece.text for piece in self.pieces
        )


@dataclass(frozen=True, slots=True)
class UnavailableTweet:
    """X answered, and there is no tweet to show: `gone` (404) or `protected` (403)."""

    state: State
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class LinkTarget:
    """Where a short link leads. `hops` are the addresses passed on the way, the target not among
    them.
    """

    state: LinkState
    url: str | None = None
    hops: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EmbedStyle:
    """How an embed is to look; None is X's default. Values are from X's closed sets
    (docs/x-behaviour.md 2.2).

    `media_only` is the class `twitter-video`, X's form of a tweet shown as its video.
    """

    theme: str | None = None  # light, dark
    lang: str | None = None  # one of X's 34 codes: the language of the date and of X's own words
    align: str | None = None  # left, center, right
    max_width: int | None = None  # 220 to 550 pixels
    hide_media: bool = False
    hide_thread: bool = False
    dnt: bool = True
    media_only: bool = False
