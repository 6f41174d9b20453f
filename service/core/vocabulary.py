"""X's closed sets of words, and the patterns that several rooms share: themes, languages, classes,
hosts of short links, tweet ids and handles.

Sources: X's oEmbed parameters and embed markup, as docs/x-behaviour.md 2.2, 3.1, 4.1 and 5 tell.
"""

import re

THEMES = frozenset({"light", "dark"})
ALIGNS = frozenset({"left", "center", "right"})
WIDTHS = range(220, 551)
"""Widths of an embed in CSS pixels."""

LANGUAGES = frozenset(
    (
        "en ar bn cs da de el es fa fi fil fr he hi hu id it ja ko msa nl no pl pt ro ru sv th tr"
        " uk ur vi zh-cn zh-tw"
    ).split(),
)
"""The languages in which X writes dates and its own words."""

TWEET_CLASS, VIDEO_CLASS = "twitter-tweet", "twitter-video"
MARKER_CLASSES = frozenset({TWEET_CLASS, VIDEO_CLASS})
"""The classes that mark an element as a tweet's embed."""

SHORT_LINK_HOSTS = frozenset({"t.co", "pic.twitter.com", "pic.x.com"})
"""Hosts of X's own link shortener; a code means the same on all of them."""

TWEET_ID = re.compile(r"[1-9][0-9]{0,19}", re.ASCII)
"""A tweet's id, as digits: it is never a number, for JavaScript could not hold it."""

HANDLE = re.compile(r"[A-Za-z0-9_]{1,20}", re.ASCII)
"""A handle without its `@`: 15 characters, up to 20 in some old accounts."""

LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,4}")
"""A language tag (BCP 47), and X's own codes (`msa`, `zh-cn`)."""

DIRECTIONS = frozenset({"ltr", "rtl", "auto"})
"""The values of `dir` (HTML, 3.2.6.4)."""
