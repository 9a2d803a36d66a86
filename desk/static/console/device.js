/* The settings of this device: sound, its loudness, notifications, single keys. */

import { choose, chosen } from "./preferences.js";
import * as sound from "./sound.js";

const form = document.getElementById("device");

function showPermission() {
  const { permission } = window.Notification ?? { permission: "unsupported" };
  const words = {
    granted: "Notifications are shown on this device.",
    denied: "The browser does not let this page show notifications. Its own settings can change that.",
    default: "Notifications are not shown on this device yet.",
    unsupported: "This browser shows no notifications.",
  };
  document.getElementById("permission").textContent = words[permission];
  document.getElementById("ask-permission").hidden = permission !== "default";
}

/** Shows what was chosen, and keeps what is changed. */
export function begin() {
  const { elements } = form;
  form.hidden = false;
  elements.sound.checked = chosen("sound") === "on";
  elements.volume.value = chosen("volume");
  elements.keys.checked = chosen("keys") === "on";
  form.addEventListener("change", () => {
    choose("sound", elements.sound.checked ? "on" : "off");
    choose("volume", elements.volume.value);
    choose("keys", elements.keys.checked ? "on" : "off");
  });
  for (const [id, call] of Object.entries({ "try-waiting": "waiting", "try-emergency": "emergency" })) {
    document.getElementById(id).addEventListener("click", async () => {
      await sound.unblock();
      sound.chime(call);
    });
  }
  document.getElementById("ask-permission").addEventListener("click", async () => {
    await Notification.requestPermission();
    showPermission();
  });
  showPermission();
}
