// What was heard at one telephone, appended line by line so that a screen reader reads only news.

const KEY = /\b(toets|press)( \d+)/gi;

export function drawCaptions(list, leg, fresh) {
  if (fresh) {
    list.replaceChildren();
    list.dataset.drawn = leg.first ?? 0;
  }
  const news = [];
  leg.captions.forEach((caption, place) => {
    const index = place + (leg.first ?? 0);
    const drawn = list.querySelector(`[data-index="${index}"]`);
    if (drawn) {
      if (drawn.dataset.text !== caption.text) write(drawn, caption);
    } else if (index >= Number(list.dataset.drawn)) {
      list.append(write(item(index, caption), caption));
      list.dataset.drawn = index + 1;
      news.push(caption);
    }
  });
  if (news.length) list.scrollTop = list.scrollHeight;
  return news;
}

function item(index, caption) {
  const line = document.createElement("p");
  line.dataset.index = index;
  line.dataset.kind = caption.kind;
  if (caption.language) line.lang = caption.language;
  return line;
}

// The digits that a sentence asks for stand out: they are what one looks for.
function write(line, caption) {
  line.dataset.text = caption.text;
  line.replaceChildren();
  let from = 0;
  const asked = caption.kind === "line" ? caption.text.matchAll(KEY) : [];
  for (const found of asked) {
    line.append(caption.text.slice(from, found.index + found[1].length + 1));
    const digit = document.createElement("b");
    digit.textContent = found[2].trim();
    line.append(digit);
    from = found.index + found[0].length;
  }
  line.append(caption.text.slice(from));
  return line;
}
