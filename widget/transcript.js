/**
 * What the patient sees, computed: events and unsent messages in, a view model out.
 *
 * No DOM, no network, no clock. A transcript is a frozen value; every function returns a new one.
 *
 *   events    the desk's events in order of `seq`, each once
 *   outgoing  what the patient wrote here: {id, text, after, seq, state}; `id` is the
 *             client_message_id, `after` the last seq known when it was written,
 *             `state` "sending", "sent" or "failed" with a `reason`
 */

const EMERGENCY = "emergency";
// Answers, and non-answers: those who lead the clinic read what patients say of them.
const RATED = new Set(["answer", "decline", "out_of_scope"]);
const SPEAKERS = { patient: "You", assistant: "Clinic assistant", nurse: "Nurse", system: "Clinic" };

export const emptyTranscript = Object.freeze({ events: Object.freeze([]), outgoing: Object.freeze([]) });

/** The transcript with these events; events already known change nothing. */
export function withEvents(transcript, events) {
  const bySeq = new Map(transcript.events.map((event) => [event.seq, event]));
  for (const event of events) if (!bySeq.has(event.seq)) bySeq.set(event.seq, event);
  if (bySeq.size === transcript.events.length) return transcript;
  const sorted = [...bySeq.values()].sort((one, other) => one.seq - other.seq);
  return Object.freeze({ events: Object.freeze(sorted), outgoing: settle(sorted, transcript.outgoing) });
}

/** The transcript with a message that is being sent; the same id again is the same message. */
export function withOutgoing(transcript, { id, text }) {
  const known = transcript.outgoing.some((message) => message.id === id);
  if (known) return change(transcript, id, { state: "sending" });
  const message = Object.freeze({ id, text, after: lastSeq(transcript), seq: null, state: "sending" });
  return Object.freeze({ ...transcript, outgoing: Object.freeze([...transcript.outgoing, message]) });
}

/** The transcript after the desk has stored the message under `seq`. */
export function withSent(transcript, id, seq) {
  return change(transcript, id, { state: "sent", seq });
}

/**
 * The transcript after the message could not be handed over; one that arrived stays sent. `reason`
 * is a sentence for the patient, or "".
 */
export function withFailed(transcript, id, reason = "") {
  const message = transcript.outgoing.find((one) => one.id === id);
  return message?.seq === null ? change(transcript, id, { state: "failed", reason }) : transcript;
}

/** The last seq known, 0 at the start. */
export function lastSeq(transcript) {
  return transcript.events.at(-1)?.seq ?? 0;
}

/**
 * The view: {messages, waiting, alarm}. A message is {key, seq, author, speaker, at, text, blocks,
 * emergency, reference, sections, buttons, callback, rated, state, reason, delivery}; `waiting` is
 * "reply" while a patient's message has had no reply of the assistant yet, "outage" when the
 * patient was told that it will take longer, "nurse" while a nurse types, else null; `alarm` is
 * {seq, text} of the emergencies that no nurse has closed yet: the last one's seq and all their
 * words, or null. `status` is the desk's, or null; in a nurse's chat the patient's last message has
 * the `delivery` "seen" or "delivered".
 */
export function view(transcript, status = null) {
  const { events, outgoing } = transcript;
  const keys = new Map(outgoing.filter((one) => one.seq !== null).map((one) => [one.seq, one.id]));
  const seen = new Set(events.map((event) => event.seq));
  const unsettled = outgoing.filter((one) => one.seq === null || !seen.has(one.seq));
  const messages = [
    ...events.map((event, index) => fromEvent(event, events.slice(index + 1), unsettled, keys)),
    ...unsettled.map(fromOutgoing),
  ];
  return {
    messages: withDelivery(joinSilent(messages), status),
    waiting: waitingFor(events, unsettled, status),
    alarm: alarmOf(events),
  };
}

