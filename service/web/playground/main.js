/** The page as a whole: an article is typed, pasted or chosen, asked about, and shown. */

import { drawChange } from "./change.js";
import { $, h, number, press, speak, spoken, t } from "./dom.js";
import { drawList, drawSource, mentions, point, tally } from "./found.js";
import { drawLook, setLook, startLook } from "./look.js";
import { pasted } from "./paste.js";
import { detect, key, resolve, sample, Trouble } from "./service.js";
import { choice, draw, recall, remember, request, unpack, view } from "./settings.js";
import { drawTake, startTake } from "./take.js";

const SAMPLES = { arabic: "arabic.txt", page: "page.html", bakery: "bakery.html", notes: "notes.md", post: "post.html" };
const TABS = ["found", "change", "preview", "take"];
const LIVE = 200_000; // characters that are still read while they are typed
const article = $("article");

let shown = null; // what the service answered: {article, answer, found, after}
let asking = null;
let reading = null;
let wanted = ""; // the sample that was chosen last, until something is typed
let pause = 0; // the timer of what is typed, until it is read

function sight(value) {
  const marked = value === "marked" && shown !== null;
  $("source").hidden = !marked;
  article.hidden = marked;
  $("sight").hidden = shown === null;
  press($("sight"), marked ? "marked" : "write");
}

function trouble(error) {
  if (error.name === "AbortError") return;
  if (!(error instanceof Trouble)) throw error; // a fault of this page
  const { code, faults } = error;
  if (code === "unauthorized" || code === "forbidden") {
    $("key").hidden = false;
    if (code === "forbidden") $("trouble").replaceChildren(h("p", {}, t("key.forbidden")));
    else $("trouble").replaceChildren();
    return;
  }
  const words = ["down", "too_large", "rate_limited", "overloaded", "stopping", "link", "sample"].includes(code) ? t(`trouble.${code}`) : t("trouble.invalid");
  const detail = faults.length ? faults.map((fault) => `${fault.pointer}: ${fault.detail}`) : [error.message].filter(Boolean);
  $("trouble").replaceChildren(
    h("p", { dir: "auto" }, words),
    ...(detail.length ? [h("ul", {}, ...detail.map((line) => h("li", { dir: "auto" }, line)))] : []),
    h("button", { type: "button", click: () => run() }, t("found.retry")),
  );
  $("trouble").scrollIntoView({ block: "nearest" });
}

/** Ask the service about the article, and show what it answers. What was shown stays until then. */
async function run(seen = false) {
  clearTimeout(pause);
  asking?.abort();
  reading?.abort();
  const mine = (asking = new AbortController());
  measure(article.value.length);
  const sent = article.value;
  const text = sent.toWellFormed?.() ?? sent;
  $("resolve").textContent = t("resolving");
  $("results").setAttribute("aria-busy", "true");
  try {
    const { answer, after } = await resolve(request(text), mine.signal);
    $("trouble").replaceChildren();
    $("key").hidden = true;
    shown = { article: text, answer, after, found: mentions(text, answer) };
    show();
    const goesOn = article.value !== sent; // who types on is not interrupted
    sight(goesOn ? "write" : "marked");
    if (seen && !goesOn && matchMedia("(max-width: 62rem)").matches) $("results").scrollIntoView();
  } catch (error) {
    trouble(error);
  } finally {
    if (asking === mine) {
      $("resolve").textContent = t("resolve");
      $("results").removeAttribute("aria-busy");
    }
  }
}

function show() {
  const { article: text, answer, found, after } = shown;
  $("empty").hidden = true;
  $("answer").hidden = false;
  $("took").textContent = t("took", { ms: number(answer.elapsed_ms), format: answer.format });
  $("status").replaceChildren(...tally(found), ...(answer.complete ? [] : [h("p", {}, t("found.again"), " ", h("button", { type: "button", click: () => run() }, after ? t("found.retry_s", { n: number(after) }) : t("found.retry")))]));
  $("live").textContent = "";
  drawSource(text, found, (n) => {
    tab("found");
    point(n, "found");
  });
  drawList(found, (n) => {
    sight("marked");
    point(n, "place");
  });
  tab(view.tab);
}

/** Open a tab. What is behind it is drawn when it is seen. */
function tab(name) {
  view.tab = TABS.includes(name) ? name : TABS[0];
  for (const each of TABS) {
    const own = each === view.tab;
    $(`tab-${each}`).setAttribute("aria-selected", String(own));
    $(`tab-${each}`).tabIndex = own ? 0 : -1;
    $(`panel-${each}`).hidden = !own;
  }
  remember();
  if (!shown) return;
  if (view.tab === "change") drawChange(shown.article, shown.answer, shown.found);
  if (view.tab === "preview") drawLook(shown.answer);
  if (view.tab === "take") drawTake(shown.article, shown.answer);
}

