/*
 * One patient's page, kept up to date: what is said appears below what was said, and the rest of the
 * page follows when somebody takes, closes or changes the handoff.
 */

import { presence, signOf } from "./board.js";
import { tell } from "./notice.js";
import { fetchPage, swap } from "./parts.js";
import { showSeen } from "./composer.js";
import { onAnswer } from "./alerts.js";

const SEEN_EVERY_MS = 25_000;
const AGAIN_MS = 2_000;
const main = document.querySelector("main[data-handoff]");
const { handoff, conversation, nurse } = main?.dataset ?? {};
const PATH = `/nurse/handoffs/${handoff}`;

let loading = false;
let refreshing = false;
let refreshAgain = false;
let seenAt = 0;
let seenSeq = 0;
/** @type {import("./board.js").Item | undefined} */
let item;

const box = () => main.querySelector(".log-box");
const log = () => box().querySelector(".log");
const lastSeq = () => Number(log().lastElementChild?.dataset.seq ?? 0);

/** Whether the newest is in sight; whoever reads further up is left there. */
function isAtEnd() {
  const { scrollTop, clientHeight, scrollHeight } = box();
  return scrollHeight - scrollTop - clientHeight < 40;
}

function scrollToEnd() {
  box().scrollTop = box().scrollHeight;
}

/** Loads what is new in the log. */
export async function load() {
  if (loading) return;
  loading = true;
  try {
    const page = await fetchPage(`${PATH}/log?after=${lastSeq()}`);
    const wasAtEnd = isAtEnd();
    const fresh = [...page.querySelectorAll("li[data-seq]")].filter(
      (line) => Number(line.dataset.seq) > lastSeq(),
    );
    for (const line of fresh) log().append(document.adoptNode(line));
    if (wasAtEnd && fresh.length) scrollToEnd();
    if (item && fresh.some((line) => line.matches(".patient"))) onAnswer(item);
    saw();
  } catch {
    setTimeout(check, AGAIN_MS);
  } finally {
    loading = false;
  }
  check();
}

function check() {
  if (item && item.last_seq > lastSeq() && !loading) load();
}

/** Tells the desk what this nurse has on her screen, and so that she is looking. */
async function saw() {
  if (document.hidden || !item) return;
  if (lastSeq() === seenSeq && Date.now() - seenAt < SEEN_EVERY_MS) return;
  seenSeq = lastSeq();
  seenAt = Date.now();
  await fetch(`/api/nurse/conversations/${conversation}/seen`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ seq: seenSeq }),
    keepalive: true, // she may go on to the next patient at once
  }).catch(() => { seenAt = 0; });
}

async function refresh() {
  if (refreshing) {
    refreshAgain = true;
    return;
  }
  refreshing = true;
  try {
    const whole = swap(await fetchPage(`${PATH}?watching=1`));
    tell("changed", whole ? "" : "Something changed here. What you are writing was left alone.");
  } catch {
    setTimeout(refresh, AGAIN_MS);
  } finally {
    refreshing = false;
    if (refreshAgain) {
      refreshAgain = false;
      refresh();
    }
  }
}

function sign() {
  return main.querySelector("[data-sign]").dataset.sign;
}

/** @param {import("./board.js").Board} board */
export function onBoard(board) {
  item = board.get(Number(handoff));
  if (!item) {
    if (!sign().includes("|resolved|")) refresh();
    drawHere("");
    return;
  }
  if (sign() !== signOf(item)) refresh();
  check();
  drawHere(presence(item, nurse));
  showSeen(item, log());
  saw();
}

function drawHere(words) {
  const here = main.querySelector(".talk .here");
  if (here.textContent !== words) here.textContent = words;
  here.hidden = !words;
}

/** Says again that she is looking; asks for what is new where no stream tells of it. */
export function onLook({ isFollowing }) {
  saw();
  if (isFollowing || document.hidden) return;
  load();
  refresh();
}

/** Begins at the newest message. */
export function begin() {
  scrollToEnd();
  document.addEventListener("visibilitychange", saw);
}
