/* The sentences of a narrative: one tab stop, arrows move, Enter pins the evidence, hover previews it. */

import { rove, roveTo } from "./roving.js";

const PREVIEW_AFTER_MS = 200;
const STEPS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };
const phone = matchMedia("(max-width: 900px)");

function connect(list) {
  const links = () => [...list.querySelectorAll("[data-sentence]")];
  let pinned = list.querySelector("[data-sentence][aria-current='true']");
  let timer = null;

  const pin = (link) => {
    pinned?.removeAttribute("aria-current");
    pinned = link;
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
    if (link && !phone.matches && link !== pinned) preview(link);
  });

  list.addEventListener("mouseleave", () => preview(phone.matches ? null : pinned));

  document.querySelector("[data-next-stale]")?.addEventListener("click", (event) => {
    const all = links();
    const at = all.findIndex((link) => link.tabIndex === 0);
    const isStale = (link) => link.closest("li").classList.contains("sentence--stale");
    const next = all.slice(at + 1).find(isStale) ?? all.find(isStale);
    if (!next) return;
    event.preventDefault();
    roveTo(all, next);
  });

  rove(links(), pinned ?? links()[0]);
}

// On a phone the evidence opens under its sentence instead of far below the text.
function placeEvidence(link) {
  const evidence = document.getElementById("evidence");
  if (evidence && phone.matches) link.closest("li").append(evidence);
}

document.querySelectorAll("[data-sentences]").forEach(connect);
