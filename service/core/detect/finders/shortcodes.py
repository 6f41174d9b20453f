"""Shortcodes that stand for a tweet: those of WordPress, XenForo, other forums, Hatena, Hugo,
Jekyll, DEV and Kirby (docs/interface.md 2), in text and in what shows of HTML alike.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator

from service.core.detect.paragraphs import Paragraph
from service.core.mentions import FlattenedText, Mention, NotPlaceable
from service.core.model import Attribution, EmbedStyle, Form, ShortLink, Span, TweetRef
from service.core.oembed.embed_style import read_element_style
from service.core.urls.tweet_urls import find_addresses, read_permalink
from service.core.vocabulary import HANDLE

_HUGO = r"(?:x|tweet|twitter)(?:[_-]simple)?"
_SHORTCODE = re.compile(
    r"(?<!\[)\[tweet[ \t]+(?P<tweet>[^\[\]\n\u2028]{1,600})\](?!\])"
    r"|(?<!\[)\[(?P<name>tweet|twitter|embed)(?:[ \t][^\[\]\n\u2028]{0,300})?\]\s{0,9}"
    r"(?P<enclosed>[^\s\[\]<>]{1,600})\s{0,9}\[/(?P=name)\](?!\])"
    r"|(?<!\[)\[(?i:media)=(?i:twitter|x)\]\s{0,9}(?P<media>[^\s\[\]<>]{1,600})\s{0,9}"
    r"\[/(?i:media)\](?!\])"
    r"|(?<!\[)\[(?P<hatena>https?://[^\s\[\]]{1,400}?):embed(?:[:#][^\]\n\u2028]{0,1000})?\](?!\])"
    rf"|\{{\{{<-?\s{{0,9}}{_HUGO}\s{{1,9}}(?P<angle>[^{{}}<>]{{1,500}})/?>\}}\}}"
    rf"|\{{\{{%-?\s{{0,9}}{_HUGO}\s{{1,9}}(?P<percent>(?:[^{{}}%]|%(?!\}})){{1,500}})%\}}\}}"
    r"|\{%-?\s{0,9}(?:twitter|tweet)\s{1,9}(?P<liquid>(?:[^{}%]|%(?!\})){1,500})%\}"
    r"|\{%-?\s{0,9}embed\s{1,9}(?P<dev>(?:[^\s{}%]|%(?!\})){1,500}?)\s{0,9}-?%\}"
    r"|(?<!\])\(tweet:\s{0,9}(?P<kirby>[^\s()<>]{1,500})(?:\s[^()<>\n\u2028]{0,300})?\)",
)
_BEGINS = re.compile(r"\[(?:tweet|twitter|embed|http|(?i:media)=)|\{[{%]|\(tweet:")
_ADDRESS_ONLY = ("hatena", "dev", "kirby")
_CURLY = ("angle", "percent", "liquid")
_ARGUMENT = re.compile(
    r"""(?:([\w-]{1,30})\s{0,3}=\s{0,3})?(?:"([^"]*)"|'([^']*)'|`([^`]*)`|(\S+))""",
)
_QUOTES = str.maketrans(dict.fromkeys("“”„″«»", '"') | dict.fromkeys("‘’′", "'"))
_ID = re.compile("[1-9][0-9]{0,19}")
_HANDLE = re.compile(f"@?({HANDLE.pattern})")
_SHORTEST_BARE = 5  # `[tweet 2]` is prose
_IDS = ("id", "tweet_id", "tweetid", "tweet-id", "status")
_ADDRESSES = ("url", "tweet", "href", "link", "src")


