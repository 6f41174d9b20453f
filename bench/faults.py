"""Seed faults into a copy of the service, one at a time, and see that the tests notice each.

    python bench/faults.py [NUMBER ...]

Prints one line a fault; exits 1 if one was not noticed.
"""

# our own tests

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOOR, MANNERS, STORE, MEMORY, LOAD, UPSTREAM = (
    f"tests/{each}.py"
    for each in [
        "upstream/test_transport",
        "upstream/test_circuit_breaker",
        "cache/test_store",
        "cache/test_memory",
        "upstream/test_load",
        "upstream/test_client",
    ]
)
CACHE_HIT = (
    '        if entry is not None and now < entry.fresh_until:\n            self._meter("memory",'
    ' "hit")'
)

FAULTS: tuple[tuple[str, str, str, str], ...] = (
    ("upstream/http/public_addresses.py", '    "100.64.0.0/10",', "    # ", DOOR),
    ("upstream/http/public_addresses.py", '    "168.63.129.16/32",', "    # ", DOOR),
    ("upstream/http/public_addresses.py", '    "2002::/16",', "    # ", DOOR),
    ("upstream/http/public_addresses.py", '"224.0.0.0/3"', '"224.0.0.0/4"', DOOR),
    ("upstream/http/public_addresses.py", "in _ISATAP", "in ()", DOOR),
    ("upstream/http/public_addresses.py", "parsed.scope_id is not None or ", "", DOOR),
    (
        "upstream/http/dns.py",
        "not all(map(is_public, found))",
        "not any(map(is_public, found))",
        DOOR,
    ),
    ("upstream/http/dns.py", "len(found) > MOST_ANSWERS or ", "", DOOR),
    ("upstream/http/transport.py", "host not in self._hosts or ", "", DOOR),
    ("upstream/http/transport.py", " or port != HTTPS", "", DOOR),
    ("upstream/http/transport.py", "if peer and is_public(str(peer[0])):", "if peer:", DOOR),
    ("upstream/http/transport.py", "inner.connect_tcp(address,", "inner.connect_tcp(host,", DOOR),
    (
        "upstream/http/transport.py",
        "follow_redirects=False,",
        "follow_redirects=True,",
        f"{DOOR} {UPSTREAM}",
    ),
    ("upstream/http/requester.py", " and url.host in self.breakers", "", f"{DOOR} {UPSTREAM}"),
    ("upstream/http/requester.py", "not url.userinfo and ", "", f"{DOOR} {UPSTREAM}"),
    (
        "upstream/http/requester.py",
        "if taken > wire_bytes or len(body) > body_bytes:",
        "if taken > wire_bytes:",
        f"{LOAD} {UPSTREAM}",
    ),
    (
        "upstream/http/requester.py",
        "if taken > wire_bytes or len(body) > body_bytes:",
        "if len(body) > body_bytes:",
        f"{LOAD} {UPSTREAM}",
    ),
    ("upstream/http/requester.py", "chunk, body_bytes + 1 - len(body)", "chunk", LOAD),
    (
        "upstream/http/requester.py",
        "asyncio.timeout_at(until)",
        "asyncio.timeout(None)",
        f"{UPSTREAM} -k deadline",
    ),
    ("upstream/http/requester.py", " or not self.budget.spend()", "", MANNERS),
    (
        "upstream/http/circuit_breaker.py",
        "self._weight >= NONSENSE_TO_OPEN",
        "self._weight >= 10**9",
        MANNERS,
    ),
    (
        "upstream/http/circuit_breaker.py",
        "self._weight, self._rest_s, self._reason = 0, REST_S, None",
        "self._reason = None",
        MANNERS,
    ),
    (
        "upstream/http/circuit_breaker.py",
        "asked_s = trouble.retry_after_s or 0.0",
        "asked_s = 0.0",
        MANNERS,
    ),
    ("upstream/http/rate_limiter.py", "if not each.priority.background", "if True", MANNERS),
    (
        "cache/memory.py",
        "min(kept.fresh_until, now + self._lifetime(kept.value) * (1 + JITTER))",
        "kept.fresh_until + 1e9",
        STORE,
    ),
    (
        "cache/memory.py",
        "            return self._remember_failure(key, trouble)",
        "            self.forget(key)\n            return self._remember_failure(key, trouble)",
        MEMORY,
    ),
    ("cache/memory.py", CACHE_HIT, CACHE_HIT.replace("now < entry.fresh_until", "True"), MEMORY),
    (
        "cache/memory.py",
        "        if key in self._fetches:\n            self._priorities",
        "        if False:\n            self._priorities",
        MEMORY,
    ),
    (
        "cache/sqlite.py",
        " WHERE NOT EXISTS (SELECT 1 FROM takedowns WHERE ?1 = 'tweet' AND tweet_id = ?2)",
        " WHERE 1",
        STORE,
    ),
    ("cache/sqlite.py", "excluded.checked_at >= answers.checked_at OR", "1 OR", STORE),
    ("cache/sqlite.py", "row if row.sum == told else None", "row", STORE),
    (
        "cache/store.py",
        "if attempt == 1 and is_damage(error) and self._set_aside():",
        "if False:",
        STORE,
    ),
    (
        "cache/takedown_index.py",
        "        self.on_takedown(tweet_id)\n        return",
        "        return",
        STORE,
    ),
    ("cache/codec.py", "if canonical_tweet(tweet) != tweet:", "if False:", STORE),
    ("cache/codec.py", " or not all(map(is_safe_address, addresses))", "", STORE),
    (
        "app.py",
        "if (taken_down := self._taken_down(key[0])) is not None:",
        "if False and (taken_down := None):",
        STORE,
    ),
)
"""File, what stands there, what is put there, and the tests that must notice."""


def noticed(file: str, old: str, new: str, tests: str) -> bool:
    """Run the tests on a copy with one fault."""
    with tempfile.TemporaryDirectory() as folder:
        for part in ("service", "tests", "pyproject.toml"):
            source = ROOT / part
            if source.is_dir():
                shutil.copytree(
                    source,
                    Path(folder) / part,
                    ignore=shutil.ignore_patterns("__pycache__"),
                )
            else:
                shutil.copy(source, folder)
        path = Path(folder) / "service" / file
        text = path.read_text(encoding="utf-8")
        if text.count(old) < 1:
            message = f"{file} does not hold {old!r}"
            raise SystemExit(message)
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-x",
            "-p",
            "no:cacheprovider",
            *tests.split(),
        ]
        try:
            done = subprocess.run(
                command,
                cwd=folder,
                capture_output=True,
                timeout=120,
                check=False,
            )
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
        print(
            f"{number:2} {'noticed' if found else 'MISSED '} {file}:"
            f" {old.splitlines()[0].strip()[:80]}",
            flush=True,
        )
    raise SystemExit(1 if missed else 0)


if __name__ == "__main__":
    main()
