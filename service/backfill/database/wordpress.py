"""Where WordPress keeps its articles (its database description), and what it remembers of their
embeds.

A post's oEmbed answers, and its failures for ever, are rows of `postmeta` named `_oembed_…`
(docs/x-behaviour.md 7.6).
"""

from dataclasses import replace

import sqlalchemy
from sqlalchemy import Connection, Inspector

from service.backfill.archive_errors import UsageError
from service.backfill.job import Selection

PRESET = "wordpress"
DATE = "post_modified_gmt"
_KEY, _CONTENT = "ID", "post_content"
_POSTS, _META = "posts", "postmeta"
_OWN = {_KEY, _CONTENT, DATE, "post_status", "post_type"}
_WHERE = "post_status = 'publish' AND post_type IN ('post', 'page')"


def selection(schema: Inspector, given: Selection) -> Selection:
    """Return the table of the posts, whatever its prefix, and which rows of it: published posts and
    pages. Raises `UsageError`.
    """
    if given.preset != PRESET:
        message = f"--preset: {given.preset!r} is not known; there is: {PRESET}"
        raise UsageError(message)
    if given.key is not None:
        message = f"--key: the preset knows it ({_KEY})"
        raise UsageError(message)
    tables = set(schema.get_table_names())
    posts = [
        each
        for each in sorted(tables)
        if each.endswith(_POSTS)
        and meta(each) in tables
        and {column["name"] for column in schema.get_columns(each)} >= _OWN
    ]
    if given.table is not None:
        posts = [each for each in posts if each == given.table]
    if len(posts) != 1:
        message = (
            "--preset:"
            f" {'more than one WordPress' if posts else 'no table of posts of a WordPress'} in it"
        )
        raise UsageError(message + (f"; choose with --table: {', '.join(posts)}" if posts else ""))
    where = f"{_WHERE} AND ({given.where})" if given.where else _WHERE
    return replace(given, table=posts[0], column=given.column or _CONTENT, key=_KEY, where=where)


def meta(posts: str) -> str:
    """Name the table of what belongs to posts."""
    return posts.removesuffix(_POSTS) + _META


def forget_embeds(connection: Connection, table: str, post: object) -> None:
    """Delete what WordPress remembers of a post's embeds; it asks anew when the post is next
    read.
    """
    rows = sqlalchemy.table(
        sqlalchemy.quoted_name(table, quote=True),
        sqlalchemy.column("post_id", sqlalchemy.BigInteger),
        sqlalchemy.column("meta_key", sqlalchemy.String),
    )
    stale = rows.c.meta_key.startswith("_oembed_", autoescape=True)
    connection.execute(rows.delete().where(rows.c.post_id == post, stale))
