/**
 * HTML reduced to chosen tags and attributes while it is still text, by the tokenizer of HTML (WHATWG, 13.2.5) as far as that needs. What comes
 * out holds no other tag: a browser that parses it has nothing to run, to load or to report.
 */

const RAW = new Set("script style textarea title xmp iframe noembed noframes noscript".split(" "));
const ATTRIBUTE = /[\s/]*(?:(>)|(=?[^\s=>/]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]*)))?)/y;

export const escaped = (text) => text.replace(/[<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** The attributes of the tag that begins before `at`, and where it ends; no end if the text ends first. */
function attributes(html, at) {
  const found = new Map();
  ATTRIBUTE.lastIndex = at;
  for (;;) {
    const [whole, end, name, double, single, bare] = ATTRIBUTE.exec(html) ?? [""];
    if (end) return [found, ATTRIBUTE.lastIndex];
    if (!whole || /^["']/.test(bare ?? "")) return [found, html.length]; // an open quote takes the rest
    if (name && !found.has(name.toLowerCase())) found.set(name.toLowerCase(), double ?? single ?? bare ?? "");
  }
}

/**
 * Reduce `html`. `tag(name, attributes)` says what to write for a start tag: an array of attributes keeps it, a string stands in its place and
 * for all that is in it, null takes the tag alone out. What is in a raw text element goes in any case.
 */
export function reduced(html, tag) {
  const lower = html.toLowerCase();
  const written = [];
  const open = new Map(); // end tags are kept for the start tags that were
  let at = 0;
  const endless = new Set(); // names without an end tag from here on: not looked for again
  const past = (name, from) => {
    const end = endless.has(name) ? -1 : lower.indexOf(`</${name}`, from);
    if (end < 0) endless.add(name);
    return end < 0 ? -1 : attributes(html, end + name.length + 2)[1];
  };
  for (;;) {
    const next = html.indexOf("<", at);
    written.push(escaped(html.slice(at, next < 0 ? undefined : next)));
    if (next < 0) return written.join("");
    const [, close, name] = /^<(\/?)([a-z][^\s/>]*)/i.exec(html.slice(next, next + 80)) ?? [];
    if (html.startsWith("<!--", next)) {
      const end = html.indexOf("-->", next + 4);
      at = end < 0 ? html.length : end + 3;
    } else if (/[!?/]/.test(html[next + 1] ?? "") && !name) {
      const end = html.indexOf(">", next);
      at = end < 0 ? html.length : end + 1;
    } else if (!name) {
      written.push("&#60;");
      at = next + 1;
    } else {
      const [found, end] = attributes(html, next + 1 + close.length + name.length);
      const own = name.toLowerCase();
      at = end;
      if (close) {
        if (!open.get(own)) continue;
        open.set(own, open.get(own) - 1);
        written.push(`</${own}>`);
        continue;
      }
      const kept = tag(own, found);
      if (Array.isArray(kept)) {
        written.push(`<${own}${kept.map(([key, value]) => ` ${key}="${escaped(value)}"`).join("")}>`);
        if (!RAW.has(own)) open.set(own, (open.get(own) ?? 0) + 1);
      } else if (kept !== null) written.push(kept);
      if (RAW.has(own) || typeof kept === "string") {
        const inner = past(own, end);
        if (Array.isArray(kept)) written.push(`</${own}>`);
        if (inner >= 0) at = inner;
        else if (RAW.has(own)) at = html.length;
      }
    }
  }
}
