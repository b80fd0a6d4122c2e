"use strict";
// Which method for my purpose: the kind of image and what matters lead to the few methods that no other one beats.

const ANATOMY = { vessel: "Vessels (carotid)", heart: "Heart", fetal: "Fetus", breast: "Breast", thyroid: "Thyroid", muscle: "Muscle", nerve: "Nerves", abdomen: "Abdomen", brain: "Brain", phantom: "Phantoms", picture: "Pictures", other: "Several scanners" };
const KINDS = [
  ["real", "Real B-mode", (board) => board.kind === "real"], ["simulated", "Simulated speckle", (board) => board.kind === "simulated"],
  ...Object.entries(ANATOMY).map(([name, label]) => [name, label, (board) => board.anatomy === name]),
].filter(([, , fits]) => DATA.boards.some(fits));
// what matters -> the first of these metrics that a board has; of `overall` the one that orders the board
const ASPECTS = { overall: [], structure: ["lesion_residual_4db", "ssim", "epi_beta"], speckle: ["grain_kept", "ssi", "enl"] };
const MATTERS = { overall: "All round", structure: "Structure kept", speckle: "Speckle removed", speed: "Speed" };
const LIMITS = [[Infinity, "any"], [5, "5 ms"], [50, "50 ms"], [500, "½ s"], [5000, "5 s"]];
const FEW = 6;
const wish = { kind: KINDS.length ? KINDS[0][0] : "", matters: "overall", limit: "any" };

const competes = (line, place) => !line.control && !line.other && line.cells[place] && numeric(line.cells[place][CELL.place]);

function metricPlace(board, aspect) {
  const wanted = aspect === "overall" ? board.metrics.slice(0, 1).map((metric) => metric.name) : ASPECTS[aspect].filter((name) => board.metrics.some((metric) => metric.name === name)).slice(0, 1);
  return board.metrics.findIndex((metric) => metric.name === wanted[0]);
}

