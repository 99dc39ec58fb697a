/* A chart is one tab stop: left and right move along time, up and down between lanes, Enter opens the history. */

import { rove, roveTo } from "./roving.js";

const ALONG = { ArrowRight: 1, ArrowLeft: -1 };
const ACROSS = { ArrowDown: 1, ArrowUp: -1 };

function linksOf(chart) {
  return [...chart.querySelectorAll("a")];
}

function connect(root) {
  const charts = root.matches?.("[data-chart]") ? [root] : root.querySelectorAll("[data-chart]");
  charts.forEach((chart) => rove(linksOf(chart), chart.querySelector("a")));
}

function laneStep(chart, link, step) {
  const lanes = [...chart.querySelectorAll("[data-lane]")].filter((lane) => lane.querySelector("a"));
  return lanes[lanes.indexOf(link.closest("[data-lane]")) + step]?.querySelector("a");
}

document.addEventListener("keydown", (event) => {
  const link = event.target.closest?.("[data-chart] a");
  if (!link) return;
  const chart = link.closest("[data-chart]");
  const links = linksOf(chart);
  const { key } = event;
  const target = ACROSS[key] ? laneStep(chart, link, ACROSS[key]) : ALONG[key] && links[links.indexOf(link) + ALONG[key]];
  if (!target) return;
  event.preventDefault();
  roveTo(links, target);
});

document.addEventListener("htmx:load", ({ detail }) => connect(detail.elt));
connect(document);
