/* Says how far long work has come, at steps of 25 % only. */

import { announce } from "./announce.js";
import { word } from "./words.js";

const STEP = 25;
let spoken = 0;

function check() {
  const block = document.querySelector("[data-progress]");
  if (!block) return;
  const bar = block.querySelector("progress");
  const step = Math.floor((100 * bar.position) / STEP) * STEP;
  if (step <= spoken) return;
  spoken = step;
  announce(word("progress", { percent: step, label: block.querySelector("[data-progress-label]").textContent }));
}

document.addEventListener("htmx:afterSwap", check);
check();
