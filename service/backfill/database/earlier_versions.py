"""What WordPress keeps of a post from before: its revisions, and X's answers about its embeds.

A revision is a row of the posts' table (`post_type` `revision`, `post_parent` the post). X's
answers are rows of `postmeta` (`_oembed_` and a digest) or, for embeds of no post, posts of the
type `oembed_cache` (docs/x-behaviour.md 7.6).
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import sqlalchemy
from sqlalchemy import ColumnElement, Row, Select, TableClause, types

from service.backfill.sources.byte_prefilter import has_trace
from service.backfill.sources.protocol import EarlierVersion

PAGE: Final = 200
Query = Select[*tuple[Any, ...]]
Ask = Callable[[Query], Sequence[Row[*tuple[Any, ...]]]]


def earlier_versions(
    posts: str, meta: str, schema: str | None, ask: Ask
) -> Iterator[EarlierVersion]:
    """Return what the tables of posts and of their meta hold, in pages; `ask` runs a query."""
    post = _table(posts, schema, "ID", "post_parent", "post_type", "post_content")
    kept = _table(meta, schema, "meta_id", "post_id", "meta_key", "meta_value")
    answers = kept.c.meta_key.startswith("_oembed_", autoescape=True) & ~kept.c.meta_key.startswith(
        "_oembed_time_", autoescape=True
    )
    revisions = post.c.post_type == "revision"
    cached = post.c.post_type == "oembed_cache"
    yield from _pages(post.c.ID, post.c.post_parent, post.c.post_content, revisions, ask)
    yield from _pages(kept.c.meta_id, kept.c.post_id, kept.c.meta_value, answers, ask)
    yield from _pages(post.c.ID, sqlalchemy.null(), post.c.post_content, cached, ask)


def _table(name: str, schema: str | None, *columns: str) -> TableClause:
    return sqlalchemy.table(
        sqlalchemy.quoted_name(name, quote=True),
        *(
            sqlalchemy.column(sqlalchemy.quoted_name(each, quote=True), types.String)
            if each.startswith(("meta_key", "post_type"))
            else sqlalchemy.column(sqlalchemy.quoted_name(each, quote=True))
            for each in columns
        ),
        schema=schema and sqlalchemy.quoted_name(schema, quote=True),
    )


def _pages(
    key: ColumnElement[Any],
    article: ColumnElement[Any],
    text: ColumnElement[Any],
    which: ColumnElement[bool],
    ask: Ask,
) -> Iterator[EarlierVersion]:
    """Return the rows that may hold a tweet, in the order of their keys."""
    query: Query = sqlalchemy.select(key, article, text).where(which).order_by(key).limit(PAGE)
    rows = ask(query)
    while rows:
        for _, article_id, content in rows:
            if isinstance(content, str) and has_trace(content.encode("utf-8", "surrogatepass")):
                yield EarlierVersion(None if article_id is None else str(article_id), content)
        if len(rows) < PAGE:
            return
        rows = ask(query.where(key > rows[-1][0]))
