// The page: asks for pictures, and hands each part of one to whoever draws it.

import { Handset } from "./handset.js";
import { drawLog, drawDuty, drawProcesses } from "./log.js";
import { ask, tell } from "./post.js";
import { Sound } from "./sound.js";
import { Threads } from "./texts.js";

const KEYS = "0123456789*#";
const sound = new Sound(document.querySelector("#sound"));
const handsets = [...document.querySelectorAll("[data-handset]")].map((place) => new Handset(place, sound));
const threads = new Threads(document);
const who = document.querySelector("#who");
let seen = "";
let asking = null;

function caller() {
  return handsets.find((handset) => handset.number === who.value);
}

function choose() {
  for (const card of document.querySelectorAll("[data-card]")) card.hidden = card.dataset.card !== who.value;
  for (const browser of document.querySelectorAll("[data-browser]")) browser.hidden = browser.dataset.browser !== who.value;
  for (const handset of handsets) handset.show(handset.engineer || handset.number === who.value);
  sessionStorage.setItem("caller", who.value);
  seen = "";
  asking?.abort();
}

// A customer who asked in the portal to be called: whose telephone rings is shown.
function showWhoRings(picture) {
  if (picture.handsets[who.value]?.state !== "idle") return;
  const rings = handsets.find((handset) =>
    !handset.engineer && picture.handsets[handset.number]?.state === "ringing");
  if (!rings || rings === caller()) return;
  who.value = rings.number;
  choose();
}

function draw(picture) {
  seen = picture.version;
  showWhoRings(picture);
  for (const handset of handsets) handset.draw(picture.handsets[handset.number]);
  threads.draw(picture.texts);
  drawDuty(picture.on_call);
  drawLog(picture);
  drawProcesses(picture.processes);
}

async function follow() {
  for (;;) {
    asking = new AbortController();
    try {
      draw(await ask("/picture", { caller: who.value, seen }, asking.signal));
      tell("");
    } catch (trouble) {
      if (trouble.name === "AbortError") continue;
      seen = "";
      tell("The demo has ended. Start it again in the terminal.");
      await new Promise((rest) => setTimeout(rest, 1000));
    }
  }
}

// Keys typed anywhere reach the telephone in hand: the one with the focus, else the one last used.
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, select, textarea");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || !KEYS.includes(event.key)) return;
  const focused = handsets.find((handset) => handset.place.contains(document.activeElement));
  const used = handsets.find((handset) => handset === Handset.inHand && handset.live);
  (focused?.live ? focused : used ?? caller()).press(event.key);
  event.preventDefault();
});

who.value = sessionStorage.getItem("caller") ?? who.value;
if (!caller()) who.selectedIndex = 0;
who.addEventListener("change", choose);
choose();
follow();
