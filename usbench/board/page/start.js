"use strict";
// Tabs, the theme, and the legend.

const TABS = [...DATA.overviews.map((seen) => ({ label: `All ${seen.kind} sets`, kind: "", draw: (panel) => drawOverview(panel, seen) })), ...DATA.boards.map((board) => ({ label: boardName(board), kind: board.kind, draw: (panel) => drawBoard(panel, board) }))];
if (DATA.machines.length) TABS.push({ label: "Speed", kind: "", draw: drawSpeed });
if (DATA.transfers.length) TABS.push({ label: "Transfer", kind: "", draw: drawTransfer });
if (DATA.training.lines.length) TABS.push({ label: "Training", kind: "", draw: drawTraining });

function select(place, focus = false) {
  const panel = document.getElementById("board");
  document.querySelectorAll("[role=tab]").forEach((tab, number_) => {
    tab.setAttribute("aria-selected", String(number_ === place));
    tab.tabIndex = number_ === place ? 0 : -1;
    if (number_ !== place) return;
    tab.scrollIntoView({ block: "nearest", inline: "nearest" });
    if (focus) tab.focus();
  });
  panel.setAttribute("aria-labelledby", `tab${place}`);
  TABS[place].draw(panel);
  try { history.replaceState(null, "", `#${encodeURIComponent(TABS[place].label)}`); } catch { /* a sandboxed frame has no history */ }
}

const tablist = document.getElementById("tabs");
TABS.forEach((tab, place) => tablist.append(element(
  "button", { role: "tab", type: "button", id: `tab${place}`, "aria-controls": "board", onclick: () => select(place) },
  tab.label, tab.kind ? element("small", {}, ` ${tab.kind}`) : "",
)));
tablist.addEventListener("keydown", (event) => {
  const now = TABS.findIndex((_, place) => document.getElementById(`tab${place}`).tabIndex === 0);
  const next = { ArrowRight: now + 1, ArrowLeft: now - 1, Home: 0, End: TABS.length - 1 }[event.key];
  if (next === undefined) return;
  event.preventDefault();
  select((next + TABS.length) % TABS.length, true);
});

document.getElementById("flags").append(...DATA.flags.flatMap((flag) => [element("dt", {}, `${flag.letter}, ${flag.title}`), element("dd", {}, flag.rule)]));

document.getElementById("seen").textContent = DATA.in_distribution;

const dark = matchMedia("(prefers-color-scheme: dark)");
function theme(name) {
  document.documentElement.dataset.theme = name;
  document.dispatchEvent(new Event("themechange"));
}
document.getElementById("theme").addEventListener("click", () => theme(document.documentElement.dataset.theme === "dark" ? "light" : "dark"));
dark.addEventListener("change", () => theme(dark.matches ? "dark" : "light"));
theme(dark.matches ? "dark" : "light");

if (TABS.length) {
  const wanted = TABS.findIndex((tab) => `#${encodeURIComponent(tab.label)}` === location.hash);
  select(Math.max(0, wanted));
} else {
  document.getElementById("board").append(element("p", {}, "There are no results yet."));
}
