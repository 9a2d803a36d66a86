/*
 * Brings parts of the page up to date with what the desk would show now: each element with a
 * `data-part` takes the place of its older self. The desk alone makes the HTML, from the same
 * templates as the whole page. What somebody is filling in, or has the focus in, stays as it is.
 */

const PATIENCE_MS = 15_000;
const served = new WeakMap();
// These change with every page and say nothing.
const bare = (html) => html.replace(/<input type="hidden"[^>]*>/g, "");

for (const part of document.querySelectorAll("[data-part]")) {
  served.set(part, bare(part.outerHTML));
}

/** Whether somebody is in the middle of something there. @param {Element} part */
export function isInUse(part) {
  if (part.contains(document.activeElement) && part.querySelector("form")) return true;
  return [...part.querySelectorAll("input, textarea, select")].some((field) => {
    if (field.type === "hidden" || field.tagName === "SELECT") return false;
    return field.checked !== field.defaultChecked || field.value !== field.defaultValue;
  });
}

/**
 * What the desk shows at that address now. Raises when it cannot be asked.
 *
 * @param {string} path
 * @returns {Promise<Document>}
 */
export async function fetchPage(path) {
  const response = await fetch(path, {
    cache: "no-store",
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  if (!response.ok) throw new Error(`status ${response.status}`);
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

/**
 * Puts the page's parts in the place of the older ones; true when all could be.
 *
 * @param {Document} page
 * @param {(name: string) => boolean} isMine  whether to touch the part of that name
 */
export function swap(page, isMine = () => true) {
  let whole = true;
  for (const fresh of page.querySelectorAll("[data-part]")) {
    const { part } = fresh.dataset;
    const old = isMine(part) && document.querySelector(`[data-part="${part}"]`);
    if (!old || served.get(old) === bare(fresh.outerHTML)) continue;
    if (isInUse(old)) {
      whole = false;
      continue;
    }
    served.set(fresh, bare(fresh.outerHTML));
    const hadFocus = old.contains(document.activeElement) ? focusPath(old) : null;
    old.replaceWith(document.adoptNode(fresh));
    if (hadFocus) restoreFocus(fresh, hadFocus);
  }
  return whole;
}

// A link or a button is found again by where it leads.
function focusPath(old) {
  const { activeElement } = document;
  const href = activeElement.getAttribute("href");
  return href && old.contains(activeElement) ? `a[href="${CSS.escape(href)}"]` : null;
}

function restoreFocus(fresh, selector) {
  fresh.querySelector(selector)?.focus();
}
