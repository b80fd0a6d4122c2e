"use strict";
// The list of boards, addresses, the theme, and the legend.

const OVERVIEW = "Which method?";
const VIEWS = [
  { label: OVERVIEW, group: "Overview", words: "best recommend", draw: drawFront },
  ...DATA.overviews.map((seen) => ({ label: `All ${seen.kind} sets`, group: "Overview", words: "mean place", draw: (panel) => drawOverview(panel, seen) })),
  ...DATA.boards.map((board) => ({ label: boardName(board), group: { real: "Real B-mode", simulated: "Simulated speckle" }[board.kind] || board.kind, words: [board.anatomy, ANATOMY[board.anatomy], (DATA.datasets[board.dataset] || {}).title].join(" "), draw: (panel) => drawBoard(panel, board) })),
];
if (DATA.machines.length) VIEWS.push({ label: "Speed", group: "Studies", words: "time memory parameters", draw: drawSpeed });
if (DATA.transfers.length) VIEWS.push({ label: "Transfer", group: "Studies", words: "simulators", draw: drawTransfer });
if (DATA.training.lines.length) VIEWS.push({ label: "Training", group: "Studies", words: "networks", draw: drawTraining });

function fillList() {
  const list = document.getElementById("list");
  for (const group of [...new Set(VIEWS.map((view) => view.group))]) {
    const links = VIEWS.filter((view) => view.group === group).map((view) => element("li", { "data-words": `${view.label} ${view.group} ${view.words}`.toLowerCase() }, element("a", { href: address(view.label) }, view.label)));
    list.append(element("section", {}, element("h2", {}, group), element("ul", {}, ...links)));
  }
  const find = document.getElementById("find");
  find.addEventListener("input", () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    list.querySelectorAll("li").forEach((item) => { item.hidden = !words.every((word) => item.dataset.words.includes(word)); });
    list.querySelectorAll("section").forEach((section) => { section.hidden = !section.querySelector("li:not([hidden])"); });
  });
}

function show() {
  const panel = document.getElementById("board");
  const compared = decodeURIComponent(location.hash).match(/^#compare (.+) with (.+)$/);
  const view = VIEWS.find(({ label }) => address(label) === location.hash) || VIEWS[0];
  if (compared) drawComparison(panel, compared.slice(1));
  else view.draw(panel);
  document.querySelectorAll("#list a").forEach((link) => {
    const here = !compared && link.getAttribute("href") === address(view.label);
    if (here) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  });
  document.title = `usbench: ${compared ? compared.slice(1).join(" and ") : view.label}`;
  if (compared) document.getElementById("tray").replaceChildren();
}

addEventListener("hashchange", () => {
  if (location.hash === "#board") return;
  if (innerWidth < 900) document.getElementById("menu").open = false;
  show();
  scrollTo({ top: 0, behavior: "instant" });
  document.getElementById("board").focus({ preventScroll: true });
});

document.getElementById("flags").append(...DATA.flags.flatMap((flag) => [element("dt", {}, `${flag.letter}, ${flag.title}`), element("dd", {}, flag.rule)]));
document.getElementById("seen").append(...circled(DATA.in_distribution));
document.getElementById("made").textContent = `Written by usbench ${DATA.about.version}${DATA.about.date ? `; the newest run is of ${DATA.about.date}` : ""}.`;

const dark = matchMedia("(prefers-color-scheme: dark)");
function theme(name) {
  document.documentElement.dataset.theme = name;
  document.dispatchEvent(new Event("themechange"));
}
document.getElementById("theme").addEventListener("click", () => theme(document.documentElement.dataset.theme === "dark" ? "light" : "dark"));
dark.addEventListener("change", () => theme(dark.matches ? "dark" : "light"));
theme(dark.matches ? "dark" : "light");

if (innerWidth < 900) document.getElementById("menu").open = false;
if (DATA.boards.length || VIEWS.length > 1) {
  fillList();
  if (!DATA.boards.length) VIEWS.shift();
  show();
} else {
  document.getElementById("board").append(element("p", {}, "There are no results yet."));
}
