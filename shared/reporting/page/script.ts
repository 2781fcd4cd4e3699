/**
 * The page's only script; its hash is in the page's policy. It reads what the tables below the charts say, and says it beside the chart:
 * for a pointer, a finger, and the arrow keys. Without it the tables say the same. It opens what is folded before printing.
 */
export const script = `
"use strict";
for (const figure of document.querySelectorAll("figure.chart")) {
  const drawing = figure.querySelector(".drawing"), svg = drawing.querySelector("svg"), said = figure.querySelector("output");
  const heads = [...figure.querySelectorAll("thead th")].map((cell) => cell.textContent);
  const rows = [...figure.querySelectorAll("tbody tr")];
  if (rows.length === 0) continue;
  const { from, until, left, right } = Object.fromEntries(Object.entries(drawing.dataset).map(([name, text]) => [name, Number(text)]));
  const places = rows.map((row) => {
    const share = (Date.parse(row.querySelector("time").dateTime) - from) / (until - from);
    return left + Math.min(1, Math.max(0, share)) * (right - left);
  });
  const cursor = svg.querySelector(".cursor");
  let at = -1;
  const show = (k) => {
    at = Math.min(rows.length - 1, Math.max(0, k));
    const [time, ...cells] = [...rows[at].cells].map((cell) => cell.textContent);
    const text = time + "   " + cells.map((cell, i) => heads[i + 1] + " " + cell).join("   ");
    for (const end of ["x1", "x2"]) cursor.setAttribute(end, places[at].toFixed(1));
    said.textContent = text;
    drawing.ariaValueNow = String(at);
    drawing.ariaValueText = text;
  };
  const point = (event) => {
    const box = svg.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * svg.viewBox.baseVal.width;
    show(places.reduce((best, place, k) => (Math.abs(place - x) < Math.abs(places[best] - x) ? k : best), 0));
  };
  Object.assign(drawing, { tabIndex: 0, role: "slider", ariaValueMin: "0", ariaValueMax: String(rows.length - 1), ariaValueNow: "0" });
  drawing.ariaLabel = svg.ariaLabel;
  drawing.ariaValueText = "Arrow keys go from moment to moment.";
  drawing.addEventListener("pointermove", point);
  drawing.addEventListener("pointerdown", point);
  drawing.addEventListener("keydown", (event) => {
    const steps = { ArrowRight: at + 1, ArrowUp: at + 1, ArrowLeft: at - 1, ArrowDown: at - 1, PageUp: at + 10, PageDown: at - 10, Home: 0, End: rows.length - 1 };
    if (!(event.key in steps) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    show(steps[event.key]);
  });
}
addEventListener("beforeprint", () => {
  for (const folded of document.querySelectorAll("details.prints")) folded.open = true;
});
`;
