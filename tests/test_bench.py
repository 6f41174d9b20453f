"""The bench runs and says what the README says it says. Its figures are no test."""

import re
import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).resolve().parent.parent / "bench"


def test_it_prints_both_rates_and_their_ratio() -> None:
    command = [sys.executable, str(BENCH / "requests_per_second.py"), "--rounds", "1", "--seconds", "0.3", "--connections", "4"]
    shown = subprocess.run(command, capture_output=True, check=True, timeout=120, text=True).stdout  # noqa: S603 - our own command

    size = re.match(r"([0-9]+) bytes in, 3 tweets", shown)
    assert size is not None
    assert 7_500 < int(size[1]) < 8_500
    assert re.search(r"^/v1/resolve +[0-9]+ requests/s .* errors 0$", shown, re.MULTILINE)
    assert re.search(r"^/echo +[0-9]+ requests/s .* errors 0$", shown, re.MULTILINE)
    assert re.search(r"^ratio +[0-9.]+ of the bare FastAPI app", shown, re.MULTILINE)
