/* After a navigation the focus is on the heading of the page, unless the page or its address chose another place. */

const heading = document.querySelector("h1");
const isFree = document.activeElement === document.body && !document.querySelector("[autofocus]");
if (heading && isFree && !location.hash) {
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}
