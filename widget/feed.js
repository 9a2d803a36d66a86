/**
 * The feed of one conversation's events: a fetch stream that resumes where it stopped, JSON
 * polling where streams do not get through, back-off with jitter where nothing does.
 */

// The desk sends a comment every 15 s; a stream silent for three of them is dead.
const SILENCE_MS = 45_000;
const POLL_MS = 2_000;
const POLLS_BEFORE_STREAM = 30;
// A server that closes every stream at once must not be asked in a tight circle.
const SHORTEST_STREAM_MS = 1_000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;

/**
 * Complete server-sent events at the head of `buffer`, as {events, rest}; an event is
 * {name, id, data}, `name` null for an ordinary one. Comments are skipped; `rest` waits for more.
 */
export function parseStream(buffer) {
  const parts = buffer.replace(/\r\n/g, "\n").split("\n\n");
  const rest = parts.pop();
  const events = [];
  for (const part of parts) {
    const event = { name: null, id: null, data: [] };
    for (const line of part.split("\n")) {
      const [, field, value] = /^([^:]*)(?:: ?(.*))?$/.exec(line) ?? [];
      if (field === "event") event.name = value ?? "";
      if (field === "id") event.id = value ?? "";
      if (field === "data") event.data.push(value ?? "");
    }
    if (event.data.length > 0) events.push({ ...event, data: event.data.join("\n") });
  }
  return { events, rest };
}

/** How long to wait before the try after `failures` failed ones, in ms: half fixed, half chance. */
export function backOff(failures, chance = Math.random()) {
  const whole = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures);
  return whole / 2 + (whole / 2) * chance;
}

/**
 * Reads until `stop()`. Calls `onEvents(list)` with new events, `onStatus(status)` with what holds
 * now beside them, `onConnection(true/false)` on a change, `onGone()` when the conversation no
 * longer exists.
 */
export class Feed {
  #api;
  #conversation;
  #after;
  #listeners;
  #running = new AbortController();
  #attempt = null;
  #wake = () => {};
  #connected = true;

  constructor(api, conversation, { after, onEvents, onStatus, onConnection, onGone }) {
    this.#api = api;
    this.#conversation = conversation;
    this.#after = after;
    this.#listeners = { onEvents, onStatus, onConnection, onGone };
  }

  start() {
    const { signal } = this.#running;
    window.addEventListener("online", () => this.#wake(), { signal });
    window.addEventListener("offline", () => this.#lose(), { signal });
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.#wake();
    }, { signal });
    this.#run();
  }

  stop() {
    this.#running.abort();
    this.#attempt?.abort();
    this.#wake();
  }

  async #run() {
    let failures = 0;
    let polls = 0;
    while (!this.#running.signal.aborted) {
      const begun = Date.now();
      try {
        if (polls > 0) {
          polls -= 1;
          await this.#poll();
          await this.#wait(POLL_MS);
        } else if (await this.#stream()) {
          await this.#wait(SHORTEST_STREAM_MS - (Date.now() - begun));
        } else if (!this.#running.signal.aborted) {
          // The stream broke. A list at once tells whether the network or only streaming failed.
          await this.#poll();
          failures += 1;
          if (failures > 1) polls = POLLS_BEFORE_STREAM;
          continue;
        }
        failures = 0;
      } catch (error) {
        if (this.#running.signal.aborted) return;
        if (error.isGone) {
          this.stop();
          this.#listeners.onGone();
          return;
        }
        this.#tell(false);
        await this.#wait(backOff(failures));
        failures += 1;
      }
    }
  }

  /** Reads one stream; true when it ended in good order, false when it broke. */
  async #stream() {
    this.#attempt = new AbortController();
    const { signal } = this.#attempt;
    let watchdog = setTimeout(() => this.#attempt.abort(), SILENCE_MS);
    try {
      const response = await this.#api.stream(this.#conversation, { after: this.#after, signal });
      this.#tell(true);
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let buffer = "";
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return true;
        clearTimeout(watchdog);
        watchdog = setTimeout(() => this.#attempt.abort(), SILENCE_MS);
        const { events, rest } = parseStream(buffer + value);
        buffer = rest;
        this.#deliver(events.filter((event) => event.name === null).map((event) => JSON.parse(event.data)));
        const signal = events.findLast((event) => event.name === "signal");
        if (signal) this.#show(JSON.parse(signal.data));
      }
    } catch (error) {
      if (error.isGone) throw error;
      return false;
    } finally {
      clearTimeout(watchdog);
    }
  }

  async #poll() {
    this.#attempt = new AbortController();
    const timeout = setTimeout(() => this.#attempt.abort(), SILENCE_MS);
    try {
      const { signal } = this.#attempt;
      this.#deliver(await this.#api.events(this.#conversation, { after: this.#after, signal }));
      this.#show(await this.#api.status(this.#conversation, { signal }));
      this.#tell(true);
    } finally {
      clearTimeout(timeout);
    }
  }

  #deliver(events) {
    const fresh = events.filter((event) => Number.isInteger(event.seq) && event.seq > this.#after);
    if (fresh.length === 0 || this.#running.signal.aborted) return;
    this.#after = Math.max(...fresh.map((event) => event.seq));
    this.#listeners.onEvents(fresh);
  }

  #show(status) {
    if (!this.#running.signal.aborted) this.#listeners.onStatus(status);
  }

  #tell(connected) {
    if (connected === this.#connected || this.#running.signal.aborted) return;
    this.#connected = connected;
    this.#listeners.onConnection(connected);
  }

  #lose() {
    this.#tell(false);
    this.#attempt?.abort();
  }

  #wait(ms) {
    if (ms <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
