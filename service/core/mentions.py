"""What detection finds: mentions of tweets, links, and how each stands in the article."""

import datetime as dt
from dataclasses import dataclass, field

from service.core.html.document import VisibleText
from service.core.model import Attribution, EmbedStyle, Form, Format, ShortLink, Span, TweetRef


@dataclass(frozen=True, slots=True)
class InsertionPoint:
    """What stands around a mention, and so what goes when an embed takes its place. Offsets are of
    the text detection read.

    `content` is what shows in the paragraph or container around, white space trimmed. `whole` is
    what goes when all of it is replaced: the `p` element, with its block delimiters if it has some;
    None where only the content may go. `reopen` is the `p` tag as written, to be opened again where
    a part of the paragraph is replaced; None outside a `p`. `block_open` and `block_close` are the
    delimiters of the block around that `p`, None if there are none. `place` tells whether block
    content may stand here, `unclosed` an element that nobody closed, `beside` that other words
    stand on its line outside a `p`.
    """

    content: tuple[int, int]
    whole: tuple[int, int] | None = None
    reopen: str | None = None
    block_open: str | None = None
    block_close: str | None = None
    place: bool = True
    unclosed: bool = False
    beside: bool = False


@dataclass(frozen=True, slots=True)
class InlineContext:
    """An inline element: where it stands, and where what it shows begins and ends. A cut must not
    fall inside one.
    """

    start: int
    end: int
    shows_from: int
    shows_to: int


@dataclass(frozen=True, slots=True)
class FlattenedText:
    """The words of a tweet that lost its markup: `visible` from `start`, where they may begin at
    the earliest, to its attribution.

    `inlines` are the inline elements around, outermost first; None if they are nested too deep to
    be looked at.
    """

    visible: VisibleText
    start: int
    attribution_start: int
    attribution_end: int
    inlines: tuple[InlineContext, ...] | None = ()

    @property
    def text(self) -> str:
        """The words as they show, the attribution not among them."""
        return self.visible.text[self.start : self.attribution_start]


@dataclass(frozen=True, slots=True)
class LinkMention:
    """An address in running text or in an `href`.

    `quoted` is False for the unquoted value of an attribute. `markdown` tells an address that
    Markdown's rules hold for.
    """

    span: Span
    url: str
    target: TweetRef | ShortLink
    in_href: bool = False
    quoted: bool = True
    markdown: bool = False


@dataclass(frozen=True, slots=True)
class Mention:
    """A place in the article that means a tweet.

    `tweet` is what the markup states, None where the text alone does not tell. `targets` are the
    permalinks and short links inside, in order, `urls` the same as written. `flat` is there where
    the words must prove the tweet. `links` are the addresses inside it where no id is stated: the
    article's, if it is no tweet or the tweet turns out to be shorter.

    `part` is what an embed replaces where the rest stays (a figure with a caption), `body` the
    blockquote inside that has the tweet's words. `addresses` are the places in a block where its
    address is to be canonical, `caption` is its caption. `look` is what markup other than a
    blockquote asks for.
    """

    span: Span
    form: Form
    shell: InsertionPoint
    tweet: TweetRef | None = None
    targets: tuple[TweetRef | ShortLink, ...] = ()
    urls: tuple[str, ...] = ()
    attribution: Attribution | None = None
    text: str | None = None
    flat: FlattenedText | None = None
    links: tuple[LinkMention, ...] = ()
    part: Span | None = None
    body: Span | None = None
    addresses: tuple[Span, ...] = ()
    caption: Span | None = None
    look: EmbedStyle | None = None

    @property
    def date(self) -> dt.date | None:
        """The day its attribution tells."""
        return self.attribution.date if self.attribution else None


@dataclass(frozen=True, slots=True)
class Detection:
    """All that was found in an article: disjoint, in order."""

    format: Format
    embeds: tuple[Mention, ...] = ()
    links: tuple[LinkMention, ...] = field(default=())
