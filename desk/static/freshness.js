/*
 * Keeps a nurse's page fresh. Asks only for counts, which shows that she is there but does not keep
 * her signed in; that needs a key or a pointer, which is told to the desk. Draws nothing itself: the
 * list is loaded anew when nobody has the focus in it, and otherwise says that there is something new.
 *
 * After a quarter of an hour without a key or a pointer, in any tab, she is signed out.
 */

const EVERY_MS = 15_000;
const WARN_MS = 14 * 60_000;
const IDLE_MS = 15 * 60_000;
const WHOLE_MS = 5 * 60_000;
const USED = "clinic-nurse-used-at";
// What this page loads by itself is no sign of a nurse in front of it.
const WATCHING = "watching";

const list = document.querySelector("main[data-counts]");
const notice = document.querySelector(".changed");
const begun = Date.now();
let notedAt = 0;
let toldAt = Date.now();

function used() {
  // Pointers move often; once a second is enough.
  if (Date.now() - notedAt < 1_000) return;
  notedAt = Date.now();
  localStorage.setItem(USED, String(notedAt));
}

function show(text, { link = true } = {}) {
  const words = notice.firstElementChild;
  if (words.textContent !== text) words.textContent = text;
  notice.lastElementChild.hidden = !link;
  notice.hidden = text === "";
}

/** True while the nurse may stay signed in; warns a minute before the end. */
function isInUse() {
  const idle = Date.now() - Number(localStorage.getItem(USED));
  if (idle >= IDLE_MS) {
    document.querySelector('form[action="/nurse/sign-out"]').requestSubmit();
    return false;
  }
  if (idle >= WARN_MS) {
    show("You will be signed out in a minute, because nobody uses this page.", { link: false });
  }
  return true;
}

function compare({ counts, title }) {
  if (list === null) return;
  const isNews = counts !== list.dataset.counts;
  if (isNews) document.title = title;
  const { activeElement } = document;
  const isFree = activeElement === null || activeElement === document.body;
  if (isFree && (isNews || Date.now() - begun >= WHOLE_MS)) location.replace(`/nurse?${WATCHING}=1`);
  else show(isNews ? "The list has changed." : "");
}

/** Tells the desk that the nurse has used the page since it was last told. */
async function tell() {
  if (notedAt <= toldAt) return;
  toldAt = Date.now();
  await fetch("/nurse/in-use", { method: "POST" });
}

async function look() {
  let told;
  try {
    await tell();
    const response = await fetch("/nurse/changes", { cache: "no-store" });
    if (response.status === 401) {
      location.assign("/nurse/sign-in");
      return;
    }
    if (!response.ok) throw new Error(`status ${response.status}`);
    told = await response.json();
  } catch {
    show("The connection is lost. This page may be old.");
  }
  if (told) {
    if (list === null) show("");
    compare(told);
  }
  if (isInUse()) setTimeout(look, EVERY_MS);
}

if (!new URLSearchParams(location.search).has(WATCHING)) used();
for (const name of ["keydown", "pointerdown", "pointermove"]) {
  addEventListener(name, used, { passive: true });
}
setTimeout(look, EVERY_MS);
