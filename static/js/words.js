/* The words the scripts show; the page carries them translated, so no text lives in a script. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** The text kept under a key, with {name} replaced by the values given. */
export function word(key, values = {}) {
  const text = document.getElementById("words").content.querySelector(`[data-word="${key}"]`).textContent;
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** Hours and minutes of an instant (milliseconds), local to the reader. */
export function clock(at) {
  return new Date(at).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
}

/** How long ago an instant (milliseconds) was: seconds to a minute, minutes to an hour, then the time. */
export function age(at, now = Date.now()) {
  const past = Math.max(0, now - at);
  if (past < MINUTE) return word("seconds-ago", { number: Math.floor(past / SECOND) });
  if (past < HOUR) return word("minutes-ago", { number: Math.floor(past / MINUTE) });
  return clock(at);
}

/** A copy of the content of a template of the page, as a fragment. */
export function templateCopy(id) {
  return document.getElementById(id).content.cloneNode(true);
}
