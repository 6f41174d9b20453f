/** The service's own REST interface, at the address this page came from. */

const ROOT = new URL("../", import.meta.url);
const KEY = "tweet-embed:key";
let held = "";

/** The key lives in this tab alone; a browser that refuses storage keeps it until the page is left. */
export const key = {
  get() {
    try {
      return sessionStorage.getItem(KEY) ?? held;
    } catch {
      return held;
    }
  },
  set(value) {
    held = value;
    try {
      sessionStorage.setItem(KEY, value);
    } catch {
      // see above
    }
  },
};

export const address = ROOT.href.replace(/\/$/, "");

/** The service said no. `code` is its word, `faults` what was wrong with the request; `down` if nobody answered. */
export class Trouble extends Error {
  constructor(code, detail = "", faults = []) {
    super(detail);
    this.code = code;
    this.faults = faults;
  }
}

async function post(path, body, signal) {
  let response;
  try {
    const headers = { "Content-Type": "application/json" };
    if (key.get()) headers.Authorization = `Bearer ${key.get()}`;
    response = await fetch(new URL(path, ROOT), { method: "POST", headers, body: JSON.stringify(body), signal, cache: "no-store", credentials: "omit" });
    const answer = await response.json();
    if (response.ok) return { answer, after: Number(response.headers.get("Retry-After")) || null };
    throw new Trouble(answer.code, answer.detail, answer.errors ?? []);
  } catch (error) {
    if (error instanceof Trouble || error.name === "AbortError") throw error;
    throw new Trouble("down");
  }
}

/** Ask for an article: the answer, and after how many seconds to ask again where it is not complete. */
export const resolve = (body, signal) => post("v1/resolve", body, signal);

export const detect = async (body, signal) => (await post("v1/detect", body, signal)).answer;

export async function sample(file) {
  try {
    const response = await fetch(new URL(`playground/samples/${file}`, ROOT));
    if (response.ok) return await response.text();
  } catch {
    // told below
  }
  throw new Trouble("sample");
}
