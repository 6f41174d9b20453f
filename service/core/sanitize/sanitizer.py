"""The judge of all HTML that leaves: whether a fragment holds only what the allow-list
(`core/sanitize/allowlist.py`) lets through.

Only this module mints `SafeHtml`. The ways in: `certify_generated` for what we wrote, which proves
it with a browser's parser and with nh3 as a second wall; `accept_existing` for an embed that
already stands in an article, as it stands there, and `accept_like` for one that is a certified one
but for two tags.
"""

import html
import re
from dataclasses import dataclass, field
from functools import lru_cache

import nh3
import turbohtml
from turbohtml import TokenType

from service.core.errors import UpstreamError
from service.core.model import Reason, SafeHtml
from service.core.sanitize.allowlist import (
    ATTRIBUTES,
    ELEMENTS,
    REQUIRED,
    SKELETONS,
    WITH_PERMALINK,
    Shape,
)
from service.core.text.escaping import is_plain, is_shown, label, runs_elsewhere
from service.core.urls.tweet_links import is_safe_link, leads_where_it_says, shows_where_it_leads
from service.core.urls.tweet_urls import read_permalink

_LINES = {
    (named.element, named.attribute): tuple(
        line
        for line in ATTRIBUTES
        if (line.element, line.attribute) == (named.element, named.attribute)
    )
    for named in ATTRIBUTES
}
_NO_WORDS = frozenset({"div", "amp-twitter"})  # hold other elements only
_LONGEST = 65_536
_SHORT = 4_096  # keeps the memory of verdicts under 4 MiB; the longest real embed seen has 2 KiB
_CONTEXTS = ("div", "li", "td", "blockquote")
_START_TAG = re.compile(
    r"""<([A-Za-z]+(?:-[a-z]+)?)((?:[ \t\r\n]+[a-z-]+=(?:"[^"<>]*"|'[^'<>]*'))*)[ \t\r\n]*>""",
)
_ATTRIBUTE = re.compile(r"""([a-z-]+)=(?:"([^"<>]*)"|'([^'<>]*)')""")
_DOUBTFUL_REFERENCE = re.compile(r"&(?!(?:amp|quot|lt|gt|apos|#0?3[489]|#x2[267]|#91|#123);)")
_BREAKS = frozenset({"<br>", "<br/>", "<br />"})
_LONGEST_TAG = 2_048
_ENDING = "</a></blockquote>"
_SECOND_WALL = nh3.Cleaner(
    tags=set(ELEMENTS),
    attributes={
        element: {line.attribute for line in ATTRIBUTES if line.element == element}
        for element in ELEMENTS
        if element != "br"
    },
    url_schemes={"http", "https"},
    link_rel=None,
    url_relative="deny",
)


class UnsafeError(UpstreamError):
    """What was to be written is not within the allow-list."""

    def __init__(self) -> None:
        """Keep so as the embed's reason."""
        super().__init__(Reason.UNSAFE)


def certify_generated(embed: str, shape: Shape = Shape.EMBED) -> SafeHtml:
    """Prove that HTML written by us is of that shape and within the allow-list, and is the same
    tree wherever block content may stand.

    Raises `UnsafeError`.
    """
    if "\n" in embed or classify(embed) is not shape or not is_one_tree(embed):
        raise UnsafeError
    return SafeHtml(embed)


def is_one_tree(markup: str) -> bool:
    """Return whether a browser reads HTML as one tree within the allow-list: the same one wherever
    block content may stand, when it is written and read again, and when nh3 has cleaned it.
    """
    roots = [turbohtml.parse_fragment(markup, context, positions=False) for context in _CONTEXTS]
    tree = roots[0].inner_html
    again = (*roots[1:], _div(tree), _div(_SECOND_WALL.clean(markup)))
    return _is_allowed_tree(roots[0]) and all(root.inner_html == tree for root in again)


