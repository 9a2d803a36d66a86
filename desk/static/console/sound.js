/*
 * The sound that calls a nurse: tones made here, in a loop that the audio thread repeats by itself,
 * so that a tab in the background rings as well. Of several tabs one rings.
 */

import { chosen } from "./preferences.js";

const LOCK = "clinic-nurse-sound";
// Hertz and seconds of each tone, then the length of one round. An emergency is higher and faster.
const CALLS = {
  emergency: { tones: [[880, 0.18], [660, 0.18], [880, 0.18], [660, 0.18]], round: 2 },
  waiting: { tones: [[523, 0.22], [659, 0.3]], round: 6 },
  once: { tones: [[659, 0.16], [784, 0.24]], round: 1 },
};
const GAP_SECONDS = 0.06;

/** @type {AudioContext | null} */
let audio = null;
/** @type {AudioBufferSourceNode | null} */
let ringing = null;
let level = null;
let letGo = null;
let isAsking = false;

/**
 * Gets ready to be heard. Some browsers want a key or a click first: `onChange` is called when that
 * has become otherwise.
 *
 * @param {() => void} onChange
 */
export function open(onChange) {
  audio = new AudioContext();
  audio.addEventListener("statechange", onChange);
}

/** Whether the browser does not let the page be heard. */
export const isBlocked = () => audio?.state !== "running";

/** Makes the page heard; only good after a key or a click. */
export const unblock = () => audio.resume();

/** @param {keyof typeof CALLS} call */
function bufferOf(call) {
  const { tones, round } = CALLS[call];
  const buffer = audio.createBuffer(1, round * audio.sampleRate, audio.sampleRate);
  const samples = buffer.getChannelData(0);
  let begin = 0;
  for (const [hertz, seconds] of tones) {
    const length = Math.floor(seconds * audio.sampleRate);
    for (let at = 0; at < length; at += 1) {
      const envelope = Math.min(1, at / 400, (length - at) / 1600);
      samples[begin + at] = envelope * Math.sin((2 * Math.PI * hertz * at) / audio.sampleRate);
    }
    begin += length + Math.floor(GAP_SECONDS * audio.sampleRate);
  }
  return buffer;
}

function play(call, { loop }) {
  const source = audio.createBufferSource();
  const gain = audio.createGain();
  gain.gain.value = Number(chosen("volume"));
  source.buffer = bufferOf(call);
  source.loop = loop;
  source.connect(gain).connect(audio.destination);
  source.start();
  return source;
}

/** Rings once. @param {keyof typeof CALLS} call */
export function chime(call = "once") {
  if (!isBlocked()) play(call, { loop: false });
}

function sound() {
  ringing?.stop();
  ringing = level && letGo ? play(level, { loop: true }) : null;
}

/** Waits until no other tab of this browser rings. */
function take() {
  if (!navigator.locks) {
    letGo = () => {};
    sound();
    return;
  }
  isAsking = true;
  navigator.locks.request(LOCK, () => {
    isAsking = false;
    if (level === null) return null;
    return new Promise((resolve) => {
      letGo = resolve;
      sound();
    });
  });
}

/**
 * Rings until told otherwise; null is silence.
 *
 * @param {"emergency" | "waiting" | null} call
 */
export function ring(call) {
  if (call === level || (call && isBlocked())) return;
  level = call;
  if (level && !letGo) {
    if (!isAsking) take();
    return;
  }
  sound();
  if (level) return;
  letGo?.();
  letGo = null;
}

/** What rings now, for whoever shows it. */
export const ringingNow = () => (ringing ? level : null);
