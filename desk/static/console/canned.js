/*
 * Canned replies: a slash at the beginning of a word in the message opens a list to choose from, by
 * typing and the arrow keys (the ARIA pattern of a combobox with a listbox). Escape gives the slash
 * back, as a slash.
 */

const panel = document.getElementById("canned");
const find = document.getElementById("canned-find");
const options = [...(panel?.querySelectorAll('[role="option"]') ?? [])];
const count = document.getElementById("canned-count");

let typedSlash = false;

const field = () => document.querySelector("form.answer textarea");
const shown = () => options.filter((option) => !option.hidden);
const active = () => options.find((option) => option.getAttribute("aria-selected") === "true");

function select(option) {
  for (const one of options) one.setAttribute("aria-selected", String(one === option));
  if (option) {
    find.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  } else {
    find.removeAttribute("aria-activedescendant");
  }
}

/** Those whose name begins with what was typed, then those that have it anywhere. */
function filter() {
  const wanted = find.value.trim().toLowerCase().replace(/^\//, "");
  for (const option of options) option.hidden = !option.textContent.toLowerCase().includes(wanted);
  const named = shown().find((option) => option.textContent.startsWith(`/${wanted}`));
  select(named ?? shown()[0]);
  const some = options.length
    ? `${shown().length} of ${options.length}`
    : "There are none yet. Write some under Canned replies.";
  count.textContent = some;
}

function insert(words) {
  const text = field();
  const { selectionStart, selectionEnd } = text;
  text.setRangeText(words, selectionStart, selectionEnd, "end");
  text.dispatchEvent(new InputEvent("input", { bubbles: true }));
}

function close(words) {
  panel.hidden = true;
  find.value = "";
  field()?.focus();
  if (field() && words) insert(words);
}

/**
 * Opens the list; `slash`: because a slash was typed, which Escape puts into the message. False
 * where there is no message to write.
 */
export function open({ slash = false } = {}) {
  if (!panel || !field()) return false;
  typedSlash = slash;
  panel.hidden = false;
  filter();
  find.focus();
  return true;
}

function steered(event) {
  const all = shown();
  const at = all.indexOf(active());
  const keys = {
    ArrowDown: () => select(all[(at + 1) % all.length]),
    ArrowUp: () => select(all.at(at - 1)),
    Enter: () => active() && close(active().dataset.text),
    Escape: () => close(typedSlash ? "/" : ""),
    Tab: () => close(""),
  };
  const act = keys[event.key];
  if (!act || event.isComposing) return;
  event.preventDefault();
  act();
}

function slashed(event) {
  if (event.key !== "/" || !event.target.matches("form.answer textarea")) return;
  if (event.ctrlKey || event.metaKey || event.isComposing) return;
  const before = event.target.value.slice(0, event.target.selectionStart);
  if (before && !/\s$/.test(before)) return;
  event.preventDefault();
  open({ slash: true });
}

/** Begins to listen. */
export function begin() {
  if (!panel) return;
  document.addEventListener("keydown", slashed);
  document.addEventListener("click", (event) => {
    if (event.target.closest("#canned-open")) open();
  });
  find.addEventListener("input", filter);
  find.addEventListener("keydown", steered);
  panel.addEventListener("pointerdown", (event) => {
    const option = event.target.closest('[role="option"]');
    if (!option) return;
    event.preventDefault();
    close(option.dataset.text);
  });
}
