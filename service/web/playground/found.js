/** What was found: the article with each mention in a box, and a list that says what became of it. Click goes both ways. */

import { $, h, has, number, placesIn, spoken, t } from "./dom.js";
import { compare } from "./difference.js";

/** Colour by what it means for the article: it stands, it was left, it is lost, it is not known. */
const HUES = {
  ...{ embedded: "fine", resolved: "fine", kept: "left", gone: "lost", protected: "lost", dead: "lost", unsafe: "lost", refused: "lost" },
  ...{ unidentified: "open", failed: "open", deferred: "wait" },
};
export const hue = (state) => HUES[state] ?? "left";

const when = (moment, time = true) =>
  h("time", { datetime: moment }, new Intl.DateTimeFormat(spoken(), { dateStyle: "medium", ...(time ? { timeStyle: "short" } : {}) }).format(new Date(moment)));
const pill = (state, words) => h("span", { class: `pill ${hue(state)}` }, words);
const auto = (text, name = "bdi") => h(name, { dir: "auto" }, text);

/** Mentions in the order of the article, with places of a JavaScript string. */
export function mentions(article, answer) {
  const place = placesIn(article);
  const all = [...answer.embeds, ...answer.links.map((link) => ({ ...link, form: "link" }))].filter((one) => one.start !== null);
  return all.sort((a, b) => a.start - b.start).map((one, index) => ({ ...one, n: index + 1, from: place(one.start), to: place(one.end) }));
}

/** Draw the article with its mentions boxed. */
export function drawSource(article, found, go) {
  const parts = [];
  let end = 0;
  for (const one of found) {
    const click = (event) => {
      event.preventDefault();
      go(one.n);
    };
    parts.push(
      article.slice(end, one.from),
      h("a", { href: `#found-${one.n}`, id: `place-${one.n}`, class: `mark ${hue(one.state)}`, "data-n": one.n, "aria-describedby": `title-${one.n}`, click }, article.slice(one.from, one.to)),
    );
    end = one.to;
  }
  $("source").replaceChildren(h("pre", { dir: "auto" }, ...parts, article.slice(end)));
}

/** Counts of what became of it all, as pills: tweets, then links. */
export function tally(found) {
  return ["state", "link"].flatMap((kind) => {
    const own = found.filter((one) => (one.form === "link") === (kind === "link"));
    const states = [...new Set(own.map((one) => one.state))];
    const pills = states.map((state) => pill(state, `${t(`${kind}.${state}`)} ${number(own.filter((one) => one.state === state).length)}`));
    return own.length ? [h("span", {}, t(`tally.${kind}`)), ...pills] : [];
  });
}

/** Draw the list. */
export function drawList(found, go) {
  $("panel-found").replaceChildren(found.length ? h("ol", { class: "found" }, ...found.map((one) => card(one, go))) : h("p", {}, t("found.none")));
}

function card(one, go) {
  const title = `title-${one.n}`;
  const kind = one.form === "link" ? "link" : "state";
  return h(
    "li",
    { id: `found-${one.n}`, class: `card ${hue(one.state)}` },
    h(
      "div",
      { class: "top" },
      h("h3", { id: title }, h("span", { class: "n", "aria-hidden": "true" }, String(one.n)), h("span", { class: "away" }, `${one.n}: `), t(`form.${one.form}`), " ", pill(one.state, t(`${kind}.${one.state}`))),
      h("button", { type: "button", class: "quiet", id: `show-${one.n}`, "aria-describedby": title, click: () => go(one.n) }, t("show")),
    ),
    h("p", { class: "says" }, says(one, kind)),
    kind === "link" ? chain([one]) : about(one),
    kind === "link" ? null : why(one),
  );
}

/** Why it is in that state, in plain words. */
function says(one, kind) {
  const words = kind === "link" ? `says.link.${one.state}` : `says.${one.state}`;
  if (one.reason) return t(`reason.${one.reason}`);
  return has(words) ? t(words) : t(`says.${one.state}`);
}

