"use strict";
// Boards as tables. Text from methods and data sets reaches the page through textContent alone.
const DATA = JSON.parse(document.getElementById("data").textContent);
const CELL = Object.fromEntries(DATA.cell.map((name, place) => [name, place]));
const FLAG = Object.fromEntries(DATA.flags.map((flag) => [flag.letter, flag]));

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

function number(value, digits = 4) {
  if (value === null || value === undefined) return "–";
  if (typeof value === "string") return value;
  const magnitude = Math.abs(value) < 1 ? 0 : Math.floor(Math.log10(Math.abs(value)));
  const text = value.toFixed(Math.max(0, digits - 1 - magnitude));
  return Number(text) === 0 ? text.replace("-", "") : text;
}

// the number to sort by; a blank text where there is none
function sortable(value) {
  if (value === "∞") return 1e300;
  if (value === "-∞") return -1e300;
  return value === null || value === undefined ? "" : value;
}

// numbers in both directions with blanks last
const blanksLast = (sign) => (a, b) => (a === "" || b === "" ? (a === "") - (b === "") : sign * (a - b));
DataTable.ext.type.order["figure-asc"] = blanksLast(1);
DataTable.ext.type.order["figure-desc"] = blanksLast(-1);
const TEXT = { type: "string", orderSequence: ["asc", "desc"] };
const LOWER = { type: "figure", orderSequence: ["asc", "desc"] };
const HIGHER = { type: "figure", orderSequence: ["desc", "asc"] };

// a table that sorts; `columns` has TEXT, LOWER or HIGHER (what is best) for each
function sorting(table, columns, { hidden = [], search = null, order = [] } = {}) {
  return new DataTable(table, {
    paging: false, info: false, order, autoWidth: false, layout: { topStart: null, topEnd: search, bottomStart: null, bottomEnd: null },
    columns: columns.map((column, place) => ({ ...column, visible: !hidden.includes(place) })),
  });
}

const familyOf = (line) => (DATA.methods[line.base] || {}).family || "not registered here";
const baseName = (method) => method.split("[")[0].replace(/ \(tuned\)$/, "");
const nameOf = (line) => line.method + (line.tuning ? " (tuned)" : "");
const boardName = (board) => `${board.dataset} (${board.split})`;
const address = (label) => `#${encodeURIComponent(label)}`;
const boardLink = (board, text = boardName(board)) => element("a", { href: address(boardName(board)) }, text);

function lostText(cell) {
  const counts = [["failed", "failed"], ["absent", "not run"], ["skipped", "n/a"]];
  return counts.filter(([key]) => cell[CELL[key]]).map(([key, said]) => `${cell[CELL[key]]} ${said}`).join(", ");
}

function flagMarks(letters) {
  return [...letters].map((letter) => {
    const said = `${FLAG[letter].title}: ${FLAG[letter].rule}`;
    return element("abbr", { class: "flag", title: said, "aria-label": `flag: ${FLAG[letter].title}` }, letter);
  });
}

// marks in circles that are drawn, as few fonts have them
const CIRCLED = { "ⓘ": "i", "ⓢ": "s" };

function circled(text) {
  return [...text.matchAll(/[ⓘⓢ]|[^ⓘⓢ]+/g)].map(([part]) => (CIRCLED[part] ? element("span", { class: "circled" }, CIRCLED[part]) : part));
}

function seenMark(line) {
  return line.seen ? element("abbr", { class: "seen", title: `in distribution: ${line.seen_words}` }, " ", ...circled(line.seen)) : "";
}

// what a column is sorted by: where 1 is ideal, the distance from it as a factor
function merit(value, better) {
  return better === "one" && typeof value === "number" ? (value > 0 ? Math.abs(Math.log(value)) : 1e300) : sortable(value);
}

function valueCell(line, place, better) {
  const cell = line.cells[place];
  if (!cell || !cell[CELL.n]) {
    const failed = cell && cell[CELL.failed];
    return element("td", { "data-order": "" }, failed ? element("span", { class: "lost" }, "failed") : "–");
  }
  const mean = number(cell[CELL.mean]);
  const shown = cell[CELL.best] ? element("strong", {}, mean) : cell[CELL.second] ? element("span", { class: "second" }, mean) : mean;
  const ends = cell[CELL.ci_low] === null ? "" : `[${number(cell[CELL.ci_low], 3)}, ${number(cell[CELL.ci_high], 3)}]`;
  const alike = cell[CELL.alike] && !cell[CELL.best];
  const lost = lostText(cell);
  return element(
    "td", { "data-order": merit(cell[CELL.mean], better), title: cell[CELL.p_best] === null ? null : `p against the best ${number(cell[CELL.p_best], 2)}` },
    shown, alike ? element("abbr", { title: "cannot be told apart from the best" }, " ≈") : "", seenMark(line),
    ends ? element("small", {}, ends) : "", lost ? element("small", { class: "lost" }, `(${lost})`) : "",
  );
}

