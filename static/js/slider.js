/* The slider over the versions of a twin: says each version in words and opens it on release. */

const KEYS_SETTLE_MS = 700;
const FOCUS_KEY = "slider-focus";

function labelOf(form, version) {
  const labels = form.querySelector("[data-slider-labels]").content;
  return labels.querySelector(`[data-version="${version}"]`)?.textContent ?? version;
}

function say(form, input) {
  const label = labelOf(form, input.value);
  input.setAttribute("aria-valuetext", label);
  form.querySelector("[data-slider-words]").textContent = label;
}

/** The next mark in the direction of travel (1 or -1), or the end when there is none. */
export function nextMark(marks, version, direction, latest) {
  const ahead = marks.filter((mark) => (mark - version) * direction > 0).sort((a, b) => (a - b) * direction);
  return ahead[0] ?? (direction > 0 ? latest : 1);
}

function addressOf(input) {
  const address = new URL(location.href);
  address.searchParams.delete("value");
  if (input.value === input.max) address.searchParams.delete("version");
  else address.searchParams.set("version", input.value);
  return address;
}

function connect(form) {
  const input = form.querySelector("input[type='range']");
  // Asked for when needed: a live update moves the version that is shown and the marks.
  const marks = () => [...form.querySelectorAll("datalist option")].map((option) => Number(option.value));
  let timer = null;
  let isByKey = false;

  const go = () => {
    if (input.value === input.defaultValue) return;
    if (isByKey) sessionStorage.setItem(FOCUS_KEY, input.id);
    location.assign(addressOf(input));
  };
  // A key changes the value at each press; only the version it comes to rest on is fetched.
  const goSoon = () => {
    clearTimeout(timer);
    timer = setTimeout(go, isByKey ? KEYS_SETTLE_MS : 0);
  };

  input.addEventListener("input", () => say(form, input));
  input.addEventListener("change", goSoon);
  input.addEventListener("pointerdown", () => {
    isByKey = false;
  });
  input.addEventListener("keydown", (event) => {
    isByKey = true;
    const direction = { PageUp: 1, PageDown: -1 }[event.key];
    if (!direction) return;
    event.preventDefault();
    input.value = nextMark(marks(), Number(input.value), direction, Number(input.max));
    say(form, input);
    goSoon();
  });

  say(form, input);
  if (sessionStorage.getItem(FOCUS_KEY) === input.id) {
    sessionStorage.removeItem(FOCUS_KEY);
    input.focus();
  }
}

const connected = new WeakSet();
const connectAll = () =>
  document.querySelectorAll("[data-slider]").forEach((form) => {
    const input = form.querySelector("input[type='range']");
    if (connected.has(input)) return;
    connected.add(input);
    connect(form);
  });

document.addEventListener("htmx:load", connectAll);
connectAll();
