/** One message of the view model as an element. */

import { element, icon } from "./dom.js";
import { linkNumbers, namesNumber } from "./transcript.js";

const DELIVERED = { delivered: "Delivered", seen: "Seen by the nurse" };
const NEW_TAB = "M14 5h5v5 M19 5l-8 8 M17 14v5H5V7h5";

/**
 * The list item of a message.
 *
 * @param message of transcript.js' view
 * @param context {clinic, api, ratings, onChoice(text), onRetry(key), onRate(seq, helpful)};
 *   `ratings` maps seq to "sending", "given" or "failed"
 */
export function messageElement(message, context) {
  const own = message.author === "patient";
  return element("li", { className: `message ${message.author}${message.emergency ? " emergency" : ""}` },
    element("span", { className: own ? "unseen" : "speaker" }, own ? "You wrote: " : message.speaker),
    element("div", { className: "bubble" },
      ...(own ? [element("p", { className: "verbatim" }, message.text)] : words(message, context)),
      ...calls(message, context)),
    message.reference
      ? element("p", { className: "meta" }, `Reference for the nurses: ${message.reference}`)
      : null,
    handoutLinks(message, context),
    message.callback ? callbackLink(context) : null,
    choices(message, context),
    rating(message, context),
    footer(message, context));
}

/** What decides whether a message must be drawn anew. */
export function signature(message, { ratings, clinic }) {
  return JSON.stringify([message, ratings.get(message.seq) ?? null, clinic]);
}

function words(message, { clinic }) {
  const numbers = [clinic?.emergency_number, clinic?.crisis_line, clinic?.phone];
  const linked = (text) => linkNumbers(text, numbers).map((piece) => (
    piece.href === null ? piece.text : element("a", { href: piece.href }, piece.text)));
  return message.blocks.map((block) => (block.kind === "list"
    ? element("ul", {}, ...block.items.map((item) => element("li", {}, ...linked(item))))
    : element("p", {}, ...linked(block.text))));
}

/** In an emergency the numbers that the answer names are buttons big enough for a shaking thumb. */
function calls(message, { clinic }) {
  if (!message.emergency || !clinic) return [];
  const { emergency_number: emergency, crisis_line: crisis } = clinic;
  const links = [];
  if (namesNumber(message.text, emergency)) links.push(call(`tel:${emergency}`, `Call ${emergency}`));
  if (namesNumber(message.text, crisis)) {
    links.push(call(`tel:${crisis}`, `Call ${crisis}`), call(`sms:${crisis}`, `Text ${crisis}`));
  }
  return links.length === 0 ? [] : [element("p", { className: "calls" }, ...links)];
}

function call(href, text) {
  return element("a", { href, className: "call" }, text);
}

function handoutLinks(message, { api }) {
  if (message.sections.length === 0) return null;
  return element("ul", { className: "sources" }, ...message.sections.map(({ document, section }) => {
    const title = element("span", {}, "the passage this comes from");
    api.sectionTitle(document, section).then((found) => {
      if (found) title.textContent = found;
    }, () => { /* The link works without its title. */ });
    return element("li", {}, element("a", {
      href: api.address(`handouts/${encodeURIComponent(document)}#${encodeURIComponent(section)}`),
      target: "_blank", rel: "noopener",
    }, icon(NEW_TAB), "From the handout: ", title,
    element("span", { className: "unseen" }, " (opens a new tab)")));
  }));
}

function callbackLink({ api }) {
  return element("p", { className: "callback" }, element("a", {
    href: api.address("callback"), target: "_blank", rel: "noopener",
  }, icon(NEW_TAB), "Ask for a call from a nurse",
  element("span", { className: "unseen" }, " (opens a new tab)")));
}

function choices(message, { onChoice }) {
  if (message.buttons.length === 0) return null;
  return element("div", { className: "choices", role: "group", "aria-label": "Choices" },
    ...message.buttons.map((button) => element("button", {
      type: "button",
      className: button.chosen ? "choice chosen" : "choice",
      "aria-disabled": button.locked ? "true" : null,
      on: { click: () => { if (!button.locked) onChoice(button.payload); } },
    }, button.title, button.chosen ? element("span", { className: "unseen" }, " (your choice)") : null)));
}

function rating(message, { ratings, onRate }) {
  if (!message.rated) return null;
  const state = ratings.get(message.seq);
  if (state === "given" || state === "sending") {
    const words = state === "given" ? "Thank you for telling us." : "Sending…";
    return element("p", { className: "rating" }, words);
  }
  const question = state === "failed" ? "That was not sent. Did this help?" : "Did this help?";
  const button = (text, helpful) => element("button", {
    type: "button",
    "aria-label": `${text}, this ${helpful ? "helped" : "did not help"}`,
    on: { click: () => onRate(message.seq, helpful) },
  }, text);
  return element("p", { className: "rating" }, question, " ", button("Yes", true), button("No", false));
}

function footer(message, { onRetry }) {
  if (message.state === "failed") {
    return element("p", { className: "unsent" }, `Not sent. ${message.reason}`, element("button", {
      type: "button", on: { click: () => onRetry(message.key) },
    }, "Try again"));
  }
  if (message.state === "sending") return element("p", { className: "meta" }, "Sending…");
  if (!message.at) return null;
  const at = new Date(message.at);
  return element("p", { className: "meta" }, element("time", { dateTime: message.at },
    at.toLocaleTimeString([], { hour: "numeric", minute: "2-digit" })),
  message.delivery ? ` · ${DELIVERED[message.delivery]}` : null);
}
