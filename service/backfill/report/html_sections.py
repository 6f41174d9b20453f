"""The sections of the page for a reader, one function each: figures in, HTML out."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
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
)
from service.backfill.report.statistics import Listing, OutcomeGroup, ReportStats

_MOST_YEARS = 30
_KEY = (
    '<ul class="key"><li><i class="whole"></i>stands in its article</li><li><i'
    ' class="lost"></i>gone or hidden on X</li><li><i class="rest"></i>left as it was</li></ul>\n'
)


def outcomes_section(facts: ReportStats) -> str:
    """Return the chart of what became of the tweets."""
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


def forms_section(facts: ReportStats) -> str:
    """Return the chart of the forms they stood in."""
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


def sources_section(facts: ReportStats) -> str:
    """Return the list of how their ids were found."""
    bars = [
        ChartBar(name, note, {OutcomeGroup.WHOLE: facts.found_by[source]})
        for source, (name, note) in SOURCES.items()
        if facts.found_by[source]
    ]
    heads = ("Found by", "Tweets", "Share")
    return chart("Tweets by what led to them", heads, bars, by_fate=False) if bars else ""


def years_section(facts: ReportStats) -> str:
    """Return the chart of the years they are from."""
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


def links_section(facts: ReportStats) -> str:
    """Return the chart of what became of the short links."""
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


def sample_section(sample: SampleArticle) -> str:
    """Return one article, before and after."""
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


def lost_section(facts: ReportStats) -> str:
    """Return the list of tweets that are gone or hidden."""
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


def doubtful_section(facts: ReportStats) -> str:
    """Return the list of those that were left alone for want of certainty."""
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


def bad_links_section(facts: ReportStats) -> str:
    """Return the list of links that lead nowhere."""
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


def troubles_section(facts: ReportStats) -> str:
    """Return the list of articles that could not be done."""
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