function timeCell(line) {
  const elsewhere = line.ms_note ? element("small", {}, line.ms_note) : "";
  return element("td", { "data-order": sortable(line.ms) }, number(line.ms, 3), elsewhere);
}

function lineRow(board, line, first) {
  const cell = line.cells[first] || [];
  const wins = cell[CELL.wins];
  const compared = line.other ? "" : pickBox(line.base);
  return element(
    "tr", { class: line.control ? "control" : null },
    element("td", { "data-order": nameOf(line) }, element("div", { class: "who" }, compared, element("span", {}, element("button", { class: "name", type: "button", "aria-haspopup": "dialog", onclick: () => showCard(board, line) }, nameOf(line)), ...flagMarks(line.flags)))),
    element("td", { class: "family" }, familyOf(line)),
    ...board.metrics.map((metric, place) => valueCell(line, place, metric.better)),
    element("td", { "data-order": sortable(cell[CELL.mean_rank]) }, number(cell[CELL.mean_rank], 3)),
    element("td", { "data-order": sortable(wins) }, wins === null || wins === undefined ? "–" : `${Math.round(100 * wins)} %`),
    timeCell(line),
  );
}

const OTHER_HEADS = { rank: "Mean rank over groups by the first metric; higher is better", wins: "Share of groups in which it is better than the untouched input; higher is better", "ms ↓": "Milliseconds for an image; lower is better" };

// heads of a board's table with what each means
function headsOf(board) {
  return [["method", null], ["family", null], ...board.metrics.map((metric) => [metric.head, DATA.meanings[metric.name]]), ...Object.entries(OTHER_HEADS)];
}

function boardTable(board, id, lines) {
  return element(
    "table", { id, "aria-label": `${boardName(board)}: means and intervals${id === "others" ? " of other settings" : ""}` },
    element("thead", {}, element("tr", {}, ...headsOf(board).map(([head, meaning]) => element("th", { scope: "col", class: head === "family" ? head : null, title: meaning }, head)))),
    element("tbody", {}, ...lines.map((line) => lineRow(board, line, 0))),
  );
}

function asDataTable(table, board) {
  const hidden = board.metrics.map((metric, place) => (metric.shown ? null : place + 2)).filter((place) => place !== null);
  if (innerWidth < 640) hidden.push(1); // a phone has no room for the family; the filter still knows it
  const metrics = board.metrics.map((metric) => (metric.better === "higher" ? HIGHER : LOWER));
  return sorting(table, [TEXT, TEXT, ...metrics, HIGHER, HIGHER, LOWER], { hidden });
}

function tableControls(board, table) {
  const families = [...new Set(board.lines.map(familyOf))].sort();
  const search = element("input", { type: "search", id: "search", placeholder: "name", oninput: () => table.column(0).search(search.value).draw() });
  const family = element(
    "select", { id: "family", onchange: () => table.column(1).search(family.value ? `^${DataTable.util.escapeRegex(family.value)}$` : "", { regex: true, smart: false }).draw() },
    element("option", { value: "" }, "all"), ...families.map((name) => element("option", { value: name }, name)),
  );
  const boxes = board.metrics.map((metric, place) => {
    const box = element("input", { type: "checkbox", checked: metric.shown, onchange: () => table.column(place + 2).visible(box.checked) });
    return element("label", {}, box, ` ${metric.head}`);
  });
  return element(
    "div", { class: "controls" },
    element("label", {}, "Method ", search), element("label", {}, "Family ", family),
    element("details", { class: "columns" }, element("summary", {}, "Metrics"), element("fieldset", {}, element("legend", {}, "Columns"), ...boxes)),
    element("details", { class: "meanings" }, element("summary", {}, "What the columns mean"), element("dl", {}, ...headsOf(board).filter(([, said]) => said).flatMap(([head, said]) => [element("dt", {}, head), element("dd", {}, said)]))),
  );
}

function described(pairs) {
  const shown = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "" && !(Array.isArray(value) && !value.length));
  return element("dl", {}, ...shown.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, Array.isArray(value) ? value.join(", ") : String(value))]));
}

const shellWord = (text) => (/^[\w-]+$/.test(text) ? text : `'${text.replace(/'/g, "'\\''")}'`);

