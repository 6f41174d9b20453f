"""Exports that were made up here in the forms that each program writes."""

import gzip
import json
import zipfile
from pathlib import Path

import pytest

from service.candidates.imports.reader import read_path
from service.candidates.imports.record import Imported, imported
from service.candidates.source import Named

ID = "1988177428548464647"
DAY = "Tue Nov 11 09:30:00 +0000 2025"
ISO = "2025-11-11T09:30:00.000Z"
NAMED = Named("ada_l", ID)


def read(path: Path, handle: str | None = None) -> list[Imported]:
    return list(read_path(path, handle))


def named(path: Path, handle: str | None = None) -> list[Named | None]:
    return [each.named for each in read(path, handle)]


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def ytd(part: str, *entries: object) -> str:
    return f"window.YTD.{part} = {json.dumps(list(entries), indent=2)}"


ACCOUNT = ytd(
    "account.part0",
    {"account": {"username": "Ada_L", "accountId": "7", "accountDisplayName": "Ada"}},
)
NOTE = {"noteTweetId": "1", "tweetId": ID, "createdAt": ISO, "core": {"text": "Rain"}}
TWEET = {"id_str": ID, "full_text": "Rain again &amp; no umbrella", "created_at": DAY}
GRAILBIRD = {
    "id_str": "559090169000000000",
    "text": "Hello",
    "created_at": "2015-01-24 20:40:00 +0000",
}


@pytest.mark.parametrize(
    "files",
    [
        {"data__account.js": ACCOUNT, "data__tweets.js": ytd("tweets.part0", {"tweet": TWEET})},
        {
            "data__account.js": ACCOUNT,
            "data__tweets-part1.js": ytd("tweets.part1", {"tweet": TWEET}) + ";\n",
        },
        {"data__account.js": ACCOUNT, "data__tweet.js": ytd("tweet.part0", {"tweet": TWEET})},
        {"account.js": ACCOUNT, "tweet.js": ytd("tweet.part0", TWEET)},
        {
            "data__account.js": ACCOUNT,
            "data__community-tweet.js": ytd("community_tweet.part0", {"tweet": TWEET}),
        },
        {
            "data__account.js": ACCOUNT,
            "data__note-tweet.js": ytd("note_tweet.part0", {"noteTweet": NOTE}),
        },
    ],
    ids=["2022", "2022 part", "2020", "2019", "community", "long post"],
)  # fmt: skip
@pytest.mark.parametrize("packed", ["", "zip"], ids=["folder", "zip"])
def test_an_owners_archive_names_its_tweets(
    files: dict[str, str], packed: str, tmp_path: Path
) -> None:
    path = write(tmp_path / "twitter", **files)
    if packed:
        path = tmp_path / "twitter.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for name, text in files.items():
                archive.writestr(name.replace("__", "/"), text)

    assert named(path) == [NAMED]


def test_the_first_archives_are_read_by_month(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        **{
            "data__js__user_details.js": 'var user_details = {"screen_name": "Ada_L", "id": "7"}',
            "data__js__tweets__2015_01.js": "Grailbird.data.tweets_2015_01 =\n"
            + json.dumps([GRAILBIRD]),
            "tweets.csv": '"tweet_id","timestamp"\n"1","x"\n',
        },
    )

    assert named(path) == [Named("ada_l", "559090169000000000")]


def test_private_files_are_not_opened(tmp_path: Path) -> None:
    deleted = {"tweet": TWEET | {"deleted_at": DAY}}
    path = write(
        tmp_path / "a",
        **{
            "data__account.js": ACCOUNT,
            "data__tweets.js": ytd("tweets.part0"),
            "data__deleted-tweets.js": ytd("deleted_tweets.part0", deleted),
            "data__deleted-tweet-headers.js": ytd("x.part0", deleted),
            "data__direct-messages.js": "not even JSON",
        },
    )

    assert read(path) == []
    with pytest.raises(ValueError, match="not read"):
        read(path / "data" / "deleted-tweets.js")


def test_nothing_in_an_archive_is_run(tmp_path: Path) -> None:
    write(tmp_path, **{"tweets.js": "window.YTD.tweets.part0 = (function(){return []})()"})
    with pytest.raises(ValueError, match=r"tweets\.js"):
        read(tmp_path / "tweets.js", "ada_l")


def test_an_archive_without_its_owner_wants_a_handle(tmp_path: Path) -> None:
    write(tmp_path, **{"tweets.js": ytd("tweets.part0", {"tweet": TWEET})})

    assert read(tmp_path / "tweets.js")[0].refused == "no author; name one with --handle"
    assert named(tmp_path / "tweets.js", "@Ada_L") == [NAMED]


V1 = {
    "id_str": ID,
    "id": int(ID),
    "full_text": "Rain",
    "created_at": DAY,
    "user": {"screen_name": "Ada_L"},
}
V2 = {"id": ID, "text": "Rain", "author_id": "7", "created_at": ISO}
PAGE = {
    "data": [V2],
    "includes": {"users": [{"id": "7", "username": "Ada_L"}]},
    "meta": {"result_count": 1},
}
FLAT = {"id": ID, "text": "Rain", "author": {"id": "7", "username": "Ada_L"}, "created_at": ISO}
SNSCRAPE = {
    "_type": "snscrape.modules.twitter.Tweet",
    "url": f"https://twitter.com/Ada_L/status/{ID}",
    "date": "2025-11-11T09:30:00+00:00",
    "rawContent": "Rain",
    "id": 1988177428548464600,
    "user": {"username": "Ada_L"},
}