function about(one) {
  const rows = [];
  const row = (key, ...value) => rows.push(h("div", {}, h("dt", {}, t(key)), h("dd", {}, ...value)));
  if (one.author_name || one.author_handle) {
    row("author", auto(one.author_name ?? ""), " ", one.author_handle ? h("bdi", { class: "muted" }, `@${one.author_handle}`) : null);
  }
  if (one.text) row("words", auto(one.text, "p"));
  if (one.tweet_id) row("posted", ...(one.created_at ? [when(one.created_at, false), " · "] : []), h("a", { href: one.url, rel: "noreferrer", target: "_blank", dir: "ltr" }, one.tweet_id));
  if (one.confidence !== null) {
    const words = `confidence.${one.confidence}`;
    row("confidence", number(one.confidence), has(words) ? ` · ${t(words)}` : "");
  }
  if (one.found_by) row("found_by", t(`by.${one.found_by}`));
  if (one.served_from) row("served_from", t(`from.${one.served_from}`), ...(one.checked_at ? [" · ", ...around(t("checked"), when(one.checked_at))] : []));
  return h("div", {}, h("dl", {}, ...rows), one.links.length ? chain(one.links) : null);
}

const around = (words, inside) => words.split("{when}").flatMap((part, index) => (index ? [inside, part] : [part]));

/** Where links lead, hop by hop. */
function chain(links) {
  const line = (link) => {
    const hops = [...new Set([link.url, ...(link.hops ?? []), link.raw_target, link.target].filter(Boolean))];
    const last = hops.at(-1);
    return h("li", {}, ...hops.flatMap((hop, index) => [
      index ? h("span", { class: "arrow", "aria-hidden": "true" }, "→") : null,
      h(hop === last && link.state === "resolved" ? "strong" : "bdi", { dir: "ltr" }, hop),
    ]), hops.length > 1 && link.state === "resolved" ? null : h("span", {}, " ", pill(link.state, t(`link.${link.state}`))));
  };
  return h("ul", { class: "chain", "aria-label": t("chain") }, ...links.map(line));
}

/** A candidate that several sources named is one. */
function once(considered) {
  const found = new Map();
  for (const each of considered) {
    const known = found.get(each.tweet_id);
    if (known) known.sources.push(each.source);
    else found.set(each.tweet_id, { ...each, sources: [each.source] });
  }
  return [...found.values()];
}

/** The words of the article beside those of each candidate that was looked at. */
function why(one) {
  if (!one.considered?.length && one.state !== "unidentified") return null;
  const looked = once(one.considered ?? []);
  const candidate = (each) => {
    const parts = each.text && one.text ? compare(one.text, each.text) : [[0, each.text ?? ""]];
    const side = (kind, name) => h("p", { dir: "auto" }, ...parts.filter(([of]) => of === 0 || of === kind).map(([of, text]) => (of ? h(name, {}, text) : text)));
    const facts = [each.handle && `@${each.handle}`, ...each.sources.map((source) => t(`by.${source}`)), each.confidence !== null && `${t("confidence")} ${number(each.confidence)}`];
    return h(
      "div",
      { class: "sides" },
      one.text && each.text ? h("div", {}, h("h4", {}, t("why.article")), side(-1, "del")) : null,
      h(
        "div",
        {},
        h("h4", {}, h("bdi", { dir: "ltr" }, t("why.candidate", { id: each.tweet_id }))),
        each.text ? side(1, "ins") : null,
        each.reason ? h("p", {}, t(has(`state.${each.reason}`) ? `state.${each.reason}` : `reason.${each.reason}`)) : null,
        h("p", { class: "hint" }, facts.filter(Boolean).join(" · "), ...(each.created_at ? [" · ", when(each.created_at, false)] : [])),
      ),
    );
  };
  return h("details", { open: one.state !== "embedded" }, h("summary", {}, t("why")), ...(looked.length ? looked.map(candidate) : [h("p", {}, t("why.none"))]));
}

/** Bring a mention into sight, in the article and in the list. */
export function point(n, focus) {
  for (const each of document.querySelectorAll(".here")) each.classList.remove("here");
  for (const [id, own] of [[`place-${n}`, "place"], [`found-${n}`, "found"]]) {
    const element = $(id);
    if (!element) continue;
    element.classList.add("here");
    element.scrollIntoView({ block: "nearest", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
    if (own === focus) (own === "found" ? $(`show-${n}`) : element).focus({ preventScroll: true });
  }
}
