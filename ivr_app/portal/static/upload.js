// Sends each file as soon as it is chosen, with its progress. Without this script the form sends
// them itself. The words of the form never leave the page for this.
"use strict";

for (const field of document.querySelectorAll("[data-upload]")) {
  const input = field.querySelector("input[type=file]");
  const list = field.querySelector(".uploads");
  const status = field.querySelector(".under-way");
  const form = input.form;
  const waiting = [];
  let sending = false;
  let submitter = null;

  input.addEventListener("change", () => {
    for (const file of input.files) {
      const row = document.createElement("li");
      const name = document.createElement("bdi");
      const bar = document.createElement("progress");
      name.textContent = file.name;
      bar.max = 1;
      bar.value = 0;
      bar.setAttribute("aria-label", file.name);
      row.append(name, " ", bar);
      list.append(row);
      waiting.push({ file, row, bar });
    }
    input.value = "";
    sendNext();
  });

  form.addEventListener("submit", (event) => {
    if (!sending) return;
    event.preventDefault();
    submitter = event.submitter;
    status.textContent = field.dataset.wait;
  });

  // One after the other: a slow line is shared by nobody, and the first is there soonest.
  function sendNext() {
    const next = sending ? null : waiting.shift();
    if (!next) return;
    sending = true;
    const data = new FormData();
    data.append("csrf_token", form.elements.csrf_token.value);
    data.append("files", next.file);
    const request = new XMLHttpRequest();
    let told = -1;
    request.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      next.bar.value = event.loaded / event.total;
      const quarter = Math.floor((4 * event.loaded) / event.total);
      if (quarter > told) say("busy", next.file, 25 * (told = quarter));
    });
    request.addEventListener("loadend", () => finish(next, request));
    request.open("POST", field.dataset.upload);
    request.setRequestHeader("HX-Request", "true");
    request.send(data);
  }

  function finish(sent, request) {
    sending = false;
    const answered = request.getResponseHeader("X-Upload") === "1";
    if (answered) {
      sent.row.insertAdjacentHTML("afterend", request.responseText);
      sent.row.remove();
      status.textContent = "";
    } else {
      sent.row.className = "mistake";
      sent.row.textContent = field.dataset.failed.replace("{name}", sent.file.name);
      say("failed", sent.file, 0);
      submitter = null;
    }
    sendNext();
    if (!sending && submitter) {
      const button = submitter;
      submitter = null;
      form.requestSubmit(button);
    }
  }

  function say(what, file, percent) {
    status.textContent = field.dataset[what].replace("{name}", file.name).replace("{percent}", percent);
  }
}
