"""The tweets whose author and id an article states, for the index. Pure."""

from collections.abc import Iterator

from service.candidates.source import Named
from service.core.mentions import Detection


def stated_in(detection: Detection) -> Iterator[Named]:
    """Return the author and the id of each embed whose markup tells both."""
    for mention in detection.embeds:
        if mention.tweet is None:
            continue
        handle = mention.tweet.handle or (
            mention.attribution.handle if mention.attribution else None
        )
        if handle:
            yield Named(handle.lower(), mention.tweet.id)
