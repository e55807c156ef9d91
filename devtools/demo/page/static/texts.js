// Texts between the line and each telephone, as a conversation that can be answered.

import { send } from "./post.js";

export const ZONE = document.documentElement.dataset.zone;

export class Threads {
  constructor(page) {
    this.empty = page.querySelector("#no-texts");
    this.threads = new Map();
    for (const thread of page.querySelectorAll("[data-thread]")) {
      this.threads.set(thread.dataset.thread, thread);
      thread.querySelector("form")?.addEventListener("submit", (event) => answer(event, thread));
    }
  }

  draw(texts) {
    for (const text of texts) {
      const thread = this.threads.get(text.phone);
      if (thread) this.put(thread, text);
    }
    this.empty.hidden = document.querySelector(".threads .thread:not([hidden])") !== null;
  }

  put(thread, text) {
    const bubbles = thread.querySelector(".bubbles");
    const drawn = bubbles.querySelector(`[data-text="${text.id}"]`);
    const bubble = drawn ?? document.createElement("p");
    if (bubble.dataset.status === text.status) return;
    bubble.dataset.text = text.id;
    bubble.dataset.status = text.status;
    bubble.className = text.ours ? "ours" : "theirs";
    const note = document.createElement("small");
    note.textContent = `${clock(text.at)} · ${text.status}`;
    bubble.replaceChildren(...text.body.split(/(https?:\/\/\S+)/).map(linked), note);
    if (drawn) return;
    thread.hidden = false;
    bubbles.append(bubble);
    bubbles.scrollTop = bubbles.scrollHeight;
  }
}

// The odd parts of the text are addresses.
function linked(part, place) {
  if (place % 2 === 0) return part;
  const link = document.createElement("a");
  link.href = link.textContent = part;
  link.target = "browser";
  return link;
}

export function clock(at) {
  return new Date(at).toLocaleTimeString("en-GB", { timeZone: ZONE });
}

function answer(event, thread) {
  event.preventDefault();
  const form = event.target;
  send("/texts", { from: thread.dataset.thread, body: form.elements.body.value });
  form.reset();
}
