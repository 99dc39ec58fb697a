/* What a change does to the page: a panel nobody is using refreshes itself, everything else offers to. */

import { announce } from "./announce.js";
import { age, word } from "./words.js";

const changed = new WeakMap();
const notices = new WeakMap();
const asked = new WeakSet();

/**
 * Take in a message: which sections moved, of which subject at which version. Without sections (a resync) every
 * panel is taken to have moved. A list never changes under its reader; it offers to.
 */
export function applyChange({ sections, subject, version }) {
  const key = `${subject ?? ""}/${version ?? ""}/${sections?.join() ?? ""}`;
  for (const panel of document.querySelectorAll("[data-sections]")) {
    if (concerns(panel, sections)) refreshOrOffer(panel, key);
  }
}

/** Redraw the ages beside what changed. */
export function redrawAges() {
  document.querySelectorAll("[data-sections].is-new").forEach(drawNote);
}

function concerns(panel, sections) {
  return !sections || panel.dataset.sections.split(/\s+/).some((section) => sections.includes(section));
}

function refreshOrOffer(panel, key) {
  // What moves several times at one version, such as a text that is drafted and checked, is one change.
  const keys = (changed.get(panel)?.keys ?? new Set()).add(key);
  changed.set(panel, { keys, at: Date.now() });
  if (nameOf(panel)) announce(word("announce", { name: nameOf(panel), number: keys.size }));
  if (panel.matches("[data-live-list]") || isInUse(panel)) offer(panel, key);
  else htmx.trigger(panel, "refresh");
}

function nameOf(panel) {
  return panel.dataset.panel ?? panel.querySelector("h1, h2, h3")?.textContent.trim() ?? "";
}

function isInUse(panel) {
  return (
    panel.contains(document.activeElement) ||
    isSelectedIn(panel) ||
    panel.querySelector("details[open]:not([data-opened]), dialog[open], [aria-expanded='true']") !== null ||
    [...panel.querySelectorAll("input, textarea")].some(isFilledIn)
  );
}

function isFilledIn(input) {
  return input.type === "checkbox" || input.type === "radio"
    ? input.checked !== input.defaultChecked
    : input.value !== input.defaultValue;
}

function isSelectedIn(panel) {
  const selection = document.getSelection();
  return selection !== null && !selection.isCollapsed && selection.containsNode(panel, true);
}

function offer(target, key) {
  const notice = notices.get(target) ?? addNotice(target);
  const count = notice.keys.add(key).size;
  const list = target.matches("[data-live-list]") ? "list-" : "";
  notice.words.textContent = word(count === 1 ? `one-${list}change` : `many-${list}changes`, { number: count });
  notice.button.textContent = word(count === 1 ? "show-it" : "show-them");
}

// Into the line that is kept for it, so that nothing moves under the reader; else on top of what it is about.
function addNotice(target) {
  const place = target.querySelector("[data-live-slot]") ?? target.querySelector("[data-live-note]");
  const box = document.createElement(place ? "span" : "div");
  const words = document.createElement("span");
  const button = document.createElement("button");
  box.className = place ? "live-notice live-notice--inline" : "live-notice";
  button.type = "button";
  button.className = place ? "button button--link" : "button button--small";
  box.append(words, " ", button);
  button.addEventListener("click", () => show(target));
  if (place) place.replaceChildren(box);
  else target.prepend(box);
  const notice = { box, words, button, keys: new Set() };
  notices.set(target, notice);
  return notice;
}

function show(target) {
  if (!target.hasAttribute("hx-get")) {
    location.reload();
    return;
  }
  asked.add(target);
  htmx.trigger(target, "refresh");
}

function focusHeading(panel) {
  const heading = panel.querySelector("h1, h2, h3");
  if (!heading) return;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}

function drawNote(panel) {
  const note = panel.querySelector("[data-live-note]");
  const change = changed.get(panel);
  if (note && change) note.textContent = word("new-here", { number: change.keys.size, age: age(change.at) });
}

document.addEventListener("htmx:afterSwap", ({ detail: { target } }) => {
  notices.get(target)?.box.remove();
  notices.delete(target);
  if (asked.delete(target)) focusHeading(target);
  if (!changed.has(target)) return;
  if (target.matches("[data-live-list]")) {
    changed.delete(target);
    return;
  }
  target.classList.add("is-new");
  drawNote(target);
});