// per method: the share of the other methods that it is ahead of on each board, for one aspect
function sharesAhead(boards, aspect) {
  const shares = new Map();
  for (const board of boards) {
    const place = metricPlace(board, aspect);
    const lines = place < 0 ? [] : board.lines.filter((line) => competes(line, place)).sort((a, b) => a.cells[place][CELL.place] - b.cells[place][CELL.place]);
    lines.forEach((line, rank) => {
      if (!shares.has(line.base)) shares.set(line.base, []);
      shares.get(line.base).push(lines.length > 1 ? 1 - rank / (lines.length - 1) : 1);
    });
  }
  return shares;
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

// every method that competes on at least half of the boards, with its three shares and its time
function candidatesOn(boards) {
  const shares = Object.fromEntries(Object.keys(ASPECTS).map((aspect) => [aspect, sharesAhead(boards, aspect)]));
  return [...shares.overall].filter(([, own]) => 2 * own.length >= boards.length).map(([name, own]) => {
    const places = boards.map((board) => [board, board.lines.find((line) => line.base === name && competes(line, 0))]).filter(([, line]) => line);
    const timed = places.map(([, line]) => line).find((line) => line.ms !== null && !line.ms_note) || places.map(([, line]) => line).find((line) => line.ms !== null);
    const wins = places.map(([, line]) => line.cells[0][CELL.wins]).filter(numeric);
    const share = (aspect) => (shares[aspect].has(name) ? mean(shares[aspect].get(name)) : null);
    return {
      name, board: places[0][0], line: places[0][1], sets: own.length, ms: timed ? timed.ms : null, ms_note: timed ? timed.ms_note : "",
      overall: share("overall"), structure: share("structure"), speckle: share("speckle"),
      best: places.filter(([, line]) => line.cells[0][CELL.best] || line.cells[0][CELL.alike]).length,
      helps: !wins.length || mean(wins) > 0.5,
    };
  });
}

// those that no other method beats in both of two things
function frontOf(candidates, first, second) {
  const ahead = (a, b) => a[first] >= b[first] && a[second] >= b[second] && (a[first] > b[first] || a[second] > b[second]);
  return candidates.filter((one) => one[first] !== null && !candidates.some((other) => ahead(other, one)));
}

// fronts one behind the other, until there are three methods
function frontsOf(candidates, first, second) {
  const shown = [];
  let rest = candidates;
  while (shown.length < 3) {
    const front = frontOf(rest, first, second);
    if (!front.length) break;
    shown.push(...front.map((one) => ({ ...one, behind: shown.length > 0 })));
    rest = rest.filter((one) => !front.includes(one));
  }
  return shown;
}

// the methods to show for what was asked, best first
function answer({ kind, matters, limit }) {
  const boards = DATA.boards.filter(KINDS.find(([name]) => name === kind)[2]).filter((board) => board.metrics.length);
  const most = LIMITS.find(([, label]) => label === limit)[0];
  const all = candidatesOn(boards).map((one) => ({ ...one, speed: one.ms === null ? -Infinity : -one.ms }));
  const fit = all.filter((one) => one.helps && (most === Infinity || (one.ms !== null && one.ms <= most)));
  const quality = matters === "overall" || matters === "speed";
  const pool = matters === "speed" ? fit.filter((one) => one.ms !== null) : fit;
  const order = (a, b) => (b[matters] ?? -1) - (a[matters] ?? -1) || (b.overall ?? -1) - (a.overall ?? -1);
  const has = (aspect) => boards.some((board) => metricPlace(board, aspect) >= 0);
  const between = quality ? ["overall", "speed"] : has("structure") && has("speckle") ? ["structure", "speckle"] : [matters, "speed"];
  const shown = frontsOf(pool, ...between).sort((a, b) => a.behind - b.behind || order(a, b)).slice(0, FEW);
  return { boards, all: all.sort(order), front: shown, between, measured: quality || has(matters) };
}

const percent = (share) => (share === null ? "–" : `${Math.round(100 * share)} %`);
const timeText = (one) => (one.ms === null ? "not timed" : `${number(one.ms, 3)} ms${one.ms_note ? ` (${one.ms_note})` : ""}`);
const setsText = (boards) => ["real", "simulated"].map((kind) => [boards.filter((board) => board.kind === kind).length, kind]).filter(([count]) => count).map(([count, kind]) => counted(count, `${kind} set`)).join(" and ");
const counted = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;

function meter(label, share) {
  const bar = element("span", { class: "bar", style: `--share: ${share ?? 0}` });
  return [element("dt", {}, label), element("dd", {}, bar, percent(share))];
}

// a picture of the first board that has one of every name
function pictureFor(boards, names) {
  const of = (board) => DATA.pictures.find((picture) => picture.dataset === board.dataset && picture.split === board.split);
  const found = boards.map(of).filter(Boolean);
  const count = (picture) => names.filter((name) => picture.images[name]).length;
  return found.sort((a, b) => count(b) - count(a))[0] || null;
}

function thumbnail(picture, name) {
  const source = picture && (picture.images[name] || picture.files[name]);
  return source ? element("img", { src: source, alt: `${picture.dataset}, ${picture.sample}: ${name}`, onerror: (event) => event.target.remove() }) : "";
}

function methodCard(one, place, picture, boards) {
  const card = DATA.methods[one.name] || {};
  const absent = boards.length - one.sets;
  return element(
    "li", { class: "answer" }, thumbnail(picture, one.line.method),
    element("h3", {}, `${place + 1}. `, element("button", { class: "name", type: "button", "aria-haspopup": "dialog", onclick: () => showCard(one.board, one.line) }, one.name)),
    element("p", { class: "soft" }, [card.title, card.family].filter(Boolean).join(", ")),
    element("dl", { class: "meters" }, ...meter("all round", one.overall), ...meter("structure", one.structure), ...meter("speckle", one.speckle), element("dt", {}, "an image"), element("dd", {}, timeText(one))),
    one.behind ? element("p", { class: "soft" }, "Beaten by those before it in both.") : "",
    element("p", { class: "soft" }, `Best, or not told apart from it, on ${one.best} of ${counted(one.sets, "set")}.`, absent ? ` Not counted on ${absent}: trained on them, or not run there.` : ""),
    element("p", {}, element("label", {}, pickBox(one.name), " compare")),
  );
}

function chips(legend, name, options, changed) {
  return element("fieldset", { class: "chips" }, element("legend", {}, legend), ...options.map(([value, label]) => element(
    "label", {}, element("input", { type: "radio", name, value, checked: wish[name] === value, onchange: () => { wish[name] = value; changed(); } }), element("span", {}, label),
  )));
}

function measuresOf(boards) {
  const names = (aspect) => [...new Set(boards.map((board) => board.metrics[metricPlace(board, aspect)]).filter(Boolean).map((metric) => metric.name))].join(", ") || "not measured here";
  return `All round: ${names("overall")}. Structure kept: ${names("structure")}. Speckle removed: ${names("speckle")}.`;
}

function drawAnswer(box) {
  const { boards, all, front, between, measured } = answer(wish);
  const picture = pictureFor(boards, ["input", ...front.map((one) => one.line.method)]);
  const kind = KINDS.find(([name]) => name === wish.kind)[1];
  const limited = wish.limit === "any" ? "" : `, at most ${wish.limit} an image`;
  const said = front.length ? `${kind}, ${MATTERS[wish.matters].toLowerCase()}${limited}: ${front[0].name} first, of ${counted(all.length, "method")} on ${setsText(boards)}.` : measured ? `${kind}${limited}: no method that improves on the untouched input was timed.` : `${kind}: ${MATTERS[wish.matters].toLowerCase()} is not measured on these sets.`;
  const untouched = picture ? element("li", { class: "answer" }, thumbnail(picture, "input"), element("h3", {}, "Untouched"), element("p", { class: "soft" }, `${picture.dataset}, ${picture.sample}. ${picture.licence}`)) : "";
  const heads = ["method", "family", "all round", "structure kept", "speckle removed", "ms ↓", "sets"];
  const cell = (share) => element("td", { "data-order": sortable(share) }, percent(share));
  const rows = all.map((one) => element("tr", {}, element("td", { "data-order": one.name }, element("div", { class: "who" }, pickBox(one.name), one.name)), element("td", { class: "family" }, familyOf(one.line)), cell(one.overall), cell(one.structure), cell(one.speckle), timeCell(one), element("td", { "data-order": one.sets }, String(one.sets))));
  const [scroll, start] = plainTable("all", "All methods", heads, rows, [TEXT, TEXT, HIGHER, HIGHER, HIGHER, LOWER, HIGHER]);
  box.replaceChildren(
    element("p", { id: "said", role: "status" }, said),
    element("ol", { class: "answers" }, ...[untouched, ...front.map((one, place) => methodCard(one, place, picture, boards))].filter(Boolean)),
    element("p", { class: "soft" }, `A share is that of the other methods which a method is ahead of, averaged over the sets. ${measuresOf(boards)} No other method beats the ones above in both ${between.map((one) => ({ overall: "quality", speed: "time" }[one] || one)).join(" and ")}, but those that are marked. Methods that do not improve on the untouched input are left out. A method trained on a set is not counted there.`),
    element("p", {}, "Sets: ", ...boards.flatMap((board, place) => [place ? ", " : "", boardLink(board)])),
    element("h3", {}, "All methods"), scroll,
  );
  start();
}

function drawFront(panel) {
  const box = element("div", {});
  const changed = () => drawAnswer(box);
  panel.replaceChildren(
    element("h2", {}, "Which method for my purpose?"),
    element("div", { class: "wishes" },
      chips("Kind of image", "kind", KINDS, changed),
      chips("What matters", "matters", Object.entries(MATTERS), changed),
      chips("Time an image, at most", "limit", LIMITS.map(([, label]) => [label, label]), changed)),
    box,
  );
  changed();
}
