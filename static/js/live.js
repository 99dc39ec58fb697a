/* Keeps the page live: opens the socket the page names, passes changes on and says in words how live it is. */

import { announceNow } from "./announce.js";
import { applyChange, redrawAges } from "./changes.js";
import { Connection } from "./connection.js";
import { age, clock, word } from "./words.js";

const REDRAW_MS = 10_000;
const LOST_AFTER_MS = 30_000;

const live = { state: "reconnecting", updatedAt: Date.now(), lastLiveAt: Date.now(), hasCaughtUp: false };
let lostTimer = null;

function receive(message) {
  live.updatedAt = Date.now();
  live.hasCaughtUp = message.type === "resync";
  applyChange(message.type === "changed" ? message.sections : undefined);
  draw();
}

function setState(state, hasCaughtUp = false) {
  const wasLive = live.state === "live";
  live.state = state;
  live.hasCaughtUp = hasCaughtUp;
  if (wasLive || state === "live") live.lastLiveAt = Date.now();
  if (state === "live") live.updatedAt = Date.now();
  watchForLoss(state);
  draw();
}

function watchForLoss(state) {
  if (state === "reconnecting") {
    lostTimer ??= setTimeout(lose, LOST_AFTER_MS);
    return;
  }
  clearTimeout(lostTimer);
  lostTimer = null;
}

function lose() {
  live.state = "off";
  announceNow(word("connection-lost", { time: clock(live.lastLiveAt) }));
  draw();
}

function wordsFor() {
  if (live.state === "off") return word("not-live", { time: clock(live.lastLiveAt) });
  if (live.state === "reconnecting") return word("reconnecting");
  return live.hasCaughtUp ? word("caught-up") : word("live-updated", { age: age(live.updatedAt) });
}

function draw() {
  const element = document.getElementById("live-state");
  if (!element) return;
  element.hidden = false;
  element.dataset.state = live.state;
  element.querySelector("[data-live-words]").textContent = wordsFor();
  element.querySelector("[data-live-refresh]").hidden = live.state !== "off";
}

function shownVersion() {
  const element = document.querySelector("[data-live-version]");
  return element ? Number(element.dataset.liveVersion) : null;
}

const path = document.body.dataset.liveUrl;
if (path) {
  new Connection(path, { version: shownVersion(), onMessage: receive, onState: setState }).open();
  setInterval(() => {
    draw();
    redrawAges();
  }, REDRAW_MS);
  draw();
}
