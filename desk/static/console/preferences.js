/*
 * What a nurse has chosen for this device: kept in the browser, for a loudspeaker or a keyboard
 * belongs to the desk she sits at. Without a choice the sound is on, for a new account too.
 */

const DEFAULTS = { sound: "on", volume: "0.6", keys: "on", hushedUntil: "0" };

/** @param {keyof typeof DEFAULTS} name */
export const chosen = (name) => localStorage.getItem(`clinic-nurse-${name}`) ?? DEFAULTS[name];

/** @param {keyof typeof DEFAULTS} name @param {string} value */
export const choose = (name, value) => localStorage.setItem(`clinic-nurse-${name}`, value);
