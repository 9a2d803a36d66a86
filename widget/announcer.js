import { element } from "./dom.js";

// Screen readers miss a line that appears in the same moment as other changes.
const BEFORE_MS = 100;
// Long enough to be picked up, short enough that nobody finds it again by browsing.
const AFTER_MS = 1_500;

/**
 * Speaks each line once: a polite and an assertive live region, apart from the transcript, so that
 * history is never read again.
 */
export class Announcer {
  #polite = region("polite");
  #assertive = region("assertive");
  element = element("div", { className: "spoken" }, this.#polite, this.#assertive);

  /** Says the line; `urgent` interrupts, which only an emergency may. */
  say(text, { urgent = false } = {}) {
    if (text === "") return;
    const line = element("div", { "aria-atomic": "true" }, text);
    setTimeout(() => (urgent ? this.#assertive : this.#polite).append(line), BEFORE_MS);
    setTimeout(() => line.remove(), BEFORE_MS + AFTER_MS);
  }
}

function region(politeness) {
  return element("div", {
    "aria-live": politeness, "aria-relevant": "additions", "data-live": politeness,
  });
}
