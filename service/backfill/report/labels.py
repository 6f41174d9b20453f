"""The words of the page that a backfill leaves for its readers, beside each word of the checkpoint.
Data, and how numbers are written.
"""

from collections.abc import Sequence

FORMS = {
    "blockquote": "Embed code",
    "flattened": "Flattened into text",
    "url": "Address on its own line",
    "block": "Editor block",
    "iframe": "Frame",
    "widget": "Rendered widget",
    "amp": "AMP element",
    "oembed": "oEmbed element",
    "shortcode": "Shortcode",
    "card": "Newsletter card",
    "link": "Short link",
    "gone": "Gone from X",
    "protected": "Hidden on X",
    "unidentified": "Not identified",
}
"""How a tweet was written, or what a sample shows."""

OUTCOMES = (
    ("Restored", "written as an embed", "whole", (("embedded", None),)),
    ("Already whole", "checked, and left as it was", "whole", (("embedded", "intact"),)),
    ("Shown by the CMS", "in a block that it renders itself", "whole", (("kept", "block"),)),
    ("Gone from X", "deleted, or taken down", "lost", (("gone", None), ("gone", "takedown"))),
    ("Hidden on X", "protected, suspended or restricted", "lost", (("protected", None),)),
    ("Not identified", "a tweet's words, but not proved whose", "rest", (("unidentified", "*"),)),
    ("Left as it was", "no safe place for an embed, or not sure enough", "rest", (("kept", "*"),)),
    ("Waiting", "known, but its article could not be written", "rest", (("waits", "*"),)),
    ("Not asked yet", "the next run goes on with it", "rest", (("deferred", "*"),)),
    ("Could not be asked", "X was in trouble, or its answer was none", "rest", (("failed", "*"),)),
)
"""What became of tweets: a title, what it means, its fate, and the states with reasons it gathers
(`*` is all that are left).
"""

SOURCES = {
    "code": ("A code in its words", "followed to the tweet"),
    "index": ("The rest of the archive", "it stands whole there, or was asked about before"),
    "revision": ("An earlier version", "a revision, or what the CMS kept of its embeds"),
    "import": ("An export", "taken in with index import"),
    "x_api": ("X's search", "paid for by the post"),
    "snapshot": ("The Internet Archive", "its copy of the article"),
    "wayback": ("The Internet Archive", "its index of tweets"),
}
"""Where ids came from that the markup does not state: a title, and what it means."""

LINKS = (
    ("resolved", "Lead on", "the article can show the real address", "whole"),
    ("dead", "Dead", "X no longer knows the short link", "lost"),
    ("unsafe", "Unsafe", "X warns of where it leads", "lost"),
    ("refused", "Refused", "it leads to no public address", "lost"),
    ("deferred", "Not asked yet", "the next run goes on with it", "rest"),
    ("failed", "Could not be asked", "X was in trouble", "rest"),
)
"""States of links: a title, what it means, and the fate whose colour it has."""

WHY_DOUBTFUL = {
    ("kept", "words"): "Not sure enough that it is this tweet",
    ("kept", "mixed"): "Its words are tangled up with other markup",
    ("kept", "place"): "An embed cannot stand there (a heading, a sentence)",
    ("unidentified", "no_code"): "No link in it to ask X about",
    ("unidentified", "not_found"): "No link in it leads to it, and no source knows it",
    ("unidentified", "ambiguous"): "Several tweets of that day say the same",
    ("unidentified", "other_tweet"): "Its link leads to somebody else’s tweet",
    ("unidentified", "date"): "Its link leads to a tweet of another day",
    ("unidentified", "words"): "Its link leads to a tweet that says something else",
}

ERRORS = {
    "timeout": "X did not answer in time",
    "unreachable": "X could not be reached",
    "blocked": "X refused to answer",
    "rate_limited": "X asked to be left alone for a while",
    "upstream_error": "X answered with an error",
    "nonsense": "X’s answer made no sense",
    "unsafe": "X’s answer could not be made safe",
    "not_a_tweet": "The address is no tweet",
    "limit": "More tweets and links than are asked about in one article",
    "cache_only": "Not asked: the run was offline",
    "deadline": "Not asked in time",
    "searching": "Sources were still being asked",
}

STATUSES = {"failed": "Failed", "skipped": "Left alone", "unreadable": "Not readable"}


def share(count: int, total: int) -> str:
    """Write a part of a whole; 0% and 100% are said only where it is none and all."""
    if not total or not count:
        return "0%"
    percent = 100 * count / total
    if percent < 1:
        return "<1%"
    # percent
    return ">99%" if count < total and percent > 99 else f"{percent:.0f}%"  # noqa: PLR2004


def and_then(parts: Sequence[str]) -> str:
    """Join parts of a sentence: `a, b and c`."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
