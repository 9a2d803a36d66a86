/*
 * The queue as the stream tells of it: pure values, no page. Nothing in it is a patient's name,
 * number or word.
 *
 * @typedef {object} Item
 * @property {number} id
 * @property {string} conversation
 * @property {"chat" | "callback"} kind
 * @property {"emergency" | "urgent" | "routine"} urgency
 * @property {"waiting" | "claimed"} state
 * @property {string} reference
 * @property {string | null} due_at
 * @property {boolean} overdue
 * @property {string | null} alarmed_at
 * @property {string | null} assigned_to
 * @property {"assistant" | "waiting" | "nurse" | "ended"} floor
 * @property {number} last_seq
 * @property {number} seen_by_patient
 * @property {number} seen_by_nurse
 * @property {boolean} patient_typing
 * @property {string[]} nurses_typing
 * @property {string[]} looking
 *
 * @typedef {Map<number, Item>} Board  the open handoffs, the one to take first in front
 */

/**
 * The board after one message of the stream.
 *
 * @param {Board} board
 * @param {any} change
 * @returns {Board}
 */
export function applied(board, change) {
  if (change.type === "queue") return new Map(change.handoffs.map((item) => [item.id, item]));
  const after = new Map(board);
  if (change.type === "gone") after.delete(change.id);
  if (change.type === "handoff") {
    const { type, ...item } = change;
    after.set(item.id, item);
  }
  if (change.type !== "order") return after;
  return new Map(change.ids.filter((id) => after.has(id)).map((id) => [id, after.get(id)]));
}

/**
 * What an entry of the page shows of a handoff; the server writes the same (`rendering._sign`).
 *
 * @param {Item} item
 */
export function signOf(item) {
  return [
    item.id,
    item.state,
    item.urgency,
    item.assigned_to ?? "",
    item.due_at ?? "",
    item.overdue ? "overdue" : "",
    item.alarmed_at ?? "",
  ].join("|");
}

/** @param {Board} board */
export const unclaimed = (board) => [...board.values()].filter((item) => item.state === "waiting");

/**
 * How loudly to call a nurse: for an emergency; for somebody who waits in the chat, is urgent or
 * past the promised time; or not at all. Until somebody takes her.
 *
 * @param {Board} board
 * @returns {"emergency" | "waiting" | null}
 */
export function callFor(board) {
  const free = unclaimed(board);
  if (free.some((item) => item.urgency === "emergency")) return "emergency";
  const waits = (item) => item.floor === "waiting" || item.urgency === "urgent" || item.overdue;
  return free.some(waits) ? "waiting" : null;
}

/**
 * In which of the nurse's own chats there is something that she has not seen.
 *
 * @param {Board} board
 * @param {string} self  the nurse's name
 */
export function unseen(board, self) {
  return [...board.values()].filter(
    (item) =>
      item.assigned_to === self && item.floor === "nurse" && item.last_seq > item.seen_by_nurse,
  );
}

/**
 * Who else is there, in words; empty when nobody is.
 *
 * @param {Item} item
 * @param {string} self  the nurse's own name, which is no news to her
 */
export function presence(item, self) {
  const others = (names) => names.filter((name) => name !== self);
  const typing = others(item.nurses_typing);
  const looking = others(item.looking).filter((name) => !typing.includes(name));
  const said = [];
  if (item.patient_typing) said.push("The patient is typing…");
  if (typing.length) said.push(`${listed(typing)} ${typing.length > 1 ? "are" : "is"} typing`);
  if (looking.length) said.push(`${listed(looking)} ${looking.length > 1 ? "are" : "is"} looking`);
  return said.join(" · ");
}

const listed = (names) => new Intl.ListFormat("en").format(names);
