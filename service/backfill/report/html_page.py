"""The page for a reader: facts in, one HTML document out, which needs nothing else: no script, no
picture, no other file.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from service.backfill.counts import counted, number
from service.backfill.report.excerpts import SampleArticle
from service.backfill.report.html_builder import (
    own,
    text,
)
from service.backfill.report.html_sections import (
    bad_links_section,
    doubtful_section,
    forms_section,
    links_section,
    lost_section,
    outcomes_section,
    sample_section,
    sources_section,
    troubles_section,
    years_section,
)
from service.backfill.report.labels import (
    and_then,
    share,
)
from service.backfill.report.statistics import OutcomeGroup, ReportStats
from service.backfill.safety.checkpoint import Status

CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action"
    " 'none'"
)


@dataclass(frozen=True, slots=True)
class ReportHeader:
    """What the page is about: the archive's name, when it was looked at (UTC), whether anything was
    or will be written, our version.
    """

    name: str
    at: dt.datetime
    writes: bool
    finished: bool
    version: str


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page: its anchor, its title, a sentence, its markup."""

    anchor: str
    title: str
    says: str
    markup: str


def write_page(
    facts: ReportStats,
    samples: Sequence[SampleArticle],
    occasion: ReportHeader,
    styles: str,
) -> Iterator[str]:
    """Write the page, piece by piece. `styles` is CSS of our own; all else is escaped, but for
    embeds that are proved safe.
    """
    sections = [each for each in _sections(facts, samples, occasion) if each.markup]
    title = f"The tweets in {occasion.name}"
    yield (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{CSP}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta'
        ' name="color-scheme" content="light dark">\n'
        '<meta name="referrer" content="no-referrer">\n<link rel="icon" href="data:,">\n'
        f"<title>{text(title)}</title>\n<style>\n{styles}</style>\n</head>\n<body>\n"
    )
    contents = "".join(
        f'<li><a href="#{each.anchor}">{text(each.title)}</a></li>' for each in sections
    )
    yield (
        '<header>\n<p class="kind">Report on an archive</p>\n<h1>The tweets in'
        f" {own(occasion.name)}</h1>\n<p"
        f' class="lead">{_lead(facts, occasion)}</p>\n{_notice(facts, occasion)}<p'
        f' class="when"><time datetime="{occasion.at:%Y-%m-%dT%H:%MZ}">{occasion.at.day}'
        f" {occasion.at:%B %Y, %H:%M} UTC</time></p>\n</header>\n<nav"
        f' aria-label="Contents"><ul>{contents}</ul></nav>\n<main>\n'
    )
    yield _figures(facts, occasion)
    for each in sections:
        yield (
            f'<section id="{each.anchor}" aria-labelledby="{each.anchor}-title">\n<h2'
            f' id="{each.anchor}-title">{text(each.title)}</h2>\n'
        )
        yield f"<p>{each.says}</p>\n{each.markup}</section>\n"
    yield (
        "</main>\n<footer><p>A tweet counts as restored only if X itself answered for it; one that"
        " was recovered from bare text, only if its author, its day and its words agree as well."
        " What could not be proved was left as it was.</p><p>Made by tweet-embed"
        f" {text(occasion.version)}. This page holds everything it needs; it loads"
        " nothing.</p></footer>\n</body>\n</html>\n"
    )


