/** The shadow tree of the chat: every element once, named; clinic-chat.js gives it behaviour. */

import { element, icon } from "./dom.js";

const BUBBLE = "M4 5h16v11H9.5L5 20v-4H4z";
const CROSS = "M6 6l12 12 M18 6L6 18";
const ARROW = "M4 12h15 M13 6l6 6-6 6";

/** Who answers, as long as no nurse does. */
export const AUTOMATIC = "Automatic assistant, not a person";

/** A patient's message may have this many characters (the desk refuses more). */
export const LONGEST_MESSAGE = 4000;

/** The parts by name; `root` holds all others. */
export function buildPanel(announcements, alarmBar, nurseBar) {
  const launcherText = element("span", {}, "Chat with us");
  const news = element("span", { className: "unseen" });
  const launcher = element("button", {
    type: "button", className: "launcher", "aria-expanded": "false", "aria-controls": "panel",
  }, icon(BUBBLE), launcherText, news);
  const title = element("h2", { id: "title" }, "Clinic chat");
  const subtitle = element("p", { className: "subtitle" }, AUTOMATIC);
  const close = element("button", { type: "button", className: "plain close", "aria-label": "Close chat" }, icon(CROSS));
  const welcome = element("div", { id: "welcome", className: "welcome" });
  const messages = element("ul", { className: "messages", role: "list" });
  const typing = element("p", { className: "typing", hidden: true },
    element("span", { className: "dots", "aria-hidden": "true" },
      element("span"), element("span"), element("span")),
    element("span", { className: "typing-text" }, "The assistant is writing…"));
  const log = element("div", {
    className: "log", role: "log", "aria-live": "off", "aria-label": "Conversation", tabIndex: 0,
  }, welcome, messages, typing);
  const status = element("p", { className: "status", role: "status" });
  const nurse = element("button", { type: "button", className: "nurse" }, "Talk to a nurse");
  const end = element("button", { type: "button", className: "plain end", hidden: true }, "End and erase this chat");
  const save = element("button", { type: "button", className: "plain save", hidden: true }, "Save this chat");
  const problem = element("p", { id: "problem", className: "problem", role: "alert" });
  const input = element("textarea", {
    id: "input", rows: 2, autocomplete: "off", enterKeyHint: "send", "aria-describedby": "problem",
  });
  const send = element("button", { type: "submit", className: "send" }, "Send", icon(ARROW));
  const form = element("form", { className: "composer", noValidate: true },
    element("label", { htmlFor: "input" }, "Your question"),
    element("div", { className: "write" }, input, send), problem);
  const erase = element("button", { type: "button", className: "danger" }, "Erase");
  const keep = element("button", { type: "button", className: "plain" }, "Keep the chat");
  const eraseProblem = element("p", { className: "problem", role: "alert" });
  const dialog = element("dialog", { "aria-labelledby": "erase-title", "aria-describedby": "erase-text" },
    element("h3", { id: "erase-title" }, "End and erase this chat?"),
    element("p", { id: "erase-text" },
      "What you wrote is erased here and at the clinic. If you asked for a call from a nurse, "
      + "the clinic keeps what the nurse needs to call you."),
    eraseProblem, element("div", { className: "row" }, erase, keep));
  const panel = element("section", {
    id: "panel", className: "panel", role: "dialog", "aria-labelledby": "title",
    "aria-describedby": "welcome", hidden: true,
  },
  element("div", { className: "head" }, element("div", {}, title, subtitle), close),
  status, nurseBar, log, element("div", { className: "row actions" }, nurse, save, end), alarmBar, form, dialog);
  const root = element("div", { className: "root", hidden: true }, launcher, panel, announcements);
  return {
    root, launcher, launcherText, news, panel, title, subtitle, close, welcome, messages, typing, log, status, nurse, save, end, form,
    input, send, problem, dialog, erase, keep, eraseProblem,
  };
}

/** The panel's first words, from the widget itself, not from the assistant. */
export function fillWelcome(welcome, { clinic, availability, callback }) {
  const name = clinic?.name ?? "this clinic";
  const emergency = clinic?.emergency_number;
  const paragraphs = [
    element("p", {}, `This is the automatic assistant of ${name}. It is not a person. `
      + "It answers from the clinic's handout and cannot judge your own health."),
    emergency
      ? element("p", { className: "alarm" }, "In an emergency ",
        element("a", { href: `tel:${emergency}` }, `call ${emergency}`), ".")
      : element("p", { className: "alarm" }, "In an emergency call your local emergency number."),
    availability?.message
      ? element("p", {}, availability.message)
      : element("p", {}, "You can ask for a call from a nurse at any time: ",
        element("a", { href: callback, target: "_blank", rel: "noopener" }, "call-back form",
          element("span", { className: "unseen" }, " (opens a new tab)")), "."),
  ];
  welcome.replaceChildren(...paragraphs);
}
