/*
 * Keeps "in 4 minutes" and "overdue by 2 minutes" true while a page stands open. That a promise is
 * past is told by the desk; this only counts the minutes.
 */

const MINUTE_MS = 60_000;
// The clock of the desk counts, whatever this device's own says.
const desk = Date.parse(document.querySelector(".signs")?.dataset.now ?? "") || Date.now();
const ahead = desk - Date.now();

/**
 * How long that is, to the minute, in two units at most; the server writes the same
 * (`rendering._since`).
 *
 * @param {number} milliseconds
 */
export function lasting(milliseconds) {
  const minutes = Math.floor(Math.max(milliseconds, 0) / MINUTE_MS);
  if (minutes < 1) return "less than a minute";
  const parts = [
    [Math.floor(minutes / 1440), "day"],
    [Math.floor((minutes % 1440) / 60), "hour"],
    [minutes % 60, "minute"],
  ];
  return parts
    .filter(([count]) => count)
    .slice(0, 2)
    .map(([count, unit]) => `${count} ${unit}${count === 1 ? "" : "s"}`)
    .join(" ");
}

/** Says how long it is until now, on the whole page. */
export function draw() {
  for (const one of document.querySelectorAll("[data-due]")) {
    const left = Date.parse(one.dataset.due) - Date.now() - ahead;
    const words = left < 0 ? `overdue by ${lasting(-left)}` : `in ${lasting(left)}`;
    if (one.textContent !== words) one.textContent = words;
  }
}
