/** What can be taken along: the result, and calls that make it again. */

import { $, copy, h, press, t } from "./dom.js";
import { address, key } from "./service.js";
import { flags, link, remember, request, view } from "./settings.js";

const KINDS = ["html", "json", "curl", "cli", "wordpress"];
const LONG = 4000; // characters of an article that still make a command one can read

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

function curl(article) {
  const head = `curl -s ${address}/v1/resolve \\\n  -H 'Content-Type: application/json' \\\n${key.get() ? '  -H "Authorization: Bearer $TWEET_EMBED_KEY" \\\n' : ""}`;
  if (article.length <= LONG) return `${head}  -d ${quoted(JSON.stringify(request(article)))}`;
  const { content: _, ...rest } = request("");
  const more = Object.keys(rest).length ? ` + ${JSON.stringify(rest)}` : "";
  return `jq -Rs ${quoted(`{content: .}${more}`)} article.txt |\n${head}  --data-binary @-`;
}

/** How a file with such an article is called. Text comes back as HTML where an embed was written. */
function file(article, { format }) {
  if (format === "markdown") return "article.md";
  return `article.${format === "html" && /<[a-z!]/i.test(article) ? "html" : "txt"}`;
}

function wordpress() {
  const { content: _, explain: __, ...rest } = request("");
  const php = quoted(JSON.stringify({ ...rest, format: "html" })).replaceAll("'\\''", "\\'");
  const header = key.get() ? ", 'Authorization' => 'Bearer ' . TWEET_EMBED_KEY" : "";
  return `<?php
// Plugin Name: tweet-embed: whole tweets in every post that is saved
add_filter('wp_insert_post_data', function ($data) {
    if (!in_array($data['post_status'], ['publish', 'future', 'private'], true)) {
        return $data;
    }
    $ask = json_decode(${php}, true);
    $ask['content'] = wp_unslash($data['post_content']);
    $answer = wp_remote_post(${quoted(`${address}/v1/resolve`)}, [
        'timeout' => 5,
        'headers' => ['Content-Type' => 'application/json'${header}],
        'body' => wp_json_encode($ask),
    ]);
    if (wp_remote_retrieve_response_code($answer) === 200) {
        $result = json_decode(wp_remote_retrieve_body($answer), true);
        if (is_string($result['content'] ?? null)) {
            $data['post_content'] = wp_slash($result['content']);
        }
    }
    return $data;
});
`;
}

function text(article, answer) {
  if (view.take === "json") return JSON.stringify(answer, null, 1);
  if (view.take === "curl") return curl(article);
  if (view.take === "cli") return ["tweet-embed resolve", file(article, answer), ...flags()].join(" ");
  return view.take === "wordpress" ? wordpress() : answer.content;
}

let shown = null;

export function drawTake(article, answer) {
  shown = { article, answer };
  if (!KINDS.includes(view.take)) [view.take] = KINDS;
  $("take-kind").replaceChildren(...KINDS.map((kind) => h("button", { type: "button", value: kind }, t(`take.${kind}`))));
  press($("take-kind"), view.take);
  $("take-hint").textContent = t(`take.hint.${view.take}`, { file: file(article, answer) });
  $("take-text").textContent = text(article, answer);
}

export function startTake() {
  $("take-kind").addEventListener("click", ({ target }) => {
    if (!target.value) return;
    view.take = target.value;
    drawTake(shown.article, shown.answer);
    $("take-kind").querySelector(`[value="${view.take}"]`).focus();
    remember();
  });
  const done = (button, words) => {
    button.textContent = words;
    $("status").dataset.said = words;
    setTimeout(() => (button.textContent = t(button.dataset.t)), 2000);
  };
  $("copy").addEventListener("click", async ({ target }) => {
    await copy($("take-text").textContent);
    done(target, t("copied"));
  });
  $("share").addEventListener("click", async ({ target }) => {
    const made = await link(shown.article);
    if (made) await copy(made);
    done(target, t(made ? "copied" : "share.long"));
  });
}
