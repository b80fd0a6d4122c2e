"use strict";
// Critical difference, quality against time, and two methods image by image.

function themed(more) {
  const style = getComputedStyle(document.documentElement);
  const [ink, line, paper] = ["--ink", "--line", "--paper"].map((name) => style.getPropertyValue(name).trim());
  const axis = { gridcolor: line, zerolinecolor: line, automargin: true };
  const axes = ["xaxis", "yaxis", ...Object.keys(more).filter((name) => /^[xy]axis\d/.test(name))];
  return {
    paper_bgcolor: paper, plot_bgcolor: paper, font: { color: ink, size: 12, family: "system-ui, sans-serif" }, margin: { l: 10, r: 20, t: 10, b: 40 },
    hoverlabel: { bgcolor: paper, font: { color: ink } }, showlegend: false, ...more, ...Object.fromEntries(axes.map((name) => [name, { ...axis, ...more[name] }])),
  };
}

const colours = () => {
  const style = getComputedStyle(document.documentElement);
  return { accent: style.getPropertyValue("--accent").trim(), soft: style.getPropertyValue("--soft").trim(), warn: style.getPropertyValue("--warn").trim() };
};
// plotly reads a few tags in its labels; a name has none
const plain = (text) => String(text).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
const numeric = (value) => typeof value === "number";

function plotBox(title, about, draw) {
  const space = element("div", {});
  const note = element("p", {}, about);
  const box = element("section", { class: "plot" }, element("h3", {}, title), note, space);
  box.redraw = () => {
    const made = draw();
    note.textContent = made.said || about;
    if (!made.traces.length) return Plotly.purge(space);
    return Plotly.react(space, made.traces, themed(made.layout), { displayModeBar: false, responsive: true });
  };
  return box;
}

function criticalDifference(board, place) {
  const metric = board.metrics[place];
  const ranked = board.lines.filter((line) => line.cells[place] && numeric(line.cells[place][CELL.mean_rank]))
    .sort((a, b) => b.cells[place][CELL.mean_rank] - a.cells[place][CELL.mean_rank]);
  const half = (metric.cd || 0) / 2;
  const ranks = ranked.map((line) => line.cells[place][CELL.mean_rank]);
  const { accent, soft } = colours();
  return {
    said: ranked.length > 1 && metric.cd ? `Mean ranks by ${metric.name} over ${metric.groups} groups, 1 is best; two methods differ at 5 % where their bars do not overlap (Nemenyi, critical difference ${number(metric.cd, 3)}).` : `No ranks by ${metric.name}.`,
    traces: ranked.length < 2 ? [] : [{
      x: ranks, y: ranked.map((line) => plain(nameOf(line))), type: "scatter", mode: "markers", marker: { color: ranked.map((line) => (line.control ? soft : accent)), size: 8 },
      error_x: { type: "constant", value: half, color: soft, thickness: 1.5, width: 0 }, hovertemplate: "%{y}: %{x:.2f}<extra></extra>",
    }],
    layout: { height: 60 + 19 * ranked.length, xaxis: { title: { text: "mean rank" } }, yaxis: { type: "category", dtick: 1 } },
  };
}

function pareto(board, place) {
  const metric = board.metrics[place];
  const shown = board.lines.filter((line) => numeric(line.ms) && line.ms > 0 && !line.ms_note && line.cells[place] && numeric(line.cells[place][CELL.mean]) && !line.control && !line.other && !line.seen);
  const merit = (line) => { const mean = line.cells[place][CELL.mean]; return metric.better === "higher" ? mean : metric.better === "lower" ? -mean : -Math.abs(mean - 1); };
  let best = -Infinity;
  const front = [...shown].sort((a, b) => a.ms - b.ms || merit(b) - merit(a)).filter((line) => merit(line) > best && ((best = merit(line)), true));
  const { accent, soft } = colours();
  const on = new Set(front);
  const points = (lines, more) => ({ x: lines.map((line) => line.ms), y: lines.map((line) => line.cells[place][CELL.mean]), text: lines.map((line) => plain(nameOf(line))), type: "scatter", hovertemplate: "%{text}<br>%{x:.3g} ms, %{y:.4g}<extra></extra>", ...more });
  return {
    said: shown.length ? `On ${board.hardware}. On the line: no other method is both faster and better. ${front.map(nameOf).join(", ")}.` : "No times of these methods on this data set.",
    traces: !shown.length ? [] : [
      points(shown.filter((line) => !on.has(line)), { mode: "markers", marker: { color: soft, size: 8 } }),
      points(front, { mode: "lines+markers+text", line: { color: accent, shape: "hv" }, marker: { color: accent, size: 10 }, textposition: "top center" }),
    ],
    layout: { height: 420, xaxis: { type: "log", title: { text: "ms for an image" } }, yaxis: { title: { text: plain(metric.head) } } },
  };
}

