/* Charts and tables of values are one tab stop each: left and right move along, up and down between lanes or rows. */

import { rove, roveTo } from "./roving.js";

const ALONG = { ArrowRight: 1, ArrowLeft: -1 };
const ACROSS = { ArrowDown: 1, ArrowUp: -1 };
// A chart in a group of charts is a lane of the group, not a stop of its own.
const GROUP = "[data-rove]:not([data-rove] *)";

function linksOf(group) {
  return [...group.querySelectorAll("a")];
}

function connect(root) {
  const groups = root.matches?.(GROUP) ? [root] : root.querySelectorAll(GROUP);
  groups.forEach((group) => {
    const links = linksOf(group);
    rove(links, links.find((link) => link.getAttribute("tabindex") === "0") ?? links[0]);
  });
}

function laneStep(group, link, step) {
  const lanes = [...group.querySelectorAll("[data-lane]")].filter((lane) => lane.querySelector("a"));
  return lanes[lanes.indexOf(link.closest("[data-lane]")) + step]?.querySelector("a");
}

document.addEventListener("keydown", (event) => {
  const link = event.target.closest?.("a");
  const group = link?.closest(GROUP);
  if (!group) return;
  const links = linksOf(group);
  const { key } = event;
  const target = ACROSS[key] ? laneStep(group, link, ACROSS[key]) : ALONG[key] && links[links.indexOf(link) + ALONG[key]];
  if (!target) return;
  event.preventDefault();
  roveTo(links, target);
});

// A morph takes away what only the script had set.
document.addEventListener("htmx:afterSettle", () => connect(document));
document.addEventListener("htmx:load", ({ detail }) => connect(detail.elt));
connect(document);
