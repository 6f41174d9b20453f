/** Elements, words and places: what every part of the page uses. */

import { WORDS } from "./words.js";

export const $ = (id) => document.getElementById(id);

/** Make an element. A property that is a function is a listener; text is never read as HTML. */
export function h(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (typeof value === "function") made.addEventListener(key, value);
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

let language = "en";
export const spoken = () => language;

/** Words of the page, with `{name}` filled in; what has none (a value newer than this page) stands as its key's last part. */
export function t(key, values = {}) {
  const words = WORDS[language][key] ?? key.slice(key.indexOf(".") + 1);
  return words.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

export const has = (key) => key in WORDS[language];
export const number = (value) => new Intl.NumberFormat(language).format(value);

/** Write the page in a language: text where `data-t` names it, labels and titles where those do. */
export function speak(wanted) {
  language = wanted in WORDS ? wanted : "en";
  const root = document.documentElement;
  root.lang = language;
  root.dir = language === "ar" ? "rtl" : "ltr";
  for (const each of document.querySelectorAll("[data-t]")) each.textContent = t(each.dataset.t);
  for (const each of document.querySelectorAll("[data-label]")) each.setAttribute("aria-label", t(each.dataset.label));
  for (const each of document.querySelectorAll("[data-title]")) each.title = t(each.dataset.title);
  for (const each of document.querySelectorAll("[data-place]")) each.placeholder = t(each.dataset.place);
}

/** Turn the API's places, which count code points, into places of a JavaScript string. */
export function placesIn(text) {
  if (!/[\ud800-\udbff][\udc00-\udfff]/.test(text)) return (place) => place;
  const pairs = []; // code point at which each pair stands
  for (const { index } of text.matchAll(/[\ud800-\udbff][\udc00-\udfff]/g)) pairs.push(index - pairs.length);
  return (place) => {
    let low = 0;
    let high = pairs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (pairs[middle] < place) low = middle + 1;
      else high = middle;
    }
    return place + low;
  };
}

/** One of several buttons is pressed. */
export function press(group, value) {
  for (const button of group.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button.value === value));
}

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch { // no permission, or no https
    const field = h("textarea", { class: "away" });
    field.value = text;
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }
}
