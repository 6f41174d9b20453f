"""Kills a backfill of a living database again and again, with an editor who saves all the while,
and looks whether every promise held.

    python kill_loop.py URL ARTICLES KILLS SEED

Each round is the same command, killed with SIGKILL in one of its steps; a few at the end go
through, the last without the editor. Prints what happened.
"""

import hashlib
import io
import json
import math
import os
import random
import signal
import statistics
import sys
import tempfile
import time
from collections import Counter, defaultdict
from contextlib import redirect_stderr, suppress
from pathlib import Path

from editor_simulator import Change, Editor, Newsroom, article
from rest import DEMO
from sql_tracer import RESOLVE, REWRITE, SCAN, Told, run

from service.backfill.database.rows import PAGE
from service.backfill.steps.resolve_articles import TOGETHER
from service.cli import app

KILLED = -signal.SIGKILL
CALM = 30
"""Saves before the first round, so that there is something to compare with."""
MOST_RUNS = 10


def arguments(room: Newsroom, table: str = "posts") -> list[str]:
    return [
        "backfill",
        room.url,
        "--table",
        table,
        "--column",
        "content",
        "--in-place",
        "--state",
        "state",
        "--backup",
        "backup.jsonl",
    ]


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def warm_up(room: Newsroom) -> None:
    """Import, once for all children, what is imported when it is needed."""
    room.make({1: article(0)}, "other")
    with (
        tempfile.TemporaryDirectory() as name,
        redirect_stderr(io.StringIO()),
        suppress(SystemExit),
    ):
        os.chdir(name)
        app(arguments(room, "other"))
    os.chdir("/")