def accept_existing(fragment: str) -> SafeHtml | None:
    """Pass an embed of an article as it stands there, byte for byte; None if it is not one that we
    would let through.

    One blockquote of X's class with a permalink; every tag closed by hand and in order, so that
    it is the same wherever block content may stand; nothing in it that we would not write: no
    other element, attribute, class or value, no comment, no unsafe or disguised link, no
    character that we strip, nothing that another program would run.
    """
    return SafeHtml(fragment) if classify(fragment) is Shape.EMBED else None


def accept_like(fragment: str, certified: SafeHtml) -> SafeHtml | None:
    """Pass an embed of an article that is a certified one but for its own start tag and the start
    tag of its last link, the permalink, if these are on the allow-list; None for any other.
    """
    own, expected = _around_permalink(fragment), _around_permalink(certified)
    if own is None or expected is None or own[1::2] != expected[1::2]:
        return None
    opening, link = _read_start_tag(own[0]), _read_start_tag(own[2])
    if opening is None or link is None or runs_elsewhere(own[0] + own[2]):
        return None
    text = label(own[3].removesuffix(_ENDING))
    if opening.mark != "blockquote" or "" not in opening.within or link.name != "a":
        return None
    leads = leads_where_it_says(text, link.href) and shows_where_it_leads(text, link.href)
    return SafeHtml(fragment) if leads and read_permalink(link.href) else None


def _around_permalink(embed: str) -> tuple[str, str, str, str] | None:
    """Return the parts of an embed: its start tag, the words, the start tag of its last link, and
    what follows; None if it has no such parts.
    """
    begin, link = embed.find(">") + 1, embed.rfind("<a ")
    label_begins = embed.find(">", link) + 1
    if not 0 < begin <= link < label_begins or not embed.endswith(_ENDING):
        return None
    return embed[:begin], embed[begin:link], embed[link:label_begins], embed[label_begins:]


def _div(markup: str) -> turbohtml.Element:
    """Parse markup as the content of a `div`."""
    return turbohtml.parse_fragment(markup, positions=False)


def _is_allowed_tree(root: turbohtml.Element) -> bool:
    """Return whether a tree is one element, and everything in it is on the allow-list."""
    if len(root.children) != 1:
        return False
    for node in root.descendants:
        parent = node.parent
        if isinstance(node, turbohtml.Element):
            within = "" if parent is root else getattr(parent, "tag", "?")
            if node.tag not in ELEMENTS or within not in ELEMENTS[node.tag][0]:
                return False
            if not all(within in _within(node.tag, name, node.attr(name)) for name in node.attrs):
                return False
        elif not isinstance(node, turbohtml.Text) or parent is root:
            return False
    return True


def _within(element: str, attribute: str, value: str | None) -> frozenset[str]:
    """Return the elements in which an element may stand with this attribute and value; none if
    it may not stand.
    """
    parents: frozenset[str] = frozenset()
    for line in _LINES.get((element, attribute), ()):
        if (
            value is not None
            and line.values.fullmatch(value) is not None
            and (attribute != "href" or is_safe_link(value))
        ):
            parents |= ELEMENTS[element][0] if line.within is None else line.within
    return parents


def classify(fragment: str) -> Shape | None:
    """Return which kind of HTML of ours a fragment is, as it stands, byte for byte; None if
    anything in it is not on the allow-list.
    """
    if len(fragment) > _LONGEST:
        return None
    return _classify_short(fragment) if len(fragment) <= _SHORT else _classify(fragment)


@lru_cache(maxsize=256)  # an article comes again with every save, its embeds with it
def _classify_short(fragment: str) -> Shape | None:
    return _classify(fragment)


def _classify(fragment: str) -> Shape | None:
    """Walk over the tokens of a fragment."""
    if "\0" in fragment or runs_elsewhere(fragment):
        return None
    walk = _Walk()
    return (
        walk.shape
        if all(map(walk.step, turbohtml.tokenize(fragment, capture_source=True)))
        else None
    )


