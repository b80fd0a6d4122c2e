"use strict";
// Two methods side by side: boxes in every table pick them.

let picked = [];

function pickBox(name) {
  return element("input", { type: "checkbox", class: "pick", "data-name": name, checked: picked.includes(name), "aria-label": `compare ${name}`, onchange: (event) => pick(name, event.target.checked) });
}

function pick(name, on) {
  picked = picked.filter((one) => one !== name);
  if (on) picked = [...picked, name].slice(-2);
  document.querySelectorAll(".pick").forEach((box) => { box.checked = picked.includes(box.dataset.name); });
  const tray = document.getElementById("tray");
  tray.replaceChildren(...(picked.length === 1 ? [`${picked[0]} beside which other? Tick a second box.`] : []));
  if (picked.length === 2) location.hash = comparison(picked);
}

const comparison = (names) => address(`compare ${names.join(" with ")}`);

// the line by which a method stands on a board
const standsBy = (board, name) => board.lines.find((line) => line.base === name && !line.other) || null;

// 1 if the first of two means is better, -1 if the second is, 0 if they are equal
function better(first, second, way) {
  const [a, b] = [first, second].map((value) => merit(value, way)).map((value) => (way === "higher" ? value : -value));
  return Math.sign(a - b);
}

// the boards that have both, each with the two cells of the metric that orders it
function duels(first, second) {
  return DATA.boards.filter((board) => board.metrics.length).map((board) => {
    const lines = [standsBy(board, first), standsBy(board, second)];
    const cells = lines.map((line) => line && line.cells[0] && line.cells[0][CELL.n] ? line.cells[0] : null);
    if (!cells[0] || !cells[1]) return null;
    const values = cells.map((cell) => cell[CELL.mean]);
    return { board, lines, cells, seen: lines.some((line) => line.seen), ahead: better(...values, board.metrics[0].better) };
  }).filter(Boolean).sort((a, b) => (a.board.kind > b.board.kind) - (a.board.kind < b.board.kind));
}

function duelText(kind, found, first, second) {
  const fair = found.filter((one) => !one.seen);
  const count = (sign) => fair.filter((one) => one.ahead === sign).length;
  const marked = found.length - fair.length;
  const beside = marked ? ` ${counted(marked, "more set")} not counted: one of the two was trained on it.` : "";
  if (!fair.length) return `${kind}: no set that counts has both.${beside}`;
  const ties = count(0) ? `, equal on ${count(0)}` : "";
  return `${kind}: ${first} is ahead on ${count(1)} of ${counted(fair.length, "set")}, ${second} on ${count(-1)}${ties}.${beside}`;
}

// in how many images the first is ahead, where the page has the values of each image
function imagesAhead({ board, lines }) {
  const metric = board.metrics[0];
  const values = board.values && board.values.metrics[metric.name];
  const places = lines.map((line) => valuesPlace(board, line));
  if (!values || places.includes(-1)) return "–";
  const pairs = values[places[0]].map((value, image) => [value, values[places[1]][image]]).filter((pair) => pair.every((value) => value !== null));
  return `${pairs.filter(([a, b]) => better(a, b, metric.better) > 0).length} of ${pairs.length}`;
}

function duelRow(duel) {
  const { board, lines, ahead } = duel;
  const metric = board.metrics[0];
  const name = (line) => element("td", { class: "text" }, line.method === line.base && !line.tuning ? "" : nameOf(line));
  return element(
    "tr", {}, element("td", { "data-order": boardName(board) }, boardLink(board)), element("td", { class: "text" }, board.kind), element("td", { class: "text", title: DATA.meanings[metric.name] }, metric.head),
    ...lines.map((line) => valueCell(line, 0, metric.better)), element("td", { class: "text" }, duel.seen ? "not counted" : ahead ? lines[ahead > 0 ? 0 : 1].base : "equal"),
    element("td", {}, imagesAhead(duel)), ...lines.map((line) => timeCell(line)), ...lines.map(name),
  );
}

function factsOf(names) {
  const about = [["what", "title"], ["family", "family"], ["trained on", "trained_on"], ["tuned on", "tuned_on"], ["licence", "licence"], ["citation", "citation"]];
  const cards = names.map((name) => DATA.methods[name] || {});
  const text = (value) => (Array.isArray(value) ? value.join(", ") : value) || "–";
  return element(
    "table", { class: "facts", "aria-label": "The two methods" },
    element("thead", {}, element("tr", {}, element("td", {}), ...names.map((name) => element("th", { scope: "col" }, name)))),
    element("tbody", {}, ...about.map(([head, field]) => element("tr", {}, element("th", { scope: "row" }, head), ...cards.map((card) => element("td", {}, text(card[field])))))),
  );
}

function drawComparison(panel, names) {
  const methods = [...new Set(DATA.boards.flatMap((board) => board.lines.filter((line) => !line.other).map((line) => line.base)))].sort();
  const [first, second] = names.map((name, place) => (methods.includes(name) ? name : methods[place] || name));
  const change = () => { picked = [methods[one()], methods[other()]]; location.hash = comparison(picked); };
  const [firstLabel, one] = choose("compare-first", "First", methods, methods.indexOf(first), change);
  const [secondLabel, other] = choose("compare-second", "Second", methods, methods.indexOf(second), change);
  const found = duels(first, second);
  const of = (kind) => found.filter((duel) => duel.board.kind === kind);
  const heads = ["data set", "kind", "ordered by", first, second, "ahead", `images, ${first} ahead`, `${first}, ms ↓`, `${second}, ms ↓`, `${first} as`, `${second} as`];
  const [scroll, start] = plainTable("duel", `${first} and ${second}`, heads, found.map(duelRow), [TEXT, TEXT, TEXT, HIGHER, HIGHER, TEXT, TEXT, LOWER, LOWER, TEXT, TEXT]);
  const seen = found.some((duel) => duel.seen);
  panel.replaceChildren(
    element("h2", {}, `${first} and ${second}`), element("div", { class: "controls" }, firstLabel, secondLabel),
    element("p", { id: "said", role: "status" }, [duelText("Real images", of("real"), first, second), duelText("Simulated speckle", of("simulated"), first, second)].join(" ")),
    element("p", { class: "soft" }, "By the means on the metric that orders each set. ", DATA.methods[first] && DATA.methods[second] ? `Whether a difference is more than chance: usbench compare ${shellWord(first)} ${shellWord(second)}` : ""),
    scroll, seen ? element("p", { class: "soft" }, ...circled(DATA.in_distribution)) : "", factsOf([first, second]), ...pairOfPictures(found),
  );
  start();
}

// the picture viewer on a set of which there are pictures by both
function pairOfPictures(found) {
  const has = (picture, line) => picture.files[line.method] || picture.images[line.method];
  const shown = found.map((duel) => [duel, DATA.pictures.find((picture) => picture.dataset === duel.board.dataset && picture.split === duel.board.split && duel.lines.every((line) => has(picture, line)))]).filter(([, picture]) => picture);
  const place = element("div", {});
  const draw = (number_) => {
    const [duel, picture] = shown[number_];
    place.replaceChildren(viewer(picture, 0, duel.board, duel.lines.map((line) => line.method)));
  };
  if (!shown.length) return [];
  const [label, chosen] = choose("compare-set", "Pictures of", shown.map(([duel]) => boardName(duel.board)), 0, () => draw(chosen()));
  draw(0);
  return [element("div", { class: "controls" }, label), place];
}