/** Say what the text alone tells, while it is typed. Nobody else is asked. */
async function read() {
  reading?.abort();
  const text = article.value;
  if (!text.trim() || text.length > LIVE) {
    $("live").textContent = "";
    return;
  }
  reading = new AbortController();
  try {
    const asked = { content: text.toWellFormed?.() ?? text, format: choice("format") };
    const { embeds, links } = await detect(asked, reading.signal);
    $("trouble").replaceChildren();
    $("live").textContent = t("live.found", { tweets: number(embeds.length), links: number(links.length) });
  } catch (error) {
    trouble(error);
  }
}

/** Each line in its own direction costs a browser seconds in a long text: there the whole has one. */
const measure = (length) => document.body.classList.toggle("long", length > 100_000);

function typed() {
  measure(article.value.length);
  view.sample = wanted = "";
  pressSample();
  remember();
  clearTimeout(pause);
  pause = setTimeout(read, 400);
}

function pressSample() {
  press($("samples"), view.sample);
  const keys = matchMedia("(hover: hover)").matches ? t("article.hint") : ""; // where there is a keyboard
  $("article-hint").textContent = view.sample ? t("sample.hint") : keys;
}

async function choose(name, seen) {
  wanted = name;
  try {
    const text = await sample(SAMPLES[name]);
    if (wanted !== name) return;
    article.value = text;
    view.sample = name;
    pressSample();
    await run(seen);
    remember();
  } catch (error) {
    if (wanted === name) trouble(error);
  }
}

function write() {
  speak(view.ui || (navigator.language.startsWith("ar") ? "ar" : "en"));
  $("tongue").textContent = spoken() === "ar" ? "English" : "العربية";
  $("tongue").lang = spoken() === "ar" ? "en" : "ar";
  $("samples").replaceChildren($("samples-title"), ...Object.keys(SAMPLES).map((name) => h("button", { type: "button", value: name }, t(`sample.${name}`))));
  pressSample();
  $("tabs").replaceChildren(...TABS.map((name) => h("button", { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": `panel-${name}`, value: name }, t(`tab.${name}`))));
  draw(changed);
  setLook();
  if (shown) show();
  else tab(view.tab);
}

/** An option was changed: what is shown is asked for anew. */
function changed() {
  remember();
  setLook();
  if (shown?.article === article.value) run();
}

async function arrive() {
  const packed = recall();
  write();
  if (packed) {
    const text = await unpack(packed).catch(() => null);
    if (text === null) {
      trouble(new Trouble("link"));
      return;
    }
    article.value = text;
    await run();
  } else if (view.sample in SAMPLES) await choose(view.sample);
}

$("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  run(true);
});
article.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    run(true);
  }
});
article.addEventListener("input", typed);
article.addEventListener("paste", (event) => {
  measure(article.value.length + event.clipboardData.getData("text/plain").length);
  const html = pasted(event.clipboardData);
  if (html === null) return;
  event.preventDefault();
  // `insertText` can be undone, but takes its time over a long text.
  if (html.length > 50_000 || !document.execCommand("insertText", false, html)) {
    article.setRangeText(html, article.selectionStart, article.selectionEnd, "end");
    typed();
  }
  $("live").textContent = t("live.html");
});
$("sight").addEventListener("click", ({ target }) => {
  if (!target.value) return;
  if (target.value === "marked" && article.value !== shown.article) run();
  else sight(target.value);
  if (target.value === "write") article.focus();
});
$("samples").addEventListener("click", ({ target }) => target.value && choose(target.value, true));
$("tabs").addEventListener("click", ({ target }) => target.value && tab(target.value));
$("tabs").addEventListener("keydown", (event) => {
  const forward = document.documentElement.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
  const backward = forward === "ArrowLeft" ? "ArrowRight" : "ArrowLeft";
  const now = TABS.indexOf(view.tab);
  const next = { [forward]: (now + 1) % TABS.length, [backward]: (now + TABS.length - 1) % TABS.length, Home: 0, End: TABS.length - 1 }[event.key];
  if (next === undefined) return;
  event.preventDefault();
  tab(TABS[next]);
  $(`tab-${TABS[next]}`).focus();
});
$("tongue").addEventListener("click", () => {
  view.ui = spoken() === "ar" ? "en" : "ar";
  remember();
  write();
});
$("key").addEventListener("submit", (event) => {
  event.preventDefault();
  key.set($("key-field").value.trim());
  $("key-field").value = "";
  $("key").hidden = true;
  run();
});
addEventListener("hashchange", arrive);

startLook(run);
startTake();
arrive();
