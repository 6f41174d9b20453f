"""A backfill and editors at work on one living database: however often it is killed, every promise
holds, and no save is lost.
"""

import io
import json
import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Self

import pytest
from archives import LINK, TARGET, Silent, run
from database_servers import Server
from editor_simulator import Newsroom
from sampling import sampled
from sqlalchemy import text

from service.backfill.database.archive import TOGETHER
from service.backfill.job import BackfillJob, Selection
from service.backfill.plan import Plan, Stop
from service.backfill.run import BackfillRun, RunContext
from service.backfill.safety.candidate_notes import CandidateNotes
from service.backfill.settle import Settle, settle
from service.core.article import Article, Result
from service.core.model import Format

KINDS = ("postgresql", "mysql", "sqlite")
ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(__file__).resolve().parents[1] / "support" / "kill_loop.py"
PATIENCE_S = 180.0
WAITING = {
    "postgresql": (
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'tweet-embed' AND datname ="
        " current_database() AND wait_event_type = 'Lock'"
    ),
    "mysql": (
        "SELECT count(*) FROM information_schema.innodb_trx JOIN information_schema.processlist ON"
        " trx_mysql_thread_id = id WHERE trx_state = 'LOCK WAIT' AND db = database()"
    ),
}
"""How many backfills wait for a row."""


@pytest.fixture(params=KINDS)
def room(request: pytest.FixtureRequest, tmp_path: Path) -> Newsroom:
    if request.param == "sqlite":
        place = tmp_path / "a.db"
        sqlite3.connect(place).close()
        return Newsroom(f"sqlite:{place}")
    server: Server = request.getfixturevalue(
        {"postgresql": "postgresql", "mysql": "mariadb"}[request.param],
    )
    return Newsroom(server.new_database())


def live(room: Newsroom, articles: int, kills: int, seed: int) -> dict[str, int]:
    command = [sys.executable, str(PROGRAM), room.url, str(articles), str(kills), str(seed)]
    environment = os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'tests' / 'support'}"}
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=7200,
        check=False,
        env=environment,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    return dict(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("room", sampled(KINDS, "postgresql", "sqlite"), indirect=True)
def test_a_sample_of_kills_while_an_editor_saves(room: Newsroom) -> None:
    told = live(room, 90, 4, seed=7)

    assert told["killed"] >= 3
    assert told["restored"] >= 45


@pytest.mark.long
def test_killed_200_times_over_20_000_articles(room: Newsroom) -> None:
    told = live(room, 20_000, 200, seed=1)

    assert told["killed"] >= 190
    assert told["changed"] >= 13_000
    assert told["changed_and_saved"] >= 1_000


class Held:
    """A backfill in a thread, that waits with its first article until `go`: what is locked then, it
    has looked at already.
    """

    def __init__(self, room: Newsroom, folder: Path) -> None:
        self._room, self._folder = room, folder
        self._reached, self._may_go = threading.Event(), threading.Event()
        self.code: int | None = None
        self.thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self.thread.start()
        assert self._reached.wait(PATIENCE_S)
        return self

    def __exit__(self, *_: object) -> None:
        self._may_go.set()
        self.thread.join(PATIENCE_S)

    def go(self) -> None:
        self._may_go.set()

    @asynccontextmanager
    async def _resolver(self, _: CandidateNotes) -> AsyncIterator[Settle]:
        async def resolve(article: Article) -> Result:
            self._reached.set()
            self._may_go.wait(PATIENCE_S)  # all of it stands still
            content = article.content.replace(LINK, TARGET)
            changed = content != article.content
            return Result(
                content,
                Format.HTML,
                changed=changed,
                complete=True,
                script=None,
                elapsed_ms=0.0,
            )

        yield partial(settle, resolve=resolve)

    def _run(self) -> None:
        job = BackfillJob(
            source=self._room.url,
            in_place=True,
            selection=Selection("posts", "content"),
            state=self._folder / "state",
            backup=self._folder / "b.jsonl",
            plan=Plan(),
        )
        around = RunContext(
            resolver=self._resolver,
            rate=0,
            stop=Stop(),
            progress=Silent(),
            pipe_in=io.BytesIO(),
            pipe_out=io.BytesIO(),
        )
        work = BackfillRun(job, around)
        try:
            self.code = work()
        finally:
            work.close()


def wait_for(what: Callable[[], object]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not what():
        assert time.monotonic() < until, "it never comes to it"
        time.sleep(0.005)


@pytest.mark.parametrize("later", [False, True])
def test_saves_between_the_last_look_at_a_row_and_its_writing_are_kept_and_resolved_in_the_same_run(
    room: Newsroom,
    tmp_path: Path,
    *,
    later: bool,
) -> None:
    """One row is held by an editor while it is to be written, others are saved that were read for
    the last time; `later` one that was not.

    The server tells that a backfill waits for a row. SQLite has one lock for all: it is asked for
    when the originals are in the backup.
    """
    last = TOGETHER + 10
    first = {number: f"{number}: {LINK} {LINK} x" for number in range(1, last + 1)}
    room.make(first)
    engine = room.engine()
    saves = {
        1: f"1: {TARGET} {LINK} x",
        2: f"2: held 😀\r\n {LINK}",
        TOGETHER - 1: "no link any more",
    }
    if later:
        saves[last] = f"{last}: saved {LINK}"
    backup = tmp_path / "b.jsonl"
    with Held(room, tmp_path) as backfill:
        with room.transaction(engine) as editor:
            if room.kind != "sqlite":
                editor.execute(text("SELECT content FROM posts WHERE id = 1 FOR UPDATE"))
            backfill.go()
            wait_for(lambda: backup.exists() and backup.read_bytes().count(b"\n") == TOGETHER)
            if room.kind in WAITING:
                wait_for(lambda: room.ask(WAITING[room.kind])[0][0] == 1)
            save = text("UPDATE posts SET content = :now, saves = saves + 1 WHERE id = :id")
            for number, now in saves.items():
                editor.execute(save, {"id": number, "now": now})
        backfill.thread.join(PATIENCE_S)
    engine.dispose()

    stood = first | saves
    contents = {number: content.decode() for number, content in room.contents().items()}
    assert backfill.code == 0
    assert contents == {number: content.replace(LINK, TARGET) for number, content in stood.items()}

    # Of the first row two originals are in the backup, which became the same: what counts is who
    # saved last.
    told = run("restore", backup, room.url)
    assert told.exit_code == 1, told.stderr
    assert f"id {TOGETHER - 1}: edited since" in told.stderr
    assert {number: content.decode() for number, content in room.contents().items()} == stood
