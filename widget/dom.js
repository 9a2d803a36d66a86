/** Building elements without ever parsing text as markup. */

/**
 * An element with properties and children; strings become text nodes. A name with a hyphen or
 * `role` is an attribute, `on` holds listeners, everything else is a property; null is left out.
 */
export function element(tag, { on = {}, ...values } = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(values)) {
    if (value === null || value === undefined) continue;
    if (name.includes("-") || name === "role") made.setAttribute(name, String(value));
    else made[name] = value;
  }
  for (const [name, listener] of Object.entries(on)) made.addEventListener(name, listener);
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** A decorative icon of stroked paths on a 24 by 24 grid, hidden from assistive technology. */
export function icon(...paths) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const attributes = { viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false", class: "icon" };
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  for (const data of paths) {
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", data);
    made.append(path);
  }
  return made;
}
