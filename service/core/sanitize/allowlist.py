"""The allow-list: every element, attribute and value that HTML of ours may hold, with the reason
for each. Data, no decisions.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from service.core.vocabulary import DIRECTIONS, LANGUAGE_TAG, TWEET_CLASS, VIDEO_CLASS

_TAG = LANGUAGE_TAG.pattern
_DIR = "|".join(sorted(DIRECTIONS))
_NAME, _ALIGN = f"(?:{TWEET_CLASS}|{VIDEO_CLASS})", "tw-align-(?:left|center|right)"
_CLASSES = rf" *(?:{_ALIGN} +)*{_NAME}(?: +(?:{_NAME}|{_ALIGN}))* *"

CONSENT, ASK, LOAD, STOP = "tweet-embed", "tweet-embed-ask", "tweet-embed-load", "tweet-embed-stop"
GONE, QUOTE, LINK = "tweet-embed-gone", "tweet-embed-quote", "tweet-embed-link"
"""The classes of our own: `/embed.css` and `/embed.js` know them, and detection."""


class Shape(StrEnum):
    """The kinds of HTML that leave, each one element."""

    EMBED = "embed"
    CONSENT = "consent"
    AMP = "amp"
    LINK = "link"
    TOMBSTONE = "tombstone"
    QUOTE = "quote"


SKELETONS = {
    ("blockquote",): Shape.EMBED,
    (f"div.{CONSENT}", "blockquote", f"p.{ASK}", f"button.{LOAD}", f"button.{STOP}"): Shape.CONSENT,
    ("amp-twitter", "blockquote"): Shape.AMP,
    (f"p.{LINK}", "a"): Shape.LINK,
    (f"p.{GONE}",): Shape.TOMBSTONE,
    (f"blockquote.{QUOTE}",): Shape.QUOTE,
}
"""The elements of each shape in order, with our own classes; what stands inside a blockquote is not
told here.
"""

WITH_PERMALINK = frozenset({Shape.EMBED, Shape.CONSENT, Shape.AMP, Shape.LINK})
"""The shapes that stand for a tweet: the last link in each is its permalink."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """One line of the allow-list: an attribute of an element, the values it may have, why it is
    there.

    `within` are the elements that the element must stand in directly to carry it (empty: the
    outermost); None is any that it may stand in.
    """

    element: str
    attribute: str
    values: re.Pattern[str]
    reason: str
    within: frozenset[str] | None = None


def _allowed(
    element: str,
    attribute: str,
    values: str,
    reason: str,
    within: str | None = None,
) -> Allowed:
    """Write a line; `values` is a regular expression for the whole value."""
    return Allowed(
        element,
        attribute,
        re.compile(values, re.ASCII),
        reason,
        None if within is None else frozenset({within}),
    )


ELEMENTS = {
    "blockquote": (
        frozenset({"", "div", "amp-twitter"}),
        (
            "the embed itself: X's script looks for this element, and without the script it is a"
            " quotation"
        ),
    ),
    "p": (
        frozenset({"blockquote", "div", ""}),
        "the tweet's words; the attribution where a CMS wrapped it; a notice, a tombstone, a link",
    ),
    "a": (frozenset({"blockquote", "p"}), "links in the words, and the permalink"),
    "br": (frozenset({"blockquote", "p"}), "a line break in the words"),
    "div": (frozenset({""}), "an embed and its button for the reader's consent"),
    "button": (frozenset({"div"}), "the reader's consent, and the way back"),
    "amp-twitter": (frozenset({""}), "AMP's own element for a tweet"),
}
"""Each element: the elements it may stand in directly (empty: the outermost), and why it is there.
"""

REQUIRED = {
    "blockquote": frozenset({"class"}),
    "a": frozenset({"href"}),
    "div": frozenset({"class"}),
    "button": frozenset({"class", "type"}),
    "amp-twitter": frozenset({"data-tweetid", "layout", "width", "height"}),
}
"""The attributes that an element must have."""

_STYLE = (
    ("data-theme", "light|dark", "the colours"),
    ("data-lang", _TAG, "the language of X's own words"),
    ("data-align", "left|center|right", "where it floats"),
    ("data-cards", "hidden|visible", "without media"),
    ("data-conversation", "none|all", "without the tweet it answers"),
    ("data-dnt", "true|false", "no tracking by X"),
)

ATTRIBUTES = (
    _allowed(
        "blockquote",
        "class",
        _CLASSES,
        "X's script knows an embed by it; tw-align- is 2012's data-align",
    ),
    _allowed(
        "blockquote",
        "class",
        QUOTE,
        "the article's own words where no tweet is proved",
        within="",
    ),
    _allowed(
        "blockquote",
        "placeholder",
        "",
        "what AMP shows until X's version is there",
        within="amp-twitter",
    ),
    *(_allowed("blockquote", *line) for line in _STYLE),
    _allowed("blockquote", "data-width", "[0-9]{1,4}", "its greatest width"),
    _allowed("blockquote", "data-media-max-width", "[0-9]{1,4}", "the greatest width of a video"),
    _allowed(
        "blockquote",
        "data-link-color",
        "#?[0-9A-Fa-f]{3,8}",
        "the colour of links in old embeds",
    ),
    _allowed("blockquote", "data-partner", "[a-z0-9_-]{1,32}", "who wrote the embed: tweetdeck"),
    _allowed("blockquote", "lang", _TAG, "2012's data-lang"),
    _allowed("blockquote", "dir", _DIR, "the direction of the words"),
    _allowed("p", "class", ASK, "the notice beside the button", within="div"),
    _allowed("p", "class", GONE, "what is left of a tweet that is gone", within=""),
    _allowed("p", "class", LINK, "a link that stands for a tweet", within=""),
    _allowed("p", "lang", _TAG, "the language of the words"),
    _allowed("p", "dir", _DIR, "the direction of the words"),
    _allowed(
        "a",
        "href",
        "https?://.+",
        "where a link leads; `is_safe_link` judges the address",
    ),
    _allowed("div", "class", CONSENT, "`/embed.js` knows the embed by it"),
    _allowed("div", "lang", _TAG, "the language of the notice and the buttons"),
    _allowed("div", "dir", _DIR, "their direction"),
    _allowed("button", "class", f"{LOAD}|{STOP}", "which button it is"),
    _allowed("button", "type", "button", "it sends no form that it stands in"),
    _allowed("button", "hidden", "", "the way back, until there is one"),
    *(_allowed("amp-twitter", *line) for line in _STYLE),
    _allowed("amp-twitter", "data-tweetid", "[0-9]{1,20}", "the tweet"),
    _allowed("amp-twitter", "layout", "responsive", "it takes the width there is"),
    _allowed(
        "amp-twitter",
        "width",
        "[0-9]{1,4}",
        "the shape of the place it holds until it is there",
    ),
    _allowed("amp-twitter", "height", "[0-9]{1,4}", "the same"),
)
"""Each attribute that may stand (docs/x-behaviour.md 6.1)."""
