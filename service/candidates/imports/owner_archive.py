"""The archive that X hands to the owner of an account, in each of its shapes since 2012
(docs/x-behaviour.md 7.1). Pure.

- 2012 to about 2018: `data/js/tweets/YYYY_MM.js`, `Grailbird.data.tweets_YYYY_MM = [...]`, owner in
  `data/js/user_details.js`; beside them `tweets.csv`.
- from 2019: `tweet.js`, later `data/tweet.js`, `window.YTD.tweet.part0 = [...]`, its objects
  wrapped in `{"tweet": ...}` from 2020 on; from late 2022 `data/tweets.js` and
  `data/tweets-partN.js`. Owner in `account.js`.
  (https://github.com/timhutton/twitter-archive-parser reads the same.)
- `data/note-tweet.js` (long posts) and `data/community-tweet.js`.

Each file is a JSON array behind an assignment. It is read as JSON, never evaluated. Messages,
deleted tweets and all else in an archive are not opened.
"""

import json
import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from service.candidates.imports.record import Imported, imported

_TWEETS = re.compile(
    r"(?:^|/)(?:data/)?(?:tweets?|community-tweet|note-tweet)(?:-part[0-9]{1,4})?\.js$"
)
_MONTH = re.compile(r"(?:^|/)data/js/tweets/[0-9]{4}_[0-9]{2}\.js$")
_OWNER = re.compile(r"(?:^|/)(?:(?:data/)?account|data/js/user_details)\.js$")
_ASSIGNED = re.compile(r"\s*(?:var\s+)?[A-Za-z_][\w.]*\s*=\s*(?=[\[{])", re.ASCII)


def is_tweets(name: str) -> bool:
    """Return whether a file of an archive, by its path in it, holds tweets of the owner."""
    path = name.replace("\\", "/")
    return (
        bool(_TWEETS.search(path) or _MONTH.search(path))
        and "deleted" not in PurePosixPath(path).name
    )


def is_owner(name: str) -> bool:
    """Return whether a file of an archive says whose it is."""
    return _OWNER.search(name.replace("\\", "/")) is not None


def read_owner(text: str) -> str | None:
    """Return the handle in `account.js` or `user_details.js`; None if there is none.

    It is the name that the account had when the archive was made.
    """
    try:
        value = _assigned(text)
    except ValueError:
        return None
    entry = value[0] if isinstance(value, list) and value else value
    if not isinstance(entry, dict):
        return None
    account = entry.get("account", entry)
    name = (
        account.get("username", account.get("screen_name")) if isinstance(account, dict) else None
    )
    return name if isinstance(name, str) and name else None


def read_tweets(name: str, text: str, owner: str | None) -> Iterator[Imported]:
    """Read a file of tweets. `ValueError` if it is not JSON behind an assignment."""
    value = _assigned(text)
    if not isinstance(value, list):
        message = "no list of tweets"
        raise ValueError(message)  # noqa: TRY004 - one kind of error for whatever is wrong
    for number, entry in enumerate(value, 1):
        yield _read_entry(f"{name}, tweet {number}", entry, owner)


def _read_entry(place: str, entry: Any, owner: str | None) -> Imported:  # noqa: ANN401 - JSON
    if not isinstance(entry, dict):
        return Imported(place, refused="no tweet")
    if isinstance(note := entry.get("noteTweet"), dict):
        if "tweetId" not in note:
            return Imported(place, refused="a long post without the id of its tweet")
        return imported(place, note["tweetId"], owner, note.get("createdAt"))
    tweet = entry.get("tweet", entry)
    if not isinstance(tweet, dict):
        return Imported(place, refused="no tweet")
    return imported(
        place,
        tweet.get("id_str", tweet.get("id")),
        owner,
        tweet.get("created_at"),
        tweet.get("full_text", tweet.get("text")),
        retweet="retweeted_status" in tweet,
    )


def _assigned(text: str) -> Any:  # noqa: ANN401 - JSON
    text = text.removeprefix("\ufeff")
    match = _ASSIGNED.match(text)
    if match is None:
        message = "not what X writes: no assignment in front of the data"
        raise ValueError(message)
    try:
        return json.loads(text[match.end() :].rstrip().removesuffix(";"))
    except RecursionError:
        message = "nested too deep"
        raise ValueError(message) from None
