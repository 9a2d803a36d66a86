/**
 * What survives a reload in this tab and nothing longer: the conversation's id and token, the
 * words not yet handed over, what was already read out and rated.
 */
export class Session {
  #key;
  #values;

  constructor(base) {
    this.#key = `clinic-chat ${base}`;
    this.#values = { ...fresh(), ...read(this.#key) };
  }

  get(name) {
    return this.#values[name];
  }

  set(values) {
    this.#values = { ...this.#values, ...values };
    try {
      sessionStorage.setItem(this.#key, JSON.stringify(this.#values));
    } catch {
      // Storage is blocked or full: the chat works, it only will not survive a reload.
    }
  }

  /** Forgets everything, also in the browser's storage. */
  clear() {
    this.#values = fresh();
    try {
      sessionStorage.removeItem(this.#key);
    } catch {
      // Nothing was stored.
    }
  }
}

function fresh() {
  return { conversation: null, open: false, spoken: 0, rated: [], outgoing: [] };
}

function read(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key)) ?? {};
  } catch {
    return {};
  }
}
