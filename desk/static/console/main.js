/* Wires the console: which parts of it are at work on which page. */

import * as alerts from "./alerts.js";
import * as canned from "./canned.js";
import * as composer from "./composer.js";
import * as conversation from "./conversation.js";
import * as device from "./device.js";
import * as due from "./due.js";
import * as keys from "./keys.js";
import { tell } from "./notice.js";
import * as queue from "./queue.js";
import * as shift from "./shift.js";
import { follow } from "./stream.js";

const page = document.querySelector("main[data-queue]")
  ? queue
  : document.querySelector("main[data-handoff]") && conversation;

const { classList } = document.documentElement;

function onConnection(isThere) {
  if (!isThere) classList.remove("is-following");
  tell("lost", isThere ? "" : "The connection is lost. This page may be old. Trying again…");
  if (isThere && page === conversation) composer.onFound();
}

alerts.begin();
classList.add("has-scripts");
canned.begin();
// A slash finds what there is to find here: a canned reply, else a patient.
keys.begin({ "/": () => canned.open() || location.assign("/nurse/search") });
if (document.getElementById("device")) device.begin();
page?.begin?.();
if (page === conversation) composer.begin(conversation.load);

const stream = follow({
  onBoard(board) {
    alerts.onBoard(board);
    page?.onBoard(board);
    classList.add("is-following");
  },
  onConnection,
});
shift.begin((isThere) => {
  const isFollowing = stream.isOpen();
  due.draw();
  if (!isThere || isFollowing) onConnection(isThere);
  if (isThere) page?.onLook({ isFollowing });
});
