/*
 * The field to answer in. A message is sent without leaving the page, stands in the field until the
 * desk has stored it, and is sent under one number however often it is tried; so nothing that was
 * written is lost or said twice. Without scripts it is a plain form.
 */

const TYPING_EVERY_MS = 3_000;
const PATIENCE_MS = 10_000;
const main = document.querySelector("main[data-handoff]");
const { handoff, conversation, nurse } = main?.dataset ?? {};
const DRAFT = `clinic-nurse-draft ${nurse} ${handoff}`;

let typedAt = 0;
let sentSeq = 0;
let wasLost = false;
let messageId = crypto.randomUUID();

const field = () => main.querySelector("form.answer textarea");

function say(text, { isWrong = false } = {}) {
  const line = document.getElementById("delivery");
  if (!line) return;
  if (line.textContent !== text) line.textContent = text;
  line.classList.toggle("error", isWrong);
}

function post(what, body) {
  return fetch(`/api/nurse/conversations/${conversation}/${what}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
}

async function send(onSent) {
  const text = field();
  if (!text.value.trim() || text.readOnly) return;
  text.readOnly = true;
  say("Sending…");
  try {
    const answer = await post("messages", { text: text.value, client_message_id: messageId });
    const told = await answer.json();
    if (!answer.ok) throw new Refusal(told.detail ?? "The desk could not take it.");
    sentSeq = told.seq;
    text.value = "";
    sessionStorage.removeItem(DRAFT);
    messageId = crypto.randomUUID();
    say("Delivered");
    onSent();
  } catch (error) {
    wasLost = !(error instanceof Refusal);
    const why = wasLost ? "The connection is lost." : error.message;
    say(`Not sent. ${why} Your text is kept. Send it again.`, { isWrong: true });
  } finally {
    text.readOnly = false;
    if (text.form.contains(document.activeElement)) text.focus();
  }
}

/** The desk's own no, with its reason. */
class Refusal extends Error {}

function typed() {
  sessionStorage.setItem(DRAFT, field().value);
  if (!field().value || Date.now() - typedAt < TYPING_EVERY_MS) return;
  typedAt = Date.now();
  post("typing", {}).catch(() => {});
}

/** Says how far the last message has got. */
export function showSeen(item, log) {
  const own = [...log.querySelectorAll("li.nurse")].at(-1);
  const last = Math.max(sentSeq, Number(own?.dataset.seq ?? 0));
  const line = document.getElementById("delivery");
  if (!last || !line || line.matches(".error") || line.textContent === "Sending…") return;
  say(item.seen_by_patient >= last ? "Seen by the patient" : "Delivered");
}

/** The desk answers again: what was not sent can be. */
export function onFound() {
  if (!wasLost || !field()) return;
  wasLost = false;
  say("The connection is back. Send it again.", { isWrong: true });
}

/** Puts a draft back that a reload has interrupted. */
function restore() {
  const kept = sessionStorage.getItem(DRAFT);
  if (kept && field() && !field().value) field().value = kept;
}

/**
 * Begins to listen.
 *
 * @param {() => void} onSent  a message was stored
 */
export function begin(onSent) {
  const isHere = (event) => event.target.closest?.("form.answer");
  main.addEventListener("submit", (event) => {
    if (!isHere(event)) return;
    event.preventDefault();
    send(onSent);
  });
  main.addEventListener("input", (event) => {
    if (isHere(event)) typed();
  });
  main.addEventListener("keydown", (event) => {
    // Where a finger types, Enter is for a new line.
    if (!isHere(event) || event.key !== "Enter" || matchMedia("(pointer: coarse)").matches) return;
    if (event.shiftKey || event.isComposing || !event.target.matches("textarea")) return;
    event.preventDefault();
    send(onSent);
  });
  restore();
}
