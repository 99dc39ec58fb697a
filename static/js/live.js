/* Keeps the page live: opens the socket the page names, passes changes on and says in words how live it is. */

import { announceNow } from "./announce.js";
import { applyChange, redrawAges } from "./changes.js";
import { Connection } from "./connection.js";
import { age, clock, word } from "./words.js";

const REDRAW_MS = 10_000;
const PULSE_MS = 1000;
const LOST_AFTER_MS = 30_000;

const live = { state: "reconnecting", updatedAt: Date.now(), lastLiveAt: Date.now(), hasCaughtUp: false, hasOtherRights: false };
let lostTimer = null;
let connection = null;

function receive(message) {
  if (message.type === "access") {
    live.hasOtherRights = true;
    draw();
    return;
  }
  live.updatedAt = Date.now();
  live.hasCaughtUp = message.type === "resync";
  applyChange(message.type === "changed" ? message : {});
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

/** What may be said: live is only what gave a sign of life just now, even while its loss is not noticed yet. */
function stateNow() {
  return live.state === "live" && !connection.isAlive() ? "reconnecting" : live.state;
}

function wordsFor(state) {
  if (state === "off") return word("not-live", { time: clock(live.lastLiveAt) });
  if (state === "reconnecting") return word("reconnecting");
  if (live.hasOtherRights) return word("other-rights");
  return live.hasCaughtUp ? word("caught-up") : word("live-updated", { age: age(live.updatedAt) });
}

function draw() {
  const element = document.getElementById("live-state");
  if (!element) return;
  const state = stateNow();
  element.hidden = false;
  element.dataset.state = state;
  element.querySelector("[data-live-words]").textContent = wordsFor(state);
  element.querySelector("[data-live-refresh]").hidden = state !== "off" && !live.hasOtherRights;
}

function shownVersion() {
  const element = document.querySelector("[data-live-version]");
  return element ? Number(element.dataset.liveVersion) : null;
}

const path = document.body.dataset.liveUrl;
if (path) {
  connection = new Connection(path, { version: shownVersion(), onMessage: receive, onState: setState });
  connection.open();
  setInterval(() => {
    draw();
    redrawAges();
  }, REDRAW_MS);
  // A sign of life that stays out is said at once, not at the next redrawing.
  setInterval(() => {
    if (document.getElementById("live-state")?.dataset.state !== stateNow()) draw();
  }, PULSE_MS);
  draw();
}
