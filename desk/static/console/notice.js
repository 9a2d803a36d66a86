/*
 * The one line at the top that says what is wrong with this page now. Several parts of the console
 * may have something to say; the gravest is shown.
 */

const GRAVEST_FIRST = ["idle", "lost", "changed"];
const notice = document.querySelector(".changed");
const told = new Map();

/**
 * @param {"idle" | "lost" | "changed"} about
 * @param {string} text  empty when all is well again
 */
export function tell(about, text) {
  told.set(about, text);
  const gravest = GRAVEST_FIRST.find((one) => told.get(one));
  const shown = gravest ? told.get(gravest) : "";
  const words = notice.firstElementChild;
  if (words.textContent !== shown) words.textContent = shown;
  notice.lastElementChild.hidden = gravest === "idle";
  notice.hidden = !shown;
}

/** Reads something out that is seen elsewhere. @param {string} text */
export function announce(text) {
  document.getElementById("news").textContent = text;
}
