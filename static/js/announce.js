/* The one polite live region of a page: at most one message in 10 s, what came meanwhile joined into it. */

const QUIET_MS = 10_000;

let waiting = [];
let spokenAt = -QUIET_MS;
let timer = null;

/** Say a sentence when the quiet time since the last one is over; the same sentence is said once. */
export function announce(text) {
  if (!waiting.includes(text)) waiting.push(text);
  timer ??= setTimeout(speak, Math.max(0, spokenAt + QUIET_MS - performance.now()));
}

/** Say a sentence at once, over whatever is being read: only for a lost connection or a refused signature. */
export function announceNow(text) {
  document.getElementById("alert").textContent = text;
}

function speak() {
  document.getElementById("announce").textContent = waiting.join(" ");
  waiting = [];
  timer = null;
  spokenAt = performance.now();
}
