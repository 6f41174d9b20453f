"""Libraries that ask oEmbed providers and Iframely gateways, as they come, ask this service."""

import asyncio
import contextlib
import json
import os
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from database_servers import program
from served import RECORDED, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parents[2]
ID = "2034906551094185985"
TWEET = f"https://x.com/demo_harbour/status/{ID}"
GONE = "https://x.com/a/status/1"
QUOTE = '<blockquote class="twitter-tweet"'


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with serving(**RECORDED, TWEET_EMBED_CORS_ORIGINS="*") as (port, _):
        yield port


def node_module(*path: str) -> Path:
    """Find a file of a package of npm."""
    place = Path(os.environ.get("NODE_MODULES", ROOT / "node_modules")).joinpath(*path)
    if not place.is_file():
        package = "/".join(path[:2]) if path[0].startswith("@") else path[0]
        pytest.skip(f"no {package}: npm install {package}, and set NODE_MODULES")
    return place.resolve()


# --- Python's micawber ---


def test_micawber_puts_tweets_into_text(port: int) -> None:
    micawber: Any = pytest.importorskip("micawber", reason="no micawber: pip install micawber")
    registry = micawber.ProviderRegistry()
    registry.register(
        r"https?://(?:www\.)?x\.com/\S+/status/\d+",
        micawber.Provider(f"http://127.0.0.1:{port}/oembed", dnt="true"),
    )
    told = registry.request(TWEET, maxwidth=400)

    assert (told["type"], told["version"], told["width"]) == ("rich", "1.0", 400)
    assert told["html"].startswith(QUOTE)
    assert micawber.parse_text(f"Look:\n{TWEET}\n", registry).startswith(f"Look:\n{QUOTE}")
    with pytest.raises(micawber.ProviderException):
        registry.request(GONE)


# --- npm's @extractus/oembed-extractor, which asks by https alone ---


@pytest.fixture
def tls_port(port: int, tmp_path: Path) -> Iterator[int]:
    """A port where TLS ends before the service; its authority is in `tmp_path`."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    listening: list[int] = []
    ready, loop, done = threading.Event(), asyncio.new_event_loop(), asyncio.Event()

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while piece := await reader.read(65536):
                writer.write(piece)
                await writer.drain()
        writer.close()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(copy(reader, back), copy(there, writer))

    async def serve() -> None:
        async with await asyncio.start_server(connected, "127.0.0.1", 0, ssl=context) as server:
            listening.append(server.sockets[0].getsockname()[1])
            ready.set()
            await done.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=[serve()])
    thread.start()
    ready.wait()
    yield listening[0]
    loop.call_soon_threadsafe(done.set)
    thread.join()
    loop.close()


EXTRACT = """
import { extract, setProviderList } from '%(module)s';
setProviderList([{ provider_name: 'X', provider_url: 'https://x.com', endpoints: [
  { schemes: ['https://x.com/*/status/*'], url: 'https://127.0.0.1:%(port)d/oembed' }] }]);
const told = { tweet: await extract('%(tweet)s', { maxwidth: 400 }) };
try { await extract('%(gone)s'); } catch (error) { told.error = String(error); }
console.log(JSON.stringify(told));
"""


def test_oembed_extractor_takes_a_tweet(tls_port: int, tmp_path: Path) -> None:
    module = node_module("@extractus", "oembed-extractor", "esm", "mod.js")
    (tmp_path / "ask.mjs").write_text(
        EXTRACT % {"module": module.as_uri(), "port": tls_port, "tweet": TWEET, "gone": GONE}
    )
    done = subprocess.run(
        [program("node", "nodejs"), "ask.mjs"],
        cwd=tmp_path,
        env=os.environ | {"NODE_EXTRA_CA_CERTS": str(tmp_path / "ca.pem")},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    told = json.loads(done.stdout or done.stderr)

    assert (told["tweet"]["type"], told["tweet"]["width"]) == ("rich", 400)
    assert told["tweet"]["html"].startswith(QUOTE)
    assert "404" in told["error"]


# --- Iframely's own client for pages, from npm's iframely ---

SHOW = """
endpoint => new Promise(done => {
  $.iframely.defaults.endpoint = endpoint;
  $.iframely.getPageData('%s', { group: true }, (error, told) => {
    const [link] = $.iframely.filterLinksByRel('app', told.links);
    $('body').append($.iframely.generateLinkElement(link, told));
    done({ error, title: told.meta.title, site: told.meta.site, html: $('body').html() });
  });
})
"""


@pytest.mark.browser
def test_iframelys_own_client_shows_a_tweet(chromium: "Browser", port: int) -> None:
    page = chromium.new_page()
    page.route(
        "**/*",
        lambda route: route.continue_() if "127.0.0.1" in route.request.url else route.abort(),
    )
    page.set_content("<!doctype html><title>t</title><body></body>")
    page.add_script_tag(path=node_module("jquery", "dist", "jquery.js"))
    page.add_script_tag(path=node_module("iframely", "static", "js", "iframely.js"))
    told = page.evaluate(SHOW % TWEET, f"http://127.0.0.1:{port}/iframely")
    page.close()

    assert told["error"] is None
    assert (told["title"], told["site"]) == ("Harbour Lights Museum on X", "X")
    assert QUOTE in told["html"]
