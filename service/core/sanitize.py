"""The allow-list: what the HTML of an embed may hold, with the reason for each line. Only this module mints `SafeHtml`.

Two ways in: `seal` for what we wrote, which proves it with a browser's parser and with nh3 as a second wall; `is_within_allow_list`
for what already stands in an article, as it stands there.
"""

import html
import re
from dataclasses import dataclass, field
from functools import lru_cache

import nh3
import turbohtml
from turbohtml import TokenType

from service.core.addresses import read_permalink
from service.core.anchors import is_safe_link, leads_where_it_says, shows_where_it_leads
from service.core.canonical import DIRECTIONS, LANGUAGE_TAG
from service.core.characters import is_plain, is_shown, label, runs_elsewhere
from service.core.model import SafeHtml, TroubleError, Why

THEMES = frozenset({"light", "dark"})
ALIGNS = frozenset({"left", "center", "right"})
WIDTHS = range(220, 551)
"""Pixels (upstream.md 3.2)."""
LANGUAGES = frozenset(
    "en ar bn cs da de el es fa fi fil fr he hi hu id it ja ko msa nl no pl pt ro ru sv th tr uk ur vi zh-cn zh-tw".split()
)
"""The languages X's own words come in (upstream.md 5.1)."""

_TAG = LANGUAGE_TAG.pattern
_DIR = "|".join(sorted(DIRECTIONS))
_NAME, _ALIGN = "twitter-(?:tweet|video)", "tw-align-(?:left|center|right)"
_CLASSES = rf" *(?:{_ALIGN} +)*{_NAME}(?: +(?:{_NAME}|{_ALIGN}))* *"


@dataclass(frozen=True, slots=True)
class Allowed:
    """One line of the allow-list: an attribute of an element, the values it may have, and why it is there."""

    element: str
    attribute: str
    values: re.Pattern[str]
    reason: str


def _allowed(element: str, attribute: str, values: str, reason: str) -> Allowed:
    """Write a line; `values` is a regular expression for the whole value."""
    return Allowed(element, attribute, re.compile(values, re.ASCII), reason)


ELEMENTS = {
    "blockquote": (frozenset({""}), "the embed itself: X's script looks for this element, and without the script it is a quotation"),
    "p": (frozenset({"blockquote"}), "the tweet's words; the attribution where a CMS wrapped it"),
    "a": (frozenset({"blockquote", "p"}), "links in the words, and the permalink"),
    "br": (frozenset({"blockquote", "p"}), "a line break in the words"),
}
"""Each element: the elements it may stand in directly (empty: the outermost), and why it is there."""

ATTRIBUTES = (
    _allowed("blockquote", "class", _CLASSES, "X's script knows an embed by it; tw-align- is 2012's data-align"),
    _allowed("blockquote", "data-theme", "light|dark", "the colours"),
    _allowed("blockquote", "data-lang", _TAG, "the language of X's own words"),
    _allowed("blockquote", "data-align", "left|center|right", "where it floats"),
    _allowed("blockquote", "data-width", "[0-9]{1,4}", "its greatest width"),
    _allowed("blockquote", "data-cards", "hidden|visible", "without media"),
    _allowed("blockquote", "data-conversation", "none|all", "without the tweet it answers"),
    _allowed("blockquote", "data-dnt", "true|false", "no tracking by X"),
    _allowed("blockquote", "data-media-max-width", "[0-9]{1,4}", "the greatest width of a video"),
    _allowed("blockquote", "data-link-color", "#?[0-9A-Fa-f]{3,8}", "the colour of links in old embeds"),
    _allowed("blockquote", "data-partner", "[a-z0-9_-]{1,32}", "who wrote the embed: tweetdeck"),
    _allowed("blockquote", "lang", _TAG, "2012's data-lang"),
    _allowed("blockquote", "dir", _DIR, "the direction of the words"),
    _allowed("p", "lang", _TAG, "the language of the words"),
    _allowed("p", "dir", _DIR, "the direction of the words"),
    _allowed("a", "href", "https?://.+", "where a link leads; `anchors.is_safe_link` judges the address"),
)  # fmt: skip
"""Each attribute that may stand (upstream.md, section 8)."""

