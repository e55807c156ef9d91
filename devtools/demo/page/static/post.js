// Requests to the page's own server, and what to say when one fails.

const notice = document.querySelector("#notice");

export function tell(words) {
  if (notice.textContent !== words) notice.textContent = words;
}

export async function ask(path, query, signal) {
  const answer = await fetch(`${path}?${new URLSearchParams(query)}`, { signal });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}

// One after the other, so that keys arrive in the order in which they were pressed.
let last = Promise.resolve();

export function send(path, body) {
  last = last.then(() => deliver(path, body));
  return last;
}

async function deliver(path, body) {
  try {
    const answer = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!answer.ok) tell(await answer.text());
  } catch {
    tell("The demo does not answer.");
  }
}
