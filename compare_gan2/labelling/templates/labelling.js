"use strict";
{
  const data = JSON.parse(document.getElementById("data").textContent);
  const element = (id) => document.getElementById(id);
  const kept = `compare_gan2 labels ${data.key}`;
  let classes = data.classes.slice(), labels = {}, now = 0, unsaved = false;
  try {  // a browser may forbid pages from the disk to keep anything
    const before = JSON.parse(localStorage.getItem(kept));
    if (before) ({ classes, labels } = before);
  } catch (error) { /* then nothing is kept */ }

  const keys = () => {  // a class named by a key has it, so that 7 never means another digit; the others take what is free
    const own = classes.map((name) => (name.length === 1 && data.keys.includes(name.toLowerCase()) ? name.toLowerCase() : ""));
    const free = [...data.keys].filter((key) => !own.includes(key));
    return own.map((key, number) => (key && own.indexOf(key) === number ? key : free.shift()));
  };
  const keep = () => {
    unsaved = true;
    try { localStorage.setItem(kept, JSON.stringify({ classes, labels })); } catch (error) { /* as above */ }
  };
  const made = (kind, texts, action) => {
    const it = document.createElement(kind);
    for (const [tag, text] of texts) {
      const part = document.createElement(tag);
      part.textContent = text;
      it.append(part);
    }
    if (action) it.addEventListener("click", action);
    return it;
  };

  function show() {
    const image = data.images[now], label = labels[image.name];
    element("picture").src = image.source;
    element("picture").alt = `Picture ${now + 1} of ${data.images.length}, ${image.name}`;
    element("name").textContent = image.name;
    const done = data.images.filter((each) => each.name in labels).length;
    element("count").textContent = `Picture ${now + 1} of ${data.images.length}; ${done} have a label.`;
    [...element("classes").children].forEach((button, number) => {
      button.setAttribute("aria-pressed", String(classes[number] === label));
    });
    [...element("all").children].forEach((button, number) => {
      button.setAttribute("aria-current", String(number === now));
      button.lastChild.textContent = labels[data.images[number].name] ?? "";
    });
    element("saved").textContent = unsaved ? "not saved yet" : "";
  }

  function go(number) {
    now = Math.min(Math.max(number, 0), data.images.length - 1);
    show();
  }

  function choose(name) {
    labels[data.images[now].name] = name;
    keep();
    go(now + 1);
  }

  function clear() {
    delete labels[data.images[now].name];
    keep();
    show();
  }

  function drawClasses() {
    const found = keys();
    element("classes").replaceChildren(...classes.map((name, number) => made(
      "button", [["kbd", found[number]], ["span", name]], () => choose(name))));
  }

  function add(event) {
    event.preventDefault();
    const name = element("added").value.trim();
    if (name && !classes.includes(name) && classes.length < data.keys.length) {
      classes.push(name);
      keep();
      drawClasses();
    }
    element("added").value = "";
    element("added").blur();
    show();
  }

  function save() {
    const quoted = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
    const rows = data.images.filter((each) => each.name in labels).map((each) => [each.name, labels[each.name]]);
    const text = [["name", "label"], ...rows].map((row) => `${row.map(quoted).join(",")}\n`).join("");
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
    link.download = "labels.csv";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    unsaved = false;
    element("saved").textContent = `${rows.length} of ${data.images.length} labels saved`;
  }

  element("all").replaceChildren(...data.images.map((image, number) => {
    const button = made("button", [], () => go(number)), small = document.createElement("img");
    small.src = image.source;
    small.alt = image.name;
    button.append(small, document.createElement("span"));
    return button;
  }));
  element("back").addEventListener("click", () => go(now - 1));
  element("next").addEventListener("click", () => go(now + 1));
  element("clear").addEventListener("click", clear);
  element("save").addEventListener("click", save);
  element("more").addEventListener("submit", add);
  addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });
  addEventListener("keydown", (event) => {
    if (event.target === element("added") || event.ctrlKey || event.metaKey || event.altKey) return;
    const number = keys().indexOf(event.key.toLowerCase());
    const actions = { ArrowLeft: () => go(now - 1), ArrowRight: () => go(now + 1), Delete: clear, Backspace: clear };
    const action = number >= 0
      ? () => choose(classes[number]) : actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
  drawClasses();
  show();
}
