import { AlarmBar } from "./alarm-bar.js";
import { Announcer } from "./announcer.js";
import { ChatApi, ApiError } from "./api.js";
import { Conversation } from "./conversation.js";
import { element } from "./dom.js";
import { MessageList } from "./message-list.js";
import { NurseBar } from "./nurse-bar.js";
import { AUTOMATIC, buildPanel, fillWelcome, LONGEST_MESSAGE } from "./panel.js";
import { saveText } from "./save.js";
import { Session } from "./session.js";
import { announcement } from "./transcript.js";

const ASK_FOR_NURSE = "I want to talk to a nurse";
const SLOW_MS = 15_000;
// How near to the end the patient must be for new messages to scroll into view, in CSS pixels.
const NEAR_END = 80;
// What stays visible above a new answer, in CSS pixels.
const MARGIN = 12;

/**
 * The clinic's chat.
 *
 * Attributes: `api` (the desk's address; default: where this script came from), `label` (the
 * launcher's words). Its light content is shown only where scripts do not run.
 * Events: `clinic-chat-open`, `clinic-chat-close`.
 */
export class ClinicChat extends HTMLElement {
  #parts = null;
  #api;
  #session;
  #conversation;
  #announcer = new Announcer();
  #alarmBar = new AlarmBar(() => this.#parts.input.focus());
  #nurseBar = new NurseBar(this.#announcer, () => {
    this.#conversation.leave();
    this.#parts.input.focus();
  });
  #clinic = null;
  #messages;
  #slow = null;
  #waiting = null;
  #notice = "";
  #frame = 0;
  #look = () => this.#schedule();

  connectedCallback() {
    if (this.#parts === null) this.#build();
    this.#conversation.resume();
    document.addEventListener("visibilitychange", this.#look);
    this.#learn();
    if (this.#session.get("open")) this.#show();
  }

  disconnectedCallback() {
    this.#conversation.pause();
    document.removeEventListener("visibilitychange", this.#look);
    clearTimeout(this.#slow);
  }

  /** Opens the panel and puts the cursor into the text field. */
  open() {
    this.#show();
    this.#learn();
    this.#parts.input.focus();
    this.dispatchEvent(new CustomEvent("clinic-chat-open", { bubbles: true }));
  }

  /** Closes the panel; the conversation goes on. */
  close() {
    const { panel, launcher } = this.#parts;
    panel.hidden = true;
    launcher.hidden = false;
    launcher.setAttribute("aria-expanded", "false");
    this.#session.set({ open: false });
    launcher.focus();
    this.dispatchEvent(new CustomEvent("clinic-chat-close", { bubbles: true }));
  }

  #build() {
    const base = new URL(this.getAttribute("api") ?? new URL("../", import.meta.url), document.baseURI).href;
    this.#api = new ChatApi(base.endsWith("/") ? base : `${base}/`);
    this.#session = new Session(base);
    this.#conversation = new Conversation(this.#api, this.#session, () => this.#schedule());
    this.#parts = buildPanel(this.#announcer.element, this.#alarmBar.element, this.#nurseBar.element);
    this.#messages = new MessageList(this.#parts.messages);
    const { root, launcher, launcherText, close, nurse, form, input, save, end, dialog, erase, keep, panel } = this.#parts;
    const style = element("link", { rel: "stylesheet", href: new URL("clinic-chat.css", import.meta.url).href });
    const reveal = () => { root.hidden = false; };
    style.addEventListener("load", reveal);
    style.addEventListener("error", reveal);
    if (this.hasAttribute("label")) launcherText.textContent = this.getAttribute("label");
    launcher.addEventListener("click", () => this.open());
    close.addEventListener("click", () => this.close());
    panel.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || dialog.open || event.isComposing) return;
      event.stopPropagation();
      this.close();
    });
    nurse.addEventListener("click", async () => {
      if (!(await this.#conversation.askPastAssistant())) this.#say(ASK_FOR_NURSE);
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#submit();
    });
    input.addEventListener("input", () => this.#conversation.typing());
    save.addEventListener("click", () => this.#save());
    end.addEventListener("click", () => {
      this.#parts.eraseProblem.textContent = "";
      dialog.showModal();
      keep.focus();
    });
    keep.addEventListener("click", () => dialog.close());
    erase.addEventListener("click", () => this.#erase());
    dialog.addEventListener("close", () => input.focus());
    this.attachShadow({ mode: "open" }).append(style, root);
  }

  #show() {
    const { panel, launcher, log } = this.#parts;
    panel.hidden = false;
    launcher.hidden = true;
    launcher.setAttribute("aria-expanded", "true");
    this.#session.set({ open: true });
    this.#schedule();
    log.scrollTop = log.scrollHeight;
  }

  /** Asks the desk who it is and whether nurses are there; the chat works without an answer. */
  async #learn() {
    const callback = this.#api.address("callback");
    const { welcome, title } = this.#parts;
    if (welcome.childElementCount === 0) fillWelcome(welcome, { clinic: null, availability: null, callback });
    const [clinic, availability] = await Promise.allSettled([this.#api.clinic(), this.#api.availability()]);
    this.#clinic = clinic.value ?? this.#clinic;
    if (this.#clinic) title.textContent = this.#clinic.name;
    fillWelcome(welcome, { clinic: this.#clinic, availability: availability.value, callback });
    this.#schedule();
  }

  #submit() {
    const { input, problem } = this.#parts;
    const text = input.value.trim();
    const length = [...text].length;
    problem.textContent = "";
    if (length === 0) return;
    if (length > LONGEST_MESSAGE) {
      problem.textContent = `Your message has ${length} characters. Please shorten it to ${LONGEST_MESSAGE}.`;
      return;
    }
    input.value = "";
    this.#say(text);
  }

  #say(text) {
    this.#notice = "";
    this.#conversation.send(text);
    this.#parts.input.focus();
    this.#draw();
    this.#parts.log.scrollTop = this.#parts.log.scrollHeight;
  }

  async #save() {
    try {
      saveText("chat.txt", await this.#conversation.text());
      this.#notice = "";
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#notice = "The chat could not be saved: the clinic cannot be reached. Please try again.";
    }
    this.#schedule();
  }

  async #erase() {
    const { erase, dialog, eraseProblem, input } = this.#parts;
    erase.setAttribute("aria-disabled", "true");
    try {
      this.#notice = await this.#conversation.erase();
      input.value = "";
      dialog.close();
      this.#schedule();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      eraseProblem.textContent = "The chat could not be erased: the clinic cannot be reached. Please try again.";
    } finally {
      erase.removeAttribute("aria-disabled");
    }
  }

  #schedule() {
    if (this.#frame !== 0) return;
    this.#frame = 1;
    queueMicrotask(() => {
      this.#frame = 0;
      this.#draw();
    });
  }

  #draw() {
    const { log, save, end, launcher, news, panel } = this.#parts;
    const { messages: list, waiting, alarm } = this.#conversation.view;
    const height = log.clientHeight;
    const wasNearEnd = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_END;
    const wasEmpty = this.#messages.isEmpty;
    const fresh = this.#messages.draw(list, this.#context());
    this.#drawTyping(waiting);
    this.#drawStatus();
    this.#drawNurse();
    this.#alarmBar.draw(alarm, this.#clinic);
    save.hidden = end.hidden = !this.#conversation.exists;
    // A long answer is read from its beginning; a history taken up again is shown at its end.
    // What appears around the conversation takes room from it; its end stays in view.
    if (!wasEmpty && wasNearEnd && fresh.length > 0) log.scrollTop = fresh[0].offsetTop - MARGIN;
    else if (wasEmpty || (wasNearEnd && log.clientHeight !== height)) log.scrollTop = log.scrollHeight;
    if (this.#speak(list) > 0 && panel.hidden) {
      launcher.classList.add("news");
      news.textContent = "(new message)";
    } else if (!panel.hidden) {
      if (document.visibilityState === "visible") this.#conversation.see();
      launcher.classList.remove("news");
      news.textContent = "";
    }
  }

  /** What a message needs to be drawn, and what its buttons do. */
  #context() {
    return {
      clinic: this.#clinic,
      api: this.#api,
      ratings: this.#conversation.ratings,
      onChoice: (payload) => this.#say(payload),
      onRetry: (key) => {
        this.#conversation.retry(key);
        this.#parts.input.focus();
      },
      onRate: (seq, helpful) => {
        this.#conversation.rate(seq, helpful);
        this.#parts.input.focus();
      },
    };
  }

  #drawTyping(waiting) {
    const { log, typing } = this.#parts;
    if (this.#waiting === waiting) return;
    this.#waiting = waiting;
    clearTimeout(this.#slow);
    typing.hidden = waiting === null;
    if (waiting === null) return;
    typing.firstChild.hidden = waiting === "outage";
    typing.lastChild.textContent = {
      outage: "Your message is kept and waits for the assistant.",
      nurse: `${this.#conversation.status?.nurse} is writing…`,
      reply: "The assistant is writing…",
    }[waiting];
    log.scrollTop = log.scrollHeight;
    if (waiting !== "reply") return;
    this.#slow = setTimeout(() => {
      typing.lastChild.textContent = "This takes longer than usual. Your message is kept.";
      this.#announcer.say(typing.lastChild.textContent);
    }, SLOW_MS);
  }

  /** Who answers stands in the head; a nurse cannot be asked for while one is on her way. */
  #drawNurse() {
    const [{ subtitle, nurse }, { status }] = [this.#parts, this.#conversation];
    this.#nurseBar.draw(status);
    nurse.hidden = status?.floor === "nurse" || status?.floor === "waiting";
    const words = status?.floor === "nurse" ? `You are writing with ${status.nurse}, a nurse` : AUTOMATIC;
    if (subtitle.textContent !== words) subtitle.textContent = words;
  }

  #drawStatus() {
    const { connected, ended } = this.#conversation;
    let words = this.#notice;
    if (ended) words = "This chat has ended. Your next message begins a new one.";
    if (!connected) words = "Connection lost. Trying again…";
    if (this.#parts.status.textContent !== words) this.#parts.status.textContent = words;
  }

  /** Reads out what was not read out before, each message once, also across a reload. */
  #speak(list) {
    const spoken = this.#session.get("spoken");
    const unheard = list.filter((message) => message.seq > spoken && message.author !== "patient");
    for (const message of unheard) this.#announcer.say(announcement(message), { urgent: message.emergency });
    if (unheard.length > 0) this.#session.set({ spoken: unheard.at(-1).seq });
    return unheard.length;
  }
}
