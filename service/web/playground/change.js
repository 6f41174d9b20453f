/** Before and after: only what changed, with a little of what stands around it. */

import { $, h, number, t } from "./dom.js";
import { difference } from "./difference.js";

const AROUND = 60;

export function drawChange(article, answer, found) {
  if (article === answer.content) {
    $("panel-change").replaceChildren(h("p", {}, t("change.none")));
    return;
  }
  const parts = difference(article, answer.content, found.map((one) => [one.from, one.to]));
  let places = 0;
  let same = 0;
  const shown = parts.flatMap(([kind, text], index) => {
    if (kind === 0) {
      same += text.length;
      return around(text, index === 0, index === parts.length - 1);
    }
    if (kind === -1 || parts[index - 1]?.[0] !== -1) places += 1;
    const words = t(kind < 0 ? "change.gone" : "change.added");
    return [h(kind < 0 ? "del" : "ins", {}, h("span", { class: "away" }, words, " "), text)];
  });
  $("panel-change").replaceChildren(
    h("p", {}, t("change.some", { n: number(places), same: number(same) })),
    h("pre", { class: "change", dir: "auto", tabindex: "0", role: "region", "aria-label": t("tab.change") }, ...shown),
  );
}

/** The same text on both sides: its ends, and how much lies between them. */
function around(text, first, last) {
  const head = first ? 0 : AROUND;
  const tail = last ? 0 : AROUND;
  if (text.length <= head + tail + AROUND) return [text];
  const skipped = text.length - head - tail;
  return [text.slice(0, head), h("span", { class: "skipped" }, t("change.same", { n: number(skipped) })), text.slice(text.length - tail)];
}
