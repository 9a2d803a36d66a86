/**
 * Puts the chat on a page: one script tag is enough.
 *
 *   <script type="module" src="https://chat.example/widget/define.js"></script>
 */

import { ClinicChat } from "./clinic-chat.js";

if (!customElements.get("clinic-chat")) customElements.define("clinic-chat", ClinicChat);

function ensureOne() {
  if (document.querySelector("clinic-chat") === null) {
    document.body.append(document.createElement("clinic-chat"));
  }
}

if (document.body === null || document.readyState === "loading") {
  document.addEventListener("DOMContentLoaded", ensureOne, { once: true });
} else {
  ensureOne();
}
