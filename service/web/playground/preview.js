/** The preview's own document, in a sandbox without an origin. It is sent an article, and shows what a page may show of it: elements and
 * attributes of a list, pictures and frames as boxes. */

import { escaped, reduced } from "./markup.js";

const WIDGETS = "https://platform.x.com/widgets.js";
const withX = new URLSearchParams(location.search).get("x") === "on";
const words = (text) => new Set(text.split(" "));
const KEPT = words(
  "a abbr address amp-twitter article aside b bdi bdo blockquote br button caption center cite code col colgroup dd del details dfn div dl dt em figcaption figure footer h1 h2 h3 h4 h5 h6 header hr i ins kbd li main mark nav ol p pre q rp rt ruby s samp section small span strike strong sub summary sup table tbody td tfoot th thead time tr tt u ul var",
);
const BOXED = words("img video audio iframe embed object canvas svg math input select textarea");
const ATTRIBUTES = words("align alt cite class colspan datetime dir hidden lang reversed rowspan scope span start title value width");
const ADDRESS = /^(?:https?|mailto):/i;
const policy = window.trustedTypes?.createPolicy("preview", { createHTML: (text) => text });

const box = (name, found) => `<span class="box" dir="auto">${escaped(found.get("alt") || found.get("title") || `<${name}>`)}</span>`;

function tag(name, found) {
  if (BOXED.has(name)) return box(name, found);
  if (!KEPT.has(name)) return null;
  const kept = [...found].filter(([key, value]) => ATTRIBUTES.has(key) || /^data-[a-z-]+$/.test(key) || (key === "href" && ADDRESS.test(value)));
  if (name === "a") kept.push(["rel", "noopener noreferrer"]);
  if (name === "button") kept.push(["type", "button"]);
  return kept;
}

const show = (html, page) => {
  const clean = reduced(html, tag);
  page.innerHTML = policy ? policy.createHTML(clean) : clean;
};

// Markdown as far as a preview needs it: blocks, and links, emphasis and code in a line. Raw HTML stays HTML, and is built anew like the rest.
const literal = (text) => escaped(text.replaceAll("&", "&amp;"));
const line = (text) =>
  text
    .split(/(`[^`]*`)/)
    .map((part, index) =>
      index % 2
        ? `<code>${literal(part.slice(1, -1))}</code>`
        : part
            .replace(/!\[([^\]]*)\]\([^)]*\)/g, (_, alt) => `<img alt="${escaped(alt)}">`)
            .replace(/\[([^\]]*)\]\(\s*<?([^\s)>]*)>?[^)]*\)/g, (_, shown, href) => `<a href="${escaped(href)}">${shown}</a>`)
            .replace(/<(https?:[^\s>]*)>/g, (_, href) => `<a href="${escaped(href)}">${escaped(href)}</a>`)
            .replace(/\*\*(.+?)\*\*/g, "<strong>$1</strong>")
            .replace(/\*([^*\s][^*]*)\*/g, "<em>$1</em>"),
    )
    .join("");
const markdown = (text) => {
  const body = text.replace(/^---\n[^]*?\n---\n/, "").replace(/\r\n?/g, "\n");
  return body
    .split(/^((?:```|~~~)[^]*?^(?:```|~~~)[^\n]*$)/m)
    .map((part, index) => {
      if (index % 2) return `<pre><code>${literal(part.split("\n").slice(1, -1).join("\n"))}</code></pre>`;
      return part
        .split(/\n\s*\n/)
        .map((block) => {
          const own = block.trim();
          const heading = /^(#{1,6})\s+(.*)/.exec(own);
          if (!own || /^<[a-z!/]/i.test(own)) return own;
          if (heading) return `<h${heading[1].length}>${line(heading[2])}</h${heading[1].length}>`;
          if (/^([-*+]|\d+[.)])\s/.test(own)) return `<ul>${own.split(/\n(?=[-*+\d])/).map((item) => `<li>${line(item.replace(/^\S+\s+/, ""))}</li>`).join("")}</ul>`;
          if (own.startsWith(">")) return `<blockquote>${line(own.replace(/^>\s?/gm, ""))}</blockquote>`;
          return `<p>${line(own)}</p>`;
        })
        .join("\n");
    })
    .join("");
};

// The embeds follow the reader's system; here they follow the switch.
let night = null;
const darken = (dark) => {
  document.documentElement.classList.toggle("dark", dark);
  const looks = [...document.styleSheets].find((sheet) => sheet.href.endsWith("/embed.css"));
  night ??= [...looks.cssRules].filter((rule) => /prefers-color-scheme: dark/.test(rule.media?.mediaText));
  for (const rule of night) rule.media.mediaText = dark ? "all" : "not all";
};

const load = (address, then = () => {}) => {
  const script = document.createElement("script");
  script.src = address;
  script.addEventListener("load", then);
  document.head.append(script);
};

const tell = (told) => parent.postMessage(told, "*");
const measure = () => tell({ height: Math.ceil(document.body.getBoundingClientRect().height) });

const loaded = new Set();

addEventListener("message", ({ source, origin, data }) => {
  if (source !== parent || origin !== location.origin) return;
  const page = document.getElementById("page");
  document.documentElement.dir = data.rtl ? "rtl" : "ltr";
  page.dataset.format = data.format;
  if (data.format === "text") page.textContent = data.content;
  else show(data.format === "markdown" ? markdown(data.content) : data.content, page);
  darken(data.dark);
  measure();
  if (!withX) return;
  const again = () => window.twttr?.widgets?.load?.(page);
  if (page.querySelector(".tweet-embed")) {
    if (!loaded.has("embed.js")) load("../embed.js"); // X's script comes with the reader's click
    loaded.add("embed.js");
  } else if (loaded.has(WIDGETS)) again();
  else {
    loaded.add(WIDGETS);
    load(WIDGETS, again);
  }
});
document.addEventListener("click", ({ target }) => {
  if (!withX && target.closest(".tweet-embed-load")) tell({ consent: true });
});
new ResizeObserver(measure).observe(document.body);
addEventListener("load", () => tell({ ready: true }));
