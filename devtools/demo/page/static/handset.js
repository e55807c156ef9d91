// One telephone: what it shows, and what hands do with it.

import { drawCaptions } from "./captions.js";
import { send } from "./post.js";

const TALKING = ["calling", "talking", "connected"];
const HOOKS = {
  dial: (state) => state === "idle",
  answer: (state) => state === "ringing",
  decline: (state) => state === "ringing",
  hangup: (state) => TALKING.includes(state),
};

export class Handset {
  static inHand = null;

  constructor(place, sound) {
    this.place = place;
    this.sound = sound;
    this.number = place.dataset.handset;
    this.engineer = place.dataset.role === "engineer";
    this.leg = { call: null, state: "idle" };
    this.captions = place.querySelector(".captions");
    this.words = place.querySelector(".say");
    this.habit = place.querySelector("[data-habit]");
    place.addEventListener("click", (event) => this.touch(event.target.closest("button")));
    place.addEventListener("focusin", () => this.take());
    this.words.addEventListener("submit", (event) => this.speak(event));
    this.turn("idle");
    this.habit?.addEventListener("change", () =>
      send("/phones", { number: this.number, behaviour: this.habit.value }));
  }

  get live() {
    return TALKING.includes(this.leg.state);
  }

  // One telephone is at the ear: the one in hand, else the caller's.
  get heard() {
    return this.live && (Handset.inHand === this || (!Handset.inHand && !this.engineer));
  }

  putDown() {
    Handset.inHand = null;
    this.sound.hush();
  }

  show(shown) {
    this.place.hidden = !shown;
  }

  take() {
    if (this.live || !this.engineer) Handset.inHand = this;
  }

  touch(button) {
    if (button?.dataset.key) this.press(button.dataset.key);
    else if (button?.dataset.deed) this.do(button.dataset.deed);
  }

  press(digits) {
    if (!this.live) return;
    Handset.inHand = this;
    this.flash(digits);
    send(`/legs/${this.leg.call}/keys`, { digits });
  }

  do(deed) {
    if (deed === "dial" || deed === "answer") Handset.inHand = this;
    if (deed === "dial") send("/dial", { from: this.number });
    else send(`/legs/${this.leg.call}/${deed}`, {});
  }

  speak(event) {
    event.preventDefault();
    const text = this.words.elements.words.value;
    send(`/legs/${this.leg.call}/speak`, { text, seconds: 1 + text.length / 15 });
    this.words.reset();
  }

  flash(key) {
    const button = this.place.querySelector(`[data-key="${key}"]`);
    button.classList.add("pressed");
    setTimeout(() => button.classList.remove("pressed"), 140);
  }

  draw(leg) {
    const fresh = leg.call !== this.leg.call;
    const before = this.leg.state;
    this.leg = leg;
    if (this.place.dataset.state !== leg.state) this.turn(leg.state, leg.says);
    this.place.querySelector("[data-says]").textContent = leg.says;
    this.words.hidden = leg.asks !== "words";
    if (this.habit && document.activeElement !== this.habit) this.habit.value = leg.behaviour;
    const news = drawCaptions(this.captions, leg, fresh);
    if (this.heard) for (const caption of news) this.sound.hear(caption);
    if (Handset.inHand === this && before !== "idle" && leg.state === "idle") this.putDown();
  }

  turn(state) {
    const focused = this.place.contains(document.activeElement);
    this.place.dataset.state = state;
    for (const button of this.place.querySelectorAll("[data-deed]")) {
      button.hidden = !HOOKS[button.dataset.deed](state);
    }
    for (const key of this.place.querySelectorAll("[data-key]")) key.disabled = !this.live;
    // A button that has gone leaves the focus nowhere: it stays on this telephone.
    if (focused && !this.place.contains(document.activeElement)) this.refocus();
    else if (focused && document.activeElement.closest("[hidden], :disabled")) this.refocus();
  }

  refocus() {
    const next = this.live ? this.place.querySelector(".keypad") : this.place.querySelector("[data-deed]:not([hidden])");
    (next ?? this.captions).focus();
  }
}
