/* The history of a value beside the page: focus goes to its heading, Close and Esc give it back to the value. */

const drawer = document.getElementById("drawer");
const dialog = document.getElementById("drawer-dialog");
const phone = matchMedia("(max-width: 900px)");
let openerAddress = null;

// A point of a chart is a link too, and its href is no string: only the attribute is the same for both.
function addressOf(link) {
  return new URL(link.getAttribute("href"), location.href).href;
}

function opener() {
  return [...document.querySelectorAll("[data-value]")].find((link) => addressOf(link) === openerAddress) ?? null;
}

function markOpener(isOpen) {
  document.querySelectorAll("[data-value][aria-expanded='true']").forEach((link) => {
    link.setAttribute("aria-expanded", "false");
  });
  if (isOpen) opener()?.setAttribute("aria-expanded", "true");
}

function open() {
  drawer.hidden = false;
  document.body.classList.add("has-drawer");
  if (phone.matches && !dialog.open) {
    dialog.append(drawer);
    dialog.showModal();
  }
  markOpener(true);
  document.getElementById("drawer-title")?.focus();
}

function close() {
  if (dialog.open) {
    dialog.close();
    dialog.before(drawer);
  }
  drawer.hidden = true;
  drawer.replaceChildren();
  document.body.classList.remove("has-drawer");
  const link = opener();
  markOpener(false);
  link?.focus();
  history.pushState({ htmx: true }, "", addressWithoutValue());
}

function addressWithoutValue() {
  const address = new URL(location.href);
  address.searchParams.delete("value");
  return address;
}

// A page has hundreds of values: one listener opens them all, because htmx would prepare each of them at every load.
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-history]");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  htmx.ajax("GET", link.dataset.history, { source: link, target: drawer, swap: "innerHTML" });
});

document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (detail.target === drawer) openerAddress = addressOf(detail.elt);
});

document.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (detail.target === drawer) open();
});

// A history that cannot be loaded here is asked for as a page, which can say why.
for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, ({ detail }) => {
    if (detail.target === drawer) location.assign(addressOf(detail.elt));
  });
}

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-drawer-close]")) return;
  event.preventDefault();
  close();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || drawer.hidden) return;
  event.preventDefault();
  close();
});

if (!drawer.hidden) {
  openerAddress = location.href;
  open();
}