/** Whether the last that the patient was told is that the assistant does not answer. */
export function isAssistantDown({ events }) {
  const last = events.findLast((event) => event.author !== "patient");
  return last?.author === "system" && last.turn?.handoff?.state === "offered" && !isOfTheQueue(last);
}

/** Where the patient stands in line, and how long it takes, as far as the desk can say. */
export function waitWords({ position, wait_minutes: minutes }) {
  const place = position === null || position === 1 ? "you are next in line" : `you are number ${position} in line`;
  const wait = minutes === null ? "" : `, about ${minutes} ${minutes === 1 ? "minute" : "minutes"}`;
  return `Waiting for a nurse: ${place}${wait}.`;
}

/** What a screen reader says for a message, or "" for the patient's own. */
export function announcement(message) {
  if (message.author === "patient") return "";
  const words = message.blocks.flatMap((block) => block.items ?? [block.text]);
  const choices = message.buttons.map((button) => button.title);
  if (choices.length > 0) words.push(`Choices: ${choices.join(", ")}.`);
  return `${message.speaker} says: ${words.join(" ")}`;
}

/**
 * Paragraphs and lists of a text: {kind: "paragraph", text} or {kind: "list", items}. Lines that
 * start with "- " are a list; other lines that follow each other are one paragraph.
 */
export function blocks(text) {
  const found = [];
  let open = null;
  for (const line of text.split("\n").map((one) => one.trim())) {
    const isItem = line.startsWith("- ");
    const kind = isItem ? "list" : "paragraph";
    if (line === "") {
      open = null;
    } else if (open?.kind === kind) {
      if (isItem) open.items.push(line.slice(2).trim());
      else open.text += ` ${line}`;
    } else {
      open = isItem ? { kind, items: [line.slice(2).trim()] } : { kind, text: line };
      found.push(open);
    }
  }
  return found;
}

/** Whether the text names this short number, such as 911, by itself. */
export function namesNumber(text, number) {
  return Boolean(number) && new RegExp(`(?<!\\d)${number}(?!\\d)`).test(text);
}

/** The text in pieces {text, href}; numbers the clinic named become `tel:` or `sms:` links. */
export function linkNumbers(text, numbers) {
  const wanted = numbers.filter(Boolean);
  if (wanted.length === 0) return [{ text, href: null }];
  const escaped = wanted.map((number) => number.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const pattern = new RegExp(`(?<![\\w+])(?:${escaped.join("|")})(?![\\w-])`, "g");
  const pieces = [];
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index > end) pieces.push({ text: text.slice(end, match.index), href: null });
    const scheme = /(?<!call or )\btext(?:ing)?(?: to)? $/i.test(text.slice(0, match.index)) ? "sms" : "tel";
    pieces.push({ text: match[0], href: `${scheme}:${match[0].replace(/[^\d+]/g, "")}` });
    end = match.index + match[0].length;
  }
  if (end < text.length || pieces.length === 0) pieces.push({ text: text.slice(end), href: null });
  return pieces;
}

function change(transcript, id, values) {
  const outgoing = transcript.outgoing.map((one) => (one.id === id ? Object.freeze({ ...one, ...values }) : one));
  return Object.freeze({ ...transcript, outgoing: settle(transcript.events, outgoing) });
}

/** Finds for messages whose 202 was lost the event that proves they arrived. */
function settle(events, outgoing) {
  const taken = new Set(outgoing.map((one) => one.seq));
  return Object.freeze(outgoing.map((one) => {
    if (one.seq !== null) return one;
    const proof = events.find((event) => event.author === "patient" && !taken.has(event.seq)
      && event.seq > one.after && event.text === one.text);
    if (!proof) return one;
    taken.add(proof.seq);
    return Object.freeze({ ...one, seq: proof.seq, state: "sent" });
  }));
}

