"""An archive in which all kinds of things became of tweets, and the answers of X that make it
so.
"""

import datetime as dt
import json
import shutil
from pathlib import Path

from rest import DEMO

EPOCH_MS = 1_288_834_974_657
ARABIC = (DEMO / "articles" / "arabic.txt").read_text("utf-8").splitlines()[6]
DEMO_TWEET = "2034906551094185985"


def id_of(day: str, number: int = 0) -> str:
    """Return the id of a tweet of noon, UTC, on that day."""
    noon = dt.datetime.fromisoformat(f"{day}T12:00:00+00:00")
    return str(((int(noon.timestamp() * 1000) - EPOCH_MS) << 22) + number)


def answers(folder: Path) -> Path:
    """Record X's answers: the demo's, a tweet for each of some years, some that are gone, protected
    or in trouble.
    """
    shutil.copytree(DEMO / "recorded", folder)
    for year in range(2012, 2026):
        tweet, words = (
            id_of(f"{year}-06-15"),
            f"The tide of {year} was the highest in the harbour's book.",
        )
        html = (
            '<blockquote class="twitter-tweet" data-dnt="true"><p lang="en"'
            f' dir="ltr">{words}</p>&mdash; Tide Table (@demo_tides) <a'
            f' href="https://x.com/demo_tides/status/{tweet}?ref_src=twsrc%5Etfw">June 15,'
            f" {year}</a></blockquote>"
        )
        answer = {
            "url": f"https://x.com/demo_tides/status/{tweet}",
            "author_name": "Tide Table",
            "html": html,
            "type": "rich",
        }
        answer |= {
            "author_url": "https://x.com/demo_tides",
            "version": "1.0",
            "provider_name": "X",
            "provider_url": "https://x.com",
        }
        record(folder, "oembed", tweet, answer)
    refused = {"error": "Sorry, you are not authorized to see this status.", "request": "/oembed"}
    record(
        folder,
        "oembed",
        id_of("2016-02-01"),
        {"status": 403, "headers": {"content-type": "application/json"}, "body": refused},
    )
    record(folder, "oembed", id_of("2020-02-02"), {"status": 500})
    warning = {
        "location": (
            "https://twitter.com/safety/unsafe_link_warning?unsafe_link=http%3A%2F%2Fbad.example%2F"
        ),
    }
    record(folder, "t.co", "UnsafeUns1", {"status": 301, "headers": warning})
    return folder


def record(folder: Path, kind: str, name: str, answer: object) -> None:
    (folder / kind / f"{name}.json").write_text(json.dumps(answer), encoding="utf-8")


def tide(year: int) -> str:
    return f"https://twitter.com/demo_tides/status/{id_of(f'{year}-06-15')}"


def articles() -> list[dict[str, str]]:
    """Return the articles: id and content."""
    gone = f"https://x.com/demo_harbour/status/{id_of('2014-03-04')}"
    contents = {
        "why-the-lamp-went-dark": (
            "<p>Open longer:</p>\n"
            f"<p>https://twitter.com/demo_harbour/status/{DEMO_TWEET}?s=20</p>\n<p>More soon.</p>"
        ),
        "مكتبة-متنقلة": (
            f"<p>محطات الجولة الأولى:</p>\n<p>{ARABIC}</p>\n<p>وأضافت أن الهيئة تدرس إضافة"
            " حافلتين.</p>"
        ),
        "flood-2019": (
            "<p>As it rose:</p><iframe"
            f' src="https://platform.twitter.com/embed/Tweet.html?id={id_of("2019-06-15")}"></iframe><p>After.</p>'
        ),
        "tides-by-newsletter": (
            f"<p>Old:</p>[embed]{tide(2013)}[/embed]<p>and older: </p><p>{tide(2012)}</p>"
        ),
        "amp": (
            '<amp-twitter width="375" height="472" layout="responsive"'
            f' data-tweetid="{id_of("2021-06-15")}"></amp-twitter>'
        ),
        "ck": f'<figure class="media"><oembed url="{tide(2017)}"></oembed></figure>',
        "hours": (
            '<p>The <a href="https://t.co/Rk2Ys9Mf4A">hours of the season</a> are on the museum\'s'
            " own page.</p>"
        ),
        "many": "".join(f"<p>{tide(year)}</p>\n" for year in range(2012, 2026)),
        "gone": (
            '<blockquote class="twitter-tweet"><p>We open on Monday, volunteers wanted!</p>'
            f'&mdash; Harbour (@demo_harbour) <a href="{gone}">'
            "March 4, 2014</a></blockquote>"
        ),
        "gone-again": f"<p>{gone}</p>",
        "protected": f"<p>https://twitter.com/shy/status/{id_of('2016-02-01')}</p>",
        "unidentified": (
            "<p>All ferries are running again. — Harbour Office (@demo_office) May 9, 2016</p>"
        ),
        "heading": (
            f"<h2>{tide(2015)}</h2><p>and a <a href='https://t.co/UnsafeUns1'>warning</a>, a <a"
            " href='https://t.co/DeadDeadDe'>dead end</a></p>"
        ),
        "trouble": f"<p>https://x.com/demo_tides/status/{id_of('2020-02-02')}</p>",
        "plain": "<p>No tweet in here.</p>",
    }
    return [{"id": name, "content": content} for name, content in contents.items()]


def write(path: Path, rows: list[dict[str, str]] | None = None) -> Path:
    """Write them as JSON Lines."""
    path.write_text(
        "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows or articles()),
        encoding="utf-8",
    )
    return path
