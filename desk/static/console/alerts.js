/*
 * Calls the nurse: by a sound that repeats until somebody takes the patient, the number in the tab's
 * title, and a notification where she does not look. No word of a patient's is in any of them.
 */

import { callFor, unclaimed, unseen } from "./board.js";
import { announce } from "./notice.js";
import { choose, chosen } from "./preferences.js";
import * as sound from "./sound.js";

const HUSH_MS = 2 * 60_000;
const row = document.querySelector(".alerts");
const soundOn = document.getElementById("sound-on");
const hush = document.getElementById("hush");
const calling = document.getElementById("calling");
const notifyOn = document.getElementById("notify-on");
const written = document.getElementById("written");
const nurse = document.querySelector(".presence")?.dataset.name;
const { handoff } = document.querySelector("main[data-handoff]")?.dataset ?? {};
const bareTitle = document.title.replace(/^\(\d+\) /, "");

/** @type {import("./board.js").Board | null} */
let shown = null;
let hushTimer = 0;

function isHushed() {
  return Number(chosen("hushedUntil")) > Date.now();
}

function ring() {
  const call = shown && chosen("sound") === "on" && !isHushed() ? callFor(shown) : null;
  sound.ring(call);
  clearTimeout(hushTimer);
  if (isHushed()) hushTimer = setTimeout(ring, Number(chosen("hushedUntil")) - Date.now() + 50);
  draw();
}

function draw() {
  soundOn.hidden = chosen("sound") === "on" && !sound.isBlocked();
  hush.hidden = sound.isBlocked() || !shown || chosen("sound") !== "on" || isHushed()
    || callFor(shown) === null;
  notifyOn.hidden = !("Notification" in window) || Notification.permission !== "default";
  drawCalling();
  drawWritten();
  row.hidden = soundOn.hidden && hush.hidden && notifyOn.hidden && calling.hidden
    && written.hidden;
}

/** Away from the list, the way to it: a nurse in a chat learns of others without the sound too. */
function drawCalling() {
  const others = shown ? unclaimed(shown).filter((item) => String(item.id) !== handoff) : [];
  const call = callFor(new Map(others.map((item) => [item.id, item])));
  const words = call === "emergency" ? "A patient needs a nurse now" : waitingWords(others.length);
  calling.hidden = !call || document.querySelector("main[data-queue]") !== null;
  calling.classList.toggle("emergency", call === "emergency");
  if (calling.textContent !== words) calling.textContent = words;
}

/** In her other chats: the way to the one that she has not read. */
function drawWritten() {
  const item = shown && unseen(shown, nurse).find((one) => String(one.id) !== handoff);
  written.hidden = !item;
  if (!item) return;
  written.href = `/nurse/handoffs/${item.id}`;
  const words = `Your patient ${item.reference} has written`;
  if (written.textContent !== words) written.textContent = words;
}

const waitingWords = (count) => (count === 1 ? "1 patient waits" : `${count} patients wait`);

function notify(item, words) {
  if (document.hasFocus() && !document.hidden) return;
  if (!("Notification" in window) || Notification.permission !== "granted") return;
  try {
    const told = new Notification("Nurses' desk", { body: words, tag: `handoff-${item.id}` });
    told.onclick = () => {
      window.focus();
      location.assign(`/nurse/handoffs/${item.id}`);
      told.close();
    };
  } catch {
    // Phones show notifications by service workers alone; the sound and the title remain.
  }
}

/** What is new in a chat of the nurse's own, of which she has another page open, or none. */
function tellOwn(known, item, isWorse) {
  const isNew = known && item.last_seq > known.last_seq && item.last_seq > item.seen_by_nurse;
  if (String(item.id) === handoff ? !isWorse : !isNew && !isWorse) return;
  const words = isWorse ? "Your patient needs you now." : "Your patient has written.";
  announce(words);
  notify(item, words);
  if (chosen("sound") === "on") sound.chime(isWorse ? "emergency" : "once");
}

/** What is new since the board before, said once. */
function tellNews(before, after) {
  for (const item of after.values()) {
    const known = before.get(item.id);
    const isWorse = known && known.urgency !== item.urgency && item.urgency === "emergency";
    if (item.assigned_to === nurse) tellOwn(known, item, isWorse);
    if (item.state !== "waiting" || (known?.state === "waiting" && !isWorse)) continue;
    const words = item.urgency === "emergency" ? "A patient needs a nurse now." : "A patient waits.";
    announce(`${words} ${unclaimed(after).length} waiting.`);
    notify(item, words);
    // What rings by itself needs no chime, and what comes new breaks the silence.
    choose("hushedUntil", "0");
    if (chosen("sound") === "on" && callFor(after) === null) sound.chime();
  }
}

/** @param {import("./board.js").Board} board */
export function onBoard(board) {
  if (shown) tellNews(shown, board);
  shown = board;
  const count = unclaimed(board).length;
  // What went wrong stands first, for those who hear the title.
  const isError = bareTitle.startsWith("Error: ");
  document.title = count && !isError ? `(${count}) ${bareTitle}` : bareTitle;
  ring();
}

/** The patient of this page has written while the nurse looks elsewhere. */
export function onAnswer(item) {
  if (document.hasFocus() && !document.hidden) return;
  notify(item, "A patient has answered you.");
  if (chosen("sound") === "on") sound.chime();
}

function unblock() {
  if (sound.isBlocked()) sound.unblock();
}

/** Begins to listen to the nurse. */
export function begin() {
  sound.open(ring);
  soundOn.addEventListener("click", () => {
    choose("sound", "on");
    unblock();
    ring();
  });
  hush.addEventListener("click", () => {
    choose("hushedUntil", String(Date.now() + HUSH_MS));
    ring();
    announce("Silent for 2 minutes, or until somebody new waits.");
  });
  notifyOn.addEventListener("click", async () => {
    await Notification.requestPermission();
    draw();
  });
  // The browser lets the page be heard after any key or click; another tab may change a choice.
  for (const name of ["pointerdown", "keydown"]) addEventListener(name, unblock, { passive: true });
  addEventListener("storage", ring);
  draw();
}
