"use strict";
// Inserted lesions: the contrast-detail diagram, and grain kept against the lesions' residual.

const HUES = ["#2f86d6", "#d97800", "#1f9e6e", "#c2508e", "#8a6fd1"];
const SYMBOLS = ["circle", "square", "diamond", "triangle-up", "cross"];
const DASHES = ["solid", "dash", "dashdot", "dot", "longdash"];

function contrastDetail(board) {
  const { gains, sizes, axes } = board.lesions;
  const { soft } = colours();
  const counts = { true: 0, false: 0 };
  const traces = gains.flatMap(([place, byContrast]) => {
    const line = board.lines[place];
    const name = plain(nameOf(line));
    const number_ = counts[line.control]++;
    const look = line.control
      ? { mode: "lines", line: { color: soft, dash: DASHES[number_ % DASHES.length] } }
      : { mode: "lines+markers", line: { color: HUES[number_] }, marker: { symbol: SYMBOLS[number_], size: 8 } };
    return byContrast.map(([decibels, found], panel) => ({
      x: sizes, y: found, name, legendgroup: name, showlegend: panel === 0, type: "scatter", ...look, connectgaps: true,
      xaxis: `x${panel ? panel + 1 : ""}`, yaxis: `y${panel ? panel + 1 : ""}`, hovertemplate: `${name}<br>${decibels} dB, %{x} grain widths: %{y:.2f}<extra></extra>`,
    }));
  });
  const contrasts = gains.length ? gains[0][1].map(([decibels]) => decibels) : [];
  const top = Math.max(1.2, ...traces.flatMap((trace) => trace.y.filter(numeric).map((gain) => 1.05 * gain)));
  const layout = { height: 560, showlegend: true, legend: { orientation: "h", y: -0.14 }, margin: { l: 10, r: 20, t: 24, b: 40 }, annotations: [], shapes: [] };
  contrasts.forEach((decibels, panel) => {
    const [column, row] = [panel % 2, Math.floor(panel / 2)];
    const suffix = panel ? panel + 1 : "";
    const [x, y] = [`x${suffix}`, `y${suffix}`];
    layout[`xaxis${suffix}`] = { type: "log", tickvals: sizes, anchor: y, domain: [column * 0.54, column * 0.54 + 0.46], title: { text: row ? axes.size : "" } };
    layout[`yaxis${suffix}`] = { range: [0, top], anchor: x, domain: row ? [0, 0.44] : [0.56, 1], title: { text: column ? "" : axes.gain } };
    layout.annotations.push({ text: `${decibels} dB`, xref: `${x} domain`, yref: `${y} domain`, x: 0, y: 1, yanchor: "bottom", showarrow: false });
    layout.shapes.push({ type: "line", xref: `${x} domain`, yref: y, x0: 0, x1: 1, y0: 1, y1: 1, line: { color: soft, width: 1, dash: "dot" } });
  });
  return { said: "How much of an inserted lesion comes back, by contrast and size: the first methods of the board, and controls in grey.", traces, layout };
}

function grainAgainstLesions(board) {
  const { points, gaussian, gains, undefined: end, axes } = board.lesions;
  const { accent, soft } = colours();
  const named = new Set(gains.map(([place]) => place));
  const lines = points.map(([place]) => board.lines[place]);
  return {
    said: `Below the grey curve a method removes more speckle than the Gaussian blur that loses as much of the lesions. Beyond ${end} the lesions are as good as lost. Hollow points: in distribution.`,
    traces: [
      { x: gaussian.map(([residual]) => residual), y: gaussian.map(([, kept]) => kept), mode: "lines", type: "scatter", line: { color: soft }, hoverinfo: "skip" },
      {
        x: points.map(([, residual]) => residual), y: points.map(([, , kept]) => kept), type: "scatter", mode: "markers+text", textposition: "top right",
        text: points.map(([place]) => (named.has(place) ? plain(nameOf(board.lines[place])) : "")), customdata: lines.map((line) => plain(nameOf(line))),
        marker: { size: 9, color: lines.map((line) => (line.control ? soft : accent)), symbol: lines.map((line) => (line.seen ? "circle-open" : "circle")) },
        hovertemplate: "%{customdata}<br>residual %{x:.3g}, grain kept %{y:.3g}<extra></extra>",
      },
    ],
    layout: {
      height: 560, xaxis: { title: { text: axes.residual } }, yaxis: { title: { text: axes.grain }, rangemode: "tozero" },
      shapes: [{ type: "line", x0: end, x1: end, yref: "paper", y0: 0, y1: 1, line: { color: soft, width: 1, dash: "dot" } }],
    },
  };
}

function lesionBoxes(board) {
  return [
    plotBox("Contrast-detail diagram of inserted lesions", "", () => contrastDetail(board)),
    plotBox("Speckle against inserted lesions", "", () => grainAgainstLesions(board)),
  ];
}