_VALUES = {(line.element, line.attribute): line.values for line in ATTRIBUTES}
_REQUIRED = {"blockquote": "class", "a": "href"}
_LONGEST = 65_536
_SHORT = 4_096  # keeps the memory of verdicts under 4 MiB; the longest real embed seen has 2 KiB
_CONTEXTS = ("div", "li", "td", "blockquote")
_START_TAG = re.compile(r"""<([A-Za-z]+)((?:[ \t\r\n]+[a-z-]+=(?:"[^"<>]*"|'[^'<>]*'))*)[ \t\r\n]*>""")
_ATTRIBUTE = re.compile(r"""([a-z-]+)=(?:"([^"<>]*)"|'([^'<>]*)')""")
_DOUBTFUL_REFERENCE = re.compile(r"&(?!(?:amp|quot|lt|gt|apos|#0?3[489]|#x2[267]|#91|#123);)")
_BREAKS = frozenset({"<br>", "<br/>", "<br />"})
_LONGEST_TAG = 2_048
_SECOND_WALL = nh3.Cleaner(
    tags=set(ELEMENTS),
    attributes={element: {line.attribute for line in ATTRIBUTES if line.element == element} for element in ("blockquote", "p", "a")},
    url_schemes={"http", "https"},
    link_rel=None,
    url_relative="deny",
)


class UnsafeError(TroubleError):
    """What was to be written is not within the allow-list."""

    def __init__(self) -> None:
        """Say so as the embed's reason."""
        super().__init__(Why.UNSAFE)


def seal(embed: str) -> SafeHtml:
    """Prove that an embed written by us is within the allow-list, and is the same tree wherever block content may stand.

    Raises `UnsafeError`.
    """
    if "\n" in embed or not is_within_allow_list(embed):
        raise UnsafeError
    roots = [turbohtml.parse_fragment(embed, context, positions=False) for context in _CONTEXTS]
    tree = roots[0].inner_html
    cleaned = _SECOND_WALL.clean(embed)
    again = (root.inner_html for root in (*roots[1:], _div(tree), _div(cleaned)))
    if not _is_allowed_tree(roots[0]) or any(other != tree for other in again):
        raise UnsafeError
    return SafeHtml(embed)


def _div(markup: str) -> turbohtml.Element:
    """Parse markup as the content of a `div`."""
    return turbohtml.parse_fragment(markup, positions=False)


def _is_allowed_tree(root: turbohtml.Element) -> bool:
    """Tell whether a tree is one blockquote, and everything in it is on the allow-list."""
    if len(root.children) != 1:
        return False
    for node in root.descendants:
        parent = node.parent
        if isinstance(node, turbohtml.Element):
            within = "" if parent is root else getattr(parent, "tag", "?")
            if node.tag not in ELEMENTS or within not in ELEMENTS[node.tag][0]:
                return False
            if not all(_is_allowed_value(node.tag, name, node.attr(name)) for name in node.attrs):
                return False
        elif not isinstance(node, turbohtml.Text) or parent is root:
            return False
    return True


def _is_allowed_value(element: str, attribute: str, value: str | None) -> bool:
    """Tell whether an attribute may stand with this value."""
    values = _VALUES.get((element, attribute))
    if values is None or value is None or values.fullmatch(value) is None:
        return False
    return attribute != "href" or is_safe_link(value)


def is_within_allow_list(fragment: str) -> bool:
    """Tell whether a fragment of an article, as it stands there byte for byte, is one embed that we would let through.

    One blockquote of X's class with a permalink; every tag closed by hand and in order, so that it is the same wherever block content
    may stand; nothing in it that we would not write: no other element, attribute, class or value, no comment, no unsafe or disguised
    link, no character that we strip, nothing that another program would run.
    """
    if len(fragment) > _LONGEST:
        return False
    return _is_remembered_within(fragment) if len(fragment) <= _SHORT else _is_within(fragment)


