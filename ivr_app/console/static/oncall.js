// Changes the rota with the mouse. A drag of a shift onto another shift or a name chooses who takes it;
// a drag along an empty space or the name of a schedule chooses a time. Both only fill in the form
// below: the server works out the effect, and nothing is saved here.
"use strict";
(() => {
  const now = document.querySelector(".rota .now circle");
  const frame = now?.closest(".rota");
  if (frame) frame.scrollLeft += now.getBoundingClientRect().left - frame.getBoundingClientRect().left - 80;

  const drawing = document.querySelector("svg[data-stops]");
  const form = document.querySelector("#change form");
  if (!drawing || !form) return;

  const stops = drawing.dataset.stops.split(" ");
  const width = Number(drawing.dataset.width);
  const chosen = document.getElementById("chosen");
  const FAR = 5; // pixels; a shorter movement is a click
  let drag = null;

  const point = (event) =>
    new DOMPoint(event.clientX, event.clientY).matrixTransform(drawing.getScreenCTM().inverse());
  const stopAt = (x) => Math.round((Math.min(Math.max(x, 0), width) / width) * (stops.length - 1));
  const placeOf = (stop) => (stop / (stops.length - 1)) * width;
  const format = (local) => local.replace("T", " ");
  const below = (event) => document.elementFromPoint(event.clientX, event.clientY);

  const fill = (values) => {
    for (const name of ["back_start", "back_end"]) form.elements[name].value = "";
    for (const [name, value] of Object.entries(values)) form.elements[name].value = value;
    form.elements.back_start.closest("details").open = Boolean(values.back_start);
  };

  const ghost = (x, y, wide, high) => {
    drag.ghost ??= drawing.appendChild(document.createElementNS(drawing.namespaceURI, "rect"));
    drag.ghost.setAttribute("class", "ghost");
    drag.ghost.setAttribute("rx", 5);
    for (const [name, value] of Object.entries({ x, y, width: wide, height: high })) {
      drag.ghost.setAttribute(name, value);
    }
  };

  // The target of a shift: another person's shift in the same lane, or a name.
  const targetOf = (event) => {
    const found = below(event)?.closest(".shift, .chip");
    if (!found || found.dataset.person === drag.shift.dataset.person) return null;
    const elsewhere = found.matches(".shift") && found.closest(".lane") !== drag.lane;
    return elsewhere ? null : found;
  };

  const moveShift = (event) => {
    const box = drag.shift.querySelector("rect");
    const at = point(event);
    const [x, y] = ["x", "y"].map((name) => Number(box.getAttribute(name)));
    ghost(x + at.x - drag.from.x, y + at.y - drag.from.y, box.getAttribute("width"), 24);
    drag.target?.classList.remove("under");
    drag.target = targetOf(event);
    drag.target?.classList.add("under");
  };

  const moveRange = (event) => {
    const ends = [stopAt(drag.from.x), stopAt(point(event).x)].sort((one, other) => one - other);
    drag.range = ends[0] < ends[1] ? ends.map((stop) => stops[stop]) : null;
    const [left, right] = ends.map(placeOf);
    ghost(left, Number(drag.lane.dataset.y), right - left, drag.lane.dataset.height);
    chosen.textContent = drag.range ? drag.range.map(format).join(" – ") : "";
  };

  const dropShift = () => {
    const { shift, target, lane } = drag;
    if (!target) return;
    const values = {
      schedule: lane.dataset.schedule,
      start: shift.dataset.start,
      end: shift.dataset.end,
      give: shift.dataset.person,
      take: target.dataset.person,
    };
    if (target.matches(".shift")) {
      Object.assign(values, { back_start: target.dataset.start, back_end: target.dataset.end });
    }
    fill(values);
    form.requestSubmit();
  };

  const dropRange = () => {
    if (!drag.range) return;
    const [start, end] = drag.range;
    fill({ schedule: drag.lane.dataset.schedule, start, end });
    form.elements.take.focus();
    form.scrollIntoView({ block: "center" });
  };

  // A drag does not count as a click.
  const noClick = () => {
    const hold = (event) => event.preventDefault();
    drawing.addEventListener("click", hold, { capture: true });
    setTimeout(() => drawing.removeEventListener("click", hold, { capture: true }));
  };

  const over = (event, dropped) => {
    if (!drag) return;
    const done = drag;
    if (dropped && done.moved) (done.shift ? dropShift : dropRange)();
    if (done.moved) noClick();
    done.ghost?.remove();
    done.target?.classList.remove("under");
    done.shift?.classList.remove("lifted");
    drawing.classList.remove("held");
    if (!dropped) chosen.textContent = "";
    drag = null;
  };

  drawing.addEventListener("dragstart", (event) => event.preventDefault());
  drawing.addEventListener("pointerdown", (event) => {
    // A finger scrolls. With a finger or the keyboard, a shift opens the form.
    if (event.button !== 0 || event.pointerType === "touch") return;
    const lane = event.target.closest(".lane");
    const bar = event.target.closest(".shift");
    if (!lane || (bar && !bar.matches("a"))) return;
    drag = { lane, shift: bar, from: point(event), at: event, moved: false };
  });
  window.addEventListener("pointermove", (event) => {
    if (!drag) return;
    const far = Math.hypot(event.clientX - drag.at.clientX, event.clientY - drag.at.clientY) > FAR;
    if (!drag.moved && !far) return;
    drag.moved = true;
    drawing.classList.add("held");
    drag.shift?.classList.add("lifted");
    (drag.shift ? moveShift : moveRange)(event);
    event.preventDefault();
  });
  window.addEventListener("pointerup", (event) => over(event, true));
  window.addEventListener("pointercancel", (event) => over(event, false));
  window.addEventListener("keydown", (event) => event.key === "Escape" && over(event, false));
})();
