"""A passage of an article (`core/detect/passages.py`), or all of it: what it mentions resolved, and
the passage written anew.
"""

import logging
import math
import traceback
from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from service.core.article import Article, EmbedResult, LinkResult, Options
from service.core.detect import Detection, LinkMention, Mention, detect_normalized
from service.core.html.newlines import Newlines
from service.core.model import Format, LinkState, Reason, ShortLink, Span, State
from service.core.rewrite.apply import Expansion, Rewriting, Rewritten, rewrite
from service.core.rewrite.decide import Decision
from service.core.rewrite.edits import Edit
from service.core.rewrite.widget_script import script_behind, script_edits
from service.pipeline.known_answers import NotInMemoryError
from service.pipeline.mention_resolver import MentionResolver
from service.pipeline.resolution import ResolveContext, ResolvedMention

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage as sent, with all that was found in it."""

    content: str
    newlines: Newlines
    found: Detection

    @property
    def text(self) -> str:
        """The passage as detection read it."""
        return self.newlines.text

    @property
    def mentions(self) -> int:
        """How many mentions and links have to be resolved, at most."""
        found = self.found
        return len(found.embeds) + len(found.links) + sum(len(one.links) for one in found.embeds)


@dataclass(frozen=True, slots=True)
class PassageWork:
    """A passage under way: its mentions resolved, and its links, each with the number of the
    mention it was found in, if any.
    """

    mentions: list[ResolvedMention]
    links: list[tuple[LinkMention, int | None, LinkResult]]


@dataclass(frozen=True, slots=True)
class PassageResult:
    """A written passage, and what became of its embeds and links, with their places in the passage
    as sent. It is complete if asking again would tell nothing more of these.
    """

    content: str
    format: Format
    embeds: tuple[EmbedResult, ...]
    links: tuple[LinkResult, ...]
    is_complete: bool = field(init=False)

    def __post_init__(self) -> None:
        """Look once whether it is complete: a remembered one is asked each time."""
        complete = all(one.is_complete for one in self.embeds)
        complete = complete and not any(one.is_open for one in self.links)
        object.__setattr__(self, "is_complete", complete)


def read_passage(content: str, written_in: Format, *, wider: bool = False) -> Passage:
    """Find what a passage mentions; with the wider words of its mentions, if asked for."""
    newlines = Newlines(content)
    found = detect_normalized(newlines.text, written_in, wider=wider)
    return Passage(content, newlines, found)


async def resolve_passage(
    passage: Passage,
    resolver: MentionResolver,
    context: ResolveContext,
) -> PassageWork:
    """Resolve the mentions and links of a passage, as many as the caller's limit allows."""
    text, found, max_mentions = passage.text, passage.found, context.max_mentions
    allowed = found.embeds[:max_mentions]
    mentions = await resolver.gather(
        [_mention(resolver, text, one, context) for one in allowed],
    )
    mentions += [_left_alone(one, State.KEPT, Reason.LIMIT) for one in found.embeds[max_mentions:]]
    links = sorted(
        (
            *((link, None) for link in found.links),
            *((link, number) for number, one in enumerate(mentions) for link in one.links),
        ),
        key=lambda each: each[0].span,
    )
    room = max(0, max_mentions - len(allowed))
    followed = await resolver.gather(
        [resolver.link(link.url, link.target, context) for link, _ in links[:room]],
    )
    followed += [
        LinkResult(link.url, LinkState.FAILED, reason=Reason.LIMIT) for link, _ in links[room:]
    ]
    return PassageWork(
        mentions,
        [(*link, result) for link, result in zip(links, followed, strict=True)],
    )


async def _mention(
    resolver: MentionResolver,
    text: str,
    mention: Mention,
    context: ResolveContext,
) -> ResolvedMention:
    """Resolve a mention. A fault of our own costs this one mention, and is told in the log."""
    try:
        return await resolver.mention(text, mention, context)
    except NotInMemoryError:
        raise
    # docs/interface.md, promise 1: the article comes back; the fault is told in the log, without
    # the article's words
    except Exception as error:  # noqa: BLE001
        _log.error("a mention was left as it is, for a fault of ours: %s", describe_fault(error))
        return _left_alone(mention, State.FAILED, Reason.INTERNAL)


def describe_fault(error: Exception) -> str:
    """Return the kind of a fault and where it arose; not what it says, for that may be the
    article's.
    """
    last = traceback.extract_tb(error.__traceback__)[-1]
    return (
        f"{type(error).__name__} in {last.name}, line {last.lineno} of {Path(last.filename).name}"
    )


