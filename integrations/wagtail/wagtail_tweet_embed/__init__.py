"""Wagtail's side of tweet-embed: an embed finder, and healing of pages when they are published."""
