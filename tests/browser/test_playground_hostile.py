"""Hostile articles in the playground: nothing of them runs, loads, or comes to a policy's
notice.
"""

from typing import TYPE_CHECKING

import pytest
from browsers import Visit
from playground_page import TABS, OpenPlayground, broken, open_tab, resolve, shown, write
from vectors import OWN, grammar

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

TWEET = "<p>https://x.com/demo_harbour/status/2034906551094185985</p>"
TRICKS = [
    "<img src='https://evil.test/a.png' srcset='https://evil.test/b.png 2x'>",
    '<link rel="stylesheet" href="https://evil.test/a.css"><style>@import "//evil.test"</style>',
    (
        '<form action="https://evil.test/"><input autofocus onfocus=alert(1)><button>'
        "go</button></form>"
    ),
    '<object data="https://evil.test/a.swf"></object><embed src="https://evil.test/a.swf">',
    '<a href="https://evil.test/" ping="https://evil.test/ping" id="page" name="parent">l</a>',
    '<p title="a>b" onclick="alert(1)">quoted</p>',
    "<p title='\"' onclick='alert(1)'>quoted</p>",
    '<p title=">" <img src=x onerror=alert(1)>',
    "<p/onclick=alert(1)/style=color:red>slashes</p>",
    "<ScRiPt>alert(1)</sCrIpT x>",
    "<script><!--<script></script>--></script><img src=x onerror=alert(1)>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<!--a--!><img src=x onerror=alert(1)>-->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<textarea><img src=x onerror=alert(1)></textarea><title></p></title>",
    '<template shadowrootmode="open"><img src=x onerror=alert(1)></template>',
    "<div popover onbeforetoggle=alert(1)>p</div><details open ontoggle=alert(1)>d</details>",
    '<p style="background:url(https://evil.test/c.png)">styled</p>',
    '<a href="https://evil.test/" target="_top" onmouseover="alert(1)">top</a>',
    "<p" + " a" * 2000 + " onclick=alert(1)>many</p>",
    "<a href='",
    '<p title="never closed <img src=x onerror=alert(1)>',
]
MARKDOWN = [
    "[x](javascript:alert(1))",
    "![<img src=x onerror=alert(1)>](https://evil.test/a.png)",
    '[x](https://evil.test/"onmouseover="alert(1))',
    "<javascript:alert(1)> `<img src=x onerror=alert(1)>`",
    "# <img src=x onerror=alert(1)>",
    "```\n</code><img src=x onerror=alert(1)>\n```",
]


def nothing_happened(seen: Visit) -> None:
    assert broken(seen.page) == []
    assert (seen.asked, seen.errors) == ([], [])
    inside = seen.page.frames[-1]
    assert (
        inside.evaluate("document.querySelectorAll('#page :is(script, img, iframe, style)').length")
        == 0
    )
    assert "/playground/preview" in inside.url


def draw_every_tab(page: "Page") -> None:
    """Open each tab; of the preview, wait for its document."""
    page.evaluate(
        "(tabs) => { for (const tab of tabs) document.getElementById(`tab-${tab}`).click(); }",
        [tab for tab in TABS if tab != "preview"],
    )
    open_tab(page, "preview")


def test_nothing_of_a_hostile_article_runs(playground: OpenPlayground) -> None:
    seen = playground()
    for article in (*TRICKS, *OWN):
        write(seen.page, f"{article}\n{TWEET}")
        resolve(seen.page)
        draw_every_tab(seen.page)
    write(seen.page, f"<p>the last words</p>\n{TWEET}")
    resolve(seen.page)
    seen.page.frame_locator("#frame").get_by_text("the last words").wait_for()
    nothing_happened(seen)


def test_nothing_of_hostile_markdown_runs(playground: OpenPlayground) -> None:
    seen = playground()
    for article in MARKDOWN:
        write(seen.page, f"# Title\n\n{article}\n\n[t](https://t.co/Rk2Ys9Mf4A)")
        assert resolve(seen.page)["content"].startswith("# Title")
        open_tab(seen.page, "preview")
    nothing_happened(seen)


