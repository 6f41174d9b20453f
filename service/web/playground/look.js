/** The preview's side of this page: a document of its own in a sandbox, fed by messages. */

import { $, press, t } from "./dom.js";
import { choice, choose, remember, select, view } from "./settings.js";

let answer = null;
let ready = false;

function feed() {
  if (!ready || !answer) return;
  const { content, format } = answer;
  // The sandbox has no origin to address; what it is sent is the article, which it shows anyway.
  $("frame").contentWindow.postMessage({ content, format, dark: view.dark === "1", rtl: view.rtl === "1" }, "*");
}

function load() {
  ready = false;
  $("frame").src = $("look-x").checked ? "playground/preview?x=on" : "playground/preview";
}

export function drawLook(shown) {
  answer = shown;
  if (view.tab !== "preview") return;
  if ($("frame").src) feed();
  else load();
}

/** Set the switches as the settings say, in the page's language. */
export function setLook() {
  $("look-render").replaceChildren(...select("render").children);
  $("look-render").value = choice("render");
  $("look-dark").checked = view.dark === "1";
  $("look-rtl").checked = view.rtl === "1";
  $("stage").dataset.width = view.width;
  press($("look-width"), view.width);
}

/** `again` asks the service anew, for another rendering. */
export function startLook(again) {
  addEventListener("message", ({ source, data }) => {
    if (source !== $("frame").contentWindow) return;
    if (data.ready) {
      ready = true;
      feed();
    }
    if (data.height) $("frame").style.height = `${Math.min(Math.max(Number(data.height) || 0, 120), 30000)}px`;
    if (data.consent && !$("status").textContent.includes(t("look.consent"))) $("status").append(` ${t("look.consent")}`);
  });
  $("look-render").addEventListener("change", ({ target }) => {
    choose("render", target.value);
    again();
  });
  $("look-width").addEventListener("click", ({ target }) => {
    if (!target.value) return;
    view.width = target.value;
    setLook();
    remember();
  });
  for (const name of ["dark", "rtl"]) {
    $(`look-${name}`).addEventListener("change", ({ target }) => {
      view[name] = target.checked ? "1" : "";
      remember();
      feed();
    });
  }
  $("look-x").addEventListener("change", load);
}
