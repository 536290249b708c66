"use strict";
// Posts texts, and asks twice a second what has changed. Texts get into the page as textContent.

const PAUSE_MS = 500;
const element = (id) => document.getElementById(id);
const rows = new Map(); // number -> the row with its two elements
let run = "";
let cursor = 0;
let processor = "";
let posts = Promise.resolve(); // one after the other, so that they keep their order

function make(tag, name, text = "") {
  const made = document.createElement(tag);
  made.className = name;
  made.textContent = text;
  return made;
}

function stateOf(row) {
  switch (row.state) {
    case "out": return row.text === null ? "out, not posted here" : "out";
    case "no output": return "no output so far; a later text is out";
    case "dead letter": return "dead letter";
    case "not delivered": return `not in the topic: ${row.reason}`;
    default: return processor === "running" ? "posted" : "posted; no processor yet, it waits in the topic";
  }
}

function showPost(row) {
  const item = make("li", row.state.replace(" ", "-"));
  const posted = make("div", "value posted", row.text ?? "");
  const result = make("div", "result");
  result.append(...row.outputs.map((text) => make("div", "value logged", text)));
  const further = row.furtherOutputs ? `, and ${row.furtherOutputs} further values` : "";
  row.stateElement = make("div", "state", stateOf(row) + further);
  result.append(row.stateElement);
  item.append(make("div", "number", row.number), posted, result);
  return item;
}

function showLetter(row) {
  const item = make("li", "letter");
  item.append(make("div", "number", `of ${row.number}`), make("div", "value", row.text ?? ""), make("div", "reason", row.reason));
  return item;
}

// Puts an element into a list that has the newest first, in place of the former one.
function place(list, number, made, former) {
  made.dataset.number = number;
  if (former) {
    former.replaceWith(made);
    return;
  }
  const older = [...list.children].find((each) => Number(each.dataset.number) < number);
  list.insertBefore(made, older ?? null);
}

function forget(isGone) {
  for (const [number, row] of rows) {
    if (isGone(number)) {
      row.post.remove();
      row.letter?.remove();
      rows.delete(number);
    }
  }
}

function take(row) {
  const former = rows.get(row.number);
  row.post = showPost(row);
  place(element("posts"), row.number, row.post, former?.post);
  if (row.state === "dead letter") {
    row.letter = showLetter(row);
    place(element("letters"), row.number, row.letter, former?.letter);
  } else {
    former?.letter?.remove();
  }
  rows.set(row.number, row);
}

function showProcessor(state) {
  const shown = element("processor");
  if (state !== processor) {
    processor = state;
    for (const row of rows.values()) {
      if (row.state === "posted") {
        row.stateElement.textContent = stateOf(row);
      }
    }
  }
  const words = { starting: "The processor is starting: no processor yet.", running: "The processor runs." };
  shown.textContent = words[state] ?? `The processor has ${state}. It starts again when a file changes.`;
  shown.className = state.split(" ")[0];
}

function show(answer) {
  if (answer.run !== run) { // another `make run`
    forget(() => true);
    run = answer.run;
    element("stream").textContent = answer.stream;
    element("type").value = answer.contentType;
    element("text").value ||= answer.example;
  }
  cursor = answer.cursor;
  showProcessor(answer.processor);
  answer.rows.forEach(take);
  forget((number) => number < answer.oldest);
  element("no-posts").hidden = rows.size > 0;
  element("no-letters").hidden = element("letters").childElementCount > 0;
}

async function follow() {
  try {
    if (!document.hidden) {
      const answer = await fetch(`/results?run=${run}&after=${cursor}`);
      show(await answer.json());
    }
  } catch {
    const shown = element("processor");
    shown.textContent = "The http source does not answer. Has the stream ended? It is asked again and again.";
    shown.className = "ended";
  }
  setTimeout(follow, PAUSE_MS);
}

async function post(text, type) {
  let problem = "";
  try {
    const answer = await fetch("/", { method: "POST", headers: { "Content-Type": type }, body: text });
    if (!answer.ok) {
      problem = `Not posted: the http source answers ${answer.status}.`;
    }
  } catch {
    problem = "Not posted: the http source does not answer.";
  }
  element("problem").textContent = problem;
}

element("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const field = element("text");
  if (field.value) {
    const [text, type] = [field.value, element("type").value];
    posts = posts.then(() => post(text, type));
    field.select();
  } else {
    element("problem").textContent = "Write a text first.";
  }
});

element("text").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { // of an input method
    event.preventDefault();
    element("form").requestSubmit();
  }
});

follow();
