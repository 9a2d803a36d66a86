/*
 * The list of patients, kept up to date in its place: only entries that changed are redrawn, the
 * focus stays with its patient, and nothing moves while a mouse is on its way to a click.
 */

import { presence, signOf } from "./board.js";
import { fetchPage, swap } from "./parts.js";

const REST_MS = 2_000;
const WHOLE_MS = 60_000;
const PATH = "/nurse?watching=1";
const nurse = document.querySelector(".who .presence")?.dataset.name ?? "";

let movedAt = 0;
let asking = false;
let askAgain = false;
let timer = 0;
let drawnAt = Date.now();
/** @type {import("./board.js").Board | null} */
let wanted = null;

const list = () => document.querySelector('[data-part="list"]');
const entries = () => [...list().children];

function isShown(board) {
  const signs = entries().map((entry) => entry.dataset.sign);
  const wished = [...board.values()].map(signOf);
  return signs.length === wished.length && wished.every((sign, at) => sign === signs[at]);
}

/** How long the list has to hold still for a hand on the mouse. */
function restMs() {
  const hovered = list().matches(":hover") && matchMedia("(hover: hover)").matches;
  return hovered ? Math.max(0, movedAt + REST_MS - Date.now()) : 0;
}

function reconcile(fresh) {
  const { activeElement } = document;
  const holder = activeElement?.closest?.("[data-id]");
  const known = new Map(entries().map((entry) => [entry.dataset.id, entry]));
  const next = [...fresh.children].map((entry) => {
    const old = known.get(entry.dataset.id);
    const same = old && bare(old) === bare(entry);
    return same ? old : document.adoptNode(entry);
  });
  list().replaceChildren(...next);
  if (!holder || document.activeElement === activeElement) return;
  const again = next.find((entry) => entry.dataset.id === holder.dataset.id);
  const sameSort = activeElement.matches("button") ? again?.querySelector("button") : null;
  (sameSort ?? again?.querySelector("h2 a") ?? document.getElementById("main")).focus();
}

function bare(entry) {
  const copy = entry.cloneNode(true);
  for (const here of copy.querySelectorAll(".here")) here.remove();
  return copy.outerHTML;
}

async function draw() {
  clearTimeout(timer);
  const rest = restMs();
  if (rest > 0) {
    timer = setTimeout(draw, rest);
    return;
  }
  if (asking) {
    askAgain = true;
    return;
  }
  asking = true;
  try {
    const page = await fetchPage(PATH);
    const fresh = page.querySelector('[data-part="list"]');
    if (!fresh) {
      location.assign("/nurse");
      return;
    }
    reconcile(fresh);
    swap(page, (name) => name !== "list");
    drawnAt = Date.now();
    if (wanted) drawPresence(wanted);
  } catch {
    timer = setTimeout(draw, REST_MS);
  } finally {
    asking = false;
    if (askAgain) {
      askAgain = false;
      draw();
    }
  }
}

function drawPresence(board) {
  for (const entry of entries()) {
    const item = board.get(Number(entry.dataset.id));
    const here = entry.querySelector(".here");
    const words = item ? presence(item, nurse) : "";
    if (here.textContent !== words) here.textContent = words;
    here.hidden = !words;
  }
}

/** @param {import("./board.js").Board} board */
export function onBoard(board) {
  wanted = board;
  if (isShown(board)) drawPresence(board);
  else draw();
}

/** Now and then, for the times that the entries tell; at once where no stream tells of news. */
export function onLook({ isFollowing }) {
  if (document.hidden) return;
  if (!isFollowing || Date.now() - drawnAt >= WHOLE_MS) draw();
}

/** Begins to watch the mouse. */
export function begin() {
  addEventListener("pointermove", () => { movedAt = Date.now(); }, { passive: true });
}
