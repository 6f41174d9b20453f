"""Whether a written passage may be answered: what was text in it is still text, and it comes out
the same the second time (docs/interface.md, promise 3). Where it would not, it stays as it was.
"""

from service.core.article import Article, EmbedResult
from service.core.model import Reason, State
from service.core.rewrite.active_content import came_to_life
from service.core.rewrite.placement import parts_words
from service.core.urls.tweet_urls import read_permalink
from service.core.vocabulary import TWEET_CLASS
from service.pipeline.article_part import lacks_words
from service.pipeline.article_reading import look_for_passages
from service.pipeline.concurrency import in_thread_if_long
from service.pipeline.mention_resolver import MentionResolver
from service.pipeline.passage_resolver import (
    Passage,
    PassageResult,
    PassageWork,
    read_passage,
    resolve_passage,
    write_passage,
)
from service.pipeline.resolution import ResolveContext


def is_surely_stable(passage: Passage, work: PassageWork, written: PassageResult) -> bool:
    """Return whether a written passage may be answered without a second look."""
    return written.content == passage.content or _is_settled(passage, work, written)


async def checked(
    passage: Passage,
    written: PassageResult,
    article: Article,
    resolver: MentionResolver,
    context: ResolveContext,
) -> PassageResult:
    """Return a written passage; as it was before if it would come out otherwise the second time, or
    if something in it came to life.
    """
    if _awakens(passage, written):
        return _untouched(passage, written)
    content, form = written.content, written.format
    _, found = await in_thread_if_long(content, look_for_passages, content, form, article.options)
    places, whole = list(found), (0, len(content))
    for start, end in places:
        source = content[start:end]
        again = await in_thread_if_long(source, read_passage, source, form, wider=True)
        work = await resolve_passage(again, resolver, context)
        second = await in_thread_if_long(again.text, write_passage, again, work, article)
        if second.content != source:
            return _untouched(passage, written)
        if any(map(lacks_words, second.embeds)) and whole not in places:
            places.append(whole)  # where the words may stand that are lacking
    return written


def _is_settled(passage: Passage, work: PassageWork, written: PassageResult) -> bool:
    """Return whether a written passage is the same the second time, whatever stands in it: what
    was replaced is nested as it is written, none was split, nothing was taken out, no embed failed
    to find a place beside others or parted words that touched, none stands in an element that is
    marked as a tweet, no short link became the address of a tweet, and no words that are not all of
    a tweet's could be now that something else beside them is gone.
    """
    edits = [one.decision.edit for one in work.mentions if one.decision and one.decision.edit]
    marks = sum(one.html.count(TWEET_CLASS) for one in written.embeds if one.html)
    return (
        _is_nested(passage, written)
        and written.content.count(TWEET_CLASS) <= marks
        and all(each.text and not each.split for each in edits)
        and not any(parts_words(passage.text, each.start, each.end) for each in edits if each.block)
        and not any(one.decision and one.decision.further for one in work.mentions)
        and not any(one.reason is Reason.MIXED for one in written.embeds)
        and not any(map(lacks_words, written.embeds))
        and not any(
            one.url != one.target and read_permalink(one.target or "") for one in written.links
        )
    )


def _awakens(passage: Passage, written: PassageResult) -> bool:
    """Return whether something that was text in a passage is not in the written one."""
    if _is_nested(passage, written):
        return False
    embeds = [one.html for one in written.embeds if one.html]
    return came_to_life(passage.content, written.content, written.format, embeds)


def _is_nested(passage: Passage, written: PassageResult) -> bool:
    """Return whether all that was replaced in a passage stands where elements are nested as they
    are written: what is behind means the same, whatever it is.
    """
    broken_at = passage.found.broken_at
    if not broken_at:
        return broken_at is None
    rest = passage.content[passage.newlines.back(broken_at) :]
    return written.content.endswith(rest)


def _untouched(passage: Passage, written: PassageResult) -> PassageResult:
    """Return what became of a passage that was written, where it stays as it was after all."""
    embeds = [
        one if one.html is None or one.html in passage.content else _unwritten(one)
        for one in written.embeds
    ]
    return PassageResult(passage.content, passage.found.format, tuple(embeds), written.links)


def _unwritten(embed: EmbedResult) -> EmbedResult:
    if embed.state is not State.EMBEDDED:
        return embed._replace(html=None)
    return embed._replace(state=State.KEPT, reason=Reason.MIXED, html=None)
