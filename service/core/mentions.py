"""What detection finds: mentions of tweets, links, and how each stands in the article."""

import datetime as dt
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import TypeAlias

from service.core.html.document import VisibleText
from service.core.model import (
    Attribution,
    EmbedStyle,
    Form,
    Format,
    Reason,
    ShortLink,
    Span,
    TweetRef,
)

Range: TypeAlias = tuple[int, int]
"""A half-open stretch of the text that detection read."""


@dataclass(frozen=True, slots=True)
class ReplaceElement:
    """The embed takes the place of a whole element, or of a Markdown quote, at `span`; a part of
    what it shows, `content`, is not to be had alone.

    `in_block` tells that block delimiters stand around it and go too; `beside` that other words
    stand on its line.
    """

    content: Range
    span: Range
    in_block: bool = False
    beside: bool = False


@dataclass(frozen=True, slots=True)
class SplitParagraph:
    """The embed takes the place of a `p` at `span` that shows `content`, or splits it in two.

    `reopen` is its start tag as written; empty in Markdown, where blank lines split. `delimiters`
    are those of the block around it, as written, which `span` takes in.
    """

    content: Range
    span: Range
    reopen: str
    delimiters: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class ReplaceContent:
    """The embed takes the place of characters of `content`, never of the element around them."""

    content: Range


@dataclass(frozen=True, slots=True)
class NotPlaceable:
    """No embed can stand here."""

    reason: Reason = Reason.PLACE


InsertionPoint: TypeAlias = ReplaceElement | SplitParagraph | ReplaceContent | NotPlaceable
"""What an embed takes the place of. Offsets are of the text that detection read."""


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


class LeftoverKind(Enum):
    """What a leftover is."""

    COMMENT = auto()
    SCRIPT = auto()
    X_SCRIPT = auto()
    ANCHOR = auto()


@dataclass(frozen=True, slots=True)
class Leftover:
    """What stands at `start` in an element without showing, and how it is written beside the
    embed that takes the element's place.
    """

    start: int
    text: str
    kind: LeftoverKind


@dataclass(frozen=True, slots=True)
class QuotationCut:
    """One way to take a tweet out of the element that quotes it: its words begin at `start` of
    what shows, the embed replaces `span`.

    `closing` and `reopening` are the tags of `p` and inline elements that go on around it.
    `is_marked` tells that the words stand in a `p` with X's `lang` and `dir`, `is_clean` that the
    tree around stays. `keeps_before` and `keeps_behind` tell where in the element more stands.
    """

    start: int
    span: Range
    closing: str
    reopening: str
    is_marked: bool
    is_clean: bool
    keeps_before: bool
    keeps_behind: bool

    @property
    def is_whole(self) -> bool:
        """Whether nothing but the tweet stands in the element."""
        return not (self.keeps_before or self.keeps_behind)


@dataclass(frozen=True, slots=True)
class QuotationParts:
    """The parts of an element that quotes a tweet: what shows in it up to its attribution, the ways
    to cut it, first line first, and its own tags. `in_one_block` tells that all words before the
    attribution stand in one paragraph.
    """

    words: FlattenedText
    cuts: tuple[QuotationCut, ...]
    opening: Range
    closing: Range | None
    in_one_block: bool


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An element before an attribution, or that of the attribution itself: where in what shows it
    begins, and what of the text goes if the tweet's words begin with it.

    `in_block` tells that block delimiters go too, `is_place` that an embed can stand there,
    `reopens` is the start tag in which goes on what stands behind the attribution.
    """

    start: int
    span: Range
    in_block: bool = False
    is_place: bool = True
    reopens: str = ""


@dataclass(frozen=True, slots=True)
class WiderWords:
    """The words of a flattened tweet from elements on that stand before its attribution's own,
    which holds words too: the last paragraph of several. `neighbours` and `leftovers` are those of
    the mention over all of them.
    """

    flat: FlattenedText
    neighbours: tuple[Neighbour, ...]
    leftovers: tuple[Leftover, ...] = ()


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
    address is to be canonical, `caption` is its caption. `style` is what markup other than a
    blockquote asks for. `unclosed` tells an element that nobody closed: it ends with the mention.
    `leftovers` are what would be lost with the element. `parts` is there where a quotation's words
    tell what of its element is the tweet. `neighbours` are the elements over which the tweet may
    stand, in order, the attribution's own the last. `shares` is the element that tweets one behind
    the other share: all of them give way to embeds, or none.
    `wider` is there where its words may begin in elements before its own. `permalink` is the one in
    the attribution of words that must prove the tweet.
    """

    span: Span
    form: Form
    insertion_point: InsertionPoint
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
    style: EmbedStyle | None = None
    unclosed: bool = False
    parts: QuotationParts | None = None
    neighbours: tuple[Neighbour, ...] = ()
    leftovers: tuple[Leftover, ...] = ()
    shares: Range | None = None
    wider: WiderWords | None = None
    permalink: TweetRef | None = None

    def widened(self) -> "Mention":
        """Return the mention over the elements before its own too, where its words begin there."""
        wider = self.wider
        if wider is None:
            return self
        return replace(
            self,
            span=Span(*wider.neighbours[-1].span),
            flat=wider.flat,
            neighbours=wider.neighbours,
            leftovers=wider.leftovers,
            wider=None,
        )

    def without_place(self) -> "Mention":
        """Return the mention without a place for an embed."""
        return replace(self, insertion_point=NotPlaceable(), neighbours=(), wider=None)

    @property
    def is_placeable(self) -> bool:
        """Whether an embed can stand here."""
        return not isinstance(self.insertion_point, NotPlaceable)

    @property
    def date(self) -> dt.date | None:
        """The day its attribution tells."""
        return self.attribution.date if self.attribution else None


@dataclass(frozen=True, slots=True)
class Detection:
    """All that was found in an article: disjoint, in order. `broken_at` is where begins what is not
    nested as it is written, in HTML: None if all is; 0 where nothing tells, as amid Markdown.
    """

    format: Format
    embeds: tuple[Mention, ...] = ()
    links: tuple[LinkMention, ...] = field(default=())
    broken_at: int | None = None

    @property
    def is_nested(self) -> bool:
        """Whether all elements stand in each other as they are written, none amid Markdown."""
        return self.broken_at is None


@dataclass(frozen=True, slots=True)
class ArticleDetection:
    """What was found in an article by its passages (`core/detect/passages.py`), or in all of it as
    one: where each stands in the article as sent, and what was found in it, by its own offsets,
    CRLFs counted once.
    """

    format: Format
    passages: tuple[tuple[Range, Detection], ...]

    @property
    def together(self) -> Detection:
        """All mentions and links, each with its place in its passage."""
        found = [one for _, one in self.passages]
        return Detection(
            self.format,
            tuple(embed for one in found for embed in one.embeds),
            tuple(link for one in found for link in one.links),
            None if all(one.is_nested for one in found) else 0,
        )