def _lead(facts: ReportStats, occasion: ReportHeader) -> str:
    looked = (
        f"{counted(facts.articles, 'article')} {'was' if facts.articles == 1 else 'were'}"
        " looked at."
    )
    if not facts.tweets:
        return f"{looked} There are no tweets in {'it' if facts.articles == 1 else 'them'}."
    holds = (
        f"{number(facts.holding)} of them {'holds' if facts.holding == 1 else 'hold'}"
        f" {counted(facts.tweets, 'tweet')}."
    )
    whole, lost, rest = (facts.fates[each] for each in OutcomeGroup)
    verb = (
        "would stand"
        if not occasion.writes
        else "will stand"
        if not occasion.finished
        else "stands"
        if whole == 1
        else "stand"
    )
    parts = [
        (
            f"<strong>{number(whole)} ({text(share(whole, facts.tweets))})</strong> {verb} in their"
            " articles as whole embeds"
        ),
    ]
    if lost:
        parts.append(
            f"{number(lost)} ({text(share(lost, facts.tweets))}) {'is' if lost == 1 else 'are'}"
            " gone from X or hidden there",
        )
    if rest:
        parts.append(f"{number(rest)} {'was' if rest == 1 else 'were'} left as found")
    return f"{looked} {holds} Of {'this' if facts.tweets == 1 else 'these'}, {and_then(parts)}."


def _notice(facts: ReportStats, occasion: ReportHeader) -> str:
    if waiting := facts.statuses[Status.OPEN]:
        says = (
            f"The run stopped before its end: {counted(waiting, 'article')} still to be looked at."
            " The same command goes on."
        )
    elif not occasion.writes:
        says = "Nothing was written. This page says what would change."
    elif not occasion.finished:
        says = "The run stopped before everything was written. The same command goes on."
    else:
        return ""
    return f'<p class="notice">{says}</p>\n'


def _figures(facts: ReportStats, occasion: ReportHeader) -> str:
    changed = "changed" if occasion.finished else "to change" if occasion.writes else "would change"
    figures = [
        (facts.articles, "looked at"),
        (facts.statuses[Status.CHANGED], changed),
        (facts.untouched, "untouched"),
        (facts.failed, "failed"),
    ]
    if facts.statuses[Status.OPEN]:
        figures.append((facts.statuses[Status.OPEN], "not decided"))
    shown = "".join(
        f"<div><dt>{name}</dt><dd>{number(count)}</dd></div>" for count, name in figures
    )
    return (
        '<section aria-labelledby="articles"><h2 id="articles" class="quiet">Articles</h2><dl'
        f' class="figures">{shown}</dl></section>\n'
    )


def _sections(
    facts: ReportStats,
    samples: Sequence[SampleArticle],
    occasion: ReportHeader,
) -> Iterator[Section]:
    yield Section(
        "outcomes",
        "What became of the tweets",
        "Every tweet in the archive, by what was found out about it.",
        outcomes_section(facts),
    )
    yield Section(
        "forms",
        "How they were written",
        "Over the years a CMS keeps tweets in many ways, and loses some.",
        forms_section(facts),
    )
    yield Section(
        "sources",
        "How they were found again",
        "Where the ids of restored tweets came from that had lost their markup.",
        sources_section(facts),
    )
    yield Section(
        "years",
        "By the year of the tweet",
        "When the tweets were written, and how many of each year are lost.",
        years_section(facts),
    )
    yield Section(
        "links",
        "Short links",
        "Links of the articles’ own, not those inside tweets.",
        links_section(facts),
    )
    tense = "A few changed articles" if occasion.finished else "A few articles that change"
    yield Section(
        "samples",
        "Before and after",
        f"{tense}, chosen to show different kinds.",
        "".join(map(sample_section, samples)),
    )
    yield Section(
        "lost",
        "Tweets that are lost",
        "X no longer shows these to the public. Their words may stand in the articles, or be worth"
        " asking their authors for.",
        lost_section(facts),
    )
    yield Section(
        "doubtful",
        "To be looked at",
        "Here a person sees what a program must not guess.",
        doubtful_section(facts),
    )
    yield Section(
        "bad-links",
        "Links that lead nowhere",
        "Shown as they stand in the articles, not to be clicked.",
        bad_links_section(facts),
    )
    says = (
        "They are as they were. What was X’s trouble, another run may mend; the rest needs a hand."
    )
    yield Section("failed", "Articles that failed", says, troubles_section(facts))