function fromEvent(event, later, unsettled, keys) {
  const turn = event.turn ?? null;
  const next = later.find((one) => one.author === "patient")
    ?? unsettled.find((one) => one.after >= event.seq) ?? null;
  const handoff = turn?.handoff?.state ?? null;
  return {
    key: keys.get(event.seq) ?? `event-${event.seq}`,
    seq: event.seq,
    author: event.author,
    speaker: event.name ? `${event.name}, nurse` : SPEAKERS[event.author] ?? "Clinic",
    at: event.at,
    text: event.text,
    blocks: blocks(event.text),
    emergency: turn?.kind === EMERGENCY,
    reference: turn?.kind === EMERGENCY ? turn.handoff?.reference ?? null : null,
    sections: turn?.kind === "answer" ? turn.sections.map((name) => split(name, turn.document)) : [],
    buttons: (event.buttons ?? []).map(({ title, payload }) => ({
      title, payload, chosen: next?.text === payload, locked: next !== null,
    })),
    callback: event.author === "system" && (handoff === "offered" || handoff === "failed") && !event.buttons?.length,
    rated: event.author === "assistant" && RATED.has(turn?.kind),
    state: "sent",
  };
}

function fromOutgoing(message) {
  return {
    key: message.id, seq: message.seq, author: "patient", speaker: SPEAKERS.patient, at: null,
    text: message.text, blocks: [], emergency: false, reference: null, sections: [], buttons: [], callback: false,
    rated: false, state: message.state, reason: message.reason ?? "",
  };
}

/** A section of the contract, `does-it-hurt` or `other-document#section`, as {document, section}. */
function split(name, document) {
  const [first, second] = name.split("#");
  return second === undefined ? { document, section: first } : { document: first, section: second };
}

/** One reply in several events is read as one: an event without text lends what it carries. */
function joinSilent(messages) {
  const joined = [];
  for (const message of messages) {
    const before = joined.at(-1);
    if (message.text.trim() === "" && message.author !== "patient" && before?.author === message.author) {
      joined[joined.length - 1] = {
        ...before,
        emergency: before.emergency || message.emergency,
        reference: before.reference ?? message.reference,
        sections: [...before.sections, ...message.sections],
        buttons: [...before.buttons, ...message.buttons],
        rated: before.rated || message.rated,
      };
    } else {
      joined.push(message);
    }
  }
  return joined;
}

/** Says of the patient's last message whether the nurse in the chat has it before her eyes. */
function withDelivery(messages, status) {
  const last = messages.findLastIndex((message) => message.author === "patient" && message.seq !== null);
  if (status?.floor !== "nurse" || last === -1) return messages;
  const delivery = messages[last].seq <= status.seen ? "seen" : "delivered";
  return messages.map((message, index) => (index === last ? { ...message, delivery } : message));
}

function waitingFor(events, unsettled, status) {
  if (status?.floor === "nurse") return status.typing ? "nurse" : null;
  if (status?.floor === "waiting") return null;
  const isOwed = unsettled.some((one) => one.state === "sent") || events.at(-1)?.author === "patient";
  const turn = events.findLast((event) => event.turn)?.turn;
  if (!isOwed || turn?.handoff?.state === "connected") return null;
  const last = events.findLast((event) => event.author !== "patient");
  return last?.author === "system" && !isOfTheQueue(last) ? "outage" : "reply";
}

/** A line about the way to a nurse and back, which says nothing of the assistant's health. */
function isOfTheQueue({ turn }) {
  return turn?.kind === "handoff" && Boolean(turn.handoff?.reference);
}

/** A nurse has closed the patient's place in the queue; the assistant closes only its own form. */
function isClosing({ author, turn }) {
  return turn?.handoff?.state === "closed" && (author === "system" || author === "nurse");
}

function alarmOf(events) {
  const begin = events.findLastIndex(isClosing) + 1;
  const open = events.slice(begin).filter((event) => event.turn?.kind === EMERGENCY);
  if (open.length === 0) return null;
  return { seq: open.at(-1).seq, text: open.map((event) => event.text).join("\n") };
}
