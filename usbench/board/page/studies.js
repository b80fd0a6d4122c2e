"use strict";
// The boards that are not of one data set: transfer between simulators, and training.

function shareText(share) {
  return share === null || share === undefined ? "–" : `${Math.round(100 * share)} %`;
}

function transferCell(cell) {
  if (!cell) return element("td", { "data-order": "" }, "–");
  const [mean, low, high, kept, own, seen] = cell;
  const shown = own ? element("strong", {}, number(mean)) : number(mean);
  const ends = low === null ? "" : `[${number(low, 3)}, ${number(high, 3)}]`;
  const share = kept === null ? null : Math.max(-1, Math.min(1, kept));
  const tint = share === null ? null : `--share: ${Math.abs(share)}`;
  return element(
    "td", { "data-order": sortable(mean), class: share === null ? null : share < 0 ? "loses" : "gains", style: tint },
    shown, seen ? element("span", { class: "seen" }, " ", ...circled(seen)) : "", ends ? element("small", {}, ends) : "", element("small", {}, shareText(kept)),
  );
}

function drawTransfer(panel) {
  panel.replaceChildren(
    element("h2", {}, "Transfer between simulators"),
    element("p", { class: "soft" }, ...circled(DATA.intros.transfer)),
  );
  DATA.transfers.forEach((table, place) => {
    const heads = ["trained on", ...table.datasets, "kept elsewhere"];
    const untouched = element("tr", { class: "control" }, element("td", {}, "untouched"), ...table.untouched.map((mean) => element("td", { "data-order": sortable(mean) }, number(mean))), element("td", { "data-order": "" }, "–"));
    const rows = table.lines.map((line) => element(
      "tr", {}, element("td", {}, line.trained), ...line.cells.map(transferCell), element("td", { "data-order": sortable(line.kept) }, shareText(line.kept)),
    ));
    const way = (DATA.meanings[table.metric] || "").endsWith("lower is better") ? LOWER : HIGHER;
    const title = `${table.method}: ${table.metric}${table.unit ? `, ${table.unit}` : ""}`;
    const [scroll, start] = plainTable(`transfer${place}`, title, heads, [untouched, ...rows], [TEXT, ...table.datasets.map(() => way), HIGHER]);
    panel.append(element("h3", {}, title), scroll);
    start();
  });
}

function drawTraining(panel) {
  const { heads, text, lines } = DATA.training;
  const figure = (said) => (said === "–" ? "" : parseFloat(said.replaceAll(",", "")));
  const isText = (head) => text.includes(head);
  const rows = lines.map((cells) => element("tr", {}, ...cells.map((said, place) => element("td", isText(heads[place]) ? { class: "text" } : { "data-order": figure(said) }, said))));
  const [scroll, start] = plainTable("training", "Training", heads, rows, heads.map((head) => (isText(head) ? TEXT : LOWER)));
  panel.replaceChildren(
    element("h2", {}, "Training"),
    element("p", { class: "soft" }, DATA.intros.training),
    scroll,
  );
  start();
}
