"""Seed faults into a copy of the service, one at a time, and see that the tests notice each.

    python bench/faults.py [NUMBER ...]

Prints one line a fault; exits 1 if one was not noticed.
"""
# ruff: noqa: INP001, T201, S603 - a script beside the package, no part of it; it prints, and runs our own tests

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOOR, MANNERS, STORE, MEMORY, LOAD, UPSTREAM = (f"tests/test_{each}.py" for each in "door manners store memory load upstream".split())
CACHE_HIT = '        if entry is not None and now < entry.fresh_until:\n            self._meter("memory", "hit")'

FAULTS: tuple[tuple[str, str, str, str], ...] = (
    ("core/networks.py", '    "100.64.0.0/10",', "    # ", DOOR),
    ("core/networks.py", '    "168.63.129.16/32",', "    # ", DOOR),
    ("core/networks.py", '    "2002::/16",', "    # ", DOOR),
    ("core/networks.py", '"224.0.0.0/3"', '"224.0.0.0/4"', DOOR),
    ("core/networks.py", "in _ISATAP", "in ()", DOOR),
    ("core/networks.py", "parsed.scope_id is not None or ", "", DOOR),
    ("net/names.py", "not all(map(is_public, found))", "not any(map(is_public, found))", DOOR),
    ("net/names.py", "len(found) > MOST_ANSWERS or ", "", DOOR),
    ("net/door.py", "host not in self._hosts or ", "", DOOR),
    ("net/door.py", " or port != HTTPS", "", DOOR),
    ("net/door.py", "if peer and is_public(str(peer[0])):", "if peer:", DOOR),
    ("net/door.py", "inner.connect_tcp(address,", "inner.connect_tcp(host,", DOOR),
    ("net/door.py", "follow_redirects=False,", "follow_redirects=True,", f"{DOOR} {UPSTREAM}"),
    ("net/exchange.py", " and url.host in self.breakers", "", f"{DOOR} {UPSTREAM}"),
    ("net/exchange.py", "not url.userinfo and ", "", f"{DOOR} {UPSTREAM}"),
    ("net/exchange.py", "if taken > wire_bytes or len(body) > body_bytes:", "if taken > wire_bytes:", f"{LOAD} {UPSTREAM}"),
    ("net/exchange.py", "if taken > wire_bytes or len(body) > body_bytes:", "if len(body) > body_bytes:", f"{LOAD} {UPSTREAM}"),
    ("net/exchange.py", "chunk, body_bytes + 1 - len(body)", "chunk", LOAD),
    ("net/exchange.py", "asyncio.timeout_at(until)", "asyncio.timeout(None)", f"{UPSTREAM} -k deadline"),
    ("net/exchange.py", " or not self.budget.spend()", "", MANNERS),
    ("net/breaker.py", "self._weight >= NONSENSE_TO_OPEN", "self._weight >= 10**9", MANNERS),
    ("net/breaker.py", "self._weight, self._rest_s, self._reason = 0, REST_S, None", "self._reason = None", MANNERS),
    ("net/breaker.py", "min(trouble.retry_after_s or 0.0, LONGEST_ASKED_S)", "0.0", MANNERS),
    ("net/pace.py", "if not each.errand.background", "if True", MANNERS),
    ("memory.py", "min(kept.fresh_until, now + self._lifetime(kept.value) * (1 + JITTER))", "kept.fresh_until + 1e9", STORE),
    (
        "memory.py",
        "            return self._remember_failure(key, trouble)",
        "            self.forget(key)\n            return self._remember_failure(key, trouble)",
        MEMORY,
    ),
    ("memory.py", CACHE_HIT, CACHE_HIT.replace("now < entry.fresh_until", "True"), MEMORY),
    ("memory.py", "        if key in self._flights:\n            self._errands", "        if False:\n            self._errands", MEMORY),
    ("store/database.py", " WHERE NOT EXISTS (SELECT 1 FROM takedowns WHERE ?1 = 'tweet' AND tweet_id = ?2)", " WHERE 1", STORE),
    ("store/database.py", "excluded.checked_at >= answers.checked_at OR", "1 OR", STORE),
    ("store/database.py", "row if row.sum == told else None", "row", STORE),
    ("store/keeper.py", "if attempt == 1 and is_damage(error) and self._set_aside():", "if False:", STORE),
    ("store/keeper.py", "        self.on_takedown(tweet_id)\n        forgotten", "        forgotten", STORE),
    ("core/stored.py", "if canonical_tweet(tweet) != tweet:", "if False:", STORE),
    ("core/stored.py", " or not all(map(is_safe_address, addresses))", "", STORE),
    ("assemble.py", "if (taken_down := self._taken_down(key[0])) is not None:", "if False and (taken_down := None):", STORE),
)
"""File, what stands there, what is put there, and the tests that must notice."""


def noticed(file: str, old: str, new: str, tests: str) -> bool:
    """Run the tests on a copy with one fault."""
    with tempfile.TemporaryDirectory() as folder:
        for part in ("service", "tests", "pyproject.toml"):
            source = ROOT / part
            if source.is_dir():
                shutil.copytree(source, Path(folder) / part, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, folder)
        path = Path(folder) / "service" / file
        text = path.read_text(encoding="utf-8")
        if text.count(old) < 1:
            message = f"{file} does not hold {old!r}"
            raise SystemExit(message)
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests.split()]
        try:
            done = subprocess.run(command, cwd=folder, capture_output=True, timeout=120, check=False)
        except subprocess.TimeoutExpired:
            return True
        return done.returncode == 1


def main() -> None:
    """Seed all faults, or those whose numbers are given."""
    chosen = [int(each) for each in sys.argv[1:]] or range(len(FAULTS))
    missed = 0
    for number in chosen:
        file, old, _, _ = FAULTS[number]
        found = noticed(*FAULTS[number])
        missed += not found
        print(f"{number:2} {'noticed' if found else 'MISSED '} {file}: {old.splitlines()[0].strip()[:80]}", flush=True)
    raise SystemExit(1 if missed else 0)


if __name__ == "__main__":
    main()
