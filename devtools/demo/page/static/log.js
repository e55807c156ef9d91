// What the line wrote down: the timeline of a call, the latest calls, who is on call, processes.

import { clock, ZONE } from "./texts.js";

const $ = (id) => document.querySelector(`#${id}`);
let shown = "";

function element(name, text, attributes = {}) {
  const made = document.createElement(name);
  made.append(text);
  Object.assign(made, attributes);
  return made;
}

export function drawLog(picture) {
  const list = $("timeline");
  if (picture.shown !== shown) list.replaceChildren();
  shown = picture.shown;
  $("no-timeline").hidden = picture.timeline.length > 0;
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 60;
  // Rows of one instant may still change places: only then is anything drawn anew.
  const rows = picture.timeline.map(row);
  const same = rows.findIndex((made, place) => list.children[place]?.dataset.row !== made.dataset.row);
  if (same >= 0) {
    while (list.children.length > same) list.lastChild.remove();
    list.append(...rows.slice(same));
    if (atEnd) list.scrollTop = list.scrollHeight;
  }
  const done = new Set(picture.timeline.map((each) => each.event));
  for (const step of document.querySelectorAll("[data-done-by]")) {
    step.classList.toggle("done", done.has(step.dataset.doneBy));
  }
  $("calls").replaceChildren(...picture.calls.map(call));
}

function row(entry) {
  const made = document.createElement("li");
  made.dataset.row = `${entry.at} ${entry.event} ${entry.reason}`;
  made.dataset.event = entry.event;
  const line = element("p", element("b", entry.event.replaceAll("_", " ")));
  if (entry.who) line.append(" ", element("span", entry.who, { className: "who-tag" }));
  made.append(element("time", clock(entry.at), { dateTime: entry.at }), line, element("p", entry.reason));
  return made;
}

function call(entry) {
  const made = document.createElement("tr");
  const outcome = entry.outcome ?? "live";
  const waited = entry.waited_s === null ? "" : `${Math.round(entry.waited_s)} s`;
  const who = element("th", entry.caller, { scope: "row" });
  const verdict = entry.verified ? `contract ${entry.contract}` : "unverified";
  who.append(element("small", verdict));
  const badge = element("span", outcome.replaceAll("_", " "), { className: "badge" });
  badge.dataset.outcome = outcome;
  made.append(who, element("td", entry.urgency ?? "–"), element("td", badge));
  made.append(element("td", entry.answered_name || "–"), element("td", waited));
  return made;
}

export function drawDuty(schedules) {
  const drawn = JSON.stringify(schedules);
  if ($("duty").dataset.drawn === drawn) return;
  $("duty").dataset.drawn = drawn;
  $("duty").replaceChildren(...schedules.map(duty));
  const ids = new Set(schedules[0]?.ids);
  for (const phone of document.querySelectorAll("[data-person]")) {
    phone.querySelector(".on-duty").hidden = !ids.has(phone.dataset.person);
  }
  const first = schedules[0]?.people.join(" or ");
  if (first) $("first").textContent = `the telephone of ${first}`;
}

function duty(schedule) {
  const made = document.createElement("div");
  const people = schedule.people.join(", ") || "nobody";
  made.append(element("dt", schedule.schedule), element("dd", people));
  if (schedule.until) {
    const day = { weekday: "short", hour: "2-digit", minute: "2-digit", timeZone: ZONE };
    const until = new Date(schedule.until).toLocaleString("en-GB", day);
    made.append(element("dd", `until ${until}`, { className: "until" }));
  }
  return made;
}

export function drawProcesses(processes) {
  $("processes").replaceChildren(...processes.map(process));
}

function process(entry) {
  const again = entry.starts > 1 ? ` · begun ${entry.starts} times` : "";
  const made = element("li", entry.name, { title: entry.pid ? `process ${entry.pid}${again}` : "away" });
  made.append(element("small", entry.pid ? `${entry.pid}${entry.starts > 1 ? ` ↻${entry.starts - 1}` : ""}` : "away"));
  made.dataset.alive = entry.pid !== null;
  return made;
}
