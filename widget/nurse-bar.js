/** The strip above the conversation while a patient waits for a nurse or chats with one. */

import { element } from "./dom.js";
import { waitWords } from "./transcript.js";

/**
 * Shows who answers, as the desk's status says it. A change of the place in line is read out once;
 * that a nurse came or went stands in the conversation, which is read out anyhow.
 */
export class NurseBar {
  #words = element("p", {});
  #leave;
  #announcer;
  #said = "";
  element;

  /** `onLeave()` is called when the patient wants the assistant to answer again. */
  constructor(announcer, onLeave) {
    this.#announcer = announcer;
    this.#leave = element("button", { type: "button", className: "leave", on: { click: onLeave } });
    this.element = element("div", {
      className: "nurse-bar", role: "region", "aria-label": "Nurse", hidden: true,
    }, this.#words, this.#leave);
  }

  /** Draws the status, or nothing while the assistant answers. */
  draw(status) {
    const waiting = status?.floor === "waiting";
    this.element.hidden = !waiting && status?.floor !== "nurse";
    if (this.element.hidden) {
      this.#said = "";
      return;
    }
    const words = waiting ? waitWords(status) : `${status.nurse}, a nurse, answers you here.`;
    if (this.#words.textContent === words) return;
    this.#words.textContent = words;
    this.#leave.textContent = waiting ? "Stop waiting" : "Back to the assistant";
    const place = waiting ? String(status.position) : "";
    if (place !== "" && this.#said !== "" && place !== this.#said) this.#announcer.say(words);
    this.#said = place;
  }
}