class Rounds:
    """Rounds that are killed, in each step its share of them, and the rounds that go through."""

    def __init__(
        self,
        room: Newsroom,
        folder: Path,
        articles: int,
        kills: int,
        chance: random.Random,
    ) -> None:
        self._room, self._folder, self._chance = room, folder, chance
        self._articles, self._left = articles, articles * 2 // 3
        early = [
            step
            for step, share in ((SCAN, 0.05), (RESOLVE, 0.12))
            for _ in range(math.ceil(kills * share))
        ]
        late = [SCAN] * round(kills * 0.08)
        late += [REWRITE] * (kills - len(early) - len(late))
        for some in (early, late):
            chance.shuffle(some)
        self._plan = early + late
        self.told: list[tuple[float, float, Told]] = []

    def __call__(self) -> None:
        """Kill each round of the plan; one that ended before its moment is made up for."""
        for number, step in enumerate(self._plan):
            self._round(
                (step, self._moment(step, self._plan[number:].count(step))),
                self._chance.uniform(0, 0.004),
            )

    def through(self) -> str:
        """Let it go through; give what it said."""
        log = self._folder / "log"
        start = log.stat().st_size
        told = self._round()
        said = log.read_text(encoding="utf-8")[start:]
        assert told.code in {0, 1}, f"exit code {told.code}\n{said}"
        return said

    def _moment(self, step: str, kills: int) -> int:
        """Choose a statement of a step: so that all of the writing is gone through, and something
        is left for every kill.
        """
        writes = min(3 * self._left // kills, self._left // 2)
        reads = self._articles // 12 // TOGETHER
        most = {SCAN: self._articles // PAGE, RESOLVE: reads, REWRITE: writes}[step]
        return self._chance.randint(1, max(1, most))

    def _round(self, until: tuple[str, int] | None = None, delay_s: float = 0.0) -> Told:
        began = time.monotonic()
        told = run(self._folder, arguments(self._room), until=until, delay_s=delay_s)
        self.told.append((began, time.monotonic(), told))
        self._left -= told.count[REWRITE] - told.missed
        assert told.code in {
            KILLED,
            0,
            1,
        }, f"exit code {told.code}\n{(self._folder / 'log').read_text()[-2000:]}"
        return told


class Expected:
    """What the service makes of each text, in one run that nothing disturbs: an archive of them,
    resolved to another file.
    """

    def __init__(self, folder: Path, texts: set[bytes]) -> None:
        order = sorted(texts)
        lines = (
            json.dumps({"id": number, "content": text.decode()}) + "\n"
            for number, text in enumerate(order)
        )
        (folder / "texts.jsonl").write_text("".join(lines), encoding="utf-8")
        told = run(folder, ["backfill", "texts.jsonl", "--to", "made.jsonl"])
        assert told.code == 0, (folder / "log").read_text()[-2000:]
        made = [
            json.loads(line)
            for line in (folder / "made.jsonl").read_text(encoding="utf-8").splitlines()
        ]
        self._of: dict[bytes, bytes] = dict(
            zip(order, (each["content"].encode() for each in made), strict=True),
        )

    def __getitem__(self, text: bytes) -> bytes:
        return self._of[text]


def check_history(
    history: list[Change],
    first: dict[int, bytes],
    now: dict[int, bytes],
    saves: list[dict[str, object]],
    made: Expected,
) -> None:
    """Look at every change of every row, in the order in which they were made."""
    rows, ours = dict(first), Counter[int]()
    for change in history:
        assert change.was == rows[change.id], "the history has a gap"
        rows[change.id] = change.now
        if not change.saved:
            ours[change.id] += 1
            assert change.was != change.now, (
                f"{change.id}: changed although there was nothing to change"
            )
            assert change.now == made[change.was], (
                f"{change.id}: a save is lost, or the text is not what the service makes of it"
            )
    assert rows == now, "changed without the trigger's knowledge"
    logged, noted = defaultdict[int, list[str]](list), defaultdict[int, list[str]](list)
    for save in saves:
        assert "error" not in save, f"a save failed: {save['error']}"
        logged[int(str(save["id"]))].append(str(save["text"]))
    for change in history:
        if change.saved:
            noted[change.id].append(change.now.decode())
    assert noted == logged, "the editor's log tells other saves"
    for number, text in first.items():
        last = noted[number][-1].encode() if number in noted else text
        assert now[number] == made[last], f"{number}: the last save is lost, or not resolved"
        assert number in noted or ours[number] == (made[text] != text), (
            f"{number}: changed {ours[number]} times"
        )


def check_backup(
    folder: Path,
    history: list[Change],
    first: dict[int, bytes],
) -> dict[int, list[tuple[bytes, str]]]:
    """Look whether every original is there, once for each change; give them, with the sums of what
    they became.
    """
    stood = set(first.items()) | {(change.id, change.now) for change in history}
    originals: dict[int, list[tuple[bytes, str]]] = defaultdict(list)
    for line in (folder / "backup.jsonl").read_bytes().splitlines():
        told = json.loads(line)
        number, before, became = int(told["id"]), told["before"].encode(), told["after_sha256"]
        assert digest(before) == told["before_sha256"], (
            f"{number}: the sum is not that of the original"
        )
        assert (number, before) in stood, f"{number}: an original that never stood there"
        assert (before, became) not in originals[number][-1:], (
            f"{number}: the same original twice, for the same change"
        )
        originals[number].append((before, became))
    for change in history:
        assert change.saved or (change.was, digest(change.now)) in originals[change.id], (
            f"{change.id}: no original in the backup"
        )
    return originals


def check_restore(
    room: Newsroom,
    folder: Path,
    history: list[Change],
    now: dict[int, bytes],
    originals: dict[int, list[tuple[bytes, str]]],
) -> dict[str, int]:
    """Restore, and look: what was changed last by the backfill is as it was, what was saved since
    is as it is.
    """
    last = {change.id: change for change in history}
    wanted, count = dict(now), Counter[str]()
    for number, lines in originals.items():
        change = last.get(number)
        found = now[number]
        if change is not None and not change.saved:
            wanted[number] = change.was
            count["restored"] += 1
        elif became := [before for before, after in lines if after == digest(found)]:
            wanted[number] = became[-1]
            count["restored"] += 1
        elif found in {before for before, _ in lines}:
            count["already"] += 1
        else:
            count["refused"] += 1
    told = run(folder, ["restore", "backup.jsonl", room.url])
    said = (folder / "log").read_text(encoding="utf-8")
    assert told.code == (1 if count["refused"] else 0), said[-2000:]
    after = room.contents()
    wrong = [number for number in now if after[number] != wanted[number]]
    assert not wrong, f"{wrong[:9]}: not restored to the byte"
    line = (
        f"{count['restored']:,} restored, {count['already']:,} were as before, {count['refused']:,}"
        " left alone"
    )
    assert line in said, f"{line}, but it says: {said.splitlines()[-1]}"
    return dict(count)


def check_pauses(rounds: list[tuple[float, float, Told]]) -> float:
    """Look whether after each write editors had as much time; give the share of the time that the
    backfill held a row.
    """
    held = pauses = 0.0
    for _, _, told in rounds:
        for (began, ended), (then, _) in zip(told.writes, told.writes[1:], strict=False):
            assert then - ended >= ended - began, (
                f"a write of {ended - began:.4f} s and a pause of {then - ended:.4f} s"
            )
            held += ended - began
            pauses += then - ended
    return held / (held + pauses) if held else 0.0


def latency(
    saves: list[dict[str, object]],
    rounds: list[tuple[float, float, Told]],
) -> dict[str, dict[str, float]]:
    """Return the median and the worst time a save took, with and without a backfill at work."""
    times: dict[str, list[float]] = {"with": [], "without": []}
    at = 0
    for save in saves:
        began = float(str(save["began"]))
        ended = began + float(str(save["ms"])) / 1000
        while at < len(rounds) and rounds[at][1] < began:
            at += 1
        times["with" if at < len(rounds) and rounds[at][0] <= ended else "without"].append(
            1000 * (ended - began),
        )
    return {
        name: {
            "saves": len(each),
            "median_ms": round(statistics.median(each), 1),
            "worst_ms": round(max(each), 1),
        }
        for name, each in times.items()
        if each
    }


def main(url: str, articles: int, kills: int, seed: int) -> None:
    """Do the rounds, and look."""
    os.environ["TWEET_EMBED_RECORDED"] = str(DEMO / "recorded")
    os.environ["NO_COLOR"] = "1"
    room, chance = Newsroom(url), random.Random(seed)  # noqa: S311 - no secret
    warm_up(room)
    made_of = {number: article(number) for number in range(1, articles + 1)}
    room.make(made_of)
    first = room.contents()
    assert first == {number: text.encode() for number, text in made_of.items()}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        log = folder / "saves.jsonl"
        editor = Editor(room, articles, log, seed).begin()
        while not log.exists() or log.read_bytes().count(b"\n") < CALM:
            assert os.waitpid(editor, os.WNOHANG) == (0, 0), log.read_text()
            time.sleep(0.05)
        rounds = Rounds(room, folder, articles, kills, chance)
        rounds()
        rounds.through()
        os.kill(editor, signal.SIGTERM)
        os.waitpid(editor, 0)
        for _ in range(MOST_RUNS):
            said = rounds.through()
            if " 0 changed, " in said:
                break
        else:
            sys.exit(f"there is no end to it:\n{said}")
        saves = [json.loads(line) for line in log.read_text().splitlines()]
        history, now = room.history(), room.contents()
        made = Expected(folder, {*first.values(), *(each.now for each in history)})
        check_history(history, first, now, saves, made)
        originals = check_backup(folder, history, first)
        share = check_pauses(rounds.told)
        restored = check_restore(room, folder, history, now, originals)
    ours = Counter(change.id for change in history if not change.saved)
    killed = [told for _, _, told in rounds.told if told.code == KILLED]
    print(  # noqa: T201
        json.dumps(
            {
                "rounds": len(rounds.told),
                "killed": len(killed),
                "killed_in": dict(Counter(told.step for told in killed)),
                "killed_within_a_write": sum(told.writing for told in killed),
                "ended": len(rounds.told) - len(killed),
                "articles": articles,
                "changed": len(ours),
                "changed_and_saved": len(
                    {change.id for change in history if change.saved} & set(ours),
                ),
                "writes": sum(ours.values()),
                "writes_that_missed": sum(told.missed for _, _, told in rounds.told),
                "saves": latency(saves, rounds.told),
                "held": round(share, 3),
                **restored,
            },
        ),
    )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
