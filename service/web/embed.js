/* The reader's consent for tweet-embed: nothing is asked of X before the click. Load it with `defer`; it needs no inline script or style.
   A page with a Content-Security-Policy lets X in itself: script-src and frame-src https://platform.x.com https://platform.twitter.com. */
(() => {
  "use strict";

  const WIDGETS = "https://platform.x.com/widgets.js";
  const CHOICE = "tweet-embed:x";
  const written = new WeakMap(); // an embed's place -> the blockquote as the article has it
  let arriving = null;

  const places = () => document.querySelectorAll("div.tweet-embed");
  const part = (place, name) => place.querySelector(`:scope > .tweet-embed-${name}`);

  // A browser may refuse storage: then the choice holds for this page.
  const choice = {
    get: () => {
      try {
        return localStorage.getItem(CHOICE) === "yes";
      } catch {
        return false;
      }
    },
    set: (yes) => {
      try {
        if (yes) localStorage.setItem(CHOICE, "yes");
        else localStorage.removeItem(CHOICE);
      } catch {
        // see above
      }
    },
  };

  const tell = (place, loaded) => {
    for (const [name, hidden] of [["ask", loaded], ["load", loaded], ["stop", !loaded]]) {
      const shown = part(place, name);
      if (shown) shown.hidden = hidden;
    }
  };

  // Pages that require Trusted Types take a script's address from a policy only; this one knows one address.
  let policy = null;
  const address = () => {
    policy ??= window.trustedTypes?.createPolicy("tweet-embed", { createScriptURL: () => WIDGETS });
    return policy ? policy.createScriptURL("") : WIDGETS;
  };

  const fetchX = () => {
    arriving ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = address();
      script.async = true;
      script.addEventListener("load", resolve);
      script.addEventListener("error", () => {
        arriving = null; // asked again at the next click
        script.remove();
        reject(new Error(WIDGETS));
      });
      document.head.append(script);
    });
    return arriving;
  };

  const load = async () => {
    for (const place of places()) {
      const quote = place.querySelector(":scope > blockquote");
      if (quote) written.set(place, quote.cloneNode(true));
      tell(place, true);
    }
    try {
      await fetchX();
      for (const place of places()) window.twttr?.widgets?.load?.(place);
    } catch {
      for (const place of places()) tell(place, false); // X is out of reach: the words are still there
    }
  };

  const stop = () => {
    for (const place of places()) {
      const quote = written.get(place);
      if (quote) {
        for (const child of [...place.children]) {
          if (!child.matches(".tweet-embed-ask, .tweet-embed-load, .tweet-embed-stop")) child.remove();
        }
        place.prepend(quote.cloneNode(true));
      }
      tell(place, false);
    }
  };

  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest(".tweet-embed > button") : null;
    const yes = button?.classList.contains("tweet-embed-load");
    if (!button || !(yes || button.classList.contains("tweet-embed-stop"))) return;
    choice.set(yes);
    if (yes) load();
    else stop();
    part(button.parentElement, yes ? "stop" : "load")?.focus(); // the button pressed is gone: focus stays with its counterpart
  });

  if (choice.get()) load();
})();