def test_the_preview_stands_against_every_vector(playground: OpenPlayground) -> None:
    """Thousands of them, written to the preview's document as the page writes to it."""
    seen = playground("#sample=page&tab=preview")
    shown(seen.page)
    open_tab(seen.page, "preview")
    vectors = [*TRICKS, *OWN, *list(grammar())[::3]]
    seen.page.evaluate(
        """(vectors) => {
          for (const content of vectors) {
            const told = { content, format: "html", dark: false, rtl: false };
            document.getElementById("frame").contentWindow.postMessage(told, "*");
          }
          const last = { content: "<p>the last</p>", format: "html", dark: false, rtl: false };
          document.getElementById("frame").contentWindow.postMessage(last, "*");
        }""",
        vectors,
    )
    seen.page.frame_locator("#frame").get_by_text("the last").wait_for()

    assert len(vectors) > 1000
    nothing_happened(seen)


def test_the_preview_listens_to_its_page_alone(
    playground: OpenPlayground, service_address: str
) -> None:
    seen = playground("playground/preview")
    seen.page.evaluate("postMessage({ content: '<p>from elsewhere</p>', format: 'html' }, '*')")
    seen.page.wait_for_function("document.readyState === 'complete'")

    assert seen.page.url == f"{service_address}/playground/preview"
    assert seen.page.evaluate("origin") == "null"
    assert seen.page.inner_text("#page") == ""


WORD = (
    "<html xmlns:o='urn:o'><head><meta charset=utf-8><style>p{color:red}</style></head><body>"
    "<!--StartFragment--><p class=MsoNormal style='margin:0'><b>Bold</b><o:p></o:p></p>"
    "<p class=MsoNormal><span lang=EN-GB style='x:y'>two</span></p><!--EndFragment--></body>"
)
GOOGLE_DOCS = (
    "<meta charset='utf-8'><b style='font-weight:normal;' id='docs-internal-guid-1'>"
    "<p dir='ltr' style='x:y'><span style='a:b'>One</span></p></b><br class='Apple-x'>"
)
WEB_PAGE = (
    '<blockquote class="twitter-tweet" style="x" onclick="alert(1)"><p lang="ar" dir="rtl">م</p>'
    '&mdash; A (@a_b) <a href="https://twitter.com/a_b/status/20">May 1</a></blockquote>'
    '<script src="https://platform.twitter.com/widgets.js"></script><img src=x onerror=alert(1)>'
    '<iframe src="https://platform.x.com/embed/Tweet.html?id=20" srcdoc="<p>x"><b></iframe>'
)
PASTED = {
    WORD: '<p><b>Bold</b></p><p><span lang="EN-GB">two</span></p>',
    GOOGLE_DOCS: '<p dir="ltr">One</p><br>',
    WEB_PAGE: (
        '<blockquote class="twitter-tweet"><p lang="ar" dir="rtl">م</p>— A (@a_b)'
        ' <a href="https://twitter.com/a_b/status/20">May 1</a></blockquote><img src="x">'
        '<iframe src="https://platform.x.com/embed/Tweet.html?id=20"></iframe>'
    ),
}
PASTE = """([rich, plain, ...types]) => {
  const data = new DataTransfer();
  data.setData("text/html", rich);
  data.setData("text/plain", plain);
  for (const type of types) data.setData(type, "1");
  const field = document.getElementById("article");
  field.value = "";
  field.focus();
  const given = { clipboardData: data, bubbles: true, cancelable: true };
  const told = new ClipboardEvent("paste", given);
  return { native: field.dispatchEvent(told), value: field.value };
}"""


@pytest.mark.parametrize("rich", PASTED, ids=["word", "google docs", "web page"])
def test_rich_text_comes_in_as_its_html(playground: OpenPlayground, rich: str) -> None:
    seen = playground()
    done = seen.page.evaluate(PASTE, [rich, "plain words"])

    assert (done["native"], done["value"]) == (False, PASTED[rich])
    assert (broken(seen.page), seen.asked, seen.errors) == ([], [], [])
    seen.page.keyboard.press("Control+Z")
    assert seen.page.locator("#article").input_value() == ""


def test_source_comes_in_as_it_was_copied(playground: OpenPlayground) -> None:
    page = playground().page

    for pasted in (
        ["<pre>&lt;p&gt;code&lt;/p&gt;</pre>", "<p>code</p>"],
        ["<div><span>x = 1</span></div>", "x = 1", "vscode-editor-data"],
        ["just words", "just words"],
    ):
        assert page.evaluate(PASTE, pasted)["native"]