@pytest.mark.parametrize(
    "value", [V1, PAGE, FLAT, SNSCRAPE], ids=["v1.1", "v2 page", "twarc flat", "snscrape"]
)
@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.jsonl.gz"])
def test_json_names_its_tweets(value: object, name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    text = (json.dumps(value, indent=2 if name == "a.json" else None) + "\n").encode()
    path.write_bytes(gzip.compress(text) if name.endswith("gz") else text)

    assert named(path) == [NAMED]


def test_a_list_and_a_page_without_tweets_are_read(tmp_path: Path) -> None:
    write(tmp_path, **{"a.json": json.dumps([V1, {"meta": {"result_count": 0}}, FLAT])})

    assert named(tmp_path / "a.json") == [NAMED, NAMED]


@pytest.mark.parametrize(
    "value",
    [
        V1 | {"retweeted_status": V1},
        FLAT | {"referenced_tweets": [{"type": "retweeted", "id": "1"}]},
        V1 | {"full_text": "RT @bob: Rain"},
        SNSCRAPE | {"retweetedTweet": SNSCRAPE},
    ],
)
def test_a_retweet_is_refused(value: object, tmp_path: Path) -> None:
    write(tmp_path, **{"a.jsonl": json.dumps(value) + "\n"})
    (row,) = read(tmp_path / "a.jsonl")

    assert row.named is None
    assert "retweet" in (row.refused or "")
    assert row.place.endswith("a.jsonl, line 1")


def test_a_line_that_is_no_json_is_told(tmp_path: Path) -> None:
    write(tmp_path, **{"a.jsonl": json.dumps(V1) + "\n{half\n" + json.dumps(FLAT) + "\n"})
    rows = read(tmp_path / "a.jsonl")

    assert [row.refused for row in rows] == [None, "no JSON", None]
    assert rows[1].place.endswith("line 2")


@pytest.mark.parametrize(
    "table",
    [
        f'"tweet_id","timestamp","text"\n"{ID}","2025-11-11 09:30:00 +0000","Rain"\n',
        f"id,tweet_url,created_at\n{ID},https://twitter.com/Ada_L/status/{ID},{DAY}\n",
        f"id,created_at,author.username,referenced_tweets.retweeted.id\n{ID},{ISO},Ada_L,\n",
        f"id;text;date\n{ID};Rain;2025-11-11\n",
        f"id\ttext\tisRetweet\n{ID}\tRain\tf\n",
        f"id,tweet_url\n1.98818E+18,https://x.com/ada_l/status/{ID}\n",
    ],
    ids=["X 2017", "twarc1", "twarc2", "semicolons", "tabs", "spoiled number beside an address"],
)  # fmt: skip
def test_a_table_names_its_tweets(table: str, tmp_path: Path) -> None:
    write(tmp_path, **{"a.csv": "\ufeff" + table})

    assert named(tmp_path / "a.csv", "ada_l") == [NAMED]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1.98803E+18,2025-11-11,x,f", "rounded"),
        ("1988177428548464647,2019-01-01T00:00:00Z,x,f", "not of the day"),
        ("1988177428548464647,2025-11-10T23:59:59Z,x,f", "not of the day"),
        ("20,2006-03-21,x,f", "before ids held a time"),
        ("abc,2025-11-11,x,f", "no id"),
        ("1988177428548464647,2025-11-11,x,t", "retweet"),
        ("1988177428548464647,2025-11-11,RT @bob: x,f", "retweet"),
        ("1988177428548464647,yesterday,x,f", "date"),
    ],
)
def test_a_spoiled_row_is_refused(row: str, reason: str, tmp_path: Path) -> None:
    write(tmp_path, **{"a.csv": f"id,date,text,isRetweet\n{row}\n"})
    (only,) = read(tmp_path / "a.csv", "ada_l")

    assert only.named is None
    assert reason in (only.refused or "")
    assert "row 2" in only.place.split(", ")


def test_a_local_day_may_be_off_by_one() -> None:
    assert imported("a", ID, "ada_l", "2025-11-10").named == NAMED
    assert imported("a", ID, "ada_l", "2025-11-09").named is None
    assert imported("a", float(ID), "ada_l").refused is not None


def test_what_is_no_export_is_told_with_its_name(tmp_path: Path) -> None:
    write(tmp_path, **{"a.txt": "x", "b.csv": "name,age\nx,1\n", "c.zip": "PK no", "d.json": "{"})
    for name in ("a.txt", "b.csv", "c.zip", "d.json"):
        with pytest.raises(ValueError, match=name):
            read(tmp_path / name)
    with pytest.raises(ValueError, match="no tweets"):
        read(write(tmp_path / "empty", **{"notes.md": "x"}))
    with pytest.raises(OSError, match="none"):
        read(tmp_path / "none.csv")


def test_a_table_that_is_not_utf_8_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"id,text\n1988177428548464647,caf\xe9\n")
    with pytest.raises(ValueError, match=r"a\.csv"):
        read(tmp_path / "a.csv", "ada_l")
