/*
 * Follows the queue by the desk's event stream, for as long as the page is open. The browser comes
 * back by itself when the stream breaks off, and gets the whole queue anew; where it gives up, this
 * begins again.
 */

import { applied } from "./board.js";

const AGAIN_MS = 3_000;
// The desk ends each stream now and then; only a longer silence is a loss.
const LOST_MS = 5_000;

/**
 * @param {object} heard
 * @param {(board: import("./board.js").Board) => void} heard.onBoard
 * @param {(isThere: boolean) => void} heard.onConnection
 */
export function follow({ onBoard, onConnection }) {
  let board = new Map();
  /** @type {EventSource} */
  let source;
  let lost = 0;
  let again = 0;

  function found() {
    clearTimeout(lost);
    lost = 0;
    onConnection(true);
  }

  function failed() {
    lost ||= setTimeout(() => onConnection(false), LOST_MS);
    if (source.readyState === EventSource.CLOSED) again ||= setTimeout(open, AGAIN_MS);
  }

  function open() {
    clearTimeout(again);
    again = 0;
    source?.close();
    source = new EventSource("/api/nurse/events");
    source.onopen = found;
    source.onerror = failed;
    source.onmessage = ({ data }) => {
      board = applied(board, JSON.parse(data));
      onBoard(board);
    };
  }

  addEventListener("offline", () => onConnection(false));
  addEventListener("online", open);
  open();
  return { isOpen: () => source.readyState === EventSource.OPEN };
}
