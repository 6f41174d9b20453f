/** What can be asked for, as the API names it, the first value its default; and the address behind the #, which remembers it. */

import { $, h, spoken, t } from "./dom.js";

const LANGUAGES = "en ar bn cs da de el es fa fi fil fr he hi hu id it ja ko msa nl no pl pt ro ru sv th tr uk ur vi zh-cn zh-tw";

/** Name, values; a list is a choice, true and false a switch, else the field's type. */
const REQUEST = [
  ["format", ["auto", "html", "text", "markdown"]],
  ["output", ["auto", "html", "text"]],
  ["deadline_ms", "number", 0, 30000],
  ["url", "url"],
];
const OPTIONS = [
  ["render", ["blockquote", "consent", "amp", "link"]],
  ["intact", ["keep", "renew"]],
  ["script", ["keep", "none", "once"]],
  ["links", ["expand", "href", "keep"]],
  ["gone", ["keep", "tombstone", "remove"]],
  ["unidentified", ["keep", "quote"]],
  ["theme", [null, "light", "dark"]],
  ["align", [null, "left", "center", "right"]],
  ["lang", [null, ...LANGUAGES.split(" ")]],
  ["max_width", "number", 220, 550],
  ["strip_tracking", true],
  ["dnt", true],
  ["hide_media", false],
  ["hide_thread", false],
];
const ALL = [...REQUEST, ...OPTIONS, ["explain", true]];
const standard = ([, values]) => (Array.isArray(values) ? values[0] : typeof values === "boolean" ? values : null);
const chosen = Object.fromEntries(ALL.map((one) => [one[0], standard(one)]));

/** What of the page itself is remembered beside the options. */
export const view = { ui: "", sample: "", tab: "found", take: "html", width: innerWidth < 640 ? "full" : "550", dark: "", rtl: "" };
const VIEW = { ...view };

/** The options that differ from the API's defaults. */
const changed = (list) => Object.fromEntries(list.filter((one) => chosen[one[0]] !== standard(one)).map(([name]) => [name, chosen[name]]));

/** The body of `POST /v1/resolve`, without what is as the API has it anyway. */
export function request(content) {
  const options = changed(OPTIONS);
  return { content, ...changed(REQUEST), ...(chosen.explain ? { explain: true } : {}), ...(Object.keys(options).length ? { options } : {}) };
}

/** The flags of `tweet-embed resolve` that say the same. */
export function flags() {
  const { url: _, ...rest } = { ...changed(REQUEST), ...changed(OPTIONS) };
  return Object.entries(rest).map(([name, value]) => {
    const flag = name.replaceAll("_", "-");
    return typeof value === "boolean" ? `--${value ? "" : "no-"}${flag}` : `--${flag} ${value}`;
  });
}

export const choice = (name) => chosen[name];

/** Take a value as a person or an address wrote it; what is none of the option's is its default. */
export function choose(name, written) {
  const one = ALL.find((each) => each[0] === name);
  if (!one) return;
  const [, values, least, most] = one;
  let value = standard(one);
  if (Array.isArray(values)) value = values.includes(written) ? written : value;
  else if (typeof values === "boolean") value = String(written) === "true" || (String(written) !== "false" && value);
  else if (written !== null && written !== "") value = values === "number" ? Math.min(most, Math.max(least, Math.round(Number(written)) || 0)) : written;
  chosen[name] = value;
  const field = $(`option-${name}`);
  if (field?.type === "checkbox") field.checked = value;
  else if (field) field.value = value ?? "";
  tell();
}

function tell() {
  const n = Object.keys(changed(ALL)).length;
  $("options-set").textContent = n ? t("options.set", { n }) : "";
  $("reset").hidden = n === 0;
}

/** A choice's words: the API's own value, and what it means. */
export function named(name, value) {
  if (value === null) return t("value.null");
  if (name === "lang") return `${value} · ${new Intl.DisplayNames(spoken(), { type: "language" }).of(value === "msa" ? "ms" : value)}`;
  const meaning = t(`value.${name}.${value}`);
  return meaning === `${name}.${value}` ? value : `${value}: ${meaning}`;
}

export const select = (name, properties) =>
  h("select", properties, ...ALL.find((one) => one[0] === name)[1].map((value) => h("option", { value: value ?? "" }, named(name, value))));

/** Draw the controls. `then` is called when somebody changed one. */
export function draw(then) {
  const row = ([name, values, min, max]) => {
    const id = `option-${name}`;
    const change = ({ target }) => {
      choose(name, target.type === "checkbox" ? target.checked : target.value);
      then();
    };
    const label = [h("span", {}, t(`option.${name}`)), h("code", {}, name)];
    if (typeof values === "boolean") return h("label", { class: "check" }, h("input", { type: "checkbox", id, change }), ...label);
    const field = Array.isArray(values) ? select(name, { id, change }) : h("input", { id, type: values, min, max, change, dir: "ltr", autocomplete: "off" });
    return h("label", {}, ...label, field);
  };
  $("controls").replaceChildren(...ALL.map(row));
  $("reset").onclick = () => {
    for (const one of ALL) choose(one[0], standard(one));
    $("options").querySelector("summary").focus();
    then();
  };
  for (const [name] of ALL) choose(name, chosen[name]);
}

/** Write the address: options and view, never the article. */
export function remember() {
  const kept = new URLSearchParams({ ...changed(ALL) });
  for (const [name, value] of Object.entries(view)) if (value !== VIEW[name]) kept.set(name, value);
  const hash = kept.size ? `#${kept}` : "";
  if (hash !== location.hash) history.replaceState(null, "", location.pathname + location.search + hash);
}

/** Read the address; what it does not name is as at the start. Gives the article, packed, if it holds one. */
export function recall() {
  const kept = new URLSearchParams(location.hash.slice(1));
  for (const [name] of ALL) choose(name, kept.get(name) ?? standard(ALL.find((one) => one[0] === name)));
  for (const name of Object.keys(view)) view[name] = kept.get(name) ?? VIEW[name];
  return kept.get("article");
}

const stream = (bytes, through) => new Response(new Blob([bytes]).stream().pipeThrough(through));

/** This view with the article in it, or null if that is too long for an address. */
export async function link(article) {
  const bytes = new Uint8Array(await stream(new TextEncoder().encode(article), new CompressionStream("deflate-raw")).arrayBuffer());
  if (bytes.length > 24000) return null;
  const packed = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  const kept = new URLSearchParams(location.hash.slice(1));
  kept.delete("sample");
  kept.set("article", packed.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, ""));
  return `${location.href.split("#")[0]}#${kept}`;
}

/** The article of such an address. */
export async function unpack(packed) {
  const bytes = Uint8Array.from(atob(packed.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));
  return stream(bytes, new DecompressionStream("deflate-raw")).text();
}
