/* The sentences of a narrative: one tab stop, arrows move, Enter pins the evidence, hover previews it. */

import { rove, roveTo } from "./roving.js";

const PREVIEW_AFTER_MS = 200;
const STEPS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };
const phone = matchMedia("(max-width: 900px)");
const connected = new WeakSet();

function connect(list) {
  const links = () => [...list.querySelectorAll("[data-sentence]")];
  const pinned = () => list.querySelector("[data-sentence][aria-current='true']");
  let timer = null;

  const pin = (link) => {
    pinned()?.removeAttribute("aria-current");
    link.setAttribute("aria-current", "true");
    rove(links(), link);
    history.replaceState(history.state, "", link.href);
    placeEvidence(link);
  };

  const preview = (link) => {
    clearTimeout(timer);
    links().forEach((other) => other.closest("li").classList.toggle("sentence--previewed", other === link));
    if (link) timer = setTimeout(() => htmx.trigger(link, "preview"), PREVIEW_AFTER_MS);
  };

  list.addEventListener("keydown", (event) => {
    const all = links();
    const at = all.indexOf(document.activeElement);
    if (at < 0) return;
    const target = { Home: all[0], End: all.at(-1) }[event.key] ?? (STEPS[event.key] && all[at + STEPS[event.key]]);
    if (!target) return;
    event.preventDefault();
    roveTo(all, target);
  });

  list.addEventListener("click", (event) => {
    const link = event.target.closest("[data-sentence]");
    if (link) pin(link);
  });

  list.addEventListener("mouseover", (event) => {
    const link = event.target.closest("li")?.querySelector("[data-sentence]");
    if (link && !phone.matches && link !== pinned()) preview(link);
  });

  list.addEventListener("mouseleave", () => preview(phone.matches ? null : pinned()));

  list.addEventListener("nextstale", (event) => {
    const all = links();
    const at = all.findIndex((link) => link.tabIndex === 0);
    const isStale = (link) => link.closest("li").classList.contains("sentence--stale");
    const next = all.slice(at + 1).find(isStale) ?? all.find(isStale);
    if (!next) return;
    event.preventDefault();
    roveTo(all, next);
  });
}

// On a phone the evidence opens under its sentence instead of far below the text.
function placeEvidence(link) {
  const evidence = document.getElementById("evidence");
  if (evidence && phone.matches) link.closest("li").append(evidence);
}

/** After the text was fetched again: one tab stop as before, and the sentence of the address is still the chosen one. */
function refreshList(list) {
  if (!connected.has(list)) connect(list);
  connected.add(list);
  const links = [...list.querySelectorAll("[data-sentence]")];
  const chosen = new URLSearchParams(location.search).get("sentence");
  const pinned = links.find((link) => new URL(link.href).searchParams.get("sentence") === chosen);
  if (pinned) pinned.setAttribute("aria-current", "true");
  rove(links, links.find((link) => link === document.activeElement) ?? pinned ?? links[0]);
  if (pinned) placeEvidence(pinned);
}

// What can be done hangs on which text is on the page.
function askForActs() {
  const panel = document.getElementById("document");
  const known = panel?.querySelector("[data-read]")?.dataset.read;
  const read = document.getElementById("text-version")?.value;
  if (known !== undefined && read !== undefined && known !== read) htmx.trigger(panel, "refresh");
}

function refreshLists() {
  document.querySelectorAll("[data-sentences]").forEach(refreshList);
  askForActs();
}

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-next-stale]")) return;
  const list = document.querySelector("[data-sentences]");
  if (list && !list.dispatchEvent(new CustomEvent("nextstale", { cancelable: true }))) event.preventDefault();
});
// The text is replaced; evidence that lies in it goes home first.
document.addEventListener("htmx:beforeSwap", ({ detail: { target } }) => {
  const evidence = document.getElementById("evidence");
  if (evidence && target !== evidence && target.contains(evidence)) {
    document.getElementById("evidence-place").append(evidence);
  }
});
document.addEventListener("htmx:afterSettle", refreshLists);
refreshLists();
