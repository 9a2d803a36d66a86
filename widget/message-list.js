/** The messages on the screen: draws what changed and leaves the rest alone, for the focus' sake. */

import { messageElement, signature } from "./message.js";

/** Keeps the children of one element like a list of messages (`transcript.js`). */
export class MessageList {
  #drawn = new Map();
  #element;

  /** @param {HTMLElement} element  its children are the messages from now on */
  constructor(element) {
    this.#element = element;
  }

  get isEmpty() {
    return this.#drawn.size === 0;
  }

  /**
   * Shows these messages; returns the new elements that are not the patient's own.
   *
   * @param {object[]} list
   * @param {object} context  what `messageElement` needs
   */
  draw(list, context) {
    this.#remove(new Set(list.map((message) => message.key)));
    const fresh = [];
    list.forEach((message, index) => {
      const drawn = this.#drawn.get(message.key);
      const now = signature(message, context);
      let item = drawn?.element;
      if (drawn?.signature !== now) {
        item = messageElement(message, context);
        if (drawn) drawn.element.replaceWith(item);
        else if (message.author !== "patient") fresh.push(item);
        this.#drawn.set(message.key, { element: item, signature: now });
      }
      const { children } = this.#element;
      if (children[index] !== item) this.#element.insertBefore(item, children[index] ?? null);
    });
    return fresh;
  }

  #remove(kept) {
    for (const [key, drawn] of this.#drawn) {
      if (kept.has(key)) continue;
      drawn.element.remove();
      this.#drawn.delete(key);
    }
  }
}