@dataclass(slots=True)
class _Walk:
    """A walk over the tags and words of a fragment: what is open, and what has been seen."""

    opened: list[str] = field(default_factory=list)
    skeleton: list[str] = field(default_factory=list)  # what stands outside a blockquote
    href: str = ""  # of the last link
    linked: str = ""  # the words of the open link
    ended: bool = False

    @property
    def shape(self) -> Shape | None:
        """Return which shape it was, if the outermost element has ended, and the last link was a
        permalink where it must be.
        """
        shape = SKELETONS.get(tuple(self.skeleton)) if self.ended else None
        return None if shape in WITH_PERMALINK and read_permalink(self.href) is None else shape

    def step(self, token: turbohtml.Token) -> bool:
        """Take one token; return whether it may stand here."""
        if self.ended:
            return False
        kind = token.type
        if kind is TokenType.TEXT:
            return self._words(token.data or "")
        if kind is TokenType.START_TAG:
            return self._start(token.source or "")
        return kind is TokenType.END_TAG and self._end(token.tag or "")

    def _words(self, text: str) -> bool:
        """Return whether words may stand here. Names and links may hold less than the tweet's
        words.
        """
        if not self.opened:
            return False
        inner = self.opened[-1]
        if inner in _NO_WORDS:
            return False
        if inner == "a":
            self.linked += text
        return is_shown(text) if inner == "p" else is_plain(text)

    def _start(self, source: str) -> bool:
        """Return whether a start tag stands in the right element, with the right attributes."""
        if len(source) > _LONGEST_TAG:
            return False
        tag = _read_start_tag(source)
        if tag is None or (self.opened[-1] if self.opened else "") not in tag.within:
            return False
        if tag.name == "a":
            self.href, self.linked = tag.href, ""
        if "blockquote" not in self.opened:
            self.skeleton.append(tag.mark)
        if tag.name != "br":
            self.opened.append(tag.name)
        return True

    def _end(self, tag: str) -> bool:
        """Return whether an end tag closes what was opened last."""
        if not self.opened or self.opened.pop() != tag:
            return False
        self.ended = not self.opened
        return tag != "a" or self._link(label(self.linked))

    def _link(self, text: str) -> bool:
        """Return whether a link leads where it says, and says where it leads."""
        return leads_where_it_says(text, self.href) and shows_where_it_leads(text, self.href)


@dataclass(frozen=True, slots=True)
class _StartTag:
    """A start tag that may stand: its element, the elements it may stand in, where it leads, and
    its mark in a skeleton.
    """

    name: str
    within: frozenset[str]
    href: str = ""
    mark: str = ""


@lru_cache(maxsize=1024)  # most of an embed's tags are the same in every embed
def _read_start_tag(source: str) -> _StartTag | None:
    """Read a start tag as written; None if it may not stand.

    Attributes must be on the allow-list, quoted, each once (parsers differ on which of two counts),
    and without character references that parsers read differently.
    """
    if source in _BREAKS:
        return _StartTag("br", ELEMENTS["br"][0], mark="br")
    tag = _START_TAG.fullmatch(source)
    if tag is None or _DOUBTFUL_REFERENCE.search(source):
        return None
    name = tag[1].lower()
    written = [
        (attribute, html.unescape(double or single))
        for attribute, double, single in _ATTRIBUTE.findall(tag[2])
    ]
    attributes = dict(written)
    if (
        name not in ELEMENTS
        or len(attributes) != len(written)
        or not attributes.keys() >= REQUIRED.get(name, frozenset())
    ):
        return None
    parents = ELEMENTS[name][0]
    for attribute, value in written:
        parents &= _within(name, attribute, value)
    own = attributes.get("class", "")
    mark = f"{name}.{own}" if own.startswith("tweet-embed") else name
    return _StartTag(name, parents, attributes.get("href", ""), mark) if parents else None
