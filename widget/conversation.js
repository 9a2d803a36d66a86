/**
 * One patient's conversation in this tab: sends in order, hears, remembers. No DOM.
 */

import { ApiError } from "./api.js";
import { Feed } from "./feed.js";
import {
  emptyTranscript, isAssistantDown, lastSeq, view, withEvents, withFailed, withOutgoing, withSent,
} from "./transcript.js";

// The desk forgets after six seconds that somebody types.
const TYPING_EVERY_MS = 3_000;

/** Calls `onChange()` after every change of `view`, `status`, `ratings`, `connected` or `ended`. */
export class Conversation {
  #api;
  #session;
  #onChange;
  #transcript = emptyTranscript;
  #feed = null;
  // Sends wait for each other, so what was written first arrives first.
  #queue = Promise.resolve();
  ratings = new Map();
  connected = true;
  /** What the desk says beside the events, see `ChatApi.status`; null before it has said anything. */
  status = null;
  #typedAt = 0;
  #seen = 0;
  /** True when the desk no longer knows the conversation; the next message begins a new one. */
  ended = false;

  constructor(api, session, onChange) {
    this.#api = api;
    this.#session = session;
    this.#onChange = onChange;
  }

  /** The view model of transcript.js. */
  get view() {
    return view(this.#transcript, this.status);
  }

  /** True once there is something to erase. */
  get exists() {
    return this.#session.get("conversation") !== null || this.#transcript.outgoing.length > 0;
  }

  /** Takes up what this tab had before a reload. */
  resume() {
    for (const seq of this.#session.get("rated")) this.ratings.set(seq, "given");
    const outgoing = this.#session.get("outgoing").map((one) => (
      Object.freeze({ ...one, state: one.seq === null ? "failed" : "sent" })));
    this.#transcript = Object.freeze({ events: [], outgoing: Object.freeze(outgoing) });
    this.#listen();
    this.#onChange();
  }

  /** Stops hearing; `resume` begins again. */
  pause() {
    this.#feed?.stop();
    this.#feed = null;
  }

  /** Shows the message at once and hands it to the desk. */
  send(text) {
    this.ended = false;
    return this.#hand({ id: newId(), text });
  }

  /** Tries an unsent message again, under its old id, so it is never there twice. */
  retry(id) {
    const message = this.#transcript.outgoing.find((one) => one.id === id);
    return message ? this.#hand(message) : Promise.resolve();
  }

  /** The patient types, which a nurse in the chat may see; told now and then. */
  typing() {
    const now = Date.now();
    if (this.status?.floor !== "nurse" || now - this.#typedAt < TYPING_EVERY_MS) return;
    this.#typedAt = now;
    // Lost is lost: the next key says it again.
    this.#api.typing(this.#session.get("conversation")).catch(() => {});
  }

  /** What is said so far is on the patient's screen, which the nurse in the chat may know. */
  see() {
    const seq = lastSeq(this.#transcript);
    if (this.status?.floor !== "nurse" || seq <= this.#seen) return;
    this.#seen = seq;
    this.#api.seen(this.#session.get("conversation"), seq).catch(() => { this.#seen = 0; });
  }

  /**
   * While the assistant is down the desk itself puts the patient into the line for a nurse; true when
   * that was so and a nurse can come.
   */
  async askPastAssistant() {
    if (!isAssistantDown(this.#transcript)) return false;
    try {
      await this.#api.askForNurse(this.#session.get("conversation"), newId());
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return false;
    }
  }

  /** Goes back to the assistant; the desk says so in the conversation. */
  async leave() {
    try {
      await this.#api.leave(this.#session.get("conversation"));
    } catch (error) {
      // A nurse may have ended it in the same moment; then there is nothing left to do.
      if (!(error instanceof ApiError)) throw error;
    }
  }

  async rate(seq, helpful) {
    if (["sending", "given"].includes(this.ratings.get(seq))) return;
    this.#rated(seq, "sending");
    try {
      await this.#api.feedback(this.#session.get("conversation"), { seq, helpful });
      this.#rated(seq, "given");
    } catch {
      this.#rated(seq, "failed");
    }
  }

  /**
   * Erases the conversation on the desk and in this tab; returns the desk's sentence on what was
   * erased and kept. Raises `ApiError` when the desk could not do it; then nothing is forgotten here either.
   */
  async erase() {
    // What is on its way arrives first: nothing may be sent after the erase.
    await this.#queue;
    const conversation = this.#session.get("conversation");
    let told = null;
    // The desk ends the stream of an erased conversation; that is no lost connection.
    this.pause();
    try {
      if (conversation) told = await this.#api.erase(conversation);
    } catch (error) {
      if (!error.isGone) {
        this.#listen();
        throw error;
      }
    }
    this.#forget();
    this.#onChange();
    return told?.message ?? "This chat is erased.";
  }

  /** Everything that was said, as text to keep. Raises `ApiError`. */
  async text() {
    await this.#queue;
    return this.#api.transcript(this.#session.get("conversation"));
  }

  #hand({ id, text }) {
    this.#become(withOutgoing(this.#transcript, { id, text }));
    this.#queue = this.#queue.then(() => this.#deliver({ id, text }));
    return this.#queue;
  }

  async #deliver(message) {
    try {
      if (this.#session.get("conversation") === null) {
        this.#session.set({ conversation: await this.#api.create(), spoken: 0 });
        this.#listen();
      }
      const { seq } = await this.#api.send(this.#session.get("conversation"), message);
      this.#become(withSent(this.#transcript, message.id, seq));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.isGone) this.#end();
      // The desk's own sentence helps where the message is at fault, not where the line is.
      const reason = error.isRefusal && !error.isGone ? error.message : "";
      this.#become(withFailed(this.#transcript, message.id, reason));
    }
  }

  #listen() {
    const conversation = this.#session.get("conversation");
    if (conversation === null || this.#feed !== null) return;
    this.#feed = new Feed(this.#api, conversation, {
      after: lastSeq(this.#transcript),
      onEvents: (events) => this.#become(withEvents(this.#transcript, events)),
      onStatus: (status) => {
        this.status = status;
        this.#onChange();
      },
      onConnection: (connected) => {
        this.connected = connected;
        this.#onChange();
      },
      onGone: () => {
        this.#end();
        this.#onChange();
      },
    });
    this.#feed.start();
  }

  /** The desk no longer has it: words that never arrived stay, to be sent in a new one. */
  #end() {
    const unsent = this.#transcript.outgoing.filter((one) => one.seq === null);
    this.#forget();
    this.ended = true;
    this.#transcript = Object.freeze({
      events: [],
      outgoing: Object.freeze(unsent.map((one) => Object.freeze({ ...one, after: 0, state: "failed" }))),
    });
  }

  #forget() {
    this.pause();
    const open = this.#session.get("open");
    this.#session.clear();
    this.#session.set({ open });
    this.#transcript = emptyTranscript;
    this.status = null;
    this.#seen = 0;
    this.ratings.clear();
    this.connected = true;
    this.ended = false;
  }

  #become(transcript) {
    this.#transcript = transcript;
    const seen = new Set(transcript.events.map((event) => event.seq));
    this.#session.set({ outgoing: transcript.outgoing.filter((one) => one.seq === null || !seen.has(one.seq)) });
    this.#onChange();
  }

  #rated(seq, state) {
    this.ratings.set(seq, state);
    const given = [...this.ratings].filter(([, one]) => one === "given").map(([one]) => one);
    this.#session.set({ rated: given });
    this.#onChange();
  }
}

/** A version 4 UUID, also on pages without TLS, where crypto.randomUUID is missing. */
function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
