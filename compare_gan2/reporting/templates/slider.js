"use strict";
for (const films of document.querySelectorAll(".films")) {
  const steps = films.dataset.steps.split(" ").map(Number);
  if (steps.length < 2) continue;
  const slider = films.querySelector("input");
  const output = films.querySelector("output");
  const show = () => {
    const step = steps[slider.value];
    output.textContent = "step " + step.toLocaleString("en");
    slider.setAttribute("aria-valuetext", "step " + step);
    for (const film of films.querySelectorAll(".film")) {
      const frames = [...film.querySelectorAll("figure")];
      // The newest one up to that step, for runs with other checkpoints.
      const shown = frames.filter(frame => Number(frame.dataset.step) <= step).pop() || frames[0];
      for (const frame of frames) frame.classList.toggle("shown", frame === shown);
    }
  };
  films.querySelector(".slider").hidden = false;
  films.classList.add("moved");
  for (const frames of films.querySelectorAll(".frames")) frames.removeAttribute("tabindex");
  slider.addEventListener("input", show);
  show();
}
const opened = [];
addEventListener("beforeprint", () => {
  for (const part of document.querySelectorAll("details:not([open])")) { part.open = true; opened.push(part); }
});
addEventListener("afterprint", () => { while (opened.length) opened.pop().open = false; });
