/**
 * The desk's patient API by fetch. The token travels in the Authorization header only.
 */

// A patient should learn within this time that a message did not get through.
const TIMEOUT_MS = 20_000;

/** The desk said no, or could not be reached; `status` is 0 when nothing answered. */
export class ApiError extends Error {
  constructor(status, detail) {
    super(detail);
    this.name = "ApiError";
    this.status = status;
  }

  /** True when the desk answered and found fault with the request. */
  get isRefusal() {
    return this.status >= 400 && this.status < 500;
  }

  /** True when this conversation no longer exists for this token. */
  get isGone() {
    return this.status === 401 || this.status === 404 || this.status === 410;
  }
}

/** Calls of the contract; `base` is the desk's origin with a slash at its end. */
export class ChatApi {
  #base;
  #documents = new Map();

  constructor(base) {
    this.#base = base;
  }

  /** An address on the desk, for links. */
  address(path) {
    return new URL(path, this.#base).href;
  }

  /** {name, phone, emergency_number, crisis_line} */
  clinic() {
    return this.#json("api/clinic");
  }

  /** {schedule_open, nurse_present, live_chat, next_opening, message} */
  availability() {
    return this.#json("api/availability");
  }

  /** The title of a handout's section; null where the desk does not know it. Asked for once. */
  async sectionTitle(document, section) {
    if (!this.#documents.has(document)) {
      const asked = this.#json(`api/documents/${encodeURIComponent(document)}`);
      asked.catch(() => this.#documents.delete(document));
      this.#documents.set(document, asked);
    }
    const { sections } = await this.#documents.get(document);
    return sections.find((one) => one.id === section)?.title ?? null;
  }

  /** A new conversation {id, token}. */
  create() {
    return this.#json("api/conversations", { method: "POST" });
  }

  /** The stored message's {seq}; the same id again is the same message. */
  send(conversation, { id, text }) {
    return this.#json(`${path(conversation)}/messages`, {
      method: "POST", token: conversation.token, body: { client_message_id: id, text },
    });
  }

  /** Says whether the message `seq` helped. */
  feedback(conversation, { seq, helpful }) {
    return this.#json(`${path(conversation)}/feedback`, {
      method: "POST", token: conversation.token, body: { seq, helpful },
    });
  }

  /** Erases what the patient wrote; what comes back says what was kept. */
  erase(conversation) {
    return this.#json(path(conversation), { method: "DELETE", token: conversation.token });
  }

  /** Everything that was said, as text to keep. */
  async transcript(conversation) {
    const response = await this.#fetch(`${path(conversation)}/transcript`, {
      token: conversation.token, accept: "text/plain",
    });
    return response.text();
  }

  /** {floor, nurse, position, wait_minutes, typing, seen}: what holds now, beside the events. */
  status(conversation, { signal } = {}) {
    return this.#json(`${path(conversation)}/status`, { token: conversation.token, signal });
  }

  /** Says that the patient types. */
  typing(conversation) {
    return this.#json(`${path(conversation)}/typing`, {
      method: "POST", token: conversation.token, body: {},
    });
  }

  /** Says that the patient has seen the messages up to `seq`. */
  seen(conversation, seq) {
    return this.#json(`${path(conversation)}/seen`, {
      method: "POST", token: conversation.token, body: { seq },
    });
  }

  /** Begins to wait for a nurse in the chat without the assistant; the same id is the same wish. */
  askForNurse(conversation, id) {
    return this.#json(`${path(conversation)}/handoff`, {
      method: "POST", token: conversation.token, body: { client_request_id: id },
    });
  }

  /** Goes back to the assistant, out of the line for a nurse or out of the chat with her. */
  leave(conversation) {
    return this.#json(`${path(conversation)}/handoff`, {
      method: "DELETE", token: conversation.token,
    });
  }

  /** The list of events after `after`. */
  async events(conversation, { after, signal }) {
    const told = await this.#json(`${path(conversation)}/events?after=${after}`, {
      token: conversation.token, signal,
    });
    return Array.isArray(told) ? told : told.events;
  }

  /** The stream of events after `after` and of signals, as a Response of text/event-stream. */
  async stream(conversation, { after, signal }) {
    const response = await this.#fetch(`${path(conversation)}/events?after=${after}&signals=true`, {
      token: conversation.token, signal, accept: "text/event-stream",
      headers: { "Last-Event-ID": String(after) },
    });
    const type = response.headers.get("content-type") ?? "";
    if (!type.startsWith("text/event-stream") || response.body === null) {
      throw new ApiError(0, "The desk did not stream.");
    }
    return response;
  }

  async #json(path, options = {}) {
    const response = await this.#fetch(path, options);
    return response.status === 204 ? null : response.json();
  }

  async #fetch(path, { method = "GET", token, body, signal, accept = "application/json", headers = {} }) {
    const sent = { Accept: accept, ...headers };
    if (token) sent.Authorization = `Bearer ${token}`;
    if (body !== undefined) sent["Content-Type"] = "application/json";
    let response;
    try {
      response = await fetch(this.address(path), {
        method,
        headers: sent,
        body: body && JSON.stringify(body),
        signal: signal ?? AbortSignal.timeout(TIMEOUT_MS),
        cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer",
      });
    } catch (error) {
      throw new ApiError(0, error instanceof Error ? error.message : "No connection.");
    }
    if (!response.ok) throw new ApiError(response.status, await explanation(response));
    return response;
  }
}

function path(conversation) {
  return `api/conversations/${encodeURIComponent(conversation.id)}`;
}

/** The plain sentence of an RFC 9457 problem, or "" where there is none. */
async function explanation(response) {
  try {
    return (await response.json()).detail ?? "";
  } catch {
    return "";
  }
}
