/** The emergency numbers that stay in sight above the text field after an emergency. */

import { element } from "./dom.js";
import { namesNumber } from "./transcript.js";

/**
 * Pinned while the view has an alarm. The patient may put it away on this page, until the next
 * emergency; only a nurse ends the alarm.
 */
export class AlarmBar {
  #words = element("p", {});
  #safe;
  #drawn = "";
  #putAwayAt = 0;
  element;

  /** `onPutAway()` is called after the patient said to be safe. */
  constructor(onPutAway) {
    this.#safe = element("button", {
      type: "button", className: "safe", on: { click: () => this.#putAway(onPutAway) },
    }, "I am safe now");
    this.element = element("div", {
      className: "alarm-bar", role: "region", "aria-label": "Emergency numbers", hidden: true,
    }, this.#words, this.#safe);
  }

  /** Shows what the view's `alarm` asks for; leaves what is right already, for the focus' sake. */
  draw(alarm, clinic) {
    this.element.hidden = alarm === null || alarm.seq <= this.#putAwayAt;
    if (alarm === null) {
      // The next one may be of another conversation, which counts anew.
      this.#putAwayAt = 0;
      return;
    }
    this.element.dataset.seq = String(alarm.seq);
    const crisis = namesNumber(alarm.text, clinic?.crisis_line) ? clinic.crisis_line : null;
    const wanted = JSON.stringify([clinic?.emergency_number, crisis]);
    if (wanted === this.#drawn) return;
    this.#drawn = wanted;
    this.#words.replaceChildren(...words(clinic?.emergency_number, crisis));
  }

  #putAway(then) {
    this.#putAwayAt = Number(this.element.dataset.seq);
    this.element.hidden = true;
    then();
  }
}

function words(emergency, crisis) {
  if (!emergency) return ["In an emergency call your local emergency number"];
  const said = ["In an emergency ", element("a", { href: `tel:${emergency}` }, `call ${emergency}`)];
  if (crisis) {
    said.push(", in a crisis ", element("a", { href: `tel:${crisis}` }, `call ${crisis}`), " or ",
      element("a", { href: `sms:${crisis}` }, `text ${crisis}`));
  }
  return said;
}
