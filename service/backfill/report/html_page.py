"""The page for a reader: facts in, one HTML document out, which needs nothing else: no script, no
picture, no other file.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from service.backfill.counts import counted, number
from service.backfill.report.excerpts import Excerpt, SampleArticle
from service.backfill.report.html_builder import (
    ChartBar,
    article,
    chart,
    own,
    row,
    table,
    text,
    tweet,
)
from service.backfill.report.labels import (
    ERRORS,
    FORMS,
    LINKS,
    OUTCOMES,
    SOURCES,
    STATUSES,
    WHY_DOUBTFUL,
    and_then,
    share,
)
from service.backfill.report.statistics import Listing, OutcomeGroup, ReportStats
from service.backfill.safety.checkpoint import Status

CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action"
    " 'none'"
)
_MOST_YEARS = 30
_KEY = (
    '<ul class="key"><li><i class="whole"></i>stands in its article</li><li><i'
    ' class="lost"></i>gone or hidden on X</li><li><i class="rest"></i>left as it was</li></ul>\n'
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
        _outcomes(facts),
    )
    yield Section(
        "forms",
        "How they were written",
        "Over the years a CMS keeps tweets in many ways, and loses some.",
        _forms(facts),
    )
    yield Section(
        "sources",
        "How they were found again",
        "Where the ids of restored tweets came from that had lost their markup.",
        _sources(facts),
    )
    yield Section(
        "years",
        "By the year of the tweet",
        "When the tweets were written, and how many of each year are lost.",
        _years(facts),
    )
    yield Section(
        "links",
        "Short links",
        "Links of the articles’ own, not those inside tweets.",
        _links(facts),
    )
    tense = "A few changed articles" if occasion.finished else "A few articles that change"
    yield Section(
        "samples",
        "Before and after",
        f"{tense}, chosen to show different kinds.",
        "".join(map(_sample, samples)),
    )
    yield Section(
        "lost",
        "Tweets that are lost",
        "X no longer shows these to the public. Their words may stand in the articles, or be worth"
        " asking their authors for.",
        _lost(facts),
    )
    yield Section(
        "doubtful",
        "To be looked at",
        "Here a person sees what a program must not guess.",
        _doubtful(facts),
    )
    yield Section(
        "bad-links",
        "Links that lead nowhere",
        "Shown as they stand in the articles, not to be clicked.",
        _bad_links(facts),
    )
    says = (
        "They are as they were. What was X’s trouble, another run may mend; the rest needs a hand."
    )
    yield Section("failed", "Articles that failed", says, _troubles(facts))


def _outcomes(facts: ReportStats) -> str:
    left = Counter(facts.outcomes)
    bars = []
    for name, note, fate, gathers in OUTCOMES:
        keys = [key for key in left if key in gathers or (key[0], "*") in gathers]
        count = sum(left.pop(key) for key in keys)
        if count:
            bars.append(ChartBar(name, note, {OutcomeGroup(fate): count}))
    return (
        chart(
            "Tweets by what became of them",
            ("What became of it", "Tweets", "Share"),
            bars,
            by_fate=False,
        )
        + _KEY
        if bars
        else ""
    )


def _forms(facts: ReportStats) -> str:
    names = sorted(
        {form for form, _ in facts.forms},
        key=lambda form: (-sum(facts.forms[form, fate] for fate in OutcomeGroup), form),
    )
    bars = [
        ChartBar(
            FORMS.get(form, form),
            "",
            {fate: facts.forms[form, fate] for fate in OutcomeGroup},
        )
        for form in names
    ]
    return (
        chart(
            "Tweets by how they were written",
            ("Written as", "Tweets", "Whole", "Lost"),
            bars,
            by_fate=True,
        )
        if bars
        else ""
    )


def _sources(facts: ReportStats) -> str:
    bars = [
        ChartBar(name, note, {OutcomeGroup.WHOLE: facts.found_by[source]})
        for source, (name, note) in SOURCES.items()
        if facts.found_by[source]
    ]
    heads = ("Found by", "Tweets", "Share")
    return chart("Tweets by what led to them", heads, bars, by_fate=False) if bars else ""


def _years(facts: ReportStats) -> str:
    years = sorted({year for year, _ in facts.years if year})
    if not years:
        return ""
    if int(years[-1]) - int(years[0]) < _MOST_YEARS:
        years = [f"{year:04}" for year in range(int(years[0]), int(years[-1]) + 1)]
    shown = [(year, year, "") for year in years]
    if any(not year for year, _ in facts.years):
        shown.append(("", "Not known", "no id, or one from before November 2010"))
    bars = [
        ChartBar(name, note, {fate: facts.years[year, fate] for fate in OutcomeGroup})
        for year, name, note in shown
    ]
    return chart(
        "Tweets by the year they were written in",
        ("Year", "Tweets", "Whole", "Lost"),
        bars,
        by_fate=True,
    )


def _links(facts: ReportStats) -> str:
    bars = [
        ChartBar(name, note, {OutcomeGroup(fate): facts.links[state]})
        for state, name, note, fate in LINKS
        if facts.links[state]
    ]
    return (
        chart(
            "Links by what became of them",
            ("What became of it", "Links", "Share"),
            bars,
            by_fate=False,
        )
        if bars
        else ""
    )


def _sample(sample: SampleArticle) -> str:
    kind = text(FORMS.get(sample.kind, sample.kind))
    parts = [("Before", _source(sample.before, "del")), ("After", _source(sample.after, "ins"))]
    if sample.html:
        # Disabled: the button that asks a reader's consent does nothing on a page without scripts.
        parts.insert(
            1,
            (
                "After, as readers see it",
                f'<fieldset disabled aria-label="The embed">{sample.html}</fieldset>',
            ),
        )
        parts[2] = ("After, in the source", parts[2][1])
    shown = "".join(f"<div><h4>{title}</h4>{markup}</div>" for title, markup in parts)
    return (
        f'<article class="sample"><h3>{kind} <small>{article(sample.where)}</small></h3>\n<div'
        f' class="pair">{shown}</div></article>\n'
    )


def _source(excerpt: Excerpt, tag: str) -> str:
    marked = f"<{tag}>{text(excerpt.marked)}</{tag}>" if excerpt.marked else ""
    return f'<pre dir="auto">{text(excerpt.lead)}{marked}{text(excerpt.tail)}</pre>'


def _lost(facts: ReportStats) -> str:
    heads = ("Tweet", "What it said", "In")
    rows = []
    for each in facts.lost.rows:
        one = each.tweet
        state = (
            "hidden"
            if one.state == "protected"
            else "taken down"
            if one.reason == "takedown"
            else "gone"
        )
        about = f"<small>{state}{f', of {_day(one.day)}' if one.day else ''}</small>"
        places = "".join(f"<li>{article(where)}</li>" for where in each.articles)
        places += (
            f"<li><small>and {counted(each.more, 'more article', 'more articles')}</small></li>"
            if each.more
            else ""
        )
        rows.append(
            row(
                heads,
                (f"{tweet(one.id, one.handle)} {about}", _words(one.text), f"<ul>{places}</ul>"),
            ),
        )
    return _list("Tweets that are gone from X or hidden there", heads, rows, facts.lost)


def _doubtful(facts: ReportStats) -> str:
    heads = ("Article", "What it says", "Why it was left")
    rows = []
    for where, one in facts.doubtful.rows:
        form = text(FORMS.get(one.form, one.form).lower())
        why = text(
            WHY_DOUBTFUL.get((one.state, one.reason or ""), f"{one.state} {one.reason or ''}"),
        )
        rows.append(
            row(
                heads,
                (
                    article(where),
                    f"{_words(one.text)} <small>{tweet(one.id, one.handle)}, {form}</small>",
                    why,
                ),
            ),
        )
    return _list("Tweets that could not be proved, or found no place", heads, rows, facts.doubtful)


def _bad_links(facts: ReportStats) -> str:
    heads = ("Link", "What is wrong", "In")
    says = {state: f"{name}: {note}" for state, name, note, _ in LINKS}
    rows = [
        row(
            heads,
            (
                f'<bdi class="address">{text(url)}</bdi>',
                text(says.get(state, state)),
                article(where),
            ),
        )
        for where, url, state in facts.bad_links.rows
    ]
    return _list("Links that are dead, unsafe or refused", heads, rows, facts.bad_links)


def _troubles(facts: ReportStats) -> str:
    heads = ("Article", "What", "Why")
    rows = [
        row(
            heads,
            (
                article(where),
                STATUSES.get(status, status),
                "<br>".join(_why(each) for each in errors) or "no reason known",
            ),
        )
        for where, status, errors in facts.troubles.rows
    ]
    return _list(
        "Articles that failed, were left alone, or cannot be read",
        heads,
        rows,
        facts.troubles,
    )


def _why(error: str) -> str:
    return text(ERRORS[error]) if error in ERRORS else own(error)


def _words(words: str | None) -> str:
    return own(words, "q") if words else '<small class="none">not in the article</small>'


def _list(caption: str, heads: Sequence[str], rows: Sequence[str], listing: Listing[Any]) -> str:
    if not rows:
        return ""
    more = (
        f'<p class="more">and {number(listing.more)} more: see <code>--report'
        " FILE.jsonl</code></p>\n"
        if listing.more
        else ""
    )
    return table(caption, heads, rows, kind="list") + more


def _day(day: str) -> str:
    date = dt.date.fromisoformat(day)
    return f'<time datetime="{date}">{date.day} {date:%B %Y}</time>'
