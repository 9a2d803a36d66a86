/*
 * A nurse's shift in front of the screen. Every 15 seconds it asks the desk whether it is there,
 * which shows that she is, but does not keep her signed in; that needs a key or a pointer, which is
 * told to the desk. After a quarter of an hour without either, in any tab, she is signed out.
 */

import { tell } from "./notice.js";

const EVERY_MS = 15_000;
const PATIENCE_MS = 8_000;
const WARN_MS = 14 * 60_000;
const IDLE_MS = 15 * 60_000;
const USED = "clinic-nurse-used-at";
// What this page loads by itself is no sign of a nurse in front of it.
const WATCHING = "watching";

const signOut = document.querySelector('form[action="/nurse/sign-out"]');
let notedAt = 0;
let toldAt = Date.now();

function used() {
  // Pointers move often; once a second is enough.
  if (Date.now() - notedAt < 1_000) return;
  notedAt = Date.now();
  localStorage.setItem(USED, String(notedAt));
}

/** True while the nurse may stay signed in; warns a minute before the end. */
function isInUse() {
  const idle = Date.now() - Number(localStorage.getItem(USED));
  if (idle >= IDLE_MS) {
    signOut.requestSubmit();
    return false;
  }
  const soon = "You will be signed out in a minute, because nobody uses this page.";
  tell("idle", idle >= WARN_MS ? soon : "");
  return true;
}

/** Tells the desk that the nurse has used the page since it was last told. */
async function tellUse() {
  if (notedAt <= toldAt) return;
  toldAt = Date.now();
  await fetch("/nurse/in-use", { method: "POST", signal: AbortSignal.timeout(PATIENCE_MS) });
}

/** @returns {Promise<boolean>} whether the desk answers */
async function ask() {
  try {
    await tellUse();
    const response = await fetch("/nurse/still-there", {
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (response.status === 401) location.assign("/nurse/sign-in");
    return response.ok;
  } catch {
    return false;
  }
}

/**
 * Begins the shift. `onLook` hears after each question whether the desk has answered.
 *
 * @param {(isThere: boolean) => void} onLook
 */
export function begin(onLook) {
  async function look() {
    onLook(await ask());
    if (isInUse()) setTimeout(look, EVERY_MS);
  }
  // What was half written is nobody's business once she has gone.
  signOut.addEventListener("submit", () => sessionStorage.clear());
  if (!new URLSearchParams(location.search).has(WATCHING)) used();
  for (const name of ["keydown", "pointerdown", "pointermove"]) {
    addEventListener(name, used, { passive: true });
  }
  setTimeout(look, EVERY_MS);
}