def _left_alone(mention: Mention, state: State, reason: Reason) -> ResolvedMention:
    start, end = mention.span.start, mention.span.end
    embed = EmbedResult(start, end, mention.form, state, reason, text=mention.text)
    return ResolvedMention(embed, mention.span)


def write_passage(passage: Passage, work: PassageWork, article: Article) -> PassageResult:
    """Write a passage of an article, and tell what became of every embed and link in it."""
    written = _written(passage, work, article)
    embeds = _outermost(_embeds_of(passage, work, written))
    links = _outside(_links_of(passage, work, written), embeds)
    content = written.content
    if (
        passage.found.format is Format.TEXT
        and written.format is Format.HTML
        and any(embed.state is State.EMBEDDED for embed in embeds)
    ):
        content = script_behind(content, article.options)
    return PassageResult(content, written.format, tuple(embeds), tuple(links))


def _written(passage: Passage, work: PassageWork, article: Article) -> Rewritten:
    """Write the embeds, links and scripts of a passage."""
    options = article.options
    decisions = [one.decision for one in work.mentions]
    scripts = _script_edits(passage, decisions, options, ())
    job = Rewriting(
        passage.content,
        passage.newlines,
        passage.found,
        decisions,
        _expansions(work, options),
        scripts,
        article.output,
    )
    written = rewrite(job)
    if written.left_out:
        then = _script_edits(passage, decisions, options, written.left_out)
        if then != scripts:  # some were to go with an embed that found no place
            return rewrite(replace(job, scripts=then))
    return written


def _expansions(work: PassageWork, options: Options) -> list[Expansion]:
    """Return the short links whose targets are to be written in their place."""
    return [
        Expansion(link, result.target, beside)
        for link, beside, result in work.links
        if result.target
        and result.state is LinkState.RESOLVED
        and isinstance(link.target, ShortLink)
        if options.links == "expand" or (options.links == "href" and link.in_href)
    ]


def _script_edits(
    passage: Passage,
    decisions: Sequence[Decision | None],
    options: Options,
    left_out: Collection[int],
) -> list[Edit]:
    """Return the edits of X's scripts where the mentions `left_out` stay as they are."""
    spans = []
    is_asked_for = False
    for index, one in enumerate(decisions):
        if one is None or index in left_out:
            continue
        is_asked_for = is_asked_for or one.state is State.EMBEDDED
        if one.edit and one.edit.block:
            spans.append(Span(one.edit.start, one.edit.end))
    form = passage.found.format
    return script_edits(passage.text, form, sorted(spans), options, asked=is_asked_for)


def _embeds_of(passage: Passage, work: PassageWork, written: Rewritten) -> list[EmbedResult]:
    """Return what became of the embeds, with their places in the passage as sent."""
    back = passage.newlines.back
    embeds = []
    for index, one in enumerate(work.mentions):
        embed = one.embed
        if embed is None:
            continue
        if index in written.left_out:
            embed = embed._replace(
                start=one.span.start,
                end=one.span.end,
                state=State.KEPT,
                reason=written.left_out[index],
                html=None,
            )
        start, end = back(embed.start), back(embed.end)
        embeds.append(embed if (start, end) == (embed.start, embed.end) else embed.at(start, end))
    return embeds


def _links_of(passage: Passage, work: PassageWork, written: Rewritten) -> list[LinkResult]:
    """Return what became of the links that did not stay in a mention, with their places."""
    back = passage.newlines.back
    return [
        result.at(back(link.span.start), back(link.span.end))
        for link, beside, result in work.links
        if beside not in written.left_out
    ]


def _outermost(embeds: list[EmbedResult]) -> list[EmbedResult]:
    """Leave out what stands inside a tweet that was written: its words turned out to reach further
    than its mention.
    """
    kept: list[EmbedResult] = []
    for embed in sorted(embeds, key=lambda one: (one.start, -one.end)):
        if not kept or embed.start >= kept[-1].end:
            kept.append(embed)
        elif embed.state is State.EMBEDDED and kept[-1].state is not State.EMBEDDED:
            kept[-1] = embed
    return kept


def _outside(links: list[LinkResult], embeds: list[EmbedResult]) -> list[LinkResult]:
    """Leave out the links that went with an embed whose words turned out to reach further than its
    mention.
    """
    covered = [(embed.start, embed.end) for embed in embeds]
    kept = []
    for link in links:
        number = bisect_right(covered, (link.start or 0, math.inf)) - 1
        if number < 0 or (link.start or 0) >= covered[number][1]:
            kept.append(link)
    return kept