def _is_within(fragment: str) -> bool:
    """Walk over the tokens of a fragment."""
    if "\0" in fragment or runs_elsewhere(fragment):
        return False
    walk = _Walk()
    return all(map(walk.step, turbohtml.tokenize(fragment, capture_source=True))) and walk.is_whole


_is_remembered_within = lru_cache(maxsize=256)(_is_within)  # an article comes again with every save, its embeds with it


@dataclass(slots=True)
class _Walk:
    """A walk over the tags and words of a fragment: what is open, and what has been seen."""

    opened: list[str] = field(default_factory=list)
    href: str = ""  # of the last link
    linked: str = ""  # the words of the open link
    ended: bool = False

    @property
    def is_whole(self) -> bool:
        """Tell whether the one blockquote has ended, and its last link was a permalink."""
        return self.ended and read_permalink(self.href) is not None

    def step(self, token: turbohtml.Token) -> bool:
        """Take one token, and tell whether it may stand here."""
        if self.ended:
            return False
        kind = token.type
        if kind is TokenType.TEXT:
            return self._words(token.data or "")
        if kind is TokenType.START_TAG:
            return self._start(token.source or "")
        return kind is TokenType.END_TAG and self._end(token.tag or "")

    def _words(self, text: str) -> bool:
        """Tell whether words may stand here. Names and links may hold less than the tweet's words."""
        if not self.opened:
            return False
        inner = self.opened[-1]
        if inner == "a":
            self.linked += text
        return is_shown(text) if inner == "p" else is_plain(text)

    def _start(self, source: str) -> bool:
        """Tell whether a start tag stands in the right element, with the right attributes."""
        if len(source) > _LONGEST_TAG:
            return False
        tag = _read_start_tag(source)
        if tag is None or (self.opened[-1] if self.opened else "") not in tag.within:
            return False
        if tag.name == "a":
            self.href, self.linked = tag.href, ""
        if tag.name != "br":
            self.opened.append(tag.name)
        return True

    def _end(self, tag: str) -> bool:
        """Tell whether an end tag closes what was opened last."""
        if not self.opened or self.opened.pop() != tag:
            return False
        self.ended = not self.opened
        return tag != "a" or self._link(label(self.linked))

    def _link(self, text: str) -> bool:
        """Tell whether a link leads where it says, and says where it leads."""
        return leads_where_it_says(text, self.href) and shows_where_it_leads(text, self.href)


@dataclass(frozen=True, slots=True)
class _StartTag:
    """A start tag that may stand: its element, the elements it may stand in, and where it leads."""

    name: str
    within: frozenset[str]
    href: str


@lru_cache(maxsize=1024)  # most of an embed's tags are the same in every embed
def _read_start_tag(source: str) -> _StartTag | None:
    """Read a start tag as written; None if it may not stand.

    Attributes must be on the allow-list, quoted, each once (parsers differ on which of two counts), and without character references
    that parsers read differently.
    """
    if source in _BREAKS:
        return _StartTag("br", ELEMENTS["br"][0], "")
    tag = _START_TAG.fullmatch(source)
    if tag is None or _DOUBTFUL_REFERENCE.search(source):
        return None
    name = tag[1].lower()
    written = [(attribute, html.unescape(double or single)) for attribute, double, single in _ATTRIBUTE.findall(tag[2])]
    attributes = dict(written)
    if len(attributes) != len(written) or not all(_is_allowed_value(name, attribute, value) for attribute, value in written):
        return None
    required = _REQUIRED.get(name)
    if name not in ELEMENTS or (required is not None and required not in attributes):
        return None
    return _StartTag(name, ELEMENTS[name][0], attributes.get("href", ""))
