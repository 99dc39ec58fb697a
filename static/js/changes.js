/* What a change does to the page: a panel nobody is using refreshes itself, everything else offers to. */

import { announce } from "./announce.js";
import { age, word } from "./words.js";

const changed = new WeakMap();
const notices = new WeakMap();

/** Take in that sections of a subject moved; without sections (a resync) every panel is taken to have moved. */
export function applyChange(sections) {
  for (const panel of document.querySelectorAll("[data-sections]")) {
    if (concerns(panel, sections)) refreshOrOffer(panel);
  }
  document.querySelectorAll("[data-live-list]").forEach(offer);
}

/** Redraw the ages beside what changed. */
export function redrawAges() {
  document.querySelectorAll("[data-sections].is-new").forEach(drawNote);
}

function concerns(panel, sections) {
  return !sections || panel.dataset.sections.split(/\s+/).some((section) => sections.includes(section));
}

function refreshOrOffer(panel) {
  const count = (changed.get(panel)?.count ?? 0) + 1;
  changed.set(panel, { count, at: Date.now() });
  announce(word("announce", { name: nameOf(panel), number: count }));
  if (isInUse(panel)) offer(panel);
  else htmx.trigger(panel, "refresh");
}

function nameOf(panel) {
  return panel.dataset.panel ?? panel.querySelector("h2, h3")?.textContent.trim() ?? "";
}

function isInUse(panel) {
  return (
    panel.contains(document.activeElement) ||
    isSelectedIn(panel) ||
    panel.querySelector("details[open], dialog[open], [aria-expanded='true']") !== null ||
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

function offer(target) {
  const notice = notices.get(target) ?? addNotice(target);
  notice.count += 1;
  const list = target.matches("[data-live-list]") ? "list-" : "";
  const isOne = notice.count === 1;
  notice.words.textContent = word(isOne ? `one-${list}change` : `many-${list}changes`, { number: notice.count });
  notice.button.textContent = word(isOne ? "show-it" : "show-them");
}

function addNotice(target) {
  const box = document.createElement("div");
  const words = document.createElement("span");
  const button = document.createElement("button");
  box.className = "live-notice";
  button.type = "button";
  button.className = "button button--small";
  box.append(words, " ", button);
  button.addEventListener("click", () => show(target));
  target.before(box);
  const notice = { box, words, button, count: 0 };
  notices.set(target, notice);
  return notice;
}

function show(target) {
  if (!target.hasAttribute("hx-get")) {
    location.reload();
    return;
  }
  target.tabIndex = -1;
  target.focus();
  htmx.trigger(target, "refresh");
}

function drawNote(panel) {
  const note = panel.querySelector("[data-live-note]");
  const change = changed.get(panel);
  if (note && change) note.textContent = word("new-here", { number: change.count, age: age(change.at) });
}

document.addEventListener("htmx:afterSwap", ({ detail: { target } }) => {
  notices.get(target)?.box.remove();
  notices.delete(target);
  if (!changed.has(target)) return;
  target.classList.add("is-new");
  drawNote(target);
});
