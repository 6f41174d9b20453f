/** Rich text from the clipboard as HTML that an editor would have written: no styles, no marks of the program it came from. */

import { reduced } from "./markup.js";

const policy = window.trustedTypes?.createPolicy("paste", { createHTML: (text) => text });

const DROPPED = /^(?:html|head|body|meta|link|base|title|style|script|noscript|noframes|noembed|xmp|textarea|xml|font|o:.*|w:.*|st1:.*)$/;
const KEPT = /^(?:href|src|alt|title|lang|dir|cite|class|id|url|colspan|rowspan|datetime|start|type|data-.*)$/;
const FOREIGN = /^(?:Mso|Apple-|docs-internal)/;
const WRAPPER = "b[id^=docs-internal]"; // Google Docs puts all into one

const tag = (name, attributes) =>
  DROPPED.test(name) ? null : [...attributes].filter(([key, value]) => KEPT.test(key) && (name === "b" || !FOREIGN.test(value)));

/** The HTML to insert, or null where the plain text is better: none was given, or what was copied is itself source. */
export function pasted(data) {
  const rich = data.getData("text/html");
  const plain = data.getData("text/plain");
  if (!rich || [...data.types].includes("vscode-editor-data") || /<\/?[a-z!][^>]*>/i.test(plain)) return null;
  const html = reduced(rich, tag);
  const page = document.createElement("template"); // nothing in it loads or runs
  page.innerHTML = policy ? policy.createHTML(html) : html;
  for (const each of page.content.querySelectorAll(`${WRAPPER}, span`)) {
    if (each.localName === "b" || each.attributes.length === 0) each.replaceWith(...each.childNodes);
  }
  const tidy = page.innerHTML.trim();
  return /<[a-z]/i.test(tidy) ? tidy : null;
}
