"""The address of a block that WordPress embeds by itself, made canonical."""

from itertools import pairwise

from service.core.mentions import Mention
from service.core.model import Tweet
from service.core.rewrite.edits import Edit
from service.core.urls.tweet_links import host_of

_X_HOSTS = frozenset({"x.com", "www.x.com", "mobile.x.com", "m.x.com"})


def canonical_block(text: str, mention: Mention, tweet: Tweet) -> Edit | None:
    """Return the edit that makes the address of a block canonical, wherever it stands in it;
    None if it is.

    x.com stays; every other host becomes twitter.com, which every version of WordPress embeds.
    """
    stays_x = host_of(mention.urls[0] if mention.urls else "") in _X_HOSTS
    host = "x.com" if stays_x else "twitter.com"
    address = f"https://{host}/{tweet.permalink.path}"
    places = [span for span in mention.addresses if text[span.start : span.end] != address]
    if not places:
        return None
    between = [text[before.end : after.start] for before, after in pairwise(places)]
    written = address + "".join(part + address for part in between)
    return Edit(places[0].start, places[-1].end, written, block=False)
