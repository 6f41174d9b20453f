"""A passage of an article on its way, what the written passages ask for besides, and the article
put together of them.
"""

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from service.core.article import Article, EmbedResult, LinkResult, Result
from service.core.mentions import Range
from service.core.model import Form, Format, Reason, State
from service.core.rewrite.verbatim import VerbatimPassage
from service.core.rewrite.widget_script import SCRIPTS
from service.core.verify import DOUBTFUL
from service.pipeline.passage_memory import PassageKey
from service.pipeline.passage_resolver import Passage, PassageResult
from service.pipeline.resolution import ResolveContext, retry_after_s


@dataclass(slots=True)
class ArticlePart:
    """A passage of an article on its way: where it stands, and what is known of it so far.
    `verbatim` is the tweet that it looks like, letter for letter, where X must be asked for that
    one.
    """

    place: Range
    key: PassageKey
    passage: Passage | None = None
    verbatim: VerbatimPassage | None = None
    mentions: int = 0
    result: PassageResult | None = None


def may_be_known_now(part: ArticlePart, context: ResolveContext) -> bool:
    """Return whether a passage holds a tweet that no source knew, of an author of whom X has shown
    one meanwhile for something else in the article: it may be the same, and would be found the next
    time.
    """
    embeds = part.result.embeds if part.result else ()
    return any(
        (one.state is State.UNIDENTIFIED or lacks_words(one))
        and (one.author_handle or "").lower() in context.shown
        for one in embeds
    )


def unproved(parts: Sequence[ArticlePart], lacking: Collection[str]) -> list[int]:
    """Return where in the article the attributions end that lack words of their tweets. `lacking`
    are authors of whom candidates were refused for their words alone.
    """
    return [
        part.place[0] + one.end - 1
        for part in parts
        if part.key.format is not Format.TEXT
        for one in (part.result.embeds if part.result else ())
        if lacks_words(one) or (_is_not_found(one) and (one.author_handle or "").lower() in lacking)
    ]


def lacks_words(embed: EmbedResult) -> bool:
    """Return whether the words before an attribution are not all of its tweet's: the others may
    stand in elements before (docs/decisions/0036).
    """
    if (embed.form, embed.reason) != (Form.FLATTENED, Reason.WORDS):
        return False
    is_doubtful = embed.state is State.KEPT and embed.confidence == DOUBTFUL
    return is_doubtful or embed.state is State.UNIDENTIFIED


def _is_not_found(embed: EmbedResult) -> bool:
    return embed.form is Form.FLATTENED and embed.reason is Reason.NOT_FOUND


def joined(
    article: Article,
    written_in: Format,
    parts: Sequence[ArticlePart],
    context: ResolveContext | None,
    began: float,
) -> Result:
    """Put an article together again, its passages written."""
    content, at = article.content, 0
    pieces: list[str] = []
    embeds: list[EmbedResult] = []
    links: list[LinkResult] = []
    complete = True
    for part in parts:
        result = part.result
        assert result is not None  # noqa: S101 - all are written by now
        (start, end), written_in = part.place, result.format
        pieces += (content[at:start], result.content)
        at = end
        embeds += [one.moved(start) for one in result.embeds]
        links += [one.moved(start) for one in result.links]
        complete = complete and result.is_complete
    written = "".join((*pieces, content[at:]))
    return Result(
        content=written,
        format=written_in,
        changed=written != content,
        complete=complete,
        script=SCRIPTS[article.options.render]
        if any(embed.state is State.EMBEDDED for embed in embeds)
        else None,
        elapsed_ms=(time.perf_counter() - began) * 1000,
        embeds=tuple(embeds),
        links=tuple(links),
        retry_after_s=None if complete or context is None else retry_after_s(context),
    )
