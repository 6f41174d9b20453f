"""An embed finder for tweets (https://docs.wagtail.org/en/stable/advanced_topics/embeds.html)."""

import logging
import re
from datetime import timedelta
from html import escape
from typing import Any

from django.utils import timezone
from wagtail.embeds.embeds import get_embed_hash
from wagtail.embeds.exceptions import EmbedNotFoundException
from wagtail.embeds.finders.base import EmbedFinder
from wagtail.embeds.models import Embed

from wagtail_tweet_embed.service import GoneError, ServiceError, fetch_oembed, setting

logger = logging.getLogger(__name__)

_TWEET = re.compile(
    r"https?://(?:"
    r"(?:(?:www|mobile|m)\.)?(?:twitter|x)\.com/(?:i/web|\w{1,15})/status(?:es)?/\d+(?:[/?#].*)?"
    r"|t\.co/[A-Za-z0-9]+/?)$",
    re.IGNORECASE | re.ASCII,
)
_SOON_S = 60
"""How long what stands in for a tweet is kept, before the service is asked again."""
_LONGEST_S = 10 * 365 * 24 * 3600
"""X's own lifetimes reach further than dates do."""


class TweetFinder(EmbedFinder):
    """Asks the service's /oembed. In trouble readers get the embed as it was, else a link."""

    def accept(self, url: str) -> bool:
        """Return whether an address can be a tweet's."""
        return bool(setting("ADDRESS")) and _TWEET.match(url) is not None

    def find_embed(
        self, url: str, max_width: int | None = None, max_height: int | None = None
    ) -> dict[str, Any]:
        """Return a tweet as Wagtail keeps it; raise `EmbedNotFoundException` if it is gone."""
        try:
            answer = fetch_oembed(url, max_width, setting("TIMEOUT"))
        except GoneError as error:
            raise EmbedNotFoundException from error
        except ServiceError as error:
            logger.warning("no embed of %s: %s", url, error)
            return self._stand_in(url, max_width, max_height)
        age = answer.get("cache_age")
        seconds = int(age) if str(age).isdecimal() else _SOON_S
        return {
            "type": "rich",
            "title": answer.get("title") or "",
            "author_name": answer.get("author_name") or "",
            "provider_name": answer.get("provider_name") or "X",
            "width": answer.get("width"),
            "height": answer.get("height"),
            "html": answer["html"],
            "cache_until": timezone.now() + timedelta(seconds=min(seconds, _LONGEST_S)),
        }

    def _stand_in(self, url: str, max_width: int | None, max_height: int | None) -> dict[str, Any]:
        """Return what Wagtail has of a tweet, however old, else a link to it."""
        known = Embed.objects.filter(hash=get_embed_hash(url, max_width, max_height)).first()
        link = f'<blockquote><a href="{escape(url)}">{escape(url)}</a></blockquote>'
        return {
            "type": "rich",
            "title": known.title if known else "",
            "author_name": known.author_name if known else "",
            "provider_name": known.provider_name if known else "X",
            "width": known.width if known else None,
            "height": known.height if known else None,
            "html": known.html if known else link,
            "cache_until": timezone.now() + timedelta(seconds=_SOON_S),
        }


embed_finder_class = TweetFinder
