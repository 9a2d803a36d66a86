/*
 * Single keys for a nurse's hands: on to the next patient, take, reply, close. They never fire in a
 * field or with another key held, and can be turned off (WCAG 2.1.4). `?` shows the list.
 */

import { choose, chosen } from "./preferences.js";

const FIELDS = "input, textarea, select, [contenteditable]";
const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("keys"));

const entries = () => [...document.querySelectorAll(".queue .case")];
const linkOf = (entry) => entry?.querySelector("h2 a");

function step(by) {
  const all = entries();
  const at = all.findIndex((entry) => entry.contains(document.activeElement));
  const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1);
  return linkOf(all[next]);
}

function focus(element) {
  element?.focus();
  element?.scrollIntoView({ block: "nearest" });
}

function take() {
  const here = entries().find((entry) => entry.contains(document.activeElement)) ?? document;
  if (here === document && entries().length) return;
  here.querySelector('form[action$="/claim"] button')?.click();
}

function open(path) {
  location.assign(path);
}

/** @type {Record<string, () => void>} */
const ACTIONS = {
  j: () => focus(step(1)),
  k: () => focus(step(-1)),
  c: take,
  n: () => open(document.querySelector('a[href^="/nurse/next"]')?.href ?? "/nurse/next"),
  u: () => open("/nurse"),
  r: () => focus(document.querySelector("form.answer textarea")),
  e: () => focus(document.querySelector('input[name="outcome"][id^="outcome-"]')),
  "?": () => dialog.showModal(),
};

function pressed(event) {
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.isComposing || event.target.closest?.(FIELDS) || dialog.open) return;
  const action = chosen("keys") === "on" && ACTIONS[event.key];
  if (!action) return;
  event.preventDefault();
  action();
}

/**
 * Begins to listen.
 *
 * @param {Record<string, () => void>} more  keys of this page alone
 */
export function begin(more = {}) {
  Object.assign(ACTIONS, more);
  addEventListener("keydown", pressed);
  const opener = document.getElementById("keys-open");
  opener.hidden = false;
  opener.addEventListener("click", () => dialog.showModal());
  const box = dialog.querySelector("input");
  box.checked = chosen("keys") === "on";
  box.addEventListener("change", () => choose("keys", box.checked ? "on" : "off"));
}