function showCard(board, line) {
  const card = DATA.methods[line.base] || {};
  const dialog = document.getElementById("card");
  const parameters = Object.entries(line.params).map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(", ");
  const tuning = line.tuning ? `${line.tuning.metric}, ${line.tuning.trials} trials on ${line.tuning.images} ${line.tuning.split} images` : "not tuned on this set";
  dialog.replaceChildren(
    element("h2", { id: "card-title" }, nameOf(line)),
    described([
      ["what", card.title], ["run it", DATA.methods[line.base] && `usbench apply -m ${shellWord(line.method)} scan.dcm -o clean.dcm`], ["family", card.family], ["parameters", parameters || "none"], ["tuning", tuning], ["works on", card.domain],
      ["citation", card.citation], ["DOI", card.doi], ["licence", card.licence], ["trained on", card.trained_on], ["tuned on", card.tuned_on], ["this data set", line.seen_words], ["note", card.note],
      ["flags here", [...line.flags].map((letter) => `${letter}: ${FLAG[letter].title}`)],
    ]),
    element("form", { method: "dialog" }, element("button", {}, "Close")),
  );
  dialog.showModal();
}

function datasetCard(board) {
  const card = DATA.datasets[board.dataset];
  if (!card) return "";
  const about = described([["title", card.title], ["what", card.description], ["splits", card.splits], ["groups", card.groups], ["licence", card.licence], ["citation", card.citation], ["DOI", card.doi]]);
  return element("details", {}, element("summary", {}, "About the data set"), about);
}

// the settings of methods that do not compete: a closed table of their own
function otherSettings(board) {
  const lines = board.lines.filter((line) => line.other);
  if (!lines.length) return "";
  const table = boardTable(board, "others", lines);
  const box = element("details", { class: "others" }, element("summary", {}, `Other settings (${lines.length}), which take no part in the order`), element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Other settings, scrolls sideways" }, table));
  return box;
}

function drawBoard(panel, board) {
  const table = boardTable(board, "table", board.lines.filter((line) => !line.other));
  const scroll = element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Table, scrolls sideways" }, table);
  panel.replaceChildren(
    element("h2", {}, boardName(board)),
    element("p", { class: "soft" }, `${board.images} images. ${board.about} Click a column to sort by it (best first), a method for its card, and the boxes of two to compare them.`),
    board.lines.some((line) => line.seen) ? element("p", { class: "soft" }, ...circled(DATA.in_distribution)) : "",
    datasetCard(board), scroll, otherSettings(board),
  );
  scroll.before(tableControls(board, asDataTable(table, board)));
  const others = document.getElementById("others");
  if (others) asDataTable(others, board);
  panel.append(...plotsOf(board), ...viewersOf(board));
}

function plainTable(id, label, heads, rows, columns, order = []) {
  const table = element("table", { id, "aria-label": label }, element("thead", {}, element("tr", {}, ...heads.map((head, place) => element("th", { scope: "col", class: columns[place] === TEXT ? "text" : null }, head)))), element("tbody", {}, ...rows));
  const scroll = element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `${label}, scrolls sideways` }, table);
  return [scroll, () => sorting(table, columns, { order, search: "search" })];
}

function drawOverview(panel, seen) {
  const boards = seen.datasets.map((label) => DATA.boards.find((board) => boardName(board) === label));
  const placeCell = (place, number_) => element("td", { "data-order": place }, boards[number_] ? boardLink(boards[number_], String(place)) : String(place));
  const rows = seen.lines.map(([method, flags, mean, places]) => element("tr", {}, element("td", { "data-order": method }, element("div", { class: "who" }, pickBox(baseName(method)), element("span", {}, method, ...flagMarks(flags)))), element("td", { "data-order": mean }, number(mean, 3)), ...places.map(placeCell)));
  const heads = ["method", "mean place", ...seen.datasets];
  const [scroll, start] = plainTable("overview", `Places on all ${seen.kind} sets`, heads, rows, [TEXT, ...heads.slice(1).map(() => LOWER)]);
  panel.replaceChildren(
    element("h2", {}, `All ${seen.kind} sets that no method was trained on`),
    element("p", { class: "soft" }, `Places on each data set, by ${seen.metrics.join(", ")}, and their mean; a place leads to its board. Two means differ at 5 % if they are ${number(seen.difference, 3)} apart (Nemenyi over data sets). Flags are those raised on any.`),
    scroll,
    ...seen.left_out.map((said) => element("p", { class: "soft" }, said)),
  );
  start();
}

function drawSpeed(panel) {
  panel.replaceChildren(element("h2", {}, "Speed"), element("p", { class: "soft" }, "Milliseconds for one image: median and interquartile range. Times of different hardware are not compared; ~ marks what was taken on a busy machine or scatters by more than 8 %."));
  DATA.machines.forEach((machine, place) => {
    const rows = machine.lines.map(([method, cells]) => element(
      "tr", {}, element("td", {}, method), ...cells.map(([text, value]) => element("td", { "data-order": sortable(value) }, text)),
    ));
    const where = `${machine.hardware}, ${machine.device}, ${machine.threads} threads`;
    const [scroll, start] = plainTable(`machine${place}`, where, ["method", ...machine.heads], rows, [TEXT, ...machine.heads.map((head) => (head.includes("↑") ? HIGHER : LOWER))]);
    panel.append(element("h3", {}, where), scroll);
    start();
  });
}
