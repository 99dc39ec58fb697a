/* One tab stop for many links: the chosen one can be tabbed to, arrows reach the others. */

/** Make one of the links the tab stop. */
export function rove(links, chosen) {
  links.forEach((link) => link.setAttribute("tabindex", link === chosen ? "0" : "-1"));
}

/** Make one of the links the tab stop and go to it. */
export function roveTo(links, chosen) {
  rove(links, chosen);
  chosen.focus();
}
