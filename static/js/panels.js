/* Each panel loads by itself: waits visibly, fails alone, tries again, and keeps what it showed. */

import { clock, templateCopy, word } from "./words.js";

const SKELETON_AFTER_MS = 300;
const TIMEOUT_MS = 10_000;
const RETRIES_MS = [2000, 8000, 30_000];
const FIRST_SERVER_ERROR = 500;

const states = new WeakMap();

function stateOf(panel) {
  if (!states.has(panel)) {
    const hasContent = panel.childElementCount > 0;
    states.set(panel, { hasContent, loadedAt: Date.now(), failures: 0, skeletonTimer: null, retryTimer: null });
  }
  return states.get(panel);
}

function onPanel(name, handle) {
  document.addEventListener(name, (event) => {
    const panel = event.detail.elt;
    if (panel.matches?.("[data-panel]")) handle(panel, stateOf(panel), event.detail);
  });
}

onPanel("htmx:configRequest", (panel, state, detail) => {
  detail.timeout = TIMEOUT_MS;
  // Other units or tests were chosen in it: a live change brings the same again.
  if (state.chosen) detail.path = state.chosen;
});

onPanel("htmx:beforeRequest", (panel, state) => {
  clearTimeout(state.retryTimer);
  panel.setAttribute("aria-busy", "true");
  // What stands below is shown once this is whole, so that nothing moves under a reader (panels.css).
  panel.toggleAttribute("data-waiting", panel.childElementCount === 0);
  if (!state.hasContent) state.skeletonTimer = setTimeout(() => showSkeleton(panel), SKELETON_AFTER_MS);
});

onPanel("htmx:afterRequest", (panel, state) => {
  clearTimeout(state.skeletonTimer);
  panel.removeAttribute("aria-busy");
  panel.removeAttribute("data-waiting");
});

// There is nothing yet that morphing would keep.
onPanel("htmx:beforeSwap", (panel, state, detail) => {
  if (!state.hasContent) detail.swapOverride = "innerHTML";
});

onPanel("htmx:afterSwap", (panel, state, { requestConfig, pathInfo }) => {
  if (requestConfig && requestConfig.elt !== panel) state.chosen = pathInfo.requestPath;
  Object.assign(state, { hasContent: true, loadedAt: Date.now(), failures: 0 });
  panel.classList.remove("is-outdated");
  panel.querySelector(":scope > [data-panel-note]")?.remove();
});

onPanel("htmx:responseError", (panel, state, { xhr }) => {
  const reference = xhr.getResponseHeader("X-Request-ID");
  const isTransient = xhr.status >= FIRST_SERVER_ERROR;
  fail(panel, state, { detail: word("server-error", { status: xhr.status }), reference, isTransient });
});

onPanel("htmx:timeout", (panel, state) => {
  fail(panel, state, { detail: word("no-answer"), isTransient: true });
});

onPanel("htmx:sendError", (panel, state) => {
  fail(panel, state, { detail: word("no-connection"), isTransient: true });
});

function showSkeleton(panel) {
  panel.replaceChildren(templateCopy("panel-skeleton"));
}

function fail(panel, state, { detail, reference, isTransient }) {
  clearTimeout(state.skeletonTimer);
  if (state.hasContent) showOutdated(panel, state);
  else showFailure(panel, detail, reference);
  const wait = RETRIES_MS[state.failures];
  if (!isTransient || wait === undefined) return;
  state.failures += 1;
  state.retryTimer = setTimeout(() => htmx.trigger(panel, "refresh"), wait);
}

function showOutdated(panel, state) {
  panel.classList.add("is-outdated");
  const note = panel.querySelector(":scope > [data-panel-note]") ?? document.createElement("p");
  note.className = "panel-note";
  note.dataset.panelNote = "";
  note.textContent = word("not-refreshed", { time: clock(state.loadedAt) });
  panel.prepend(note);
}

function showFailure(panel, detail, reference) {
  const failure = templateCopy("panel-failed");
  failure.querySelector("[data-panel-name]").textContent = panel.dataset.panel;
  failure.querySelector("[data-panel-detail]").textContent = detail;
  const place = failure.querySelector("[data-panel-reference]");
  place.hidden = !reference;
  place.querySelector("code").textContent = reference ?? "";
  panel.replaceChildren(failure);
}

document.addEventListener("click", (event) => {
  const retry = event.target.closest("[data-panel-retry]");
  const panel = retry?.closest("[data-panel]");
  if (!panel) return;
  event.preventDefault();
  stateOf(panel).failures = 0;
  htmx.trigger(panel, "refresh");
});