// where the values of a line are among those of each image; -1 if the page has none
function valuesPlace(board, line) {
  const text = (tuning) => (tuning ? JSON.stringify(typeof tuning === "string" ? JSON.parse(tuning) : tuning) : "");
  return board.values ? board.values.lines.findIndex(([method, tuning]) => method === line.method && text(tuning) === text(line.tuning)) : -1;
}

function againstEachOther(board, place, first, second) {
  const metric = board.metrics[place];
  const values = board.values && board.values.metrics[metric.name];
  if (!values) return { said: `${metric.name} is not in the page image by image; the rows have it.`, traces: [], layout: {} };
  const [x, y] = [values[valuesPlace(board, first)], values[valuesPlace(board, second)]];
  const pairs = board.values.samples.map((sample, number_) => [x[number_], y[number_], sample]).filter(([one, other]) => numeric(one) && numeric(other));
  const both = pairs.flatMap(([one, other]) => [one, other]);
  const ends = [Math.min(...both), Math.max(...both)];
  const { accent, soft } = colours();
  const above = pairs.filter(([one, other]) => other > one).length;
  return {
    said: `${metric.name} of each image: ${nameOf(second)} is higher in ${above} of ${pairs.length}.`,
    traces: !pairs.length ? [] : [
      { x: ends, y: ends, mode: "lines", type: "scatter", line: { color: soft, dash: "dot" }, hoverinfo: "skip" },
      { x: pairs.map((pair) => pair[0]), y: pairs.map((pair) => pair[1]), text: pairs.map((pair) => plain(pair[2])), mode: "markers", type: "scatter", marker: { color: accent, size: 9, opacity: 0.8 }, hovertemplate: "%{text}<br>%{x:.4g}, %{y:.4g}<extra></extra>" },
    ],
    layout: { height: 420, xaxis: { title: { text: plain(nameOf(first)) } }, yaxis: { title: { text: plain(nameOf(second)) } } },
  };
}

function choose(id, label, options, selected, changed) {
  const select = element("select", { id, onchange: changed }, ...options.map((text, place) => element("option", { value: place, selected: place === selected }, text)));
  return [element("label", {}, `${label} `, select), () => Number(select.value)];
}

function plotsOf(board) {
  if (!board.metrics.length) return [];
  const redraw = () => boxes.forEach((box) => box.redraw());
  const [metricLabel, metric] = choose("metric", "Metric", board.metrics.map((one) => one.head), 0, redraw);
  const names = board.lines.map(nameOf);
  const untouched = Math.max(0, board.lines.findIndex((line) => line.method === "identity"));
  const leader = Math.max(0, board.lines.findIndex((line) => !line.control && !line.seen));
  const [firstLabel, first] = choose("first", "Across", names, untouched, redraw);
  const [secondLabel, second] = choose("second", "Up", names, leader, redraw);
  const boxes = [
    plotBox("Critical difference", "", () => criticalDifference(board, metric())),
    plotBox("Quality against time", "", () => pareto(board, metric())),
    plotBox("Two methods, image by image", "", () => againstEachOther(board, metric(), board.lines[first()], board.lines[second()])),
  ];
  if (board.lesions) boxes.unshift(...lesionBoxes(board));
  boxes.at(-1).querySelector("p").before(element("div", { class: "controls" }, firstLabel, secondLabel));
  const section = element("section", { "aria-label": "Plots" }, element("h3", {}, "Plots"), element("div", { class: "controls" }, metricLabel), element("div", { class: "plots" }, ...boxes));
  section.redraw = redraw;
  requestAnimationFrame(redraw);
  document.addEventListener("themechange", () => section.isConnected && redraw());
  return [section];
}