def shortcodes(paragraph: Paragraph) -> Iterator[Mention]:
    """Return the shortcodes of a paragraph. Amid other words of its line there is no place for an
    embed.
    """
    visible, text = paragraph.visible, paragraph.visible.text
    first, last = paragraph.lines[0][0], paragraph.lines[-1][1]
    if not _BEGINS.search(text, first, last):
        return
    for match in _SHORTCODE.finditer(text, first, last):
        read = _read(match)
        if read is None:
            continue
        tweet, style = read
        start, end = match.span()
        span = Span(*visible.source(start, end))
        alone = _line(paragraph, start)[0] == start and _line(paragraph, end - 1)[1] == end
        inside = find_addresses(match[0])
        targets: tuple[TweetRef | ShortLink, ...] = tuple(one.target for one in inside) or (tweet,)
        yield Mention(
            span=span,
            form=Form.SHORTCODE,
            insertion_point=(
                paragraph.insertion_point
                if alone and _may_stand(paragraph, start, end)
                else NotPlaceable()
            ),
            tweet=tweet,
            targets=targets,
            urls=tuple(one.address for one in inside) or (tweet.url,),
            attribution=Attribution(None, tweet.handle, None) if tweet.handle else None,
            flat=FlattenedText(visible, start, start, end, paragraph.stretch.inlines),
            style=style,
        )


def _read(match: re.Match[str]) -> tuple[TweetRef, EmbedStyle | None] | None:
    address = next((match[name] for name in _ADDRESS_ONLY if match[name]), None)
    enclosed = match["enclosed"] or match["media"]
    if address or enclosed:
        takes_id = enclosed is not None and match["name"] != "embed" and _ID.fullmatch(enclosed)
        tweet = TweetRef(enclosed) if takes_id else read_permalink(address or enclosed)
        return (tweet, None) if tweet else None
    curly = next((match[name] for name in _CURLY if match[name]), None)
    return (
        read_arguments(curly, curly=True)
        if curly is not None
        else read_arguments(match["tweet"], curly=False)
    )


def read_arguments(arguments: str, *, curly: bool) -> tuple[TweetRef, EmbedStyle | None] | None:
    """Read a shortcode's arguments: an id or an address, bare or named; `curly` allows for short
    ids and a handle in front.
    """
    named: dict[str, str] = {}
    bare: list[str] = []
    for match in _ARGUMENT.finditer(arguments.translate(_QUOTES)):
        value = next((value for value in match.groups()[1:] if value is not None), "")
        if match[1]:
            named.setdefault(match[1].lower(), value.strip())
        else:
            bare.append(value.strip())
    tweet = _named(named) or _positional(bare, curly=curly)
    return (tweet, read_element_style(named)) if tweet else None


def _named(named: dict[str, str]) -> TweetRef | None:
    user = _HANDLE.fullmatch(named.get("user") or named.get("username") or "")
    for name in (*_IDS, *_ADDRESSES):
        value = named.get(name, "")
        if _ID.fullmatch(value):
            return TweetRef(value, user[1] if user else None)
        tweet = read_permalink(value) if value else None
        if tweet:
            return tweet
    return None


def _positional(bare: list[str], *, curly: bool) -> TweetRef | None:
    addresses = [tweet for tweet in map(read_permalink, bare) if tweet]
    if addresses:
        return addresses[0] if len({tweet.id for tweet in addresses}) == 1 else None
    if len(bare) == 1 and _ID.fullmatch(bare[0]) and (curly or len(bare[0]) >= _SHORTEST_BARE):
        return TweetRef(bare[0])
    handle = _HANDLE.fullmatch(bare[0]) if curly and len(bare) > 1 else None
    return TweetRef(bare[1], handle[1]) if handle and _ID.fullmatch(bare[1]) else None


def _line(paragraph: Paragraph, at: int) -> tuple[int, int]:
    return paragraph.lines[max(0, bisect_right(paragraph.lines, at, key=lambda line: line[0]) - 1)]


def _may_stand(paragraph: Paragraph, start: int, end: int) -> bool:
    """Return whether no open `a` or the like is around these characters."""
    page = paragraph.stretch.page
    pieces = paragraph.stretch.text_pieces(start, end) if page is not None else []
    return page is None or not pieces or page.block_may_stand(pieces[0].element)
