"""tweet-embed: an article in, the same article with its tweets whole, out."""

__version__ = "0.1.0"
