"""Draw the README's picture of the playground: a sample of the demo, in a real browser.

    python docs/pictures/make_playground_picture.py [FILE.png]

Wants playwright and Chromium (`apt-get install chromium fonts-noto-core`). Nobody is asked: the
service runs on the recorded answers of the demo.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
PICTURE = Path(__file__).with_name("playground.png")
STATE = "#sample=page"
WIDTH, HEIGHT = 1200, 830

OF_THE_DAY = """() => {
  document.getElementById("took").remove();
  for (const row of document.querySelectorAll("dd:has(time)")) {
    if (!row.querySelector("a")) row.replaceChildren(row.firstChild);
  }
}"""


def draw(address: str, picture: Path) -> None:
    """Open the page with its sample, as a reader's browser does, and keep what is seen."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-gpu"],
        )
        page = browser.new_page(
            viewport={"width": WIDTH, "height": HEIGHT},
            color_scheme="light",
            reduced_motion="reduce",
            locale="en-GB",
        )
        page.goto(f"{address}/{STATE}")
        page.locator("#answer:not([hidden])").wait_for()
        # When it was asked and how long it took are of the day; the picture is the same each time.
        page.evaluate(OF_THE_DAY)
        page.locator("#place-2").click()
        page.mouse.move(0, 0)
        page.evaluate("() => { document.activeElement.blur(); scrollTo(0, 0); }")
        page.screenshot(path=picture)
        browser.close()


def main(picture: Path) -> None:
    """Start the service, draw, stop it."""
    command = [sys.executable, "-m", "service", "serve", "--port", "0"]
    environment = {
        "TWEET_EMBED_RECORDED": str(ROOT / "service" / "demo" / "recorded"),
        "TWEET_EMBED_CACHE_PATH": ":memory:",
    }
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | environment,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            for line in process.stderr or ():
                if running := re.search(r"running on (http://[0-9.]+:[0-9]+)", line):
                    draw(running[1], picture)
                    return
            message = "the service did not start"
            raise SystemExit(message)
        finally:
            process.terminate()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else PICTURE)
