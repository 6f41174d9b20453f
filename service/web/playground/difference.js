/** Differences of two texts, as [kind, text]: 0 the same, -1 in the first alone, 1 in the second alone. */

const TOKENS = /<[^>]*>|[\p{L}\p{M}\p{N}_]+|\s+|[^]/gu;
const MOST = 600; // edits looked for in one stretch; beyond, the stretch is told as replaced whole

/** Myers' algorithm (1986) over two lists; null if they differ in more than MOST places. */
function shortest(a, b) {
  const trace = [];
  let reach = new Map([[1, 0]]);
  for (let edits = 0; edits <= Math.min(MOST, a.length + b.length); edits += 1) {
    trace.push(reach);
    const next = new Map();
    for (let k = -edits; k <= edits; k += 2) {
      let x = k === -edits || (k !== edits && (reach.get(k - 1) ?? -1) < (reach.get(k + 1) ?? -1)) ? (reach.get(k + 1) ?? 0) : (reach.get(k - 1) ?? 0) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x += 1;
      next.set(k, x);
      if (x >= a.length && x - k >= b.length) return back(a, b, trace, edits);
    }
    reach = next;
  }
  return null;
}

function back(a, b, trace, found) {
  const told = [];
  let x = a.length;
  let y = b.length;
  for (let edits = found; edits >= 0; edits -= 1) {
    const reach = trace[edits];
    const k = x - y;
    const down = k === -edits || (k !== edits && (reach.get(k - 1) ?? -1) < (reach.get(k + 1) ?? -1));
    const from = edits === 0 ? 0 : (reach.get(down ? k + 1 : k - 1) ?? 0);
    const to = edits === 0 ? 0 : from - (down ? k + 1 : k - 1);
    while (x > from && y > to && a[x - 1] === b[y - 1]) {
      x -= 1;
      y -= 1;
      told.push([0, a[x]]);
    }
    if (edits > 0) {
      if (down) told.push([1, b[(y -= 1)]]);
      else told.push([-1, a[(x -= 1)]]);
    }
  }
  return told.reverse();
}

/** Differences of two short texts, by tags and words; white space alone does not part two changes. */
export const compare = (before, after) => tidy(tokenwise(before, after), (text) => /^\s+$/.test(text));

function tokenwise(before, after) {
  if (before === after) return before ? [[0, before]] : [];
  return joined(shortest(before.match(TOKENS) ?? [], after.match(TOKENS) ?? []) ?? [[-1, before], [1, after]]);
}

/** Put neighbours of a kind together; what was taken out stands before what was written. */
function joined(parts) {
  const told = [];
  let gone = "";
  let added = "";
  const flush = () => {
    if (gone) told.push([-1, gone]);
    if (added) told.push([1, added]);
    gone = added = "";
  };
  for (const [kind, text] of parts) {
    if (!text) continue;
    if (kind === -1) gone += text;
    else if (kind === 1) added += text;
    else {
      flush();
      if (told.at(-1)?.[0] === 0) told.at(-1)[1] += text;
      else told.push([0, text]);
    }
  }
  flush();
  return told;
}

/** Two changes with little of the same between them read better as one; done again while there are any. */
function tidy(parts, isLittle) {
  const size = (index, step) => {
    let most = 0;
    for (let at = index + step; parts[at] && parts[at][0] !== 0; at += step) most = Math.max(most, parts[at][1].length);
    return most;
  };
  const little = ([kind, text], index) => {
    const around = Math.min(size(index, -1), size(index, 1));
    return kind === 0 && around > 0 && isLittle(text, around);
  };
  const tidied = joined(parts.flatMap((part, index) => (little(part, index) ? [[-1, part[1]], [1, part[1]]] : [part])));
  return tidied.length === parts.length ? tidied : tidy(tidied, isLittle);
}

/**
 * Differences of an article before and after. `spans` are the places that may have changed; what lies between them is looked
 * for as it is, whole or by its lines, so that a long article costs no more than its mentions.
 */
export function difference(before, after, spans) {
  const told = [];
  let x = 0;
  let y = 0;
  const anchor = (start, end) => {
    const text = before.slice(start, end);
    const place = after.slice(y, y + 16384 + 4 * (start - x) + text.length).indexOf(text);
    if (place < 0) return false;
    told.push(...tokenwise(before.slice(x, start), after.slice(y, y + place)), [0, text]);
    x = end;
    y += place + text.length;
    return true;
  };
  let from = 0;
  for (const [start, end] of [...spans, [before.length, before.length]]) {
    if (start - from >= 16 && !anchor(from, start)) {
      let line = from;
      for (const text of before.slice(from, start).split("\n")) {
        if (text.length >= 16) anchor(line, line + text.length);
        line += text.length + 1;
      }
    }
    from = end;
  }
  told.push(...tokenwise(before.slice(x), after.slice(y)));
  return tidy(joined(told), (text, around) => text.trim() !== "" && text.length < Math.min(24, 2 * around));
}
